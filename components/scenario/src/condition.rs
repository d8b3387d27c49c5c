//! What a step may wait for, and what may be expected.

use serde::{Deserialize, Serialize};

use super::Who;

/// Something that holds or does not. What happened counts from when the latest step was carried out.
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
    /// They do what they are there for: serving (registrar), registered (pool element), connected (pool user).
    Ready(Who),
    /// They have this state.
    #[serde(rename_all = "kebab-case")]
    State {
        /// Who.
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
    /// So many associations are up.
    #[serde(rename_all = "kebab-case")]
    Associations {
        /// Those of these components; all when absent.
        of: Option<Who>,
        /// Those for this protocol; all when absent.
        protocol: Option<ProtocolWord>,
        /// The fewest.
        at_least: Option<u32>,
        /// The most.
        at_most: Option<u32>,
    },
    /// The load of each of these pool elements is in a range, in percent.
    #[serde(rename_all = "kebab-case")]
    Load {
        /// The pool elements.
        of: Who,
        /// The least, in percent.
        at_least: Option<f64>,
        /// The most, in percent.
        at_most: Option<f64>,
    },
    /// These pool elements together serve so many sessions.
    #[serde(rename_all = "kebab-case")]
    Sessions {
        /// The pool elements.
        of: Who,
        /// The fewest.
        at_least: Option<u32>,
        /// The most.
        at_most: Option<u32>,
    },
    /// How much of the picture of each of these pool users is there, in percent.
    #[serde(rename_all = "kebab-case")]
    ImageProgress {
        /// The pool users.
        of: Who,
        /// The least, in percent.
        at_least: Option<f64>,
        /// The most, in percent.
        at_most: Option<f64>,
    },
    /// Each of these pool users has completed so many pictures since, without a missing pixel.
    #[serde(rename_all = "kebab-case")]
    ImagesComplete {
        /// The pool users.
        of: Who,
        /// The fewest; 1 when absent.
        at_least: Option<u32>,
    },
    /// Every session of these pool users is served, at least one each.
    #[serde(rename_all = "kebab-case")]
    ServedBy {
        /// The pool users.
        of: Who,
        /// By one of these pool elements; by any when absent.
        by: Option<Who>,
    },
    /// So many failovers began and came to their end since: the next pool element's first data has arrived.
    #[serde(rename_all = "kebab-case")]
    FailoverComplete {
        /// Of these pool users; of any when absent.
        of: Option<Who>,
        /// The fewest; 1 when absent.
        at_least: Option<u32>,
    },
    /// A failover was complete since, and the gap of none was longer. The gap begins with the fault (for a clean stop: with
    /// the last data) and ends with the first data of the next pool element.
    #[serde(rename_all = "kebab-case")]
    FailoverGap {
        /// Of these pool users; of any when absent.
        of: Option<Who>,
        /// Milliseconds.
        below_ms: f64,
        /// How many failovers must be complete; 1 when absent.
        at_least: Option<u32>,
    },
    /// A failover was complete since, and none was noticed later than this after its cause.
    #[serde(rename_all = "kebab-case")]
    DetectionTime {
        /// Of these pool users; of any when absent.
        of: Option<Who>,
        /// Milliseconds.
        below_ms: f64,
    },
    /// The takeover of a registrar came to its end since: all its pool elements have a new home.
    #[serde(rename_all = "kebab-case")]
    TakeoverComplete {
        /// Of these registrars; of any when absent.
        of: Option<Who>,
    },
    /// A takeover was complete since, and none took longer, counted from the fault.
    #[serde(rename_all = "kebab-case")]
    TakeoverTime {
        /// Of these registrars; of any when absent.
        of: Option<Who>,
        /// Milliseconds.
        below_ms: f64,
    },
    /// A message was seen since.
    #[serde(rename_all = "kebab-case")]
    MessageSeen {
        /// Its name, such as `ASAP_REGISTRATION`.
        name: String,
        /// Sent by one of these; by anybody when absent.
        from: Option<Who>,
        /// Sent to one of these; to anybody when absent.
        to: Option<Who>,
        /// The fewest; 1 when absent.
        at_least: Option<u32>,
    },
    /// The handlespaces of these registrars are equal: the same pool elements in the same pools with the same owners.
    #[serde(rename_all = "kebab-case")]
    HandlespacesAgree {
        /// The registrars; every running one when absent.
        of: Option<Who>,
        /// So many pool elements are in each of them.
        pool_elements: Option<u32>,
    },
    /// The random faults of `churn` are over, and all of them undone.
    #[serde(rename = "churn-over")]
    RandomFaultsOver,
}

/// The state of a component, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StateWord {
    /// It has been started and has not said hello.
    Starting,
    /// It runs, frozen and stopping excluded.
    Running,
    /// SIGSTOP.
    Frozen,
    /// Asked to leave in order.
    Stopping,
    /// It has left in order.
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

/// What an association is for.
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
    /// How deep conditions may be within conditions.
    pub(crate) const DEPTH: usize = 8;
    /// The most conditions in one list.
    pub(crate) const LIST: usize = 50;

    /// Calls this with every choice of components in it.
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
            Self::Associations { of, .. }
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
            Self::RandomFaultsOver => {}
        }
    }
}
