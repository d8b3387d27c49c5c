//! A play as it is kept, such as in the keyframes of a recording: whole, so that one that is read goes on like the one that
//! was written. Steps and decisions have another form in scenario files and reports, which are for people and leave out what
//! only the program needs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use command::Command;
use feed::Timestamp;
use model::{ComponentId, bounded};
use scenario::Step;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::expected::Expected;
use crate::fault_process::FaultProcess;
use crate::narration::Told;
use crate::pictures::Pictures;
use crate::record::{Decision, ExpectationRecord, PixelProof, Records, StepRecord, ToldSentence};
use crate::tally::Tally;
use crate::{Failure, FailureKind, Phase, Play, Waiting};

#[derive(Serialize, Deserialize)]
#[serde(rename = "Play")]
struct KeptPlay {
    #[serde(with = "scenario::step_record")]
    steps: Arc<[Step]>,
    clock: Clock,
    phase: KeptPhase,
    turn: usize,
    #[serde(deserialize_with = "bounded::map::<{ Step::STEPS }, _, _, _>")]
    gone_back: BTreeMap<usize, u32>,
    step_once: bool,
    now: Timestamp,
    mark: Timestamp,
    narration: Option<usize>,
    told: Told,
    pictures: Pictures,
    chosen: BTreeMap<String, Vec<ComponentId>>,
    tally: Tally,
    random_faults: Option<FaultProcess>,
    random_faults_for_s: Option<f64>,
    seed: u64,
    commands: VecDeque<Command>,
    records: Records,
    timeout: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Phase")]
enum KeptPhase {
    Waiting {
        #[serde(deserialize_with = "bounded::duration")]
        since: Duration,
        when_since: Option<Timestamp>,
    },
    Expecting {
        begun: Timestamp,
        /// In the order of the step's expectations.
        watched: Vec<Watched>,
    },
    Over,
}

#[derive(Serialize, Deserialize)]
struct Watched {
    decision: Option<KeptDecision>,
    since: Option<Timestamp>,
}

impl Serialize for Play {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            steps,
            clock,
            phase,
            turn,
            gone_back,
            step_once,
            now,
            mark,
            narration,
            told,
            pictures,
            chosen,
            tally,
            random_faults,
            random_faults_for_s,
            seed,
            commands,
            records,
            timeout,
        } = self.clone();
        KeptPlay {
            steps,
            clock,
            phase: KeptPhase::from(phase),
            turn,
            gone_back,
            step_once,
            now,
            mark,
            narration,
            told,
            pictures,
            chosen,
            tally,
            random_faults,
            random_faults_for_s,
            seed,
            commands,
            records,
            timeout,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Play {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let KeptPlay {
            steps,
            clock,
            phase,
            turn,
            gone_back,
            step_once,
            now,
            mark,
            narration,
            told,
            pictures,
            chosen,
            tally,
            random_faults,
            random_faults_for_s,
            seed,
            commands,
            records,
            timeout,
        } = KeptPlay::deserialize(deserializer)?;
        // The step after the last one is the end.
        if turn > steps.len() || narration.is_some_and(|step| step >= steps.len()) {
            return Err(D::Error::custom("a play at a step that it does not have"));
        }
        let phase = phase.of(steps.get(turn)).map_err(D::Error::custom)?;
        Ok(Self {
            steps,
            clock,
            phase,
            turn,
            gone_back,
            step_once,
            now,
            mark,
            narration,
            told,
            pictures,
            chosen,
            tally,
            random_faults,
            random_faults_for_s,
            seed,
            commands,
            records,
            timeout,
        })
    }
}

impl Play {
    /// Returns a number that two plays have in common if, and only if, everything in them is equal, for all that can be
    /// expected of 128 bits.
    #[must_use]
    pub fn digest(&self) -> u128 {
        // Everything that a play holds can be represented.
        let kept = rmp_serde::to_vec(self).unwrap_or_default();
        let hash = Sha256::digest(&kept);
        hash.first_chunk::<16>()
            .map_or(0, |first| u128::from_be_bytes(*first))
    }
}

impl From<Phase> for KeptPhase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Waiting(Waiting { since, when_since }) => Self::Waiting { since, when_since },
            Phase::Expecting { begun, expected } => Self::Expecting {
                begun,
                watched: expected
                    .into_iter()
                    .map(|expected| Watched {
                        since: expected.since(),
                        decision: expected.decision.as_ref().map(KeptDecision::from),
                    })
                    .collect(),
            },
            Phase::Over => Self::Over,
        }
    }
}

