//! The registrars between the columns.

use egui::{Rect, pos2, vec2};

use crate::graph::label::LABEL_GAP;
use crate::graph::layout::{
    LARGE_NODE, LARGEST_NODE, LabelSide, Layout, Place, SMALLEST_NODE, TEXT_GAP, growth, lines_within,
};
use crate::graph::measures::Measures;
use crate::graph::node_id::NodeId;

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
/// Registrars in a crowd with less room between the columns stand above each other.
const NARROW_AND_CROWDED: f32 = 136.0;
/// The least width of a line below the name of such a registrar, relative to the size of its text.
const LEAST_LINE: f32 = 4.5;
/// The gap between the text of a registrar and the columns beside it, where the frame of the pool is.
const COLUMN_GAP: f32 = 16.0;

/// Places the registrars on an ellipse, so that the associations among all of them can be told apart.
pub(super) fn ring(layout: &mut Layout, nodes: &[NodeId], area: Rect, crowded: bool, measures: &Measures) {
    let count = nodes.len();
    let narrow = if crowded {
        NARROW_AND_CROWDED
    } else {
        measures.narrow_between
    };
    if (3..=MOST_IN_PILE).contains(&count) && area.width() < narrow.max(measures.narrow_between) {
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
    let stacked = count == 2 && area.width() < narrow;
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
    let lines = if label_width < measures.line * LEAST_LINE {
        1
    } else {
        lines_within(measures, pitch - TEXT_GAP, growth(radius, measures))
    };
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
