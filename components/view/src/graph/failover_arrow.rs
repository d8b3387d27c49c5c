//! An arrow from the pool element that a pool user has left to the one that it has gone on with.

use std::time::Duration;

use egui::epaint::CubicBezierShape;
use egui::{Color32, Painter, Pos2, Shape, Stroke, Vec2, vec2};
use feed::{ComponentRole, Timestamp};

use crate::graph::painter::GraphPainter;
use crate::snapshot::Snapshot;
use crate::theme::{Theme, fade};
use model::{Component, ComponentId};

/// How long an arrow is shown after the failover, and for how long it fades at the end of this time.
const SHOWN: Duration = Duration::from_secs(12);
const FADES: Duration = Duration::from_secs(2);
/// How far the arrow bends towards the middle of the graph, at its natural size.
const BEND: f32 = 46.0;
/// The length of its head, and half its width.
const HEAD: Vec2 = vec2(13.0, 7.5);

/// A failover that is to be shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FailoverArrow {
    /// The pool element that was left.
    pub(super) from: ComponentId,
    /// The pool element that serves now.
    pub(super) to: ComponentId,
    /// For how long it is still shown.
    left: Duration,
}

impl FailoverArrow {
    /// Returns its strength, from 0 to 1.
    fn strength(&self) -> f32 {
        (self.left.as_secs_f32() / FADES.as_secs_f32()).min(1.0)
    }

    /// Returns the time until it looks different.
    #[must_use]
    pub(super) fn changes_in(&self) -> Duration {
        /// How often it is drawn while it fades.
        const FADING: Duration = Duration::from_millis(150);
        self.left.saturating_sub(FADES).max(FADING)
    }
}

/// Returns the latest failover of a pool user while it is news.
#[must_use]
pub(super) fn arrow_of(user: &Component, now: Timestamp) -> Option<FailoverArrow> {
    let failover = user.failovers.back()?;
    let (from, to) = (failover.from.component?, failover.to?.component?);
    let age = now - failover.first_data.unwrap_or(failover.detected);
    let left = SHOWN
        .checked_sub(age)
        .filter(|_| from != to && !failover.abandoned)?;
    Some(FailoverArrow { from, to, left })
}

/// Returns the arrows of all pool users, each pair of pool elements once.
#[must_use]
pub(super) fn arrows(snapshot: &Snapshot<'_>) -> Vec<FailoverArrow> {
    let mut arrows: Vec<FailoverArrow> = Vec::new();
    let users = snapshot.role(ComponentRole::PoolUser);
    for arrow in users.filter_map(|user| arrow_of(user, snapshot.now)) {
        let known = arrows
            .iter_mut()
            .find(|known| (known.from, known.to) == (arrow.from, arrow.to));
        match known {
            Some(known) => known.left = known.left.max(arrow.left),
            None => arrows.push(arrow),
        }
    }
    arrows
}

impl GraphPainter<'_> {
    /// Draws the arrows.
    pub(super) fn paint_failovers(&self) {
        for arrow in &self.failovers {
            let place = |id: ComponentId| self.geometry.places.get(&id.into());
            let (Some(from), Some(to)) = (place(arrow.from), place(arrow.to)) else {
                continue;
            };
            let Some(server) = self.snapshot.component(arrow.to) else {
                continue;
            };
            let colour = fade(self.theme.component(server), arrow.strength());
            self.paint_failover_arrow(from.centre, to.centre, [from.radius, to.radius], colour);
        }
    }

    /// Draws an arrow between two nodes with these radii.
    fn paint_failover_arrow(&self, from: Pos2, to: Pos2, radii: [f32; 2], colour: Color32) {
        let scale = self.geometry.line_scale();
        let bend = vec2(-BEND * self.geometry.zoom, 0.0);
        let (begin, end) = (leave(from, from + bend, radii[0]), leave(to, to + bend, radii[1]));
        let head = HEAD * scale;
        let stroke = Stroke::new(3.0 * scale, colour);
        let tail = end - vec2(head.x * 0.8, 0.0);
        let points = [begin, begin + bend, tail + bend, tail];
        let line = CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke);
        self.painter.add(line);
        let corners = [Vec2::ZERO, vec2(-head.x, -head.y), vec2(-head.x, head.y)];
        self.painter.add(Shape::convex_polygon(
            corners.map(|corner| end + corner).into(),
            colour,
            Stroke::NONE,
        ));
    }
}

/// Draws a sample for the legend.
pub(super) fn paint_sample(painter: &Painter, theme: &Theme, from: Pos2, to: Pos2) {
    painter.arrow(from, to - from, Stroke::new(2.5, theme.element(0)));
}

/// Returns where a line to a point leaves a node.
fn leave(centre: Pos2, towards: Pos2, radius: f32) -> Pos2 {
    centre + (towards - centre).normalized() * (radius + 3.0)
}
