//! Messages on their way: a dot along an edge for each message, for as long as half a second, and never too many.

use egui::{Color32, Painter, Pos2, Stroke};
use feed::Protocol;

use crate::graph::curve::Curve;
use crate::graph::edge::EdgeKey;
use crate::snapshot::Snapshot;
use crate::theme::{Theme, fade};
use model::ComponentId;

/// The most dots at a time; further messages are not drawn, since nobody could follow them.
const MOST: usize = 90;
/// New dots per frame and edge.
const MOST_PER_EDGE: usize = 2;
/// Seconds on the way.
const JOURNEY: f64 = 0.55;

#[derive(Debug)]
struct Dot {
    from: ComponentId,
    /// None for multicast.
    to: Option<ComponentId>,
    protocol: Protocol,
    started: f64,
    large: bool,
}

/// The dots that are under way.
#[derive(Debug, Default)]
pub(super) struct Dots {
    dots: Vec<Dot>,
    next_number: Option<u64>,
}

impl Dots {
    /// Takes up the messages since the last frame and drops the dots that have arrived.
    pub(super) fn update(&mut self, snapshot: &Snapshot<'_>, time: f64) {
        self.dots.retain(|dot| time - dot.started < JOURNEY);
        let log = &snapshot.model.messages;
        // What happened before the window was there is not played again.
        let next = self
            .next_number
            .replace(log.next_number)
            .unwrap_or(log.next_number);
        let new = usize::try_from(log.next_number.saturating_sub(next)).unwrap_or(usize::MAX);
        let mut fresh: Vec<(Option<EdgeKey>, usize)> = Vec::new();
        for record in log.records.iter().rev().take(new.min(400)) {
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
            // Those of one frame set out one after the other.
            let started = time + 0.06 * (fresh[place].1 - 1) as f64;
            self.dots.push(Dot {
                from,
                to,
                protocol,
                started,
                large: record.size > 200,
            });
        }
    }

    /// Whether anything moves.
    #[must_use]
    pub(super) fn any(&self) -> bool {
        !self.dots.is_empty()
    }

    /// Draws the dots. `curve` gives the curve from one component to another, and the colour of its pool element.
    pub(super) fn paint(
        &self,
        painter: &Painter,
        theme: &Theme,
        time: f64,
        zoom: f32,
        centre: impl Fn(ComponentId) -> Option<Pos2>,
        curve: impl Fn(ComponentId, ComponentId, Protocol) -> Option<(Curve, Option<Color32>)>,
    ) {
        for dot in &self.dots {
            let t = ((time - dot.started) / JOURNEY) as f32;
            if !(0.0..=1.0).contains(&t) {
                continue;
            }
            let radius = zoom.clamp(0.7, 1.6) * if dot.large { 4.5 } else { 3.4 };
            match dot.to {
                Some(to) => {
                    let Some((curve, colour)) = curve(dot.from, to, dot.protocol) else {
                        continue;
                    };
                    let colour = colour.unwrap_or(theme.protocol(dot.protocol));
                    let eased = t * t * (3.0 - 2.0 * t);
                    let at = curve.at(eased);
                    painter.circle_filled(at, radius + 2.5, fade(theme.ground, 0.8));
                    painter.circle_filled(at, radius, colour);
                }
                None => {
                    let Some(at) = centre(dot.from) else { continue };
                    let colour = fade(theme.protocol(dot.protocol), 1.0 - t);
                    painter.circle_stroke(at, zoom * (24.0 + 40.0 * t), Stroke::new(2.0, colour));
                }
            }
        }
    }
}
