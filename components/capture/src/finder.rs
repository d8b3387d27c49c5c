//! Finds in frames what belongs to Reliable Server Pooling: SCTP packets, announcements and status reports.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};

use dissection::Packet;
use etherparse::IpNumber;
use recording::ip::SCTP_OVER_UDP;
use wire::Ppid;

use crate::fragments::Fragments;
use crate::link::Payload;
use crate::network::IpPacket;
use crate::{Checksum, Frame, LinkType, Time};

const ASAP_PORT: u16 = 3863;
const ENRP_PORT: u16 = 9901;
/// Of the Component Status Protocol, by custom.
const STATUS_PORT: u16 = 2960;
/// The most pairs of ports that are remembered to carry SCTP, against captures that make up ever more.
const MOST_PAIRS: usize = 4096;

/// Something that was found in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured<'a> {
    /// The number of its frame, or of the last one with a fragment of it.
    pub number: u64,
    /// When the frame was captured, if the file tells.
    pub time: Option<Time>,
    /// The position of the frame's interface among all those in the file.
    pub interface: u32,
    /// Where it comes from: address, and port of SCTP, or of UDP if that carries something else.
    pub source: SocketAddr,
    /// Where it goes to.
    pub destination: SocketAddr,
    /// What it is.
    pub carried: Carried<'a>,
    /// Its bytes, from the SCTP header on, or behind that of UDP; the first ones, if the capture has cut it.
    pub bytes: &'a [u8],
    /// How many bytes it had.
    pub whole: usize,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried<'a> {
    /// An SCTP packet.
    Sctp(SctpPacket<'a>),
    /// A datagram with an ASAP or ENRP message, as registrars announce themselves.
    Announcement(Ppid),
    /// A datagram of the Component Status Protocol.
    StatusReport,
}

/// An SCTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SctpPacket<'a> {
    /// Its head.
    pub packet: Packet<'a>,
    /// What is known of its checksum.
    pub checksum: Checksum,
    /// The UDP ports, if UDP carries it (RFC 6951).
    pub udp_ports: Option<(u16, u16)>,
}

impl Captured<'_> {
    /// Returns whether the capture has cut it.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.bytes.len() < self.whole
    }

    /// Returns where the chunks of an SCTP packet end too early, since the length of one is wrong.
    #[must_use]
    pub fn malformed_at(&self) -> Option<usize> {
        let Carried::Sctp(sctp) = &self.carried else {
            return None;
        };
        let end = sctp.end_of_chunks();
        (!self.is_cut() && end < self.bytes.len()).then_some(end)
    }
}

impl SctpPacket<'_> {
    /// Returns where the last whole chunk ends in the packet, with its padding.
    pub(crate) fn end_of_chunks(&self) -> usize {
        const COMMON_HEADER: usize = 12;
        let last = self.packet.chunks.last();
        last.map_or(COMMON_HEADER, |chunk| {
            chunk.at + (4 + chunk.value.len()).next_multiple_of(4)
        })
    }
}

/// How many frames there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames.
    pub frames: u64,
    /// SCTP packets in them.
    pub sctp_packets: u64,
    /// SCTP packets whose checksum is wrong.
    pub wrong_checksums: u64,
    /// Frames of link types that are not understood.
    pub not_understood: BTreeMap<LinkType, u64>,
    /// IP packets of which not all fragments could be found.
    pub incomplete_packets: u64,
}

/// Looks at frame after frame.
#[derive(Debug)]
pub struct Finder {
    recogniser: Recogniser,
    fragments: Fragments,
    /// The payload that was put together last.
    reassembled: Vec<u8>,
    counts: Counts,
}

impl Default for Finder {
    fn default() -> Self {
        Self::new([])
    }
}

impl Finder {
    /// Looks for SCTP over these UDP ports, besides 9899 and those between which it finds any.
    pub fn new(udp_ports: impl IntoIterator<Item = u16>) -> Self {
        Self {
            recogniser: Recogniser {
                udp_ports: udp_ports.into_iter().chain([SCTP_OVER_UDP]).collect(),
                learned: BTreeSet::new(),
            },
            fragments: Fragments::default(),
            reassembled: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Returns how many frames there were.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            incomplete_packets: self.fragments.lost(),
            ..self.counts.clone()
        }
    }

