//! ENRP_LIST_REQUEST and ENRP_LIST_RESPONSE (RFC 5353 sections 2.5 and 2.6).
//!
//! The request:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x05, no flags, length |
//! | 4 | 8 | Sending and Receiving Server's ID |
//!
//! The response:
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x06, flag R = bit 0: rejected, length |
//! | 4 | 8 | Sending and Receiving Server's ID |
//! | 12 | n | Server Information, none or more |

use std::fmt;

use crate::decoding::{Context, Fault, Parameters};
use crate::parameter::{ServerInformation, encode_fitting};
use crate::reader::Reader;
use crate::tlv::Writer;

/// The type of ENRP_LIST_REQUEST, which has no content.
pub(super) const LIST_REQUEST: u8 = 0x05;

/// 0x06 ENRP_LIST_RESPONSE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListResponse {
    /// R flag: the request is rejected.
    pub rejected: bool,
    /// The peers that the sender knows; as many as fit into a message.
    pub servers: Vec<ServerInformation>,
}

impl ListResponse {
    /// The message's type.
    pub const TYPE: u8 = 0x06;

    pub(super) fn decode(rejected: bool, value: Reader<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut parameters = Parameters::new(value, context);
        let servers = parameters.acceptable()?;
        parameters.finish()?;
        Ok(Self { rejected, servers })
    }

    pub(super) fn encode(&self, value: &mut Writer) {
        encode_fitting(value, &self.servers);
    }
}

impl fmt::Display for ListResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rejected {
            return f.write_str("rejected");
        }
        let plural = if self.servers.len() == 1 { "" } else { "s" };
        write!(f, "{} peer{plural}", self.servers.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RegistrarIdentifier;
    use crate::enrp::{Body, Message};
    use crate::parameter::{SctpTransport, TransportUse};

    #[test]
    fn lists_come_back_as_they_went() {
        let server = |identifier| ServerInformation {
            identifier: RegistrarIdentifier(identifier),
            transport: SctpTransport::new(9901, TransportUse::DataOnly, [[192, 0, 2, 1].into()]).unwrap(),
        };
        for (rejected, servers, shown) in [
            (false, vec![], "0 peers"),
            // rsplib lists peers whose identifiers it does not know.
            (false, vec![server(0)], "1 peer"),
            (false, vec![server(1), server(2)], "2 peers"),
            (true, vec![], "rejected"),
        ] {
            let message = Message {
                sender: RegistrarIdentifier(1),
                receiver: RegistrarIdentifier(2),
                body: Body::from(ListResponse { rejected, servers }),
            };
            assert_eq!(message.body.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }
}
