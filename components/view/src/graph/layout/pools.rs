//! The pool elements of several pools: each pool stands apart from the others, with room for a frame and a heading of
//! its own. Pools are below each other or beside each other, and the pool elements of a pool are in one column or wrap
//! in rows, whatever is most legible in the room that there is.
//!
//! What is most legible depends on the sizes of the pools and on the room alone, with some room to grow: so a pool
//! element that joins moves others seldom, and nothing else moves them.

use std::cmp::Ordering;

use egui::{Rect, pos2, vec2};

use crate::graph::label::LABEL_GAP;
use crate::graph::layout::column::{LARGEST_CELL, LEAST_CELL, largest, roomiest};
use crate::graph::layout::{LabelSide, Layout, Place, SMALLEST_NODE, TEXT_GAP, growth, lines_within};
use crate::graph::measures::Measures;
use crate::graph::node_id::NodeId;

/// The distance of a frame from the nodes on its left, which have the mark of their home registrar at the corner, and
/// from the text on its right.
pub(in crate::graph) const LEFT_MARGIN: f32 = 12.0;
pub(in crate::graph) const RIGHT_MARGIN: f32 = 8.0;
/// The gap between two frames.
const FRAME_GAP: f32 = 8.0;
/// The distance of the outermost frame from the edge of the graph.
const EDGE: f32 = 5.0;
/// The gap between the columns of a pool.
const COLUMN_GAP: f32 = 5.0;
/// The maximum number of columns of a pool.
const MOST_COLUMNS: usize = 6;
/// The share of the width that two columns need in addition to that of one, and that more need.
const SECOND_COLUMN: f32 = 0.06;
const FURTHER_COLUMNS: f32 = 0.13;
/// The width of a name with two digits, or of a load, relative to the size of a name.
const LEAST_TEXT: f32 = 3.2;
/// The same for text that is only cut where there is no other way.
const AMPLE_TEXT: f32 = 4.5;
/// The radius to which nodes shrink to leave more room for text; from it on, the home registrar is at their corner.
const ROOMY_NODE: f32 = 14.0;
/// The usual width of a pool's name, relative to the size of its text.
const HEADING_WIDTH: f32 = 8.5;
/// The lines without which a node does not show its load as a figure.
const LINES_WITH_LOAD: usize = 2;

/// The part of the pool elements that is a pool.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::graph) struct PoolPlace {
    /// Its pool elements.
    pub(in crate::graph) nodes: Vec<NodeId>,
    /// Whether there is no other pool above it, so that its heading is in a row with those of the columns.
    pub(in crate::graph) is_on_top: bool,
}

/// How the pools are arranged.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Arrangement {
    /// The number of pools beside each other.
    abreast: usize,
    /// The number of columns of each pool.
    columns: usize,
    /// The distance of the rows.
    pitch: f32,
    /// The width of a column.
    width: f32,
    /// The radius of the nodes.
    radius: f32,
    /// The maximum width of their text.
    label_width: f32,
    /// The number of lines of text.
    lines: usize,
}

/// Places the pool elements of several pools, which begin at the breaks, at the right side of this area; returns the
/// number of their columns, or nothing if there is not enough room for frames.
pub(super) fn place_pools(
    layout: &mut Layout,
    (nodes, breaks): (&[NodeId], &[usize]),
    area: Rect,
    may_widen: bool,
    measures: &Measures,
) -> Option<usize> {
    let pools = parts(nodes, breaks);
    let sizes: Vec<usize> = pools.iter().map(|pool| pool.len()).collect();
    let room = Room {
        area,
        may_widen,
        measures,
    };
    let arrangement = room.arrange(&sizes)?;
    let Arrangement {
        abreast,
        columns,
        pitch,
        width,
        ..
    } = arrangement;
    let height = pitch * arrangement.rows(&sizes).iter().sum::<usize>() as f32;
    let gaps = sizes.len().div_ceil(abreast).saturating_sub(1) as f32 * heading_gap(measures);
    let pool_width = arrangement.pool_width();
    let all = pool_width * abreast as f32 + FRAME_GAP * (abreast - 1) as f32;
    let mut corner = pos2(room.right() - all, area.center().y - (height + gaps) / 2.0);
    let rows = arrangement.rows(&sizes);
    for (index, pool) in pools.iter().enumerate() {
        let (across, down) = (index % abreast, index / abreast);
        if across == 0 && down > 0 {
            corner.y += pitch * rows.get(down - 1).copied().unwrap_or(0) as f32 + heading_gap(measures);
        }
        let left = corner.x + (pool_width + FRAME_GAP) * across as f32 + LEFT_MARGIN;
        for (index, &id) in pool.iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let at = vec2(
                (width + COLUMN_GAP) * column as f32 + arrangement.radius,
                pitch * (row as f32 + 0.5),
            );
            let place = Place {
                centre: pos2(left, corner.y) + at,
                radius: arrangement.radius,
                label: LabelSide::Right,
                label_width: arrangement.label_width,
                lines: arrangement.lines,
            };
            layout.places.insert(id, place);
        }
        layout.pools.push(PoolPlace {
            nodes: pool.to_vec(),
            is_on_top: down == 0,
        });
    }
    Some(abreast * columns)
}

