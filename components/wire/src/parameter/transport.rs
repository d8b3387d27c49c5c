//! Transport parameters (RFC 5354 sections 3.3 to 3.7 and 3.16).
//!
//! | type | transport | offset 4 | offset 6 | then |
//! | --- | --- | --- | --- | --- |
//! | 0x0003 | DCCP (D-20) | u16 port | reserved | at 8 u32 service code, at 12 one address |
//! | 0x0004 | SCTP | u16 port | u16 transport use | at 8 one or more addresses, IPv4 and IPv6 in any mixture |
//! | 0x0005 | TCP | u16 port | reserved (D-19) | at 8 one address |
//! | 0x0006 | UDP | u16 port | reserved | at 8 one address |
//! | 0x0007 | UDP-Lite (D-20) | u16 port | reserved | at 8 one address |
//! | 0x0010 | Opaque (D-20) | opaque bytes | | |
//!
//! A valid transport can be encoded and decoded again: its port is not 0, and its addresses are those of hosts. This
//! applies both to received transports and to those derived from an association.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::sctp_transport::{SCTP, SctpTransport, TransportUse};
use crate::decoding::{Context, Fault, Parameters, RawParameter, TypedParameter};
use crate::parameter::address::{addresses, usable};
use crate::reader::Reader;
use crate::tlv::Writer;

const DCCP: u16 = 0x0003;
const TCP: u16 = 0x0005;
const UDP: u16 = 0x0006;
const UDP_LITE: u16 = 0x0007;
const OPAQUE: u16 = 0x0010;

/// The transport address of every protocol but SCTP: one IP address and a port that is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransportAddress(SocketAddr);

/// The error for a port and addresses that no message can contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransport {
    /// The port is 0.
    #[error("port 0 is not a valid port")]
    Port,
    /// No address is usable by others.
    #[error("no address is usable by others: at least one that is not link-local is needed")]
    Addresses,
}

/// The transport address of a pool element's service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserTransport {
    /// DCCP.
    Dccp {
        /// The address.
        address: TransportAddress,
        /// DCCP service code.
        service_code: u32,
    },
    /// SCTP.
    Sctp(SctpTransport),
    /// TCP.
    Tcp(TransportAddress),
    /// UDP.
    Udp(TransportAddress),
    /// UDP-Lite.
    UdpLite(TransportAddress),
    /// Bytes that only users of the service understand.
    Opaque(Vec<u8>),
}

/// The kind of a [`UserTransport`], which is the same for all pool elements of a pool.
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
    /// Returns the kind of transport.
    #[must_use]
    pub const fn protocol(&self) -> TransportProtocol {
        match self {
            Self::Dccp { .. } => TransportProtocol::Dccp,
            Self::Sctp(_) => TransportProtocol::Sctp,
            Self::Tcp(_) => TransportProtocol::Tcp,
            Self::Udp(_) => TransportProtocol::Udp,
            Self::UdpLite(_) => TransportProtocol::UdpLite,
            Self::Opaque(_) => TransportProtocol::Opaque,
        }
    }

    /// Returns the use of the transport; everything but SCTP is data only by definition.
    #[must_use]
    pub const fn transport_use(&self) -> TransportUse {
        match self {
            Self::Sctp(sctp) => sctp.transport_use(),
            Self::Dccp { .. } | Self::Tcp(_) | Self::Udp(_) | Self::UdpLite(_) | Self::Opaque(_) => {
                TransportUse::DataOnly
            }
        }
    }
}

impl TransportAddress {
    /// Creates a transport address.
    ///
    /// # Errors
    /// Returns an error if the address is not usable by others, or if the port is 0.
    pub fn new(address: IpAddr, port: u16) -> Result<Self, InvalidTransport> {
        let address = usable(address).ok_or(InvalidTransport::Addresses)?;
        if port == 0 {
            return Err(InvalidTransport::Port);
        }
        Ok(Self(SocketAddr::new(address, port)))
    }

    /// Returns the IP address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.0.ip()
    }

    /// Returns the port.
    #[must_use]
    pub const fn port(self) -> u16 {
        self.0.port()
    }
}

/// A TCP transport in an announcement.
impl TypedParameter for TransportAddress {
    const TYPE: u16 = TCP;

