//! The time axis: monotone, squeezed where nothing happens, stretched where much does.

use feed::Timestamp;

/// A stretch in which nothing happened, drawn shorter than it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// When the last thing before it happened.
    pub from: Timestamp,
    /// When the next thing happened.
    pub to: Timestamp,
    /// The y of its top, in points.
    pub top: f32,
    /// The y of its bottom, in points.
    pub bottom: f32,
    /// What it says of itself, such as "idle 20.0 ms".
    pub text: String,
}

/// A moment and where it lies. Several arrows that leave in the same microsecond lie below each other, and so a moment
/// may have a thickness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Knot {
    pub(crate) at_us: u64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// The mapping of time to y and back. It never decreases in either direction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// In order, both of time and of y.
    knots: Vec<Knot>,
}

/// The slope before the first and after the last moment, in points a microsecond.
const OUTSIDE: f64 = 0.02;

impl Axis {
    pub(crate) const fn new(knots: Vec<Knot>) -> Self {
        Self { knots }
    }

    /// Returns the y of a point in time: of the topmost thing that happened then. Times beyond the chart lie above or
    /// below it.
    #[must_use]
    pub fn y_of(&self, at: Timestamp) -> f32 {
        let at_us = at.as_micros();
        let after = self.knots.partition_point(|knot| knot.at_us <= at_us);
        let before = after.checked_sub(1).and_then(|index| self.knots.get(index));
        let y = match (before, self.knots.get(after)) {
            (Some(knot), _) if knot.at_us == at_us => knot.top,
            (Some(before), Some(after)) => {
                let part = (at_us - before.at_us) as f64 / (after.at_us - before.at_us) as f64;
                (after.top - before.bottom).mul_add(part, before.bottom)
            }
            (Some(last), None) => ((at_us - last.at_us) as f64).mul_add(OUTSIDE, last.bottom),
            (None, Some(first)) => ((first.at_us - at_us) as f64).mul_add(-OUTSIDE, first.top),
            (None, None) => at_us as f64 * OUTSIDE,
        };
        y as f32
    }

    /// Returns the point in time at a y, rounded down to microseconds.
    #[must_use]
    pub fn time_at(&self, y: f32) -> Timestamp {
        let y = if y.is_finite() { f64::from(y) } else { 0.0 };
        let after = self.knots.partition_point(|knot| knot.top <= y);
        let before = after.checked_sub(1).and_then(|index| self.knots.get(index));
        let us = match (before, self.knots.get(after)) {
            (Some(before), _) if y <= before.bottom => before.at_us,
            (Some(before), Some(after)) => {
                let part = (y - before.bottom) / (after.top - before.bottom);
                let way = (after.at_us - before.at_us) as f64 * part;
                before.at_us.saturating_add(way as u64).min(after.at_us)
            }
            (Some(last), None) => last.at_us.saturating_add(((y - last.bottom) / OUTSIDE) as u64),
            (None, Some(first)) => first
                .at_us
                .saturating_sub(((first.top - y) / OUTSIDE).ceil() as u64),
            (None, None) => (y / OUTSIDE) as u64,
        };
        Timestamp::from_micros(us)
    }

    /// Returns the first and the last moment shown; none if nothing is shown.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let (first, last) = (self.knots.first()?, self.knots.last()?);
        Some((
            Timestamp::from_micros(first.at_us),
            Timestamp::from_micros(last.at_us),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knot(at_us: u64, top: f64, bottom: f64) -> Knot {
        Knot { at_us, top, bottom }
    }

    #[test]
    fn time_is_read_from_the_axis_as_it_was_put_there() {
        let axis = Axis::new(vec![
            knot(100, 10.0, 10.0),
            knot(200, 30.0, 60.0),
            knot(1_200, 80.0, 80.0),
        ]);
        for (at_us, y) in [
            (100, 10.0),
            (150, 20.0),
            (200, 30.0),
            (700, 70.0),
            (1_200, 80.0),
            (1_300, 82.0),
            (50, 9.0),
        ] {
            let at = Timestamp::from_micros(at_us);
            assert!((axis.y_of(at) - y).abs() < 1e-3, "{at_us}: {}", axis.y_of(at));
            let back = axis.time_at(y + 1e-4).as_micros();
            assert!(back.abs_diff(at_us) <= 1, "{at_us}: {back}");
        }
        // Anywhere in a moment that has a thickness.
        assert_eq!(axis.time_at(45.0).as_micros(), 200);
    }

    #[test]
    fn an_axis_without_moments_maps_somehow() {
        let axis = Axis::default();
        assert!(axis.y_of(Timestamp::from_micros(5)) <= axis.y_of(Timestamp::from_micros(6)));
        assert_eq!(axis.time_at(f32::NAN), Timestamp::default());
        assert_eq!(axis.span(), None);
    }
}
