//! The process's clock.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use feed::Timestamp;
use protocol::Time;
use tokio::time::Instant;

/// The time for which the process has been running, with the corresponding timestamp.
///
/// A time during which the process did not run at all, since somebody stopped it or the whole computer, does not
/// count (`skip`): otherwise all answers that were being waited for would be overdue at once, though those
/// who were to give them may have been stopped as well.
#[derive(Debug, Clone)]
pub struct Clock {
    origin: Instant,
    started: Timestamp,
    skipped: Rc<Cell<Duration>>,
}

impl Clock {
    /// Creates a clock whose origin is now.
    #[must_use]
    pub fn start() -> Self {
        // No timestamp may lie in the future for its receiver, nor in the past for who caused what it belongs to.
        let (origin, started) = Timestamp::beside(Instant::now);
        Self {
            origin,
            started,
            skipped: Rc::default(),
        }
    }

    /// Returns the time since the origin.
    #[must_use]
    pub fn now(&self) -> Time {
        Time::from_origin(self.origin.elapsed().saturating_sub(self.skipped.get()))
    }

    /// Takes a duration that has just passed out of the count.
    pub(crate) fn skip(&self, duration: Duration) {
        self.skipped.set(self.skipped.get().saturating_add(duration));
    }

    /// Converts `time` to a timestamp for other processes.
    #[must_use]
    pub fn stamp(&self, time: Time) -> Timestamp {
        self.started + self.skipped.get() + time.since_origin()
    }

    /// Converts `time` to an instant, for the timers of the runtime.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn instant(&self, time: Time) -> Instant {
        // A time that is too far away to be represented is as good as a year.
        self.origin
            .checked_add(time.since_origin() + self.skipped.get())
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
    fn a_time_that_is_skipped_does_not_count_but_stamps_stay_true() {
        let clock = Clock::start();
        let other = clock.clone();
        let stamp = clock.stamp(clock.now());
        // As if the last hour had passed while the process was stopped.
        let clock = Clock {
            origin: clock.origin - Duration::from_secs(3_600),
            started: clock.started - Duration::from_secs(3_600),
            ..clock
        };
        assert!(clock.now() >= Time::from_origin(Duration::from_secs(3_600)));
        clock.skip(Duration::from_secs(3_600));
        assert!(clock.now() < Time::from_origin(Duration::from_secs(600)));
        assert!(clock.stamp(clock.now()) >= stamp);
        assert_eq!(
            other.skipped.get(),
            Duration::from_secs(3_600),
            "all handles agree"
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