    fn decode(raw: &RawParameter<'_>, context: &mut Context) -> Result<Self, Fault> {
        let (address, _) = address_and_service_code(raw, context)?;
        Ok(address)
    }

    fn encode(&self, writer: &mut Writer) {
        encode_address(writer, TCP, *self, None);
    }
}

/// The content of all transports but SCTP and Opaque; only DCCP has a service code.
fn address_and_service_code(
    raw: &RawParameter<'_>,
    context: &mut Context,
) -> Result<(TransportAddress, u32), Fault> {
    let mut reader = Reader::new(raw.value);
    let port = reader.u16()?;
    let _reserved = reader.u16()?;
    let service_code = if raw.parameter_type == DCCP {
        reader.u32()?
    } else {
        0
    };
    let addresses = addresses(&mut Parameters::new(reader, context))?;
    let [address] = addresses.as_slice() else {
        return Err(raw.invalid());
    };
    let address = TransportAddress::new(*address, port).map_err(|_| raw.invalid())?;
    Ok((address, service_code))
}

fn encode_address(
    writer: &mut Writer,
    parameter_type: u16,
    address: TransportAddress,
    service_code: Option<u32>,
) {
    writer.framed(parameter_type, |value| {
        value.u16(address.port());
        value.u16(0);
        if let Some(service_code) = service_code {
            value.u32(service_code);
        }
        address.address().encode(value);
    });
}

impl UserTransport {
    /// The maximum size of an opaque transport that is accepted from a peer, in bytes. A limit of ours: the format
    /// would allow 65531.
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
        let (address, service_code) = address_and_service_code(raw, context)?;
        Ok(match raw.parameter_type {
            DCCP => Self::Dccp {
                address,
                service_code,
            },
            TCP => Self::Tcp(address),
            UDP => Self::Udp(address),
            _ => Self::UdpLite(address),
        })
    }

    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Sctp(sctp) => sctp.encode(writer),
            Self::Opaque(bytes) => writer.framed(OPAQUE, |value| value.bytes(bytes)),
            Self::Dccp {
                address,
                service_code,
            } => encode_address(writer, DCCP, *address, Some(*service_code)),
            Self::Tcp(address) => encode_address(writer, TCP, *address, None),
            Self::Udp(address) => encode_address(writer, UDP, *address, None),
            Self::UdpLite(address) => encode_address(writer, UDP_LITE, *address, None),
        }
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

impl fmt::Display for TransportAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Formats protocol, address and port, as in `TCP 192.0.2.1:80`.
impl fmt::Display for UserTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.protocol())?;
        match self {
            Self::Sctp(sctp) => sctp.fmt(f),
            Self::Dccp { address, .. } | Self::Tcp(address) | Self::Udp(address) | Self::UdpLite(address) => {
                address.fmt(f)
            }
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
        let only_link_local = TransportAddress(SocketAddr::new(link_local, 80));
        check_invalid(&encoded(&UserTransport::Tcp(only_link_local)));
    }

    #[test]
    fn what_an_association_shows_becomes_what_a_message_can_carry() {
        let shown = |addresses: &[&str], port| {
            let addresses = addresses.iter().map(|text| text.parse().unwrap());
            SctpTransport::new(port, TransportUse::DataOnly, addresses)
        };
        let made_up = [
            "255.255.255.255",
            "::ffff:255.255.255.255",
            "::ffff:169.254.1.1",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "ff02::1",
            "fe80::1",
            "::ffff:192.0.2.1",
            "2001:db8::1",
        ];
        let transport = shown(&made_up, 4000).unwrap();
        assert_eq!(transport.to_string(), "192.0.2.1, 2001:db8::1 port 4000");
        assert_eq!(shown(&["192.0.2.1"; 40], 4000).unwrap().addresses().len(), 32);
        assert_eq!(shown(&made_up[..8], 4000), Err(InvalidTransport::Addresses));
        assert_eq!(shown(&["192.0.2.1"], 0), Err(InvalidTransport::Port));
        for address in &made_up[..8] {
            let invalid = TransportAddress::new(address.parse().unwrap(), 80);
            assert_eq!(invalid, Err(InvalidTransport::Addresses), "{address}");
        }
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
