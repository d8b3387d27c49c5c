//! The position of everything in the graph on the screen, for one frame.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use egui::{Pos2, Rect, pos2};
use feed::Protocol;

use crate::graph::curve::Curve;
use crate::graph::dimensions::{FAULT_BADGE, LINE_SCALE, TEXT_SCALE};
use crate::graph::edge::{Edge, EdgeKey};
use crate::graph::external_edge::ExternalEdge;
use crate::graph::layout::{Heading, Place, PoolPlace};
use crate::graph::link_fault::LinkFault;
use crate::graph::node_id::NodeId;
use crate::graph::state::GraphState;
use model::ComponentId;

/// The distance of an edge from a registrar that it leads around.
const CLEARANCE: f32 = 5.0;

/// The position of everything in one frame, in points on the screen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Geometry {
    /// The area of the graph.
    pub(super) area: Rect,
    /// The magnification.
    pub(super) zoom: f32,
    /// The nodes, some of them still moving to their places.
    pub(super) places: BTreeMap<NodeId, Place>,
    /// The headings of the columns.
    pub(super) headings: Vec<Heading>,
    /// The pools, if each has its own part of the pool elements.
    pub(super) pools: Vec<PoolPlace>,
    /// The end of the edge from each pool element to its home registrar.
    homes: BTreeMap<ComponentId, Pos2>,
    /// The height below which application edges pass.
    corridor: f32,
    /// The registrars, which edges of others must not run behind.
    registrars: Vec<(NodeId, Pos2, f32)>,
}

impl Geometry {
    /// Computes the geometry in this area.
    #[must_use]
    pub(super) fn of(graph: &GraphState, area: Rect) -> Self {
        let GraphState {
            layout,
            viewport,
            shown,
            homes,
            ..
        } = graph;
        let on_screen = |at| viewport.on_screen(area, at);
        let zoom = viewport.zoom;
        let places = layout.places.iter().filter_map(|(&node, &place)| {
            let place = Place {
                centre: on_screen(*shown.get(&node)?),
                radius: place.radius * zoom,
                label_width: place.label_width * zoom,
                ..place
            };
            Some((node, place))
        });
        let headings = layout.headings.iter().map(|&heading| Heading {
            centre: on_screen(heading.centre),
            ..heading
        });
        let places: BTreeMap<NodeId, Place> = places.collect();
        let registrars = layout.registrars.iter().filter_map(|node| {
            let place = places.get(node)?;
            Some((*node, place.centre, place.radius + CLEARANCE * zoom))
        });
        Self {
            area,
            zoom,
            registrars: registrars.collect(),
            places,
            headings: headings.collect(),
            pools: layout.pools.clone(),
            homes: homes.iter().map(|(&id, &at)| (id, on_screen(at))).collect(),
            corridor: on_screen(pos2(0.0, layout.corridor)).y,
        }
    }

    /// Returns the centre of a node.
    #[must_use]
    pub(super) fn centre(&self, node: impl Into<NodeId>) -> Option<Pos2> {
        self.places.get(&node.into()).map(|place| place.centre)
    }

    /// Returns the curve of a protocol's edge from one node to another.
    #[must_use]
    pub(super) fn curve(
        &self,
        from: impl Into<NodeId>,
        to: impl Into<NodeId>,
        way: Protocol,
    ) -> Option<Curve> {
        let ends = [from.into(), to.into()];
        let (from, to) = (self.centre(ends[0])?, self.centre(ends[1])?);
        Some(self.lead(Curve::new(from, to, way, self.corridor), ends, way))
    }

    /// Leads an edge to a registrar around the other registrars.
    fn lead(&self, curve: Curve, ends: [NodeId; 2], way: Protocol) -> Curve {
        if way == Protocol::Application || self.registrars.len() < 2 {
            return curve;
        }
        let others = self.registrars.iter().filter(|(node, ..)| !ends.contains(node));
        let obstacles: Vec<(Pos2, f32)> = others.map(|(_, at, radius)| (*at, *radius)).collect();
        curve.around(&obstacles)
    }

    /// Returns the curve of an edge, also while its pool element moves from one home registrar to another.
    #[must_use]
    pub(super) fn edge(&self, key: EdgeKey, edge: &Edge) -> Option<Curve> {
        let [mut from, mut to] = [self.centre(key.ends[0])?, self.centre(key.ends[1])?];
        if let Some(element) = edge.home
            && let Some(&home) = self.homes.get(&element)
        {
            if key.ends[0].own() == Some(element) {
                to = home;
            } else {
                from = home;
            }
        }
        let curve = Curve::new(from, to, key.protocol, self.corridor);
        Some(self.lead(curve, key.ends, key.protocol))
    }

