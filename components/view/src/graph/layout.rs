//! The places of the nodes: columns by role, with registrars raised in the middle so that the associations between
//! pool users and pool elements pass below them. Places depend only on order and room, so nothing jumps.

use std::collections::BTreeMap;

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use feed::ComponentRole;

use crate::graph::node_id::NodeId;
use crate::graph::node_order::NodeOrder;
use model::{ExternalComponent, Model};

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
    /// Whether there is room for a second line of text.
    pub(super) two_lines: bool,
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
    /// The headings of the columns.
    pub(super) headings: Vec<Heading>,
    /// The height below which associations between pool users and pool elements bend.
    pub(super) corridor: f32,
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
/// The margins of the area that are kept free of nodes.
const TOP: f32 = 54.0;
const BOTTOM: f32 = 52.0;
const SIDE: f32 = 18.0;
/// The radius of nodes with plenty of room: in a small area, and in a large one.
const LARGE_NODE: f32 = 24.0;
const LARGEST_NODE: f32 = 46.0;
/// The minimum radius in a crowded column.
const SMALLEST_NODE: f32 = 7.0;
/// The distance between the rows of a column with plenty of room: in a low area, and in a high one.
const ROOMY_ROWS: f32 = 120.0;
const ROOMIEST_ROWS: f32 = 210.0;
/// Where a role has several columns: the minimum width of each, and the minimum distance of rows.
const NARROWEST_COLUMN: f32 = 84.0;
const CLOSEST_ROWS_OF_SEVERAL: f32 = 34.0;
/// The maximum width of text beside a node.
const BESIDE_WIDTH: f32 = 170.0;
/// The minimum distance of rows before they are split into several columns.
const CLOSEST_ROWS: f32 = 50.0;
/// Graphs narrower than this have the text below the nodes.
const NARROW: f32 = 860.0;
/// The height of three lines of text, including their distance from the node.
const TEXT_HEIGHT: f32 = 68.0;
/// The minimum radius to which nodes shrink to make room for text below them.
const SMALLEST_ABOVE_TEXT: f32 = 20.0;
/// The width of text below a node.
const BELOW_WIDTH: f32 = 124.0;

