//! The associations as edges: who with whom, for what, and whether both ends still believe in it.

use std::collections::BTreeMap;

use egui::{Painter, Pos2, Shape, Stroke};
use feed::{ComponentRole, Protocol, Timestamp};

use crate::graph::curve::Curve;
use crate::graph::node_id::NodeId;
use crate::theme::{Theme, fade};
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

/// Where edges begin and end.
pub(super) struct Ends<'a> {
    /// The centres of the nodes.
    pub(super) nodes: &'a BTreeMap<NodeId, Pos2>,
    /// Where the edge of a pool element to its home registrar leads.
    pub(super) homes: &'a BTreeMap<ComponentId, Pos2>,
}

impl Ends<'_> {
    fn of(&self, key: &EdgeKey, edge: &Edge) -> Option<(Pos2, Pos2)> {
        let [one, other] = key.ends;
        let (from, to) = (*self.nodes.get(&one)?, *self.nodes.get(&other)?);
        let home = edge.home.and_then(|element| self.homes.get(&element).copied());
        Some(match home {
            Some(home) if one.own() == edge.home => (from, home),
            Some(home) => (home, to),
            None => (from, to),
        })
    }
}

/// Draws all edges.
pub(super) fn paint_all(
    painter: &Painter,
    theme: &Theme,
    edges: &Edges,
    ends: &Ends<'_>,
    corridor: f32,
    zoom: f32,
    selection: Option<NodeId>,
) {
    let crowded = if edges.len() > 40 { 0.5 } else { 1.0 };
    // Application below, then ENRP, then ASAP.
    for protocol in [Protocol::Application, Protocol::Enrp, Protocol::Asap] {
        for (key, edge) in edges.iter().filter(|(key, _)| key.protocol == protocol) {
            let Some((from, to)) = ends.of(key, edge) else {
                continue;
            };
            let line = Curve::new(from, to, protocol, corridor);
            let strength = match selection {
                Some(selected) if key.ends.contains(&selected) => 1.25,
                Some(_) => 0.22,
                None => crowded,
            };
            paint(painter, theme, protocol, edge, line, zoom, strength);
        }
    }
}

/// Draws an edge. `strength` 1 is normal, less is dimmed.
pub(super) fn paint(
    painter: &Painter,
    theme: &Theme,
    protocol: Protocol,
    edge: &Edge,
    curve: Curve,
    zoom: f32,
    strength: f32,
) {
    let colour = fade(
        theme.protocol(protocol),
        strength
            * match (edge.certainty, protocol) {
                (Certainty::Both, Protocol::Asap) if edge.home.is_none() => 0.55,
                (Certainty::Both, _) => 0.8,
                _ => 0.45,
            },
    );
    let width = zoom.clamp(0.6, 1.5)
        * if strength < 1.0 { 0.7 } else { 1.0 }
        * match protocol {
            Protocol::Asap if edge.home.is_some() => 2.5,
            Protocol::Asap => 1.2,
            Protocol::Enrp => 2.2,
            Protocol::Application => 4.0,
        };
    let dashes = match (edge.certainty, protocol) {
        (Certainty::OneSided, _) => Some((3.0, 7.0)),
        (Certainty::Absent, _) => Some((1.5, 6.0)),
        (Certainty::Doubtful, _) => Some((8.0, 6.0)),
        (Certainty::Both, Protocol::Enrp) => Some((9.0, 3.5)),
        (Certainty::Both, _) => None,
    };
    match dashes {
        None => {
            if protocol == Protocol::Application
                && let Some(element) = edge.element_colour
            {
                // A broad soft band in the colour of the pool element under a thin line: work is being done here.
                let band = Stroke::new(width * 2.2, fade(theme.element(element), 0.22 * strength));
                painter.add(curve.line(band));
                painter.add(curve.line(Stroke::new(width * 0.45, colour)));
            } else {
                painter.add(curve.line(Stroke::new(width, colour)));
            }
        }
        Some((dash, gap)) => {
            let stroke = Stroke::new(
                if protocol == Protocol::Application {
                    width * 0.6
                } else {
                    width
                },
                colour,
            );
            painter.extend(Shape::dashed_line(
                &curve.points(),
                stroke,
                dash * zoom,
                gap * zoom,
            ));
        }
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