/// Returns the parts that begin at the breaks.
fn parts<'a>(nodes: &'a [NodeId], breaks: &[usize]) -> Vec<&'a [NodeId]> {
    let begins = std::iter::once(0).chain(breaks.iter().copied());
    let ends = breaks.iter().copied().chain([nodes.len()]);
    begins
        .zip(ends)
        .filter_map(|(begin, end)| nodes.get(begin..end))
        .filter(|part| !part.is_empty())
        .collect()
}

/// Returns the room between two pools below each other: for the frame of the first and for the heading of the second.
fn heading_gap(measures: &Measures) -> f32 {
    /// The end of the first frame below its row, and the gap before the next heading.
    const END: f32 = 14.0;
    END + measures.badge * 0.6 + heading_height(measures)
}

/// Returns the height of a pool's heading below the upper edge of its frame, which passes through the pool's name.
pub(in crate::graph) fn heading_height(measures: &Measures) -> f32 {
    measures.badge * 1.9 + 3.0
}

/// The room for all pools.
struct Room<'a> {
    /// The area of all columns, those of pool users and registrars as well.
    area: Rect,
    /// Whether several columns may take more of the width than one.
    may_widen: bool,
    measures: &'a Measures,
}

impl Room<'_> {
    /// Returns the most legible arrangement of pools of these sizes.
    fn arrange(&self, sizes: &[usize]) -> Option<Arrangement> {
        let largest = sizes.iter().copied().max()?;
        (1..=sizes.len())
            .flat_map(|abreast| (1..=largest.min(MOST_COLUMNS)).map(move |columns| (abreast, columns)))
            .filter_map(|(abreast, columns)| self.arrangement(sizes, abreast, columns))
            .max_by(|one, other| self.compare(one, other))
    }

    /// Compares how legible two arrangements are. What matters most is that nodes show their loads, then that pools
    /// show their names, and then that edges do not pass behind other nodes.
    fn compare(&self, one: &Arrangement, other: &Arrangement) -> Ordering {
        let columns = |it: &Arrangement| it.abreast * it.columns;
        let named = |it: &Arrangement| it.pool_width() >= self.measures.badge * HEADING_WIDTH;
        let lines = |it: &Arrangement| it.lines.min(LINES_WITH_LOAD);
        lines(one)
            .cmp(&lines(other))
            .then(named(one).cmp(&named(other)))
            .then(columns(other).cmp(&columns(one)))
            .then(one.pitch.total_cmp(&other.pitch))
    }

    /// Returns the rightmost position of a frame.
    fn right(&self) -> f32 {
        self.area.right() + self.measures.side - EDGE
    }

    /// Returns the arrangement with this many pools beside each other and columns of each, if there is room for it.
    fn arrangement(&self, sizes: &[usize], abreast: usize, columns: usize) -> Option<Arrangement> {
        let measures = self.measures;
        let mut it = Arrangement {
            abreast,
            columns,
            pitch: 0.0,
            width: 0.0,
            radius: SMALLEST_NODE,
            label_width: 0.0,
            lines: 0,
        };
        let share = measures.column
            + match abreast * columns {
                _ if !self.may_widen => 0.0,
                1 => 0.0,
                2 => SECOND_COLUMN,
                _ => FURTHER_COLUMNS,
            };
        let frames = (LEFT_MARGIN + RIGHT_MARGIN) * abreast as f32 + FRAME_GAP * (abreast - 1) as f32;
        let gaps = COLUMN_GAP * ((columns - 1) * abreast) as f32;
        let width = self.area.width() * share + measures.side - EDGE - frames - gaps;
        it.width = width / (abreast * columns) as f32;
        let rows = it.rows(sizes);
        let headings = heading_gap(measures) * rows.len().saturating_sub(1) as f32;
        it.pitch = ((self.area.height() - headings) / rows.iter().sum::<usize>() as f32)
            .min(roomiest(self.area.height()));
        if it.pitch < LEAST_CELL || it.width < LEAST_CELL {
            return None;
        }
        // Text is cut before nodes are too small to show their load and their home registrar.
        let beside = |text: f32| (it.width - LABEL_GAP - text) / 2.0;
        let ample = beside(measures.name * AMPLE_TEXT).max(ROOMY_NODE);
        let radius = (it.pitch * 0.26)
            .min(largest(self.area.width()))
            .min(ample)
            .min(beside(measures.name * LEAST_TEXT))
            .max(SMALLEST_NODE);
        let label_width = (it.width - radius * 2.0 - LABEL_GAP).min(measures.beside);
        let lines = lines_within(measures, it.pitch - TEXT_GAP, growth(radius, measures));
        if lines >= LINES_WITH_LOAD && label_width >= measures.name * LEAST_TEXT - 0.5 {
            (it.radius, it.label_width, it.lines) = (radius, label_width, lines);
        } else if it.pitch >= measures.small_name * 1.2 && label_width >= measures.small_name * LEAST_TEXT {
            (it.radius, it.label_width, it.lines) = (radius, label_width, 1);
        } else {
            // No room for names.
            it.pitch = it.pitch.min(LARGEST_CELL);
            it.radius = SMALLEST_NODE.min(it.pitch.min(it.width) * 0.45);
            it.width = it.width.min(LARGEST_CELL);
            return Some(it);
        }
        it.width = it.radius * 2.0 + LABEL_GAP + it.label_width;
        Some(it)
    }
}

