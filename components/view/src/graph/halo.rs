//! The emphasis of nodes: selected, pointed at, or dimmed.

use egui::Stroke;

use crate::graph::dimensions::{CHOSEN_HALO, GAP, HALO, OTHER_NODE};
use crate::graph::painter::GraphPainter;
use crate::graph::shape::RoleShape;
use crate::theme::fade;

/// The emphasis of a node in one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Emphasis {
    /// The node is selected.
    pub(super) chosen: bool,
    /// The pointer or the keyboard focus is on it.
    pub(super) lit: bool,
    /// An unrelated node is selected.
    pub(super) dimmed: bool,
}

impl Emphasis {
    /// Returns the strength of the node. 1 is normal.
    #[must_use]
    pub(super) fn strength(self) -> f32 {
        if self.dimmed { OTHER_NODE } else { 1.0 }
    }
}

impl GraphPainter<'_> {
    /// Draws the background of a node of this shape. Nothing else behind a node may show through it.
    pub(super) fn paint_halo(&self, shape: RoleShape, emphasis: Emphasis) {
        let (painter, theme) = (&self.painter, self.theme);
        shape.grown(GAP).paint(painter, theme.ground, Stroke::NONE);
        if emphasis.chosen {
            let stroke = Stroke::new(2.0, theme.accent);
            let fill = fade(theme.accent, 0.25);
            shape.grown(CHOSEN_HALO).paint(painter, fill, stroke);
        } else if emphasis.lit {
            let fill = fade(theme.text, 0.12);
            shape.grown(HALO).paint(painter, fill, Stroke::NONE);
        }
    }
}
