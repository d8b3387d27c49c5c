//! ASAP_DEREGISTRATION_RESPONSE (RFC 5352 section 2.2.4).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x04, no flags, length |
//! | 4 | n | Pool Handle |
//! | | 8 | PE Identifier |
//! | | n | Operation Error; its presence means refusal |

use std::fmt;

use crate::asap::causes_in_words;
use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::parameter::{ErrorCause, NamedPeIdentifier};
use crate::{PeIdentifier, PoolHandle};

/// 0x04 ASAP_DEREGISTRATION_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeregistrationResponse {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element as it identified itself: 0 if it is refused because of that.
    pub pe_identifier: PeIdentifier,
    /// Why the deregistration was refused; empty if it succeeded.
    pub causes: Vec<ErrorCause>,
}

impl DeregistrationResponse {
    /// The message's type.
    pub const TYPE: u8 = 0x04;
    pub(super) const NAME: &'static str = "ASAP_DEREGISTRATION_RESPONSE";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut parameters = Parameters::new(frame.value, context);
        let pool_handle = parameters.required()?;
        let NamedPeIdentifier(pe_identifier) = parameters.required()?;
        let causes: Option<Vec<ErrorCause>> = parameters.optional()?;
        parameters.finish()?;
        Ok(Self {
            pool_handle,
            pe_identifier,
            causes: causes.unwrap_or_default(),
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[], |value| {
            self.pool_handle.encode(value);
            self.pe_identifier.encode(value);
            if !self.causes.is_empty() {
                self.causes.encode(value);
            }
        })
    }
}

impl fmt::Display for DeregistrationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = if self.causes.is_empty() {
            "is out of"
        } else {
            "stays in"
        };
        write!(f, "PE {} {outcome} {}", self.pe_identifier, self.pool_handle)?;
        causes_in_words(f, &self.causes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asap::Message;
    use crate::parameter::CauseCode;

    #[test]
    fn a_cause_means_refusal() {
        let response = DeregistrationResponse {
            pool_handle: PoolHandle::new(b"EchoPool").unwrap(),
            pe_identifier: PeIdentifier(0x1122_3344),
            causes: vec![],
        };
        let refusal = DeregistrationResponse {
            causes: vec![ErrorCause::bare(CauseCode(0x1234))],
            ..response.clone()
        };
        for (message, shown) in [
            (response, "PE 0x11223344 is out of EchoPool"),
            (refusal, "PE 0x11223344 stays in EchoPool: cause 0x1234"),
        ] {
            let message = Message::from(message);
            assert_eq!(message.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }
}
