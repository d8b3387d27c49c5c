//! Transport parameters (RFC 5354 sections 3.3 to 3.7 and 3.16).
//!
//! | type | transport | offset 4 | offset 6 | then |
//! | --- | --- | --- | --- | --- |
//! | 0x0003 | DCCP | u16 port | reserved | at 8 u32 service code, at 12 one address |
//! | 0x0004 | SCTP | u16 port | u16 transport use | at 8 one or more addresses, IPv4 and IPv6 in any mixture |
//! | 0x0005 | TCP | u16 port | reserved (D-19) | at 8 one address |
//! | 0x0006 | UDP | u16 port | reserved | at 8 one address |
//! | 0x0007 | UDP-Lite | u16 port | reserved | at 8 one address |
//! | 0x0010 | Opaque | opaque bytes | | |

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::decoding::{Context, Fault, Parameters, RawParameter, TypedParameter};
use crate::parameter::{exactly_one_address, usable_addresses};
use crate::tlv::{Reader, Writer};

const DCCP: u16 = 0x0003;
const SCTP: u16 = 0x0004;
const TCP: u16 = 0x0005;
const UDP: u16 = 0x0006;
const UDP_LITE: u16 = 0x0007;
const OPAQUE: u16 = 0x0010;

/// What a pool element's SCTP transport is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TransportUse {
    /// Application data only.
    #[default]
    DataOnly,
    /// Application data and the ASAP control channel on the same association.
    DataPlusControl,
}

/// An SCTP transport address: at least one IP address and a port that is not 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SctpTransport {
    /// SCTP port.
    pub port: u16,
    /// What the transport is used for.
    pub transport_use: TransportUse,
    /// IPv4 and IPv6 addresses in the order of the wire; 1 to 32 of them.
    pub addresses: Vec<IpAddr>,
}

/// The address at which a pool element offers its service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserTransport {
    /// DCCP.
    Dccp {
        /// DCCP port.
        port: u16,
        /// DCCP service code.
        service_code: u32,
        /// The address.
        address: IpAddr,
    },
    /// SCTP.
    Sctp(SctpTransport),
    /// TCP.
    Tcp {
        /// TCP port.
        port: u16,
        /// The address.
        address: IpAddr,
    },
    /// UDP.
    Udp {
        /// UDP port.
        port: u16,
        /// The address.
        address: IpAddr,
    },
    /// UDP-Lite.
    UdpLite {
        /// UDP-Lite port.
        port: u16,
        /// The address.
        address: IpAddr,
    },
    /// Bytes that only the service's own users understand.
    Opaque(Vec<u8>),
}

/// Which kind a [`UserTransport`] is; all pool elements of a pool have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransportProtocol {
    /// DCCP.
    Dccp,
    /// SCTP.
    Sctp,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// UDP-Lite.
    UdpLite,
    /// Opaque bytes.
    Opaque,
}

impl UserTransport {
    /// Which kind of transport this is.
    #[must_use]
    pub const fn protocol(&self) -> TransportProtocol {
        match self {
            Self::Dccp { .. } => TransportProtocol::Dccp,
            Self::Sctp(_) => TransportProtocol::Sctp,
            Self::Tcp { .. } => TransportProtocol::Tcp,
            Self::Udp { .. } => TransportProtocol::Udp,
            Self::UdpLite { .. } => TransportProtocol::UdpLite,
            Self::Opaque(_) => TransportProtocol::Opaque,
        }
    }

    /// What the transport is used for; everything but SCTP is data only by definition.
    #[must_use]
    pub const fn transport_use(&self) -> TransportUse {
        match self {
            Self::Sctp(sctp) => sctp.transport_use,
            Self::Dccp { .. }
            | Self::Tcp { .. }
            | Self::Udp { .. }
            | Self::UdpLite { .. }
            | Self::Opaque(_) => TransportUse::DataOnly,
        }
    }
}

impl SctpTransport {
    /// The most addresses that are accepted from a peer. A limit of ours: rsplib's is 64.
    pub const MOST_ADDRESSES: usize = 32;
}

