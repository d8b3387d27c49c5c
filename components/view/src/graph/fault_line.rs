//! The look of links with faults: cut, lossy and slow ones differ, and a badge shows what is wrong.

use egui::{Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2};

use crate::graph::badge::Badge;
use crate::graph::dimensions::{Dashes, TEXT_CORNERS, TEXT_PADDING};
use crate::graph::interaction::FaultBadge;
use crate::graph::link_fault::Kind;
use crate::graph::painter::GraphPainter;
use crate::icon;
use crate::theme::{self, Theme, fade};
use command::links;

/// The strength of a fault that a component has on all its links.
const ON_ALL_LINKS: f32 = 0.6;
/// The opacity of the background of text at a badge.
const COVER: f32 = 0.85;
/// The thickness of the mark of the selected link.
const CHOSEN_LINK: f32 = 11.0;
/// The line of a cut link.
const CUT: Dashes = Dashes::new(5.0, 7.0);

impl GraphPainter<'_> {
    /// Marks the selected link.
    pub(super) fn paint_chosen_link(&self) {
        let Some(link) = self.link else {
            return;
        };
        let stroke = Stroke::new(
            CHOSEN_LINK * self.geometry.line_scale(),
            fade(self.theme.accent, 0.35),
        );
        for key in self.relations.edges.keys().filter(|key| key.link() == Some(link)) {
            if let Some(curve) = self.geometry.curve(link.0, link.1, key.protocol) {
                self.painter.add(Shape::line(curve.points(), stroke));
            }
        }
    }

    /// Draws the lines of links with faults.
    pub(super) fn paint_faults(&self) {
        for fault in &self.relations.faults {
            if let Some(curve) = self.geometry.fault(fault) {
                let strength = if fault.own { 1.0 } else { ON_ALL_LINKS };
                let scale = self.geometry.line_scale();
                paint_fault(
                    &self.painter,
                    self.theme,
                    fault.kind,
                    &curve.points(),
                    scale,
                    strength,
                );
            }
        }
    }

    /// Draws the badge of a link with a fault of its own, and the description of the fault.
    pub(super) fn paint_fault_badge(&self, badge: &FaultBadge<'_>) {
        let (fault, centre, radius) = (badge.fault, badge.centre, badge.radius);
        let ink = fault.kind.colour(self.theme);
        self.paint_badge(Badge {
            centre,
            radius,
            icon: fault.kind.icon(),
            icon_side: 1.05,
            ink,
            line: if badge.lit { 2.4 } else { 1.5 },
        });
        let font = theme::strong_font(self.measures.badge * self.geometry.text_scale());
        let galley = self
            .painter
            .layout_no_wrap(links::words(&fault.impairment), font, ink);
        let text = pos2(centre.x - galley.size().x / 2.0, centre.y + radius + 2.0);
        let behind = Rect::from_min_size(text, galley.size()).expand2(TEXT_PADDING);
        self.painter
            .rect_filled(behind, TEXT_CORNERS, fade(self.theme.ground, COVER));
        self.painter.galley(text, galley, ink);
    }
}

/// Draws a sample of the line of a link with a fault, for the legend.
pub(super) fn paint_sample(painter: &Painter, theme: &Theme, kind: Kind, from: Pos2, to: Pos2) {
    paint_fault(painter, theme, kind, &[from, to], 1.0, 1.0);
    let square = Rect::from_center_size(from + (to - from) / 2.0, Vec2::splat(9.0));
    painter.circle_filled(square.center(), 7.0, theme.ground);
    icon::paint(painter, square, kind.icon(), kind.colour(theme));
}

fn paint_fault(painter: &Painter, theme: &Theme, kind: Kind, points: &[Pos2], scale: f32, strength: f32) {
    let colour = fade(kind.colour(theme), strength);
    match kind {
        Kind::Cut => {
            // The association must not show through: the path no longer exists.
            let ground = Stroke::new(7.0 * scale, theme.ground);
            painter.add(Shape::line(points.to_vec(), ground));
            let stroke = Stroke::new(2.2 * scale, colour);
            painter.extend(CUT.line(points, stroke, scale));
        }
        Kind::Lossy => {
            let dots = Shape::dotted_line(points, colour, 6.5 * scale, 1.7 * scale);
            painter.extend(dots);
        }
        Kind::Slow => {
            let stroke = Stroke::new(1.5 * scale, colour);
            painter.add(Shape::line(points.to_vec(), stroke));
        }
    }
}
