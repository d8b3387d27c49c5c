//! The Operation Error parameter and its error causes (RFC 5354 section 3.12).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x000c and length |
//! | 4 | n | error causes, at least one |
//!
//! Each error cause:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 2 | Cause Code |
//! | 2 | 2 | Cause Length: code, length and information, without padding; at least 4 |
//! | 4 | n | information |
//! | | 0..3 | padding with zero bytes up to a multiple of 4 |

use std::fmt;

use crate::Violation;
use crate::decoding::{Context, Fault, RawParameter, TypedParameter};
use crate::parameter::{Parameter, Policy, UserTransport, encoded};
use crate::reader::Reader;
use crate::tlv::Writer;

/// The code of an error cause. Any value may arrive (D-16); the constants are those of RFC 5354.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct CauseCode(pub u16);

impl CauseCode {
    /// 0, Unspecified Error.
    pub const UNSPECIFIED: Self = Self(0);
    /// 1, Unrecognized Parameter; carries the complete parameter.
    pub const UNRECOGNIZED_PARAMETER: Self = Self(1);
    /// 2, Unrecognized Message; carries the complete message.
    pub const UNRECOGNIZED_MESSAGE: Self = Self(2);
    /// 3, Invalid Values; carries the parameter.
    pub const INVALID_VALUES: Self = Self(3);
    /// 4, Non-unique PE Identifier.
    pub const NON_UNIQUE_PE_IDENTIFIER: Self = Self(4);
    /// 5, Inconsistent Pooling Policy; carries a policy parameter with the policy of the pool.
    pub const INCONSISTENT_POOLING_POLICY: Self = Self(5);
    /// 6, Lack of Resources.
    pub const LACK_OF_RESOURCES: Self = Self(6);
    /// 7, Inconsistent Transport Type; carries a transport parameter of the pool's kind.
    pub const INCONSISTENT_TRANSPORT_TYPE: Self = Self(7);
    /// 8, Inconsistent Data/Control Configuration.
    pub const INCONSISTENT_DATA_CONTROL: Self = Self(8);
    /// 9, Unknown Pool Handle.
    pub const UNKNOWN_POOL_HANDLE: Self = Self(9);
    /// 10, Rejected due to security considerations.
    pub const SECURITY: Self = Self(10);

    /// Returns the name of the cause: as in RFC 5354, or for codes that only rsplib uses, their meaning there
    /// (D-16).
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::UNSPECIFIED => "Unspecified Error",
            Self::UNRECOGNIZED_PARAMETER => "Unrecognized Parameter",
            Self::UNRECOGNIZED_MESSAGE => "Unrecognized Message",
            Self::INVALID_VALUES => "Invalid Values",
            Self::NON_UNIQUE_PE_IDENTIFIER => "Non-unique PE Identifier",
            Self::INCONSISTENT_POOLING_POLICY => "Inconsistent Pooling Policy",
            Self::LACK_OF_RESOURCES => "Lack of Resources",
            Self::INCONSISTENT_TRANSPORT_TYPE => "Inconsistent Transport Type",
            Self::INCONSISTENT_DATA_CONTROL => "Inconsistent Data/Control Configuration",
            Self::UNKNOWN_POOL_HANDLE => "Unknown Pool Handle",
            Self::SECURITY => "Rejected due to security considerations",
            Self(0x0010) => "Invalid Message (rsplib)",
            Self(0x0011) => "Invalid Value (rsplib)",
            Self(0x100a) => "Inconsistent Transport Protocol (rsplib)",
            Self(0x100b) => "Unsupported Policy (rsplib)",
            Self(0xf000) => "Invalid Identifier (rsplib)",
            Self(0xf003) => "Invalid Policy (rsplib)",
            Self(0xf004) => "Invalid Pool Handle (rsplib)",
            Self(0xf005) => "Invalid Addresses (rsplib)",
            Self(0xf006) => "Invalid ASAP Transport (rsplib)",
            Self(0xf007) => "No usable ASAP Address (rsplib)",
            Self(0xf008) => "No usable User Address (rsplib)",
            _ => return None,
        })
    }
}

/// Formats the name, or the number of a code without one.
impl fmt::Display for CauseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "cause {:#06x}", self.0),
        }
    }
}

/// An error cause: a code, and information that depends on the code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ErrorCause {
    /// The code.
    pub code: CauseCode,
    /// The information, often empty; stored as bytes, since it may contain anything a peer sent.
    #[cfg_attr(feature = "serde", serde(with = "crate::serialized::hexadecimal"))]
    pub information: Vec<u8>,
}

impl ErrorCause {
    /// Returns a cause without information.
    #[must_use]
    pub const fn bare(code: CauseCode) -> Self {
        Self {
            code,
            information: Vec::new(),
        }
    }

    /// Returns cause 1 with a complete unknown parameter.
    #[must_use]
    pub fn unrecognized_parameter(parameter: &[u8]) -> Self {
        Self::with_information(CauseCode::UNRECOGNIZED_PARAMETER, parameter)
    }

    /// Returns cause 2 with a complete message of unknown type.
    #[must_use]
    pub fn unrecognized_message(message: &[u8]) -> Self {
        Self::with_information(CauseCode::UNRECOGNIZED_MESSAGE, message)
    }

