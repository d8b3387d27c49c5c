//! Copies of a component's packets, in a stream of their own beside the feed.
//!
//! Each record is preceded by its length. All numbers are big-endian.
//!
//! ```text
//! u32 length of what follows
//! u8  kind: 1 for a packet
//! u8  flags: 0x01 sent, 0x02 plain UDP, 0x04 IPv6, 0x08 lost, 0x10 refused, 0x20 corrupted
//! u32 delay in microseconds
//! u64 time in microseconds, a Timestamp
//! u16 source port
//! u16 destination port
//!     source address: 4 bytes, or 16 for IPv6
//!     destination address: likewise
//!     the payload of the UDP datagram
//!
//! u32 length of what follows
//! u8  kind: 2 for packets that were left out
//! u64 their number
//! ```

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::pieces::Pieces;
use crate::remark::Remark;
use crate::{Direction, Timestamp, microseconds};

/// A packet as the component's transport saw it, with its bytes in a `Vec`, borrowed, or elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<Bytes = Vec<u8>> {
    /// When it was sent, or processed: after its [`delay`](Self::delay).
    pub at: Timestamp,
    /// The direction.
    pub direction: Direction,
    /// What the UDP datagram carried.
    pub carried: Carried,
    /// The source address and UDP port.
    pub source: SocketAddr,
    /// The destination address and UDP port, of the same IP version.
    pub destination: SocketAddr,
    /// What became of it.
    pub fate: Fate,
    /// Whether an impaired link flipped a bit in it: these are the altered bytes.
    pub corrupted: bool,
    /// How long an impaired link of this component held it, in whole microseconds.
    pub delay: Duration,
    /// The payload of the UDP datagram.
    pub bytes: Bytes,
}

impl<Bytes> Packet<Bytes> {
    /// Returns the packet with its bytes in another form.
    pub fn map_bytes<Other>(self, form: impl FnOnce(Bytes) -> Other) -> Packet<Other> {
        Packet {
            at: self.at,
            direction: self.direction,
            carried: self.carried,
            source: self.source,
            destination: self.destination,
            fate: self.fate,
            corrupted: self.corrupted,
            delay: self.delay,
            bytes: form(self.bytes),
        }
    }

    /// Says what a capture on the network would not tell about it; `None` if there is nothing.
    #[must_use]
    pub fn remark(&self) -> Option<String> {
        Remark {
            fate: self.fate,
            corrupted: self.corrupted,
            delay: self.delay,
        }
        .sentence(self.direction)
    }
}

/// The payload of a UDP datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carried {
    /// An SCTP packet (RFC 6951).
    Sctp,
    /// An announcement to a multicast group.
    Announcement,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It was sent, or received and processed.
    Passed,
    /// An impaired link of this component lost it: it was never sent, or arrived but was not processed.
    Lost,
    /// The system refused to send it.
    Refused,
}

/// A record of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketRecord<Bytes = Vec<u8>> {
    /// A packet.
    Packet(Packet<Bytes>),
    /// This many packets were left out here, since the records were not read in time.
    Dropped(u64),
}

/// The error of a stream that does not consist of such records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// A length that no record has.
    #[error("a record of {0} bytes is none of a packet")]
    Length(u32),
    /// A record that is too short for its kind.
    #[error("a record of {0} bytes ends too early")]
    TooShort(usize),
}

const PACKET: u8 = 1;
const DROPPED: u8 = 2;

const SENT: u8 = 0x01;
const ANNOUNCEMENT: u8 = 0x02;
const IPV6: u8 = 0x04;
const LOST: u8 = 0x08;
const REFUSED: u8 = 0x10;
const CORRUPTED: u8 = 0x20;