    /// Looks at a frame. Returns `None` if there is nothing of Reliable Server Pooling in it, or only a fragment.
    pub fn find<'a>(&'a mut self, frame: &Frame<'a>) -> Option<Captured<'a>> {
        self.counts.frames += 1;
        let payload = match frame.link.payload(frame.bytes) {
            Payload::Ip(bytes) => {
                let mut ip = IpPacket::parse(bytes)?;
                if ip.fragment.is_some() {
                    self.reassembled = self.fragments.handle_fragment(&ip, frame.interface, frame.time)?;
                    ip.payload = &self.reassembled;
                    ip.whole = ip.payload.len();
                }
                ip
            }
            Payload::Sctp(bytes) => IpPacket {
                source: Ipv4Addr::UNSPECIFIED.into(),
                destination: Ipv4Addr::UNSPECIFIED.into(),
                protocol: IpNumber::SCTP,
                payload: bytes,
                whole: frame.whole.max(bytes.len()),
                fragment: None,
            },
            Payload::Other => return None,
            Payload::NotUnderstood => {
                *self.counts.not_understood.entry(frame.link).or_default() += 1;
                return None;
            }
        };
        let (carried, ports, bytes, whole) = self.recogniser.recognise(&payload)?;
        if let Carried::Sctp(sctp) = carried {
            self.counts.sctp_packets += 1;
            self.counts.wrong_checksums += u64::from(sctp.checksum == Checksum::Wrong);
        }
        Some(Captured {
            number: frame.number,
            time: frame.time,
            interface: frame.interface,
            source: SocketAddr::new(payload.source, ports.0),
            destination: SocketAddr::new(payload.destination, ports.1),
            carried,
            bytes,
            whole,
        })
    }
}

/// Tells what IP carries.
#[derive(Debug)]
struct Recogniser {
    /// UDP ports that carry SCTP.
    udp_ports: BTreeSet<u16>,
    /// Pairs of UDP ports between which there was an SCTP packet with a good checksum.
    learned: BTreeSet<(u16, u16)>,
}

/// What was found, its ports, its bytes, and how many it had.
type Recognised<'a> = (Carried<'a>, (u16, u16), &'a [u8], usize);

impl Recogniser {
    fn recognise<'a>(&mut self, ip: &IpPacket<'a>) -> Option<Recognised<'a>> {
        match ip.protocol {
            IpNumber::SCTP => sctp(ip.payload, ip.whole, None),
            IpNumber::UDP => self.udp(ip.payload, ip.whole),
            _ => None,
        }
    }

    fn udp<'a>(&mut self, datagram: &'a [u8], whole: usize) -> Option<Recognised<'a>> {
        const HEADER: usize = 8;
        let ([a, b, c, d, e, f, _, _], payload) = datagram.split_first_chunk::<HEADER>()?;
        let ports = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        let length = usize::from(u16::from_be_bytes([*e, *f]));
        // Hardware that divides datagrams gets one without a length.
        let whole = if length < HEADER { whole } else { whole.min(length) }.saturating_sub(HEADER);
        let payload = payload.get(..whole).unwrap_or(payload);

        let either = |port| ports.0 == port || ports.1 == port;
        if self.udp_ports.contains(&ports.0)
            || self.udp_ports.contains(&ports.1)
            || self.learned.contains(&ports)
        {
            return sctp(payload, whole, Some(ports));
        }
        let carried = if either(ASAP_PORT) {
            Carried::Announcement(Ppid::ASAP)
        } else if either(ENRP_PORT) {
            Carried::Announcement(Ppid::ENRP)
        } else if either(STATUS_PORT) {
            Carried::StatusReport
        } else {
            return self.learn(payload, whole, ports);
        };
        Some((carried, ports, payload, whole))
    }

    /// Recognises SCTP by its checksum, which nothing else has by accident.
    fn learn<'a>(&mut self, payload: &'a [u8], whole: usize, ports: (u16, u16)) -> Option<Recognised<'a>> {
        if !is_plausible(payload) {
            return None;
        }
        let recognised = sctp(payload, whole, Some(ports))?;
        let Carried::Sctp(SctpPacket {
            checksum: Checksum::Good,
            ..
        }) = recognised.0
        else {
            return None;
        };
        if self.learned.len() < MOST_PAIRS {
            self.learned.extend([ports, (ports.1, ports.0)]);
        }
        Some(recognised)
    }
}

fn sctp(bytes: &[u8], whole: usize, udp_ports: Option<(u16, u16)>) -> Option<Recognised<'_>> {
    let packet = Packet::parse(bytes)?;
    let carried = Carried::Sctp(SctpPacket {
        packet,
        checksum: Checksum::of(bytes, whole),
        udp_ports,
    });
    Some((
        carried,
        (packet.source_port, packet.destination_port),
        bytes,
        whole,
    ))
}

/// Returns whether bytes look like an SCTP packet, which is found out sooner than their checksum.
fn is_plausible(bytes: &[u8]) -> bool {
    let Some(([a, b, c, d, .., high, low], _)) = bytes.split_first_chunk::<16>() else {
        return false;
    };
    let first_chunk = usize::from(u16::from_be_bytes([*high, *low]));
    (*a, *b) != (0, 0) && (*c, *d) != (0, 0) && (4..=bytes.len() - 12).contains(&first_chunk)
}
