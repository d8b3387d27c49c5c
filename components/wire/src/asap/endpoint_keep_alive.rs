//! ASAP_ENDPOINT_KEEP_ALIVE (RFC 5352 section 2.2.7).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x07, flag H = bit 0: new home registrar, length |
//! | 4 | 4 | Server Identifier |
//! | 8 | n | Pool Handle |
//! | | 8 | PE Identifier; rsplib only (D-03) |

use std::fmt;

use crate::decoding::{Context, Fault, Parameters, TypedParameter, determined};
use crate::frame::{self, Frame};
use crate::{PeIdentifier, PoolHandle, RegistrarIdentifier};

/// 0x07 ASAP_ENDPOINT_KEEP_ALIVE: probes a pool element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointKeepAlive {
    /// H flag: the sender wants to be the home registrar.
    pub home: bool,
    /// The sender.
    pub registrar: RegistrarIdentifier,
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element; rsplib's form only (D-03).
    pub pe_identifier: Option<PeIdentifier>,
}

impl EndpointKeepAlive {
    /// The message's type.
    pub const TYPE: u8 = 0x07;
    pub(super) const NAME: &'static str = "ASAP_ENDPOINT_KEEP_ALIVE";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let home = frame.flag(0);
        let mut value = frame.value;
        let registrar = determined(&mut value)?;
        let mut parameters = Parameters::new(value, context);
        let pool_handle = parameters.required()?;
        let pe_identifier = parameters.optional()?;
        parameters.finish()?;
        Ok(Self {
            home,
            registrar,
            pool_handle,
            pe_identifier,
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[self.home], |value| {
            value.u32(self.registrar.0);
            self.pool_handle.encode(value);
            if let Some(pe_identifier) = self.pe_identifier {
                pe_identifier.encode(value);
            }
        })
    }
}

impl fmt::Display for EndpointKeepAlive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PR {} to ", self.registrar)?;
        match self.pe_identifier {
            Some(pe_identifier) => write!(f, "PE {pe_identifier} of {}", self.pool_handle)?,
            None => self.pool_handle.fmt(f)?,
        }
        f.write_str(if self.home { ", new home registrar" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asap::Message;
    use crate::{Reaction, Violation};

    fn keep_alive(home: bool, registrar: u32, pe_identifier: Option<PeIdentifier>) -> Message {
        Message::from(EndpointKeepAlive {
            home,
            registrar: RegistrarIdentifier(registrar),
            pool_handle: PoolHandle::new(b"EchoPool").unwrap(),
            pe_identifier,
        })
    }

    #[test]
    fn both_forms_come_back_as_they_went() {
        for (message, shown) in [
            (
                keep_alive(true, 1, None),
                "PR 0x00000001 to EchoPool, new home registrar",
            ),
            (
                keep_alive(false, 1, Some(PeIdentifier(2))),
                "PR 0x00000001 to PE 0x00000002 of EchoPool",
            ),
        ] {
            assert_eq!(message.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }

    #[test]
    fn a_registrar_has_an_identifier() {
        let rejection = Message::decode(&keep_alive(false, 0, None).encode()).unwrap_err();
        assert_eq!(rejection.violation, Violation::ReservedValue);
        assert_eq!(rejection.reaction, Reaction::DiscardSilently);
    }
}
