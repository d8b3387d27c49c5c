//! What there is to see of a play while it goes on.

use std::time::Duration;

use crate::{Expected, Phase, Play, PlayState, StepRecord};
use feed::Timestamp;
use scenario::{Condition, Step};

/// What a play is about at a moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Moment<'a> {
    /// It has not begun.
    Ready,
    /// A step is waited for.
    Waiting {
        /// Its position, counted from 0.
        position: usize,
        /// How long it is until its time has come; absent while the play pauses.
        due_in: Option<Duration>,
        /// What must hold then.
        condition: Option<&'a Condition>,
        /// How long that is waited for, if it is.
        waits: Option<Patience>,
    },
    /// A step has been carried out, and what it expects is being watched.
    Expecting {
        /// Its position, counted from 0.
        position: usize,
        /// When it was carried out.
        begun: Timestamp,
        /// What is expected.
        expected: &'a [Expected],
    },
    /// The end.
    Over,
}

/// How long a condition is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Since when.
    pub since: Timestamp,
    /// For how long at most.
    pub at_most: Duration,
}

/// How long something expected has held, which must hold for some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Since it began to hold.
    pub so_far: Duration,
    /// For so long it must.
    pub required: Duration,
}

/// How a step stands in its play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepMark {
    /// Its turn is yet to come.
    Ahead,
    /// It is waited for.
    Next,
    /// It was carried out, and what it expects is being watched.
    Watched,
    /// It is over, and all was as expected.
    Done,
    /// It is over, or was waited for in vain: something was not as expected.
    Failed,
}

impl Expected {
    /// How long it may take to come true.
    #[must_use]
    pub fn within(&self) -> Duration {
        super::duration(
            self.expectation
                .within_s
                .unwrap_or(scenario::Expectation::WITHIN_S),
        )
    }

    /// For how long it holds already and for how long it must, if it holds.
    #[must_use]
    pub fn holding(&self, now: Timestamp) -> Option<Holding> {
        let since = self.since.filter(|_| self.decision.is_none())?;
        let hold = super::duration(self.expectation.for_s.unwrap_or(0.0));
        Some(Holding {
            so_far: now - since,
            required: hold,
        })
    }
}

impl Play {
    /// What it is about now.
    #[must_use]
    pub fn moment(&self, now: Timestamp) -> Moment<'_> {
        match &self.phase {
            _ if self.state() == PlayState::Ready => Moment::Ready,
            Phase::Over => Moment::Over,
            Phase::Expecting { begun, expected } => Moment::Expecting {
                position: self.turn,
                begun: *begun,
                expected,
            },
            Phase::Waiting(waiting) => {
                let step = self.steps.get(self.turn);
                let due = step.map_or(Duration::ZERO, |step| Self::due(step, waiting.since));
                let due = self.clock.at_story(now, due);
                // The clock has been told the time at the latest event only.
                let passed = self.clock.unseen(now);
                let within_s = step.and_then(|step| step.within_s).unwrap_or(Step::WITHIN_S);
                Moment::Waiting {
                    position: self.turn,
                    due_in: due.map(|due| (due - now).saturating_sub(passed)),
                    condition: step.and_then(|step| step.when.as_ref()),
                    waits: waiting.when_since.map(|since| Patience {
                        since,
                        at_most: super::duration(within_s),
                    }),
                }
            }
        }
    }

    /// How each step stands, in their order.
    #[must_use]
    pub fn marks(&self) -> Vec<StepMark> {
        let mut marks = vec![StepMark::Ahead; self.steps.len()];
        for record in self.step_records() {
            if let Some(mark) = marks.get_mut(record.step) {
                let failed = record.expectations.iter().any(|one| !one.decision.met);
                *mark = if failed { StepMark::Failed } else { StepMark::Done };
            }
        }
        let failed = |at: usize| {
            let name = super::record::name(at, &self.steps);
            self.failures().iter().any(|failure| failure.step == name)
        };
        for (at, mark) in marks.iter_mut().enumerate() {
            if *mark != StepMark::Failed && failed(at) {
                *mark = StepMark::Failed;
            }
        }
        let turn = marks.get_mut(self.turn);
        match (&self.phase, turn) {
            (Phase::Waiting(_), Some(mark)) => *mark = StepMark::Next,
            (Phase::Expecting { .. }, Some(mark)) => *mark = StepMark::Watched,
            _ => {}
        }
        marks
    }

    /// What became of a step when it was carried out last.
    #[must_use]
    pub fn record_of(&self, position: usize) -> Option<&StepRecord> {
        self.step_records()
            .iter()
            .rev()
            .find(|record| record.step == position)
    }

    /// The name of a step; its number if it has none.
    #[must_use]
    pub fn step_name(&self, position: usize) -> String {
        super::record::name(position, &self.steps)
    }

    /// How often the steps around a position have been gone back to, and how often they are to be, if they repeat.
    #[must_use]
    pub fn round(&self, position: usize) -> Option<(u32, u32)> {
        let at = (position..self.steps.len()).find(|at| {
            let repeat = self.steps.get(*at).and_then(|step| step.repeat.as_ref());
            let from = repeat.and_then(|repeat| {
                let named = |step: &Step| step.name.as_ref() == Some(&repeat.from);
                self.steps.iter().position(named)
            });
            from.is_some_and(|from| from <= position)
        })?;
        let times = self.steps.get(at)?.repeat.as_ref()?.times;
        Some((self.gone_back.get(&at).copied().unwrap_or(0) + 1, times + 1))
    }

    /// How many expectations were met so far, and how many were not.
    #[must_use]
    pub fn score(&self) -> (usize, usize) {
        let all = self.step_records().iter().flat_map(|record| &record.expectations);
        all.fold((0, 0), |(met, not), one| {
            if one.decision.met {
                (met + 1, not)
            } else {
                (met, not + 1)
            }
        })
    }
}
