//! The two copies of a packet: its sender's and its receiver's, in either order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::time::Duration;

use feed::{Carried, Fate as Recorded, Timestamp};

use crate::fragments::content_fate;
use crate::{AssociationId, Copy, EndId, Fate, MessageId, Packet, PacketId, Trace, Tracer};

/// What two copies of a packet have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    /// Ports, verification tag and checksum.
    head: [u8; 12],
    size: usize,
}

/// A packet of which one copy was found.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) packet: PacketId,
    /// Its association, and which of its ends sent it.
    pub(crate) way: Option<(AssociationId, usize)>,
    /// The message that it is, if it is a datagram.
    pub(crate) datagram: Option<MessageId>,
    /// What it carries otherwise.
    pub(crate) parts: Vec<Part>,
}

/// A DATA chunk: a message or a fragment of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Its transmission sequence number, counted on beyond 32 bits.
    pub(crate) number: u64,
    /// The message, if it was known when the packet was added.
    pub(crate) message: Option<MessageId>,
}

impl Waiting {
    pub(crate) const fn for_copy_of(packet: PacketId) -> Self {
        Self {
            packet,
            way: None,
            datagram: None,
            parts: Vec::new(),
        }
    }
}

/// Packets of which one copy was found, in the order of these copies. Those that look the same, as what is sent once more
/// may do, wait in line.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    waiting: HashMap<Key, Line>,
}

/// Nearly always there is only one.
#[derive(Debug)]
struct Line {
    first: Waiting,
    others: std::collections::VecDeque<Waiting>,
}

impl Copies {
    pub(crate) fn add(&mut self, copy: &Copy<'_>, waiting: Waiting) {
        match self.waiting.entry(Key::of(copy)) {
            Entry::Occupied(mut line) => line.get_mut().others.push_back(waiting),
            Entry::Vacant(place) => {
                place.insert(Line {
                    first: waiting,
                    others: std::collections::VecDeque::new(),
                });
            }
        }
    }

    /// Takes the first one of which this is the other copy.
    pub(crate) fn take(&mut self, copy: &Copy<'_>) -> Option<Waiting> {
        let key = Key::of(copy);
        self.take_first(key).or_else(|| {
            // A bit that was flipped on the way may be one of the key.
            let altered = copy.remark.corrupted.then(|| key.altered());
            altered.into_iter().flatten().find_map(|key| self.take_first(key))
        })
    }

    fn take_first(&mut self, key: Key) -> Option<Waiting> {
        let Entry::Occupied(mut line) = self.waiting.entry(key) else {
            return None;
        };
        match line.get_mut().others.pop_front() {
            Some(next) => Some(std::mem::replace(&mut line.get_mut().first, next)),
            None => Some(line.remove().first),
        }
    }

    /// Returns the last one that looks like this, if it was sent since `after`.
    fn latest(&self, copy: &Copy<'_>, trace: &Trace, after: Timestamp) -> Option<&Waiting> {
        let line = self.waiting.get(&Key::of(copy))?;
        let last = line.others.back().unwrap_or(&line.first);
        (trace.packet(last.packet)?.sent >= after).then_some(last)
    }

    /// Forgets what was sent before this time.
    pub(crate) fn forget(&mut self, trace: &Trace, before: Timestamp) {
        let is_young = |waiting: &Waiting| {
            let packet = trace.packet(waiting.packet);
            packet.is_some_and(|packet| packet.sent >= before)
        };
        self.waiting.retain(|_, line| {
            line.others.retain(is_young);
            if is_young(&line.first) {
                return true;
            }
            match line.others.pop_front() {
                Some(next) => {
                    line.first = next;
                    true
                }
                None => false,
            }
        });
    }
}

impl Tracer {
    /// How much later than that of the receiver the time in the sender's copy may be: it may have been kept from running
    /// between sending a packet and reading the clock. What was sent later than that was sent once more.
    const OVERTAKEN: Duration = Duration::from_millis(100);

    /// Returns what was received before the sender's copy was found, if this is that copy.
    pub(crate) fn received_before(&mut self, copy: &Copy<'_>) -> Option<Waiting> {
        let after = (copy.at - copy.remark.delay) - Self::OVERTAKEN;
        self.early.latest(copy, &self.trace, after)?;
        // Those before it in the line have no sender's copy.
        let last = self.early.take_last(copy)?;
        Some(last)
    }

