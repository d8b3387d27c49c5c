//! Badges: an icon in a circle, at the corners of nodes and in the middle of edges.

use egui::{Color32, Pos2, Rect, Stroke, Vec2};

use crate::graph::dimensions::COMPACT;
use crate::graph::painter::GraphPainter;
use crate::icon::{self, Icon};

/// The radius of the badge of a small node.
const COMPACT_RADIUS: f32 = 6.5;

/// An icon in a circle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Badge {
    /// Its centre.
    pub(super) centre: Pos2,
    /// Its radius.
    pub(super) radius: f32,
    /// The icon.
    pub(super) icon: Icon,
    /// The side of the icon's square, as a multiple of the radius.
    pub(super) icon_side: f32,
    /// The colour of icon and circle.
    pub(super) ink: Color32,
    /// The thickness of the circle.
    pub(super) line: f32,
}

/// The radius of the badge at the corner of a node.
#[must_use]
pub(super) fn corner_radius(node: f32) -> f32 {
    if node < COMPACT {
        COMPACT_RADIUS
    } else {
        (node * 0.42).clamp(8.0, 12.0)
    }
}

impl GraphPainter<'_> {
    /// Draws a badge.
    pub(super) fn paint_badge(&self, badge: Badge) {
        let line = Stroke::new(badge.line, badge.ink);
        self.painter
            .circle(badge.centre, badge.radius, self.theme.panel, line);
        let side = Vec2::splat(badge.radius * badge.icon_side);
        let square = Rect::from_center_size(badge.centre, side);
        icon::paint(&self.painter, square, badge.icon, badge.ink);
    }
}
