//! The results of decoding besides the message: reports to the sender, and reactions to messages that cannot be
//! processed.

use crate::parameter::ErrorCause;
use crate::{PeIdentifier, PoolHandle};

/// A message, and its ignored parameters (RFC 5354 section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<M> {
    /// The message, without the ignored parameters.
    pub message: M,
    /// One cause for each unrecognized parameter with action 11, and for each pool, pool element and registrar of a
    /// list with an unacceptable value, each with the complete parameter. They must be returned to the sender in one
    /// ASAP_ERROR or ENRP_ERROR; the message is processed nevertheless.
    pub report: Vec<ErrorCause>,
}

/// A message that must not be processed, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{violation}")]
pub struct Rejection {
    /// What is wrong with the message.
    pub violation: Violation,
    /// What its receiver must do.
    pub reaction: Reaction,
    /// The message type, if the message was long enough.
    pub message_type: Option<u8>,
    /// The subject of the message, as far as it could be read.
    pub subject: Subject,
}

/// The pool and the pool element of a rejected message: enough to refuse a registration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// The pool, if it could be read.
    pub pool_handle: Option<PoolHandle>,
    /// The pool element, if it could be read.
    pub pe_identifier: Option<PeIdentifier>,
}

/// What the receiver of a rejected message must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// Discard it without a response.
    DiscardSilently,
    /// Discard it, and return these causes in an ASAP_ERROR or ENRP_ERROR (never in response to an error message).
    Report(Vec<ErrorCause>),
    /// Refuse it with this cause (3, Invalid Values), since it is well formed but contains an unacceptable value. If
    /// its type has no response that can contain a cause, discard it silently.
    Refuse(ErrorCause),
}

/// What is wrong with a rejected message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The message is shorter than the fixed part of its type, or than any message.
    #[error("message truncated")]
    Truncated,
    /// A length field is too small, or exceeds the enclosing structure.
    #[error("length field does not fit")]
    Length,
    /// There are more bytes than the message's length and padding.
    #[error("surplus bytes after the message")]
    Surplus,
    /// The message type is unknown.
    #[error("unknown message type {0:#04x}")]
    UnknownMessage(u8),
    /// A parameter type is unknown or unexpected at its position, and stops processing.
    #[error("unrecognized parameter {0:#06x}")]
    UnrecognizedParameter(u16),
    /// A required parameter is missing.
    #[error("mandatory parameter {0:#06x} missing")]
    MissingParameter(u16),
    /// A parameter of this type has an unacceptable value.
    #[error("invalid value in parameter {0:#06x}")]
    InvalidValue(u16),
    /// The fixed part of the message contains a reserved value.
    #[error("reserved value in the message header")]
    ReservedValue,
}
