//! Associations with components that were started elsewhere, as edges.

use std::collections::BTreeMap;
use std::net::IpAddr;

use egui::{Painter, Pos2};
use feed::{ComponentRole, Protocol, Timestamp};

use crate::graph::curve::{Curve, way_between};
use crate::graph::edge::{self, Certainty, Edge};
use crate::graph::node_id::NodeId;
use crate::snapshot::Snapshot;
use crate::theme::Theme;
use model::{ExternalEnd, words};

/// An association with one that was started elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExternalEdge {
    /// Since when, if somebody says so.
    pub(super) since: Option<Timestamp>,
    /// Whether who tells of it is silent.
    pub(super) stale: bool,
    /// Who tells of it.
    pub(super) reporter: NodeId,
}

/// Two nodes in order, and what for.
pub(super) type ExternalEdges = BTreeMap<(NodeId, NodeId, Protocol), ExternalEdge>;

/// The edges between these nodes that touch one that was started elsewhere.
pub(super) fn edges(snapshot: &Snapshot<'_>, nodes: &BTreeMap<NodeId, Pos2>) -> ExternalEdges {
    let mut edges = ExternalEdges::new();
    let shown = || {
        nodes.keys().filter_map(|node| match node {
            NodeId::Own(_) => None,
            NodeId::External(identifier) => snapshot.model.external().get(*identifier),
        })
    };
    let mut addresses: BTreeMap<IpAddr, Option<NodeId>> = BTreeMap::new();
    for component in shown() {
        for address in &component.addresses {
            // An address that two name is nobody's.
            let node = NodeId::External(component.identifier);
            addresses
                .entry(*address)
                .and_modify(|known| *known = known.filter(|&known| known == node))
                .or_insert(Some(node));
        }
    }
    // Our own components know better than reports what is going on with them.
    for (key, association) in snapshot
        .model
        .associations
        .iter()
        .filter(|_| !addresses.is_empty())
    {
        let (own, far) = match association.ends {
            [Some(own), None] => (own, &key.1),
            [None, Some(own)] => (own, &key.0),
            _ => continue,
        };
        let own = NodeId::Own(own);
        let mut there = far.addresses.iter().filter_map(|address| addresses.get(address));
        if let Some(&Some(other)) = there.next() {
            edges
                .entry((own, other, association.protocol))
                .or_insert(ExternalEdge {
                    since: Some(association.since),
                    stale: false,
                    reporter: own,
                });
        }
    }
    let told: Vec<_> = edges.keys().map(|&(one, other, _)| (one, other)).collect();
    for component in shown() {
        let from = NodeId::External(component.identifier);
        let stale = component.is_stale(snapshot.now);
        for link in snapshot.model.links_of(component) {
            let to = match link.to {
                ExternalEnd::Own(id) => NodeId::Own(id),
                ExternalEnd::External(identifier) => NodeId::External(identifier),
                ExternalEnd::Unknown(_) => continue,
            };
            let pair = (from.min(to), from.max(to));
            if from == to || !nodes.contains_key(&to) || told.contains(&pair) {
                continue;
            }
            let since = link.duration.map(|duration| component.heard - duration);
            let edge = edges
                .entry((pair.0, pair.1, model::protocol(link.ppid)))
                .or_insert(ExternalEdge {
                    since,
                    stale,
                    reporter: from,
                });
            // One end that is heard is enough.
            edge.stale &= stale;
            edge.since = edge.since.or(since);
        }
    }
    edges
}

fn role(snapshot: &Snapshot<'_>, node: NodeId) -> Option<ComponentRole> {
    match node {
        NodeId::Own(id) => snapshot.component(id).map(|component| component.role()),
        NodeId::External(identifier) => snapshot.model.external().get(identifier)?.role,
    }
}

fn name<'a>(snapshot: &Snapshot<'a>, node: NodeId) -> &'a str {
    match node {
        NodeId::Own(id) => snapshot
            .component(id)
            .map_or("?", |component| component.name.as_str()),
        NodeId::External(identifier) => {
            let component = snapshot.model.external().get(identifier);
            component.map_or("?", |component| component.name.as_str())
        }
    }
}

fn curve(
    snapshot: &Snapshot<'_>,
    nodes: &BTreeMap<NodeId, Pos2>,
    (one, other): (NodeId, NodeId),
    corridor: f32,
) -> Option<Curve> {
    let way = way_between([one, other].map(|node| role(snapshot, node)));
    Some(Curve::new(*nodes.get(&one)?, *nodes.get(&other)?, way, corridor))
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
    for (&(one, other, protocol), known) in edges {
        let Some(curve) = curve(snapshot, nodes, (one, other), corridor) else {
            continue;
        };
        let strength = match chosen {
            Some(chosen) if chosen == one || chosen == other => 1.25,
            Some(_) => 0.22,
            None => crowded,
        };
        let own = [one, other]
            .into_iter()
            .find_map(|node| snapshot.component(node.own()?));
        let element_colour = own
            .filter(|component| component.role() == ComponentRole::PoolElement)
            .map(|component| component.colour);
        let edge = Edge {
            certainty: if known.stale {
                Certainty::Doubtful
            } else {
                Certainty::Both
            },
            associations: 1,
            since: known.since.unwrap_or(snapshot.now),
            messages: 0,
            home: None,
            element_colour,
        };
        edge::paint(painter, theme, protocol, &edge, curve, zoom, strength);
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
    let (&(one, other, protocol), edge) = edges.iter().find(|(key, _)| {
        curve(snapshot, nodes, (key.0, key.1), corridor).is_some_and(|curve| curve.is_under(at))
    })?;
    let reporter = name(snapshot, edge.reporter);
    let external = if one.own().is_none() { one } else { other };
    let silent = if edge.stale { ", which is silent" } else { "" };
    let mut text = format!(
        "{} and {}: {}\nas {reporter} reports{silent}",
        name(snapshot, one),
        name(snapshot, other),
        protocol,
    );
    if let Some(since) = edge.since {
        let age = words::age(snapshot.now - since);
        text.push_str(&format!("\nup for {age}"));
    }
    Some((external, text))
}
