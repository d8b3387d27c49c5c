//! Phases: bands across the life lines, and their durations at the right side.

use std::ops::Range;

use crate::columns::Columns;
use crate::schedule::Schedule;
use crate::text::Texts;
use crate::{Area, BandKind, Content, Pos, TextStyle, span_text};

/// A phase with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct BandShape {
    /// Its index in the content.
    pub index: usize,
    /// What it is.
    pub kind: BandKind,
    /// What it covers of the life lines.
    pub area: Area,
    /// The x of its bracket at the side, which is as high as the band.
    pub bracket: f32,
    /// The room for its name, above, and its duration, below, set to the left.
    pub text_area: Area,
    /// Its name.
    pub text: String,
    /// Its duration, such as "6.21 ms".
    pub duration: String,
}

/// The distance of the first bracket from the margin, and of brackets from each other.
const BEFORE: f32 = 14.0;
const LANE: f32 = 11.0;
const MOST_LANES: usize = 6;
const WIDEST_TEXT: f32 = 130.0;
const TEXT_HEIGHT: f32 = TextStyle::Label.height() + TextStyle::Small.height();
/// How far a band reaches beyond the life lines that it concerns.
const BEYOND: f32 = 16.0;

/// Lays out the bands, and returns them with the width of the side.
pub(crate) fn bands(
    content: &Content,
    schedule: &Schedule,
    columns: &Columns,
    texts: &mut Texts<'_>,
) -> (Vec<BandShape>, f32) {
    let mut order: Vec<usize> = (0..content.bands.len()).collect();
    order.sort_by_key(|index| {
        content
            .bands
            .get(*index)
            .map(|band| (band.from, std::cmp::Reverse(band.to)))
    });
    let mut lanes: Vec<f32> = Vec::new();
    let mut shapes = Vec::new();
    for index in order {
        let Some(band) = content.bands.get(index) else {
            continue;
        };
        let top = schedule.axis.y_of(band.from);
        let bottom = schedule.axis.y_of(band.to.max(band.from));
        let lane = free_lane(&mut lanes, top, bottom);
        let (text, _) = texts.fit(&band.label, TextStyle::Label, WIDEST_TEXT);
        let (left, right) = across(band.lines.as_ref(), columns);
        shapes.push(BandShape {
            index,
            kind: band.kind,
            area: Area::new(left, top, right, bottom),
            bracket: lane as f32 * LANE + columns.right + BEFORE,
            text_area: Area::default(),
            text,
            duration: span_text(band.to.as_micros().saturating_sub(band.from.as_micros())),
        });
    }
    let left = lanes.len() as f32 * LANE + columns.right + BEFORE;
    let width = set_texts(&mut shapes, left, texts);
    let side = if shapes.is_empty() {
        BEFORE
    } else {
        left + width + BEFORE - columns.right
    };
    (shapes, side)
}

fn free_lane(lanes: &mut Vec<f32>, top: f32, bottom: f32) -> usize {
    if let Some((lane, taken)) = lanes.iter_mut().enumerate().find(|(_, taken)| **taken <= top) {
        *taken = bottom;
        return lane;
    }
    if lanes.len() < MOST_LANES {
        lanes.push(bottom);
    }
    lanes.len() - 1
}

fn across(lines: Option<&Range<usize>>, columns: &Columns) -> (f32, f32) {
    let concerned =
        lines.and_then(|lines| columns.lines.get(lines.start..lines.end.min(columns.lines.len())));
    match concerned {
        Some([first, .., last]) => (first - BEYOND, last + BEYOND),
        Some([only]) => (only - BEYOND, only + BEYOND),
        _ => (columns.left, columns.right),
    }
}

/// Sets the texts below each other, each as near as it can be to the middle of its band; returns the widest.
fn set_texts(shapes: &mut [BandShape], left: f32, texts: &mut Texts<'_>) -> f32 {
    let mut order: Vec<&mut BandShape> = shapes.iter_mut().collect();
    order.sort_by(|one, other| one.area.centre().y.total_cmp(&other.area.centre().y));
    let (mut free, mut widest) = (0.0_f32, 0.0_f32);
    for shape in order {
        let width = texts.width(&shape.text, TextStyle::Label);
        let width = width.max(texts.width(&shape.duration, TextStyle::Small));
        let top = (shape.area.centre().y - TEXT_HEIGHT / 2.0).max(free);
        let min = Pos::new(left, top);
        shape.text_area = Area::new(min.x, min.y, min.x + width, min.y + TEXT_HEIGHT);
        free = top + TEXT_HEIGHT + 3.0;
        widest = widest.max(width);
    }
    widest
}
