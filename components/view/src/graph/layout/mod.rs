//! The places of the nodes: columns by role, with registrars raised in the middle so that the associations between
//! pool users and pool elements pass below them. Places depend only on order and room, so nothing jumps.

mod column;
mod pools;
mod ring;

use std::collections::BTreeMap;

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use feed::ComponentRole;

use crate::graph::measures::Measures;
use crate::graph::node_id::NodeId;
use crate::graph::node_order::NodeOrder;
use model::{ExternalComponent, Model};

use column::Columns;
use pools::place_pools;
use ring::ring;

pub(super) use pools::{LEFT_MARGIN, PoolPlace, RIGHT_MARGIN, heading_height};

/// The side of a node on which its text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LabelSide {
    /// To the left, right-aligned.
    Left,
    /// To the right.
    Right,
    /// Above, centred.
    Above,
    /// Below, centred.
    Below,
}

/// The place of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Its centre.
    pub(super) centre: Pos2,
    /// Its radius.
    pub(super) radius: f32,
    /// The side of its text.
    pub(super) label: LabelSide,
    /// The maximum width of its text; 0 leaves no room for text.
    pub(super) label_width: f32,
    /// The number of lines of text for which there is room.
    pub(super) lines: usize,
}

/// The heading of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Heading {
    /// Its centre.
    pub(super) centre: Pos2,
    /// The role of the column.
    pub(super) role: ComponentRole,
    /// The number of nodes without room.
    pub(super) hidden: usize,
}

/// The places of all nodes within an area that begins at the origin.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Layout {
    /// The places.
    pub(super) places: BTreeMap<NodeId, Place>,
    /// The registrars among them.
    pub(super) registrars: Vec<NodeId>,
    /// The headings of the columns.
    pub(super) headings: Vec<Heading>,
    /// The height below which associations between pool users and pool elements bend.
    pub(super) corridor: f32,
    /// The pools, if there are several and each has its own part of the pool elements.
    pub(super) pools: Vec<PoolPlace>,
}

impl Layout {
    /// Returns the components started elsewhere that have a place.
    pub(super) fn external<'a>(&self, model: &'a Model) -> impl Iterator<Item = &'a ExternalComponent> {
        self.places.keys().filter_map(|node| match *node {
            NodeId::Own(_) => None,
            NodeId::External(identifier) => model.external().get(identifier),
        })
    }
}

/// The height of the headings.
const HEADING: f32 = 24.0;
/// The radius of nodes with plenty of room: in a small area, and in a large one.
const LARGE_NODE: f32 = 24.0;
const LARGEST_NODE: f32 = 46.0;
/// The minimum radius in a crowded column.
const SMALLEST_NODE: f32 = 7.0;
/// The gap between the texts of two nodes.
const TEXT_GAP: f32 = 3.0;
/// The maximum number of registrars that leave some of their room to several columns of pools.
const MOST_BETWEEN_POOLS: usize = 5;
/// The least room between pool users and pools for registrars with all lines of text, and the least room at all.
const CROWDED_BETWEEN: f32 = 200.0;
const LEAST_BETWEEN: f32 = 120.0;
/// The maximum number of lines of text at a node.
const MOST_LINES: usize = 4;

/// Places the nodes in an area of this size.
#[must_use]
pub(super) fn place(order: &NodeOrder, size: Vec2, measures: &Measures) -> Layout {
    let mut layout = Layout::default();
    let &Measures {
        side, top, bottom, ..
    } = measures;
    let area = Rect::from_min_max(
        pos2(side, top),
        pos2(
            (size.x - side).max(side + 200.0),
            (size.y - bottom).max(top + 120.0),
        ),
    );
    let third = area.width() * measures.column;
    let users = Rect::from_min_size(area.min, vec2(third, area.height()));
    let elements = Rect::from_min_max(pos2(area.right() - third, area.top()), area.max);
    // Text below the nodes leaves more room between the columns, which several registrars need.
    let narrow = order.registrars.len() > 1 && area.width() < measures.narrow;
    let columns = Columns { measures, narrow };
    let several_users = columns.place(&mut layout, &order.users, users, LabelSide::Left);
    // Many registrars need all the room between the columns.
    let may_widen = order.registrars.len() <= MOST_BETWEEN_POOLS;
    let pools = (order.elements.as_slice(), order.breaks.as_slice());
    let are_apart =
        !order.breaks.is_empty() && place_pools(&mut layout, pools, area, may_widen, measures).is_some();
    let several_elements =
        !are_apart && columns.place(&mut layout, &order.elements, elements, LabelSide::Right);
    let between = between(&layout, order, area);
    let crowded = several_users || several_elements || are_apart && between.width() < CROWDED_BETWEEN;
    ring(&mut layout, &order.registrars, between, crowded, measures);
    layout.registrars.clone_from(&order.registrars);
    let heading = |x, role, hidden| Heading {
        centre: pos2(x, HEADING),
        role,
        hidden,
    };
    let [hidden_users, hidden_registrars, hidden_elements] = order.hidden;
    layout.headings = vec![
        heading(
            heading_x(&layout, &order.users, users),
            ComponentRole::PoolUser,
            hidden_users,
        ),
        heading(between.center().x, ComponentRole::Registrar, hidden_registrars),
        heading(
            heading_x(&layout, &order.elements, elements),
            ComponentRole::PoolElement,
            hidden_elements,
        ),
    ];
    layout
}

