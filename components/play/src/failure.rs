//! Failures of a play.

use std::fmt;

use crate::ExpectationRecord;
use feed::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// A failure.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Failure {
    /// When it happened; in a report as time since the Unix epoch.
    #[serde(rename = "at-us")]
    pub at: Timestamp,
    /// The step.
    pub step: String,
    /// The failure, written as a sentence.
    #[serde(serialize_with = "sentence")]
    pub what: FailureKind,
}

/// The kind of failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FailureKind {
    /// An expectation did not come true.
    NotMet(#[serde(with = "crate::kept::expectation")] ExpectationRecord),
    /// A condition that a step waits for did not come true.
    InVain {
        /// The condition in words.
        awaited: String,
    },
    /// A step could not be carried out, since no component matched its target.
    Nobody {
        /// The target in words.
        who: String,
    },
    /// A process crashed, or could not be started.
    Crashed {
        /// Name of its component.
        component: String,
        /// How it ended.
        why: String,
    },
    /// A process that was asked to shut down gracefully did not.
    EndedBadly {
        /// Name of its component.
        component: String,
        /// How it ended.
        why: String,
    },
    /// The play was given up.
    GivenUp {
        /// Why.
        why: String,
    },
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMet(not_met) => write!(f, "not met: {not_met}"),
            Self::InVain { awaited } => write!(f, "waited in vain for: {awaited}"),
            Self::Nobody { who } => write!(f, "nothing could be done: {who} is nobody at this moment"),
            Self::Crashed { component, why } => write!(f, "{component} crashed: {why}"),
            Self::EndedBadly { component, why } => write!(f, "{component} ended badly: {why}"),
            Self::GivenUp { why } => f.write_str(why),
        }
    }
}

fn sentence<S: Serializer>(what: &FailureKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(what)
}
