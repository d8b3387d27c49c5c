//! The process's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::Time;
use tokio::time::Instant;

/// Time since the process began, and the wall clock time that goes with it.
///
/// The wall clock is read once: stamps never go back within a process, whatever happens to the host's clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
    epoch_us: u64,
}

impl Clock {
    /// A clock whose origin is now.
    #[must_use]
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            origin: Instant::now(),
            epoch_us: microseconds(since_epoch),
        }
    }

    /// The time since the origin.
    #[must_use]
    pub fn now(&self) -> Time {
        Time::from_origin(self.origin.elapsed())
    }

    /// Microseconds since the Unix epoch at `time`.
    #[must_use]
    pub fn stamp(&self, time: Time) -> u64 {
        self.epoch_us.saturating_add(microseconds(time.since_origin()))
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub fn stamp_now(&self) -> u64 {
        self.stamp(self.now())
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

/// A duration in whole microseconds.
#[must_use]
pub fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_follow_the_time() {
        let clock = Clock::start();
        let at = Time::from_origin(Duration::from_micros(1_234));
        assert_eq!(clock.stamp(at), clock.stamp(Time::ZERO) + 1_234);
        assert_eq!(
            clock.instant(at),
            clock.instant(Time::ZERO) + Duration::from_micros(1_234)
        );
    }
}
