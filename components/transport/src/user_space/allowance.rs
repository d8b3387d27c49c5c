//! A limit for answers to packets that belong to no association, so that nobody can make this process a source of floods.

use std::time::{Duration, Instant};

/// Answers in a burst.
const BURST: u32 = 200;
/// Time after which one more is allowed.
const REFILL: Duration = Duration::from_millis(1);

/// How many answers are allowed just now.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u32,
    counted: Instant,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            left: BURST,
            counted: now,
        }
    }

    /// Whether one more answer may be sent.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let refilled = now.saturating_duration_since(self.counted).as_millis() / REFILL.as_millis();
        if refilled > 0 {
            self.left = u32::try_from(refilled)
                .unwrap_or(BURST)
                .saturating_add(self.left)
                .min(BURST);
            self.counted = now;
        }
        let allowed = self.left > 0;
        self.left = self.left.saturating_sub(1);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_answered_and_then_only_the_steady_rate() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let burst = (0..10_000).filter(|_| allowance.take(start)).count();
        assert_eq!(burst, BURST as usize);
        let later = start + 50 * REFILL;
        assert_eq!((0..10_000).filter(|_| allowance.take(later)).count(), 50);
    }
}
