//! IP packets, as an analyser wants to see them.
//!
//! What a recorder is given are SCTP packets and datagrams, with the addresses between which they travelled. The headers
//! that the system put in front of them are made again.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use feed::{Carried, Direction, Packet};

/// The UDP port of SCTP over UDP (RFC 6951), by which an analyser recognises it.
pub const SCTP_OVER_UDP: u16 = 9899;

const UDP: u8 = 17;
const SCTP: u8 = 132;
const HOPS: u8 = 64;
const UDP_HEADER: usize = 8;
/// The largest payload that an IP header can announce, with the IP header itself in IPv4.
const LARGEST: usize = 65_535;

/// Returns whether an analyser would recognise SCTP over UDP between these ports without being told.
#[must_use]
pub const fn is_recognised(source: SocketAddr, destination: SocketAddr) -> bool {
    source.port() == SCTP_OVER_UDP || destination.port() == SCTP_OVER_UDP
}

/// Returns an SCTP packet over UDP as an IP packet. Unless it [is recognised](is_recognised), the UDP header is left
/// out, as if SCTP had travelled without it: then the description of the interface should name the UDP port.
#[must_use]
pub fn sctp_over_udp(source: SocketAddr, destination: SocketAddr, packet: &[u8]) -> Vec<u8> {
    if is_recognised(source, destination) {
        udp(source, destination, packet)
    } else {
        sctp(source.ip(), destination.ip(), packet)
    }
}

/// Returns what a component sent or received as an IP packet.
#[must_use]
pub fn packet(packet: &Packet<&[u8]>) -> Vec<u8> {
    let (source, destination) = (packet.source, packet.destination);
    match packet.carried {
        Carried::Sctp => sctp_over_udp(source, destination, packet.bytes),
        Carried::Announcement => udp(source, destination, packet.bytes),
    }
}

/// Returns the description of the interface of such a packet: that of the component, which also names its UDP port if
/// the UDP header is left out. An analyser cannot be told in the file what to decode as SCTP.
#[must_use]
pub fn description<'a, Bytes>(packet: &Packet<Bytes>, component: &'a str) -> Cow<'a, str> {
    if packet.carried != Carried::Sctp || is_recognised(packet.source, packet.destination) {
        return Cow::Borrowed(component);
    }
    let own = match packet.direction {
        Direction::Sent => packet.source,
        Direction::Received => packet.destination,
    };
    let port = format!("{component} (over UDP port {}, without its headers)", own.port());
    Cow::Owned(port.trim_start().to_owned())
}

/// Returns an SCTP packet as an IP packet.
#[must_use]
pub fn sctp(source: IpAddr, destination: IpAddr, packet: &[u8]) -> Vec<u8> {
    let (mut ip, room) = header(source, destination, SCTP, packet.len());
    ip.extend(packet.get(..room).unwrap_or(packet));
    ip
}

/// Returns a UDP datagram as an IP packet.
#[must_use]
pub fn udp(source: SocketAddr, destination: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let (mut ip, room) = header(source.ip(), destination.ip(), UDP, UDP_HEADER + payload.len());
    let payload = payload.get(..room - UDP_HEADER).unwrap_or(payload);
    let length = (UDP_HEADER + payload.len()) as u16;
    let begin = ip.len();
    for field in [source.port(), destination.port(), length, 0] {
        ip.extend(field.to_be_bytes());
    }
    ip.extend(payload);
    let addresses = match ip.first() {
        Some(0x45) => 12..20,
        _ => 8..40,
    };
    let mut sum = Sum::default();
    sum.add(ip.get(addresses).unwrap_or_default());
    sum.add(&[0, UDP]);
    sum.add(&length.to_be_bytes());
    sum.add(ip.get(begin..).unwrap_or_default());
    // In UDP, 0 means that there is no checksum (RFC 768).
    let checksum = match sum.complement() {
        0 => u16::MAX,
        checksum => checksum,
    };
    put(&mut ip, begin + 6, checksum);
    ip
}

/// An IP packet without its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened<'a> {
    /// The source address. The port is 0 if there is no UDP header.
    pub source: SocketAddr,
    /// The destination address; likewise.
    pub destination: SocketAddr,
    /// What the payload is.
    pub carried: Carried,
    /// The payload.
    pub payload: &'a [u8],
}

/// Takes the headers off a packet that was made here. Returns `None` for any other: of another protocol, with options, or
/// a fragment.
#[must_use]
pub fn open(packet: &[u8]) -> Option<Opened<'_>> {
    let (protocol, source, destination, rest) = match packet.first()? {
        0x45 => {
            let (head, rest) = packet.split_first_chunk::<20>()?;
            let [.., a, b, c, d, e, f, g, h] = *head;
            let (source, destination) = (Ipv4Addr::new(a, b, c, d), Ipv4Addr::new(e, f, g, h));
            let is_fragment = u16::from_be_bytes([head[6], head[7]]) & 0x3fff != 0;
            (!is_fragment).then_some((head[9], source.into(), destination.into(), rest))?
        }
        0x60..=0x6f => {
            let (head, rest) = packet.split_first_chunk::<40>()?;
            let (_, addresses) = head.split_last_chunk::<32>()?;
            let (source, destination) = addresses.split_first_chunk::<16>()?;
            let destination: [u8; 16] = destination.try_into().ok()?;
            let (source, destination) = (IpAddr::from(*source), IpAddr::from(destination));
            (head[6], source, destination, rest)
        }
        _ => return None,
    };
    match protocol {
        SCTP => Some(Opened {
            source: SocketAddr::new(source, 0),
            destination: SocketAddr::new(destination, 0),
            carried: Carried::Sctp,
            payload: rest,
        }),
        UDP => {
            let (&[a, b, c, d, ..], payload) = rest.split_first_chunk::<UDP_HEADER>()?;
            let source = SocketAddr::new(source, u16::from_be_bytes([a, b]));
            let destination = SocketAddr::new(destination, u16::from_be_bytes([c, d]));
            let carried = if is_recognised(source, destination) {
                Carried::Sctp
            } else {
                Carried::Announcement
            };
            Some(Opened {
                source,
                destination,
                carried,
                payload,
            })
        }
        _ => None,
    }
}

