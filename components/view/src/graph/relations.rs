//! The relations between nodes, derived from the model: updated when it changes, not in each frame.

use std::collections::BTreeSet;

use crate::graph::edge::{self, Edges};
use crate::graph::external_edge::{self, ExternalEdges};
use crate::graph::layout::Layout;
use crate::graph::link_fault::{self, LinkFault};
use crate::graph::node_id::NodeId;
use crate::graph::pool_frame::{self, Pool};
use model::Model;

/// The relations between nodes.
#[derive(Debug, Default)]
pub(super) struct Relations {
    /// The associations between the control centre's own components.
    pub(super) edges: Edges,
    /// The associations with components that were started elsewhere.
    pub(super) external: ExternalEdges,
    /// The links with faults.
    pub(super) faults: Vec<LinkFault>,
    /// The pools.
    pub(super) pools: Vec<Pool>,
}

impl Relations {
    /// Computes the relations between the nodes of a layout.
    #[must_use]
    pub(super) fn of(model: &Model, layout: &Layout) -> Self {
        Self {
            edges: edge::edges(model),
            external: external_edge::edges(model, layout),
            faults: link_fault::faults(model),
            pools: pool_frame::pools(model),
        }
    }

    /// Returns a node together with its neighbours.
    #[must_use]
    pub(super) fn neighbours(&self, of: NodeId) -> BTreeSet<NodeId> {
        let own = self.edges.keys().map(|key| key.ends);
        let external = self.external.keys().map(|key| key.ends);
        own.chain(external)
            .filter(|nodes| nodes.contains(&of))
            .flatten()
            .chain([of])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use feed::Protocol;
    use model::ComponentId;

    use super::*;
    use crate::graph::edge::{Certainty, Edge, EdgeKey};

    #[test]
    fn neighbours_are_those_whom_an_edge_joins() {
        let mut relations = Relations::default();
        let [one, two, three] = [1, 2, 3].map(|id| NodeId::Own(ComponentId(id)));
        let edge = Edge {
            certainty: Certainty::Both,
            home: None,
            element_colour: None,
        };
        let key = EdgeKey::new(one, two, Protocol::Enrp);
        relations.edges.insert(key, edge);
        assert_eq!(relations.neighbours(one), [one, two].into());
        assert_eq!(relations.neighbours(three), [three].into());
    }
}
