//! The associations as edges: who with whom, for what, and whether both ends still believe in it.

use std::collections::BTreeMap;

use egui::{Painter, Pos2, Shape, Stroke};
use feed::{Protocol, Timestamp};

use crate::graph::curve::Curve;
use crate::graph::node_id::NodeId;
use crate::snapshot::Snapshot;
use crate::theme::{Theme, fade};
use crate::wording::Standing;
use model::ComponentId;

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
    /// How many.
    pub(super) associations: u32,
    /// Since when.
    pub(super) since: Timestamp,
    /// Messages so far.
    pub(super) messages: u64,
    /// Whether it joins a pool element with its home registrar: the pool element, which belongs to it.
    pub(super) home: Option<ComponentId>,
    /// For application associations: the pool element, whose colour its data has.
    pub(super) element_colour: Option<usize>,
}

/// Two components, the smaller identifier first, and what for.
pub(super) type EdgeKey = (ComponentId, ComponentId, Protocol);

/// The key of an edge, whatever the order of its ends.
#[must_use]
pub(super) fn key(one: ComponentId, other: ComponentId, protocol: Protocol) -> EdgeKey {
    (one.min(other), one.max(other), protocol)
}

/// The edges of the model.
#[must_use]
pub(super) fn edges(snapshot: &Snapshot<'_>) -> BTreeMap<EdgeKey, Edge> {
    let mut edges = BTreeMap::new();
    for association in snapshot.model.associations.values() {
        let [Some(one), Some(other)] = association.ends else {
            continue;
        };
        let silent = |id| {
            snapshot
                .component(id)
                .is_some_and(|component| Standing::of(component).is_silent())
        };
        let certainty = if silent(one) || silent(other) {
            Certainty::Doubtful
        } else if association.views.len() < 2 {
            Certainty::OneSided
        } else {
            Certainty::Both
        };
        let element_colour = [one, other].into_iter().find_map(|id| {
            snapshot
                .component(id)
                .filter(|component| component.role() == feed::ComponentRole::PoolElement)
                .map(|component| component.colour)
        });
        edges
            .entry(key(one, other, association.protocol))
            .and_modify(|edge: &mut Edge| {
                edge.certainty = edge.certainty.min(certainty);
                edge.associations += 1;
                edge.since = edge.since.min(association.since);
                edge.messages += association.messages;
            })
            .or_insert(Edge {
                certainty,
                associations: 1,
                since: association.since,
                messages: association.messages,
                home: None,
                element_colour,
            });
    }
    mark_homes(snapshot, &mut edges);
    edges
}

/// Marks the edges that join pool elements with their home registrars. Where there is no association any more, the pool
/// element still belongs there until somebody takes over.
fn mark_homes(snapshot: &Snapshot<'_>, edges: &mut BTreeMap<EdgeKey, Edge>) {
    for element in snapshot.role(feed::ComponentRole::PoolElement) {
        let Some(home) = element.home_registrar.filter(|_| element.process.is_alive()) else {
            continue;
        };
        let edge = edges
            .entry(key(element.id, home, Protocol::Asap))
            .or_insert(Edge {
                certainty: Certainty::Absent,
                associations: 0,
                since: snapshot.now,
                messages: 0,
                home: None,
                element_colour: Some(element.colour),
            });
        edge.home = Some(element.id);
    }
}

/// Where edges begin and end.
pub(super) struct Ends<'a> {
    /// The centres of the nodes.
    pub(super) centres: &'a BTreeMap<ComponentId, Pos2>,
    /// Where the edge of a pool element to its home registrar leads.
    pub(super) homes: &'a BTreeMap<ComponentId, Pos2>,
}

impl Ends<'_> {
    fn of(&self, key: &EdgeKey, edge: &Edge) -> Option<(Pos2, Pos2)> {
        let (from, to) = (*self.centres.get(&key.0)?, *self.centres.get(&key.1)?);
        let home = edge.home.and_then(|element| self.homes.get(&element).copied());
        Some(match home {
            Some(home) if edge.home == Some(key.0) => (from, home),
            Some(home) => (home, to),
            None => (from, to),
        })
    }
}

/// Draws all edges.
pub(super) fn paint_all(
    painter: &Painter,
    theme: &Theme,
    edges: &BTreeMap<EdgeKey, Edge>,
    ends: &Ends<'_>,
    corridor: f32,
    zoom: f32,
    selection: Option<NodeId>,
) {
    let crowded = if edges.len() > 40 { 0.5 } else { 1.0 };
    // Application below, then ENRP, then ASAP.
    for protocol in [Protocol::Application, Protocol::Enrp, Protocol::Asap] {
        for (key, edge) in edges.iter().filter(|(key, _)| key.2 == protocol) {
            let Some((from, to)) = ends.of(key, edge) else {
                continue;
            };
            let line = Curve::new(from, to, protocol, corridor);
            let strength = match selection {
                Some(selected) if [key.0, key.1].map(NodeId::Own).contains(&selected) => 1.25,
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
        assert_eq!(key(one, other, Protocol::Asap), key(other, one, Protocol::Asap));
    }
}