    /// Returns whether another receiver has just recorded the same multicast datagram.
    pub(crate) fn is_heard(&self, copy: &Copy<'_>) -> bool {
        let after = copy.at - Self::OVERTAKEN;
        self.early.latest(copy, &self.trace, after).is_some()
    }

    /// The receiver's copy of a packet was found.
    pub(crate) fn arrived(&mut self, copy: &Copy<'_>, waiting: &Waiting) {
        let is_lost = copy.remark.fate == Recorded::Lost;
        let mut known = None;
        self.trace.packets.change(waiting.packet.0 as usize, |packet| {
            packet.corrupted |= copy.remark.corrupted;
            if is_lost {
                packet.fate = Fate::Lost;
            } else {
                packet.fate = Fate::Arrived;
                packet.arrived = copy.at.max(packet.sent);
            }
            known = Some(*packet);
        });
        let Some(packet) = known else {
            return;
        };
        if is_lost && let Some(direction) = waiting.way.and_then(|way| self.direction(way)) {
            direction.lost += 1;
        }
        self.settle(waiting, &packet);
        if content_fate(&packet) == Fate::Arrived
            && let (Some((association, from)), Carried::Sctp) = (waiting.way, copy.packet.carried)
            && let Some(parsed) = dissection::Packet::parse(copy.packet.payload)
        {
            for chunk in parsed.chunks {
                self.acknowledgement(&chunk, (association, 1 - from), packet.arrived);
            }
        }
    }

    /// What became of a packet is known now, and so it is what became of that which it carries.
    fn settle(&mut self, waiting: &Waiting, packet: &Packet) {
        let fate = content_fate(packet);
        if let Some(message) = waiting.datagram {
            self.settle_message(message, fate, packet.arrived);
        }
        for part in &waiting.parts {
            let message = part.message.or_else(|| {
                let path = self.path(waiting.way?)?;
                path.message_of(part.number)
            });
            if let Some(message) = message {
                self.settle_part(message, part.number, fate, packet.arrived);
            }
        }
    }

    /// The sender's copy of a packet was found that is known from its receiver.
    pub(crate) fn complete(&mut self, copy: &Copy<'_>, own: EndId, waiting: &Waiting) {
        let mut sent = copy.at - copy.remark.delay;
        self.trace.packets.change(waiting.packet.0 as usize, |packet| {
            sent = sent.min(packet.sent);
            packet.sent = sent;
            packet.corrupted |= copy.remark.corrupted;
            packet.by_receiver = false;
            if waiting.way.is_none() {
                packet.from = own;
            }
        });
        if let Some(message) = waiting.datagram {
            self.trace.messages.change(message.0 as usize, |message| {
                message.sent = sent;
                message.from = own;
            });
        }
        for part in &waiting.parts {
            let Some(path) = waiting.way.and_then(|way| self.path(way)) else {
                continue;
            };
            path.was_sent(part.number, waiting.packet, sent);
            let Some(message) = part.message.or_else(|| path.message_of(part.number)) else {
                continue;
            };
            self.trace.messages.change(message.0 as usize, |message| {
                if message.first == waiting.packet {
                    message.sent = message.sent.min(sent);
                }
            });
        }
    }
}

impl Copies {
    fn take_last(&mut self, copy: &Copy<'_>) -> Option<Waiting> {
        let Entry::Occupied(mut line) = self.waiting.entry(Key::of(copy)) else {
            return None;
        };
        match line.get_mut().others.pop_back() {
            Some(last) => Some(last),
            None => Some(line.remove().first),
        }
    }
}

impl Key {
    fn of(copy: &Copy<'_>) -> Self {
        let payload = copy.packet.payload;
        let mut head = [0; 12];
        for (place, byte) in head.iter_mut().zip(payload) {
            *place = *byte;
        }
        Self {
            source: copy.packet.source.ip(),
            destination: copy.packet.destination.ip(),
            head,
            size: payload.len(),
        }
    }

    /// Returns the keys from which this one differs by a bit.
    fn altered(self) -> impl Iterator<Item = Self> {
        (0..self.head.len()).flat_map(move |place| {
            (0..u8::BITS).map(move |bit| {
                let mut key = self;
                if let Some(byte) = key.head.get_mut(place) {
                    *byte ^= 1 << bit;
                }
                key
            })
        })
    }
}
