//! The life of a component's process.

use feed::Timestamp;

/// Where a component's process stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessState {
    /// There is none yet.
    Pending,
    /// It has been started and has not said hello.
    Starting {
        /// Process identifier.
        pid: u32,
        /// When it was started.
        since: Timestamp,
    },
    /// It runs.
    Running {
        /// Process identifier.
        pid: u32,
        /// When it was started.
        since: Timestamp,
    },
    /// It is frozen (SIGSTOP) and does nothing at all.
    Frozen {
        /// Process identifier.
        pid: u32,
        /// When it was started.
        since: Timestamp,
        /// When it was frozen.
        frozen: Timestamp,
    },
    /// It has been asked to leave in order.
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

/// How a process ended. The audience must be able to tell these apart at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It left in order, since it was asked to or since its work was done.
    Clean,
    /// The presenter killed it (SIGKILL).
    Killed,
    /// It ended by itself with this exit status, or by a signal that nobody sent from here.
    Crashed {
        /// Exit status or signal, in words.
        why: String,
    },
    /// It could not be started.
    NotStarted {
        /// Why, and what to do.
        why: String,
    },
}

impl ProcessState {
    /// The process identifier, while there is a process.
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

    /// When the process was started, if it was.
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

    /// Whether there is a process.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.pid().is_some()
    }

    /// The state in one word, the same everywhere on screen and in the accessibility tree.
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