/// Returns an IP header, and the payload for which there is room.
fn header(source: IpAddr, destination: IpAddr, protocol: u8, payload: usize) -> (Vec<u8>, usize) {
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            const SIZE: usize = 20;
            const DO_NOT_FRAGMENT: u8 = 0x40;
            let payload = payload.min(LARGEST - SIZE);
            let mut ip = Vec::with_capacity(SIZE + payload);
            ip.extend([0x45, 0]);
            ip.extend(((SIZE + payload) as u16).to_be_bytes());
            ip.extend([0, 0, DO_NOT_FRAGMENT, 0, HOPS, protocol, 0, 0]);
            ip.extend(source.octets());
            ip.extend(destination.octets());
            let mut sum = Sum::default();
            sum.add(&ip);
            put(&mut ip, 10, sum.complement());
            (ip, payload)
        }
        _ => {
            const SIZE: usize = 40;
            let payload = payload.min(LARGEST);
            let mut ip = Vec::with_capacity(SIZE + payload);
            ip.extend([0x60, 0, 0, 0]);
            ip.extend((payload as u16).to_be_bytes());
            ip.extend([protocol, HOPS]);
            ip.extend(v6(source).octets());
            ip.extend(v6(destination).octets());
            (ip, payload)
        }
    }
}

/// An IPv4 address beside one of IPv6 is a mapped one.
const fn v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

fn put(bytes: &mut [u8], at: usize, value: u16) {
    if let Some(field) = bytes.get_mut(at..at + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}

/// The Internet checksum (RFC 1071).
#[derive(Default)]
struct Sum(u64);

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        let (words, odd) = bytes.as_chunks();
        self.0 += words
            .iter()
            .map(|word| u64::from(u16::from_be_bytes(*word)))
            .sum::<u64>();
        self.0 += odd.first().map_or(0, |byte| u64::from(*byte) << 8);
    }

    fn complement(&self) -> u16 {
        let mut sum = self.0;
        while sum > u16::MAX.into() {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_taken_apart_again() {
        for host in ["127.0.0.3", "[fd00::1]"] {
            let [sctp_port, other] = [9899, 3863].map(|port| format!("{host}:{port}").parse().unwrap());
            let opened =
                open(&sctp_over_udp(sctp_port, sctp_port, b"sctp")).map(|opened| opened.payload.to_vec());
            assert_eq!(opened.as_deref(), Some(&b"sctp"[..]));
            let packet = sctp_over_udp(other, other, b"sctp");
            let opened = open(&packet).unwrap();
            assert_eq!((opened.source.ip(), opened.source.port()), (other.ip(), 0));
            assert_eq!((opened.carried, opened.payload), (Carried::Sctp, &b"sctp"[..]));
            let packet = udp(other, other, b"announced");
            let opened = open(&packet).unwrap();
            assert_eq!((opened.source, opened.destination), (other, other));
            assert_eq!(
                (opened.carried, opened.payload),
                (Carried::Announcement, &b"announced"[..])
            );
            for cut in 0..packet.len() - b"announced".len() {
                assert_eq!(open(&packet[..cut]), None);
            }
        }
    }

    #[test]
    fn a_udp_port_that_no_analyser_knows_is_named_instead() {
        let packet = |carried, source: &str| Packet {
            at: feed::Timestamp::default(),
            direction: Direction::Sent,
            carried,
            source: source.parse().unwrap(),
            destination: "127.0.0.2:20000".parse().unwrap(),
            fate: feed::Fate::Passed,
            corrupted: false,
            delay: std::time::Duration::ZERO,
            bytes: &b"bytes"[..],
        };
        for (carried, source, size, text) in [
            (Carried::Sctp, "127.0.0.1:9899", 20 + 8 + 5, "pool user"),
            (Carried::Announcement, "127.0.0.1:20001", 20 + 8 + 5, "pool user"),
            (
                Carried::Sctp,
                "127.0.0.1:20001",
                20 + 5,
                "pool user (over UDP port 20001, without its headers)",
            ),
        ] {
            let packet = packet(carried, source);
            assert_eq!(super::packet(&packet).len(), size);
            assert_eq!(description(&packet, "pool user"), text);
        }
        let nameless = packet(Carried::Sctp, "127.0.0.1:20001");
        assert!(description(&nameless, "").starts_with("(over UDP port 20001"));
    }

    #[test]
    fn a_packet_is_cut_to_what_its_header_can_announce() {
        let [v4, v6] = ["127.0.0.1:9899", "[::1]:9899"].map(|address| address.parse().unwrap());
        let large = vec![0; 70_000];
        assert_eq!(udp(v4, v4, &large).len(), 65_535);
        assert_eq!(udp(v6, v6, &large).len(), 40 + 65_535);
        assert_eq!(sctp(v6.ip(), v4.ip(), &large).len(), 40 + 65_535);
        assert_eq!(udp(v4, v4, b"")[2..4], [0, 28]);
    }
}