impl<Bytes: AsRef<[u8]>> Packet<Bytes> {
    /// Appends the packet as a record of the stream.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let bytes = self.bytes.as_ref();
        let bytes = bytes.get(..PacketRecord::MOST_BYTES).unwrap_or(bytes);
        let (source, destination) = (self.source.ip(), self.destination.ip());
        let is_ipv6 = source.is_ipv6() || destination.is_ipv6();
        let mut flags = match self.fate {
            Fate::Passed => 0,
            Fate::Lost => LOST,
            Fate::Refused => REFUSED,
        };
        for (flag, is_set) in [
            (SENT, self.direction == Direction::Sent),
            (ANNOUNCEMENT, self.carried == Carried::Announcement),
            (IPV6, is_ipv6),
            (CORRUPTED, self.corrupted),
        ] {
            flags |= if is_set { flag } else { 0 };
        }
        let delay = u32::try_from(microseconds(self.delay)).unwrap_or(u32::MAX);
        let addresses = if is_ipv6 { 32 } else { 8 };
        let length = PacketRecord::FIXED + addresses + bytes.len();
        out.reserve(4 + length);
        out.extend_from_slice(&(length as u32).to_be_bytes());
        out.extend_from_slice(&[PACKET, flags]);
        out.extend_from_slice(&delay.to_be_bytes());
        out.extend_from_slice(&self.at.as_micros().to_be_bytes());
        out.extend_from_slice(&self.source.port().to_be_bytes());
        out.extend_from_slice(&self.destination.port().to_be_bytes());
        for address in [source, destination] {
            match address {
                IpAddr::V4(address) if is_ipv6 => out.extend_from_slice(&address.to_ipv6_mapped().octets()),
                IpAddr::V4(address) => out.extend_from_slice(&address.octets()),
                IpAddr::V6(address) => out.extend_from_slice(&address.octets()),
            }
        }
        out.extend_from_slice(bytes);
    }
}

impl PacketRecord {
    /// The maximum number of bytes of a packet: a UDP datagram has no more.
    pub const MOST_BYTES: usize = 65_535;
    /// The length of a packet without addresses and bytes, after the length field.
    const FIXED: usize = 18;
    /// The maximum length of a record after its length field.
    const LONGEST: usize = Self::FIXED + 32 + Self::MOST_BYTES;

    /// Appends the number of packets that were left out as a record of the stream.
    pub fn encode_dropped(packets: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&9_u32.to_be_bytes());
        out.push(DROPPED);
        out.extend_from_slice(&packets.to_be_bytes());
    }
}

impl<'a> PacketRecord<&'a [u8]> {
    /// Returns `None` if the kind is unknown.
    fn decode(record: &'a [u8]) -> Result<Option<Self>, PacketError> {
        let mut rest = Reader(record);
        let decoded = match rest.take() {
            Some([PACKET]) => rest.packet().map(Self::Packet),
            Some([DROPPED]) => rest.take().map(u64::from_be_bytes).map(Self::Dropped),
            _ => return Ok(None),
        };
        decoded.map(Some).ok_or(PacketError::TooShort(record.len()))
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn packet(&mut self) -> Option<Packet<&'a [u8]>> {
        let [flags] = self.take()?;
        let is_set = |flag: u8| flags & flag != 0;
        let delay = u32::from_be_bytes(self.take()?);
        let at = u64::from_be_bytes(self.take()?);
        let ports = [u16::from_be_bytes(self.take()?), u16::from_be_bytes(self.take()?)];
        let addresses = if is_set(IPV6) {
            [IpAddr::from(self.take::<16>()?), IpAddr::from(self.take::<16>()?)]
        } else {
            [IpAddr::from(self.take::<4>()?), IpAddr::from(self.take::<4>()?)]
        };
        Some(Packet {
            at: Timestamp::from_micros(at),
            direction: if is_set(SENT) {
                Direction::Sent
            } else {
                Direction::Received
            },
            carried: if is_set(ANNOUNCEMENT) {
                Carried::Announcement
            } else {
                Carried::Sctp
            },
            source: (addresses[0], ports[0]).into(),
            destination: (addresses[1], ports[1]).into(),
            fate: if is_set(LOST) {
                Fate::Lost
            } else if is_set(REFUSED) {
                Fate::Refused
            } else {
                Fate::Passed
            },
            corrupted: is_set(CORRUPTED),
            delay: Duration::from_micros(delay.into()),
            bytes: self.0,
        })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }
}

