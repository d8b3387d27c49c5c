//! Takes the packets of a recording, one after the other.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use feed::{Carried, Direction, Fate as Recorded, Remark, Timestamp};
use recording::ip::Opened;

use crate::copies::{Copies, Waiting};
use crate::fragments::Missing;
use crate::path::Path;
use crate::trace::{End, Trace};
use crate::{AssociationId, EndId, Fate, MessageId, Packet, PacketId, Place};

/// A packet as one of its ends recorded it.
#[derive(Debug, Clone, Copy)]
pub struct Copy<'a> {
    /// Where it is in the recording.
    pub place: Place,
    /// The name of the component that recorded it.
    pub component: &'a str,
    /// When.
    pub at: Timestamp,
    /// Whether the component sent or received it.
    pub direction: Direction,
    /// What was remarked about it.
    pub remark: Remark,
    /// Its content.
    pub packet: Opened<'a>,
}

/// Takes the packets of a recording in their order.
#[derive(Debug, Default)]
pub struct Tracer {
    pub(crate) trace: Trace,
    by_name: BTreeMap<String, EndId>,
    by_address: BTreeMap<IpAddr, EndId>,
    /// The associations of packets with a verification tag between two ports, and which end sends them.
    pub(crate) by_tag: HashMap<(u32, [u16; 2]), (AssociationId, usize)>,
    /// The latest associations between two ports of two addresses, the lower one first.
    pub(crate) by_ends: HashMap<[SocketAddr; 2], AssociationId>,
    /// What the two ends of each association sent.
    pub(crate) paths: Vec<[Path; 2]>,
    /// What has been sent, and waits for its receiver's copy.
    pub(crate) sent: Copies,
    /// What has been received, and may wait for its sender's copy.
    pub(crate) early: Copies,
    /// The messages in several fragments that have not arrived as a whole.
    pub(crate) missing: HashMap<MessageId, Missing>,
    /// The number of packets and messages when it was asked for changes.
    asked: (usize, usize),
    taken: u64,
}

impl Tracer {
    /// How long it is waited for the other copy of a packet.
    const PATIENCE: Duration = Duration::from_secs(30);
    /// How long it is waited for the missing fragments of a message.
    const PATIENCE_FOR_FRAGMENTS: Duration = Duration::from_secs(600);
    /// How often it is looked for what need not be waited for any more: after so many packets.
    const LOOK: u64 = 65_536;
    /// The maximum number of ends. Packets of what comes on top are left out.
    const ENDS: usize = 30_000;
    /// A packet that arrived later than this never did.
    const LATEST: Timestamp = Timestamp::from_micros(Packet::NEVER.as_micros() - 1);

    /// Returns what is known so far.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Begins a chunk of the recording, whose first record has this number; returns its number for [`Place`].
    pub fn begin_chunk(&mut self, first_record: u64) -> u32 {
        let chunks = Arc::make_mut(&mut self.trace.chunks);
        chunks.push(first_record);
        (chunks.len() - 1) as u32
    }

    /// Counts packets that a component left out, or that are not understood.
    pub const fn count(&mut self, missing: u64, foreign: u64) {
        self.trace.missing = self.trace.missing.saturating_add(missing);
        self.trace.foreign = self.trace.foreign.saturating_add(foreign);
    }

    /// Returns the first one of the packets of which more is known than when this was asked for the last time, or of whose
    /// messages; `None` if nothing has changed but that there are more.
    pub fn changed(&mut self) -> Option<PacketId> {
        let (packets, messages) = self.asked;
        self.asked = (self.trace.packets.len(), self.trace.messages.len());
        let packet = self.trace.packets.take_changed().filter(|first| *first < packets);
        let message = self
            .trace
            .messages
            .take_changed()
            .filter(|first| *first < messages);
        let of_message = message.and_then(|position| Some(self.trace.messages.get(position)?.last));
        let packet = packet.map(|position| PacketId(position as u32));
        packet.into_iter().chain(of_message).min()
    }

    /// Takes the next packet.
    pub fn take(&mut self, copy: &Copy<'_>) {
        let copy = &Copy {
            at: copy.at.min(Self::LATEST),
            ..*copy
        };
        self.taken += 1;
        if self.taken.is_multiple_of(Self::LOOK) {
            self.forget(copy.at);
        }
        let (own, remote) = match copy.direction {
            Direction::Sent => (copy.packet.source, copy.packet.destination),
            Direction::Received => (copy.packet.destination, copy.packet.source),
        };
        if copy.direction == Direction::Received && own.ip().is_multicast() {
            // It tells nothing of the address of who has heard it.
            return self.heard(copy, remote.ip());
        }
        let Some(own) = self.component(copy, own.ip()) else {
            return;
        };
        match copy.direction {
            Direction::Sent => self.sent(copy, own, remote.ip()),
            Direction::Received => self.received(copy, own, remote.ip()),
        }
    }

    fn sent(&mut self, copy: &Copy<'_>, own: EndId, remote: IpAddr) {
        let to = if remote.is_multicast() {
            None
        } else {
            match self.at_address(remote) {
                Some(to) => Some(to),
                None => return,
            }
        };
        let fate = match copy.remark.fate {
            Recorded::Passed => Fate::Sent,
            Recorded::Lost => Fate::Lost,
            Recorded::Refused => Fate::Refused,
        };
        if fate == Fate::Sent
            && let Some(received) = self.received_before(copy)
        {
            return self.complete(copy, own, &received);
        }
        let waiting = self.add(copy, own, to, fate);
        if fate == Fate::Sent && to.is_some() {
            self.sent.add(copy, waiting);
        }
    }

