//! ENRP_PRESENCE (RFC 5353 section 2.1).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x01, flag R = bit 0: reply required (D-10), length |
//! | 4 | 8 | Sending and Receiving Server's ID |
//! | 12 | 8 | PE Checksum; optional (D-11) |
//! | | n | Server Information; optional (D-11) |

use std::fmt;

use crate::decoding::{Context, Fault, Parameters, TypedParameter};
use crate::parameter::{PeChecksumValue, ServerInformation};
use crate::reader::Reader;
use crate::tlv::Writer;

/// 0x01 ENRP_PRESENCE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// R flag: an immediate response is requested (D-10).
    pub reply_required: bool,
    /// The checksum of the pool elements that the sender owns (D-11: always send it).
    pub pe_checksum: Option<u16>,
    /// The sender's ENRP transport address (D-11: always send it).
    pub server_information: Option<ServerInformation>,
}

impl Presence {
    /// The message's type.
    pub const TYPE: u8 = 0x01;

    pub(super) fn decode(
        reply_required: bool,
        value: Reader<'_>,
        context: &mut Context,
    ) -> Result<Self, Fault> {
        let mut parameters = Parameters::new(value, context);
        let checksum: Option<PeChecksumValue> = parameters.optional()?;
        let server_information = parameters.optional()?;
        parameters.finish()?;
        Ok(Self {
            reply_required,
            pe_checksum: checksum.map(|checksum| checksum.0),
            server_information,
        })
    }

    pub(super) fn encode(&self, value: &mut Writer) {
        if let Some(checksum) = self.pe_checksum {
            PeChecksumValue(checksum).encode(value);
        }
        if let Some(server_information) = &self.server_information {
            server_information.encode(value);
        }
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pe_checksum {
            Some(checksum) => write!(f, "checksum {checksum:#06x}")?,
            None => f.write_str("no checksum")?,
        }
        if let Some(server) = &self.server_information {
            write!(f, ", at SCTP {}", server.transport)?;
        }
        f.write_str(if self.reply_required {
            ", reply required"
        } else {
            ""
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrp::Message;
    use crate::parameter::{SctpTransport, TransportUse};
    use crate::{Reaction, RegistrarIdentifier, Violation};

    fn message(presence: Presence) -> Message {
        Message {
            sender: RegistrarIdentifier(1),
            receiver: RegistrarIdentifier(2),
            body: presence.into(),
        }
    }

    #[test]
    fn checksum_and_server_information_are_optional() {
        let server_information = ServerInformation {
            identifier: RegistrarIdentifier(1),
            transport: SctpTransport::new(9901, TransportUse::DataOnly, [[192, 0, 2, 1].into()]).unwrap(),
        };
        for (pe_checksum, server_information, shown) in [
            (None, None, "no checksum, reply required"),
            (Some(0x4deb), None, "checksum 0x4deb, reply required"),
            (
                Some(0xffff),
                Some(server_information),
                "checksum 0xffff, at SCTP 192.0.2.1:9901, reply required",
            ),
        ] {
            let message = message(Presence {
                reply_required: true,
                pe_checksum,
                server_information,
            });
            assert_eq!(message.body.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }

    #[test]
    fn a_checksum_of_another_length_discards_the_message() {
        let bytes = [1, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 2, 0, 15, 0, 8, 0, 0, 0, 0];
        let rejection = Message::decode(&bytes).unwrap_err();
        assert_eq!(rejection.violation, Violation::InvalidValue(0x000f));
        assert_eq!(rejection.reaction, Reaction::DiscardSilently);
    }
}
