//! The expectations of a step, while they are being watched.

use std::time::Duration;

use feed::Timestamp;
use scenario::Expectation;

use crate::evaluate::{EvaluationContext, Outcome, Verdict};
use crate::{Decision, duration, milliseconds};

/// An expectation that is being watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The expectation.
    pub expectation: Expectation,
    /// The decision, once it has been made.
    pub decision: Option<Decision>,
    /// Since when it has held, if it holds.
    since: Option<Timestamp>,
}

/// How long an expectation with a required duration has held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// How long it has held.
    pub so_far: Duration,
    /// How long it must hold.
    pub required: Duration,
}

impl Expected {
    pub(super) fn new(expectation: Expectation) -> Self {
        Self {
            expectation,
            decision: None,
            since: None,
        }
    }

    /// An expectation that has been watched for a while.
    pub(super) fn watched(
        expectation: Expectation,
        decision: Option<Decision>,
        since: Option<Timestamp>,
    ) -> Self {
        Self {
            expectation,
            decision,
            since,
        }
    }

    /// Returns since when it has held, if it holds.
    pub(super) const fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Decides on the expectation of a step that was carried out at `begun`, if that is possible by now. Returns when
    /// to look again otherwise.
    pub(super) fn watch(&mut self, context: &EvaluationContext<'_>, begun: Timestamp) -> Option<Timestamp> {
        let (expectation, now) = (&self.expectation, context.now);
        let Outcome {
            verdict,
            measured_ms,
            pixels,
        } = context.evaluate(&expectation.that);
        let hold = self.required();
        let deadline = begun + self.within();
        self.since = match verdict {
            Verdict::Holds => Some(self.since.unwrap_or(now)),
            Verdict::NotYet | Verdict::Broken => None,
        };
        let met = self.since.is_some_and(|since| now >= since + hold);
        // What began to hold in time may complete its required duration.
        let in_vain = match self.since {
            Some(since) => since > deadline,
            None => verdict == Verdict::Broken || now >= deadline,
        };
        if !met && !in_vain {
            return Some(self.since.map_or(deadline, |since| since + hold));
        }
        let mut missing = context.missing(&expectation.that);
        let words = expectation.words();
        missing.retain(|part| *part != words);
        self.decision = Some(Decision {
            met,
            at: now,
            after_ms: milliseconds(self.since.unwrap_or(now) - begun),
            measured_ms,
            pixels,
            missing,
        });
        None
    }

    /// Returns the time within which it must come true.
    #[must_use]
    pub fn within(&self) -> Duration {
        duration(self.expectation.within_s.unwrap_or(Expectation::WITHIN_S))
    }

    /// Returns for how long it must hold.
    fn required(&self) -> Duration {
        duration(self.expectation.for_s.unwrap_or(0.0))
    }

    /// Returns how long it has held and how long it must hold, if it holds.
    #[must_use]
    pub fn holding(&self, now: Timestamp) -> Option<Holding> {
        let since = self.since.filter(|_| self.decision.is_none())?;
        Some(Holding {
            so_far: now - since,
            required: self.required(),
        })
    }
}
