//! Limits what others can cause, by a token bucket: a burst, and a rate in the long run.

use std::time::Duration;

use feed::Timestamp;
use serde::{Deserialize, Serialize};

/// A burst size, and the period after which one more is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Allowance {
    pub(crate) at_once: u32,
    pub(crate) every: Duration,
}

/// What is left of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Budget {
    allowance: Allowance,
    /// When the full allowance will be available again.
    full: Timestamp,
}

impl Budget {
    pub(crate) fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            full: Timestamp::default(),
        }
    }

    /// Returns whether at least one is available.
    pub(crate) fn has_one(&self, at: Timestamp) -> bool {
        let Allowance { at_once, every } = self.allowance;
        let used_up = self.full - at;
        used_up.saturating_add(every) <= every.saturating_mul(at_once)
    }

    /// Takes one. Returns false if none is available.
    pub(crate) fn take(&mut self, at: Timestamp) -> bool {
        let can = self.has_one(at);
        if can {
            self.full = self.full.max(at) + self.allowance.every;
        }
        can
    }

    /// Returns whether nothing is used up, so that the budget need not be kept.
    pub(crate) fn is_full(&self, at: Timestamp) -> bool {
        self.full <= at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_much_can_be_had_at_once_and_so_much_in_the_long_run() {
        let mut budget = Budget::new(Allowance {
            at_once: 3,
            every: Duration::from_micros(10),
        });
        let at = Timestamp::from_micros;
        let mut taken = |us, times: usize| (0..times).filter(|_| budget.take(at(us))).count();
        assert_eq!(taken(1_000, 5), 3);
        assert_eq!(taken(1_009, 5), 0);
        assert_eq!(taken(1_010, 5), 1);
        assert_eq!(taken(1_025, 5), 1);
        assert_eq!(taken(2_000, 5), 3);
        // Setting the clock back yields nothing.
        assert_eq!(taken(500, 5), 0);
        assert!(!budget.is_full(at(2_029)) && budget.is_full(at(2_030)));
    }
}
