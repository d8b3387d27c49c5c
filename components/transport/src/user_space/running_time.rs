//! Time that does not pass while the process is stopped.

use std::time::{Duration, Instant};

/// A clock that leaves out the time for which the process did not run, because it or the whole computer was stopped.
///
/// Otherwise all acknowledgements would be overdue at once when it goes on, though the peers may have been stopped as
/// well, and working associations would be given up.
#[derive(Debug)]
pub(super) struct RunningTime {
    skipped: Duration,
    /// When the system's time was last read.
    read: Instant,
}

impl RunningTime {
    /// A wait that ends this much too late was not only late, and no piece of work takes so long.
    const STOPPED: Duration = Duration::from_millis(500);

    pub(super) fn new() -> Self {
        Self {
            skipped: Duration::ZERO,
            read: Instant::now(),
        }
    }

    /// Returns the time that counts. Must be called often, but for waits.
    pub(super) fn now(&mut self) -> Instant {
        self.now_at(Instant::now())
    }

    fn now_at(&mut self, system: Instant) -> Instant {
        let work = system.saturating_duration_since(self.read);
        if work >= Self::STOPPED {
            self.skip(work);
        }
        self.read = system;
        self.counted(system)
    }

    /// Returns the system's instant at which a deadline will have come, unless the process is stopped again.
    pub(super) fn system(&self, deadline: Instant) -> Instant {
        deadline + self.skipped
    }

    /// A wait that began when the time was last read ends now; it should have ended at the deadline, if any.
    pub(super) fn awaken(&mut self, deadline: Option<Instant>) {
        self.awaken_at(Instant::now(), deadline);
    }

    fn awaken_at(&mut self, system: Instant, deadline: Option<Instant>) {
        if let Some(deadline) = deadline {
            let expected = self.system(deadline).max(self.read);
            if system.saturating_duration_since(expected) >= Self::STOPPED {
                // When the stop began is unknown. Peers that answer get the whole wait once more.
                self.skip(system.saturating_duration_since(self.read));
            }
        }
        self.read = system;
    }

    fn skip(&mut self, duration: Duration) {
        tracing::debug!(?duration, "the transport did not run");
        self.skipped += duration;
    }

    fn counted(&self, system: Instant) -> Instant {
        system.checked_sub(self.skipped).unwrap_or(system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_does_not_count_but_a_long_wait_and_a_late_timer_do() {
        let seconds = Duration::from_secs;
        let mut time = RunningTime::new();
        let begun = time.read;
        time.awaken_at(begun + seconds(50), None);
        time.awaken_at(begun + seconds(100), Some(begun + seconds(100)));
        let late = seconds(101) + Duration::from_millis(400);
        time.awaken_at(begun + late, Some(begun + seconds(101)));
        assert_eq!(time.skipped, Duration::ZERO);
        // What is waited for has all its time again.
        assert_eq!(time.now_at(begun + seconds(101)), begun + seconds(101));
        time.awaken_at(begun + seconds(111), Some(begun + seconds(102)));
        assert_eq!(time.skipped, seconds(10));
        assert_eq!(time.now_at(begun + seconds(111)), begun + seconds(101));
        assert_eq!(time.system(begun + seconds(102)), begun + seconds(112));
        time.awaken_at(begun + seconds(112), Some(begun + seconds(102)));
        assert_eq!(time.skipped, seconds(10), "the next timer is on time");
        // It may be stopped at work as well.
        assert_eq!(time.now_at(begun + seconds(119)), begun + seconds(102));
    }
}
