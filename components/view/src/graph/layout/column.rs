//! The columns of pool users and pool elements.

use egui::{Rect, pos2, vec2};

use crate::graph::layout::{
    LARGE_NODE, LARGEST_NODE, LabelSide, Layout, Place, SMALLEST_NODE, TEXT_GAP, growth, lines_within,
};
use crate::graph::measures::Measures;
use crate::graph::node_id::NodeId;

/// The distance between the rows of a column with plenty of room: in a low area, and in a high one.
const ROOMY_ROWS: f32 = 120.0;
const ROOMIEST_ROWS: f32 = 210.0;
/// The height of three lines of text, including their distance from the node.
const TEXT_HEIGHT: f32 = 68.0;
/// The minimum radius to which nodes shrink to make room for text below them.
const SMALLEST_ABOVE_TEXT: f32 = 20.0;
/// The width of text below a node.
const BELOW_WIDTH: f32 = 124.0;
/// The width of a name with two digits and the gap before it, relative to the size of its text.
const NAME_WIDTH: f32 = 4.6;
/// The least distance of nodes above each other before they are placed as a grid, and the largest one there.
pub(super) const LEAST_CELL: f32 = 17.0;
pub(super) const LARGEST_CELL: f32 = 24.0;

/// How columns are placed.
pub(super) struct Columns<'a> {
    pub(super) measures: &'a Measures,
    /// Whether text is below the nodes where possible.
    pub(super) narrow: bool,
}

impl Columns<'_> {
    /// Places a column; returns whether it had to be split into several.
    pub(super) fn place(&self, layout: &mut Layout, nodes: &[NodeId], area: Rect, label: LabelSide) -> bool {
        let measures = self.measures;
        let count = nodes.len();
        if count == 0 {
            return false;
        }
        let rows_at_most = ((area.height() / measures.closest_rows) as usize).max(1);
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
        let pitch = (area.height() / rows as f32).min(roomiest(area.height()));
        let top = area.center().y - pitch * rows as f32 / 2.0;
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
            let y = top + pitch * (row as f32 + 0.5);
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

/// Returns the maximum node radius in an area of this width.
pub(super) fn largest(width: f32) -> f32 {
    (width * 0.058).clamp(LARGE_NODE, LARGEST_NODE)
}

/// Returns the distance of rows with plenty of room in an area of this height.
pub(super) fn roomiest(height: f32) -> f32 {
    (height * 0.3).clamp(ROOMY_ROWS, ROOMIEST_ROWS)
}
