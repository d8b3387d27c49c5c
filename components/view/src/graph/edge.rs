//! The associations as edges: who with whom, for what, and whether both ends still believe in it.

use std::collections::BTreeMap;

use feed::{ComponentRole, Protocol, Timestamp};

use crate::graph::node_id::NodeId;
use crate::wording::Standing;
use command::links::{self, Link};
use model::{Association, ComponentId, Model};

/// How sure an association is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// Both ends see it.
    Both,
    /// One end is frozen or unplugged: nobody knows.
    Doubtful,
    /// Only one end (still) sees it.
    OneSided,
    /// There is none, but the pool element still belongs to the registrar.
    Absent,
}

/// All associations between two components for the same purpose.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edge {
    /// How sure.
    pub(super) certainty: Certainty,
    /// Whether it joins a pool element with its home registrar: the pool element, which belongs to it.
    pub(super) home: Option<ComponentId>,
    /// For application associations: the pool element, whose colour its data has.
    pub(super) element_colour: Option<usize>,
}

/// What names an edge: whom it joins, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EdgeKey {
    /// Its ends in order.
    pub(super) ends: [NodeId; 2],
    /// What for.
    pub(super) protocol: Protocol,
}

/// The edges between the control centre's own components.
pub(super) type Edges = BTreeMap<EdgeKey, Edge>;

/// What has gone over an edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Traffic {
    /// Since when there is an association.
    pub(super) since: Timestamp,
    /// Messages so far.
    pub(super) messages: u64,
}

impl EdgeKey {
    /// The key of an edge, whatever the order of its ends.
    #[must_use]
    pub(super) fn new(one: impl Into<NodeId>, other: impl Into<NodeId>, protocol: Protocol) -> Self {
        let (one, other) = (one.into(), other.into());
        Self {
            ends: [one.min(other), one.max(other)],
            protocol,
        }
    }

    /// The link that it is on; none if an end is not the control centre's own.
    #[must_use]
    pub(super) fn link(&self) -> Option<Link> {
        let [one, other] = self.ends;
        Some(links::between(one.own()?, other.own()?))
    }
}

impl Traffic {
    /// What has gone over an edge. It changes with each message, and is asked for one edge at a time.
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

/// The edge that an association is part of, if both ends are the control centre's own.
fn key_of(association: &Association) -> Option<EdgeKey> {
    let [one, other] = association.ends;
    Some(EdgeKey::new(one?, other?, association.protocol))
}

/// The edges of the model.
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

/// Marks the edges that join pool elements with their home registrars. Where there is no association any more, the pool
/// element still belongs there until somebody takes over.
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
