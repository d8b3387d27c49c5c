//! The headings of the columns.

use egui::{Align2, Color32, Stroke, pos2};
use feed::ComponentRole;

use crate::graph::layout::Heading;
use crate::graph::painter::GraphPainter;
use crate::graph::pool_frame::PoolHeading;
use crate::graph::shape::RoleShape;
use crate::theme;
use crate::wording;

/// The radius of the role's shape in front of the text.
const MARK: f32 = 5.5;
/// The distance of its centre from the text.
const MARK_GAP: f32 = 13.0;

impl GraphPainter<'_> {
    /// Draws the headings of all columns; returns the places of those of the pools.
    pub(super) fn paint_headings(&self) -> Vec<PoolHeading> {
        let pools = self.paint_pool_headings();
        for &heading in &self.geometry.headings {
            // Where there is little room, shapes tell the roles.
            let has_room = self.measures.has_legend() || heading.hidden > 0;
            if pools.is_empty() || heading.role != ComponentRole::PoolElement && has_room {
                self.paint_heading(heading);
            }
        }
        pools
    }

    fn paint_heading(&self, heading: Heading) {
        let ink = self.theme.weak;
        let font = theme::plain_font(self.measures.badge * self.geometry.text_scale());
        let mut text = wording::roles(heading.role).to_owned();
        if heading.hidden > 0 {
            text.push_str(&format!(", {} more", heading.hidden));
        }
        let text = self
            .painter
            .text(heading.centre, Align2::CENTER_CENTER, text, font, ink);
        let mark = pos2(text.left() - MARK_GAP, text.center().y);
        let mark = RoleShape::new(mark, MARK, heading.role);
        mark.paint(&self.painter, Color32::TRANSPARENT, Stroke::new(1.4, ink));
    }
}
