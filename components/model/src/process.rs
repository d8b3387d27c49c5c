//! The life of a component's process.

use feed::Timestamp;
use serde::{Deserialize, Serialize};

use crate::words;

/// The state of a component's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProcessState {
    /// There is none yet.
    Pending,
    /// It has been started and has not said hello yet.
    Starting {
        /// Process identifier.
        pid: u32,
        /// When it was started.
        since: Timestamp,
    },
    /// It is running.
    Running {
        /// Process identifier.
        pid: u32,
        /// When it was started.
        since: Timestamp,
    },
    /// It is frozen (SIGSTOP).
    Frozen {
        /// Process identifier.
        pid: u32,
        /// When it was started.
        since: Timestamp,
        /// When it was frozen.
        frozen: Timestamp,
    },
    /// It has been asked to shut down gracefully.
    Stopping {
        /// Process identifier.
        pid: u32,
        /// When it was started.
        since: Timestamp,
    },
    /// It has ended.
    Ended {
        /// How.
        ending: Ending,
        /// When it was started; absent if it could not be.
        since: Option<Timestamp>,
        /// When it ended.
        at: Timestamp,
    },
}

/// The state of a process according to its system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SystemState {
    /// The system does not say.
    Unknown,
    /// It runs, or could run.
    Running,
    /// It waits for something to happen, as components do most of the time.
    Waiting,
    /// It waits for a device or for memory, and cannot be interrupted.
    Blocked,
    /// It was stopped by a signal.
    Stopped,
    /// A debugger has stopped it.
    Traced,
    /// It has ended.
    Ended,
}

impl SystemState {
    /// Returns the state in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unknown => "nothing about it",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Blocked => "waiting for a device or for memory",
            Self::Stopped => "stopped",
            Self::Traced => "stopped by a debugger",
            Self::Ended => "ended",
        }
    }
}

/// The silence of a component that should have been heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// When it was last heard.
    pub since: Timestamp,
    /// When that was noticed.
    pub(crate) told: Timestamp,
    /// The state of its process.
    pub system: SystemState,
}

impl Silence {
    /// Returns what is known: "has not been heard for 3 s; the system says: stopped".
    #[must_use]
    pub fn sentence(&self, now: Timestamp) -> String {
        format!(
            "has not been heard for {}; the system says: {}",
            words::lapse(now - self.since),
            self.system.words()
        )
    }
}

/// How a process ended. The audience must be able to tell these apart at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// It exited cleanly, either because it was asked to or because its work was done.
    Clean,
    /// The presenter killed it (SIGKILL).
    Killed,
    /// It exited by itself with this status, or by a signal that was not sent from here.
    Crashed {
        /// Exit status or signal, in words.
        why: String,
    },
    /// It could not be started, or ended before it had said hello.
    NotStarted {
        /// The cause, and how to fix it.
        why: String,
    },
}

impl ProcessState {
    /// Returns the process identifier while there is a process.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        match *self {
            Self::Starting { pid, .. }
            | Self::Running { pid, .. }
            | Self::Frozen { pid, .. }
            | Self::Stopping { pid, .. } => Some(pid),
            Self::Pending | Self::Ended { .. } => None,
        }
    }

    /// Returns when the process was started, if it was.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        match *self {
            Self::Starting { since, .. }
            | Self::Running { since, .. }
            | Self::Frozen { since, .. }
            | Self::Stopping { since, .. } => Some(since),
            Self::Ended { since, .. } => since,
            Self::Pending => None,
        }
    }

    /// Returns whether there is a process.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.pid().is_some()
    }

    /// Returns the state in one word, the same everywhere on screen and in the accessibility tree.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pending => "not started",
            Self::Starting { .. } => "starting",
            Self::Running { .. } => "running",
            Self::Frozen { .. } => "frozen",
            Self::Stopping { .. } => "stopping",
            Self::Ended { ending, .. } => match ending {
                Ending::Clean => "stopped",
                Ending::Killed => "killed",
                Ending::Crashed { .. } => "crashed",
                Ending::NotStarted { .. } => "not started",
            },
        }
    }
}
