//! The conditions that a step may wait for or expect.

use serde::{Deserialize, Serialize};

use super::{PoolFigure, PoolHasPolicy, PoolsCompared, Who, WorkShare};

/// A condition. Only events since the latest step was carried out count.
///
/// What is expected of a picture is expected of the one that was being served when the step began, or, if the step
/// injects no fault itself, of the one that the last fault concerned, unless an expectation has been decided by that
/// already. A pool user that had no picture then is bound to its next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// All of these hold.
    All(Vec<Self>),
    /// At least one of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// These components are operational: serving (registrar), registered (pool element), connected (pool user).
    Ready(Who),
    /// These components have this state.
    #[serde(rename_all = "kebab-case")]
    State {
        /// The components.
        of: Who,
        /// The state.
        is: StateWord,
    },
    /// The pool elements are in the handlespace of a registrar that owns them.
    #[serde(rename_all = "kebab-case")]
    Registered {
        /// The pool elements.
        of: Who,
        /// Their owner; any registrar when absent.
        with: Option<Who>,
    },
    /// The number of associations that are up is in a range.
    #[serde(rename_all = "kebab-case")]
    Associations {
        /// Only the associations of these components; all when absent.
        of: Option<Who>,
        /// Only associations for this protocol; all when absent.
        protocol: Option<ProtocolWord>,
        /// The minimum number.
        at_least: Option<u32>,
        /// The maximum number.
        at_most: Option<u32>,
    },
    /// The load of each of these pool elements is in a range, in percent.
    #[serde(rename_all = "kebab-case")]
    Load {
        /// The pool elements.
        of: Who,
        /// The minimum, in percent.
        at_least: Option<f64>,
        /// The maximum, in percent.
        at_most: Option<f64>,
    },
    /// The number of sessions that these pool elements together serve is in a range.
    #[serde(rename_all = "kebab-case")]
    Sessions {
        /// The pool elements.
        of: Who,
        /// The minimum number.
        at_least: Option<u32>,
        /// The maximum number.
        at_most: Option<u32>,
    },
    /// The share of the picture that has arrived at each of these pool users is in a range, in percent. In `when` it is
    /// that of the picture that is arriving.
    #[serde(rename_all = "kebab-case")]
    ImageProgress {
        /// The pool users.
        of: Who,
        /// The minimum, in percent.
        at_least: Option<f64>,
        /// The maximum, in percent.
        at_most: Option<f64>,
    },
    /// The picture of each of these pool users is complete, and each of its pixels equals that of a picture computed
    /// here. With `at-least`, each has completed that many pictures since then, and this one is equal.
    #[serde(rename_all = "kebab-case")]
    ImagesComplete {
        /// The pool users.
        of: Who,
        /// The minimum number; 1 when absent.
        at_least: Option<u32>,
    },
    /// Every session of these pool users is served, and each of them has at least one session.
    #[serde(rename_all = "kebab-case")]
    ServedBy {
        /// The pool users.
        of: Who,
        /// The pool elements that may serve them; any when absent.
        by: Option<Who>,
    },
    /// This many failovers began and completed since then: the first data of the next pool element has arrived.
    #[serde(rename_all = "kebab-case")]
    FailoverComplete {
        /// The pool users; any when absent.
        of: Option<Who>,
        /// The minimum number; 1 when absent.
        at_least: Option<u32>,
    },
    /// A failover completed since then, and no failover gap was longer. The gap begins with the fault (for a clean
    /// stop: with the last data) and ends with the first data of the next pool element.
    #[serde(rename_all = "kebab-case")]
    FailoverGap {
        /// The pool users; any when absent.
        of: Option<Who>,
        /// The limit in milliseconds.
        below_ms: f64,
        /// How many failovers must have completed; 1 when absent.
        at_least: Option<u32>,
    },
    /// A failover completed since then, and none was detected later than this after its cause.
    #[serde(rename_all = "kebab-case")]
    DetectionTime {
        /// The pool users; any when absent.
        of: Option<Who>,
        /// The limit in milliseconds.
        below_ms: f64,
    },
    /// A failure was noticed since then, and each by this.
    #[serde(rename_all = "kebab-case")]
    FailureNoticed {
        /// The pool users; any when absent.
        of: Option<Who>,
        /// By what.
        by: FailureSign,
    },
    /// A session left one of these pool elements since then, and went on at another one.
    #[serde(rename_all = "kebab-case")]
    SessionsMoved {
        /// The pool elements.
        from: Who,
    },
    /// A registrar was considered dead since then, and each for this reason.
    #[serde(rename_all = "kebab-case")]
    ConsideredDead {
        /// The registrars; any when absent.
        of: Option<Who>,
        /// For what.
        by: TakeoverSign,
    },
    /// The takeover of a registrar completed since then: all its pool elements have a new home registrar.
    #[serde(rename_all = "kebab-case")]
    TakeoverComplete {
        /// The registrars taken over; any when absent.
        of: Option<Who>,
    },
    /// A takeover completed since then, and none took longer, counted from the fault.
    #[serde(rename_all = "kebab-case")]
    TakeoverTime {
        /// The registrars taken over; any when absent.
        of: Option<Who>,
        /// The limit in milliseconds.
        below_ms: f64,
    },
    /// A message was seen since then.
    #[serde(rename_all = "kebab-case")]
    MessageSeen {
        /// Its name, such as `ASAP_REGISTRATION`.
        name: String,
        /// The possible senders; any when absent.
        from: Option<Who>,
        /// The possible receivers; any when absent.
        to: Option<Who>,
        /// The minimum number; 1 when absent.
        at_least: Option<u32>,
    },
    /// The handlespaces of these registrars are equal: the same pool elements in the same pools with the same owners.
    #[serde(rename_all = "kebab-case")]
    HandlespacesAgree {
        /// The registrars; all running ones when absent.
        of: Option<Who>,
        /// The number of pool elements that each of them must contain.
        pool_elements: Option<u32>,
    },
    /// How much of a pool is used is in a range: the work done, in percent of what its pool elements can do or, where that
    /// is not known, its sessions in percent of their maximum number.
    Utilisation(PoolFigure),
    /// The handling speed of a CalcApp pool is in a range: the work of completed requests, divided by the time from when
    /// they came up to their completion, in percent of the mean capacity of a pool element.
    HandlingSpeed(PoolFigure),
    /// One CalcApp pool handles requests faster than another one.
    Faster(PoolsCompared),
    /// The share of pool elements in the work of their pool is in a range.
    WorkShare(WorkShare),
    /// All running pool elements of a pool are registered with this policy, at least one is, and every running registrar
    /// lists the pool with it.
    PoolPolicy(PoolHasPolicy),
    /// The random faults of `churn` are over, and all of them have been undone.
    #[serde(rename = "churn-over")]
    RandomFaultsOver,
}

