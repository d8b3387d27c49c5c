//! Points in time that are comparable among all processes of a host.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// A point in time on this host, in microseconds, by a monotonic clock that all its processes share.
///
/// The wall clock would not do: setting it would tear apart events in processes that read it before and after.
/// Timestamps are compared, subtracted and sent between processes; [`WallClock`](crate::WallClock) converts them to
/// times of day for display. In JSON, a timestamp is a number.
///
/// Its origin lies [`Self::BEFORE_START`] before that of the host's clock, which counts from the boot of the host,
/// so that events on other hosts before this one booted have timestamps as well.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The time from the origin to the boot of the host: a year.
    pub const BEFORE_START: Duration = Duration::from_secs(31_536_000);

    /// Returns the current time.
    ///
    /// The clock stops while the host is suspended, as do the timers of all processes.
    #[must_use]
    pub fn now() -> Self {
        let since_start = clock_gettime(ClockId::Monotonic);
        // The kernel returns a normalized time since boot.
        Self::from_host_clock(Duration::new(
            since_start.tv_sec.unsigned_abs(),
            since_start.tv_nsec.unsigned_abs() as u32,
        ))
    }

    /// Creates a timestamp from a reading of the host's monotonic clock (`CLOCK_MONOTONIC`).
    #[must_use]
    pub fn from_host_clock(since_start: Duration) -> Self {
        Self(microseconds(Self::BEFORE_START.saturating_add(since_start)))
    }

    /// Reads another clock, and returns its reading with the timestamp of the same moment.
    ///
    /// On a busy host, a process may have to wait for a processor between two readings, for milliseconds. All that is
    /// derived from the pair would be wrong by as much, for good. So the clock is read several times, and the reading
    /// counts that took the least time. The timestamp is never later than the reading.
    pub fn beside<T>(mut read: impl FnMut() -> T) -> (T, Self) {
        let mut attempt = || {
            let before = Self::now();
            let reading = read();
            (Self::now().saturating_since(before), reading, before)
        };
        let (mut least, mut reading, mut at) = attempt();
        for _ in 1..Self::READINGS {
            if least <= Self::AT_ONCE {
                break;
            }
            let next = attempt();
            if next.0 < least {
                (least, reading, at) = next;
            }
        }
        (reading, at)
    }

    /// The maximum number of readings to choose from.
    const READINGS: u32 = 32;
    /// A reading that takes no longer than this is as good as any.
    const AT_ONCE: Duration = Duration::from_micros(3);

    /// Creates a timestamp from microseconds since the origin.
    #[must_use]
    pub const fn from_micros(since_origin_us: u64) -> Self {
        Self(since_origin_us)
    }

    /// Returns the microseconds since the origin.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Returns the duration from `earlier` to this point; zero if `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// Returns a duration in whole microseconds.
#[must_use]
pub fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(microseconds(duration)))
    }
}

impl AddAssign<Duration> for Timestamp {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(microseconds(duration)))
    }
}

impl Sub for Timestamp {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.saturating_since(earlier)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_never_goes_back() {
        let first = Timestamp::now();
        let second = Timestamp::now();
        assert!(first <= second);
        assert!(first > Timestamp::default() + Timestamp::BEFORE_START);
    }

    #[test]
    fn sums_and_differences_stay_within_bounds() {
        let at = Timestamp::from_micros(1_000_000);
        let later = at + Duration::from_millis(1_500);
        assert_eq!(later - at, Duration::from_millis(1_500));
        assert_eq!(at - later, Duration::ZERO);
        assert_eq!(at - Duration::from_secs(9), Timestamp::default());
        assert_eq!(at + Duration::MAX, Timestamp::from_micros(u64::MAX));
    }

    #[test]
    fn in_json_it_is_a_number() {
        let at = Timestamp::from_micros(1_234_567);
        assert_eq!(serde_json::to_string(&at).unwrap(), "1234567");
        assert_eq!(serde_json::from_str::<Timestamp>("1234567").unwrap(), at);
    }

    #[test]
    fn a_clock_that_could_not_be_read_at_once_is_read_again() {
        const LONG: Duration = Duration::from_millis(200);
        let mut readings = 0;
        let begun = Timestamp::now();
        let ((number, read_at), at) = Timestamp::beside(|| {
            readings += 1;
            if readings <= 2 {
                // As if another process had the processor.
                std::thread::sleep(LONG);
            }
            (readings, Timestamp::now())
        });
        assert!(number > 2 && at >= begun + LONG, "reading {number} at {at:?}");
        assert!(at <= read_at && read_at - at < LONG, "{at:?} for {read_at:?}");
    }
}
