//! Times of day, for display.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Timestamp;
use crate::timestamp::microseconds;

/// The offset from the clock of [`Timestamp`]s to the wall clock, at the moment when it was sampled.
///
/// Only for display and reports: times are compared and subtracted as timestamps, since the wall clock may be set at
/// any time. If sampled at the moment of display, it yields the times that other clocks in the room would have
/// shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WallClock {
    ahead_us: i64,
}

impl WallClock {
    /// Smaller changes are ignored, so that not all displayed times change: a wall clock that is being disciplined
    /// drifts.
    const TOLERANCE: Duration = Duration::from_millis(100);

    /// Samples the current offset between the two clocks.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where the wall clock is read")]
    pub fn sample() -> Self {
        let (now, at) = Timestamp::beside(SystemTime::now);
        Self::showing(now.duration_since(UNIX_EPOCH).unwrap_or_default(), at)
    }

    /// Creates the offset for a wall clock that shows this time since the Unix epoch at `at`.
    #[must_use]
    pub fn showing(since_epoch: Duration, at: Timestamp) -> Self {
        Self {
            ahead_us: microseconds(since_epoch)
                .wrapping_sub(at.as_micros())
                .cast_signed(),
        }
    }

    /// Adopts a sampled offset if the wall clock has been set; displayed times do not flicker meanwhile.
    pub fn follow(&mut self, sampled: Self) {
        let apart_us = self.ahead_us.abs_diff(sampled.ahead_us);
        if apart_us >= microseconds(Self::TOLERANCE) {
            *self = sampled;
        }
    }

    /// Returns the microseconds since the Unix epoch at `at`.
    #[must_use]
    pub const fn unix_us(self, at: Timestamp) -> u64 {
        at.as_micros().saturating_add_signed(self.ahead_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_step_of_the_wall_clock_shifts_what_is_shown_by_the_step() {
        let at = Timestamp::from_micros(5_000_000);
        let mut clock = WallClock::showing(400 * HOUR, at);
        assert_eq!(clock.unix_us(at), 400 * 3_600_000_000);
        let later = at + Duration::from_secs(1);
        clock.follow(WallClock::showing(401 * HOUR + Duration::from_secs(1), later));
        assert_eq!(clock.unix_us(at), 401 * 3_600_000_000);
        clock.follow(WallClock::showing(Duration::from_secs(1), later));
        assert_eq!(clock.unix_us(later), 1_000_000);
        assert_eq!(clock.unix_us(Timestamp::default()), 0);
    }

    #[test]
    fn a_drift_shifts_nothing() {
        let at = Timestamp::from_micros(5_000_000);
        let before = WallClock::showing(HOUR, at);
        let mut clock = before;
        clock.follow(WallClock::showing(HOUR + Duration::from_millis(1), at));
        assert_eq!(clock, before);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the two are compared")]
    fn the_present_is_the_time_of_day() {
        let earliest = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let shown = WallClock::sample().unix_us(Timestamp::now());
        assert!(shown >= microseconds(earliest));
    }
}
