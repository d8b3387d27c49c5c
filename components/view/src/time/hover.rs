//! What is under the pointer on a line of time, in words.

use egui::{Response, RichText};
use feed::Timestamp;

use super::TimeState;
use super::line::Line;
use super::{marks, ticks, wording};
use crate::theme;
use chronicle::{Highlight, HighlightKind};
use model::{ComponentId, words};

/// How far from the pointer a sign may be.
const NEAR: f32 = 6.0;
/// The maximum number of sentences.
const MOST: usize = 6;

/// Shows the time under the pointer, and what happened there; on a lane, only what concerns its component.
pub(super) fn hover_ui(response: &Response, line: &Line<'_>, state: &TimeState, lane: Option<ComponentId>) {
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    let at = line.scale.at(pointer.x);
    if at < line.time.from || at > line.time.to + line.scale.time(NEAR) {
        return;
    }
    let time = line.time;
    let clock = words::clock_ms(line.snapshot.wall_clock, at);
    let relative = time.cursor.map(|cursor| {
        let us = super::scale::apart(at, cursor.at);
        format!("{} from the cursor", ticks::offset(rounded(us, line.around(1.0))))
    });
    let sentences = sentences(line, state, at, lane);
    let is_gap = state.extents.between(at, at).any(|extent| {
        let point = time.lanes.points.get(extent.point);
        point.is_some_and(|point| matches!(point.kind, HighlightKind::Gap { .. }))
    });
    // What was not recorded is not guessed.
    let condition = lane.filter(|_| !is_gap).and_then(|id| {
        let lane = time.lanes.components.get(&id)?;
        let spans = lane.spans(time.to);
        let (span, _) = spans.filter(|(span, _)| span.from <= at).last()?;
        let word = wording::condition(span.condition);
        let since = words::clock_ms(line.snapshot.wall_clock, span.from);
        Some(format!("{}: {word} since {since}", lane.name))
    });
    response.clone().on_hover_ui_at_pointer(|ui| {
        ui.label(theme::strong(clock));
        if let Some(relative) = relative {
            ui.label(theme::small(relative));
        }
        if let Some(condition) = condition {
            ui.label(RichText::new(condition));
        }
        for sentence in sentences {
            ui.label(sentence);
        }
    });
}

/// Rounds to what can be told apart on the screen.
fn rounded(us: f64, pixel: f64) -> f64 {
    let unit = 10_f64.powf(pixel.max(1.0).log10().floor());
    (us / unit).round() * unit
}

fn sentences(line: &Line<'_>, state: &TimeState, at: Timestamp, lane: Option<ComponentId>) -> Vec<String> {
    let time = line.time;
    let near = line.scale.time(NEAR);
    let concerns = |point: &Highlight| {
        let is_gap = matches!(point.kind, HighlightKind::Gap { .. });
        is_gap || lane.is_none_or(|id| point.component == Some(id))
    };
    let in_words = |point: &Highlight| {
        let name = point
            .component
            .and_then(|id| Some(time.lanes.components.get(&id)?.name.as_str()));
        wording::highlight(point, name)
    };
    let lasting = state
        .extents
        .between(at - near, at + near)
        .filter_map(|extent| time.lanes.points.get(extent.point));
    let mut points: Vec<&Highlight> = marks::between(time.lanes, at - near, at + near)
        .iter()
        .filter(|point| super::extents::began(point).is_none() && concerns(point))
        .collect();
    // The nearest ones.
    points.sort_by_key(|point| point.at.as_micros().abs_diff(at.as_micros()));
    let all: Vec<String> = lasting
        .filter(|point| concerns(point))
        .chain(points)
        .filter_map(in_words)
        .collect();
    let more = all.len().saturating_sub(MOST);
    let mut shown: Vec<String> = all.into_iter().take(MOST).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown
}
