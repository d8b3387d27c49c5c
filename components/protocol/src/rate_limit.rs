//! Rate limits.

use std::time::Duration;

use crate::Time;

/// Admits a number of events per second on average, and a second's worth of them at once.
#[derive(Debug, Clone)]
pub(crate) struct RateLimit {
    interval: Duration,
    /// When the bucket is full again: the later, the emptier it is.
    full_at: Time,
}

impl RateLimit {
    /// Creates a limit; `per_second` must be at least 1.
    pub(crate) fn new(per_second: u32) -> Self {
        Self {
            interval: Duration::from_secs(1) / per_second.max(1),
            full_at: Time::ZERO,
        }
    }

    /// Returns whether another event is admitted now, and counts it if so.
    pub(crate) fn admit(&mut self, now: Time) -> bool {
        if self.next_admission() > now {
            return false;
        }
        self.full_at = self.full_at.max(now) + self.interval;
        true
    }

    /// Returns when the next event will be admitted.
    pub(crate) fn next_admission(&self) -> Time {
        let burst = Duration::from_secs(1).saturating_sub(self.interval);
        Time::from_origin(self.full_at.since_origin().saturating_sub(burst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seconds_worth_passes_at_once_and_then_the_rate() {
        let mut limit = RateLimit::new(10);
        let start = Time::from_origin(Duration::from_secs(7));
        let admitted = (0..50).filter(|_| limit.admit(start)).count();
        assert_eq!(admitted, 10);
        let later = start + Duration::from_millis(100);
        assert_eq!(limit.next_admission(), later);
        assert!(limit.admit(later));
        assert!(!limit.admit(later));
    }
}
