//! How time lies on a line of the screen, and which part of it is magnified.

use std::time::Duration;

use feed::Timestamp;

/// The shortest and the longest span that the line shows, in microseconds; the longest one is that of the recording if
/// that is longer.
const SHORTEST: f64 = 1e3;
const LONGEST: f64 = 7_200e6;
/// The span at the beginning.
const AT_FIRST: Duration = Duration::from_secs(120);
/// The share of the line at each end that the cursor does not enter by itself.
const MARGIN: f64 = 0.04;

/// Time on a line of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// The time at the left end.
    pub(super) begin: Timestamp,
    /// Microseconds per point.
    pub(super) pitch: f64,
    /// The left end on the screen.
    pub(super) left: f32,
    /// The width on the screen.
    pub(super) width: f32,
}

impl Scale {
    /// Puts all from one time to another one on a line of this width.
    pub(super) fn of(begin: Timestamp, end: Timestamp, left: f32, width: f32) -> Self {
        let width = width.max(1.0);
        let span = apart(end, begin).max(1.0);
        Self {
            begin,
            pitch: span / f64::from(width),
            left,
            width,
        }
    }

    /// Returns the position of a time, which may be beyond the ends.
    pub(super) fn x(self, at: Timestamp) -> f32 {
        self.left + (apart(at, self.begin) / self.pitch) as f32
    }

    /// Returns the time at a position.
    pub(super) fn at(self, x: f32) -> Timestamp {
        shifted(self.begin, f64::from(x - self.left) * self.pitch)
    }

    /// Returns the time at the right end.
    pub(super) fn end(self) -> Timestamp {
        self.at(self.left + self.width)
    }

    /// Returns the right end on the screen.
    pub(super) fn right(self) -> f32 {
        self.left + self.width
    }

    /// Returns the time that is as long as these points are wide.
    pub(super) fn time(self, points: f32) -> Duration {
        Duration::from_micros((f64::from(points) * self.pitch).max(0.0) as u64)
    }
}

/// Returns the microseconds from one time to another one, negative if the other one is earlier.
pub(super) fn apart(at: Timestamp, from: Timestamp) -> f64 {
    if at >= from {
        (at - from).as_micros() as f64
    } else {
        -((from - at).as_micros() as f64)
    }
}

/// Returns a time that is later by these microseconds, or earlier if they are negative.
pub(super) fn shifted(at: Timestamp, by: f64) -> Timestamp {
    let by_us = Duration::from_micros(by.abs().round() as u64);
    if by < 0.0 { at - by_us } else { at + by_us }
}

/// The part of time that is magnified.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Magnifier {
    /// Its length in microseconds.
    span: f64,
    /// Its beginning; `None` while it follows the end of what can be shown.
    begin: Option<Timestamp>,
    /// Where the cursor was last.
    cursor: Option<Timestamp>,
    /// Whether nobody has chosen a part yet.
    untouched: bool,
}

impl Default for Magnifier {
    fn default() -> Self {
        Self {
            span: AT_FIRST.as_micros() as f64,
            begin: None,
            cursor: None,
            untouched: true,
        }
    }
}

impl Magnifier {
    /// Shows all of what has just begun, until somebody chooses a part of it. Its length grows in steps, so that what is
    /// drawn can be kept for a while.
    pub(super) fn begin(&mut self, from: Timestamp, to: Timestamp) {
        if self.untouched {
            let lengths = [15, 20, 30, 45, 60, 90].map(Duration::from_secs);
            let fits = lengths.into_iter().find(|length| to - from <= *length);
            self.span = fits.unwrap_or(AT_FIRST).as_micros() as f64;
        }
    }

    /// Returns the scale on a line at this place, with which `to` is the end of what can be shown.
    pub(super) fn scale(&self, to: Timestamp, left: f32, width: f32) -> Scale {
        let width = width.max(1.0);
        let pitch = self.span / f64::from(width);
        let begin = match self.begin {
            Some(begin) => begin,
            None => {
                // In steps of a point, so that what is drawn can be kept for as long.
                let begin = shifted(to, -self.span).as_micros() as f64;
                Timestamp::from_micros(((begin / pitch).ceil() * pitch).max(0.0) as u64)
            }
        };
        Scale {
            begin,
            pitch,
            left,
            width,
        }
    }

    /// Returns whether it follows the end of what can be shown.
    pub(super) fn follows(&self) -> bool {
        self.begin.is_none()
    }

    /// Follows the end of what can be shown.
    pub(super) fn follow(&mut self) {
        self.begin = None;
    }

    /// Shows all of this.
    pub(super) fn show(&mut self, from: Timestamp, to: Timestamp) {
        self.untouched = false;
        let margin = apart(to, from).max(SHORTEST) * 0.1;
        self.span = apart(to, from).max(SHORTEST) + 2.0 * margin;
        self.begin = Some(shifted(from, -margin));
    }

    /// Magnifies by a factor around a time, which stays where it is.
    pub(super) fn zoom(&mut self, factor: f64, pivot: Timestamp, (from, to): (Timestamp, Timestamp)) {
        self.untouched = false;
        let longest = apart(to, from).max(LONGEST);
        let span = (self.span / factor).clamp(SHORTEST, longest);
        let begin = self.begin.unwrap_or_else(|| shifted(to, -self.span));
        let share = apart(pivot, begin) / self.span;
        // Around its end, it goes on to follow.
        if self.begin.is_some() || share < 1.0 - MARGIN {
            self.begin = Some(shifted(pivot, -share * span));
        }
        self.span = span;
        self.keep_within(from, to);
    }

