//! Records of the steps.

use std::collections::BTreeSet;
use std::fmt;

use feed::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Expected;
use crate::failure::{Failure, FailureKind};
use model::{ComponentId, Ending, Model, ProcessState, words};
use scenario::Step;

/// The comparison of pictures with pictures computed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PixelProof {
    /// Pixels that are equal.
    pub equal: u64,
    /// All pixels of the pictures.
    pub of: u64,
    /// The result in words.
    #[serde(skip)]
    pub words: String,
}

/// A sentence of the narration that was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ToldSentence {
    /// The sentence.
    pub text: String,
    /// The condition that held when it was told, in words, if it has one.
    pub because: Option<String>,
    /// The time from the step until it was told, in milliseconds.
    pub after_ms: f64,
}

/// The decision on an expectation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Decision {
    /// Whether the expectation was met.
    pub met: bool,
    /// When it was decided.
    #[serde(skip)]
    pub at: Timestamp,
    /// The time from the step to the decision, in milliseconds.
    pub after_ms: f64,
    /// The measured figure in milliseconds, if the expectation has one.
    pub measured_ms: Option<f64>,
    /// The comparison of pictures that it was decided by, if it is about pictures.
    pub pixels: Option<PixelProof>,
    /// What did not hold at that moment, in words; without the expectation itself, if that has no other words.
    pub missing: Vec<String>,
}

impl Decision {
    /// Returns the measured figure as text, or otherwise the time to the decision.
    #[must_use]
    pub fn figure(&self) -> String {
        if let Some(pixels) = &self.pixels {
            return pixels.words.clone();
        }
        match self.measured_ms {
            Some(ms) => words::milliseconds(ms),
            None => format!("after {}", words::milliseconds(self.after_ms)),
        }
    }

    /// Returns what did not hold as text, if there is something to say about it.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        (!self.missing.is_empty()).then(|| format!("missing: {}", self.missing.join("; ")))
    }
}

/// An expectation and its decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExpectationRecord {
    /// The expectation in words.
    pub expected: String,
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
}

impl fmt::Display for ExpectationRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expected)?;
        let decision = &self.decision;
        let measured = match (&decision.pixels, decision.measured_ms) {
            (Some(pixels), _) => Some(pixels.words.clone()),
            (None, Some(ms)) => Some(format!("measured: {}", words::milliseconds(ms))),
            (None, None) => None,
        };
        let details: Vec<String> = measured.into_iter().chain(decision.missing()).collect();
        if details.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", details.join("; "))
    }
}

/// A step that was carried out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepRecord {
    /// Its position, counted from 0.
    pub step: usize,
    /// Its name.
    pub name: String,
    /// When it was carried out; in a report as time since the Unix epoch.
    #[serde(rename = "begun-us")]
    pub begun: Timestamp,
    /// When all its expectations had been decided; in a report as time since the Unix epoch.
    #[serde(rename = "over-us")]
    pub over: Option<Timestamp>,
    /// What was told about it.
    pub told: Vec<ToldSentence>,
    /// Its expectations.
    pub expectations: Vec<ExpectationRecord>,
}

/// All records, bounded.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Records {
    #[serde(with = "crate::kept::steps")]
    steps: Vec<StepRecord>,
    #[serde(with = "crate::kept::failures")]
    failures: Vec<Failure>,
    failed: bool,
    /// Crashes that have been recorded, by component and time.
    crashes: BTreeSet<(ComponentId, Timestamp)>,
    latest: String,
}

impl Records {
    /// The maximum number of steps that are kept.
    pub(crate) const STEPS: usize = 20_000;
    /// The maximum number of failures that are kept.
    pub(crate) const FAILURES: usize = 1_000;

    pub(super) fn steps(&self) -> &[StepRecord] {
        &self.steps
    }

    pub(super) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Records crashes: no process is supposed to crash in a demonstration.
    pub(super) fn observe(&mut self, model: &Model) {
        for component in model.components.values() {
            if let ProcessState::Ended { ending, at, .. } = &component.process
                && let Ending::Crashed { why } | Ending::NotStarted { why } = ending
                && self.crashes.len() < Self::FAILURES
                && self.crashes.insert((component.id, *at))
            {
                // What several have in common is told once.
                let common = model
                    .start_failure()
                    .filter(|failure| failure.components.len() > 1);
                let common = common.filter(|failure| failure.components.contains(&component.name.as_str()));
                let what = match common {
                    Some(failure) => FailureKind::GivenUp {
                        why: failure.sentence(),
                    },
                    None => FailureKind::Crashed {
                        component: component.name.clone(),
                        why: why.clone(),
                    },
                };
                if self.failures.iter().any(|failure| failure.what == what) {
                    continue;
                }
                let step = self.latest.clone();
                self.push_failure(Failure { at: *at, step, what });
            }
        }
    }

    pub(super) fn begin(&mut self, at: Timestamp, position: usize, steps: &[Step]) {
        self.latest = name(position, steps);
        if self.steps.len() < Self::STEPS {
            self.steps.push(StepRecord {
                step: position,
                name: self.latest.clone(),
                begun: at,
                over: None,
                told: Vec::new(),
                expectations: Vec::new(),
            });
        }
    }

    /// Records a sentence that is told about the latest step.
    pub(super) fn told(&mut self, sentence: ToldSentence) {
        if let Some(step) = self.steps.last_mut() {
            step.told.push(sentence);
        }
    }

    pub(super) fn end(&mut self, at: Timestamp, position: usize, steps: &[Step], expected: Vec<Expected>) {
        let mut expectations = Vec::new();
        for expected in expected {
            let Some(decision) = expected.decision else {
                continue;
            };
            let record = ExpectationRecord {
                expected: expected.expectation.words(),
                decision,
            };
            if !record.decision.met {
                self.fail(at, position, steps, FailureKind::NotMet(record.clone()));
            }
            expectations.push(record);
        }
        let open = self.steps.last_mut();
        if let Some(open) = open.filter(|open| open.step == position && open.over.is_none()) {
            open.over = Some(at);
            open.expectations = expectations;
        }
    }

    pub(super) fn fail(&mut self, at: Timestamp, position: usize, steps: &[Step], what: FailureKind) {
        let step = name(position, steps);
        self.push_failure(Failure { at, step, what });
    }

    fn push_failure(&mut self, failure: Failure) {
        self.failed = true;
        if self.failures.len() < Self::FAILURES {
            self.failures.push(failure);
        }
    }
}

/// Returns the name of a step, or its number.
pub(super) fn name(position: usize, steps: &[Step]) -> String {
    let name = steps.get(position).and_then(|step| step.name.clone());
    name.unwrap_or_else(|| format!("step {}", position + 1))
}
