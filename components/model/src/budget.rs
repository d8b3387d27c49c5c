//! How much others can cause: so much at once, and so much in the long run (a token bucket).

use std::time::Duration;

use feed::Timestamp;

/// So many at once, and after them one in each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) at_once: u32,
    pub(crate) every: Duration,
}

/// What is left of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    allowance: Allowance,
    /// When nothing of the allowance will be used up any more.
    full: Timestamp,
}

impl Budget {
    pub(crate) fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            full: Timestamp::default(),
        }
    }

    /// Whether one can be had.
    pub(crate) fn has_one(&self, at: Timestamp) -> bool {
        let Allowance { at_once, every } = self.allowance;
        let used_up = self.full - at;
        used_up.saturating_add(every) <= every.saturating_mul(at_once)
    }

    /// Uses one up, if it can be had; says whether it could.
    pub(crate) fn take(&mut self, at: Timestamp) -> bool {
        let can = self.has_one(at);
        if can {
            self.full = self.full.max(at) + self.allowance.every;
        }
        can
    }

    /// Whether nothing is used up, so that it need not be kept.
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
        // A clock that is set back gives nothing for nothing.
        assert_eq!(taken(500, 5), 0);
        assert!(!budget.is_full(at(2_029)) && budget.is_full(at(2_030)));
    }
}
