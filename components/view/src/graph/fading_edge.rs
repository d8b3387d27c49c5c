//! Edges that have just ended: a broken one lingers in two parts, one that was closed in order fades at once.

use std::collections::BTreeMap;

use egui::{Rect, Shape, Stroke, Vec2};
use feed::{ComponentRole, Protocol, Timestamp};

use crate::graph::edge::{Edge, EdgeKey, Edges};
use crate::graph::painter::GraphPainter;
use crate::icon::{self, Icon};
use crate::theme::fade;
use crate::wording::Standing;
use model::{Component, Model, ProcessState};

/// How long a broken edge stays as it is, and how long it takes to fade, in seconds.
const LINGERS: f64 = 2.0;
const FADES: f64 = 2.0;
/// How long one that was closed takes to fade.
const CLOSES: f64 = 0.8;
/// The time within which a pool user's failover belongs to the end of its association.
const BELONGS: std::time::Duration = std::time::Duration::from_secs(3);
/// The part of a broken edge that is missing in the middle.
const BREAK: f32 = 0.08;

/// An edge that has ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FadingEdge {
    edge: Edge,
    /// When it ended, in seconds.
    ended: f64,
    /// Whether it was broken; otherwise it was closed in order.
    pub(super) broken: bool,
}

/// The edges that have ended and are still to be seen.
#[derive(Debug, Default)]
pub(super) struct FadingEdges(BTreeMap<EdgeKey, FadingEdge>);

impl FadingEdge {
    /// Returns its strength at a time: 1 at first, 0 at its end.
    fn strength(&self, time: f64) -> f32 {
        let age = time - self.ended;
        let left = if self.broken {
            (LINGERS + FADES - age) / FADES
        } else {
            (CLOSES - age) / CLOSES
        };
        left.clamp(0.0, 1.0) as f32
    }
}

impl FadingEdges {
    /// Compares the edges with those before.
    pub(super) fn update(&mut self, model: &Model, before: &Edges, edges: &Edges, time: f64) {
        self.0.retain(|key, _| !edges.contains_key(key));
        for (key, edge) in before.iter().filter(|(key, _)| !edges.contains_key(key)) {
            let fading = FadingEdge {
                edge: edge.clone(),
                ended: time,
                broken: is_broken(model, *key),
            };
            self.0.insert(*key, fading);
        }
    }

    /// Drops all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Drops those that have faded. Returns whether any is still there.
    pub(super) fn advance(&mut self, time: f64) -> bool {
        self.0.retain(|_, fading| fading.strength(time) > 0.0);
        !self.0.is_empty()
    }

    /// Returns this edge while it is still to be seen.
    pub(super) fn get(&self, key: EdgeKey) -> Option<&Edge> {
        self.0.get(&key).map(|fading| &fading.edge)
    }

    /// Returns whether there is a broken edge.
    pub(super) fn any_broken(&self) -> bool {
        self.0.values().any(|fading| fading.broken)
    }
}

/// Returns whether the association that has ended was broken, rather than closed by one of its ends.
fn is_broken(model: &Model, key: EdgeKey) -> bool {
    let ends = || {
        key.ends
            .into_iter()
            .filter_map(|node| model.components.get(&node.own()?))
    };
    let is_leaving = |end: &Component| {
        matches!(end.process, ProcessState::Stopping { .. }) || Standing::of(end) == Standing::Stopped
    };
    if ends().any(is_leaving) {
        return false;
    }
    let is_lost = |end: &Component| {
        let standing = Standing::of(end);
        standing.is_silent() || matches!(standing, Standing::Killed | Standing::Crashed)
    };
    if ends().any(is_lost) {
        return true;
    }
    let is_left = |user: &Component| {
        let latest = user.failovers.back();
        latest.is_some_and(|failover| {
            let from = failover.from.component;
            from.is_some_and(|from| ends().any(|end| end.id == from)) && is_recent(model, failover.detected)
        })
    };
    ends().any(|end| end.role() == ComponentRole::PoolUser && is_left(end))
}

fn is_recent(model: &Model, at: Timestamp) -> bool {
    let latest = model.timeline.entries.back().map(|entry| entry.at);
    latest.is_none_or(|latest| latest - at < BELONGS)
}

impl GraphPainter<'_> {
    /// Draws the edges that have ended.
    pub(super) fn paint_fading_edges(&self) {
        for (&key, fading) in &self.fading.0 {
            let Some(curve) = self.geometry.edge(key, &fading.edge) else {
                continue;
            };
            let strength = fading.strength(self.time) * self.edge_strength(key.ends, 0).min(1.0);
            let scale = self.geometry.line_scale();
            if !fading.broken {
                let colour = fade(self.theme.protocol(key.protocol), strength);
                self.painter.add(curve.line(Stroke::new(1.5 * scale, colour)));
                continue;
            }
            let colour = fade(self.theme.danger, strength);
            let width = if key.protocol == Protocol::Application {
                3.0
            } else {
                2.2
            };
            let stroke = Stroke::new(width * scale, colour);
            for [from, to] in [[0.0, 0.5 - BREAK], [0.5 + BREAK, 1.0]] {
                self.painter.add(Shape::line(curve.part(from, to), stroke));
            }
            let square = Rect::from_center_size(curve.at(0.5), Vec2::splat(16.0 * scale));
            icon::paint(&self.painter, square, Icon::Cross, colour);
        }
    }
}
