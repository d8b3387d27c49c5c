//! What decoding yields besides the message: reports due to the sender, and reactions to what cannot be processed.

use crate::parameter::ErrorCause;
use crate::{PeIdentifier, PoolHandle};

/// A message, and the parameters of it that count for nothing (RFC 5354 section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<M> {
    /// The message, without those parameters.
    pub message: M,
    /// One cause for each unrecognized parameter of action 11, and for each pool, pool element and registrar of a list that
    /// has an unacceptable value, each with the complete parameter. They go back to the sender in one ASAP_ERROR or
    /// ENRP_ERROR; the message is processed all the same.
    pub report: Vec<ErrorCause>,
}

/// A message that must not be processed, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{violation}")]
pub struct Rejection {
    /// What is wrong with the message.
    pub violation: Violation,
    /// What its receiver does about it.
    pub reaction: Reaction,
    /// The message type, if the message had as much as that.
    pub message_type: Option<u8>,
    /// Whom the message was about, as far as it could be read.
    pub subject: Subject,
}

/// Whom a rejected message was about: enough to answer a registration with a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// The pool, if it could be read.
    pub pool_handle: Option<PoolHandle>,
    /// The pool element, if it could be read.
    pub pe_identifier: Option<PeIdentifier>,
}

/// What the receiver of a rejected message does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// Nothing; the sender learns nothing.
    DiscardSilently,
    /// Discard it, and send these causes back in an ASAP_ERROR or ENRP_ERROR (never in answer to an error message).
    Report(Vec<ErrorCause>),
    /// The message is well formed but a value in it is not acceptable: answer it with this cause (3, Invalid Values)
    /// where the message has an answer that can carry one, else discard it silently.
    Refuse(ErrorCause),
}

/// What is wrong with a rejected message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Shorter than the fixed part of its type, or than a message at all.
    #[error("message truncated")]
    Truncated,
    /// A length field that is too small, or that runs past what encloses it.
    #[error("length field does not fit")]
    Length,
    /// More bytes than the message's length and padding account for.
    #[error("surplus bytes after the message")]
    Surplus,
    /// A type of message that is not known.
    #[error("unknown message type {0:#04x}")]
    UnknownMessage(u8),
    /// A type of parameter that is not known, or not expected where it stands, and that stops processing.
    #[error("unrecognized parameter {0:#06x}")]
    UnrecognizedParameter(u16),
    /// A parameter without which the message means nothing.
    #[error("mandatory parameter {0:#06x} missing")]
    MissingParameter(u16),
    /// A parameter of this type has a value that is not acceptable.
    #[error("invalid value in parameter {0:#06x}")]
    InvalidValue(u16),
    /// A reserved value in the message's fixed part.
    #[error("reserved value in the message header")]
    ReservedValue,
}
