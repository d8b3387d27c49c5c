//! Messages in transit: each is a dot that travels along an edge for half a second; their number is limited.

use std::collections::BTreeMap;

use egui::{Color32, Pos2, Stroke};
use feed::Protocol;

use crate::graph::curve::Curve;
use crate::graph::dimensions::DOT_SCALE;
use crate::graph::edge::{Edge, EdgeKey};
use crate::graph::geometry::Geometry;
use crate::graph::message_kind::MessageKind;
use crate::graph::node_id::NodeId;
use crate::graph::painter::GraphPainter;
use crate::graph::relations::Relations;
use crate::snapshot::Snapshot;
use crate::theme::fade;
use model::ComponentId;

/// The maximum number of dots at a time; nobody could follow more of them.
const MOST: usize = 90;
/// The maximum number of messages on their way at the cursor.
const MOST_EXACT: usize = 500;
/// The maximum number of messages examined per frame.
const MOST_LOOKED_AT: usize = 400;
/// The maximum number of new dots per frame and edge.
const MOST_PER_EDGE: usize = 2;
/// The duration of a dot's journey, in seconds, and that of a message with a shape of its own, which is to be seen.
const JOURNEY: f64 = 0.55;
const LONG_JOURNEY: f64 = 1.1;
/// The minimum distance in time of two such messages on the same way.
const APART: f64 = 0.35;
/// How long the legend explains a shape after it was seen, in seconds.
const EXPLAINED: f64 = 15.0;

/// The delay between the dots of one frame on the same edge, in seconds.
const STAGGER: f64 = 0.06;
/// The initial radius of the wave of a multicast message, and its growth.
const WAVE: f32 = 24.0;
const WAVE_GROWTH: f32 = 40.0;
/// The radius of the dot of a small message, and of one that is larger than this number of bytes.
const SMALL: f32 = 3.4;
const LARGE: f32 = 4.5;
const LARGE_BYTES: u32 = 200;
/// The number of nodes above which shapes are smaller, and their relative size there.
const CROWD: usize = 24;
const IN_CROWD: f32 = 0.6;
/// How far from a dot a click still means it.
const NEAR: f32 = 12.0;
/// The radius of the ring around the message that is taken apart.
const RING: f32 = 9.0;
/// The rim around a dot that sets it off from its edge.
const RIM: f32 = 2.5;

#[derive(Debug)]
struct Dot {
    /// What travels.
    message: Travelling,
    started: f64,
}

/// A message that is drawn on its way.
#[derive(Debug)]
struct Travelling {
    /// The number of its record.
    number: u64,
    from: ComponentId,
    /// `None` for multicast.
    to: Option<ComponentId>,
    protocol: Protocol,
    kind: MessageKind,
    large: bool,
}

impl Dot {
    /// Returns the share of its journey at a time.
    fn progress(&self, time: f64) -> f64 {
        let journey = match self.message.kind {
            MessageKind::Other => JOURNEY,
            _ => LONG_JOURNEY,
        };
        (time - self.started) / journey
    }
}

/// The dots in transit.
#[derive(Debug, Default)]
pub(super) struct Dots {
    dots: Vec<Dot>,
    /// The messages that were on their way at the cursor, and the share of it that each had covered.
    exact: Vec<(Travelling, f32)>,
    next_number: Option<u64>,
    /// When each shape was seen last.
    seen: BTreeMap<MessageKind, f64>,
}