    /// Returns cause 3 with a complete parameter whose value is unacceptable.
    #[must_use]
    pub fn invalid_values(parameter: &[u8]) -> Self {
        Self::with_information(CauseCode::INVALID_VALUES, parameter)
    }

    /// Returns cause 3 with an unacceptable policy, such as one of unknown type.
    #[must_use]
    pub fn invalid_policy(policy: &Policy) -> Self {
        Self::invalid_values(&encoded(policy))
    }

    /// Returns cause 3 with an unacceptable transport, such as one with addresses of others.
    #[must_use]
    pub fn invalid_transport(transport: &UserTransport) -> Self {
        Self::invalid_values(&encoded(transport))
    }

    /// Returns cause 5 with the policy of the pool.
    #[must_use]
    pub fn inconsistent_policy(policy_of_pool: &Policy) -> Self {
        Self::with_information(CauseCode::INCONSISTENT_POOLING_POLICY, &encoded(policy_of_pool))
    }

    /// Returns cause 7 with a transport of the pool's kind.
    #[must_use]
    pub fn inconsistent_transport(transport_of_pool: &UserTransport) -> Self {
        Self::with_information(
            CauseCode::INCONSISTENT_TRANSPORT_TYPE,
            &encoded(transport_of_pool),
        )
    }

    fn with_information(code: CauseCode, information: &[u8]) -> Self {
        Self {
            code,
            information: information.to_vec(),
        }
    }

    /// Returns the parameter in the information of causes 1, 3, 5 and 7, if it is known and valid.
    #[must_use]
    pub fn parameter(&self) -> Option<Parameter> {
        matches!(
            self.code,
            CauseCode::UNRECOGNIZED_PARAMETER
                | CauseCode::INVALID_VALUES
                | CauseCode::INCONSISTENT_POOLING_POLICY
                | CauseCode::INCONSISTENT_TRANSPORT_TYPE
        )
        .then(|| Parameter::decode(&self.information).ok())
        .flatten()
        .map(|decoded| decoded.message)
    }
}

/// Formats the name of the cause, and the parameter it is about if that is known.
impl fmt::Display for ErrorCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)?;
        match self.parameter() {
            Some(parameter) => write!(f, " ({parameter})"),
            None => Ok(()),
        }
    }
}

/// The causes of an Operation Error, at least one.
impl TypedParameter for Vec<ErrorCause> {
    const TYPE: u16 = 0x000c;

    fn decode(raw: &RawParameter<'_>, _context: &mut Context) -> Result<Self, Fault> {
        let mut reader = Reader::new(raw.value);
        let mut causes = Self::new();
        while !reader.is_empty() {
            // A cause has the same frame as a parameter, with a code instead of the type. Its information is not
            // checked: what a cause quotes need not make sense.
            let cause = RawParameter::read(&mut reader)?;
            causes.push(ErrorCause {
                code: CauseCode(cause.parameter_type),
                information: cause.value.to_vec(),
            });
        }
        if causes.is_empty() {
            return Err(Fault::silent(Violation::InvalidValue(Self::TYPE)));
        }
        Ok(causes)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(Self::TYPE, |value| {
            for cause in self {
                value.framed(cause.code.0, |information| {
                    information.bytes(&cause.information);
                });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Result<Vec<ErrorCause>, Violation> {
        let raw = RawParameter::read(&mut Reader::new(bytes)).unwrap();
        Vec::<ErrorCause>::decode(&raw, &mut Context::default()).map_err(|fault| fault.violation)
    }

    #[test]
    fn an_operation_error_without_causes_is_invalid() {
        assert_eq!(decode(&[0, 12, 0, 4]), Err(Violation::InvalidValue(0x000c)));
    }

    #[test]
    fn a_cause_stays_inside_its_parameter() {
        for length in [0, 3, 9] {
            let bytes = [0, 12, 0, 12, 0, 1, 0, length, 1, 2, 3, 4];
            assert_eq!(decode(&bytes), Err(Violation::Length), "{length}");
        }
    }

    #[test]
    fn any_code_is_taken_and_shown() {
        let causes = decode(&[0, 12, 0, 12, 0xf0, 0x06, 0, 4, 0x12, 0x34, 0, 4]).unwrap();
        let shown: Vec<String> = causes.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["Invalid ASAP Transport (rsplib)", "cause 0x1234"]);
    }

    #[test]
    fn causes_show_the_parameter_they_carry() {
        let cause = ErrorCause::inconsistent_policy(&Policy::LeastUsed { load: 0 });
        assert_eq!(cause.information, [0, 8, 0, 12, 0x40, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(
            cause.to_string(),
            "Inconsistent Pooling Policy (Least Used, load 0.0 %)"
        );
        let bare = ErrorCause::bare(CauseCode::INCONSISTENT_POOLING_POLICY);
        assert_eq!(bare.to_string(), "Inconsistent Pooling Policy");
    }

    #[test]
    fn causes_are_padded_between_but_not_after_the_last() {
        let causes = vec![
            ErrorCause::unrecognized_message(&[1]),
            ErrorCause::unrecognized_message(&[2]),
        ];
        let bytes = encoded(&causes);
        assert_eq!(bytes, [0, 12, 0, 17, 0, 2, 0, 5, 1, 0, 0, 0, 0, 2, 0, 5, 2]);
        assert_eq!(decode(&bytes), Ok(causes));
    }
}
