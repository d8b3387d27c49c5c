//! Limits responses, so that nobody can make this process flood others, or keep it busy with nothing else.

use std::time::{Duration, Instant};

/// The rate of permitted responses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    /// The maximum burst.
    burst: u32,
    /// The time until one more is permitted.
    refill: Duration,
}

impl Rate {
    /// For packets that belong to no association.
    pub(super) const STRAYS: Self = Self {
        burst: 200,
        refill: Duration::from_millis(1),
    };
    /// For INITs. A whole pool may arrive at the same time, and INITs without a response are retransmitted.
    pub(super) const INITS: Self = Self {
        burst: 4096,
        refill: Duration::from_micros(100),
    };
    /// For chunks of one peer that require a separate response. The only ones that an honest peer keeps sending are
    /// heartbeats, a few dozen a second.
    pub(super) const ASSOCIATION: Self = Self {
        burst: 64,
        refill: Duration::from_millis(1),
    };
}

/// The number of currently permitted responses.
#[derive(Debug)]
pub(super) struct Allowance {
    rate: Rate,
    left: u32,
    counted: Instant,
}

impl Allowance {
    pub(super) const fn new(now: Instant, rate: Rate) -> Self {
        Self {
            rate,
            left: rate.burst,
            counted: now,
        }
    }

    /// Returns whether one more response may be sent, and counts it if so.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let refilled = now.saturating_duration_since(self.counted).as_nanos() / self.rate.refill.as_nanos();
        if refilled > 0 {
            self.left = u32::try_from(refilled)
                .unwrap_or(u32::MAX)
                .saturating_add(self.left)
                .min(self.rate.burst);
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
        for rate in [Rate::STRAYS, Rate::INITS, Rate::ASSOCIATION] {
            let mut allowance = Allowance::new(start, rate);
            let burst = (0..10_000).filter(|_| allowance.take(start)).count();
            assert_eq!(burst, rate.burst as usize);
            let later = start + 50 * rate.refill;
            assert_eq!((0..10_000).filter(|_| allowance.take(later)).count(), 50);
        }
    }
}
