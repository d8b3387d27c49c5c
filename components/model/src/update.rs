//! What the supervisor tells the model.

use std::net::IpAddr;

use feed::Timestamp;
use wire::csp::Report;

use crate::{ComponentId, Ending, Severity};
use scenario::ComponentSpec;
use scenario::Timers;

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Something about one component.
    Component {
        /// The component.
        component: ComponentId,
        /// When.
        at: Timestamp,
        /// What.
        change: Change,
    },
    /// Something that a person should know and that concerns no component, such as a scenario that was loaded.
    Notice {
        /// When.
        at: Timestamp,
        /// How it is to be shown.
        severity: Severity,
        /// One sentence.
        text: String,
    },
    /// A status report of a component, as a rule one that others have started.
    Report {
        /// When it came.
        at: Timestamp,
        /// Where from.
        source: IpAddr,
        /// What it says.
        report: Box<Report>,
    },
    /// Time has come to forget external components that do not report any more ([`External::poll_timeout`]).
    ///
    /// [`External::poll_timeout`]: crate::External::poll_timeout
    ReportsDue {
        /// The time.
        at: Timestamp,
    },
}

/// What happened to a component.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It was added; its process is yet to be started.
    Added {
        /// Its name, unique.
        name: String,
        /// What it will be started with.
        spec: Box<ComponentSpec>,
    },
    /// It is about to be started with these timers.
    Timers(Box<Timers>),
    /// It was removed.
    Removed,
    /// Its process was started.
    Spawned {
        /// Process identifier.
        pid: u32,
    },
    /// An event of its feed arrived; it says itself when it happened.
    Feed(Box<feed::Frame>),
    /// It wrote a line to its log.
    LogLine(String),
    /// It was asked to leave in order.
    Stopping,
    /// Its process ended, or could not be started.
    Ended(Ending),
    /// It was frozen.
    Frozen,
    /// It goes on after having been frozen.
    Thawed,
    /// The presenter did something to it that others must cope with.
    Fault(Fault),
    /// What it writes to its standard output is no feed, or stopped making sense; it is killed for that.
    FeedBroken {
        /// What is wrong.
        why: String,
    },
    /// A command to it could not be carried out.
    Refused {
        /// Which, and why.
        why: String,
    },
    /// Something worth telling happened to it, in a sentence without its name.
    Told {
        /// How it is to be shown.
        severity: Severity,
        /// What it did, such as "did not stop within 3 s and was killed".
        text: String,
    },
}

/// What the presenter does to a component on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Clean stop.
    Stop,
    /// SIGKILL.
    Kill,
    /// SIGSTOP.
    Freeze,
    /// All links cut.
    Unplug,
    /// One link cut.
    CutLink,
    /// Links made worse.
    Impair,
}

impl Fault {
    /// What it is, in one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Unplug => "unplug",
            Self::CutLink => "cut a link",
            Self::Impair => "impair",
        }
    }

    /// What was done, as in "PE 1 was killed".
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Stop => "was asked to stop",
            Self::Kill => "was killed",
            Self::Freeze => "was frozen",
            Self::Unplug => "was unplugged",
            Self::CutLink => "was cut off from a peer",
            Self::Impair => "got worse links",
        }
    }
}
