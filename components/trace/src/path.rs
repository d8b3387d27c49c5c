//! One direction of an association: its data, in order and out of it, sent once and again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use dissection::Data;
use feed::Timestamp;

use crate::round_trip::RoundTrip;
use crate::{MessageId, PacketId};

/// One direction of an association, as far as it matters for what comes next.
#[derive(Debug, Default)]
pub(crate) struct Path {
    /// The highest transmission sequence number, counted on beyond 32 bits.
    highest: Option<u64>,
    /// Numbers below the highest one that were not seen.
    holes: BTreeSet<u64>,
    /// Fragments of messages that are not whole yet.
    fragments: BTreeMap<u64, Fragment>,
    fragment_bytes: usize,
    /// What was sent and has not been acknowledged, in order.
    outstanding: VecDeque<Outstanding>,
    in_flight: u32,
    pub(crate) round_trip: RoundTrip,
}

#[derive(Debug)]
struct Fragment {
    begins: bool,
    ends: bool,
    at: Timestamp,
    packet: PacketId,
    again: Vec<(PacketId, usize)>,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Outstanding {
    number: u64,
    at: Timestamp,
    size: u32,
    again: bool,
    message: Option<MessageId>,
}

/// What a DATA chunk was.
#[derive(Debug)]
pub(crate) enum Taken<'a> {
    /// A part of a message that is not whole yet.
    Part,
    /// It makes a message whole.
    Whole(Whole<'a>),
    /// It was sent before, as a part of this message if that is known.
    Again(Option<MessageId>),
}

/// A whole message.
#[derive(Debug)]
pub(crate) struct Whole<'a> {
    /// When the first one of its fragments was sent.
    pub(crate) at: Timestamp,
    /// The packet with that one.
    pub(crate) first: PacketId,
    /// The number of its first fragment, and how many there are.
    pub(crate) number: u64,
    pub(crate) fragments: u16,
    /// They, unless there is only one.
    pub(crate) pieces: Vec<Piece>,
    pub(crate) bytes: std::borrow::Cow<'a, [u8]>,
}

/// A fragment of a message that has become whole.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) number: u64,
    /// The packet in which it was sent first.
    pub(crate) packet: PacketId,
    /// The packets in which it has been sent since then, each with what [`Path::fragment_again`] was told.
    pub(crate) again: Vec<(PacketId, usize)>,
}

impl Path {
    /// The maximum number of fragments and of chunks in flight that are remembered.
    const MOST: usize = 4_096;
    /// The maximum number of holes. A sender that leaves more open than that has lost more than its data.
    const HOLES: usize = 256;
    /// The maximum number of bytes of fragments.
    const MOST_BYTES: usize = 4 << 20;

