//! A part of a recording as a sequence chart.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chronicle::Lanes;
use feed::{ComponentRole, Protocol as Purpose, Timestamp};
use ladder::{Arrow, Content, Origin};
use trace::{Category, EndId, Message, MessageId, Packet, PacketId, Prepared, Trace};

use crate::causes::join;
use crate::drawn::{Drawn, folds};
use crate::rows::purpose;
use crate::{Cast, Item};

/// A part of a recording as a sequence chart.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows.
    pub content: Content,
    /// The components that it shows, from left to right.
    pub lines: Vec<EndId>,
    /// How many arrows are left out, since they would be too many.
    pub left_out: usize,
}

/// What a chart is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// From when to when.
    pub span: (Timestamp, Timestamp),
    /// What it is called.
    pub title: String,
    /// The end of the only failover or takeover whose phases are shown; otherwise all within the span are.
    pub phases_of: Option<Timestamp>,
    /// The moment from which times are counted, and what it is.
    pub origin: Option<(Timestamp, String)>,
    /// The components that are shown; `None` for those between which something happens.
    pub lines: Option<BTreeSet<EndId>>,
    /// The categories of messages that are left out.
    pub hidden: BTreeSet<Category>,
    /// The purposes of messages that are left out.
    pub hidden_purposes: BTreeSet<Purpose>,
    /// Whether packets of SCTP without messages are shown.
    pub sctp: bool,
    /// What the reader has chosen.
    pub selected: Option<Item>,
}

/// Of what a chart is made.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The packets and messages.
    pub trace: &'a Trace,
    /// What happened otherwise.
    pub lanes: &'a Lanes,
    /// Who is who.
    pub cast: &'a Cast,
}

impl Chart {
    /// The maximum number of arrows, and of life lines that are chosen by themselves.
    pub const ARROWS: usize = 4_000;
    const LINES: usize = 14;

    /// Makes a chart. Only messages and packets that satisfy the filter are shown.
    #[must_use]
    pub fn new(scene: &Scene<'_>, subject: &Subject, filter: &Prepared) -> Self {
        let (from, to) = subject.span;
        let trace = scene.trace;
        let mut left_out = 0;
        let mut messages: Vec<(MessageId, &Message)> = Vec::new();
        for (id, message) in trace.messages_within(from, to) {
            let category = Category::of(message.protocol, trace.names.get(message.name));
            let is_hidden = subject.hidden.contains(&category)
                || subject
                    .hidden_purposes
                    .contains(&purpose(message.protocol, category));
            if is_hidden || !filter.accepts(trace, id.0 as usize, message) {
                continue;
            }
            if messages.len() < Self::ARROWS {
                messages.push((id, message));
            } else {
                left_out += 1;
            }
        }
        let mut packets: Vec<(PacketId, &Packet)> = Vec::new();
        if subject.sctp {
            for (id, packet) in trace.packets_within(from, to) {
                // What carries a message is that message.
                let carries_only_data = packet.chunks == 1;
                if packet.chunks == 0 || carries_only_data || !filter.accepts_packet(packet) {
                    continue;
                }
                if messages.len() + packets.len() < Self::ARROWS {
                    packets.push((id, packet));
                } else {
                    left_out += 1;
                }
            }
        }
        let lines = match &subject.lines {
            Some(lines) => sorted(scene, lines.iter().copied()),
            None => taking_part(scene, &messages, &packets),
        };
        let place: BTreeMap<EndId, usize> = lines
            .iter()
            .enumerate()
            .map(|(place, end)| (*end, place))
            .collect();
        let drawn = Drawn {
            scene,
            subject,
            place: &place,
        };
        let mut content = Content {
            title: subject.title.clone(),
            life_lines: lines.iter().map(|end| drawn.life_line(*end)).collect(),
            arrows: Vec::new(),
            events: drawn.events(),
            bands: drawn.bands(),
            origin: subject.origin.as_ref().map(|(at, name)| Origin {
                at: *at,
                name: name.clone(),
            }),
        };
        let mut again = sent_again(trace, &messages);
        for (id, message) in &messages {
            content.arrows.extend(drawn.message(*id, message));
            let packets = again.remove(id).unwrap_or_default();
            let shown = packets
                .len()
                .min((2 * Self::ARROWS).saturating_sub(content.arrows.len()));
            left_out += packets.len() - shown;
            let packets = packets.into_iter().take(shown);
            let arrows: Vec<Arrow> = packets
                .filter_map(|packet| drawn.again(*id, message, packet))
                .collect();
            content.events.extend(drawn.timers(message, &arrows));
            content.arrows.extend(arrows);
        }
        for (id, packet) in &packets {
            content.arrows.extend(drawn.packet(*id, packet));
        }
        join(scene, &messages, &place, &mut content.events);
        Self {
            content,
            lines,
            left_out,
        }
    }

