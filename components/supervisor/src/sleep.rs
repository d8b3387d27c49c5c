//! Notices that this program did not run for a while: somebody stopped it, or the whole computer slept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use feed::Timestamp;
use rustix::time::{ClockId, clock_gettime};

use crate::hearing::Gap;

/// Watches over the time by a regular tick.
#[derive(Debug)]
pub(crate) struct Sleep {
    tick_at: Instant,
    /// How long the computer has been suspended since it was started. Other clocks stand still meanwhile.
    suspended: Duration,
    gap: Arc<Gap>,
    /// What is to be told, once the feeds had time to tell what happened meanwhile.
    untold: Option<Slept>,
}

/// A time for which this program did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slept {
    pub(crate) duration: Duration,
    /// Whether the children did not run either.
    pub(crate) all: bool,
}

impl Sleep {
    const TICK: Duration = Duration::from_secs(1);
    /// A shorter time may be due to other programs.
    const TOLD: Duration = Duration::from_secs(3);

    pub(crate) fn new(gap: Arc<Gap>) -> Self {
        Self {
            tick_at: Instant::now() + Self::TICK,
            suspended: suspended(),
            gap,
            untold: None,
        }
    }

    /// Returns when to call [`Self::handle`].
    pub(crate) fn poll_timeout(&self) -> Instant {
        self.tick_at
    }

    /// Takes the time. Returns for how long this program did not run up to now, and what is to be told.
    pub(crate) fn handle(&mut self, now: Instant) -> (Duration, Option<Slept>) {
        let suspended = suspended();
        let slept = self.handle_at(now, Timestamp::now(), suspended);
        let told = if slept.is_zero() { self.tell() } else { None };
        (slept, told)
    }

    fn handle_at(&mut self, now: Instant, at: Timestamp, suspended: Duration) -> Duration {
        let stopped = now.saturating_duration_since(self.tick_at);
        let new = suspended.saturating_sub(self.suspended);
        self.suspended = suspended;
        self.tick_at = now + Self::TICK;
        if stopped < Self::TICK && new < Self::TICK {
            return Duration::ZERO;
        }
        // On average, it was stopped in the middle between two ticks.
        let middle = if stopped < Self::TICK {
            Duration::ZERO
        } else {
            Self::TICK / 2
        };
        let duration = stopped + new + middle;
        if duration + Self::TICK >= Self::TOLD {
            let half = Duration::from_millis(500);
            // When a suspended computer goes on, so do all.
            let all = new > stopped;
            self.gap.open(
                at - stopped + half,
                if all { Timestamp::default() } else { at - half },
            );
            self.untold = Some(Slept { duration, all: true });
        }
        stopped
    }

    fn tell(&mut self) -> Option<Slept> {
        let slept = self.untold.take()?;
        let all = !self.gap.close();
        Some(Slept { all, ..slept })
    }
}

/// Returns how long the computer has been suspended since it was started.
fn suspended() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let time = |clock| {
            let time = clock_gettime(clock);
            Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
        };
        let running = time(ClockId::Monotonic);
        time(ClockId::Boottime).saturating_sub(running)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hearing::Hearing;

    const SECOND: Duration = Duration::from_secs(1);

    fn sleep() -> (Sleep, Instant, Timestamp) {
        let sleep = Sleep::new(Arc::default());
        let begun = sleep.tick_at;
        (sleep, begun, Timestamp::now())
    }

    #[test]
    fn a_late_tick_is_no_sleep_and_a_stop_is_told_with_its_duration() {
        let (mut sleep, begun, at) = sleep();
        let suspended = sleep.suspended;
        assert_eq!(sleep.handle_at(begun + SECOND / 2, at, suspended), Duration::ZERO);
        let due = sleep.tick_at;
        assert_eq!(sleep.handle_at(due + 10 * SECOND, at, suspended), 10 * SECOND);
        let (duration, all) = (10 * SECOND + SECOND / 2, true);
        assert_eq!(sleep.tell(), Some(Slept { duration, all }));
        assert_eq!(sleep.tell(), None);
    }

    #[test]
    fn a_child_that_did_something_meanwhile_shows_that_only_this_program_was_stopped() {
        let (mut sleep, begun, at) = sleep();
        let hearing = Hearing::new(Arc::clone(&sleep.gap));
        let suspended = sleep.suspended;
        sleep.handle_at(begun + 10 * SECOND, at, suspended);
        hearing.witness(at);
        hearing.witness(at - 11 * SECOND);
        assert!(sleep.tell().unwrap().all);
        let due = sleep.tick_at;
        sleep.handle_at(due + 10 * SECOND, at, suspended);
        hearing.witness(at - 5 * SECOND);
        assert!(!sleep.tell().unwrap().all);
    }

    #[test]
    fn a_suspended_computer_slept_though_no_clock_went_on() {
        let (mut sleep, begun, at) = sleep();
        let suspended = sleep.suspended + 3_600 * SECOND;
        assert_eq!(sleep.handle_at(begun, at, suspended), Duration::ZERO);
        let slept = sleep.tell().unwrap();
        assert_eq!((slept.duration, slept.all), (3_600 * SECOND, true));
    }
}