impl Arrangement {
    /// Returns the width of a pool's frame.
    fn pool_width(&self) -> f32 {
        (self.width + COLUMN_GAP) * self.columns as f32 - COLUMN_GAP + LEFT_MARGIN + RIGHT_MARGIN
    }

    /// Returns the number of rows of the pools that are beside each other, from top to bottom.
    fn rows(&self, sizes: &[usize]) -> Vec<usize> {
        let rows = |size: &usize| with_room_to_grow(*size).div_ceil(self.columns);
        sizes
            .chunks(self.abreast)
            .map(|beside| beside.iter().map(rows).max().unwrap_or(0))
            .collect()
    }
}

/// Returns for how many pool elements a pool of this size has places.
fn with_room_to_grow(size: usize) -> usize {
    if size > 2 { size.next_multiple_of(2) } else { size }
}

#[cfg(test)]
mod tests {
    use egui::{Rect, Vec2, vec2};
    use model::ComponentId;

    use super::heading_height;
    use crate::graph::layout::{HEADING, Layout, Place, place};
    use crate::graph::measures::{DESK, Measures, STAGE};
    use crate::graph::node_id::NodeId;
    use crate::graph::node_order::NodeOrder;

    /// The graph beside cards and results in a window of 1280x800, with the dock and without.
    const LOW: Vec2 = vec2(596.0, 270.0);
    const USUAL: Vec2 = vec2(596.0, 428.0);
    /// The same in a window of 1920x1080, and in a window of 1280x800 for an audience.
    const LARGE: Vec2 = vec2(1236.0, 700.0);
    const ON_STAGE: Vec2 = vec2(512.0, 387.0);

    fn order(users: u32, registrars: u32, pools: &[u32]) -> NodeOrder {
        let ids = |range: std::ops::Range<u32>| range.map(|id| NodeId::Own(ComponentId(id))).collect();
        let mut ends = pools.iter().scan(0, |sum, size| {
            *sum += size;
            Some(*sum as usize)
        });
        NodeOrder {
            users: ids(0..users),
            registrars: ids(100..100 + registrars),
            elements: ids(200..200 + pools.iter().sum::<u32>()),
            hidden: [0; 3],
            breaks: ends.by_ref().take(pools.len() - 1).collect(),
        }
    }

    fn element(layout: &Layout, index: u32) -> Place {
        layout.places[&NodeId::Own(ComponentId(200 + index))]
    }

    /// Returns the rectangle of a node and of its text.
    fn around(place: Place, measures: &Measures) -> Rect {
        let node = Rect::from_center_size(place.centre, Vec2::splat(2.0 * place.radius));
        if place.lines == 0 {
            return node;
        }
        let growth = super::growth(place.radius, measures);
        let height = match place.lines {
            1 => measures.small_name * 1.25,
            lines => measures.height_of(lines, growth),
        };
        let text = Rect::from_min_size(
            node.right_center() + vec2(super::LABEL_GAP, -height / 2.0),
            vec2(place.label_width, height),
        );
        node.union(text)
    }

    /// Returns the frames of the pools with their headings.
    fn frames(layout: &Layout, measures: &Measures) -> Vec<Rect> {
        let frames = layout.pools.iter().map(|pool| {
            let nodes = pool
                .nodes
                .iter()
                .map(|node| around(layout.places[node], measures));
            let mut frame = nodes.reduce(Rect::union).expect("a pool element");
            frame = frame.expand2(vec2(0.0, 5.0));
            frame.min.x -= super::LEFT_MARGIN;
            frame.max.x += super::RIGHT_MARGIN;
            frame.min.y -= heading_height(measures);
            if pool.is_on_top {
                assert!(frame.min.y > HEADING - 6.0, "no room for the heading");
                frame.min.y = HEADING;
            }
            frame.min.y -= measures.badge * 0.6;
            frame
        });
        frames.collect()
    }