    /// Returns the identifier of an item's arrow.
    #[must_use]
    pub const fn arrow(item: Item) -> u64 {
        match item {
            Item::Message(MessageId(number)) => (number as u64) << 2,
            Item::Packet(PacketId(number)) => (number as u64) << 2 | 1,
        }
    }

    /// Returns the item of an arrow: what was sent again is an arrow of its own, of the packet that carried it.
    #[must_use]
    pub const fn item(arrow: u64) -> Item {
        let number = (arrow >> 2) as u32;
        if arrow & 3 == 0 {
            Item::Message(MessageId(number))
        } else {
            Item::Packet(PacketId(number))
        }
    }
}

/// Returns in which packets messages were sent again. A packet with parts of several of them is told for one.
fn sent_again(trace: &Trace, messages: &[(MessageId, &Message)]) -> BTreeMap<MessageId, Vec<PacketId>> {
    let all = messages.iter().filter(|(_, message)| message.again);
    let Some(first) = all.clone().map(|(_, message)| message.first).min() else {
        return BTreeMap::new();
    };
    let mut again: BTreeMap<MessageId, Vec<PacketId>> = all.map(|(id, _)| (*id, Vec::new())).collect();
    let begin = trace
        .retransmissions
        .partition_point(|again| again.packet < first);
    let mut last = None;
    for (_, sent) in trace.retransmissions.from(begin) {
        let packets = sent.message.and_then(|message| again.get_mut(&message));
        if let Some(packets) = packets.filter(|_| last != Some(sent.packet)) {
            packets.push(sent.packet);
            last = Some(sent.packet);
        }
    }
    again
}

/// Returns those between which something happens, from left to right; those who do most if they are many.
fn taking_part(
    scene: &Scene<'_>,
    messages: &[(MessageId, &Message)],
    packets: &[(PacketId, &Packet)],
) -> Vec<EndId> {
    let mut counts = BTreeMap::<EndId, usize>::new();
    let of_messages = messages.iter().flat_map(|(_, message)| {
        let routine = folds(message.protocol, scene.trace.names.get(message.name)).is_some();
        // One that changes something counts for many that do not.
        let weight = if routine { 1 } else { 1_000 };
        [Some(message.from), message.to].map(|end| (end, weight))
    });
    let of_packets = packets
        .iter()
        .flat_map(|(_, packet)| [Some(packet.from), packet.to].map(|end| (end, 1)));
    for (end, weight) in of_messages.chain(of_packets) {
        if let Some(end) = end {
            *counts.entry(end).or_default() += weight;
        }
    }
    let mut all: Vec<(EndId, usize)> = counts.into_iter().collect();
    all.sort_by_key(|(end, count)| (std::cmp::Reverse(*count), *end));
    all.truncate(Chart::LINES);
    sorted(scene, all.into_iter().map(|(end, _)| end))
}

/// Returns ends as they stand in the graph: pool users, registrars, pool elements.
fn sorted(scene: &Scene<'_>, ends: impl Iterator<Item = EndId>) -> Vec<EndId> {
    let mut ends: Vec<EndId> = ends.collect();
    ends.sort_by_key(|end| {
        let member = scene.cast.get(*end);
        let column = match member.and_then(|member| member.role) {
            Some(ComponentRole::PoolUser) => 0,
            Some(ComponentRole::Registrar) => 1,
            Some(ComponentRole::PoolElement) => 2,
            None => 3,
        };
        (column, member.and_then(|member| member.component), *end)
    });
    ends
}

/// How long before and after it something is shown, at least.
const AROUND: Duration = Duration::from_millis(2);

impl Subject {
    /// Returns the subject of a failover or takeover.
    #[must_use]
    pub fn of_recovery(recovery: &chronicle::Recovery<'_>) -> Self {
        let began = recovery.began();
        let around = (recovery.end - began).mul_f64(0.1).max(AROUND);
        let fault = recovery.fault_at.map(|at| (at, "the fault".to_owned()));
        Self {
            span: (began - around, recovery.end + around),
            title: recovery.text.to_owned(),
            phases_of: Some(recovery.end),
            origin: fault.or_else(|| Some((recovery.detected, "its detection".to_owned()))),
            lines: None,
            hidden: BTreeSet::from([Category::Announcement]),
            hidden_purposes: BTreeSet::new(),
            sctp: false,
            selected: None,
        }
    }
}
