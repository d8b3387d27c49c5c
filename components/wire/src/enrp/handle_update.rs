//! ENRP_HANDLE_UPDATE (RFC 5353 section 2.4).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x04, flag T = bit 0: takeover suggested (D-24), length |
//! | 4 | 8 | Sending and Receiving Server's ID |
//! | 12 | 2 | Update Action: 0 = ADD_PE, 1 = DEL_PE |
//! | 14 | 2 | reserved |
//! | 16 | n | Pool Handle |
//! | | n | Pool Element |

use std::fmt;

use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::parameter::PoolElementParameter;
use crate::reader::Reader;
use crate::tlv::Writer;
use crate::{PoolHandle, Violation};

/// 0x04 ENRP_HANDLE_UPDATE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleUpdate {
    /// T flag of rsplib (D-24): ignored on receipt, never set by us.
    pub takeover_suggested: bool,
    /// The change of the pool element.
    pub action: UpdateAction,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pool_element: PoolElementParameter,
}

/// The change that an ENRP_HANDLE_UPDATE announces; the numbers are those on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum UpdateAction {
    /// ADD_PE: the pool element is new or changed.
    AddPe = 0,
    /// DEL_PE: the pool element is gone.
    DelPe = 1,
}

impl UpdateAction {
    const fn from_number(number: u16) -> Option<Self> {
        const ADD_PE: u16 = UpdateAction::AddPe as u16;
        const DEL_PE: u16 = UpdateAction::DelPe as u16;
        match number {
            ADD_PE => Some(Self::AddPe),
            DEL_PE => Some(Self::DelPe),
            _ => None,
        }
    }
}

impl HandleUpdate {
    /// The message's type.
    pub const TYPE: u8 = 0x04;

    pub(super) fn decode(
        takeover_suggested: bool,
        mut value: Reader<'_>,
        context: &mut Context,
    ) -> Result<Self, Fault> {
        let action =
            UpdateAction::from_number(value.u16()?).ok_or(Fault::silent(Violation::ReservedValue))?;
        let _reserved = value.u16()?;
        let mut parameters = Parameters::new(value, context);
        let pool_handle = parameters.required()?;
        let pool_element: PoolElementParameter = parameters.required()?;
        parameters.finish()?;
        if action == UpdateAction::AddPe && !pool_element.is_complete() {
            return Err(Fault::silent(Violation::InvalidValue(PoolElementParameter::TYPE)));
        }
        Ok(Self {
            takeover_suggested,
            action,
            pool_handle,
            pool_element,
        })
    }

    pub(super) fn encode(&self, value: &mut Writer) {
        value.u16(self.action as u16);
        value.u16(0);
        self.pool_handle.encode(value);
        self.pool_element.encode(value);
    }
}

impl fmt::Display for HandleUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoolElementParameter {
            identifier, policy, ..
        } = &self.pool_element;
        match self.action {
            UpdateAction::AddPe => write!(f, "add PE {identifier} to {}: {policy}", self.pool_handle),
            UpdateAction::DelPe => write!(f, "delete PE {identifier} from {}", self.pool_handle),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrp::{Body, Message};
    use crate::parameter::{Policy, RegistrationLife, SctpTransport, TransportUse, UserTransport};
    use crate::{PeIdentifier, Reaction, RegistrarIdentifier};

    fn update(action: UpdateAction) -> Message {
        Message {
            sender: RegistrarIdentifier(1),
            receiver: RegistrarIdentifier::UNDETERMINED,
            body: Body::from(HandleUpdate {
                takeover_suggested: false,
                action,
                pool_handle: PoolHandle::new(b"EchoPool").unwrap(),
                pool_element: PoolElementParameter {
                    identifier: PeIdentifier(2),
                    home_registrar: RegistrarIdentifier(1),
                    registration_life: RegistrationLife(300),
                    user_transport: UserTransport::Opaque(vec![]),
                    policy: Policy::Random,
                    asap_transport: SctpTransport::new(5000, TransportUse::DataOnly, [[192, 0, 2, 1].into()])
                        .ok(),
                },
            }),
        }
    }

    #[test]
    fn both_actions_come_back_as_they_went() {
        for (action, shown) in [
            (UpdateAction::AddPe, "add PE 0x00000002 to EchoPool: Random"),
            (UpdateAction::DelPe, "delete PE 0x00000002 from EchoPool"),
        ] {
            let message = update(action);
            assert_eq!(message.body.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }

    #[test]
    fn other_actions_are_reserved() {
        let mut bytes = update(UpdateAction::AddPe).encode();
        bytes[13] = 2;
        let rejection = Message::decode(&bytes).unwrap_err();
        assert_eq!(rejection.violation, Violation::ReservedValue);
        assert_eq!(rejection.reaction, Reaction::DiscardSilently);
    }
}
