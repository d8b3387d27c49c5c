//! Associations with components that were started elsewhere, as edges.

use std::collections::BTreeMap;
use std::net::IpAddr;

use feed::{ComponentRole, Protocol, Timestamp};

use crate::graph::curve::way_between;
use crate::graph::edge::EdgeKey;
use crate::graph::layout::Layout;
use crate::graph::node_id::NodeId;
use crate::snapshot::Snapshot;
use model::{ExternalEnd, Model, words};

/// An association with a component that was started elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExternalEdge {
    /// When it was established, if known.
    pub(super) since: Option<Timestamp>,
    /// The time until which it is considered up: reports expire, events of our own components do not.
    believed_until: Option<Timestamp>,
    /// The component that reports it.
    pub(super) reporter: NodeId,
    /// The kind of curve.
    pub(super) way: Protocol,
    /// The pool element whose colour the data has, if it is one of the control centre's own.
    pub(super) element_colour: Option<usize>,
}

/// The edges that touch a component that was started elsewhere.
pub(super) type ExternalEdges = BTreeMap<EdgeKey, ExternalEdge>;

impl ExternalEdge {
    fn new(model: &Model, ends: [NodeId; 2], reporter: NodeId) -> Self {
        let role = |node| match node {
            NodeId::Own(id) => model.components.get(&id).map(|component| component.role()),
            NodeId::External(identifier) => model.external().get(identifier)?.role,
        };
        let element_colour = ends
            .into_iter()
            .find_map(|node| model.components.get(&node.own()?))
            .filter(|component| component.role() == ComponentRole::PoolElement)
            .map(|element| element.colour);
        Self {
            since: None,
            believed_until: None,
            reporter,
            way: way_between(ends.map(role)),
            element_colour,
        }
    }

    /// Returns whether all components that report it are silent.
    #[must_use]
    pub(super) fn is_stale(&self, now: Timestamp) -> bool {
        self.believed_until.is_some_and(|until| now > until)
    }
}

/// Returns the edges between the nodes of a layout that touch a component started elsewhere.
#[must_use]
pub(super) fn edges(model: &Model, layout: &Layout) -> ExternalEdges {
    // Events of our own components are more reliable than reports.
    let mut edges = told_by_own(model, layout);
    let told: Vec<[NodeId; 2]> = edges.keys().map(|key| key.ends).collect();
    for component in layout.external(model) {
        let from = NodeId::External(component.identifier);
        let until = component.silent_after();
        for link in model.links_of(component) {
            let to = match link.to {
                ExternalEnd::Own(id) => NodeId::Own(id),
                ExternalEnd::External(identifier) => NodeId::External(identifier),
                ExternalEnd::Unknown(_) => continue,
            };
            let key = EdgeKey::new(from, to, model::protocol(link.ppid));
            if from == to || !layout.places.contains_key(&to) || told.contains(&key.ends) {
                continue;
            }
            let since = link.duration.map(|duration| component.heard - duration);
            let edge = edges.entry(key).or_insert_with(|| ExternalEdge {
                believed_until: Some(until),
                ..ExternalEdge::new(model, key.ends, from)
            });
            // One end that is still heard is enough.
            edge.believed_until = edge.believed_until.max(Some(until));
            edge.since = edge.since.or(since);
        }
    }
    edges
}

/// Returns the edges that the control centre's own components report, and whose other end is at an address that an
/// external component reports as its own.
fn told_by_own(model: &Model, layout: &Layout) -> ExternalEdges {
    let mut edges = ExternalEdges::new();
    let addresses = addresses(model, layout);
    if addresses.is_empty() {
        return edges;
    }
    for (key, association) in &model.associations {
        let (own, far) = match association.ends {
            [Some(own), None] => (NodeId::Own(own), &key.1),
            [None, Some(own)] => (NodeId::Own(own), &key.0),
            _ => continue,
        };
        let mut there = far.addresses.iter().filter_map(|address| addresses.get(address));
        if let Some(&Some(other)) = there.next() {
            let key = EdgeKey::new(own, other, association.protocol);
            edges.entry(key).or_insert_with(|| ExternalEdge {
                since: Some(association.since),
                ..ExternalEdge::new(model, key.ends, own)
            });
        }
    }
    edges
}

/// Returns the owner of each address; an address that two components claim has none.
fn addresses(model: &Model, layout: &Layout) -> BTreeMap<IpAddr, Option<NodeId>> {
    let mut addresses: BTreeMap<IpAddr, Option<NodeId>> = BTreeMap::new();
    for component in layout.external(model) {
        let node = NodeId::External(component.identifier);
        for address in &component.addresses {
            addresses
                .entry(*address)
                .and_modify(|known| *known = known.filter(|&known| known == node))
                .or_insert(Some(node));
        }
    }
    addresses
}

/// Returns the text of an edge's tooltip.
#[must_use]
pub(super) fn told(key: EdgeKey, edge: &ExternalEdge, snapshot: &Snapshot<'_>) -> String {
    let name = |node: NodeId| node.name(snapshot.model);
    let [one, other] = key.ends.map(name);
    let reporter = name(edge.reporter);
    let silent = if edge.is_stale(snapshot.now) {
        ", which is silent"
    } else {
        ""
    };
    let mut text = format!(
        "{one} and {other}: {}\nas {reporter} reports{silent}",
        key.protocol
    );
    if let Some(since) = edge.since {
        let age = words::age(snapshot.now - since);
        text.push_str(&format!("\nup for {age}"));
    }
    text
}
