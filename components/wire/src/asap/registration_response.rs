//! ASAP_REGISTRATION_RESPONSE (RFC 5352 section 2.2.3).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x03, flag R = bit 0: rejected, length |
//! | 4 | n | Pool Handle |
//! | | 8 | PE Identifier |
//! | | n | Operation Error; optional |

use std::fmt;

use crate::asap::causes_in_words;
use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::parameter::{ErrorCause, NamedPeIdentifier};
use crate::{PeIdentifier, PoolHandle};

/// 0x03 ASAP_REGISTRATION_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationResponse {
    /// R flag: the registration is rejected. Otherwise, the causes are warnings.
    pub rejected: bool,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element as it identified itself: 0 if it is refused because of that.
    pub pe_identifier: PeIdentifier,
    /// Why it was rejected, or what was changed; may be empty.
    pub causes: Vec<ErrorCause>,
}

impl RegistrationResponse {
    /// The message's type.
    pub const TYPE: u8 = 0x03;
    pub(super) const NAME: &'static str = "ASAP_REGISTRATION_RESPONSE";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let rejected = frame.flag(0);
        let mut parameters = Parameters::new(frame.value, context);
        let pool_handle = parameters.required()?;
        let NamedPeIdentifier(pe_identifier) = parameters.required()?;
        let causes: Option<Vec<ErrorCause>> = parameters.optional()?;
        parameters.finish()?;
        Ok(Self {
            rejected,
            pool_handle,
            pe_identifier,
            causes: causes.unwrap_or_default(),
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[self.rejected], |value| {
            self.pool_handle.encode(value);
            self.pe_identifier.encode(value);
            if !self.causes.is_empty() {
                self.causes.encode(value);
            }
        })
    }
}

impl fmt::Display for RegistrationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match (self.rejected, self.causes.is_empty()) {
            (true, _) => "rejected",
            (false, true) => "accepted",
            (false, false) => "accepted with a warning",
        };
        write!(f, "PE {} of {} {outcome}", self.pe_identifier, self.pool_handle)?;
        causes_in_words(f, &self.causes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asap::Message;
    use crate::parameter::CauseCode;

    fn response(rejected: bool, causes: Vec<ErrorCause>) -> Message {
        Message::from(RegistrationResponse {
            rejected,
            pool_handle: PoolHandle::new(b"EchoPool").unwrap(),
            pe_identifier: PeIdentifier(0x1122_3344),
            causes,
        })
    }

    #[test]
    fn outcome_and_causes_come_back_as_they_went() {
        let cause = ErrorCause::bare(CauseCode::LACK_OF_RESOURCES);
        for (message, shown) in [
            (response(false, vec![]), "PE 0x11223344 of EchoPool accepted"),
            (
                response(false, vec![cause.clone()]),
                "PE 0x11223344 of EchoPool accepted with a warning: Lack of Resources",
            ),
            (
                response(true, vec![cause.clone(), cause]),
                "PE 0x11223344 of EchoPool rejected: Lack of Resources, Lack of Resources",
            ),
            (response(true, vec![]), "PE 0x11223344 of EchoPool rejected"),
        ] {
            assert_eq!(message.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }
}