    fn assert_apart(rects: &[Rect], what: &str) {
        for (index, one) in rects.iter().enumerate() {
            for other in &rects[index + 1..] {
                let common = one.intersect(*other);
                assert!(
                    common.width() < 0.5 || common.height() < 0.5,
                    "{what}: {one:?} on {other:?}"
                );
            }
        }
    }

    #[test]
    fn each_pool_has_a_frame_of_its_own_at_any_size() {
        for size in [LOW, USUAL, LARGE, ON_STAGE] {
            let measures = if size == ON_STAGE { &STAGE } else { &DESK };
            for pools in [1, 4, 7, 12].map(|largest| {
                [
                    vec![largest, largest],
                    vec![1, largest],
                    vec![largest, 2, largest],
                    vec![largest; 3],
                ]
            }) {
                for pools in pools {
                    let what = format!("{pools:?} in {size:?}");
                    let layout = place(&order(24, 2, &pools), size, measures);
                    assert_eq!(layout.pools.len(), pools.len(), "{what}");
                    let frames = frames(&layout, measures);
                    assert_apart(&frames, &what);
                    let graph = Rect::from_min_size(egui::Pos2::ZERO, size);
                    for frame in frames {
                        assert!(graph.contains_rect(frame), "{what}: {frame:?}");
                    }
                    let nodes: Vec<Rect> = (0..pools.iter().sum())
                        .map(|index| around(element(&layout, index), measures))
                        .collect();
                    assert_apart(&nodes, &what);
                }
            }
        }
    }

    #[test]
    fn pools_do_not_reach_the_registrars() {
        for size in [LOW, USUAL, ON_STAGE] {
            let measures = if size == ON_STAGE { &STAGE } else { &DESK };
            for registrars in 1..=3 {
                let layout = place(&order(24, registrars, &[4, 4]), size, measures);
                let all: Vec<Rect> = layout
                    .places
                    .values()
                    .map(|place| Rect::from_center_size(place.centre, Vec2::splat(2.0 * place.radius)))
                    .collect();
                assert_apart(&all, &format!("{registrars} registrars in {size:?}"));
            }
        }
    }

    #[test]
    fn four_servers_in_each_of_two_pools_show_their_loads_in_any_room() {
        for size in [LOW, USUAL, LARGE, ON_STAGE] {
            let measures = if size == ON_STAGE { &STAGE } else { &DESK };
            let layout = place(&order(24, 2, &[4, 4]), size, measures);
            let first = element(&layout, 0);
            assert!(first.lines >= 2, "{size:?}: {first:?}");
            assert!(first.label_width >= measures.line * 3.5, "{size:?}: {first:?}");
        }
    }

    #[test]
    fn pools_are_below_each_other_where_there_is_room() {
        let layout = place(&order(6, 1, &[4, 4]), LARGE, &DESK);
        let all = (0..8).map(|index| element(&layout, index));
        assert!(
            all.clone()
                .all(|place| place.centre.x == element(&layout, 0).centre.x)
        );
        assert!(
            all.clone()
                .is_sorted_by(|one, other| one.centre.y < other.centre.y)
        );
        assert_eq!(layout.pools.iter().filter(|pool| pool.is_on_top).count(), 1);
        let layout = place(&order(6, 1, &[4, 4]), LOW, &DESK);
        assert_eq!(element(&layout, 0).centre.y, element(&layout, 4).centre.y);
        assert!(layout.pools.iter().all(|pool| pool.is_on_top));
    }

    #[test]
    fn a_pool_element_that_joins_moves_no_other_where_there_is_a_free_place() {
        for size in [LOW, USUAL, LARGE] {
            let before = place(&order(6, 2, &[5, 6]), size, &DESK);
            let after = place(&order(6, 2, &[6, 6]), size, &DESK);
            for index in 0..5 {
                assert_eq!(element(&before, index), element(&after, index), "{size:?}");
            }
            for index in 5..11 {
                assert_eq!(element(&before, index), element(&after, index + 1), "{size:?}");
            }
        }
    }

    #[test]
    fn too_many_pools_have_no_frames_of_their_own() {
        let layout = place(&order(6, 1, &[1; 38]), LOW, &DESK);
        assert!(layout.pools.is_empty());
        assert_eq!(layout.places.len(), 6 + 1 + 38);
    }
}
