//! Makes messages of what was found: user messages of their DATA chunks, and datagrams.

use dissection::Chunk;

use crate::associations::{Associations, Key};
use crate::message::{Delivery, Message, Protocol, Sight};
use crate::pieces::{Piece, place};
use crate::portion::Portion;
use crate::{Captured, Carried, Checksum, SctpPacket};

const DATA: u8 = 0;
const ABORT: u8 = 6;
const SHUTDOWN_COMPLETE: u8 = 14;
const I_DATA: u8 = 64;
/// The T bit: the tag is the receiver's, since the sender knows none of its own (RFC 9260 section 8.5.1).
const REFLECTED: u8 = 1;

/// The most memory of all fragments that wait, in bytes.
const MOST_OF_ALL: usize = 64 << 20;

/// Makes messages of packets.
///
/// A user message is complete when all its fragments were seen, in whatever order; messages are told in the order in
/// which they become so. A message that was seen before is told again, with a mark; a fragment that was is not.
///
/// Fragments whose others are missing are told at the end, or when too many wait.
#[derive(Debug, Default)]
pub struct Messages {
    associations: Associations,
    /// The memory of all fragments that wait.
    waiting: usize,
    /// The message that was put together last.
    assembled: Vec<u8>,
}

impl Messages {
    /// Takes in a packet or datagram, and hands over the messages that are complete now.
    pub fn handle_packet(&mut self, captured: &Captured<'_>, sink: &mut impl FnMut(&Message<'_>)) {
        let protocol = match &captured.carried {
            Carried::Sctp(sctp) => return self.handle_sctp(captured, sctp, sink),
            Carried::Announcement(ppid) => Protocol::Payload(*ppid),
            Carried::StatusReport => Protocol::StatusReport,
        };
        sink(&Message {
            sight: sight(captured),
            protocol,
            delivery: None,
            bytes: captured.bytes,
            whole: captured.whole,
        });
    }

    fn handle_sctp(
        &mut self,
        captured: &Captured<'_>,
        sctp: &SctpPacket<'_>,
        sink: &mut impl FnMut(&Message<'_>),
    ) {
        for chunk in sctp.packet.chunks {
            let reflected = matches!(chunk.kind, ABORT | SHUTDOWN_COMPLETE) && chunk.flags & REFLECTED != 0;
            if reflected || sctp.packet.tag == 0 {
                continue;
            }
            match Portion::of(&chunk) {
                Some(portion) => {
                    let whole = portion.payload.len();
                    self.handle_portion(captured, sctp, &portion, whole, sink);
                }
                None => self.meet(captured, sctp, sink),
            }
        }
        if captured.is_cut()
            && let Some((portion, whole)) = cut_portion(captured, sctp)
        {
            self.handle_portion(captured, sctp, &portion, whole, sink);
        }
    }

    /// Notes that there is an association.
    fn meet(&mut self, captured: &Captured<'_>, sctp: &SctpPacket<'_>, sink: &mut impl FnMut(&Message<'_>)) {
        if sctp.checksum != Checksum::Wrong {
            self.make_room(sink);
            self.associations
                .direction(key(sctp), captured.source, captured.destination);
        }
    }

    fn handle_portion(
        &mut self,
        captured: &Captured<'_>,
        sctp: &SctpPacket<'_>,
        portion: &Portion<'_>,
        whole: usize,
        sink: &mut impl FnMut(&Message<'_>),
    ) {
        let sight = sight(captured);
        let mut delivery = Delivery {
            association: 0,
            stream: portion.stream,
            tsn: portion.tsn,
            unordered: portion.unordered,
            ppid: portion.ppid,
            fragments: 1,
            first: sight.number,
            lacks_beginning: !portion.begins,
            lacks_end: !portion.ends,
            repeated: None,
            wrong_checksum: sctp.checksum == Checksum::Wrong,
        };
        let extended = if delivery.wrong_checksum {
            // The sender sends it again: nothing of it counts.
            None
        } else {
            self.make_room(sink);
            let direction = self
                .associations
                .direction(key(sctp), captured.source, captured.destination);
            let Some(direction) = direction else {
                return;
            };
            delivery.association = direction.association;
            let (repeated, extended) = direction.note(captured.interface, portion.tsn);
            delivery.repeated = repeated;
            Some(extended)
        };
        if portion.begins && portion.ends {
            sink(&message(sight, delivery, portion.payload, whole));
        } else if let Some(extended) = extended {
            self.handle_fragment(captured, sctp, portion, whole, (delivery, extended), sink);
        }
    }

    fn handle_fragment(
        &mut self,
        captured: &Captured<'_>,
        sctp: &SctpPacket<'_>,
        portion: &Portion<'_>,
        whole: usize,
        (delivery, extended): (Delivery, u64),
        sink: &mut impl FnMut(&Message<'_>),
    ) {
        use crate::message::Repeated::Retransmission;
        let direction = self
            .associations
            .direction(key(sctp), captured.source, captured.destination);
        let Some(direction) = direction.filter(|_| delivery.repeated != Some(Retransmission)) else {
            return;
        };
        let pieces = &mut direction.passed(captured.interface).pieces;
        let before = pieces.size();
        let piece = Piece {
            sight: sight(captured),
            tsn: portion.tsn,
            stream: portion.stream,
            unordered: portion.unordered,
            begins: portion.begins,
            ends: portion.ends,
            ppid: portion.ppid,
            bytes: portion.payload.to_vec(),
            whole,
        };
        let complete = pieces.insert(place(portion, extended), piece);
        let given_up = if pieces.are_too_many() {
            pieces.give_up()
        } else {
            Vec::new()
        };
        self.waiting = (self.waiting + pieces.size()).saturating_sub(before);
        if let Some(complete) = complete {
            self.tell(&complete, delivery, sink);
        }
        for run in given_up {
            self.tell(&run, delivery_of(&run, delivery.association), sink);
        }
        if self.waiting > MOST_OF_ALL {
            self.finish(sink);
        }
    }

    /// Tells the fragments for which others are missing, at the end of a capture.
    pub fn finish(&mut self, sink: &mut impl FnMut(&Message<'_>)) {
        let mut runs = Vec::new();
        for direction in self.associations.iter_mut() {
            let association = direction.association;
            for passed in direction.all_passed() {
                runs.extend(passed.pieces.give_up().into_iter().map(|run| (run, association)));
            }
        }
        self.waiting = 0;
        self.tell_given_up(runs, sink);
    }

    /// Returns how many associations there were.
    #[must_use]
    pub const fn associations(&self) -> u32 {
        self.associations.count()
    }

    fn make_room(&mut self, sink: &mut impl FnMut(&Message<'_>)) {
        if !self.associations.is_full() {
            return;
        }
        let mut runs = Vec::new();
        for mut direction in self.associations.evict() {
            let association = direction.association;
            for passed in direction.all_passed() {
                self.waiting = self.waiting.saturating_sub(passed.pieces.size());
                runs.extend(passed.pieces.give_up().into_iter().map(|run| (run, association)));
            }
        }
        self.tell_given_up(runs, sink);
    }

    fn tell_given_up(&mut self, mut runs: Vec<(Vec<Piece>, u32)>, sink: &mut impl FnMut(&Message<'_>)) {
        runs.sort_by_key(|(run, _)| run.last().map(|piece| piece.sight.number));
        for (run, association) in runs {
            self.tell(&run, delivery_of(&run, association), sink);
        }
    }

    /// Hands over what these fragments, which follow each other, are together.
    fn tell(&mut self, run: &[Piece], delivery: Delivery, sink: &mut impl FnMut(&Message<'_>)) {
        let (Some(first), Some(last)) = (run.first(), run.iter().max_by_key(|piece| piece.sight.number))
        else {
            return;
        };
        self.assembled.clear();
        let mut cut = false;
        for piece in run {
            // Behind a gap, bytes would be in the wrong places.
            if !cut {
                self.assembled.extend(&piece.bytes);
            }
            cut |= piece.bytes.len() < piece.whole;
        }
        let whole = run.iter().map(|piece| piece.whole).sum();
        let delivery = Delivery {
            ppid: first.ppid,
            fragments: run.len() as u32,
            first: run
                .iter()
                .map(|piece| piece.sight.number)
                .min()
                .unwrap_or_default(),
            lacks_beginning: !first.begins,
            lacks_end: !run.last().is_some_and(|piece| piece.ends),
            ..delivery
        };
        sink(&message(last.sight, delivery, &self.assembled, whole));
    }
}

fn message(sight: Sight, delivery: Delivery, bytes: &[u8], whole: usize) -> Message<'_> {
    Message {
        sight,
        protocol: delivery.ppid.map_or(Protocol::Unknown, Protocol::of),
        delivery: Some(delivery),
        bytes,
        whole,
    }
}

fn delivery_of(run: &[Piece], association: u32) -> Delivery {
    let last = run.last();
    Delivery {
        association,
        stream: last.map_or(0, |piece| piece.stream),
        tsn: last.map_or(0, |piece| piece.tsn),
        unordered: last.is_some_and(|piece| piece.unordered),
        ppid: None,
        fragments: 0,
        first: 0,
        lacks_beginning: true,
        lacks_end: true,
        repeated: None,
        wrong_checksum: false,
    }
}

const fn sight(captured: &Captured<'_>) -> Sight {
    Sight {
        number: captured.number,
        time: captured.time,
        interface: captured.interface,
        source: captured.source,
        destination: captured.destination,
    }
}

const fn key(sctp: &SctpPacket<'_>) -> Key {
    Key {
        tag: sctp.packet.tag,
        source_port: sctp.packet.source_port,
        destination_port: sctp.packet.destination_port,
    }
}

/// Returns what the capture has left of a chunk with user data, and how many bytes of that there were.
fn cut_portion<'a>(captured: &Captured<'a>, sctp: &SctpPacket<'a>) -> Option<(Portion<'a>, usize)> {
    let at = sctp.end_of_chunks();
    let ([kind, flags, high, low], value) = captured.bytes.get(at..)?.split_first_chunk::<4>()?;
    let head = match *kind {
        DATA => 16,
        I_DATA => 20,
        _ => return None,
    };
    let whole = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(head)?;
    let chunk = Chunk {
        kind: *kind,
        flags: *flags,
        at,
        value,
    };
    Some((Portion::of(&chunk)?, whole))
}
