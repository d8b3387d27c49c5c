//! The context for drawing the graph.

use std::collections::BTreeSet;

use egui::Painter;
use feed::Protocol;

use crate::graph::dimensions::{CHOSEN_EDGE, CROWD, CROWDED_EDGE, OTHER_EDGE};
use crate::graph::fading_edge::FadingEdges;
use crate::graph::failover_arrow::FailoverArrow;
use crate::graph::geometry::Geometry;
use crate::graph::measures::Measures;
use crate::graph::node_id::NodeId;
use crate::graph::relations::Relations;
use crate::selection::ChosenMessage;
use crate::snapshot::Snapshot;
use crate::theme::Theme;
use command::links::Link;

/// The context for drawing the graph in one frame: the painter, and everything that the look depends on. Each kind of
/// thing is drawn by methods in the file for that kind.
pub(super) struct GraphPainter<'a> {
    /// The painter, clipped to the graph's area.
    pub(super) painter: Painter,
    /// The colours.
    pub(super) theme: &'static Theme,
    /// The dimensions.
    pub(super) measures: &'static Measures,
    /// The snapshot to show.
    pub(super) snapshot: &'a Snapshot<'a>,
    /// The positions on the screen.
    pub(super) geometry: &'a Geometry,
    /// The edges and faults.
    pub(super) relations: &'a Relations,
    /// The selected node, together with its neighbours.
    pub(super) chosen: Option<(NodeId, BTreeSet<NodeId>)>,
    /// The nodes that the story is about, if it is not about all of them.
    pub(super) actors: Option<BTreeSet<NodeId>>,
    /// The edges that have just ended.
    pub(super) fading: &'a FadingEdges,
    /// The pairs of registrars that disagree, and on how many pool elements.
    pub(super) disagreements: Vec<(Link, usize)>,
    /// The failovers to be shown.
    pub(super) failovers: Vec<FailoverArrow>,
    /// The selected link.
    pub(super) link: Option<Link>,
    /// The message that is taken apart.
    pub(super) message: Option<&'a ChosenMessage>,
    /// What the legend has switched off.
    pub(super) hidden: &'a BTreeSet<Protocol>,
    /// The time in seconds, for animations.
    pub(super) time: f64,
}

impl GraphPainter<'_> {
    /// Returns the strength of an edge, given the total number of edges. 1 is normal, less is dimmed.
    pub(super) fn edge_strength(&self, ends: [NodeId; 2], edges: usize) -> f32 {
        let is_actor = |node| self.actors.as_ref().is_none_or(|actors| actors.contains(node));
        match &self.chosen {
            Some((chosen, _)) if ends.contains(chosen) => CHOSEN_EDGE,
            Some(_) => OTHER_EDGE,
            None if !ends.iter().all(is_actor) => OTHER_EDGE,
            None if edges > CROWD => CROWDED_EDGE,
            None => 1.0,
        }
    }
}
