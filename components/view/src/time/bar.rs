//! The bar: all that is recorded on one line, with the cursor, and the present at its right end.

use egui::{Align2, Color32, CornerRadius, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use feed::Timestamp;

use super::TimeState;
use super::extents::Extents;
use super::marks::{self, Merging};
use super::scale::{Scale, apart, shifted};
use super::sketch::{Drawing, Sign, Sketch};
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade, mix, size};
use chronicle::{HighlightKind, Source, TimeStatus};
use model::words;

/// The height of the bar.
pub(super) const HEIGHT: f32 = 30.0;
/// The height of its middle, where spans are.
const TRACK: f32 = 10.0;
/// The shortest time that it shows of what takes place: what has just begun does not fill it.
const LEAST_SPAN: f64 = 20e6;
/// The width of what is drawn at a point in time.
const TICK: f32 = 2.0;
/// The height of the signs above and below the middle.
const SIGN: f32 = 3.6;

/// What the drawing of the bar depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Key {
    revision: u64,
    scale: Scale,
    top: f32,
    dark: bool,
    /// The ends of what can be shown, in points.
    ends: (i32, i32),
}

/// The drawing of the bar, kept until it changes.
#[derive(Debug, Default)]
pub(super) struct Bar {
    key: Option<Key>,
    drawing: Drawing,
}

/// Returns the scale of the bar: all that is recorded.
pub(super) fn scale(time: &TimeStatus<'_>, rect: Rect) -> Scale {
    let lives = time.source == Source::Live;
    let begin = if lives && apart(time.to, time.from) < LEAST_SPAN {
        shifted(time.to, -LEAST_SPAN)
    } else {
        time.from
    };
    let mut scale = Scale::of(begin, time.to, rect.left(), rect.width());
    // In steps of a hundredth, so that the drawing can be kept for as long.
    let step = 10_f64.powf(scale.pitch.log10().floor() - 2.0);
    scale.pitch = (scale.pitch / step).ceil() * step;
    if begin != time.from {
        let back = f64::from(rect.width()) * scale.pitch;
        let begin = shifted(time.to, -back).as_micros() as f64;
        scale.begin = Timestamp::from_micros(((begin / scale.pitch).ceil() * scale.pitch) as u64);
    }
    scale
}

/// Draws the bar.
pub(super) fn paint(
    ui: &Ui,
    rect: Rect,
    snapshot: &Snapshot<'_>,
    time: &TimeStatus<'_>,
    state: &mut TimeState,
    magnified: Option<(Timestamp, Timestamp)>,
) {
    let theme = Theme::of(ui);
    let scale = scale(time, rect);
    let clip = rect.expand2(vec2(8.0, 0.0));
    let painter = ui.painter_at(clip);
    let key = Key {
        revision: time.lanes.revision,
        scale,
        top: rect.top(),
        dark: ui.visuals().dark_mode,
        ends: (scale.x(time.from) as i32, scale.x(time.to) as i32),
    };
    if state.bar.key != Some(key) {
        state.bar.drawing = draw(theme, rect, scale, time, &state.extents).finish(ui.ctx());
        state.bar.key = Some(key);
    }
    state.bar.drawing.paint(&painter);
    if let Some((from, to)) = magnified {
        let window = Rect::from_x_y_ranges(
            scale.x(from).max(rect.left())..=scale.x(to).min(rect.right()).max(scale.x(from) + 4.0),
            track(rect).y_range(),
        );
        let stroke = Stroke::new(1.0, theme.weak);
        painter.rect_stroke(window.expand2(vec2(0.0, 3.0)), 2.0, stroke, StrokeKind::Outside);
    }
    let looped = time.cursor.and_then(|cursor| cursor.looped).or(state.selected());
    if let Some((from, to)) = looped {
        paint_loop(&painter, theme, rect, scale.x(from), scale.x(to));
    }
    let at = time.cursor.map_or(time.to, |cursor| cursor.at);
    let colour = if snapshot.is_present() {
        theme.good
    } else {
        theme.past
    };
    paint_cursor(&painter, rect, scale.x(at), colour);
}

/// Draws the span that is played over and over, or is being selected.
pub(super) fn paint_loop(painter: &egui::Painter, theme: &Theme, rect: Rect, from: f32, to: f32) {
    let span = Rect::from_x_y_ranges(from..=to.max(from + 1.0), rect.y_range());
    painter.rect_filled(span, 0.0, fade(theme.accent, 0.18));
    for x in [from, to] {
        painter.vline(x, rect.y_range(), Stroke::new(1.5, theme.accent));
    }
}

/// Draws the cursor with its handle.
pub(super) fn paint_cursor(painter: &egui::Painter, rect: Rect, x: f32, colour: Color32) {
    painter.vline(x, rect.y_range(), Stroke::new(2.0, colour));
    let handle = Rect::from_center_size(pos2(x, rect.top() + 5.0), vec2(9.0, 10.0));
    let corners = CornerRadius {
        nw: 2,
        ne: 2,
        sw: 4,
        se: 4,
    };
    painter.rect_filled(handle, corners, colour);
}

fn track(rect: Rect) -> Rect {
    Rect::from_center_size(rect.center(), vec2(rect.width(), TRACK))
}

