//! The updates that the supervisor passes to the model.

use std::net::IpAddr;
use std::time::Duration;

use feed::{Impairment, LinkTarget, Timestamp};
use serde::{Deserialize, Serialize};
use wire::csp::Report;
use wire::parameter::Policy;

use crate::{ComponentId, Ending, Proof, Severity, SystemState};
use scenario::ComponentSpec;
use scenario::Timers;

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Update {
    /// A change of one component.
    Component {
        /// The component.
        component: ComponentId,
        /// When.
        at: Timestamp,
        /// The change.
        change: Change,
    },
    /// A message for the user that concerns no component, such as that a scenario was loaded.
    Notice {
        /// When.
        at: Timestamp,
        /// How it is displayed.
        severity: Severity,
        /// One sentence.
        text: String,
    },
    /// A component's status report, usually of an external one.
    Report {
        /// When it came.
        at: Timestamp,
        /// The source address.
        source: IpAddr,
        /// The content.
        report: Box<Report>,
    },
    /// This program did not run for a while.
    Slept {
        /// When it went on.
        at: Timestamp,
        /// How long.
        duration: Duration,
        /// Whether the components did not run either, as when the whole computer sleeps.
        all: bool,
    },
    /// It is time to remove external components that no longer report ([`External::poll_timeout`]).
    ///
    /// [`External::poll_timeout`]: crate::External::poll_timeout
    ReportsDue {
        /// The time.
        at: Timestamp,
    },
}

/// What happened to a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// It was added; its process has not been started yet.
    Added {
        /// Its name, unique.
        name: String,
        /// The arguments that it will be started with.
        spec: Box<ComponentSpec>,
    },
    /// It is about to be started with these timers.
    Timers(Box<Timers>),
    /// It is to be started with this policy from now on.
    Policy(Policy),
    /// It was removed.
    Removed,
    /// Its removal was undone.
    Restored,
    /// Its process was started.
    Spawned {
        /// Process identifier.
        pid: u32,
    },
    /// An event of its feed arrived; the frame contains its timestamp.
    Feed(Box<feed::Frame>),
    /// It wrote a line to its log.
    LogLine(String),
    /// It was asked to shut down gracefully.
    Stopping,
    /// Its process ended, or could not be started.
    Ended(Ending),
    /// It was frozen.
    Frozen,
    /// It was thawed.
    Thawed,
    /// Its feed has been silent for this long, which is longer than it may be.
    Silent {
        /// How long.
        silence: Duration,
        /// The state of its process.
        system: SystemState,
    },
    /// Its feed is heard again.
    Heard,
    /// The presenter injected a fault that others must cope with.
    Fault(Fault),
    /// The presenter impaired its links.
    LinkFault {
        /// The kind of fault.
        fault: Fault,
        /// The links.
        target: LinkTarget,
        /// What is wrong with them from now on.
        impairment: Impairment,
    },
    /// The picture that is arriving at it is to be kept, or the next one if it has none or `next` is set.
    PictureHeld {
        /// Whether the picture that is arriving does not count.
        next: bool,
    },
    /// Its picture is to be kept no longer.
    PictureLetGo,
    /// The comparison of the picture that is kept has begun, or has been made.
    PictureCompared {
        /// The picture.
        image: u32,
        /// The comparison.
        proof: Proof,
    },
    /// Its standard output is not a valid feed, or no longer is; it is killed for that.
    FeedBroken {
        /// The problem.
        why: String,
    },
    /// It was told to tell registrars this load, from 0 to 1, or again the one that it measures.
    LoadTold(Option<f64>),
    /// A command to it could not be carried out.
    Refused {
        /// The command, and the reason.
        why: String,
    },
    /// Something else worth a timeline entry, in a sentence without the component's name.
    Told {
        /// How it is displayed.
        severity: Severity,
        /// What it did, such as "did not stop within 3 s and was killed".
        text: String,
    },
}

/// A fault that the presenter injects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// Links impaired.
    Impair,
}

impl Fault {
    /// Returns the fault in one word.
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

    /// Returns what was done, as in "PE 1 was killed".
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
