//! Messages in transit: each is a dot that travels along an edge for half a second; their number is limited.

use egui::{Color32, Stroke};
use feed::Protocol;

use crate::graph::dimensions::DOT_SCALE;
use crate::graph::edge::EdgeKey;
use crate::graph::painter::GraphPainter;
use crate::snapshot::Snapshot;
use crate::theme::fade;
use model::ComponentId;

/// The maximum number of dots at a time; nobody could follow more of them.
const MOST: usize = 90;
/// The maximum number of messages examined per frame.
const MOST_LOOKED_AT: usize = 400;
/// The maximum number of new dots per frame and edge.
const MOST_PER_EDGE: usize = 2;
/// The duration of a dot's journey, in seconds.
const JOURNEY: f64 = 0.55;

/// The delay between the dots of one frame on the same edge, in seconds.
const STAGGER: f64 = 0.06;
/// The initial radius of the wave of a multicast message, and its growth.
const WAVE: f32 = 24.0;
const WAVE_GROWTH: f32 = 40.0;
/// The radius of the dot of a small message, and of one that is larger than this number of bytes.
const SMALL: f32 = 3.4;
const LARGE: f32 = 4.5;
const LARGE_BYTES: u32 = 200;
/// The rim around a dot that sets it off from its edge.
const RIM: f32 = 2.5;

#[derive(Debug)]
struct Dot {
    from: ComponentId,
    /// `None` for multicast.
    to: Option<ComponentId>,
    protocol: Protocol,
    started: f64,
    large: bool,
}

/// The dots in transit.
#[derive(Debug, Default)]
pub(super) struct Dots {
    dots: Vec<Dot>,
    next_number: Option<u64>,
}

impl Dots {
    /// Adds the messages since the last frame and drops the dots that have arrived.
    pub(super) fn update(&mut self, snapshot: &Snapshot<'_>, time: f64) {
        self.dots.retain(|dot| time - dot.started < JOURNEY);
        let log = &snapshot.model.messages;
        // Messages from before the window was opened are not replayed.
        let next = self
            .next_number
            .replace(log.next_number)
            .unwrap_or(log.next_number);
        let new = usize::try_from(log.next_number.saturating_sub(next)).unwrap_or(usize::MAX);
        let mut fresh: Vec<(Option<EdgeKey>, usize)> = Vec::new();
        for record in log.records.iter().rev().take(new.min(MOST_LOOKED_AT)) {
            if self.dots.len() >= MOST {
                break;
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
                .position(|(other, _)| *other == key)
                .unwrap_or_else(|| {
                    fresh.push((key, 0));
                    fresh.len() - 1
                });
            fresh[place].1 += 1;
            if fresh[place].1 > MOST_PER_EDGE || (to.is_none() && fresh[place].1 > 1) {
                continue;
            }
            // The dots of one frame start one after the other.
            let started = time + STAGGER * (fresh[place].1 - 1) as f64;
            self.dots.push(Dot {
                from,
                to,
                protocol,
                started,
                large: record.size > LARGE_BYTES,
            });
        }
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
        for dot in &dots.dots {
            let t = ((self.time - dot.started) / JOURNEY) as f32;
            if !(0.0..=1.0).contains(&t) {
                continue;
            }
            match dot.to {
                Some(to) => self.paint_dot(dot, to, t),
                None => self.paint_wave(dot, t),
            }
        }
    }

    /// Draws a dot at this share of its journey.
    fn paint_dot(&self, dot: &Dot, to: ComponentId, t: f32) {
        let Some(curve) = self.geometry.curve(dot.from, to, dot.protocol) else {
            return;
        };
        let size = if dot.large { LARGE } else { SMALL };
        let radius = self.geometry.scale(DOT_SCALE) * size;
        let eased = t * t * (3.0 - 2.0 * t);
        let at = curve.at(eased);
        self.painter
            .circle_filled(at, radius + RIM, fade(self.theme.ground, 0.8));
        self.painter.circle_filled(at, radius, self.dot_colour(dot, to));
    }

    /// Returns the colour of a dot: that of the computing pool element for data, otherwise that of the protocol.
    fn dot_colour(&self, dot: &Dot, to: ComponentId) -> Color32 {
        let edge = EdgeKey::new(dot.from, to, dot.protocol);
        let edge = self.relations.edges.get(&edge);
        let element = edge.and_then(|edge| edge.element_colour);
        match element.filter(|_| dot.protocol == Protocol::Application) {
            Some(element) => self.theme.element(element),
            None => self.theme.protocol(dot.protocol),
        }
    }

    /// Draws a multicast message: a growing circle.
    fn paint_wave(&self, dot: &Dot, t: f32) {
        if let Some(at) = self.geometry.centre(dot.from) {
            let colour = fade(self.theme.protocol(dot.protocol), 1.0 - t);
            let radius = self.geometry.zoom * (WAVE + WAVE_GROWTH * t);
            self.painter.circle_stroke(at, radius, Stroke::new(2.0, colour));
        }
    }
}
