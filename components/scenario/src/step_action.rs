//! What a step may do.

use serde::{Deserialize, Serialize};

use super::entry::ComponentEntry;
use super::{ComponentSpec, Who};

/// Something that a step does, all of it also a click in the control centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum StepAction {
    /// Start what has no process.
    Start(Who),
    /// Clean stop.
    Stop(Who),
    /// Hard kill (SIGKILL).
    Kill(Who),
    /// Hard kill of the pool element that serves this pool user's first session.
    KillServing(Who),
    /// Clean stop, then start.
    Restart(Who),
    /// SIGSTOP.
    Freeze(Who),
    /// SIGCONT.
    Thaw(Who),
    /// Drop all packets from and to them.
    Unplug(Who),
    /// Let packets pass again.
    Plug(Who),
    /// Drop all packets between each of these and each of those: a partition.
    Cut(LinksBetween),
    /// Undo a `cut` or an `impair` of links between these and those.
    Mend(LinksBetween),
    /// Make links worse.
    Impair(ImpairLinks),
    /// Pool elements break each session after so many more data messages.
    #[serde(rename_all = "kebab-case")]
    FailAfter {
        /// The pool elements.
        of: Who,
        /// Data messages; 0 switches it off.
        messages: u32,
    },
    /// Pool elements compute so fast from now on.
    #[serde(rename_all = "kebab-case")]
    SetCapacity {
        /// The pool elements.
        of: Who,
        /// Iterations per second and session; 0 means no limit.
        iterations_per_second: u64,
    },
    /// Pool users leave their pool element and go to another one.
    Failover(Who),
    /// Pool users begin a new picture.
    #[serde(rename_all = "kebab-case")]
    NewImage {
        /// The pool users.
        of: Who,
        /// Width and height in pixels; those in use when absent.
        size: Option<[u32; 2]>,
    },
    /// Add a component and start it.
    #[serde(serialize_with = "component_entry", deserialize_with = "read_apart")]
    Add(#[cfg_attr(test, schemars(with = "ComponentEntry"))] Box<ComponentSpec>),
    /// Remove components that have no process.
    Remove(Who),
    /// Random faults from now on: up- and down-times at random.
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

/// The links between each of some components and each of some others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LinksBetween {
    /// One side.
    pub between: Who,
    /// The other side.
    pub and: Who,
}

/// Links that get worse, both ways.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImpairLinks {
    /// Whose links.
    pub of: Who,
    /// Only those to these; all when absent.
    pub peer: Option<Who>,
    /// Share of packets that are lost, in percent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub loss_percent: f64,
    /// Added to the way of each packet, milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_ms: f64,
    /// Spread of the delay, milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub jitter_ms: f64,
}

/// Faults at random: each component is up for a while, then down for a while, with exponentially distributed times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RandomFaults {
    /// The components.
    pub of: Who,
    /// Mean time from one end of a fault to the next fault of the same component, seconds.
    pub mean_up_s: f64,
    /// Mean time of a fault, seconds.
    pub mean_down_s: f64,
    /// How long it goes on, seconds; until `end-churn` when absent.
    pub for_s: Option<f64>,
    /// The faults, chosen at random.
    pub faults: Vec<RandomFault>,
    /// So many components of each role stay up at any time; 1 when absent.
    pub keep_up: Option<u32>,
}

/// A fault that happens at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RandomFault {
    /// Clean stop, later a start.
    Stop,
    /// SIGKILL, later a start.
    Kill,
    /// SIGSTOP, later SIGCONT.
    Freeze,
    /// All packets dropped, later passed again.
    Unplug,
    /// Clean stop and start at once.
    Restart,
}

impl StepAction {
    /// Calls this with every choice of components in it.
    pub(crate) fn each_who<'a>(&'a self, each: &mut dyn FnMut(&'a Who)) {
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
            Self::Add(_) | Self::EndRandomFaults | Self::UndoFaults | Self::StartAll | Self::StopAll => {}
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

fn component_entry<S: serde::Serializer>(spec: &ComponentSpec, serializer: S) -> Result<S::Ok, S::Error> {
    ComponentEntry::from(spec).serialize(serializer)
}

/// Components are read member by member, by the reader of the file.
fn read_apart<'de, D: serde::Deserializer<'de>>(_: D) -> Result<Box<ComponentSpec>, D::Error> {
    Err(serde::de::Error::custom("a component is read by itself"))
}
