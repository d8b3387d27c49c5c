//! What the graph is drawn with.

use std::collections::BTreeSet;

use egui::Painter;

use crate::graph::dimensions::{CHOSEN_EDGE, CROWD, CROWDED_EDGE, OTHER_EDGE};
use crate::graph::geometry::Geometry;
use crate::graph::node_id::NodeId;
use crate::graph::relations::Relations;
use crate::snapshot::Snapshot;
use crate::theme::Theme;
use command::links::Link;

/// Draws the graph of one frame: what it is drawn on, and all that its look depends on. Each kind of thing is drawn by
/// methods in the file about that kind.
pub(super) struct GraphPainter<'a> {
    /// Draws in the graph's area alone.
    pub(super) painter: Painter,
    /// The colours.
    pub(super) theme: &'static Theme,
    /// What is to be shown.
    pub(super) snapshot: &'a Snapshot<'a>,
    /// Where it is.
    pub(super) geometry: &'a Geometry,
    /// What joins it.
    pub(super) relations: &'a Relations,
    /// The node that is chosen, and with it those that it has to do with.
    pub(super) chosen: Option<(NodeId, BTreeSet<NodeId>)>,
    /// The link that is chosen.
    pub(super) link: Option<Link>,
    /// Seconds, for what moves.
    pub(super) time: f64,
}

impl GraphPainter<'_> {
    /// How clearly an edge is seen that is one of so many. 1 is normal, less is dimmed.
    pub(super) fn edge_strength(&self, ends: [NodeId; 2], edges: usize) -> f32 {
        match &self.chosen {
            Some((chosen, _)) if ends.contains(chosen) => CHOSEN_EDGE,
            Some(_) => OTHER_EDGE,
            None if edges > CROWD => CROWDED_EDGE,
            None => 1.0,
        }
    }
}
