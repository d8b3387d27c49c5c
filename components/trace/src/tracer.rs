//! Puts the copies of packets together.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use dissection::{Chunk, Data};
use feed::{Carried, Direction, Fate as Recorded, Remark, Timestamp};
use recording::ip::Opened;
use wire::{Ppid, csp, describe};

use crate::path::{Path, Taken, Whole};
use crate::trace::{End, Trace};
use crate::{
    Association, AssociationId, AssociationState, EndId, Fate, Message, MessageId, Packet, PacketId, Place,
    Protocol, Retransmission, Sample,
};

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
    trace: Trace,
    by_name: BTreeMap<String, EndId>,
    by_address: BTreeMap<IpAddr, EndId>,
    /// The associations of packets with a verification tag between two ports, and the direction.
    by_tag: HashMap<(u32, [u16; 2]), (AssociationId, usize)>,
    /// The latest associations between two ports of two addresses, the lower one first.
    by_ends: HashMap<[SocketAddr; 2], AssociationId>,
    /// What the two ends of each association sent.
    paths: Vec<[Path; 2]>,
    /// What has been sent, and waits for its receiver's copy.
    sent: HashMap<Key, VecDeque<Sent>>,
    taken: u64,
}

/// What two copies of a packet have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    /// Ports, verification tag and checksum.
    head: [u8; 12],
    size: usize,
}

#[derive(Debug)]
struct Sent {
    packet: PacketId,
    /// The messages that it makes whole.
    messages: Range<u32>,
    /// The messages of which it carries a part for another time.
    again: Vec<MessageId>,
}

/// A packet whose chunks are taken.
struct Current {
    id: PacketId,
    at: Timestamp,
    association: AssociationId,
    /// Which end sent it.
    from: usize,
    ends: (EndId, EndId),
    fate: Fate,
    arrived: Timestamp,
    /// Whether what it carries for the sender of the other direction has arrived there.
    is_read: bool,
}