impl KeptPhase {
    /// Returns the phase of a play whose turn is this step's.
    fn of(self, step: Option<&Step>) -> Result<Phase, &'static str> {
        Ok(match self {
            Self::Waiting { since, when_since } => Phase::Waiting(Waiting { since, when_since }),
            Self::Expecting { begun, watched } => {
                let expectations = step.map_or(&[][..], |step| &step.expect);
                if expectations.len() != watched.len() {
                    return Err("a play with other expectations than its step");
                }
                let expected = expectations.iter().zip(watched);
                let expected = expected.map(|(expectation, Watched { decision, since })| {
                    Expected::watched(expectation.clone(), decision.map(Decision::from), since)
                });
                let expected = expected.collect();
                Phase::Expecting { begun, expected }
            }
            Self::Over => Phase::Over,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "PixelProof")]
struct KeptPixelProof {
    equal: u64,
    of: u64,
    words: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Decision")]
struct KeptDecision {
    met: bool,
    at: Timestamp,
    after_ms: f64,
    measured_ms: Option<f64>,
    pixels: Option<KeptPixelProof>,
    missing: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "ExpectationRecord")]
struct KeptExpectation {
    expected: String,
    decision: KeptDecision,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "StepRecord")]
pub(crate) struct KeptStep {
    step: usize,
    name: String,
    begun: Timestamp,
    over: Option<Timestamp>,
    told: Vec<ToldSentence>,
    expectations: Vec<KeptExpectation>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Failure")]
pub(crate) struct KeptFailure {
    at: Timestamp,
    step: String,
    what: FailureKind,
}

impl From<&Decision> for KeptDecision {
    fn from(decision: &Decision) -> Self {
        Self {
            met: decision.met,
            at: decision.at,
            after_ms: decision.after_ms,
            measured_ms: decision.measured_ms,
            pixels: decision.pixels.as_ref().map(|pixels| KeptPixelProof {
                equal: pixels.equal,
                of: pixels.of,
                words: pixels.words.clone(),
            }),
            missing: decision.missing.clone(),
        }
    }
}

impl From<KeptDecision> for Decision {
    fn from(kept: KeptDecision) -> Self {
        Self {
            met: kept.met,
            at: kept.at,
            after_ms: kept.after_ms,
            measured_ms: kept.measured_ms,
            pixels: kept
                .pixels
                .map(|KeptPixelProof { equal, of, words }| PixelProof { equal, of, words }),
            missing: kept.missing,
        }
    }
}

impl From<&ExpectationRecord> for KeptExpectation {
    fn from(record: &ExpectationRecord) -> Self {
        Self {
            expected: record.expected.clone(),
            decision: KeptDecision::from(&record.decision),
        }
    }
}

impl From<KeptExpectation> for ExpectationRecord {
    fn from(kept: KeptExpectation) -> Self {
        Self {
            expected: kept.expected,
            decision: Decision::from(kept.decision),
        }
    }
}

impl From<&StepRecord> for KeptStep {
    fn from(record: &StepRecord) -> Self {
        Self {
            step: record.step,
            name: record.name.clone(),
            begun: record.begun,
            over: record.over,
            told: record.told.clone(),
            expectations: record.expectations.iter().map(KeptExpectation::from).collect(),
        }
    }
}

impl From<KeptStep> for StepRecord {
    fn from(kept: KeptStep) -> Self {
        let expectations = kept.expectations.into_iter().map(ExpectationRecord::from);
        Self {
            step: kept.step,
            name: kept.name,
            begun: kept.begun,
            over: kept.over,
            told: kept.told,
            expectations: expectations.collect(),
        }
    }
}

impl From<&Failure> for KeptFailure {
    fn from(failure: &Failure) -> Self {
        Self {
            at: failure.at,
            step: failure.step.clone(),
            what: failure.what.clone(),
        }
    }
}

impl From<KeptFailure> for Failure {
    fn from(KeptFailure { at, step, what }: KeptFailure) -> Self {
        Self { at, step, what }
    }
}

/// An expectation with its decision, for `#[serde(with)]`.
pub(crate) mod expectation {
    use super::{Deserialize, Deserializer, ExpectationRecord, KeptExpectation, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        record: &ExpectationRecord,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        KeptExpectation::from(record).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ExpectationRecord, D::Error> {
        KeptExpectation::deserialize(deserializer).map(ExpectationRecord::from)
    }
}

/// The steps that were carried out, for `#[serde(with)]`.
pub(crate) mod steps {
    use super::{Deserializer, KeptStep, Records, Serializer, StepRecord, bounded};

    pub(crate) fn serialize<S: Serializer>(steps: &[StepRecord], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(steps.iter().map(KeptStep::from))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<StepRecord>, D::Error> {
        let kept: Vec<KeptStep> = bounded::list::<{ Records::STEPS }, _, _>(deserializer)?;
        Ok(kept.into_iter().map(StepRecord::from).collect())
    }
}

/// Failures, for `#[serde(with)]`.
pub(crate) mod failures {
    use super::{Deserializer, Failure, KeptFailure, Records, Serializer, bounded};

    pub(crate) fn serialize<S: Serializer>(failures: &[Failure], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(failures.iter().map(KeptFailure::from))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Failure>, D::Error> {
        let kept: Vec<KeptFailure> = bounded::list::<{ Records::FAILURES }, _, _>(deserializer)?;
        Ok(kept.into_iter().map(Failure::from).collect())
    }
}
