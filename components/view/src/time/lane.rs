//! The conditions of a component as spans: each has a pattern of its own besides its colour, and a word where there is room.

use egui::{Align2, Color32, Rect, Stroke, pos2, vec2};
use feed::Timestamp;

use super::scale::Scale;
use super::sketch::Sketch;
use super::wording;
use crate::theme::{self, Theme, fade, mix};
use chronicle::{Condition, Lane};

/// The width from which a span has a word, and the room before it.
const WORDY: f32 = 44.0;
const INSET: f32 = 4.0;
/// The narrowest span that is drawn as one; of narrower ones at the same place, the worst is drawn.
const NARROW: f32 = 1.0;

/// How the lanes look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) theme: &'static Theme,
    /// The size of words.
    pub(super) text: f32,
}

/// Draws the conditions of a component until the end of what is known, in a row.
pub(super) fn draw(sketch: &mut Sketch, look: Look, row: Rect, scale: Scale, lane: &Lane, end: Timestamp) {
    let own = own_colour(look.theme, lane);
    let first = lane.spans.partition_point(|span| span.from <= scale.begin);
    let mut crumb: Option<(f32, Condition)> = None;
    let flush = |sketch: &mut Sketch, crumb: Option<(f32, Condition)>| {
        if let Some((x, condition)) = crumb {
            let rect = Rect::from_x_y_ranges(x..=x + NARROW, row.y_range());
            span(sketch, look, rect, condition, own);
        }
    };
    for (it, until) in lane.spans(end).skip(first.saturating_sub(1)) {
        if it.from > scale.end() || it.from > end {
            break;
        }
        let from = scale.x(it.from).max(row.left());
        let to = scale.x(until).min(row.right());
        if to - from >= NARROW {
            flush(sketch, crumb.take());
            let rect = Rect::from_x_y_ranges(from..=to, row.y_range());
            span(sketch, look, rect, it.condition, own);
            continue;
        }
        let pixel = from.floor();
        crumb = match crumb {
            Some((at, worst)) if at == pixel => {
                let worse = severity(it.condition) > severity(worst);
                Some((at, if worse { it.condition } else { worst }))
            }
            other => {
                flush(sketch, other);
                Some((pixel, it.condition))
            }
        };
    }
    flush(sketch, crumb);
}

/// Returns the colour of a component.
pub(super) fn own_colour(theme: &Theme, lane: &Lane) -> Color32 {
    match lane.role {
        feed::ComponentRole::PoolElement => theme.element(lane.colour),
        feed::ComponentRole::Registrar => theme.protocol(feed::Protocol::Enrp),
        feed::ComponentRole::PoolUser => theme.protocol(feed::Protocol::Application),
    }
}

/// Returns how bad a condition is, for what is to be seen of several at the same place.
fn severity(condition: Condition) -> u8 {
    match condition {
        Condition::Removed => 0,
        Condition::Ready => 1,
        Condition::Stopped => 2,
        Condition::Starting => 3,
        Condition::Stopping => 4,
        Condition::NotReady => 5,
        Condition::Silent => 6,
        Condition::Unplugged => 7,
        Condition::Frozen => 8,
        Condition::Failed => 9,
    }
}

