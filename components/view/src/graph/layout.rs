//! The places of the nodes: columns by role, with registrars raised in the middle so that the associations between
//! pool users and pool elements pass below them. Places depend only on order and room, so nothing jumps.

use std::collections::BTreeMap;

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use feed::ComponentRole;

use crate::graph::label::LABEL_GAP;
use crate::graph::measures::Measures;
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
    /// Whether there is room for a heading of each pool among the pool elements.
    pub(super) has_breaks: bool,
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
/// The distance between the rows of a column with plenty of room: in a low area, and in a high one.
const ROOMY_ROWS: f32 = 120.0;
const ROOMIEST_ROWS: f32 = 210.0;
/// The height of three lines of text, including their distance from the node.
const TEXT_HEIGHT: f32 = 68.0;
/// The minimum radius to which nodes shrink to make room for text below them.
const SMALLEST_ABOVE_TEXT: f32 = 20.0;
/// The width of text below a node.
const BELOW_WIDTH: f32 = 124.0;
/// The gap between the texts of two nodes.
const TEXT_GAP: f32 = 3.0;
/// The width of a name with two digits and the gap before it, relative to the size of its text.
const NAME_WIDTH: f32 = 4.6;
/// From this height on, two registrars above each other have all lines of text.
const HIGH_PAIR: f32 = 330.0;
/// The half width of a registrar's diamond, relative to its radius.
const DIAMOND: f32 = 1.14;
/// Half the gap between two registrars above each other, the least room above them, and their smallest radius.
const PAIR_GAP: f32 = 14.0;
const PAIR_TOP: f32 = 48.0;
const SMALLEST_OF_PAIR: f32 = 16.0;
/// The maximum number of registrars one below the other.
const MOST_IN_PILE: usize = 5;
/// The gap between the text of a registrar and the columns beside it, where the frame of the pool is.
const COLUMN_GAP: f32 = 16.0;
/// The room between two pools in a column, for the heading of the second; and the maximum number of such gaps.
const BREAK: f32 = 62.0;
const MOST_BREAKS: usize = 3;
/// The closest rows of pools below each other.
const CLOSEST_OF_POOLS: f32 = 30.0;
/// The least distance of nodes above each other before they are placed as a grid, and the largest one there.
const LEAST_CELL: f32 = 17.0;
const LARGEST_CELL: f32 = 24.0;
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
    let several = columns.place(&mut layout, (&order.users, &[]), users, LabelSide::Left)
        | columns.place(
            &mut layout,
            (&order.elements, &order.breaks),
            elements,
            LabelSide::Right,
        );
    let between = between(&layout, order, area);
    ring(&mut layout, &order.registrars, between, several, measures);
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

/// How columns are placed.
struct Columns<'a> {
    measures: &'a Measures,
    /// Whether text is below the nodes where possible.
    narrow: bool,
}

