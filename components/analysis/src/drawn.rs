//! The parts of a sequence chart: life lines, arrows, events and phases.

use std::collections::BTreeMap;
use std::time::Duration;

use chronicle::{Condition, HighlightKind};
use feed::ComponentRole;
use ladder::{Arrow, Band, BandKind, Ending, Event, EventKind, FoldClass, Kind, LifeLine, Target};
use trace::{Category, EndId, Fate, Message, MessageId, Packet, PacketId, Protocol};

use crate::{Chart, Item, Scene, Subject};

/// What an arrow of a packet with a message that was sent again adds to the identifier.
const AGAIN: u64 = 2;

/// What is sent again after less than this was asked for by acknowledgements; after more, a timer expired.
const TIMER: Duration = Duration::from_millis(20);
/// What distinguishes the identifiers of expired timers from those of other events.
const TIMER_EVENT: u64 = 1 << 63;

/// The parts of a chart, one by one.
pub(crate) struct Drawn<'a> {
    pub(crate) scene: &'a Scene<'a>,
    pub(crate) subject: &'a Subject,
    /// The places of those who are shown, from left to right.
    pub(crate) place: &'a BTreeMap<EndId, usize>,
}

impl Drawn<'_> {
    fn place(&self, end: EndId) -> Option<usize> {
        self.place.get(&end).copied()
    }

    /// Returns where something goes; `None` if neither of its ends is shown.
    fn ends(&self, from: EndId, to: Option<EndId>) -> Option<(Option<usize>, Target)> {
        let from = self.place(from);
        let target = match to {
            None => Target::Multicast(Vec::new()),
            Some(to) => self.place(to).map_or(Target::Outside, Target::Line),
        };
        let is_seen = from.is_some() || matches!(target, Target::Line(_));
        is_seen.then_some((from, target))
    }

    pub(crate) fn message(&self, id: MessageId, message: &Message) -> Option<Arrow> {
        let trace = self.scene.trace;
        let (from, to) = self.ends(message.from, message.to)?;
        let name = trace.names.get(message.name);
        let first = trace.packet(message.first);
        // The first attempt counts; what followed has arrows of its own.
        let is_unread = |packet: &Packet| packet.arrival().is_none() || packet.corrupted;
        let was_lost = message.again && first.is_some_and(is_unread);
        Some(Arrow {
            id: Chart::arrow(Item::Message(id)),
            from,
            to,
            sent: message.sent,
            arrived: message.arrival().filter(|_| !was_lost),
            fate: fate(match first {
                Some(first) if was_lost && first.corrupted => Fate::Lost,
                Some(first) if was_lost => first.fate,
                _ => message.fate,
            }),
            kind: kind(message.protocol),
            label: name.to_owned(),
            folds: folds(message.protocol, name),
            retransmission: false,
            selected: self.subject.selected == Some(Item::Message(id)),
        })
    }

    /// Returns the arrow of a packet in which a message, or a part of it, was sent again.
    pub(crate) fn again(&self, id: MessageId, message: &Message, number: PacketId) -> Option<Arrow> {
        let trace = self.scene.trace;
        let packet = trace.packet(number)?;
        let (from, to) = self.ends(packet.from, packet.to)?;
        Some(Arrow {
            id: Chart::arrow(Item::Packet(number)) | AGAIN,
            from,
            to,
            sent: packet.sent,
            arrived: packet.arrival().filter(|_| !packet.corrupted),
            fate: fate(if packet.corrupted { Fate::Lost } else { packet.fate }),
            kind: kind(message.protocol),
            label: trace.names.get(message.name).to_owned(),
            folds: None,
            retransmission: true,
            selected: self.subject.selected == Some(Item::Message(id))
                || self.subject.selected == Some(Item::Packet(number)),
        })
    }

    /// Returns what made the sender repeat a message: inferred, since timers are not on the wire.
    pub(crate) fn timers(&self, message: &Message, again: &[Arrow]) -> Vec<Event> {
        let mut before = message.sent;
        let timers = again.iter().filter_map(|arrow| {
            let waited = arrow.sent - before;
            before = arrow.sent;
            (waited >= TIMER).then(|| {
                Some(Event {
                    id: TIMER_EVENT | arrow.id,
                    line: arrow.from?,
                    at: arrow.sent,
                    text: format!(
                        "not acknowledged for {}",
                        ladder::span_text(feed::microseconds(waited))
                    ),
                    kind: EventKind::TimerExpired,
                    caused: vec![ladder::Caused::Arrow(arrow.id)],
                })
            })?
        });
        timers.collect()
    }

    pub(crate) fn packet(&self, id: PacketId, packet: &Packet) -> Option<Arrow> {
        let (from, to) = self.ends(packet.from, packet.to)?;
        let names: Vec<&str> = packet.chunk_names().filter(|name| *name != "DATA").collect();
        // SACK, HEARTBEAT and HEARTBEAT ACK.
        let is_routine = packet.chunks & !0b11_1001 == 0;
        Some(Arrow {
            id: Chart::arrow(Item::Packet(id)),
            from,
            to,
            sent: packet.sent,
            arrived: packet.arrival(),
            fate: fate(packet.fate),
            kind: Kind::Sctp,
            label: names.join(", "),
            folds: is_routine.then_some(FoldClass::Sctp),
            retransmission: packet.again,
            selected: self.subject.selected == Some(Item::Packet(id)),
        })
    }

    pub(crate) fn life_line(&self, end: EndId) -> LifeLine {
        let member = self.scene.cast.get(end);
        let lane = member
            .and_then(|member| member.component)
            .and_then(|id| self.scene.lanes.components.get(&id));
        let (mut begins, mut ends) = (None, None);
        for span in lane.map_or(&[][..], |lane| &lane.spans) {
            if span.from > self.subject.span.1 {
                break;
            }
            match span.condition {
                Condition::Failed => ends = ends.or(Some((span.from, Ending::Killed))),
                Condition::Stopped | Condition::Removed => ends = ends.or(Some((span.from, Ending::Stopped))),
                Condition::Starting
                | Condition::Ready
                | Condition::NotReady
                | Condition::Unplugged
                | Condition::Frozen
                | Condition::Silent
                | Condition::Stopping => {
                    // Whatever it is, it lives, and has begun anew if it had ended.
                    if ends.take().is_some() || begins.is_none() {
                        begins = Some(span.from);
                    }
                }
            }
        }
        // What lies outside of the span must not stretch it.
        let (from, to) = self.subject.span;
        let begins = begins.filter(|at| (from..=to).contains(at));
        let ends = ends.map(|(at, ending)| (at.max(from), ending));
        LifeLine {
            key: end.0.into(),
            name: member.map_or_else(|| "?".to_owned(), |member| member.name.clone()),
            role: member
                .and_then(|member| member.role)
                .unwrap_or(ComponentRole::PoolUser),
            begins,
            ends,
        }
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        let (from, to) = self.subject.span;
        let points = &self.scene.lanes.points;
        let first = points.partition_point(|point| point.at < from);
        let within = points
            .iter()
            .enumerate()
            .skip(first)
            .take_while(|(_, point)| point.at <= to);
        let events = within.filter_map(|(number, point)| {
            let line = self.place(self.scene.cast.end_of(point.component?)?)?;
            let kind = match &point.kind {
                HighlightKind::Fault { .. } => EventKind::Fault,
                HighlightKind::Detection { .. } => EventKind::Detected,
                HighlightKind::Recovery { takeover: true, .. } => EventKind::Takeover,
                HighlightKind::Recovery { takeover: false, .. } => EventKind::Failover,
                HighlightKind::Problem { .. } => EventKind::Other,
                _ => return None,
            };
            Some(Event {
                id: number as u64,
                line,
                at: point.at,
                text: point.sentence()?,
                kind,
                caused: Vec::new(),
            })
        });
        events.collect()
    }

    pub(crate) fn bands(&self) -> Vec<Band> {
        let (from, to) = self.subject.span;
        let recoveries = self.scene.lanes.recoveries();
        let only = self.subject.phases_of;
        let within = recoveries.filter(|recovery| {
            recovery.began() <= to && recovery.end >= from && only.is_none_or(|end| recovery.end == end)
        });
        let bands = within.flat_map(|recovery| {
            let mut before = recovery.fault_at;
            recovery.phases.iter().filter_map(move |phase| {
                let begin = before.replace(before.map_or(phase.end, |begin| begin.max(phase.end)))?;
                Some(Band {
                    from: begin,
                    to: phase.end.max(begin),
                    label: phase.name.clone(),
                    lines: None,
                    kind: match (recovery.takeover, phase.name.as_str()) {
                        (_, "detection") => BandKind::Detection,
                        (true, _) => BandKind::Takeover,
                        (false, "handle resolution") => BandKind::Resolution,
                        (false, "connection") => BandKind::Resumption,
                        (false, _) => BandKind::Other,
                    },
                })
            })
        });
        bands.take(Chart::ARROWS).collect()
    }
}

const fn fate(fate: Fate) -> ladder::Fate {
    match fate {
        Fate::Arrived => ladder::Fate::Arrived,
        Fate::Sent => ladder::Fate::Unknown,
        Fate::Lost => ladder::Fate::Lost,
        Fate::Refused => ladder::Fate::Refused,
    }
}

const fn kind(protocol: Protocol) -> Kind {
    match protocol {
        Protocol::Asap => Kind::Asap,
        Protocol::Enrp => Kind::Enrp,
        Protocol::FractalGenerator | Protocol::PingPong | Protocol::CalcApp | Protocol::Scripting => {
            Kind::Application
        }
        Protocol::Status | Protocol::Other(_) => Kind::Other,
    }
}

/// Returns the kind of routine message that it is, if it is one.
pub(crate) fn folds(protocol: Protocol, name: &str) -> Option<FoldClass> {
    Some(match Category::of(protocol, name) {
        Category::Data => FoldClass::Pixels,
        Category::KeepAlive => FoldClass::KeepAlive,
        Category::Presence => FoldClass::Presence,
        Category::Announcement => FoldClass::Other(0),
        Category::Cookie if name == "ASAP_COOKIE" => FoldClass::Pixels,
        Category::Cookie | Category::Management => return None,
    })
}