    /// Moves to a later time by these microseconds, or to an earlier one if they are negative; beyond the end it follows.
    pub(super) fn pan(&mut self, by: f64, (from, to): (Timestamp, Timestamp)) {
        let begin = self.begin.unwrap_or_else(|| shifted(to, -self.span));
        let begin = shifted(begin, by);
        let is_beyond = by > 0.0 && apart(to, begin) <= self.span;
        self.begin = (!is_beyond).then_some(begin);
        self.keep_within(from, to);
    }

    /// Lets some of what can be shown stay in sight.
    fn keep_within(&mut self, from: Timestamp, to: Timestamp) {
        if let Some(begin) = &mut self.begin {
            let earliest = shifted(from, -self.span * 0.9);
            let latest = shifted(to, -self.span * 0.1);
            *begin = (*begin).min(latest).max(earliest);
        }
    }

    /// Goes to the cursor whenever it has moved out of sight, and back to the end once there is none.
    pub(super) fn follow_cursor(&mut self, cursor: Option<Timestamp>, to: Timestamp) {
        if self.cursor == cursor {
            return;
        }
        self.cursor = cursor;
        let Some(at) = cursor else {
            self.begin = None;
            return;
        };
        let begin = self.begin.unwrap_or_else(|| shifted(to, -self.span));
        let share = apart(at, begin) / self.span;
        // While the cursor is there, the line rests.
        self.begin = Some(
            if (MARGIN..=1.0 - MARGIN).contains(&share) || (begin <= at && at >= to) {
                begin
            } else {
                // Beyond the end there is nothing to be seen.
                shifted(at, -self.span / 2.0).min(shifted(to, -self.span * (1.0 - MARGIN)))
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: Timestamp = Timestamp::from_micros(40_000_000_000_000);

    fn after(seconds: f64) -> Timestamp {
        shifted(FROM, seconds * 1e6)
    }

    #[test]
    fn a_time_and_its_position_are_the_same() {
        let scale = Scale::of(after(0.0), after(100.0), 50.0, 1000.0);
        assert_eq!(scale.x(after(10.0)), 150.0);
        assert_eq!(scale.at(150.0), after(10.0));
        assert_eq!(scale.x(after(-10.0)), -50.0);
        assert_eq!(scale.end(), after(100.0));
    }

    #[test]
    fn what_is_under_the_pointer_stays_there_from_two_hours_to_a_millisecond() {
        let whole = (after(0.0), after(7_200.0));
        let mut magnifier = Magnifier::default();
        let pivot = after(3_333.333_333);
        magnifier.zoom(1e-9, after(3_600.0), whole);
        let before = magnifier.scale(whole.1, 0.0, 1000.0);
        assert!((before.pitch * 1000.0 - 7_200e6).abs() < 1.0);
        let x = before.x(pivot);
        for _ in 0..200 {
            magnifier.zoom(1.2, pivot, whole);
        }
        let scale = magnifier.scale(whole.1, 0.0, 1000.0);
        assert!((scale.pitch - 1.0).abs() < 1e-9, "{scale:?}");
        assert!((scale.x(pivot) - x).abs() < 200.0, "{} and {x}", scale.x(pivot));
    }

    #[test]
    fn what_has_just_begun_is_shown_as_a_whole_until_a_part_is_chosen() {
        let mut magnifier = Magnifier::default();
        let span = |magnifier: &mut Magnifier, to: f64| {
            magnifier.begin(after(0.0), after(to));
            magnifier.scale(after(to), 0.0, 1000.0).pitch / 1e3
        };
        assert_eq!(span(&mut magnifier, 1.0), 15.0);
        assert_eq!(span(&mut magnifier, 31.0), 45.0);
        assert_eq!(span(&mut magnifier, 500.0), 120.0);
        magnifier.zoom(2.0, after(500.0), (after(0.0), after(500.0)));
        assert_eq!(span(&mut magnifier, 500.0), 60.0);
    }

    #[test]
    fn it_follows_the_end_until_it_is_moved_and_again_at_the_end() {
        let mut magnifier = Magnifier::default();
        let shown = |magnifier: &Magnifier, to: f64| {
            let scale = magnifier.scale(after(to), 0.0, 1000.0);
            apart(scale.end(), FROM) / 1e6
        };
        assert!((shown(&magnifier, 500.0) - 500.0).abs() < 0.2);
        assert!((shown(&magnifier, 510.0) - 510.0).abs() < 0.2);
        magnifier.pan(-60e6, (after(0.0), after(510.0)));
        assert!((shown(&magnifier, 600.0) - 450.0).abs() < 0.2, "it rests");
        magnifier.pan(200e6, (after(0.0), after(600.0)));
        assert!(magnifier.follows());
        magnifier.pan(-1e12, (after(0.0), after(600.0)));
        assert!(shown(&magnifier, 600.0) > 0.0, "something is in sight");
    }

    #[test]
    fn the_cursor_is_in_sight_wherever_it_goes() {
        let mut magnifier = Magnifier::default();
        magnifier.follow_cursor(Some(after(10.0)), after(500.0));
        let scale = magnifier.scale(after(500.0), 0.0, 1000.0);
        assert!((scale.x(after(10.0)) - 500.0).abs() < 1.0);
        magnifier.follow_cursor(Some(after(12.0)), after(500.0));
        assert_eq!(
            magnifier.scale(after(500.0), 0.0, 1000.0),
            scale,
            "it was in sight"
        );
        // A look elsewhere is not undone while the cursor rests.
        magnifier.pan(200e6, (after(0.0), after(500.0)));
        let elsewhere = magnifier;
        magnifier.follow_cursor(Some(after(12.0)), after(501.0));
        assert_eq!(magnifier, elsewhere);
        magnifier.follow_cursor(None, after(502.0));
        assert!(magnifier.follows());
    }
}
