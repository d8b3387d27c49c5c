//! The associations as edges: their ends, their purpose, and whether both ends still consider them up.

use std::collections::BTreeMap;

use feed::{ComponentRole, Protocol, Timestamp};

use crate::graph::node_id::NodeId;
use crate::wording::Standing;
use command::links::{self, Link};
use model::{Association, ComponentId, Model};

/// The certainty of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// Both ends see it.
    Both,
    /// One end is frozen or unplugged, so the state is unknown.
    Doubtful,
    /// Only one end (still) sees it.
    OneSided,
    /// There is none, but the pool element still belongs to the registrar.
    Absent,
}

/// All associations between two components for the same purpose.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edge {
    /// The certainty.
    pub(super) certainty: Certainty,
    /// The pool element, if the edge joins it with its home registrar.
    pub(super) home: Option<ComponentId>,
    /// The pool element whose colour the data has, for application associations.
    pub(super) element_colour: Option<usize>,
}

/// The key of an edge: its ends and its purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EdgeKey {
    /// The ends, in order.
    pub(super) ends: [NodeId; 2],
    /// The purpose.
    pub(super) protocol: Protocol,
}

/// The edges between the control centre's own components.
pub(super) type Edges = BTreeMap<EdgeKey, Edge>;

/// The traffic on an edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Traffic {
    /// When the association was established.
    pub(super) since: Timestamp,
    /// The number of messages so far.
    pub(super) messages: u64,
}

impl EdgeKey {
    /// Creates the key of an edge, whatever the order of its ends.
    #[must_use]
    pub(super) fn new(one: impl Into<NodeId>, other: impl Into<NodeId>, protocol: Protocol) -> Self {
        let (one, other) = (one.into(), other.into());
        Self {
            ends: [one.min(other), one.max(other)],
            protocol,
        }
    }

    /// Returns the link that it uses; none if an end is not one of the control centre's own components.
    #[must_use]
    pub(super) fn link(&self) -> Option<Link> {
        let [one, other] = self.ends;
        Some(links::between(one.own()?, other.own()?))
    }
}

impl Traffic {
    /// Returns the traffic on an edge. It changes with each message, so it is computed on demand for a single edge.
    #[must_use]
    pub(super) fn over(edge: EdgeKey, model: &Model) -> Option<Self> {
        model
            .associations
            .values()
            .filter(|association| key_of(association) == Some(edge))
            .map(|association| Self {
                since: association.since,
                messages: association.messages,
            })
            .reduce(|one, other| Self {
                since: one.since.min(other.since),
                messages: one.messages + other.messages,
            })
    }
}

/// Returns the edge that an association is part of, if both ends are the control centre's own.
fn key_of(association: &Association) -> Option<EdgeKey> {
    let [one, other] = association.ends;
    Some(EdgeKey::new(one?, other?, association.protocol))
}

/// Returns the edges of the model.
#[must_use]
pub(super) fn edges(model: &Model) -> Edges {
    let mut edges = Edges::new();
    for association in model.associations.values() {
        let Some(key) = key_of(association) else {
            continue;
        };
        let ends = || {
            association
                .ends
                .iter()
                .flatten()
                .filter_map(|id| model.components.get(id))
        };
        let certainty = if ends().any(|end| Standing::of(end).is_silent()) {
            Certainty::Doubtful
        } else if association.views.len() < 2 {
            Certainty::OneSided
        } else {
            Certainty::Both
        };
        let element = ends().find(|end| end.role() == ComponentRole::PoolElement);
        edges
            .entry(key)
            .and_modify(|edge| edge.certainty = edge.certainty.min(certainty))
            .or_insert(Edge {
                certainty,
                home: None,
                element_colour: element.map(|element| element.colour),
            });
    }
    mark_homes(model, &mut edges);
    edges
}

/// Marks the edges that join pool elements with their home registrars. Without an association, a pool element still
/// belongs to its home registrar until there is a takeover.
fn mark_homes(model: &Model, edges: &mut Edges) {
    let elements = model
        .components
        .values()
        .filter(|component| component.role() == ComponentRole::PoolElement && component.process.is_alive());
    for element in elements {
        let Some(home) = element.home_registrar else {
            continue;
        };
        let edge = edges
            .entry(EdgeKey::new(element.id, home, Protocol::Asap))
            .or_insert(Edge {
                certainty: Certainty::Absent,
                home: None,
                element_colour: Some(element.colour),
            });
        edge.home = Some(element.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_ends_does_not_matter() {
        let (one, other) = (ComponentId(1), ComponentId(2));
        assert_eq!(
            EdgeKey::new(one, other, Protocol::Asap),
            EdgeKey::new(other, one, Protocol::Asap)
        );
    }
}