impl Tracer {
    /// How long it is waited for the receiver's copy of a packet.
    const PATIENCE: Duration = Duration::from_secs(30);
    /// How often it is looked for what need not be waited for any more: after so many packets.
    const LOOK: u64 = 65_536;
    /// The maximum numbers of ends and associations. What comes on top is left out.
    /// The name of the only message of the Component Status Protocol.
    const STATUS_REPORT: &'static str = "CSP_REPORT";
    const ENDS: usize = 30_000;
    const ASSOCIATIONS: usize = 1_000_000;

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
        self.trace.missing += missing;
        self.trace.foreign += foreign;
    }

    /// Takes the next packet.
    pub fn take(&mut self, copy: &Copy<'_>) {
        self.taken += 1;
        if self.taken.is_multiple_of(Self::LOOK) {
            self.forget(copy.at - Self::PATIENCE);
        }
        let remote = match copy.direction {
            Direction::Sent => copy.packet.destination,
            Direction::Received => copy.packet.source,
        };
        let own = match copy.direction {
            Direction::Sent => copy.packet.source,
            Direction::Received => copy.packet.destination,
        };
        let Some(own) = self.component(copy, own.ip()) else {
            return;
        };
        match copy.direction {
            Direction::Sent => self.sent(copy, own, remote),
            Direction::Received => self.received(copy, own, remote),
        }
    }

    fn sent(&mut self, copy: &Copy<'_>, own: EndId, remote: SocketAddr) {
        let to = if remote.ip().is_multicast() {
            None
        } else {
            match self.at_address(remote.ip()) {
                Some(to) => Some(to),
                None => return,
            }
        };
        let fate = match copy.remark.fate {
            Recorded::Passed => Fate::Sent,
            Recorded::Lost => Fate::Lost,
            Recorded::Refused => Fate::Refused,
        };
        let sent = self.add(copy, own, to, fate);
        if fate == Fate::Sent && to.is_some() {
            let key = Key::of(copy);
            self.sent.entry(key).or_default().push_back(sent);
        }
    }

    fn received(&mut self, copy: &Copy<'_>, own: EndId, remote: SocketAddr) {
        if let Entry::Occupied(mut waiting) = self.sent.entry(Key::of(copy)) {
            let sent = waiting.get_mut().pop_front();
            if waiting.get().is_empty() {
                waiting.remove();
            }
            if let Some(sent) = sent {
                return self.arrived(copy, &sent);
            }
        }
        let Some(from) = self.at_address(remote.ip()) else {
            return;
        };
        let is_ours = self.trace.end(from).is_some_and(|end| end.component.is_some());
        if is_ours && copy.packet.destination.ip().is_multicast() {
            // Its sender has recorded it, once for all receivers.
            return;
        }
        let fate = match copy.remark.fate {
            Recorded::Lost => Fate::Lost,
            Recorded::Passed | Recorded::Refused => Fate::Arrived,
        };
        let to = (!copy.packet.destination.ip().is_multicast()).then_some(own);
        self.add(copy, from, to, fate);
    }

    /// The receiver's copy of a packet was found.
    fn arrived(&mut self, copy: &Copy<'_>, sent: &Sent) {
        let is_lost = copy.remark.fate == Recorded::Lost;
        let at = copy.at;
        let mut association = None;
        let mut from = None;
        self.trace.packets.change(sent.packet.0 as usize, |packet| {
            if is_lost {
                packet.fate = Fate::Lost;
            } else {
                packet.fate = Fate::Arrived;
                packet.arrived = at.max(packet.sent);
            }
            packet.corrupted |= copy.remark.corrupted;
            association = packet.association;
            from = Some(packet.from);
        });
        for message in sent.messages.clone() {
            self.trace.messages.change(message as usize, |message| {
                if is_lost {
                    message.fate = Fate::Lost;
                } else {
                    message.fate = Fate::Arrived;
                    message.arrived = at.max(message.sent);
                }
            });
        }
        if let Some(direction) = association
            .zip(from)
            .filter(|_| is_lost)
            .and_then(|(association, from)| self.direction(association, from))
        {
            direction.lost += 1;
        }
        if is_lost {
            return;
        }
        for message in &sent.again {
            self.trace.messages.change(message.0 as usize, |message| {
                if message.arrived == Packet::NEVER {
                    message.arrived = at;
                } else if message.fragments > 1 {
                    message.arrived = message.arrived.max(at);
                }
                message.fate = Fate::Arrived;
            });
        }
        if let (Some(association), Some(from), Carried::Sctp) = (association, from, copy.packet.carried)
            && let Some(packet) = dissection::Packet::parse(copy.packet.payload)
        {
            let other = self.other_side(association, from);
            for chunk in packet.chunks {
                self.acknowledgement(&chunk, association, other, at);
            }
        }
    }

    fn direction(&mut self, association: AssociationId, from: EndId) -> Option<&mut crate::Direction> {
        let association = self.trace.associations.get_mut(association.0 as usize)?;
        let side = usize::from(association.ends[0] != from);
        Arc::make_mut(association).directions.get_mut(side)
    }

    fn other_side(&self, association: AssociationId, from: EndId) -> usize {
        let association = self.trace.association(association);
        usize::from(association.is_none_or(|association| association.ends[0] == from))
    }

    /// Adds a packet that was not known before, with the messages in it.
    fn add(&mut self, copy: &Copy<'_>, from: EndId, to: Option<EndId>, fate: Fate) -> Sent {
        let id = PacketId(self.trace.packets.len() as u32);
        let by_receiver = copy.direction == Direction::Received;
        let sent = if by_receiver {
            copy.at
        } else {
            copy.at - copy.remark.delay
        };
        let mut packet = Packet {
            sent,
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
        let first_message = self.trace.messages.len() as u32;
        let mut again = Vec::new();
        match copy.packet.carried {
            Carried::Announcement => self.datagram(copy, id, &packet),
            Carried::Sctp => {
                if let (Some(to), Some(parsed)) = (to, dissection::Packet::parse(copy.packet.payload)) {
                    self.chunks(copy, id, &mut packet, to, &parsed, &mut again);
                } else {
                    self.trace.foreign += 1;
                }
                self.trace
                    .packets
                    .change(id.0 as usize, |recorded| *recorded = packet);
            }
        }
        Sent {
            packet: id,
            messages: first_message..self.trace.messages.len() as u32,
            again,
        }
    }

    fn datagram(&mut self, copy: &Copy<'_>, id: PacketId, packet: &Packet) {
        let ports = [copy.packet.source.port(), copy.packet.destination.port()];
        let protocol = if ports.contains(&csp::MONITOR_PORT) {
            Protocol::Status
        } else if ports.contains(&wire::enrp::PORT) {
            Protocol::Enrp
        } else {
            Protocol::Asap
        };
        let bytes = copy.packet.payload;
        let (name, undecodable) = self.describe(protocol, bytes);
        self.trace.messages.push(Message {
            sent: packet.sent,
            arrived: packet.arrived,
            first: id,
            last: id,
            from: packet.from,
            to: packet.to,
            association: None,
            tsn: 0,
            size: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            protocol,
            name,
            fragments: 0,
            fate: packet.fate,
            again: false,
            undecodable,
        });
    }

    fn chunks(
        &mut self,
        copy: &Copy<'_>,
        id: PacketId,
        packet: &mut Packet,
        to: EndId,
        parsed: &dissection::Packet<'_>,
        again: &mut Vec<MessageId>,
    ) {
        let Some((association, from)) = self.association(copy, packet.from, to, parsed) else {
            return;
        };
        packet.association = Some(association);
        let current = Current {
            id,
            at: packet.sent,
            association,
            from,
            ends: (packet.from, to),
            fate: packet.fate,
            arrived: packet.arrived,
            // What a stranger was told is known when it was sent: there is no other time.
            is_read: packet.fate == Fate::Arrived
                || self.trace.end(to).is_some_and(|end| end.component.is_none()),
        };
        if let Some(seen) = self.trace.associations.get_mut(association.0 as usize) {
            let seen = Arc::make_mut(seen);
            seen.seen = seen.seen.max(copy.at);
            let mut path = [copy.packet.source, copy.packet.destination];
            if from == 1 {
                path.reverse();
            }
            seen.travelled(path);
            if let Some(direction) = seen.directions.get_mut(from) {
                direction.packets += 1;
                direction.lost += u64::from(packet.fate == Fate::Lost);
            }
        }
        for chunk in parsed.chunks {
            packet.chunks |= 1 << chunk.kind.min(15);
            if let Some(data) = Data::of(&chunk) {
                self.data(&current, &data, packet, again);
                continue;
            }
            if packet.fate != Fate::Refused
                && let Some(state) = AssociationState::after(chunk.kind)
                && let Some(seen) = self.trace.associations.get_mut(association.0 as usize)
            {
                Arc::make_mut(seen).enter(packet.sent, state);
            }
            if current.is_read {
                self.acknowledgement(&chunk, association, 1 - from, packet.sent);
            }
        }
    }

    fn data(&mut self, current: &Current, data: &Data<'_>, packet: &mut Packet, again: &mut Vec<MessageId>) {
        let Some(path) = self
            .paths
            .get_mut(current.association.0 as usize)
            .and_then(|paths| paths.get_mut(current.from))
        else {
            return;
        };
        match path.data(data, current.at, current.id) {
            Taken::Part => {}
            Taken::Again(message) => {
                packet.again = true;
                if let Some(direction) = self.direction(current.association, current.ends.0) {
                    direction.retransmissions += 1;
                }
                if let Some(message) = message {
                    self.trace.retransmissions.push(Retransmission {
                        message,
                        packet: current.id,
                    });
                    self.trace
                        .messages
                        .change(message.0 as usize, |message| message.again = true);
                    again.push(message);
                }
            }
            Taken::Whole(whole) => self.message(current, data, &whole),
        }
    }

    fn message(&mut self, current: &Current, data: &Data<'_>, whole: &Whole<'_>) {
        let protocol = Protocol::of(Ppid(data.ppid));
        let (name, undecodable) = self.describe(protocol, &whole.bytes);
        let position = self.trace.messages.push(Message {
            sent: whole.at,
            arrived: current.arrived,
            first: whole.first,
            last: current.id,
            from: current.ends.0,
            to: Some(current.ends.1),
            association: Some(current.association),
            tsn: whole.number as u32,
            size: u32::try_from(whole.bytes.len()).unwrap_or(u32::MAX),
            protocol,
            name,
            fragments: whole.fragments,
            fate: current.fate,
            again: false,
            undecodable,
        });
        let message = MessageId(position as u32);
        let paths = self.paths.get_mut(current.association.0 as usize);
        if let Some(path) = paths.and_then(|paths| paths.get_mut(current.from)) {
            path.is_of(whole.number, whole.fragments, message);
        }
        if let Some(direction) = self.direction(current.association, current.ends.0) {
            direction.messages += 1;
            direction.bytes += whole.bytes.len() as u64;
        }
    }

    /// Describes the message that is added next. Returns the number of its name, and whether it is none of its protocol.
    fn describe(&mut self, protocol: Protocol, bytes: &[u8]) -> (u16, bool) {
        let Some(ppid) = protocol.ppid() else {
            return match csp::Report::decode(bytes) {
                Ok(report) => {
                    self.trace.summaries.push(&report.status);
                    (self.trace.names.number(Self::STATUS_REPORT), false)
                }
                Err(malformed) => {
                    self.trace.summaries.push("");
                    let name = format!("not decodable: {malformed}");
                    (self.trace.names.number(&name), true)
                }
            };
        };
        let described = describe(ppid, bytes);
        self.trace.summaries.push(&described.summary);
        (self.trace.names.number(&described.name), described.undecodable)
    }

    /// A SACK or SHUTDOWN has arrived where data had been sent from `side`.
    fn acknowledgement(&mut self, chunk: &Chunk<'_>, association: AssociationId, side: usize, at: Timestamp) {
        let &[a, b, c, d, ref rest @ ..] = chunk.value else {
            return;
        };
        let window = match (chunk.kind, rest) {
            (3, &[e, f, g, h, ..]) => Some(u32::from_be_bytes([e, f, g, h])),
            (7, _) => None,
            _ => return,
        };
        let paths = self.paths.get_mut(association.0 as usize);
        let Some(path) = paths.and_then(|paths| paths.get_mut(side)) else {
            return;
        };
        let took = path.acknowledged(u32::from_be_bytes([a, b, c, d]), at);
        let (in_flight, round_trip) = (path.in_flight(), path.round_trip);
        let Some(association) = self.trace.associations.get_mut(association.0 as usize) else {
            return;
        };
        let directions = &mut Arc::make_mut(association).directions;
        if let (Some(direction), Some(window)) = (directions.get_mut(side), window) {
            direction.sample(Sample {
                at,
                measured_us: took.map_or(0, |took| u32::try_from(took.as_micros()).unwrap_or(u32::MAX)),
                smoothed_us: round_trip.smoothed_us(),
                time_out_us: round_trip.time_out_us(),
                in_flight,
                window,
                retransmissions: u32::try_from(direction.retransmissions).unwrap_or(u32::MAX),
            });
        }
    }

    /// Returns the association of a packet, and which of its ends sent it.
    fn association(
        &mut self,
        copy: &Copy<'_>,
        from: EndId,
        to: EndId,
        parsed: &dissection::Packet<'_>,
    ) -> Option<(AssociationId, usize)> {
        let ports = [parsed.source_port, parsed.destination_port];
        let first = parsed.chunks.clone().next();
        let addresses = [
            SocketAddr::new(copy.packet.source.ip(), ports[0]),
            SocketAddr::new(copy.packet.destination.ip(), ports[1]),
        ];
        let mut sorted = addresses;
        sorted.sort();
        let initiate_tag = first.and_then(|chunk| match (chunk.kind, chunk.value) {
            (1 | 2, &[a, b, c, d, ..]) => Some(u32::from_be_bytes([a, b, c, d])),
            _ => None,
        });
        if parsed.tag == 0 {
            // Only an INIT has no tag. One that is repeated belongs to the association that it began.
            let tag = initiate_tag?;
            let reverse = (tag, [ports[1], ports[0]]);
            if let Some((association, receiver)) = self.by_tag.get(&reverse) {
                return Some((*association, 1 - receiver));
            }
            let association = self.begin([from, to], ports, copy.at, sorted)?;
            self.by_tag.insert(reverse, (association, 1));
            self.learn_tag(association, 0, tag);
            return Some((association, 0));
        }
        let key = (parsed.tag, ports);
        let (association, side) = match self.by_tag.get(&key) {
            Some(found) => *found,
            None => {
                let (association, side) = self.adopt(from, to, ports, sorted, copy.at)?;
                self.by_tag.insert(key, (association, side));
                self.learn_tag(association, 1 - side, parsed.tag);
                (association, side)
            }
        };
        if let Some(tag) = initiate_tag {
            self.by_tag
                .insert((tag, [ports[1], ports[0]]), (association, 1 - side));
            self.learn_tag(association, side, tag);
        }
        Some((association, side))
    }

    /// Returns the association between these ends for which the tag in this direction is not known yet, or else a new one.
    fn adopt(
        &mut self,
        from: EndId,
        to: EndId,
        ports: [u16; 2],
        sorted: [SocketAddr; 2],
        at: Timestamp,
    ) -> Option<(AssociationId, usize)> {
        if let Some(latest) = self.by_ends.get(&sorted)
            && let Some(known) = self.trace.association(*latest)
        {
            let side = usize::from(!(known.ends[0] == from && known.ports[0] == ports[0]));
            if known.tags[1 - side].is_none() {
                return Some((*latest, side));
            }
        }
        let association = self.begin([from, to], ports, at, sorted)?;
        Some((association, 0))
    }

    fn begin(
        &mut self,
        ends: [EndId; 2],
        ports: [u16; 2],
        at: Timestamp,
        sorted: [SocketAddr; 2],
    ) -> Option<AssociationId> {
        if self.trace.associations.len() >= Self::ASSOCIATIONS {
            return None;
        }
        let id = AssociationId(self.trace.associations.len() as u32);
        self.trace.associations.push(Arc::new(Association {
            ends,
            ports,
            began: at,
            seen: at,
            tags: [None; 2],
            states: Vec::new(),
            paths: Vec::new(),
            directions: Default::default(),
        }));
        self.paths.push(Default::default());
        self.by_ends.insert(sorted, id);
        Some(id)
    }

    fn learn_tag(&mut self, association: AssociationId, end: usize, tag: u32) {
        if let Some(association) = self.trace.associations.get_mut(association.0 as usize)
            && let Some(known) = Arc::make_mut(association).tags.get_mut(end)
        {
            *known = Some(tag);
        }
    }

    /// Returns the end that is the component that recorded the packet, at the address where it is now.
    fn component(&mut self, copy: &Copy<'_>, address: IpAddr) -> Option<EndId> {
        let id = match self.by_name.get(copy.component) {
            Some(id) => *id,
            None => {
                let id = self.add_end(Some(copy.component.to_owned()), address)?;
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

    fn at_address(&mut self, address: IpAddr) -> Option<EndId> {
        if let Some(id) = self.by_address.get(&address) {
            return Some(*id);
        }
        let id = self.add_end(None, address)?;
        self.by_address.insert(address, id);
        Some(id)
    }

    fn add_end(&mut self, component: Option<String>, address: IpAddr) -> Option<EndId> {
        let ends = Arc::make_mut(&mut self.trace.ends);
        if ends.len() >= Self::ENDS {
            self.trace.foreign += 1;
            return None;
        }
        ends.push(End { component, address });
        Some(EndId((ends.len() - 1) as u16))
    }

    /// Waits no longer for the receivers' copies of what was sent before this time.
    fn forget(&mut self, before: Timestamp) {
        let packets = &self.trace.packets;
        self.sent.retain(|_, waiting| {
            waiting.retain(|sent| {
                packets
                    .get(sent.packet.0 as usize)
                    .is_some_and(|packet| packet.sent >= before)
            });
            !waiting.is_empty()
        });
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
}
