//! An arbitrary parameter of RFC 5354.

use std::fmt;
use std::net::IpAddr;

use crate::decoding::{Context, RawParameter, TypedParameter};
use crate::parameter::{
    CookieValue, ErrorCause, HandleResolutionOption, PeChecksumValue, Policy, PoolElementParameter,
    ServerInformation, UserTransport,
};
use crate::reader::Reader;
use crate::tlv::Writer;
use crate::{Decoded, PeIdentifier, PoolHandle, Rejection, Violation};

/// A single parameter, as quoted in error causes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parameter {
    /// 0x0001 IPv4 Address or 0x0002 IPv6 Address.
    Address(IpAddr),
    /// 0x0003 to 0x0007 and 0x0010: any of the transports.
    Transport(UserTransport),
    /// 0x0008 Pool Member Selection Policy.
    Policy(Policy),
    /// 0x0009 Pool Handle.
    PoolHandle(PoolHandle),
    /// 0x000a Pool Element.
    PoolElement(Box<PoolElementParameter>),
    /// 0x000b Server Information.
    ServerInformation(ServerInformation),
    /// 0x000c Operation Error.
    OperationError(Vec<ErrorCause>),
    /// 0x000d Cookie.
    Cookie(Vec<u8>),
    /// 0x000e PE Identifier.
    PeIdentifier(PeIdentifier),
    /// 0x000f PE Checksum.
    PeChecksum(u16),
    /// 0x803f Handle Resolution Option (D-04).
    HandleResolutionOption(u32),
}

impl Parameter {
    /// Decodes one parameter, which may be followed by nothing but its padding.
    ///
    /// # Errors
    /// Returns a rejection if the parameter is malformed, of unknown type, or has an unacceptable value. Its
    /// reaction is that for a message that contains the parameter.
    pub fn decode(bytes: &[u8]) -> Result<Decoded<Self>, Rejection> {
        let mut context = Context::default();
        let mut reader = Reader::new(bytes);
        let outcome = RawParameter::read(&mut reader)
            .and_then(|raw| Self::decode_value(&raw, &mut context))
            .and_then(|parameter| {
                if reader.is_empty() {
                    Ok(parameter)
                } else {
                    Err(crate::decoding::Fault::silent(Violation::Surplus))
                }
            });
        let (subject, report) = context.into_parts();
        match outcome {
            Ok(message) => Ok(Decoded { message, report }),
            Err(fault) => Err(Rejection {
                violation: fault.violation,
                reaction: fault.reaction,
                message_type: None,
                subject,
            }),
        }
    }

    fn decode_value(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, crate::decoding::Fault> {
        let parameter_type = raw.parameter_type;
        if IpAddr::accepts(parameter_type) {
            return IpAddr::decode(raw, context).map(Self::Address);
        }
        if UserTransport::accepts(parameter_type) {
            return UserTransport::decode(raw, context).map(Self::Transport);
        }
        Ok(match parameter_type {
            Policy::TYPE => Self::Policy(Policy::decode(raw, context)?),
            PoolHandle::TYPE => Self::PoolHandle(PoolHandle::decode(raw, context)?),
            PoolElementParameter::TYPE => {
                Self::PoolElement(Box::new(PoolElementParameter::decode(raw, context)?))
            }
            ServerInformation::TYPE => Self::ServerInformation(ServerInformation::decode(raw, context)?),
            Vec::<ErrorCause>::TYPE => Self::OperationError(Vec::decode(raw, context)?),
            CookieValue::TYPE => Self::Cookie(CookieValue::decode(raw, context)?.0.into_owned()),
            PeIdentifier::TYPE => Self::PeIdentifier(PeIdentifier::decode(raw, context)?),
            PeChecksumValue::TYPE => Self::PeChecksum(PeChecksumValue::decode(raw, context)?.0),
            HandleResolutionOption::TYPE => {
                Self::HandleResolutionOption(HandleResolutionOption::decode(raw, context)?.0)
            }
            _ => {
                context.unrecognized(raw)?;
                let violation = Violation::UnrecognizedParameter(parameter_type);
                return Err(crate::decoding::Fault::silent(violation));
            }
        })
    }

    /// Encodes the parameter with padding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        match self {
            Self::Address(address) => address.encode(&mut writer),
            Self::Transport(transport) => transport.encode(&mut writer),
            Self::Policy(policy) => policy.encode(&mut writer),
            Self::PoolHandle(pool_handle) => pool_handle.encode(&mut writer),
            Self::PoolElement(pool_element) => pool_element.encode(&mut writer),
            Self::ServerInformation(server) => server.encode(&mut writer),
            Self::OperationError(causes) => causes.encode(&mut writer),
            Self::Cookie(cookie) => CookieValue(cookie.into()).encode(&mut writer),
            Self::PeIdentifier(identifier) => identifier.encode(&mut writer),
            Self::PeChecksum(checksum) => PeChecksumValue(*checksum).encode(&mut writer),
            Self::HandleResolutionOption(items) => HandleResolutionOption(*items).encode(&mut writer),
        }
        writer.finish()
    }
}

/// Formats the content briefly.
impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Transport(transport) => transport.fmt(f),
            Self::Policy(policy) => policy.fmt(f),
            Self::PoolHandle(pool_handle) => pool_handle.fmt(f),
            Self::PoolElement(pool_element) => write!(f, "PE {}", pool_element.identifier),
            Self::ServerInformation(server) => write!(f, "PR {}", server.identifier),
            Self::OperationError(causes) => write!(f, "{} error causes", causes.len()),
            Self::Cookie(cookie) => write!(f, "cookie of {} bytes", cookie.len()),
            Self::PeIdentifier(identifier) => write!(f, "PE {identifier}"),
            Self::PeChecksum(checksum) => write!(f, "checksum {checksum:#06x}"),
            Self::HandleResolutionOption(items) => write!(f, "at most {items} pool elements"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reaction;

    #[test]
    fn a_parameter_stands_alone() {
        let identifier = Parameter::PeIdentifier(PeIdentifier(0x1122_3344));
        let mut bytes = identifier.encode();
        assert_eq!(Parameter::decode(&bytes).unwrap().message, identifier);
        bytes.extend([0; 4]);
        assert_eq!(
            Parameter::decode(&bytes).unwrap_err().violation,
            Violation::Surplus
        );
    }

    #[test]
    fn unknown_types_are_no_parameter_whatever_their_action_bits() {
        for high in [0x0a, 0x4a, 0x8a, 0xca] {
            let rejection = Parameter::decode(&[high, 0xbc, 0, 4]).unwrap_err();
            let expected = Violation::UnrecognizedParameter(u16::from_be_bytes([high, 0xbc]));
            assert_eq!(rejection.violation, expected);
        }
    }

    #[test]
    fn identifier_zero_is_refused() {
        let rejection = Parameter::decode(&[0, 14, 0, 8, 0, 0, 0, 0]).unwrap_err();
        assert!(matches!(rejection.reaction, Reaction::Refuse(_)));
    }
}
