//! What packets carry: messages, acknowledgements, and what changes the state of an association.

use dissection::{Chunk, Data};
use feed::Timestamp;
use wire::{Ppid, csp, describe};

use crate::associations::Way;
use crate::copies::{Part, Waiting};
use crate::fragments::content_fate;
use crate::path::{Taken, Whole};
use crate::{
    AssociationState, Copy, EndId, Fate, Message, MessageId, Packet, PacketId, Protocol, Retransmission,
    Sample, Tracer,
};

const SACK: u8 = 3;
const SHUTDOWN: u8 = 7;

/// A packet whose chunks are taken.
struct Current {
    id: PacketId,
    sent: Timestamp,
    way: Way,
    ends: (EndId, EndId),
    is_corrupted: bool,
    fate: Fate,
    arrived: Timestamp,
}

impl Tracer {
    /// The name of the only message of the Component Status Protocol.
    const STATUS_REPORT: &'static str = "CSP_REPORT";

    pub(crate) fn datagram(&mut self, copy: &Copy<'_>, id: PacketId, packet: &Packet) -> MessageId {
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
        let fate = content_fate(packet);
        let position = self.trace.messages.push(Message {
            sent: packet.sent,
            arrived: arrival(fate, packet.arrived),
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
            fate,
            again: false,
            undecodable,
        });
        MessageId(position as u32)
    }

    pub(crate) fn chunks(
        &mut self,
        copy: &Copy<'_>,
        packet: &mut Packet,
        to: EndId,
        parsed: &dissection::Packet<'_>,
        waiting: &mut Waiting,
    ) {
        for chunk in parsed.chunks {
            packet.chunks |= 1 << chunk.kind.min(15);
        }
        let Some((association, from)) = self.association(copy, packet.from, to, parsed) else {
            return;
        };
        packet.association = Some(association);
        waiting.way = Some((association, from));
        if let Some(seen) = self.changing(association) {
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
        let fate = content_fate(packet);
        let current = Current {
            id: waiting.packet,
            sent: packet.sent,
            way: (association, from),
            ends: (packet.from, to),
            is_corrupted: packet.corrupted,
            fate,
            arrived: arrival(fate, packet.arrived),
        };
        // What a stranger was told is known when it was sent: there is no other time.
        let is_stranger = self.trace.end(to).is_some_and(|end| end.component.is_none());
        let is_read = fate == Fate::Arrived || is_stranger && fate == Fate::Sent;
        for chunk in parsed.chunks {
            if let Some(data) = Data::of(&chunk) {
                self.data(&current, &data, packet, waiting);
                continue;
            }
            if packet.fate != Fate::Refused
                && !packet.corrupted
                && let Some(state) = AssociationState::after(chunk.kind)
                && let Some(seen) = self.changing(association)
            {
                seen.enter(packet.sent, state);
            }
            if is_read {
                self.acknowledgement(&chunk, (association, 1 - from), packet.sent);
            }
        }
    }

    fn data(&mut self, current: &Current, data: &Data<'_>, packet: &mut Packet, waiting: &mut Waiting) {
        let Some(path) = self.path(current.way) else {
            return;
        };
        if current.is_corrupted && !path.is_plausible(data.tsn) {
            return;
        }
        let (number, taken) = path.data(data, current.sent, current.id);
        let message = match taken {
            Taken::Part => None,
            Taken::Whole(whole) => Some(self.message(current, data, &whole)),
            Taken::Again(message) => {
                packet.again = true;
                self.again(current, number, message);
                message
            }
        };
        waiting.parts.push(Part { number, message });
    }

    /// A part of this message, or of one that is not whole yet, was sent for another time.
    fn again(&mut self, current: &Current, number: u64, message: Option<MessageId>) {
        if let Some(direction) = self.direction(current.way) {
            direction.retransmissions += 1;
        }
        let retransmission = Retransmission {
            message,
            packet: current.id,
        };
        if let Some(message) = message {
            self.trace.retransmissions.push(retransmission);
            if self.trace.message(message).is_some_and(|message| !message.again) {
                let position = message.0 as usize;
                self.trace
                    .messages
                    .change(position, |message| message.again = true);
            }
            self.settle_part(message, number, current.fate, current.arrived);
        } else {
            let position = self.trace.retransmissions.len();
            if let Some(path) = self.path(current.way)
                && path.fragment_again(number, current.id, position)
            {
                self.trace.retransmissions.push(retransmission);
            }
        }
    }

    fn message(&mut self, current: &Current, data: &Data<'_>, whole: &Whole<'_>) -> MessageId {
        let protocol = Protocol::of(Ppid(data.ppid));
        let (name, undecodable) = self.describe(protocol, &whole.bytes);
        let id = MessageId(self.trace.messages.len() as u32);
        let (fate, arrived) = match &whole.pieces[..] {
            [] => (current.fate, current.arrived),
            pieces => self.fate_of(id, pieces),
        };
        let earlier = whole.pieces.iter().flat_map(|piece| &piece.again);
        let mut again = false;
        for (_, position) in earlier {
            again = true;
            let change = |retransmission: &mut Retransmission| retransmission.message = Some(id);
            self.trace.retransmissions.change(*position, change);
        }
        self.trace.messages.push(Message {
            sent: whole.at,
            arrived: arrival(fate, arrived.max(whole.at)),
            first: whole.first,
            last: current.id,
            from: current.ends.0,
            to: Some(current.ends.1),
            association: Some(current.way.0),
            tsn: whole.number as u32,
            size: u32::try_from(whole.bytes.len()).unwrap_or(u32::MAX),
            protocol,
            name,
            fragments: whole.fragments,
            fate,
            again,
            undecodable,
        });
        if let Some(path) = self.path(current.way) {
            path.is_of(whole.number, whole.fragments, id);
        }
        if let Some(direction) = self.direction(current.way) {
            direction.messages += 1;
            direction.bytes += whole.bytes.len() as u64;
        }
        id
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

    /// A SACK or SHUTDOWN has arrived where data had been sent from.
    pub(crate) fn acknowledgement(&mut self, chunk: &Chunk<'_>, way: Way, at: Timestamp) {
        let &[a, b, c, d, ref rest @ ..] = chunk.value else {
            return;
        };
        let window = match (chunk.kind, rest) {
            (SACK, &[e, f, g, h, ..]) => Some(u32::from_be_bytes([e, f, g, h])),
            (SHUTDOWN, _) => None,
            _ => return,
        };
        let Some(path) = self.path(way) else {
            return;
        };
        let took = path.acknowledged(u32::from_be_bytes([a, b, c, d]), at);
        let (in_flight, round_trip) = (path.in_flight(), path.round_trip);
        if let (Some(direction), Some(window)) = (self.direction(way), window) {
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
}

/// Returns when something had arrived, if it did.
const fn arrival(fate: Fate, at: Timestamp) -> Timestamp {
    match fate {
        Fate::Arrived => at,
        Fate::Sent | Fate::Lost | Fate::Refused => Packet::NEVER,
    }
}
