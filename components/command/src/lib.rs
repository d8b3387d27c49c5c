//! Commands of the views. Views do not act themselves: they return commands, which are carried out in one place.

pub mod links;
mod protocol;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chronicle::TimeControl;
use feed::{Impairment, LinkTarget, Timestamp};

use model::ComponentId;
use policy_laboratory::{Experiment, Measure};
use scenario::{ComponentSpec, Preset, RandomFaults};
use serde::{Deserialize, Serialize};
use wire::PoolHandle;
use wire::parameter::Policy;

pub use protocol::{ChartFile, ProtocolCommand, Selection};

/// A command.
///
/// It can be serialized, unless it is about what lies outside of the demonstration: files of scenarios and results, the
/// policy laboratory, the cursor in time, and questions about messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Add a component and start it.
    Add(ComponentSpec),
    /// Remove a component that has no process.
    Remove(ComponentId),
    /// Undo the latest change of the user that can be undone: [`Undoable`].
    Undo,
    /// Start a component that has no process.
    Start(ComponentId),
    /// Clean stop.
    Stop(ComponentId),
    /// Kill (SIGKILL).
    Kill(ComponentId),
    /// Clean stop, then start again.
    Restart(ComponentId),
    /// SIGSTOP.
    Freeze(ComponentId),
    /// SIGCONT.
    Thaw(ComponentId),
    /// Sets or removes an impairment; unplugging is `LinkTarget::All` with [`Impairment::UNPLUGGED`].
    Impair(ComponentId, LinkTarget, Impairment),
    /// Kill the pool element that serves this pool user's first session (SIGKILL).
    KillServing(ComponentId),
    /// Send another command of the feed, such as failing after n messages.
    Send(ComponentId, #[serde(with = "feed::command_record")] feed::Command),
    /// Change the policy of a pool: all its pool elements leave it and join it again. They keep the weight, priority,
    /// degradation and DPF that they have.
    SetPoolPolicy(PoolHandle, Policy),
    /// Begin random up- and down-times; they replace those that any of these components already has.
    BeginRandomFaults(RandomFaults),
    /// End the random up- and down-times of this component, and of those that were started together with it.
    EndRandomFaults(ComponentId),
    /// Undo every freeze and every impairment, and end the random up- and down-times that the user began.
    UndoFaults,
    /// Start everything that has no process.
    StartAll,
    /// Clean stop of everything.
    StopAll,
    /// Clean stop of everything that is running, then start again.
    RestartAll,
    /// Set the timers of the components that are started from now on.
    SetPreset(Preset),
    /// Write the components to a scenario file.
    #[serde(skip)]
    SaveScenario(Box<ScenarioFile>),
    /// Stop everything and start this scenario.
    LoadScenario(PathBuf),
    /// Control the steps of the current scenario.
    Play(PlayControl),
    /// Restart the current story from the beginning, with new processes.
    RestartStory,
    /// Keep the picture that is arriving at a pool user, and compare it with one computed here once it is over.
    HoldPicture {
        /// The pool user.
        id: ComponentId,
        /// Whether to keep the picture that it begins next, rather than the one that is arriving.
        next: bool,
    },
    /// Keep the picture of a pool user no longer.
    LetPictureGo(ComponentId),
    /// Write the picture of a pool user to a PNG file.
    SavePicture(ComponentId, PathBuf),
    /// Simulate an experiment in the policy laboratory, in place of the one before.
    #[serde(skip)]
    Simulate(Box<Experiment>),
    /// End the experiment under way; what has ended already is kept.
    EndSimulation,
    /// Write the results of the experiment to a file: all runs as CSV, these measures as SVG or PNG, or the experiment
    /// itself as JSON, by the extension of its name.
    #[serde(skip)]
    WriteResults(PathBuf, Vec<Measure>),
    /// Quit.
    Quit,
    /// Move the cursor in time, or do something with recordings.
    #[serde(skip)]
    Time(TimeControl),
    /// Ask about the messages of what is shown.
    #[serde(skip)]
    Protocol(ProtocolCommand),
}

/// What [`Command::Undo`] undoes.
#[derive(Debug, Clone, PartialEq)]
pub enum Undoable {
    /// The removal of a component: it comes back with its name, settings and identifier, but without a process.
    Removal {
        /// The component.
        id: ComponentId,
        /// Its name.
        name: String,
    },
    /// The change of a pool's policy: its pool elements get back what they had.
    PoolPolicy {
        /// The pool.
        pool: PoolHandle,
        /// What they had.
        before: BTreeMap<ComponentId, Policy>,
    },
    /// The change of a setting of a pool element, such as its capacity: it gets back what it had.
    Setting {
        /// The pool element.
        id: ComponentId,
        /// Its name.
        name: String,
        /// The setting, as in "the capacity of PE 1".
        what: &'static str,
        /// When its process was started: the next one begins with settings of its own.
        since: Timestamp,
        /// The command that brings back what it had.
        before: feed::Command,
    },
    /// Faults that can be undone, all of them ([`Command::UndoFaults`]).
    Faults,
}

impl Undoable {
    /// Returns whether both are changes of the same setting of the same process.
    #[must_use]
    pub fn is_same_setting(&self, other: &Self) -> bool {
        let setting = |undoable: &Self| match undoable {
            Self::Setting {
                id, since, before, ..
            } => Some((*id, *since, std::mem::discriminant(before))),
            Self::Removal { .. } | Self::PoolPolicy { .. } | Self::Faults => None,
        };
        setting(self).is_some_and(|this| setting(other) == Some(this))
    }
}

/// A control of the steps of a story.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PlayControl {
    /// Begin, or continue after a pause.
    Run,
    /// Do not begin another step; expectations are still watched.
    Pause,
    /// Carry out the next step now, whatever it waits for; then pause.
    Step,
    /// Set the speed of waiting times.
    Speed(f64),
}

/// The content of a scenario file to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioFile {
    /// Its display name.
    pub name: String,
    /// What there is to see in it.
    pub description: String,
    /// The path of the file.
    pub path: PathBuf,
    /// The positions of nodes that were dragged or placed, in an area of 1000 x 700.
    pub positions: BTreeMap<ComponentId, [f32; 2]>,
    /// Whether to include the steps of the current scenario.
    pub with_steps: bool,
    /// Whether to replace an existing file.
    pub replace: bool,
}

/// The outcome of the latest command that concerned a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOutcome {
    /// Counts such commands: a new number means a new outcome.
    pub number: u64,
    /// The path of the file, or the problem.
    pub what: Result<PathBuf, FileProblem>,
}

/// Why a scenario file could not be written or used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileProblem {
    /// The file already exists.
    Exists(PathBuf),
    /// All problems, one per line.
    Wrong(String),
}
