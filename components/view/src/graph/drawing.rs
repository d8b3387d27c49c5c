//! The drawing order of the graph.

use egui::{Align2, Pos2, Ui, Vec2};

use crate::graph::dots::Dots;
use crate::graph::external_node::ExternalNode;
use crate::graph::halo::Emphasis;
use crate::graph::interaction::{Interaction, NodeResponse};
use crate::graph::legend::Switch;
use crate::graph::node::OwnNode;
use crate::graph::node_id::NodeId;
use crate::graph::painter::GraphPainter;
use crate::graph::pool_frame::PoolHeading;
use crate::theme::{self, Theme, size};

/// In an empty graph: how far the text is above the middle, and the hint below the text.
const EMPTY_RISE: f32 = 24.0;
const HINT_GAP: f32 = 34.0;

impl GraphPainter<'_> {
    /// Draws everything, from back to front; returns the places of the pools' headings, and of the legend's switches.
    pub(super) fn draw(&self, dots: &Dots, interaction: &Interaction<'_>) -> (Vec<PoolHeading>, Vec<Switch>) {
        self.paint_pool_frame();
        self.paint_chosen_link();
        self.paint_external_edges();
        self.paint_edges();
        self.paint_fading_edges();
        self.paint_faults();
        self.paint_differences();
        let headings = self.paint_headings();
        self.paint_failovers();
        self.paint_dots(dots);
        self.paint_chosen_message();
        for node in &interaction.nodes {
            self.paint_node(node);
        }
        for badge in &interaction.badges {
            self.paint_fault_badge(badge);
        }
        self.paint_disagreements();
        let switches = self.paint_legend(dots);
        (headings, switches)
    }

    fn paint_node(&self, node: &NodeResponse) {
        let emphasis = self.emphasis(node);
        match node.node {
            NodeId::Own(id) => {
                if let Some(component) = self.snapshot.component(id) {
                    OwnNode::new(self, component, node.place, emphasis).paint();
                }
            }
            NodeId::External(identifier) => {
                if let Some(component) = self.snapshot.model.external().get(identifier) {
                    let node = ExternalNode {
                        graph: self,
                        component,
                        place: node.place,
                        emphasis,
                    };
                    node.paint();
                }
            }
        }
    }

    fn emphasis(&self, node: &NodeResponse) -> Emphasis {
        let (chosen, dimmed) = match &self.chosen {
            Some((chosen, neighbours)) => (*chosen == node.node, !neighbours.contains(&node.node)),
            None => {
                let actors = self.actors.as_ref();
                (false, actors.is_some_and(|actors| !actors.contains(&node.node)))
            }
        };
        Emphasis {
            chosen,
            lit: node.is_lit(),
            dimmed,
        }
    }
}

/// Draws the text of an empty graph, with a hint on what to do.
pub(super) fn paint_nothing(ui: &Ui, theme: &Theme, centre: Pos2) {
    let painter = ui.painter();
    let at = centre - Vec2::new(0.0, EMPTY_RISE);
    painter.text(
        at,
        Align2::CENTER_CENTER,
        "Nothing in the scenario",
        theme::strong_font(size::EMPTY),
        theme.text,
    );
    painter.text(
        at + Vec2::new(0.0, HINT_GAP),
        Align2::CENTER_CENTER,
        "Load a scenario above, or add components on the left.",
        theme::plain_font(size::LEAD),
        theme.weak,
    );
}
