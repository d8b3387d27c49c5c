//! The process's clock.

#[cfg(test)]
use std::time::Duration;

use feed::Timestamp;
use protocol::Time;
use tokio::time::Instant;

/// Time since the process began, and the timestamp that goes with it.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
    started: Timestamp,
}

impl Clock {
    /// A clock whose origin is now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            // First, so that no stamp lies in the future of whoever gets it.
            started: Timestamp::now(),
            origin: Instant::now(),
        }
    }

    /// The time since the origin.
    #[must_use]
    pub fn now(&self) -> Time {
        Time::from_origin(self.origin.elapsed())
    }

    /// `time` as other processes understand it.
    #[must_use]
    pub fn stamp(&self, time: Time) -> Timestamp {
        self.started + time.since_origin()
    }

    /// The instant of `time`, for the timers of the runtime.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn instant(&self, time: Time) -> Instant {
        // A time so far away that it cannot be represented is as good as a year.
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
