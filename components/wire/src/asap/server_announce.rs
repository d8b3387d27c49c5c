//! ASAP_SERVER_ANNOUNCE (RFC 5352 section 2.2.10).
//!
//! | offset | size | field |
//! | --- | --- | --- |
//! | 0 | 4 | type 0x0a, no flags, length |
//! | 4 | 4 | Server Identifier |
//! | 8 | n | SCTP and TCP Transports, none or more |

use std::fmt;

use crate::RegistrarIdentifier;
use crate::decoding::{Context, Fault, Parameters, RawParameter, TypedParameter, determined};
use crate::frame::{self, Frame};
use crate::parameter::{SctpTransport, TransportAddress};
use crate::tlv::Writer;

/// 0x0a ASAP_SERVER_ANNOUNCE: announces a registrar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAnnounce {
    /// The registrar.
    pub registrar: RegistrarIdentifier,
    /// Its transports; none means SCTP at the datagram's source (D-07).
    pub transports: Vec<AnnouncedTransport>,
}

/// A transport over which an announced registrar accepts requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnnouncedTransport {
    /// SCTP.
    Sctp(SctpTransport),
    /// TCP.
    Tcp(TransportAddress),
}

impl TypedParameter for AnnouncedTransport {
    const TYPE: u16 = SctpTransport::TYPE;

    fn accepts(parameter_type: u16) -> bool {
        matches!(parameter_type, SctpTransport::TYPE | TransportAddress::TYPE)
    }

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        if raw.parameter_type == SctpTransport::TYPE {
            return SctpTransport::decode(raw, context).map(Self::Sctp);
        }
        TransportAddress::decode(raw, context).map(Self::Tcp)
    }

    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Sctp(sctp) => sctp.encode(writer),
            Self::Tcp(address) => address.encode(writer),
        }
    }
}

impl ServerAnnounce {
    /// The message's type.
    pub const TYPE: u8 = 0x0a;
    pub(super) const NAME: &'static str = "ASAP_SERVER_ANNOUNCE";

    pub(super) fn decode(frame: Frame<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut value = frame.value;
        let registrar = determined(&mut value)?;
        let mut parameters = Parameters::new(value, context);
        let transports = parameters.repeated()?;
        parameters.finish()?;
        Ok(Self {
            registrar,
            transports,
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        frame::encode(Self::TYPE, &[], |value| {
            value.u32(self.registrar.0);
            for transport in &self.transports {
                transport.encode(value);
            }
        })
    }
}

impl fmt::Display for AnnouncedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sctp(sctp) => write!(f, "SCTP {sctp}"),
            Self::Tcp(address) => write!(f, "TCP {address}"),
        }
    }
}

impl fmt::Display for ServerAnnounce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PR {}", self.registrar)?;
        for transport in &self.transports {
            write!(f, ", {transport}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::Violation;
    use crate::asap::Message;
    use crate::parameter::TransportUse;

    fn announce(registrar: u32, transports: Vec<AnnouncedTransport>) -> Message {
        Message::from(ServerAnnounce {
            registrar: RegistrarIdentifier(registrar),
            transports,
        })
    }

    #[test]
    fn transports_come_back_as_they_went_in_any_order() {
        let address = IpAddr::from([192, 0, 2, 1]);
        let tcp = AnnouncedTransport::Tcp(TransportAddress::new(address, 3863).unwrap());
        let sctp = SctpTransport::new(3863, TransportUse::DataOnly, [address]).unwrap();
        let sctp = AnnouncedTransport::Sctp(sctp);
        for (message, shown) in [
            (announce(1, vec![]), "PR 0x00000001"),
            (
                announce(1, vec![tcp.clone(), sctp.clone()]),
                "PR 0x00000001, TCP 192.0.2.1:3863, SCTP 192.0.2.1:3863",
            ),
            (
                announce(1, vec![sctp, tcp]),
                "PR 0x00000001, SCTP 192.0.2.1:3863, TCP 192.0.2.1:3863",
            ),
        ] {
            assert_eq!(message.to_string(), shown);
            assert_eq!(Message::decode(&message.encode()).unwrap().message, message);
        }
    }

    #[test]
    fn a_registrar_has_an_identifier() {
        let rejection = Message::decode(&announce(0, vec![]).encode()).unwrap_err();
        assert_eq!(rejection.violation, Violation::ReservedValue);
    }

    #[test]
    fn other_transports_are_not_expected() {
        let udp = [
            10, 0, 0, 24, 0, 0, 0, 1, 0, 6, 0, 16, 0, 80, 0, 0, 0, 1, 0, 8, 192, 0, 2, 1,
        ];
        let rejection = Message::decode(&udp).unwrap_err();
        assert_eq!(rejection.violation, Violation::UnrecognizedParameter(0x0006));
    }
}