    /// Takes a DATA chunk as it was sent, or as it arrived if only its receiver has recorded it. Returns its number, and what
    /// it was.
    pub(crate) fn data<'a>(&mut self, data: &Data<'a>, at: Timestamp, packet: PacketId) -> (u64, Taken<'a>) {
        let number = self.number(data.tsn);
        (number, self.numbered(number, data, at, packet))
    }

    fn numbered<'a>(&mut self, number: u64, data: &Data<'a>, at: Timestamp, packet: PacketId) -> Taken<'a> {
        if !self.is_new(number) {
            return Taken::Again(self.sent_again(number, at));
        }
        let size = data.payload.len() as u32;
        self.in_flight = self.in_flight.saturating_add(size);
        let place = self.outstanding.partition_point(|sent| sent.number < number);
        self.outstanding.insert(
            place,
            Outstanding {
                number,
                at,
                size,
                again: false,
                message: None,
            },
        );
        if self.outstanding.len() > Self::MOST {
            self.acknowledge_first();
        }
        if data.begins && data.ends {
            return Taken::Whole(Whole {
                at,
                first: packet,
                number,
                fragments: 1,
                pieces: Vec::new(),
                bytes: data.payload.into(),
            });
        }
        self.fragment_bytes += data.payload.len();
        let fragment = Fragment {
            begins: data.begins,
            ends: data.ends,
            at,
            packet,
            again: Vec::new(),
            bytes: data.payload.to_vec(),
        };
        self.fragments.insert(number, fragment);
        let whole = self.join(number);
        while self.fragments.len() > Self::MOST || self.fragment_bytes > Self::MOST_BYTES {
            let Some((_, oldest)) = self.fragments.pop_first() else {
                break;
            };
            self.fragment_bytes -= oldest.bytes.len();
        }
        whole.map_or(Taken::Part, Taken::Whole)
    }

    /// Counts a transmission sequence number on beyond 32 bits.
    fn number(&self, tsn: u32) -> u64 {
        match self.highest {
            // Far enough from 0, since what is below the first one may come later.
            None => (1 << 32) + u64::from(tsn),
            Some(highest) => {
                let apart = tsn.wrapping_sub(highest as u32).cast_signed();
                highest.saturating_add_signed(apart.into())
            }
        }
    }

    fn is_new(&mut self, number: u64) -> bool {
        let Some(highest) = self.highest else {
            self.highest = Some(number);
            // The first that is seen need not be the first that was sent.
            self.holes.extend(number - Self::HOLES as u64 / 2..number);
            return true;
        };
        if number <= highest {
            return self.holes.remove(&number);
        }
        let missing = (highest + 1..number).rev().take(Self::HOLES);
        self.holes.extend(missing);
        while self.holes.len() > Self::HOLES {
            self.holes.pop_first();
        }
        self.highest = Some(number);
        true
    }

    fn sent_again(&mut self, number: u64, at: Timestamp) -> Option<MessageId> {
        let sent = self.outstanding_at(number)?;
        sent.again = true;
        sent.at = at;
        sent.message
    }

    fn outstanding_at(&mut self, number: u64) -> Option<&mut Outstanding> {
        let place = self.outstanding.partition_point(|sent| sent.number < number);
        self.outstanding
            .get_mut(place)
            .filter(|sent| sent.number == number)
    }

    /// Takes the fragments of the message with this one, if all are there.
    fn join(&mut self, number: u64) -> Option<Whole<'static>> {
        // Usually the end comes last: what follows is looked for first.
        let mut last = number;
        while !self.fragments.get(&last)?.ends {
            last += 1;
            if self.fragments.get(&last)?.begins {
                return None;
            }
        }
        let mut first = number;
        while !self.fragments.get(&first)?.begins {
            first = first.checked_sub(1)?;
            if self.fragments.get(&first)?.ends {
                return None;
            }
        }
        let mut bytes = Vec::new();
        let mut pieces = Vec::new();
        let mut begun = None;
        for number in first..=last {
            let fragment = self.fragments.remove(&number)?;
            self.fragment_bytes -= fragment.bytes.len();
            let sent = (fragment.packet, fragment.at);
            begun = Some(begun.map_or(sent, |begun| sent.min(begun)));
            bytes.extend(fragment.bytes);
            pieces.push(Piece {
                number,
                packet: fragment.packet,
                again: fragment.again,
            });
        }
        let (packet, at) = begun?;
        Some(Whole {
            at,
            first: packet,
            number: first,
            fragments: u16::try_from(last - first + 1).unwrap_or(u16::MAX),
            pieces,
            bytes: bytes.into(),
        })
    }

    /// Returns whether a sender may send data with this number next, or send it again.
    pub(crate) fn is_plausible(&self, tsn: u32) -> bool {
        let number = self.number(tsn);
        self.highest
            .is_none_or(|highest| number.abs_diff(highest) < Self::HOLES as u64)
    }

    /// Remembers that a fragment of a message that is not whole yet was sent for another time. Returns whether there is one.
    pub(crate) fn fragment_again(&mut self, number: u64, packet: PacketId, position: usize) -> bool {
        let Some(fragment) = self.fragments.get_mut(&number) else {
            return false;
        };
        fragment.again.push((packet, position));
        true
    }

    /// What was known only from its receiver was sent at this time.
    pub(crate) fn was_sent(&mut self, number: u64, packet: PacketId, at: Timestamp) {
        if let Some(fragment) = self.fragments.get_mut(&number)
            && fragment.packet == packet
        {
            fragment.at = fragment.at.min(at);
        }
        if let Some(sent) = self.outstanding_at(number) {
            sent.at = sent.at.min(at);
        }
    }

    /// Returns the message of which data that is not acknowledged is.
    pub(crate) fn message_of(&mut self, number: u64) -> Option<MessageId> {
        self.outstanding_at(number)?.message
    }

    /// Remembers of which message the data is.
    pub(crate) fn is_of(&mut self, number: u64, fragments: u16, message: MessageId) {
        for number in (number..).take(fragments.into()) {
            if let Some(sent) = self.outstanding_at(number) {
                sent.message = Some(message);
            }
        }
    }

    /// Takes an acknowledgement when its receiver had it. Returns the round-trip time, if it can be told.
    pub(crate) fn acknowledged(&mut self, tsn: u32, at: Timestamp) -> Option<std::time::Duration> {
        let number = self.number(tsn);
        let mut took = None;
        while self.outstanding.front().is_some_and(|sent| sent.number <= number) {
            let Some(sent) = self.acknowledge_first() else {
                break;
            };
            // Which of several transmissions it answers cannot be told (Karn's algorithm).
            took = (!sent.again && sent.at <= at).then(|| at - sent.at);
        }
        if let Some(took) = took {
            self.round_trip.measured(took);
        }
        took
    }

    fn acknowledge_first(&mut self) -> Option<Outstanding> {
        let sent = self.outstanding.pop_front()?;
        self.in_flight = self.in_flight.saturating_sub(sent.size);
        Some(sent)
    }

    /// Returns how many bytes are under way.
    pub(crate) const fn in_flight(&self) -> u32 {
        self.in_flight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn data(tsn: u32, begins: bool, ends: bool, payload: &[u8]) -> Data<'_> {
        Data {
            tsn,
            stream: 0,
            sequence: 0,
            ppid: 11,
            begins,
            ends,
            unordered: false,
            payload,
        }
    }

    const fn at(us: u64) -> Timestamp {
        Timestamp::from_micros(us)
    }

    fn whole(taken: Taken<'_>) -> Option<Vec<u8>> {
        match taken {
            Taken::Whole(whole) => Some(whole.bytes.into_owned()),
            Taken::Part | Taken::Again(_) => None,
        }
    }

    #[test]
    fn fragments_are_joined_in_any_order_across_the_end_of_the_numbers() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            let mut path = Path::default();
            let pieces: [&[u8]; 3] = [b"a", b"bc", b"d"];
            let mut found = Vec::new();
            for (place, piece) in order.into_iter().enumerate() {
                let tsn = (u32::MAX - 1).wrapping_add(piece as u32);
                let chunk = data(tsn, piece == 0, piece == 2, pieces[piece]);
                found.extend(whole(path.data(&chunk, at(place as u64), PacketId(0)).1));
            }
            assert_eq!(found, [b"abcd".to_vec()], "{order:?}");
            assert_eq!(path.fragment_bytes, 0);
        }
    }

    #[test]
    fn what_is_sent_again_is_told_and_not_measured() {
        let mut path = Path::default();
        for tsn in [5, 6] {
            let (_, taken) = path.data(&data(tsn, true, true, b"x"), at(10), PacketId(0));
            assert!(whole(taken).is_some());
        }
        path.is_of(path.number(6), 1, MessageId(9));
        let (_, again) = path.data(&data(6, true, true, b"x"), at(20), PacketId(1));
        assert!(matches!(again, Taken::Again(Some(MessageId(9)))));
        assert_eq!(path.in_flight(), 2);
        assert_eq!(
            path.acknowledged(5, at(25)),
            Some(std::time::Duration::from_micros(15))
        );
        assert_eq!(path.acknowledged(6, at(30)), None);
        assert_eq!(path.in_flight(), 0);
    }

    #[test]
    fn any_numbers_need_bounded_memory() {
        let mut path = Path::default();
        for step in 0..20_000_u32 {
            let tsn = step.wrapping_mul(0x9e37_79b9);
            path.data(
                &data(tsn, step.is_multiple_of(3), false, &[0; 1_400]),
                at(0),
                PacketId(0),
            );
        }
        assert!(path.holes.len() <= Path::HOLES && path.outstanding.len() <= Path::MOST);
        assert!(path.fragments.len() <= Path::MOST && path.fragment_bytes <= Path::MOST_BYTES);
    }
}