    /// Returns the curve of an edge to a component started elsewhere.
    #[must_use]
    pub(super) fn external_edge(&self, key: EdgeKey, edge: &ExternalEdge) -> Option<Curve> {
        self.curve(key.ends[0], key.ends[1], edge.way)
    }

    /// Returns the curve of a link with a fault.
    #[must_use]
    pub(super) fn fault(&self, fault: &LinkFault) -> Option<Curve> {
        self.curve(fault.link.0, fault.link.1, fault.way)
    }

    /// Returns the centre of the badge of such a link, and its radius.
    #[must_use]
    pub(super) fn fault_badge(&self, fault: &LinkFault) -> Option<(Pos2, f32)> {
        let radius = FAULT_BADGE * self.text_scale();
        Some((self.fault(fault)?.at(0.5), radius))
    }

    /// Returns the scale of lines relative to their natural size.
    #[must_use]
    pub(super) fn line_scale(&self) -> f32 {
        self.scale(LINE_SCALE)
    }

    /// Returns the scale of text relative to its natural size.
    #[must_use]
    pub(super) fn text_scale(&self) -> f32 {
        self.scale(TEXT_SCALE)
    }

    /// Returns the magnification, clamped to these limits.
    #[must_use]
    pub(super) fn scale(&self, limits: RangeInclusive<f32>) -> f32 {
        self.zoom.clamp(*limits.start(), *limits.end())
    }
}

#[cfg(test)]
mod tests {
    use egui::vec2;

    use super::*;
    use crate::graph::edge::Certainty;
    use crate::graph::layout::LabelSide;
    use crate::graph::viewport::Viewport;

    const REGISTRAR: ComponentId = ComponentId(1);
    const ELEMENT: ComponentId = ComponentId(2);

    /// Creates a pool element at (300, 20) and a registrar at (100, 20), magnified twice and moved by (4, 6).
    fn graph() -> GraphState {
        let mut graph = GraphState::default();
        graph.viewport = Viewport {
            zoom: 2.0,
            pan: vec2(4.0, 6.0),
        };
        for (id, x) in [(REGISTRAR, 100.0), (ELEMENT, 300.0)] {
            let place = Place {
                centre: pos2(x, 20.0),
                radius: 15.0,
                label: LabelSide::Right,
                label_width: 80.0,
                lines: 3,
            };
            graph.layout.places.insert(id.into(), place);
            graph.shown.insert(id.into(), place.centre);
        }
        graph
    }

    fn area() -> Rect {
        Rect::from_min_size(pos2(50.0, 60.0), vec2(800.0, 600.0))
    }

    #[test]
    fn places_follow_area_and_viewport() {
        let geometry = Geometry::of(&graph(), area());
        let place = geometry.places[&NodeId::Own(REGISTRAR)];
        assert_eq!(place.centre, pos2(254.0, 106.0));
        assert_eq!((place.radius, place.label_width), (30.0, 160.0));
        assert_eq!(geometry.text_scale(), *TEXT_SCALE.end());
    }

    #[test]
    fn a_node_is_where_it_is_shown_while_it_glides() {
        let mut graph = graph();
        graph.shown.insert(ELEMENT.into(), pos2(200.0, 20.0));
        let geometry = Geometry::of(&graph, area());
        assert_eq!(geometry.centre(ELEMENT), Some(pos2(454.0, 106.0)));
    }

    #[test]
    fn the_edge_of_a_pool_element_leads_to_where_its_home_is_shown() {
        let mut graph = graph();
        graph.homes.insert(ELEMENT, pos2(0.0, 0.0));
        let geometry = Geometry::of(&graph, area());
        let key = EdgeKey::new(ELEMENT, REGISTRAR, Protocol::Asap);
        let mut edge = Edge {
            certainty: Certainty::Both,
            home: Some(ELEMENT),
            element_colour: None,
        };
        let begin = |edge: &Edge| geometry.edge(key, edge).map(|curve| curve.at(0.0));
        assert_eq!(begin(&edge), Some(pos2(54.0, 66.0)));
        edge.home = None;
        assert_eq!(begin(&edge), geometry.centre(REGISTRAR));
    }
}
