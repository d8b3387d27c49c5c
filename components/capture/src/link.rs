//! Link types: what the bytes of a frame begin with, and how to get to its IP header.

use std::fmt;

/// A link type, by its number in capture files (<https://www.tcpdump.org/linktypes.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

/// What is in a frame behind the headers of its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload<'a> {
    /// An IP packet.
    Ip(&'a [u8]),
    /// An SCTP packet without an IP header.
    Sctp(&'a [u8]),
    /// Another protocol, or a header that is cut.
    Other,
    /// Nobody here knows what the bytes mean.
    NotUnderstood,
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
/// Headers of virtual networks (IEEE 802.1Q and 802.1ad, and what came before that).
const TAGS: [u16; 3] = [0x8100, 0x88a8, 0x9100];

impl LinkType {
    /// The loopback of BSD, with the address family in the capturing host's order of bytes.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// IP, as some systems number it.
    pub const RAW_BSD: Self = Self(12);
    /// IP, as OpenBSD numbers it.
    pub const RAW_OPENBSD: Self = Self(14);
    /// IP of either version.
    pub const RAW: Self = Self(101);
    /// The loopback of OpenBSD, with the address family in network order.
    pub const LOOP: Self = Self(108);
    /// Linux' pseudo-device of all interfaces.
    pub const LINUX_COOKED: Self = Self(113);
    /// IPv4.
    pub const IPV4: Self = Self(228);
    /// IPv6.
    pub const IPV6: Self = Self(229);
    /// SCTP without an IP header.
    pub const SCTP: Self = Self(248);
    /// Linux' pseudo-device of all interfaces, with the interface.
    pub const LINUX_COOKED_2: Self = Self(276);

    /// Returns its usual name, if it is known.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "NULL",
            1 => "Ethernet",
            6 => "Token Ring",
            9 => "PPP",
            12 | 14 | 101 => "raw IP",
            50 => "PPP in HDLC framing",
            51 => "PPPoE",
            105 => "IEEE 802.11",
            108 => "LOOP",
            113 => "Linux cooked",
            127 => "IEEE 802.11 with radiotap",
            140 => "MTP2",
            141 => "MTP3",
            147..=162 => "for private use",
            187 | 201 => "Bluetooth HCI",
            189 | 220 => "USB of Linux",
            195 => "IEEE 802.15.4",
            228 => "IPv4",
            229 => "IPv6",
            239 => "NFLOG",
            248 => "SCTP",
            249 => "USBPcap",
            252 => "Wireshark's upper PDUs",
            276 => "Linux cooked, version 2",
            _ => return None,
        })
    }

    pub(crate) fn payload(self, bytes: &[u8]) -> Payload<'_> {
        let payload = match self {
            Self::ETHERNET => bytes
                .split_first_chunk::<14>()
                .map(|([.., high, low], rest)| ethernet(u16::from_be_bytes([*high, *low]), rest)),
            Self::LINUX_COOKED => bytes
                .split_first_chunk::<16>()
                .map(|([.., high, low], rest)| ethernet(u16::from_be_bytes([*high, *low]), rest)),
            Self::LINUX_COOKED_2 => bytes
                .split_first_chunk::<20>()
                .map(|([high, low, ..], rest)| ethernet(u16::from_be_bytes([*high, *low]), rest)),
            Self::NULL | Self::LOOP => bytes
                .split_first_chunk::<4>()
                .map(|(family, rest)| loopback(*family, rest)),
            Self::RAW | Self::RAW_BSD | Self::RAW_OPENBSD | Self::IPV4 | Self::IPV6 => {
                Some(Payload::Ip(bytes))
            }
            Self::SCTP => Some(Payload::Sctp(bytes)),
            _ => return Payload::NotUnderstood,
        };
        payload.unwrap_or(Payload::Other)
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

/// Goes behind the tags of virtual networks.
fn ethernet(mut kind: u16, mut rest: &[u8]) -> Payload<'_> {
    while TAGS.contains(&kind) {
        let Some(([_, _, high, low], behind)) = rest.split_first_chunk() else {
            return Payload::Other;
        };
        kind = u16::from_be_bytes([*high, *low]);
        rest = behind;
    }
    match kind {
        IPV4 | IPV6 => Payload::Ip(rest),
        _ => Payload::Other,
    }
}

/// The number of IPv6 is another one in each system; none has both halves of the word.
fn loopback(family: [u8; 4], rest: &[u8]) -> Payload<'_> {
    let ([family, 0, 0, 0] | [0, 0, 0, family]) = family else {
        return Payload::Other;
    };
    match family {
        2 | 10 | 24 | 28 | 30 => Payload::Ip(rest),
        _ => Payload::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_networks_within_each_other_are_left() {
        let mut frame = vec![0; 12];
        for kind in [0x88a8_u16, 0x8100, 0x9100] {
            frame.extend(kind.to_be_bytes());
            frame.extend([0, 7]);
        }
        frame.extend([0x08, 0x00, 0x45]);
        assert_eq!(LinkType::ETHERNET.payload(&frame), Payload::Ip(&[0x45]));
        for end in 0..frame.len() - 1 {
            let payload = LinkType::ETHERNET.payload(&frame[..end]);
            assert_eq!(payload, Payload::Other, "{end}");
        }
    }

    #[test]
    fn a_loopback_tells_the_family_in_either_order() {
        for family in [[2, 0, 0, 0], [0, 0, 0, 2], [30, 0, 0, 0], [0, 0, 0, 24]] {
            let bytes = [&family[..], &[0x60]].concat();
            assert_eq!(LinkType::NULL.payload(&bytes), Payload::Ip(&[0x60]));
        }
        assert_eq!(LinkType::LOOP.payload(&[0, 0, 0, 7, 0x60]), Payload::Other);
    }
}