impl TypedParameter for SctpTransport {
    const TYPE: u16 = SCTP;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let mut reader = Reader::new(raw.value);
        let port = port(raw, &mut reader)?;
        let transport_use = match reader.u16()? {
            0 => TransportUse::DataOnly,
            1 => TransportUse::DataPlusControl,
            _ => return Err(raw.invalid()),
        };
        let mut parameters = Parameters::new(reader, context);
        Ok(Self {
            port,
            transport_use,
            addresses: usable_addresses(raw, &mut parameters, Self::MOST_ADDRESSES)?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        writer.framed(SCTP, |value| {
            value.u16(self.port);
            value.u16(match self.transport_use {
                TransportUse::DataOnly => 0,
                TransportUse::DataPlusControl => 1,
            });
            for address in &self.addresses {
                address.encode(value);
            }
        });
    }
}

fn port(raw: &RawParameter<'_>, reader: &mut Reader<'_>) -> Result<u16, Fault> {
    match reader.u16()? {
        0 => Err(raw.invalid()),
        port => Ok(port),
    }
}

/// What all transports but SCTP and Opaque consist of; only DCCP has a service code.
fn port_service_code_address(
    raw: &RawParameter<'_>,
    context: &mut Context,
) -> Result<(u16, u32, IpAddr), Fault> {
    let mut reader = Reader::new(raw.value);
    let port = port(raw, &mut reader)?;
    let _reserved = reader.u16()?;
    let service_code = if raw.parameter_type == DCCP {
        reader.u32()?
    } else {
        0
    };
    let address = exactly_one_address(raw, &mut Parameters::new(reader, context))?;
    Ok((port, service_code, address))
}

/// Decodes the value of a TCP transport.
pub(crate) fn decode_tcp(raw: &RawParameter<'_>, context: &mut Context) -> Result<(u16, IpAddr), Fault> {
    let (port, _, address) = port_service_code_address(raw, context)?;
    Ok((port, address))
}

impl UserTransport {
    /// The longest opaque transport that is accepted from a peer, in bytes. A limit of ours: the format would allow 65531.
    pub const MOST_OPAQUE_BYTES: usize = 1024;
}

impl TypedParameter for UserTransport {
    const TYPE: u16 = SCTP;

    fn accepts(parameter_type: u16) -> bool {
        matches!(parameter_type, DCCP | SCTP | TCP | UDP | UDP_LITE | OPAQUE)
    }

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        match raw.parameter_type {
            SCTP => return SctpTransport::decode(raw, context).map(Self::Sctp),
            OPAQUE if raw.value.len() > Self::MOST_OPAQUE_BYTES => return Err(raw.invalid()),
            OPAQUE => return Ok(Self::Opaque(raw.value.to_vec())),
            _ => {}
        }
        let (port, service_code, address) = port_service_code_address(raw, context)?;
        Ok(match raw.parameter_type {
            DCCP => Self::Dccp {
                port,
                service_code,
                address,
            },
            TCP => Self::Tcp { port, address },
            UDP => Self::Udp { port, address },
            _ => Self::UdpLite { port, address },
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let (parameter_type, port, service_code, address) = match self {
            Self::Sctp(sctp) => return sctp.encode(writer),
            Self::Opaque(bytes) => return writer.framed(OPAQUE, |value| value.bytes(bytes)),
            Self::Dccp {
                port,
                service_code,
                address,
            } => (DCCP, port, Some(service_code), address),
            Self::Tcp { port, address } => (TCP, port, None, address),
            Self::Udp { port, address } => (UDP, port, None, address),
            Self::UdpLite { port, address } => (UDP_LITE, port, None, address),
        };
        writer.framed(parameter_type, |value| {
            value.u16(*port);
            value.u16(0);
            if let Some(service_code) = service_code {
                value.u32(*service_code);
            }
            address.encode(value);
        });
    }
}

impl fmt::Display for TransportProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dccp => "DCCP",
            Self::Sctp => "SCTP",
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::UdpLite => "UDP-Lite",
            Self::Opaque => "opaque",
        })
    }
}

/// Addresses and port, as in `192.0.2.1:7000` or `192.0.2.1, 2001:db8::1 port 7000`.
impl fmt::Display for SctpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [address] = self.addresses.as_slice() {
            return SocketAddr::new(*address, self.port).fmt(f);
        }
        for (index, address) in self.addresses.iter().enumerate() {
            write!(f, "{}{address}", if index == 0 { "" } else { ", " })?;
        }
        write!(f, " port {}", self.port)
    }
}