impl Columns<'_> {
    /// Places a column, with room for a heading at each break; returns whether it had to be split into several.
    fn place(
        &self,
        layout: &mut Layout,
        (nodes, breaks): (&[NodeId], &[usize]),
        area: Rect,
        label: LabelSide,
    ) -> bool {
        let measures = self.measures;
        let count = nodes.len();
        if count == 0 {
            return false;
        }
        let gaps = breaks.len() as f32 * BREAK;
        // Rows are closer where pools below each other would otherwise have no frames of their own.
        let closest = if breaks.is_empty() {
            measures.closest_rows
        } else {
            CLOSEST_OF_POOLS
        };
        let rows_at_most = (((area.height() - gaps) / closest) as usize).max(1);
        let columns = if count <= rows_at_most {
            1
        } else {
            // Closer rows are preferred to more columns: names must stay readable.
            let columns_at_most = ((area.width() / measures.narrowest_column) as usize).max(1);
            count
                .div_ceil(((area.height() / measures.closest_rows_of_several) as usize).max(1))
                .max(2)
                .min(columns_at_most)
        };
        if columns > 1 && area.height() / (count.div_ceil(columns) as f32) < LEAST_CELL {
            self.place_mob(layout, nodes, area);
            return true;
        }
        let rows = count.div_ceil(columns);
        // Pools beside each other have no frames of their own.
        let breaks = if columns == 1 && breaks.len() <= MOST_BREAKS {
            breaks
        } else {
            &[]
        };
        let gaps = breaks.len() as f32 * BREAK;
        let pitch = ((area.height() - gaps).max(area.height() / 2.0) / rows as f32)
            .min((area.height() * 0.3).clamp(ROOMY_ROWS, ROOMIEST_ROWS));
        let top = area.center().y - (pitch * rows as f32 + gaps) / 2.0;
        layout.has_breaks |= !breaks.is_empty();
        let radius = (pitch * 0.26).clamp(SMALLEST_NODE, largest(area.width() * 3.0));
        let width = area.width() / columns as f32;
        let above_text = radius.min((pitch - TEXT_HEIGHT) / 2.0);
        let below = self.narrow && columns == 1 && above_text >= SMALLEST_ABOVE_TEXT;
        let radius = if below {
            above_text
        } else if columns > 1 {
            // Names beside each other need their room.
            let beside_name = (width - measures.small_name * NAME_WIDTH) / 2.0;
            radius.min(beside_name).max(SMALLEST_NODE)
        } else {
            radius
        };
        let lines = if below {
            3
        } else if columns > 1 {
            usize::from(measures.small_name * 1.2 <= pitch)
        } else {
            lines_within(measures, pitch - TEXT_GAP, growth(radius, measures))
        };
        for (index, &id) in nodes.iter().enumerate() {
            let (row, column) = (index % rows, index / rows);
            let gaps = breaks.iter().filter(|at| **at <= index).count() as f32 * BREAK;
            let y = top + pitch * (row as f32 + 0.5) + gaps;
            let (x, label, label_width) = if columns > 1 {
                let left = area.left() + width * column as f32;
                (left + radius + 4.0, LabelSide::Right, width - radius * 2.0 - 14.0)
            } else {
                let label_width = (area.width() - radius * 2.0 - 16.0).min(measures.beside);
                let inward = label_width + radius + 12.0;
                let x = if label == LabelSide::Left {
                    area.left() + inward
                } else {
                    area.right() - inward
                };
                (x, label, label_width)
            };
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
                lines,
            };
            layout.places.insert(id, place);
        }
        columns > 1
    }

    /// Places so many nodes that there is no room for names: as a grid in which none hides another.
    fn place_mob(&self, layout: &mut Layout, nodes: &[NodeId], area: Rect) {
        let count = nodes.len() as f32;
        let cell = (area.width() * area.height() / count)
            .sqrt()
            .clamp(1.0, LARGEST_CELL);
        let rows = ((area.height() / cell) as usize).max(1);
        let columns = nodes.len().div_ceil(rows);
        let cell = vec2((area.width() / columns as f32).min(cell), cell);
        let corner = pos2(
            area.center().x - cell.x * columns as f32 / 2.0,
            area.center().y - cell.y * rows.min(nodes.len()) as f32 / 2.0,
        );
        for (index, &id) in nodes.iter().enumerate() {
            let at = vec2((index / rows) as f32 + 0.5, (index % rows) as f32 + 0.5);
            let place = Place {
                centre: corner + at * cell,
                radius: SMALLEST_NODE.min(cell.min_elem() * 0.45),
                label: LabelSide::Right,
                label_width: 0.0,
                lines: 0,
            };
            layout.places.insert(id, place);
        }
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

/// Places the registrars on an ellipse, so that the associations among all of them can be told apart.
fn ring(layout: &mut Layout, nodes: &[NodeId], area: Rect, crowded: bool, measures: &Measures) {
    let count = nodes.len();
    if (3..=MOST_IN_PILE).contains(&count) && area.width() < measures.narrow_between {
        return pile(layout, nodes, area, measures);
    }
    let radius = match count {
        _ if crowded => 17.0,
        0..=3 => (area.width() * 0.1).clamp(LARGE_NODE, LARGEST_NODE),
        4..=6 => 26.0,
        _ => 14.0,
    };
    let widest = (area.width() / 2.0 - radius * DIAMOND - 14.0).max(radius * 1.2);
    let half_width = match count {
        0 | 1 => 0.0,
        2 => (area.width() * 0.27).clamp(84.0, 170.0),
        3 => (area.width() * 0.27).clamp(84.0, 160.0),
        _ => (area.width() * 0.36).clamp(80.0, 210.0),
    }
    .min(widest);
    // Two registrars with little room between the columns stand above each other, each with its text outside.
    let stacked = count == 2 && !crowded && area.width() < measures.narrow_between;
    let growth = growth(radius, measures);
    let lines = if stacked && area.height() < HIGH_PAIR {
        2
    } else {
        3
    };
    let text = if crowded {
        measures.small_name * 1.25
    } else {
        measures.height_of(lines, growth)
    };
    // Their text must not reach the legend either.
    let radius = if stacked {
        let room = area.height() - text.max(PAIR_TOP) - text - LABEL_GAP - 2.0 * PAIR_GAP;
        radius.min(room / (2.0 * (DIAMOND + 1.0))).max(SMALLEST_OF_PAIR)
    } else {
        radius
    };
    let half_height = match count {
        2 if stacked => radius * DIAMOND + PAIR_GAP,
        0..=2 => 0.0,
        3 => (area.height() * 0.15).clamp(70.0, 120.0),
        _ => (area.height() * 0.2).clamp(70.0, 150.0),
    };
    let centre = pos2(
        area.center().x,
        area.top() + half_height + radius + text.max(PAIR_TOP),
    );
    let below = match count {
        2 if stacked => text + LABEL_GAP,
        _ if crowded => 34.0,
        0..=2 => 40.0,
        _ => text.max(70.0),
    };
    layout.corridor = (centre.y + half_height + radius + below).min(area.bottom() - 10.0);
    // Registrars beside each other have their text side by side.
    let label_width = match count {
        _ if crowded => 80.0,
        0 | 1 => 190.0,
        2 if stacked => 190.0,
        2 | 3 => (half_width * 2.0 - 6.0).min(200.0),
        _ => half_width * 1.12 - 6.0,
    };
    for (index, &id) in nodes.iter().enumerate() {
        let turn = index as f32 / count as f32;
        let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
        let at = if stacked {
            centre + vec2(0.0, (index as f32 - 0.5) * 2.0 * half_height)
        } else if count == 2 {
            pos2(centre.x + (index as f32 - 0.5) * 2.0 * half_width, centre.y)
        } else {
            centre + vec2(-sin * half_width, -cos * half_height)
        };
        let below = at.y > centre.y + 1.0;
        let alone = index == 0 && count % 2 == 1 && !crowded;
        let label_width = if alone { 200.0 } else { label_width };
        // Text must not reach the columns beside the registrars.
        let beside = 2.0 * ((at.x - area.left()).min(area.right() - at.x) - COLUMN_GAP);
        let label_width = label_width.min(beside.max(radius * 2.0));
        let label = if below { LabelSide::Below } else { LabelSide::Above };
        layout.places.insert(
            id,
            Place {
                centre: at,
                radius,
                label,
                label_width,
                lines: if crowded { 1 } else { lines },
            },
        );
    }
}

/// Places registrars one below the other, with their text on the right.
fn pile(layout: &mut Layout, nodes: &[NodeId], area: Rect, measures: &Measures) {
    let pitch = area.height() / nodes.len() as f32;
    let radius = (pitch * 0.26).clamp(SMALLEST_NODE, LARGE_NODE);
    let x = area.left() + radius * DIAMOND + TEXT_GAP;
    let label_width = (area.right() - COLUMN_GAP / 2.0 - x - radius - 9.0).max(0.0);
    let lines = lines_within(measures, pitch - TEXT_GAP, growth(radius, measures));
    for (index, &id) in nodes.iter().enumerate() {
        let place = Place {
            centre: pos2(x, area.top() + pitch * (index as f32 + 0.5)),
            radius,
            label: LabelSide::Right,
            label_width,
            lines,
        };
        layout.places.insert(id, place);
    }
    layout.corridor = area.bottom() - 10.0;
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
    fn there_is_room_for_a_heading_between_two_pools() {
        let mut order = order(6, 1, 10);
        order.breaks = vec![5];
        let layout = place(&order, vec2(1000.0, 800.0), &DESK);
        let y = |index: u32| layout.places[&NodeId::Own(ComponentId(200 + index))].centre.y;
        assert!((y(5) - y(4)) - (y(1) - y(0)) > 50.0);
        assert!(layout.has_breaks);
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
