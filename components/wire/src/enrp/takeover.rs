//! ENRP_INIT_TAKEOVER, ENRP_INIT_TAKEOVER_ACK and ENRP_TAKEOVER_SERVER (RFC 5353 sections 2.7 to 2.9).
//!
//! All three have the same layout:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x07, 0x08 or 0x09, no flags, length |
//! | 4 | 8 | Sending and Receiving Server's ID |
//! | 12 | 4 | Targeting Server's ID, not 0 |

use crate::RegistrarIdentifier;
use crate::decoding::{Context, Fault, Parameters, determined};
use crate::reader::Reader;

/// The type of ENRP_INIT_TAKEOVER.
pub(super) const INIT_TAKEOVER: u8 = 0x07;
/// The type of ENRP_INIT_TAKEOVER_ACK.
pub(super) const INIT_TAKEOVER_ACK: u8 = 0x08;
/// The type of ENRP_TAKEOVER_SERVER.
pub(super) const TAKEOVER_SERVER: u8 = 0x09;

/// Reads the registrar to be taken over.
pub(super) fn decode_target(
    mut value: Reader<'_>,
    context: &mut Context,
) -> Result<RegistrarIdentifier, Fault> {
    let target = determined(&mut value)?;
    Parameters::new(value, context).finish()?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Violation;
    use crate::enrp::{Body, Message};

    fn messages(target: u32) -> [Message; 3] {
        let target = RegistrarIdentifier(target);
        [
            Body::InitTakeover(target),
            Body::InitTakeoverAck(target),
            Body::TakeoverServer(target),
        ]
        .map(|body| Message {
            sender: RegistrarIdentifier(1),
            receiver: RegistrarIdentifier(2),
            body,
        })
    }

    #[test]
    fn takeover_messages_come_back_as_they_went() {
        for message in messages(3) {
            assert_eq!(message.body.to_string(), "target PR 0x00000003");
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }

    #[test]
    fn a_target_has_an_identifier() {
        for message in messages(0) {
            let rejection = Message::decode(&message.encode()).unwrap_err();
            assert_eq!(rejection.violation, Violation::ReservedValue);
        }
    }
}