    fn received(&mut self, copy: &Copy<'_>, own: EndId, remote: IpAddr) {
        if let Some(sent) = self.sent.take(copy) {
            return self.arrived(copy, &sent);
        }
        let Some(from) = self.at_address(remote) else {
            return;
        };
        self.add_received(copy, from, Some(own));
    }

    /// A multicast datagram was received.
    fn heard(&mut self, copy: &Copy<'_>, remote: IpAddr) {
        let Some(from) = self.at_address(remote) else {
            return;
        };
        let is_ours = self.trace.end(from).is_some_and(|end| end.component.is_some());
        // Its sender, or another one of its receivers, has recorded it, once for all of them.
        if !is_ours && !self.is_heard(copy) {
            self.add_received(copy, from, None);
        }
    }

    fn add_received(&mut self, copy: &Copy<'_>, from: EndId, to: Option<EndId>) {
        let fate = match copy.remark.fate {
            Recorded::Lost => Fate::Lost,
            Recorded::Passed | Recorded::Refused => Fate::Arrived,
        };
        let waiting = self.add(copy, from, to, fate);
        self.early.add(copy, waiting);
    }

    /// Adds a packet that was not known before, with the messages in it.
    fn add(&mut self, copy: &Copy<'_>, from: EndId, to: Option<EndId>, fate: Fate) -> Waiting {
        let id = PacketId(self.trace.packets.len() as u32);
        let by_receiver = copy.direction == Direction::Received;
        let mut packet = Packet {
            sent: if by_receiver {
                copy.at
            } else {
                copy.at - copy.remark.delay
            },
            arrived: if fate == Fate::Arrived {
                copy.at
            } else {
                Packet::NEVER
            },
            place: copy.place,
            from,
            to,
            association: None,
            size: u16::try_from(copy.packet.payload.len()).unwrap_or(u16::MAX),
            chunks: 0,
            fate,
            again: false,
            corrupted: copy.remark.corrupted,
            by_receiver,
        };
        self.trace.packets.push(packet);
        let mut waiting = Waiting::for_copy_of(id);
        match copy.packet.carried {
            Carried::Announcement => waiting.datagram = Some(self.datagram(copy, id, &packet)),
            Carried::Sctp => {
                if let (Some(to), Some(parsed)) = (to, dissection::Packet::parse(copy.packet.payload)) {
                    self.chunks(copy, &mut packet, to, &parsed, &mut waiting);
                } else {
                    self.count(0, 1);
                }
                let position = id.0 as usize;
                self.trace.packets.change(position, |recorded| *recorded = packet);
            }
        }
        waiting
    }

    /// Returns the end that is the component that recorded the packet, at the address where it is now.
    fn component(&mut self, copy: &Copy<'_>, address: IpAddr) -> Option<EndId> {
        let id = match self.by_name.get(copy.component) {
            Some(id) => *id,
            None => {
                let id = self.named(copy.component, address)?;
                self.by_name.insert(copy.component.to_owned(), id);
                id
            }
        };
        if !address.is_multicast() && self.by_address.get(&address) != Some(&id) {
            self.by_address.insert(address, id);
            if let Some(end) = Arc::make_mut(&mut self.trace.ends).get_mut(usize::from(id.0)) {
                end.address = address;
            }
        }
        Some(id)
    }

    /// Returns an end with a name that is heard for the first time. Others may have sent to its address before.
    fn named(&mut self, component: &str, address: IpAddr) -> Option<EndId> {
        let known = self.by_address.get(&address).copied();
        let nameless = known.filter(|id| self.trace.end(*id).is_some_and(|end| end.component.is_none()));
        let Some(id) = nameless else {
            return self.add_end(Some(component.to_owned()), address);
        };
        if let Some(end) = Arc::make_mut(&mut self.trace.ends).get_mut(usize::from(id.0)) {
            end.component = Some(component.to_owned());
        }
        Some(id)
    }

    fn at_address(&mut self, address: IpAddr) -> Option<EndId> {
        if let Some(id) = self.by_address.get(&address) {
            return Some(*id);
        }
        let id = self.add_end(None, address)?;
        self.by_address.insert(address, id);
        Some(id)
    }

    fn add_end(&mut self, component: Option<String>, address: IpAddr) -> Option<EndId> {
        if self.trace.ends.len() >= Self::ENDS {
            self.count(0, 1);
            return None;
        }
        let ends = Arc::make_mut(&mut self.trace.ends);
        ends.push(End { component, address });
        Some(EndId((ends.len() - 1) as u16))
    }

    /// Waits no longer for what should have come long ago.
    fn forget(&mut self, now: Timestamp) {
        let before = now - Self::PATIENCE;
        self.sent.forget(&self.trace, before);
        self.early.forget(&self.trace, before);
        let before = now - Self::PATIENCE_FOR_FRAGMENTS;
        let trace = &self.trace;
        self.missing
            .retain(|id, _| trace.message(*id).is_some_and(|message| message.sent >= before));
    }
}