impl Dots {
    /// Adds the messages since the last frame and drops the dots that have arrived. In the present, nobody knows when a
    /// message will arrive, so that each dot travels for the same time; in the past it is where its message was.
    pub(super) fn update(&mut self, snapshot: &Snapshot<'_>, time: f64) {
        self.exact.clear();
        if !snapshot.is_present() {
            self.dots.clear();
            self.next_number = None;
            self.show_exactly(snapshot, time);
            return;
        }
        self.dots.retain(|dot| dot.progress(time) < 1.0);
        let log = &snapshot.model.messages;
        // Messages from before the window was opened are not replayed.
        let next = self
            .next_number
            .replace(log.next_number)
            .unwrap_or(log.next_number);
        let new = usize::try_from(log.next_number.saturating_sub(next)).unwrap_or(usize::MAX);
        let mut fresh: Vec<(Option<EdgeKey>, MessageKind, usize)> = Vec::new();
        for record in log.records.iter().rev().take(new.min(MOST_LOOKED_AT)) {
            let kind = MessageKind::of(record);
            // Of the many others, a few are enough; what explains something is always shown.
            if self.dots.len()
                >= if kind == MessageKind::Other {
                    MOST
                } else {
                    2 * MOST
                }
            {
                continue;
            }
            let Some(from) = record.from else { continue };
            let to = if record.multicast { None } else { record.to };
            if to.is_none() && !record.multicast {
                continue;
            }
            let protocol = snapshot.model.protocol_of(record);
            let key = to.map(|to| EdgeKey::new(from, to, protocol));
            let place = fresh
                .iter()
                .position(|(edge, of, _)| (*edge, *of) == (key, kind))
                .unwrap_or_else(|| {
                    fresh.push((key, kind, 0));
                    fresh.len() - 1
                });
            let Some((_, _, number)) = fresh.get_mut(place) else {
                continue;
            };
            *number += 1;
            let most = if kind == MessageKind::Other && to.is_some() {
                MOST_PER_EDGE
            } else {
                1
            };
            if *number > most {
                continue;
            }
            // Servers send many cookies; a few of them are enough to see it.
            let follows = |dot: &Dot| {
                let message = &dot.message;
                (message.kind, message.from, message.to) == (kind, from, to) && time - dot.started < APART
            };
            if kind != MessageKind::Other && self.dots.iter().any(follows) {
                continue;
            }
            // The dots of one frame start one after the other.
            let started = time + STAGGER * (*number - 1) as f64;
            if kind != MessageKind::Other {
                self.seen.insert(kind, time);
            }
            let message = Travelling {
                number: record.number,
                from,
                to,
                protocol,
                kind,
                large: record.size > LARGE_BYTES,
            };
            self.dots.push(Dot { message, started });
        }
    }

    /// Shows the messages that were on their way at the cursor.
    fn show_exactly(&mut self, snapshot: &Snapshot<'_>, time: f64) {
        let in_flight = snapshot.time.map(|time| time.in_flight).unwrap_or_default();
        for flying in in_flight.iter().take(MOST_EXACT) {
            let record = snapshot.model.messages.shared(flying.number);
            let kind = record.map_or(MessageKind::Other, |record| MessageKind::of(record));
            if kind != MessageKind::Other {
                self.seen.insert(kind, time);
            }
            let message = Travelling {
                number: flying.number,
                from: flying.from,
                to: Some(flying.to),
                protocol: flying.protocol,
                kind,
                large: record.is_some_and(|record| record.size > LARGE_BYTES),
            };
            self.exact.push((message, flying.progress.clamp(0.0, 1.0)));
        }
    }

    /// Returns what is on its way, with the share of the way on the screen, and that of the time.
    fn shown(&self, time: f64) -> impl Iterator<Item = (&Travelling, f32, f32)> {
        let moving = self.dots.iter().map(move |dot| {
            let t = dot.progress(time) as f32;
            let eased = t * t * (3.0 - 2.0 * t);
            (&dot.message, eased, t)
        });
        let exact = self.exact.iter().map(|(message, t)| (message, *t, *t));
        moving.chain(exact).filter(|(.., t)| (0.0..=1.0).contains(t))
    }

    /// Returns the number of the message whose dot is at a place of the screen, if there is one.
    pub(super) fn message_at(
        &self,
        place: Pos2,
        geometry: &Geometry,
        relations: &Relations,
        time: f64,
    ) -> Option<u64> {
        let near = self.shown(time).filter_map(|(message, way, _)| {
            let key = EdgeKey::new(message.from, message.to?, message.protocol);
            let curve = geometry.edge(key, relations.edges.get(&key)?)?;
            let begins_here = key.ends.first() == Some(&NodeId::Own(message.from));
            let way = if begins_here { way } else { 1.0 - way };
            let distance = curve.at(way).distance(place);
            (distance <= NEAR).then_some((distance, message.number))
        });
        near.min_by(|one, other| one.0.total_cmp(&other.0))
            .map(|(_, number)| number)
    }

    /// Returns whether a shape was seen lately.
    #[must_use]
    pub(super) fn has_shown(&self, kind: MessageKind, time: f64) -> bool {
        let seen = self.seen.get(&kind);
        seen.is_some_and(|seen| (0.0..EXPLAINED).contains(&(time - seen)))
    }

    /// Returns whether anything moves.
    #[must_use]
    pub(super) fn any(&self) -> bool {
        !self.dots.is_empty()
    }
}

