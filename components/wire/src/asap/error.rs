//! ASAP_ERROR (RFC 5352 section 2.2.14).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x0e, no flags, length |
//! | 4 | n | Operation Error |

use std::fmt;

use crate::asap::list_causes;
use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::parameter::ErrorCause;

/// 0x0e ASAP_ERROR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// At least one.
    pub causes: Vec<ErrorCause>,
}

impl Error {
    /// The message's type.
    pub const TYPE: u8 = 0x0e;
    pub(super) const NAME: &'static str = "ASAP_ERROR";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut parameters = Parameters::new(frame.value, context);
        let causes = parameters.required()?;
        parameters.finish()?;
        Ok(Self { causes })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[], |value| {
            self.causes.encode(value);
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list_causes(f, &self.causes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asap::Message;
    use crate::parameter::CauseCode;
    use crate::{Reaction, Violation};

    #[test]
    fn causes_come_back_as_they_went() {
        let message = Message::from(Error {
            causes: vec![
                ErrorCause::unrecognized_message(&[0x55, 0, 0, 5, 1]),
                ErrorCause::bare(CauseCode::UNSPECIFIED),
            ],
        });
        assert_eq!(message.to_string(), "Unrecognized Message, Unspecified Error");
        assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
    }

    #[test]
    fn nothing_in_an_error_message_is_answered_with_an_error() {
        let skipped = [14, 0, 0, 16, 0xca, 0xbc, 0, 4, 0, 12, 0, 8, 0, 0, 0, 4];
        assert_eq!(Message::decode(&skipped).unwrap().report, []);
        let stopping = [14, 0, 0, 8, 0x4a, 0xbc, 0, 4];
        let rejection = Message::decode(&stopping).unwrap_err();
        assert_eq!(rejection.violation, Violation::UnrecognizedParameter(0x4abc));
        assert_eq!(rejection.reaction, Reaction::DiscardSilently);
    }
}