fn draw(theme: &Theme, rect: Rect, scale: Scale, time: &TimeStatus<'_>, extents: &Extents) -> Sketch {
    let mut sketch = Sketch::default();
    let track = track(rect);
    sketch.rounded(track, 3.0, fade(theme.line, 0.35));
    let known = scale.x(time.from).max(rect.left())..=scale.x(time.to).min(rect.right());
    sketch.rounded(
        Rect::from_x_y_ranges(known, track.y_range()),
        3.0,
        mix(theme.raised, theme.line, 0.5),
    );
    let mut latest = [f32::NEG_INFINITY; 3];
    for extent in extents.between(scale.begin, scale.end()) {
        let Some(point) = time.lanes.points.get(extent.point) else {
            continue;
        };
        let (x, end) = (scale.x(extent.from).max(rect.left()), scale.x(extent.to));
        let (row, colour) = match &point.kind {
            HighlightKind::Gap { .. } => (0, theme.weak),
            HighlightKind::Recovery {
                takeover, succeeded, ..
            } => {
                let colour = match (succeeded, takeover) {
                    (false, _) => theme.danger,
                    (true, false) => theme.good,
                    (true, true) => theme.protocol(feed::Protocol::Enrp),
                };
                (1 + usize::from(*takeover), colour)
            }
            _ => continue,
        };
        let Some(before) = latest.get_mut(row) else {
            continue;
        };
        // Of those that are at the same place, one is drawn.
        if end < *before + 1.0 {
            continue;
        }
        *before = end;
        let middle = track.center().y;
        let rows = match row {
            0 => track.y_range(),
            1 => egui::Rangef::new(track.top(), middle),
            _ => egui::Rangef::new(middle, track.bottom()),
        };
        let span = Rect::from_x_y_ranges(x..=end.max(x + TICK).min(rect.right() + TICK), rows);
        if row == 0 {
            sketch.rect(span, theme.panel);
            sketch.hatch(span, 5.0, true, Stroke::new(1.0, colour));
        } else {
            sketch.rect(span, colour);
        }
    }
    let mut merging = Merging::new(SIGN * 2.0);
    let (above, below) = (track.top() - SIGN - 2.0, track.bottom() + SIGN + 1.5);
    for point in marks::between(time.lanes, scale.begin, scale.end()) {
        let Some((sign, colour)) = marks::sign(theme, point) else {
            continue;
        };
        let x = scale.x(point.at);
        // Detections are within their failovers.
        if sign == Sign::Detection || !merging.takes(sign, x) {
            continue;
        }
        let at: Pos2 = match sign {
            Sign::Fault | Sign::Detection | Sign::Problem | Sign::Mark => pos2(x, above),
            Sign::Step | Sign::Met | Sign::NotMet => pos2(x, below),
        };
        if matches!(sign, Sign::Fault) {
            let line = Rect::from_x_y_ranges(x - 0.75..=x + 0.75, track.y_range());
            sketch.rect(line, colour);
        }
        sketch.sign(sign, at, SIGN, colour);
    }
    sketch
}

/// Returns the words for the beginning of what can be shown.
pub(super) fn beginning(snapshot: &Snapshot<'_>, time: &TimeStatus<'_>) -> String {
    let clock = words::clock(snapshot.wall_clock, time.from);
    if time.recording.dropped {
        format!("recorded since {clock}")
    } else {
        clock
    }
}

/// Draws a text beside the bar.
pub(super) fn side_text(ui: &mut Ui, text: &str, ink: Color32) -> egui::Response {
    let font = theme::plain_font(theme::legible(ui, size::CAPTION));
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, ink);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, HEIGHT), egui::Sense::hover());
    let at = Align2::LEFT_CENTER
        .anchor_size(rect.left_center(), galley.size())
        .min;
    ui.painter().galley(at, galley, ink);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use chronicle::{Highlight, Lanes, RecordingStatus, Source};

    const FROM: Timestamp = Timestamp::from_micros(40_000_000_000_000);

    fn time(lanes: &Lanes, seconds: f64) -> TimeStatus<'_> {
        TimeStatus {
            source: Source::Live,
            from: FROM,
            to: shifted(FROM, seconds * 1e6),
            lanes,
            cursor: None,
            recording: RecordingStatus::default(),
            epoch: 0,
            in_flight: &[],
        }
    }

    fn area() -> Rect {
        Rect::from_min_size(pos2(100.0, 0.0), vec2(900.0, HEIGHT))
    }

    #[test]
    fn all_that_is_recorded_fits_and_the_drawing_is_kept_while_nothing_moves_by_a_point() {
        let lanes = Lanes::default();
        for seconds in [0.5, 59.0, 61.0, 600.0, 7_200.0] {
            let time = time(&lanes, seconds);
            let scale = scale(&time, area());
            assert!(scale.x(time.from) >= 99.0, "{seconds}");
            let end = scale.x(time.to);
            assert!(end <= 1_000.5 && end > 940.0, "{seconds}: {end}");
        }
        let of = |seconds| scale(&time(&lanes, seconds), area());
        assert_eq!(of(7_201.0), of(7_205.0));
        assert_eq!(of(30.000), of(30.001));
    }

    #[test]
    fn a_hundred_thousand_highlights_take_no_more_shapes_than_there_is_room_for() {
        let mut lanes = Lanes::default();
        for index in 0..100_000 {
            lanes.add(Highlight {
                at: shifted(FROM, f64::from(index) * 72e3),
                component: None,
                kind: HighlightKind::Fault {
                    done: "was killed".into(),
                },
            });
        }
        let time = time(&lanes, 7_200.0);
        let mut extents = Extents::default();
        extents.update(&lanes);
        let scale = scale(&time, area());
        let drawing = draw(&theme::DARK, area(), scale, &time, &extents).finish(&egui::Context::default());
        assert!(drawing.corners() > 1_000);
        assert!(drawing.corners() < 15_000, "{}", drawing.corners());
    }
}