/// The state of a component, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StateWord {
    /// It has been started and has not said hello yet.
    Starting,
    /// It is running, neither frozen nor stopping.
    Running,
    /// It is frozen (SIGSTOP).
    Frozen,
    /// It has been asked to shut down gracefully.
    Stopping,
    /// It has shut down gracefully.
    Stopped,
    /// It was killed.
    Killed,
    /// It has ended by itself with an error.
    Crashed,
    /// All its links are cut.
    Unplugged,
    /// Some of its links have an impairment.
    Impaired,
}

/// How a pool user noticed that its pool element had failed or left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FailureSign {
    /// The pool element shut the association down.
    Shutdown,
    /// The pool element, or what took its place at its address, ended the association.
    Abort,
    /// Its host said that nobody is there any more.
    Unreachable,
    /// SCTP had sent again and again, and got no answer.
    TimeOut,
    /// The application had waited long enough.
    Patience,
}

/// How a registrar found that another one is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TakeoverSign {
    /// It was told that nobody is there any more, by the other one's host, before it had waited for an answer.
    Told,
    /// It asked for a sign of life, and waited in vain for MAX-TIME-NO-RESPONSE.
    NoAnswer,
}

/// The purpose of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ProtocolWord {
    /// Between a registrar and a pool element or pool user.
    Asap,
    /// Between registrars.
    Enrp,
    /// Between a pool user and a pool element.
    Application,
}

impl Condition {
    /// The maximum nesting depth of conditions.
    pub(crate) const DEPTH: usize = 8;
    /// The maximum number of conditions in one list.
    pub(crate) const LIST: usize = 50;

    /// Calls a function with the pool users of every condition about pictures in it.
    pub fn each_picture<'a>(&'a self, each: &mut dyn FnMut(&'a Who)) {
        if let Self::ImageProgress { of, .. } = self {
            each(of);
        }
        match self {
            Self::All(list) | Self::Any(list) => {
                list.iter().for_each(|condition| condition.each_picture(each));
            }
            Self::Not(condition) => condition.each_picture(each),
            _ => self.each_proof(each),
        }
    }

    /// Calls a function with the pool users of every condition in it that needs a complete picture.
    pub fn each_proof<'a>(&'a self, each: &mut dyn FnMut(&'a Who)) {
        match self {
            Self::All(list) | Self::Any(list) => {
                list.iter().for_each(|condition| condition.each_proof(each));
            }
            Self::Not(condition) => condition.each_proof(each),
            Self::ImagesComplete { of, .. } => each(of),
            _ => {}
        }
    }

    /// Calls a function with every selection of components in it.
    pub(crate) fn each_who<'a>(&'a self, each: &mut dyn FnMut(&'a Who)) {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|condition| condition.each_who(each)),
            Self::Not(condition) => condition.each_who(each),
            Self::Ready(of)
            | Self::State { of, .. }
            | Self::Load { of, .. }
            | Self::Sessions { of, .. }
            | Self::ImageProgress { of, .. }
            | Self::ImagesComplete { of, .. } => each(of),
            Self::Registered { of, with: other } | Self::ServedBy { of, by: other } => {
                each(of);
                other.iter().for_each(each);
            }
            Self::SessionsMoved { from } => each(from),
            Self::Associations { of, .. }
            | Self::FailureNoticed { of, .. }
            | Self::ConsideredDead { of, .. }
            | Self::FailoverComplete { of, .. }
            | Self::FailoverGap { of, .. }
            | Self::DetectionTime { of, .. }
            | Self::TakeoverComplete { of }
            | Self::TakeoverTime { of, .. }
            | Self::HandlespacesAgree { of, .. } => of.iter().for_each(each),
            Self::MessageSeen { from, to, .. } => {
                from.iter().for_each(&mut *each);
                to.iter().for_each(each);
            }
            Self::WorkShare(share) => each(&share.of),
            Self::Utilisation(_)
            | Self::HandlingSpeed(_)
            | Self::Faster(_)
            | Self::PoolPolicy(_)
            | Self::RandomFaultsOver => {}
        }
    }
}
