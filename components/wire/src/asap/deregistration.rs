//! ASAP_DEREGISTRATION (RFC 5352 section 2.2.2).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x02, no flags, length |
//! | 4 | n | Pool Handle |
//! | | 8 | PE Identifier |

use std::fmt;

use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::frame::{self, Frame};
use crate::{PeIdentifier, PoolHandle};

/// 0x02 ASAP_DEREGISTRATION: a pool element leaves its pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deregistration {
    /// The pool.
    pub pool_handle: PoolHandle,
    /// The pool element.
    pub pe_identifier: PeIdentifier,
}

impl Deregistration {
    /// The message's type.
    pub const TYPE: u8 = 0x02;
    pub(super) const NAME: &'static str = "ASAP_DEREGISTRATION";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut parameters = Parameters::new(frame.value, context);
        let pool_handle = parameters.required()?;
        let pe_identifier = parameters.required()?;
        parameters.finish()?;
        Ok(Self {
            pool_handle,
            pe_identifier,
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[], |value| {
            self.pool_handle.encode(value);
            self.pe_identifier.encode(value);
        })
    }
}

impl fmt::Display for Deregistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PE {} out of {}", self.pe_identifier, self.pool_handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asap::Message;

    #[test]
    fn deregistrations_come_back_as_they_went() {
        let message = Message::from(Deregistration {
            pool_handle: PoolHandle::new(b"EchoPool").unwrap(),
            pe_identifier: PeIdentifier(0x1122_3344),
        });
        assert_eq!(message.to_string(), "PE 0x11223344 out of EchoPool");
        assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
    }
}
