//! ASAP_REGISTRATION (RFC 5352 section 2.2.1).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x01, no flags, length |
//! | 4 | n | Pool Handle |
//! | | n | Pool Element |

use std::fmt;

use crate::PoolHandle;
use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::parameter::{PoolElementParameter, TransportUse};

/// 0x01 ASAP_REGISTRATION: a pool element requests to join a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pool_element: PoolElementParameter,
}

impl Registration {
    /// The message's type.
    pub const TYPE: u8 = 0x01;
    pub(super) const NAME: &'static str = "ASAP_REGISTRATION";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut parameters = Parameters::new(frame.value, context);
        let pool_handle = parameters.required()?;
        let pool_element = parameters.required()?;
        parameters.finish()?;
        Ok(Self {
            pool_handle,
            pool_element,
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[], |value| {
            self.pool_handle.encode(value);
            self.pool_element.encode(value);
        })
    }
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoolElementParameter {
            identifier,
            policy,
            user_transport,
            ..
        } = &self.pool_element;
        write!(
            f,
            "PE {identifier} into {}: {policy}; {user_transport}",
            self.pool_handle
        )?;
        match user_transport.transport_use() {
            TransportUse::DataOnly => Ok(()),
            TransportUse::DataPlusControl => f.write_str(" with control channel"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::asap::Message;
    use crate::{Decoded, PeIdentifier, PoolHandle, Reaction, Violation};

    /// A registration of PE 0x11223344 in EchoPool, round robin, at 192.0.2.10.
    const REGISTRATION: [u8; 56] = [
        1, 0, 0, 56, // ASAP_REGISTRATION
        0, 9, 0, 12, b'E', b'c', b'h', b'o', b'P', b'o', b'o', b'l', // Pool Handle
        0, 10, 0, 40, 0x11, 0x22, 0x33, 0x44, // Pool Element
        0, 0, 0, 0, 0, 0, 1, 44, // no home registrar, life 300
        0, 4, 0, 16, 27, 88, 0, 1, 0, 1, 0, 8, 192, 0, 2, 10, // SCTP Transport, port 7000
        0, 8, 0, 8, 0, 0, 0, 1, // Round Robin
    ];

    #[test]
    fn registrations_are_summed_up_in_one_line() {
        let Decoded { message, report } = Message::decode(&REGISTRATION).unwrap();
        assert!(report.is_empty());
        assert_eq!(
            message.to_string(),
            "PE 0x11223344 into EchoPool: Round Robin; SCTP 192.0.2.10:7000 with control channel"
        );
        assert_eq!(message.encode(), REGISTRATION);
    }

    #[test]
    fn a_refused_value_names_the_pool_element_to_answer() {
        let mut bytes = REGISTRATION;
        bytes[36] = 0;
        bytes[37] = 0;
        let rejection = Message::decode(&bytes).unwrap_err();
        assert_eq!(rejection.violation, Violation::InvalidValue(0x0004));
        assert_eq!(rejection.message_type, Some(1));
        assert_eq!(rejection.subject.pe_identifier, Some(PeIdentifier(0x1122_3344)));
        assert_eq!(rejection.subject.pool_handle, PoolHandle::new(b"EchoPool").ok());
        let Reaction::Refuse(cause) = rejection.reaction else {
            panic!("{:?}", rejection.reaction);
        };
        assert_eq!(cause.information, bytes[32..48]);
    }

    #[test]
    fn a_repeated_pool_handle_does_not_count() {
        let mut bytes = REGISTRATION[..16].to_vec();
        bytes.extend([0, 9, 0, 5, b'X', 0, 0, 0]);
        bytes.extend(&REGISTRATION[16..]);
        bytes[3] += 8;
        let decoded = Message::decode(&bytes).unwrap();
        assert_eq!(decoded.message.encode(), REGISTRATION);
    }

    #[test]
    fn the_pool_element_does_not_stand_before_the_pool_handle() {
        let mut bytes = REGISTRATION[..4].to_vec();
        bytes.extend(&REGISTRATION[16..]);
        bytes.extend(&REGISTRATION[4..16]);
        let rejection = Message::decode(&bytes).unwrap_err();
        assert_eq!(rejection.violation, Violation::UnrecognizedParameter(0x000a));
        assert_eq!(rejection.reaction, Reaction::DiscardSilently);
    }
}