/// Places the nodes in an area of this size.
#[must_use]
pub(super) fn place(order: &NodeOrder, size: Vec2) -> Layout {
    let mut layout = Layout::default();
    let area = Rect::from_min_max(
        pos2(SIDE, TOP),
        pos2(
            (size.x - SIDE).max(SIDE + 200.0),
            (size.y - BOTTOM).max(TOP + 120.0),
        ),
    );
    let third = area.width() / 3.0;
    let users = Rect::from_min_size(area.min, vec2(third, area.height()));
    let elements = Rect::from_min_max(pos2(area.right() - third, area.top()), area.max);
    // Text below the nodes leaves more room between the columns, which several registrars need.
    let narrow = order.registrars.len() > 1 && area.width() < NARROW;
    let several = column(&mut layout, &order.users, users, LabelSide::Left, narrow)
        | column(&mut layout, &order.elements, elements, LabelSide::Right, narrow);
    let between = between(&layout, order, area);
    ring(&mut layout, &order.registrars, between, several);
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
        LabelSide::Right if !place.two_lines => place.centre.x + place.radius + place.label_width,
        _ => place.centre.x + place.radius,
    };
    let left = users.iter().map(inner).fold(area.left(), f32::max);
    let right = elements.iter().map(|place| place.centre.x - place.radius);
    let right = right.fold(area.right(), f32::min);
    let (left, right) = (
        left.min(area.center().x - 60.0),
        right.max(area.center().x + 60.0),
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

/// Returns the maximum node radius in an area of this width.
fn largest(width: f32) -> f32 {
    (width * 0.058).clamp(LARGE_NODE, LARGEST_NODE)
}

/// Places a column; returns whether it had to be split into several.
fn column(layout: &mut Layout, nodes: &[NodeId], area: Rect, label: LabelSide, narrow: bool) -> bool {
    let count = nodes.len();
    if count == 0 {
        return false;
    }
    let rows_at_most = ((area.height() / CLOSEST_ROWS) as usize).max(1);
    let columns = if count <= rows_at_most {
        1
    } else {
        // Closer rows are preferred to more columns: names must stay readable.
        let columns_at_most = ((area.width() / NARROWEST_COLUMN) as usize).max(1);
        count
            .div_ceil(((area.height() / CLOSEST_ROWS_OF_SEVERAL) as usize).max(1))
            .max(2)
            .min(columns_at_most)
    };
    let rows = count.div_ceil(columns);
    let pitch = (area.height() / rows as f32).min((area.height() * 0.3).clamp(ROOMY_ROWS, ROOMIEST_ROWS));
    let top = area.center().y - pitch * rows as f32 / 2.0;
    let radius = (pitch * 0.26).clamp(SMALLEST_NODE, largest(area.width() * 3.0));
    let width = area.width() / columns as f32;
    let above_text = radius.min((pitch - TEXT_HEIGHT) / 2.0);
    let below = narrow && columns == 1 && above_text >= SMALLEST_ABOVE_TEXT;
    let radius = if below { above_text } else { radius };
    for (index, &id) in nodes.iter().enumerate() {
        let (row, column) = (index % rows, index / rows);
        let y = top + pitch * (row as f32 + 0.5);
        let (x, label, label_width) = if columns > 1 {
            let left = area.left() + width * column as f32;
            (left + radius + 4.0, LabelSide::Right, width - radius * 2.0 - 14.0)
        } else {
            let label_width = (area.width() - radius * 2.0 - 16.0).min(BESIDE_WIDTH);
            let inward = label_width + radius + 12.0;
            let x = if label == LabelSide::Left {
                area.left() + inward
            } else {
                area.right() - inward
            };
            (x, label, label_width)
        };
        let two_lines = columns == 1;
        let (x, y, label, label_width) = if below {
            let half = BELOW_WIDTH / 2.0;
            let x = if label == LabelSide::Right {
                area.right() - half
            } else {
                area.left() + half
            };
            (x, y - TEXT_HEIGHT / 2.0, LabelSide::Below, BELOW_WIDTH)
        } else {
            (x, y, label, label_width)
        };
        let place = Place {
            centre: pos2(x, y),
            radius,
            label,
            label_width,
            two_lines,
        };
        layout.places.insert(id, place);
    }
    columns > 1
}

/// Places the registrars on an ellipse, so that the associations among all of them can be told apart.
fn ring(layout: &mut Layout, nodes: &[NodeId], area: Rect, crowded: bool) {
    let count = nodes.len();
    let radius = match count {
        _ if crowded => 17.0,
        0..=3 => (area.width() * 0.1).clamp(LARGE_NODE, LARGEST_NODE),
        4..=6 => 26.0,
        _ => 14.0,
    };
    // A diamond is wider than its radius.
    let widest = (area.width() / 2.0 - radius * 1.14 - 14.0).max(radius * 1.2);
    let half_width = match count {
        0 | 1 => 0.0,
        2 => (area.width() * 0.27).clamp(84.0, 170.0),
        3 => (area.width() * 0.27).clamp(84.0, 160.0),
        _ => (area.width() * 0.36).clamp(80.0, 210.0),
    }
    .min(widest);
    let half_height = match count {
        0..=2 => 0.0,
        3 => (area.height() * 0.15).clamp(70.0, 120.0),
        _ => (area.height() * 0.2).clamp(70.0, 150.0),
    };
    let centre = pos2(area.center().x, area.top() + half_height + radius + 48.0);
    let text = match count {
        _ if crowded => 34.0,
        0..=2 => 40.0,
        _ => 70.0,
    };
    layout.corridor = (centre.y + half_height + radius + text).min(area.bottom() - 10.0);
    // Registrars beside each other have their text side by side.
    let label_width = match count {
        _ if crowded => 80.0,
        0 | 1 => 190.0,
        2 | 3 => (half_width * 2.0 - 6.0).min(200.0),
        _ => half_width * 1.12 - 6.0,
    };
    for (index, &id) in nodes.iter().enumerate() {
        let turn = index as f32 / count as f32;
        let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
        let at = if count == 2 {
            pos2(centre.x + (index as f32 - 0.5) * 2.0 * half_width, centre.y)
        } else {
            centre + vec2(-sin * half_width, -cos * half_height)
        };
        let below = at.y > centre.y + 1.0;
        let alone = index == 0 && count % 2 == 1 && !crowded;
        let label_width = if alone { 200.0 } else { label_width };
        let label = if below { LabelSide::Below } else { LabelSide::Above };
        layout.places.insert(
            id,
            Place {
                centre: at,
                radius,
                label,
                label_width,
                two_lines: !crowded,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use model::ComponentId;

    use super::*;

    fn order(users: u32, registrars: u32, elements: u32) -> NodeOrder {
        let ids = |range: std::ops::Range<u32>| range.map(|id| NodeId::Own(ComponentId(id))).collect();
        NodeOrder {
            users: ids(0..users),
            registrars: ids(100..100 + registrars),
            elements: ids(200..200 + elements),
            hidden: [0; 3],
        }
    }

    #[test]
    fn no_nodes_overlap_with_6_or_60_components_at_any_window_size() {
        for order in [order(2, 1, 3), order(1, 3, 8), order(18, 4, 38), order(30, 8, 22)] {
            for size in [vec2(640.0, 560.0), vec2(700.0, 420.0), vec2(1200.0, 900.0)] {
                let layout = place(&order, size);
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