/// Protocol, address and port, as in `TCP 192.0.2.1:80`.
impl fmt::Display for UserTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.protocol())?;
        match self {
            Self::Sctp(sctp) => sctp.fmt(f),
            Self::Dccp { port, address, .. }
            | Self::Tcp { port, address }
            | Self::Udp { port, address }
            | Self::UdpLite { port, address } => SocketAddr::new(*address, *port).fmt(f),
            Self::Opaque(bytes) => bytes.escape_ascii().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::encoded;
    use crate::{Reaction, Violation};

    fn decode(bytes: &[u8]) -> Result<UserTransport, Fault> {
        let raw = RawParameter::read(&mut Reader::new(bytes)).unwrap();
        UserTransport::decode(&raw, &mut Context::default())
    }

    #[track_caller]
    fn check_invalid(bytes: &[u8]) {
        let fault = decode(bytes).unwrap_err();
        assert_eq!(
            fault.violation,
            Violation::InvalidValue(u16::from_be_bytes([bytes[0], bytes[1]]))
        );
        assert!(matches!(fault.reaction, Reaction::Refuse(cause) if cause.information == bytes));
    }

    fn sctp(addresses: Vec<IpAddr>) -> UserTransport {
        UserTransport::Sctp(SctpTransport {
            port: 7000,
            transport_use: TransportUse::DataPlusControl,
            addresses,
        })
    }

    #[test]
    fn sctp_takes_one_to_thirty_two_addresses() {
        let address = IpAddr::from([192, 0, 2, 1]);
        for count in [1, 2, 32] {
            let transport = sctp(vec![address; count]);
            assert_eq!(decode(&encoded(&transport)), Ok(transport));
        }
        check_invalid(&encoded(&sctp(vec![])));
        check_invalid(&encoded(&sctp(vec![address; 33])));
    }

    #[test]
    fn link_local_addresses_are_passed_over() {
        let [link_local, v6_link_local, global] =
            ["169.254.1.1", "fe80::1", "192.0.2.1"].map(|text| text.parse::<IpAddr>().unwrap());
        let mixed = encoded(&sctp(vec![link_local, global, v6_link_local]));
        assert_eq!(decode(&mixed), Ok(sctp(vec![global])));
        check_invalid(&encoded(&sctp(vec![link_local, v6_link_local])));
        check_invalid(&encoded(&UserTransport::Tcp {
            port: 80,
            address: link_local,
        }));
    }

    #[test]
    fn port_zero_and_unknown_transport_uses_are_invalid() {
        check_invalid(&[0, 4, 0, 16, 0, 0, 0, 1, 0, 1, 0, 8, 192, 0, 2, 1]);
        check_invalid(&[0, 4, 0, 16, 27, 88, 0, 2, 0, 1, 0, 8, 192, 0, 2, 1]);
        check_invalid(&[0, 5, 0, 16, 0, 0, 0, 0, 0, 1, 0, 8, 192, 0, 2, 1]);
    }

    #[test]
    fn opaque_transports_are_short() {
        let opaque = |length| encoded(&UserTransport::Opaque(vec![b'x'; length]));
        for length in [0, 1, 1024] {
            assert!(decode(&opaque(length)).is_ok(), "{length}");
        }
        check_invalid(&opaque(1025));
    }

    #[test]
    fn the_reserved_field_of_tcp_is_ignored() {
        let transport = decode(&[0, 5, 0, 16, 0, 80, 0, 1, 0, 1, 0, 8, 192, 0, 2, 1]).unwrap();
        assert_eq!(transport.to_string(), "TCP 192.0.2.1:80");
    }

    #[test]
    fn another_parameter_in_place_of_an_address_stops_silently() {
        let fault = decode(&[0, 4, 0, 16, 27, 88, 0, 1, 0, 9, 0, 8, 192, 0, 2, 1]).unwrap_err();
        assert_eq!(fault, Fault::silent(Violation::UnrecognizedParameter(9)));
    }

    #[test]
    fn several_addresses_share_one_port() {
        let both = ["192.0.2.1", "2001:db8::1"].map(|text| text.parse().unwrap());
        assert_eq!(
            sctp(both.to_vec()).to_string(),
            "SCTP 192.0.2.1, 2001:db8::1 port 7000"
        );
        assert_eq!(sctp(both[1..].to_vec()).to_string(), "SCTP [2001:db8::1]:7000");
    }
}
