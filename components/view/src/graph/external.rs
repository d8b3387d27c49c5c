//! Components that were started elsewhere: their associations as edges, and how they look as nodes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use egui::{Color32, Painter, Pos2, Rect, Stroke, Vec2};
use feed::{ComponentRole, Protocol, Timestamp};

use crate::external;
use crate::graph::curve::{Curve, way_between};
use crate::graph::edge::{self, Certainty, Edge};
use crate::graph::label::{self, Line};
use crate::graph::layout::{LabelSide, Place};
use crate::graph::node::{self, Emphasis};
use crate::graph::node_id::NodeId;
use crate::icon::{self, Icon};
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade, mix};
use model::{ExternalComponent, ExternalEnd, words};

/// How much is left of the colours of one that is silent.
const SILENT: f32 = 0.45;
/// Nodes with a smaller radius are drawn without details.
const COMPACT: f32 = 13.0;

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

/// Draws the double outline by which they are known.
pub(super) fn paint_outlines(
    painter: &Painter,
    centre: Pos2,
    radius: f32,
    role: Option<ComponentRole>,
    fill: Color32,
    stroke: Stroke,
) {
    icon::paint_kind(painter, centre, radius, role, fill, stroke);
    let inner = inner(radius);
    icon::paint_kind(painter, centre, inner, role, Color32::TRANSPARENT, stroke);
}

/// The radius of the inner outline.
fn inner(radius: f32) -> f32 {
    radius - (radius * 0.2).clamp(2.5, 7.0)
}

/// Draws a node at its place on the screen.
pub(super) fn paint(
    painter: &Painter,
    theme: &Theme,
    component: &ExternalComponent,
    place: Place,
    how: Emphasis,
    now: Timestamp,
) {
    let stale = component.is_stale(now);
    let dimmed = if how.dimmed { 0.28 } else { 1.0 };
    let strength = dimmed * if stale { SILENT } else { 1.0 };
    let (centre, radius, role) = (place.centre, place.radius, component.role);
    let own = external::colour(theme, component);
    // Nothing behind a node may show through it.
    icon::paint_kind(painter, centre, radius + 3.0, role, theme.ground, Stroke::NONE);
    if how.selected {
        let stroke = Stroke::new(2.0, theme.accent);
        icon::paint_kind(
            painter,
            centre,
            radius + 7.0,
            role,
            fade(theme.accent, 0.25),
            stroke,
        );
    } else if how.hovered || how.focused {
        let fill = fade(theme.text, 0.12);
        icon::paint_kind(painter, centre, radius + 6.0, role, fill, Stroke::NONE);
    }
    let outline = Stroke::new((radius / 18.0).clamp(1.1, 1.8), fade(own, strength));
    let body = fade(mix(theme.card, own, 0.1), strength);
    paint_outlines(painter, centre, radius, role, body, outline);
    if let Some(load) = component
        .load
        .filter(|_| role == Some(ComponentRole::PoolElement))
    {
        let colour = fade(own, strength * 0.8);
        node::paint_load(painter, centre, inner(radius), load as f32, colour);
    }
    // Small ones would hardly be seen behind their marks.
    if radius >= COMPACT || stale {
        let size = if radius < COMPACT {
            6.5
        } else {
            (radius * 0.42).clamp(8.0, 12.0)
        };
        // Away from the text.
        let side = if place.label == LabelSide::Right {
            -1.0
        } else {
            1.0
        };
        let at = centre + Vec2::new(side * radius, -radius) * 0.82;
        let ink = fade(if stale { theme.fault } else { theme.weak }, dimmed);
        painter.circle(at, size, theme.panel, Stroke::new(1.2, ink));
        let square = Rect::from_center_size(at, Vec2::splat(size * 1.25));
        icon::paint(painter, square, Icon::Eye, ink);
    }
    paint_label(painter, theme, component, place, how.zoom, dimmed, now);
}

fn paint_label(
    painter: &Painter,
    theme: &Theme,
    component: &ExternalComponent,
    place: Place,
    zoom: f32,
    strength: f32,
    now: Timestamp,
) {
    let growth = ((place.radius / zoom - 18.0) / 16.0).clamp(0.0, 1.6);
    let zoom = zoom.clamp(0.75, 1.4);
    let size = if place.two_lines {
        13.5 + 1.5 * growth
    } else {
        12.5
    } * zoom;
    // The name with all its eight digits needs that much.
    let narrow = !place.two_lines || place.label_width < size * 8.2;
    // Silence is written clearly, all else fades.
    let silence = external::silence(component, now);
    let old = if silence.is_some() { 0.6 } else { 1.0 };
    let (text, weak) = (fade(theme.text, old), fade(theme.weak, old));
    let name = Line {
        short: Some(external::short_name(component, narrow)),
        ..Line::new(component.name.as_str(), text)
    };
    let mut lines = vec![name.lay_out(painter, theme::strong_font(size), place.label_width)];
    let font = theme::plain_font((12.5 + growth) * zoom);
    if place.two_lines {
        let second = match (&silence, external::load(component)) {
            (Some(silence), _) => Line::new(silence.as_str(), theme.fault),
            (None, Some(load)) => Line::new(format!("{load}, {}", external::status(component)), weak),
            (None, None) => Line::new(external::status(component), weak),
        };
        lines.push(second.lay_out(painter, font.clone(), place.label_width));
        let third = Line {
            icon: Some(Icon::Eye),
            ..Line::new("reports only", weak)
        };
        lines.push(third.lay_out(painter, font, place.label_width));
    } else if let Some(silence) = silence {
        let second = Line::new(silence, theme.fault);
        lines.push(second.lay_out(painter, theme::plain_font(11.5 * zoom), place.label_width));
    }
    label::paint_beside(painter, theme, place, lines, strength);
}
