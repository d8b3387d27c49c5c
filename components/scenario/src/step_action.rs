//! The actions of a step.

use feed::Affected;
use serde::{Deserialize, Serialize};

use super::entry::ComponentEntry;
use super::{ComponentSpec, SetPolicy, SetPolicyData, Who};

/// An action of a step. Each is also available in the control centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum StepAction {
    /// Start components that have no process.
    Start(Who),
    /// Clean stop.
    Stop(Who),
    /// Kill (SIGKILL).
    Kill(Who),
    /// Kill the pool element that serves this pool user's first session (SIGKILL).
    KillServing(Who),
    /// Clean stop, then start.
    Restart(Who),
    /// Freeze (SIGSTOP).
    Freeze(Who),
    /// Thaw (SIGCONT).
    Thaw(Who),
    /// Drop all packets from and to these components.
    Unplug(Who),
    /// Let packets pass again.
    Plug(Who),
    /// Drop all packets between two sets of components: a partition.
    Cut(LinksBetween),
    /// Undo a `cut` or an `impair` of links between two sets of components.
    Mend(LinksBetween),
    /// Impair links.
    Impair(ImpairLinks),
    /// Make pool elements break each session after this many more data messages.
    #[serde(rename_all = "kebab-case")]
    FailAfter {
        /// The pool elements.
        of: Who,
        /// The number of data messages; 0 disables this.
        messages: u32,
    },
    /// Set the speed at which pool elements compute.
    #[serde(rename_all = "kebab-case")]
    SetCapacity {
        /// The pool elements.
        of: Who,
        /// Iterations per second and session; 0 means no limit. Service `calcapp`: calculations per second, which all
        /// its jobs share; 0 means that they stand still.
        iterations_per_second: u64,
    },
    /// Set how many jobs pool elements with the service `calcapp` accept; those in service remain.
    #[serde(rename_all = "kebab-case")]
    SetMaxJobs {
        /// The pool elements.
        of: Who,
        /// The maximum number of simultaneous jobs, 1 to 10000; further requests are rejected.
        jobs: u32,
    },
    /// Change the policy of a pool while it runs: all its pool elements leave it, and join it with another policy. Their
    /// sessions go on.
    SetPolicy(SetPolicy),
    /// Change policy data of pool elements, such as their weights, while their policy stays.
    SetPolicyData(SetPolicyData),
    /// Make pool elements tell registrars another load than the one that they measure.
    #[serde(rename_all = "kebab-case")]
    SetLoad {
        /// The pool elements.
        of: Who,
        /// The load in percent; what they measure when absent.
        percent: Option<f64>,
    },
    /// Make pool users leave their pool element and fail over to another one.
    Failover(Who),
    /// Make pool users begin a new picture.
    #[serde(rename_all = "kebab-case")]
    NewImage {
        /// The pool users.
        of: Who,
        /// Width and height in pixels; unchanged when absent.
        size: Option<[u32; 2]>,
    },
    /// Add a component and start it.
    #[serde(serialize_with = "component_entry", deserialize_with = "read_apart")]
    Add(#[cfg_attr(test, schemars(with = "ComponentEntry"))] Box<ComponentSpec>),
    /// Remove components that have no process.
    Remove(Who),
    /// Begin random faults: random up- and down-times.
    #[serde(rename = "churn")]
    RandomFaults(RandomFaults),
    /// End the random faults and undo them.
    #[serde(rename = "end-churn")]
    EndRandomFaults,
    /// Undo every freeze and every impairment.
    UndoFaults,
    /// Start everything that has no process.
    StartAll,
    /// Clean stop of everything.
    StopAll,
}

/// The links between two sets of components.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LinksBetween {
    /// One side.
    pub between: Who,
    /// The other side.
    pub and: Who,
}

/// Links to impair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImpairLinks {
    /// The components whose links are impaired.
    pub of: Who,
    /// Only the links to these components; all when absent.
    pub peer: Option<Who>,
    /// Share of packets that are lost, in percent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub loss_percent: f64,
    /// Added delay of each packet, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_ms: f64,
    /// Spread of the delay, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub jitter_ms: f64,
    /// The mean number of packets that are lost in a row; each one is lost by itself when absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub burst_packets: f64,
    /// The maximum rate in kilobits per second, in each direction; no limit when absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rate_kbit_s: f64,
    /// Share of packets in which a bit is flipped, in percent. The checksum of SCTP finds it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub corruption_percent: f64,
    /// The number of packets that are lost at first, in each direction.
    #[serde(default, skip_serializing_if = "is_none")]
    pub first_packets_lost: u32,
    /// The packets that are affected: `sent` or `received` by the components in `of`; both when absent.
    #[serde(default, skip_serializing_if = "is_both")]
    #[cfg_attr(test, schemars(with = "AffectedWord"))]
    pub direction: Affected,
}

