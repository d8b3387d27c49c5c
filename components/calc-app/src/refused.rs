//! What a peer must not send.

use wire::Malformed;
use wire::calc_app::Message;

/// The other side sent something that has no meaning. The session with it cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A message that cannot be decoded.
    #[error("unacceptable message: {0}")]
    Message(Malformed),
    /// A cookie that cannot be decoded, or claims the impossible.
    #[error("unacceptable cookie: {0}")]
    Cookie(Malformed),
    /// A message that only the other side may send.
    #[error("{} is not for this side to receive ({})", .0.name(), .0)]
    WrongDirection(Message),
    /// A message about the job in service which contradicts what is known of it.
    #[error("{} contradicts the job ({})", .0.name(), .0)]
    Contradiction(Message),
}
