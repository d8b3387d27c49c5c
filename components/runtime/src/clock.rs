//! The process's clock.

#[cfg(test)]
use std::time::Duration;

use feed::Timestamp;
use protocol::Time;
use tokio::time::Instant;

/// The time since the process began, with the corresponding timestamp.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
    started: Timestamp,
}

impl Clock {
    /// Creates a clock whose origin is now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            // Read first, so that no timestamp lies in the future for its receiver.
            started: Timestamp::now(),
            origin: Instant::now(),
        }
    }

    /// Returns the time since the origin.
    #[must_use]
    pub fn now(&self) -> Time {
        Time::from_origin(self.origin.elapsed())
    }

    /// Converts `time` to a timestamp for other processes.
    #[must_use]
    pub fn stamp(&self, time: Time) -> Timestamp {
        self.started + time.since_origin()
    }

    /// Converts `time` to an instant, for the timers of the runtime.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn instant(&self, time: Time) -> Instant {
        // A time that is too far away to be represented is as good as a year.
        self.origin
            .checked_add(time.since_origin())
            .unwrap_or_else(|| self.origin + Duration::from_secs(31_536_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_compare_with_those_of_other_processes() {
        let before = Timestamp::now();
        let clock = Clock::start();
        let stamp = clock.stamp(clock.now());
        let after = Timestamp::now();
        assert!(
            before <= stamp && stamp <= after,
            "{before:?} {stamp:?} {after:?}"
        );
    }

    #[test]
    fn stamps_follow_the_time() {
        let clock = Clock::start();
        let at = Time::from_origin(Duration::from_micros(1_234));
        assert_eq!(
            clock.stamp(at),
            clock.stamp(Time::ZERO) + Duration::from_micros(1_234)
        );
        assert_eq!(
            clock.instant(at),
            clock.instant(Time::ZERO) + Duration::from_micros(1_234)
        );
    }
}