/// The packets that are affected.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used")]
enum AffectedWord {
    /// All packets.
    Both,
    /// Packets that the components in `of` send.
    Sent,
    /// Packets that the components in `of` receive.
    Received,
}

/// Random faults: each component is up for a while, then down for a while, with exponentially distributed times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RandomFaults {
    /// The components.
    pub of: Who,
    /// Mean time between the end of a fault and the next fault of the same component, in seconds.
    pub mean_up_s: f64,
    /// Mean duration of a fault, in seconds.
    pub mean_down_s: f64,
    /// How long random faults continue, in seconds; until `end-churn` when absent.
    pub for_s: Option<f64>,
    /// The faults, chosen at random.
    pub faults: Vec<RandomFault>,
    /// The number of components of each role that stay up at any time; 1 when absent.
    pub keep_up: Option<u32>,
}

/// A kind of random fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RandomFault {
    /// Clean stop, followed later by a start.
    Stop,
    /// SIGKILL, followed later by a start.
    Kill,
    /// SIGSTOP, followed later by SIGCONT.
    Freeze,
    /// All packets are dropped for a while.
    Unplug,
    /// Clean stop, followed by an immediate start.
    Restart,
}

/// How an action disturbs the pictures that are being served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disturbance {
    /// Not at all; perhaps it undoes a fault.
    None,
    /// It injects a fault, or does what pool users have to cope with.
    Fault,
    /// Faults happen at random from then on.
    AtRandom,
}

impl StepAction {
    /// Returns how it disturbs the pictures that are being served.
    #[must_use]
    pub fn disturbance(&self) -> Disturbance {
        match self {
            Self::Stop(_)
            | Self::Kill(_)
            | Self::KillServing(_)
            | Self::Restart(_)
            | Self::Freeze(_)
            | Self::Unplug(_)
            | Self::Cut(_)
            | Self::Impair(_)
            | Self::FailAfter { messages: 1.., .. }
            | Self::Failover(_)
            | Self::NewImage { .. }
            | Self::Remove(_)
            | Self::StopAll => Disturbance::Fault,
            Self::RandomFaults(_) => Disturbance::AtRandom,
            Self::Start(_)
            | Self::Thaw(_)
            | Self::Plug(_)
            | Self::Mend(_)
            | Self::FailAfter { messages: 0, .. }
            | Self::SetCapacity { .. }
            | Self::SetMaxJobs { .. }
            | Self::SetPolicy(_)
            | Self::SetPolicyData(_)
            | Self::SetLoad { .. }
            | Self::Add(_)
            | Self::EndRandomFaults
            | Self::UndoFaults
            | Self::StartAll => Disturbance::None,
        }
    }

    /// Calls a function with every selection of components in it.
    pub fn each_who<'a>(&'a self, each: &mut dyn FnMut(&'a Who)) {
        match self {
            Self::Start(who)
            | Self::Stop(who)
            | Self::Kill(who)
            | Self::KillServing(who)
            | Self::Restart(who)
            | Self::Freeze(who)
            | Self::Thaw(who)
            | Self::Unplug(who)
            | Self::Plug(who)
            | Self::Failover(who)
            | Self::Remove(who)
            | Self::FailAfter { of: who, .. }
            | Self::SetCapacity { of: who, .. }
            | Self::SetMaxJobs { of: who, .. }
            | Self::SetPolicyData(SetPolicyData { of: who, .. })
            | Self::SetLoad { of: who, .. }
            | Self::NewImage { of: who, .. } => each(who),
            Self::Cut(links) | Self::Mend(links) => {
                each(&links.between);
                each(&links.and);
            }
            Self::Impair(links) => {
                each(&links.of);
                links.peer.iter().for_each(each);
            }
            Self::RandomFaults(random_faults) => each(&random_faults.of),
            Self::Add(_)
            | Self::SetPolicy(_)
            | Self::EndRandomFaults
            | Self::UndoFaults
            | Self::StartAll
            | Self::StopAll => {}
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_none(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_both(direction: &Affected) -> bool {
    *direction == Affected::Both
}

fn component_entry<S: serde::Serializer>(spec: &ComponentSpec, serializer: S) -> Result<S::Ok, S::Error> {
    ComponentEntry::from(spec).serialize(serializer)
}

/// Fails: components are read member by member, by the reader of the file.
fn read_apart<'de, D: serde::Deserializer<'de>>(_: D) -> Result<Box<ComponentSpec>, D::Error> {
    Err(serde::de::Error::custom("a component is read by itself"))
}
