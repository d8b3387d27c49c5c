//! What is worth a mark on the time line.

use feed::{ComponentRole, Timestamp};
use model::ComponentId;
use serde::{Deserialize, Serialize};

/// Something worth a mark on the time line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Highlight {
    /// When it happened.
    pub at: Timestamp,
    /// The component that it concerns, if it concerns one.
    pub component: Option<ComponentId>,
    /// What happened.
    pub kind: HighlightKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HighlightKind {
    /// The component was added, or is known by another name from now on.
    Named {
        /// Its display name.
        name: String,
        /// Its role.
        role: ComponentRole,
        /// The index of its colour.
        colour: usize,
    },
    /// The component's condition from now on.
    Condition(Condition),
    /// A fault was injected.
    Fault {
        /// What was done, as in "was killed".
        done: String,
    },
    /// A failure was detected; what follows from it may take a while.
    Detection {
        /// One sentence.
        text: String,
    },
    /// A failover or takeover has ended; the highlight's own time is that of its end.
    Recovery {
        /// Whether a registrar took over; otherwise a session failed over.
        takeover: bool,
        /// When the fault was injected, if one was.
        fault_at: Option<Timestamp>,
        /// When the failure was detected.
        detected: Timestamp,
        /// Whether it succeeded; otherwise it was abandoned.
        succeeded: bool,
        /// Its phases in order, each with its end.
        #[serde(default)]
        phases: Vec<Phase>,
        /// One sentence.
        text: String,
    },
    /// A step of the story began.
    Step {
        /// Its position, counted from 0.
        position: usize,
        /// What is said.
        text: String,
    },
    /// An expectation was decided.
    Expectation {
        /// Whether it was met.
        met: bool,
        /// The expectation in words.
        text: String,
    },
    /// The presenter set a mark.
    Mark {
        /// Its name; it may be empty.
        name: String,
    },
    /// Something is missing in the recording from `since` until the highlight's time.
    Gap {
        /// The beginning.
        since: Timestamp,
        /// What is missing and why.
        text: String,
    },
    /// A problem, such as a component that ended by itself.
    Problem {
        /// One sentence.
        text: String,
    },
}

impl Highlight {
    /// Returns the highlight as a sentence, unless it only tells a name or a condition.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        Some(match &self.kind {
            HighlightKind::Named { .. } | HighlightKind::Condition(_) => return None,
            HighlightKind::Fault { done } => done.clone(),
            HighlightKind::Recovery { text, .. }
            | HighlightKind::Problem { text }
            | HighlightKind::Detection { text }
            | HighlightKind::Step { text, .. } => text.clone(),
            HighlightKind::Expectation { met: true, text } => format!("as expected: {text}"),
            HighlightKind::Expectation { met: false, text } => format!("not as expected: {text}"),
            HighlightKind::Mark { name } if name.is_empty() => "mark".to_owned(),
            HighlightKind::Mark { name } => format!("mark: {name}"),
            HighlightKind::Gap { text, .. } => format!("not recorded: {text}"),
        })
    }
}

/// A phase of a failover or a takeover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Its name, such as "detection".
    pub name: String,
    /// Its end. The first phase begins with the fault or, without a fault, with the last sign of life.
    pub end: Timestamp,
}

/// The condition of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Its process runs, but it is not operational yet.
    Starting,
    /// It is registered, serving or connected.
    Ready,
    /// Its process runs, but it is no longer operational.
    NotReady,
    /// All its links are cut.
    Unplugged,
    /// It is frozen.
    Frozen,
    /// Its feed is silent.
    Silent,
    /// It was asked to stop.
    Stopping,
    /// It has no process.
    Stopped,
    /// It has no process since it was killed, crashed or could not be started.
    Failed,
    /// It was removed.
    Removed,
}