fn span(sketch: &mut Sketch, look: Look, rect: Rect, condition: Condition, own: Color32) {
    let theme = look.theme;
    let colour = wording::colour(theme, condition, own);
    let body = rect.shrink2(vec2(0.0, rect.height() * 0.2));
    let line = Stroke::new(1.2, colour);
    match condition {
        Condition::Removed => return,
        Condition::Ready => sketch.rect(body, mix(theme.panel, colour, 0.62)),
        Condition::Starting => {
            sketch.rect(body, fade(colour, 0.14));
            sketch.hatch(body, 7.0, true, line);
        }
        Condition::Stopping => {
            sketch.rect(body, fade(colour, 0.14));
            sketch.hatch(body, 7.0, false, line);
        }
        Condition::NotReady => {
            sketch.rect(body, fade(colour, 0.1));
            for y in [body.top(), body.bottom() - 1.5] {
                sketch.rect(Rect::from_x_y_ranges(body.x_range(), y..=y + 1.5), colour);
            }
        }
        Condition::Unplugged => {
            // A cable that is cut.
            sketch.rect(body, fade(colour, 0.12));
            dashes(sketch, body, (5.0, 4.0), 2.0, colour);
        }
        Condition::Silent => dashes(sketch, body, (2.0, 5.0), 2.0, colour),
        Condition::Frozen => {
            sketch.rect(body, mix(theme.panel, colour, 0.75));
            dashes(sketch, body, (1.5, 4.5), body.height(), theme.panel);
        }
        Condition::Stopped => dashes(sketch, body, (f32::INFINITY, 0.0), 1.2, colour),
        Condition::Failed => {
            sketch.rect(body, fade(colour, 0.18));
            sketch.hatch(body, 6.0, true, line);
            sketch.hatch(body, 6.0, false, line);
        }
    }
    if condition != Condition::Ready && rect.width() >= WORDY {
        let at = pos2(rect.left() + INSET, rect.center().y);
        let word = wording::condition(condition);
        let font = theme::plain_font(look.text);
        // About the width of the word, so that it can be read on the pattern.
        let width = (word.len() as f32 * look.text * 0.55 + 2.0 * INSET).min(rect.width());
        let behind = Rect::from_min_size(pos2(rect.left(), body.top()), vec2(width, body.height()));
        sketch.rect(behind, fade(theme.panel, 0.85));
        let room = rect.width() - INSET;
        sketch.text(at, Align2::LEFT_CENTER, word, font, theme.text, room);
    }
}

/// Draws dashes of a length and distance along the middle of an area.
fn dashes(sketch: &mut Sketch, rect: Rect, (length, gap): (f32, f32), width: f32, colour: Color32) {
    let (top, bottom) = (rect.center().y - width / 2.0, rect.center().y + width / 2.0);
    if !length.is_finite() {
        sketch.rect(Rect::from_x_y_ranges(rect.x_range(), top..=bottom), colour);
        return;
    }
    // Where they are does not depend on where the area begins, so that they do not run along.
    let mut x = (rect.left() / (length + gap)).floor() * (length + gap);
    while x < rect.right() {
        let (from, to) = (x.max(rect.left()), (x + length).min(rect.right()));
        if to > from {
            sketch.rect(Rect::from_x_y_ranges(from..=to, top..=bottom), colour);
        }
        x += length + gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::scale::shifted;
    use chronicle::Span;
    use feed::ComponentRole;

    const FROM: Timestamp = Timestamp::from_micros(40_000_000_000_000);

    fn corners(spans: &[(f64, Condition)], span_s: f64) -> usize {
        let lane = Lane {
            name: "PE 1".into(),
            role: ComponentRole::PoolElement,
            colour: 0,
            spans: spans
                .iter()
                .map(|&(at, condition)| Span {
                    from: shifted(FROM, at * 1e6),
                    condition,
                })
                .collect(),
        };
        let row = Rect::from_min_size(pos2(0.0, 0.0), vec2(1000.0, 18.0));
        let end = shifted(FROM, span_s * 1e6);
        let scale = Scale::of(FROM, end, 0.0, 1000.0);
        let look = Look {
            theme: &theme::DARK,
            text: 11.0,
        };
        let mut sketch = Sketch::default();
        draw(&mut sketch, look, row, scale, &lane, end);
        sketch.finish(&egui::Context::default()).corners()
    }

    #[test]
    fn every_condition_is_drawn_in_another_way() {
        use Condition::*;
        let all = [
            Starting, Ready, NotReady, Unplugged, Frozen, Silent, Stopping, Stopped, Failed,
        ];
        let drawn = all.map(|condition| corners(&[(0.0, condition)], 100.0));
        assert!(drawn.iter().all(|corners| *corners > 0), "{drawn:?}");
        assert_eq!(corners(&[(0.0, Removed)], 100.0), 0);
    }

    #[test]
    fn what_is_narrower_than_a_point_is_merged() {
        let restless: Vec<_> = (0..20_000)
            .map(|index| {
                let condition = if index % 2 == 0 {
                    Condition::Ready
                } else {
                    Condition::Failed
                };
                (f64::from(index) * 0.1, condition)
            })
            .collect();
        let drawn = corners(&restless, 2_000.0);
        assert!(drawn > 0 && drawn < 60_000, "{drawn}");
    }
}
