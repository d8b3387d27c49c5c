//! The part of time that is shown, and where it is on the screen.

use egui::Rect;

use crate::comparison::facts::Side;
use chronicle::Offset;

/// The shortest time that is shown, in microseconds.
const SHORTEST: f64 = 2e3;
/// The time before and after the anchors that is shown at first, relative to the longest recovery there.
const BEFORE: f64 = 0.4;
const AFTER: f64 = 1.4;
/// The longest recovery is not taken for shorter than this, in microseconds.
const LEAST_RECOVERY: f64 = 50e3;

/// A span of time, in microseconds from the anchors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) begin: f64,
    pub(super) end: f64,
}

/// The window on the screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) window: Window,
    pub(super) rect: Rect,
}

impl Scale {
    pub(super) fn x(self, offset: Offset) -> f32 {
        let share = (offset.as_micros() as f64 - self.window.begin) / (self.window.end - self.window.begin);
        // Far beyond the ends, a position on the screen would lose its meaning.
        self.rect.left() + (f64::from(self.rect.width()) * share).clamp(-1e5, 1e5) as f32
    }

    pub(super) fn at(self, x: f32) -> Offset {
        let share = f64::from((x - self.rect.left()) / self.rect.width().max(1.0));
        let us = self.window.begin + share * (self.window.end - self.window.begin);
        Offset::from_micros(us.round() as i64)
    }
}

impl Window {
    /// Returns all of both recordings.
    pub(super) fn whole(sides: &[Side<'_>; 2]) -> Self {
        let (begin, end) = ends(sides);
        let (begin, end) = (begin.as_micros() as f64, end.as_micros() as f64);
        let margin = ((end - begin) * 0.01).max(SHORTEST);
        Self {
            begin: begin - margin,
            end: end + margin,
        }
    }

    /// Returns the recoveries at the anchors, or everything if there are none.
    pub(super) fn around(sides: &[Side<'_>; 2]) -> Self {
        let nearest = sides.iter().flat_map(|side| {
            [false, true].map(|takeover| {
                let nearest = side.recoveries(takeover).nearest.as_ref();
                nearest.map(|(durations, _)| durations.whole.as_micros() as f64)
            })
        });
        match nearest.flatten().max_by(f64::total_cmp) {
            Some(longest) => {
                let longest = longest.max(LEAST_RECOVERY);
                Self {
                    begin: -BEFORE * longest,
                    end: AFTER * longest,
                }
            }
            None => Self::whole(sides),
        }
    }

    /// Magnifies around a time, which stays where it is.
    pub(super) fn zoom(self, factor: f64, pivot: f64, longest: f64) -> Self {
        let span = ((self.end - self.begin) / factor).clamp(SHORTEST, longest.max(SHORTEST));
        let share = (pivot - self.begin) / (self.end - self.begin);
        let begin = pivot - share * span;
        Self {
            begin,
            end: begin + span,
        }
    }

    pub(super) fn shifted(self, by: f64) -> Self {
        Self {
            begin: self.begin + by,
            end: self.end + by,
        }
    }

    pub(super) fn contains(self, offset: Offset) -> bool {
        (self.begin..=self.end).contains(&(offset.as_micros() as f64))
    }
}

/// Returns where the first one of both begins, and where the last one ends.
pub(super) fn ends(sides: &[Side<'_>; 2]) -> (Offset, Offset) {
    let [left, right] = sides.each_ref().map(|side| {
        let (from, to) = side.range();
        [from, to].map(|end| Offset::of(end, side.anchor.at))
    });
    (left[0].min(right[0]), left[1].max(right[1]))
}