impl GraphPainter<'_> {
    /// Draws the dots in transit.
    pub(super) fn paint_dots(&self, dots: &Dots) {
        // What explains something is above the others.
        let (shaped, others): (Vec<_>, Vec<_>) = dots
            .shown(self.time)
            .filter(|(message, ..)| !self.hidden.contains(&message.protocol))
            .partition(|(message, ..)| message.kind != MessageKind::Other);
        for (message, way, t) in others.into_iter().chain(shaped) {
            match message.to {
                Some(to) => self.paint_dot(message, to, way),
                None => self.paint_wave(message, t),
            }
        }
    }

    /// Draws a dot at this share of its way.
    fn paint_dot(&self, dot: &Travelling, to: ComponentId, way: f32) {
        // Nothing travels where no association is to be seen, for instance after it has ended.
        let key = EdgeKey::new(dot.from, to, dot.protocol);
        let edge = self.relations.edges.get(&key);
        let Some(edge) = edge.or_else(|| self.fading.get(key)) else {
            return;
        };
        // Towards a home registrar, the line may still be on its way there.
        let begins_here = key.ends.first() == Some(&NodeId::Own(dot.from));
        if let Some(curve) = self.geometry.edge(key, edge) {
            let way = if begins_here { way } else { 1.0 - way };
            self.paint_dot_on(dot, edge, curve, way);
        }
    }

    fn paint_dot_on(&self, dot: &Travelling, edge: &Edge, curve: Curve, way: f32) {
        let scale = self.geometry.scale(DOT_SCALE);
        let size = if dot.large { LARGE } else { SMALL };
        let radius = scale * size;
        let at = curve.at(way);
        if dot.kind != MessageKind::Other {
            let shrunk = if self.geometry.places.len() > CROWD {
                IN_CROWD
            } else {
                1.0
            };
            dot.kind.paint(&self.painter, self.theme, at, scale * shrunk);
            return;
        }
        self.painter
            .circle_filled(at, radius + RIM, fade(self.theme.ground, 0.8));
        self.painter.circle_filled(at, radius, self.dot_colour(dot, edge));
    }

    /// Returns the colour of a dot: that of the computing pool element for data, otherwise that of the protocol.
    fn dot_colour(&self, dot: &Travelling, edge: &Edge) -> Color32 {
        match edge
            .element_colour
            .filter(|_| dot.protocol == Protocol::Application)
        {
            Some(element) => self.theme.element(element),
            None => self.theme.protocol(dot.protocol),
        }
    }

    /// Marks the message that is taken apart: where it was at the cursor, or in the middle of its way.
    pub(super) fn paint_chosen_message(&self) {
        let Some(message) = self.message else {
            return;
        };
        let stroke = Stroke::new(2.5, self.theme.accent);
        let Some(to) = message.to else {
            if let Some(at) = self.geometry.centre(message.from) {
                self.painter.circle_stroke(at, self.geometry.zoom * WAVE, stroke);
            }
            return;
        };
        let now = self.snapshot.now;
        let way = match message.arrived {
            Some(arrived) if !self.snapshot.is_present() && (message.sent..=arrived).contains(&now) => {
                let whole = (arrived - message.sent).as_secs_f32().max(f32::EPSILON);
                (now - message.sent).as_secs_f32() / whole
            }
            _ => 0.5,
        };
        let ends = [NodeId::Own(message.from), NodeId::Own(to)];
        let edges = self.relations.edges.iter();
        let mut between = edges.filter(|(key, _)| ends.iter().all(|end| key.ends.contains(end)));
        if let Some((key, edge)) = between.next()
            && let Some(curve) = self.geometry.edge(*key, edge)
        {
            let begins_here = key.ends.first() == ends.first();
            let at = curve.at(if begins_here { way } else { 1.0 - way });
            self.painter.circle(
                at,
                self.geometry.scale(DOT_SCALE) * RING,
                fade(self.theme.accent, 0.25),
                stroke,
            );
        }
    }

    /// Draws a multicast message: a growing circle.
    fn paint_wave(&self, dot: &Travelling, t: f32) {
        if let Some(at) = self.geometry.centre(dot.from) {
            let colour = fade(self.theme.protocol(dot.protocol), 1.0 - t);
            let radius = self.geometry.zoom * (WAVE + WAVE_GROWTH * t);
            self.painter.circle_stroke(at, radius, Stroke::new(2.0, colour));
        }
    }
}
