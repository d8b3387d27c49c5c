//! Associations with components that were started elsewhere, as edges.

use std::collections::BTreeMap;
use std::net::IpAddr;

use egui::{Painter, Pos2};
use feed::{ComponentRole, Protocol, Timestamp};

use crate::graph::curve::{Curve, way_between};
use crate::graph::edge::{self, Certainty, Edge, EdgeKey};
use crate::graph::layout::Layout;
use crate::graph::node_id::NodeId;
use crate::snapshot::Snapshot;
use crate::theme::Theme;
use model::{ExternalEnd, Model, words};

/// An association with one that was started elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExternalEdge {
    /// Since when, if somebody says so.
    pub(super) since: Option<Timestamp>,
    /// Until when it may be believed: reports are not true for ever, what own components tell is.
    believed_until: Option<Timestamp>,
    /// Who tells of it.
    pub(super) reporter: NodeId,
    /// Which way it takes.
    way: Protocol,
    /// Whose colour its data has, if it is one of the control centre's own pool elements.
    element_colour: Option<usize>,
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

    /// Whether everybody who tells of it is silent.
    #[must_use]
    pub(super) fn is_stale(&self, now: Timestamp) -> bool {
        self.believed_until.is_some_and(|until| now > until)
    }
}

/// The edges between the nodes of a layout that touch one that was started elsewhere.
#[must_use]
pub(super) fn edges(model: &Model, layout: &Layout) -> ExternalEdges {
    // Our own components know better than reports what is going on with them.
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
            // One end that is heard is enough.
            edge.believed_until = edge.believed_until.max(Some(until));
            edge.since = edge.since.or(since);
        }
    }
    edges
}

/// The edges that the control centre's own components tell of, whose other end is at an address that one of the others
/// says is its own.
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

/// Whose address each is; an address that two name is nobody's.
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

fn curve(key: EdgeKey, edge: &ExternalEdge, nodes: &BTreeMap<NodeId, Pos2>, corridor: f32) -> Option<Curve> {
    let [one, other] = key.ends;
    Some(Curve::new(
        *nodes.get(&one)?,
        *nodes.get(&other)?,
        edge.way,
        corridor,
    ))
}

/// Draws the edges.
pub(super) fn paint_edges(
    painter: &Painter,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    edges: &ExternalEdges,
    nodes: &BTreeMap<NodeId, Pos2>,
    (corridor, zoom): (f32, f32),
    chosen: Option<NodeId>,
) {
    let crowded = if edges.len() > 40 { 0.5 } else { 1.0 };
    for (&key, known) in edges {
        let Some(curve) = curve(key, known, nodes, corridor) else {
            continue;
        };
        let strength = match chosen {
            Some(chosen) if key.ends.contains(&chosen) => 1.25,
            Some(_) => 0.22,
            None => crowded,
        };
        let edge = Edge {
            certainty: if known.is_stale(snapshot.now) {
                Certainty::Doubtful
            } else {
                Certainty::Both
            },
            home: None,
            element_colour: known.element_colour,
        };
        edge::paint(painter, theme, key.protocol, &edge, curve, zoom, strength);
    }
}

/// What the pointer tells of the edge below it, and who tells of that edge.
pub(super) fn edge_under(
    at: Pos2,
    snapshot: &Snapshot<'_>,
    edges: &ExternalEdges,
    nodes: &BTreeMap<NodeId, Pos2>,
    corridor: f32,
) -> Option<(NodeId, String)> {
    let (key, edge) = edges
        .iter()
        .find(|&(&key, edge)| curve(key, edge, nodes, corridor).is_some_and(|curve| curve.is_under(at)))?;
    let [one, other] = key.ends;
    let name = |node: NodeId| node.name(snapshot.model);
    let external = if one.own().is_none() { one } else { other };
    let silent = if edge.is_stale(snapshot.now) {
        ", which is silent"
    } else {
        ""
    };
    let mut text = format!(
        "{} and {}: {}\nas {} reports{silent}",
        name(one),
        name(other),
        key.protocol,
        name(edge.reporter),
    );
    if let Some(since) = edge.since {
        let age = words::age(snapshot.now - since);
        text.push_str(&format!("\nup for {age}"));
    }
    Some((external, text))
}