/// Splits a stream of bytes into records.
#[derive(Debug, Default)]
pub struct PacketDecoder {
    pieces: Pieces,
    /// The number of records that were skipped because their kind is unknown here.
    pub skipped: u64,
}

impl PacketDecoder {
    /// Adds bytes of the stream.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.pieces.extend(bytes);
    }

    /// Takes each record that has arrived completely. Those of an unknown kind are skipped and counted.
    ///
    /// # Errors
    /// Returns an error if the stream does not consist of records; it cannot be read any further then.
    pub fn decode(&mut self, mut take: impl FnMut(PacketRecord<&[u8]>)) -> Result<(), PacketError> {
        while let Some(piece) = self
            .pieces
            .next_piece(1..=PacketRecord::LONGEST)
            .map_err(PacketError::Length)?
        {
            match PacketRecord::decode(piece)? {
                Some(record) => take(record),
                None => self.skipped += 1,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    fn addresses() -> impl Strategy<Value = (IpAddr, IpAddr)> {
        let ipv4 = any::<([u8; 4], [u8; 4])>().prop_map(|(one, other)| (one.into(), other.into()));
        let ipv6 = any::<([u8; 16], [u8; 16])>().prop_map(|(one, other)| (one.into(), other.into()));
        prop_oneof![ipv4, ipv6]
    }

    fn packet() -> impl Strategy<Value = PacketRecord> {
        let fate = prop_oneof![Just(Fate::Passed), Just(Fate::Lost), Just(Fate::Refused)];
        (
            any::<(u64, bool, bool, u16, u16, bool, u32)>(),
            addresses(),
            fate,
            prop::collection::vec(any::<u8>(), 0..50),
        )
            .prop_map(|(numbers, (source, destination), fate, bytes)| {
                let (at, sent, udp, source_port, destination_port, corrupted, delay) = numbers;
                PacketRecord::Packet(Packet {
                    at: Timestamp::from_micros(at),
                    direction: if sent {
                        Direction::Sent
                    } else {
                        Direction::Received
                    },
                    carried: if udp { Carried::Announcement } else { Carried::Sctp },
                    source: (source, source_port).into(),
                    destination: (destination, destination_port).into(),
                    fate,
                    corrupted,
                    delay: Duration::from_micros(delay.into()),
                    bytes,
                })
            })
    }

    fn encode(records: &[PacketRecord]) -> Vec<u8> {
        let mut stream = Vec::new();
        for record in records {
            match record {
                PacketRecord::Packet(packet) => packet.encode(&mut stream),
                PacketRecord::Dropped(packets) => PacketRecord::encode_dropped(*packets, &mut stream),
            }
        }
        stream
    }

    fn owned(record: PacketRecord<&[u8]>) -> PacketRecord {
        match record {
            PacketRecord::Packet(packet) => PacketRecord::Packet(packet.map_bytes(<[u8]>::to_vec)),
            PacketRecord::Dropped(packets) => PacketRecord::Dropped(packets),
        }
    }

    fn decode(stream: &[u8], cut: usize) -> Result<(Vec<PacketRecord>, u64), PacketError> {
        let mut decoder = PacketDecoder::default();
        let mut records = Vec::new();
        for piece in stream.chunks(cut) {
            decoder.extend(piece);
            decoder.decode(|record| records.push(owned(record)))?;
        }
        Ok((records, decoder.skipped))
    }

    proptest! {
        #[test]
        fn records_survive_any_cutting_of_the_stream(
            records in prop::collection::vec(
                prop_oneof![4 => packet(), 1 => any::<u64>().prop_map(PacketRecord::Dropped)],
                0..8,
            ),
            cut in 1_usize..80,
        ) {
            prop_assert_eq!(decode(&encode(&records), cut), Ok((records, 0)));
        }

        #[test]
        fn any_bytes_are_records_or_an_error(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
            rest in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let mut stream = Vec::new();
            for piece in &pieces {
                stream.extend((piece.len() as u32).to_be_bytes());
                stream.extend(piece);
            }
            stream.extend(&rest);
            let _ = decode(&stream, 64);
        }
    }

    #[test]
    fn the_largest_datagram_is_a_record_and_more_than_that_is_none() {
        let largest = Packet {
            at: Timestamp::from_micros(7),
            direction: Direction::Sent,
            carried: Carried::Sctp,
            source: (Ipv6Addr::LOCALHOST, 9899).into(),
            destination: (Ipv6Addr::LOCALHOST, 9899).into(),
            fate: Fate::Passed,
            corrupted: false,
            delay: Duration::ZERO,
            bytes: vec![1; PacketRecord::MOST_BYTES],
        };
        let mut stream = Vec::new();
        largest.encode(&mut stream);
        let records = vec![PacketRecord::Packet(largest)];
        assert_eq!(decode(&stream, 1 << 17), Ok((records, 0)));
        let longer = u32::from_be_bytes([stream[0], stream[1], stream[2], stream[3]]) + 1;
        assert_eq!(decode(&longer.to_be_bytes(), 4), Err(PacketError::Length(longer)));
    }

    #[test]
    fn a_record_that_ends_too_early_is_an_error_and_an_unknown_one_is_skipped() {
        let mut stream = Vec::new();
        PacketRecord::encode_dropped(3, &mut stream);
        let known = stream.clone();
        stream.extend([0, 0, 0, 3, 99, 1, 2]);
        stream.extend(&known);
        let dropped = PacketRecord::Dropped(3);
        assert_eq!(decode(&stream, 5), Ok((vec![dropped.clone(), dropped], 1)));
        stream.extend([0, 0, 0, 3, PACKET, 0, 0]);
        assert_eq!(decode(&stream, 5), Err(PacketError::TooShort(3)));
    }

    #[test]
    fn a_remark_says_what_an_impaired_link_did() {
        let packet = Packet {
            at: Timestamp::default(),
            direction: Direction::Sent,
            carried: Carried::Sctp,
            source: (Ipv4Addr::LOCALHOST, 1).into(),
            destination: (Ipv4Addr::LOCALHOST, 2).into(),
            fate: Fate::Passed,
            corrupted: false,
            delay: Duration::ZERO,
            bytes: (),
        };
        assert_eq!(packet.remark(), None);
        let lost = |direction| Packet {
            fate: Fate::Lost,
            direction,
            ..packet
        };
        let says = |packet: Packet<()>, words: &str| packet.remark().is_some_and(|all| all.contains(words));
        assert!(says(lost(Direction::Sent), "never sent"));
        assert!(says(lost(Direction::Received), "arrived"));
        let altered = Packet {
            corrupted: true,
            delay: Duration::from_micros(12_340),
            ..packet
        };
        assert_eq!(
            altered.remark().as_deref(),
            Some("a bit was flipped by an impaired link; delayed by 12.3 ms on an impaired link")
        );
    }

    #[test]
    fn addresses_of_two_versions_are_told_as_those_of_one() {
        let packet = Packet {
            at: Timestamp::default(),
            direction: Direction::Received,
            carried: Carried::Announcement,
            source: (Ipv4Addr::LOCALHOST, 1).into(),
            destination: (Ipv6Addr::LOCALHOST, 2).into(),
            fate: Fate::Passed,
            corrupted: false,
            delay: Duration::ZERO,
            bytes: b"odd".as_slice(),
        };
        let mut stream = Vec::new();
        packet.encode(&mut stream);
        let (records, _) = decode(&stream, 100).unwrap();
        let [PacketRecord::Packet(read)] = records.as_slice() else {
            panic!("{records:?}");
        };
        assert_eq!(read.source.ip().to_canonical(), packet.source.ip());
        assert_eq!(
            (read.destination, read.bytes.as_slice()),
            (packet.destination, packet.bytes)
        );
    }
}