/// Returns the area between the columns of pool users and pool elements.
fn between(layout: &Layout, order: &NodeOrder, area: Rect) -> Rect {
    let places = |nodes: &[NodeId]| -> Vec<Place> {
        nodes
            .iter()
            .filter_map(|id| layout.places.get(id))
            .copied()
            .collect()
    };
    let (users, elements) = (places(&order.users), places(&order.elements));
    let inner = |place: &Place| match place.label {
        // Columns beside each other have their text on the right.
        LabelSide::Right if place.lines < 2 => place.centre.x + place.radius + place.label_width,
        _ => place.centre.x + place.radius,
    };
    let left = users.iter().map(inner).fold(area.left(), f32::max);
    let right = elements.iter().map(|place| place.centre.x - place.radius);
    let right = right.fold(area.right(), f32::min);
    let middle = (left + right) / 2.0;
    let (left, right) = (
        left.min(middle - LEAST_BETWEEN / 2.0),
        right.max(middle + LEAST_BETWEEN / 2.0),
    );
    Rect::from_min_max(pos2(left, area.top()), pos2(right, area.bottom()))
}

/// Returns the position of a column's heading: above its nodes, or where they would be.
fn heading_x(layout: &Layout, nodes: &[NodeId], area: Rect) -> f32 {
    let first = nodes.first().and_then(|id| layout.places.get(id));
    match first {
        Some(place) if place.label == LabelSide::Below => place.centre.x,
        _ => area.center().x,
    }
}

/// Returns how much larger than usual the text of a node with this radius is, in steps from 0: the fewer nodes there
/// are, the larger their text.
#[must_use]
pub(super) fn growth(radius: f32, measures: &Measures) -> f32 {
    /// The radius up to which text has the usual size, and the additional radius per step of growth.
    const ORDINARY_RADIUS: f32 = 18.0;
    const RADIUS_PER_STEP: f32 = 16.0;
    ((radius - ORDINARY_RADIUS) / RADIUS_PER_STEP).clamp(0.0, measures.most_growth)
}

/// Returns how many lines of text fit into a height.
fn lines_within(measures: &Measures, height: f32, growth: f32) -> usize {
    let fitting = (1..=MOST_LINES).rfind(|lines| measures.height_of(*lines, growth) <= height);
    fitting.unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use model::ComponentId;

    use super::*;
    use crate::graph::measures::DESK;

    fn order(users: u32, registrars: u32, elements: u32) -> NodeOrder {
        let ids = |range: std::ops::Range<u32>| range.map(|id| NodeId::Own(ComponentId(id))).collect();
        NodeOrder {
            users: ids(0..users),
            registrars: ids(100..100 + registrars),
            elements: ids(200..200 + elements),
            hidden: [0; 3],
            breaks: Vec::new(),
        }
    }

    #[test]
    fn no_nodes_overlap_with_6_or_60_components_at_any_window_size() {
        for order in [
            order(2, 1, 3),
            order(1, 3, 8),
            order(18, 4, 38),
            order(30, 8, 22),
            order(100, 1, 10),
        ] {
            for size in [vec2(640.0, 560.0), vec2(700.0, 420.0), vec2(1200.0, 900.0)] {
                let layout = place(&order, size, &DESK);
                let places: Vec<_> = layout.places.values().collect();
                for (index, one) in places.iter().enumerate() {
                    assert!(
                        Rect::from_min_size(Pos2::ZERO, size).contains(one.centre),
                        "{one:?} outside {size:?}"
                    );
                    for other in &places[index + 1..] {
                        let apart = one.centre.distance(other.centre);
                        assert!(
                            apart >= (one.radius + other.radius) * 0.95,
                            "{one:?} on {other:?} in {size:?}"
                        );
                    }
                }
            }
        }
    }
}
