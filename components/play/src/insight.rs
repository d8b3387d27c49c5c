//! Access to the progress of a play.

use std::time::Duration;

use crate::{Expected, Phase, Play, PlayState, StepRecord};
use feed::Timestamp;
use scenario::{Condition, Step};

/// The current situation of a play.
#[derive(Debug, Clone, PartialEq)]
pub enum Moment<'a> {
    /// It has not begun.
    Ready,
    /// It is waiting to carry out a step.
    Waiting {
        /// Its position, counted from 0.
        position: usize,
        /// The time until the step is due; `None` while the play is paused.
        due_in: Option<Duration>,
        /// The condition that must hold then.
        condition: Option<&'a Condition>,
        /// How long the condition is waited for, if it is being waited for.
        waits: Option<Patience>,
    },
    /// A step has been carried out, and its expectations are being watched.
    Expecting {
        /// Its position, counted from 0.
        position: usize,
        /// When it was carried out.
        begun: Timestamp,
        /// The expectations.
        expected: &'a [Expected],
    },
    /// The play is over.
    Over,
}

/// How long a condition is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// When the wait began.
    pub since: Timestamp,
    /// The maximum wait.
    pub at_most: Duration,
}

/// The state of a step in its play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepMark {
    /// Its turn is yet to come.
    Ahead,
    /// It is the step that is being waited for.
    Next,
    /// It has been carried out, and its expectations are being watched.
    Watched,
    /// It is over, and all expectations were met.
    Done,
    /// It is over or was not reached in time: an expectation or condition was not met.
    Failed,
}

impl Play {
    /// Returns the current situation.
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
                // The clock was last advanced at the latest event.
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

    /// Returns the state of each step, in order.
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

    /// Returns the latest record of a step.
    #[must_use]
    pub fn record_of(&self, position: usize) -> Option<&StepRecord> {
        self.step_records()
            .iter()
            .rev()
            .find(|record| record.step == position)
    }

    /// Returns the name of a step, or its number if it has none.
    #[must_use]
    pub fn step_name(&self, position: usize) -> String {
        super::record::name(position, &self.steps)
    }

    /// Returns how often the loop around a position has been repeated, and how often it is to be, if there is one.
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
        let gone_back = self.gone_back.get(&at).copied().unwrap_or(0);
        Some((gone_back.saturating_add(1), times.saturating_add(1)))
    }

    /// Returns the number of expectations that were met so far, and of those that were not.
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
