//! How much others can cause: so much at once, and so much in the long run (a token bucket).

/// So many at once, and after them one in each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) at_once: u64,
    pub(crate) every_us: u64,
}

/// What is left of an allowance. Times are microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    allowance: Allowance,
    /// When nothing of the allowance will be used up any more.
    full_us: u64,
}

impl Budget {
    pub(crate) const fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            full_us: 0,
        }
    }

    /// Whether one can be had.
    pub(crate) fn has_one(&self, at_us: u64) -> bool {
        let Allowance { at_once, every_us } = self.allowance;
        let used_up_us = self.full_us.saturating_sub(at_us);
        used_up_us.saturating_add(every_us) <= at_once.saturating_mul(every_us)
    }

    /// Uses one up, if it can be had; says whether it could.
    pub(crate) fn take(&mut self, at_us: u64) -> bool {
        let can = self.has_one(at_us);
        if can {
            self.full_us = self.full_us.max(at_us) + self.allowance.every_us;
        }
        can
    }

    /// Whether nothing is used up, so that it need not be kept.
    pub(crate) fn is_full(&self, at_us: u64) -> bool {
        self.full_us <= at_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_much_can_be_had_at_once_and_so_much_in_the_long_run() {
        let mut budget = Budget::new(Allowance {
            at_once: 3,
            every_us: 10,
        });
        let mut taken = |at_us, times: usize| (0..times).filter(|_| budget.take(at_us)).count();
        assert_eq!(taken(1_000, 5), 3);
        assert_eq!(taken(1_009, 5), 0);
        assert_eq!(taken(1_010, 5), 1);
        assert_eq!(taken(1_025, 5), 1);
        assert_eq!(taken(2_000, 5), 3);
        // A clock that is set back gives nothing for nothing.
        assert_eq!(taken(500, 5), 0);
        assert!(!budget.is_full(2_029) && budget.is_full(2_030));
    }
}
