//! What a view may ask for. Views do not act: they return commands, which run in one place.

pub mod links;

use std::collections::BTreeMap;
use std::path::PathBuf;

use feed::{Impairment, LinkTarget};

use model::ComponentId;
use scenario::{ComponentSpec, Preset, RandomFaults};

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Add a component and start it.
    Add(ComponentSpec),
    /// Remove a component that has no process.
    Remove(ComponentId),
    /// Start a component that has no process.
    Start(ComponentId),
    /// Clean stop.
    Stop(ComponentId),
    /// Hard kill (SIGKILL).
    Kill(ComponentId),
    /// Clean stop, then start again.
    Restart(ComponentId),
    /// SIGSTOP.
    Freeze(ComponentId),
    /// SIGCONT.
    Thaw(ComponentId),
    /// Sets or removes an impairment; unplugging is `LinkTarget::All` with [`Impairment::UNPLUGGED`].
    Impair(ComponentId, LinkTarget, Impairment),
    /// Hard kill of the pool element that serves this pool user's (first) session.
    KillServing(ComponentId),
    /// Another command of the feed, such as failing after n messages.
    Send(ComponentId, feed::Command),
    /// Random up- and down-times from now on; they take the place of those that a component among these has already.
    BeginRandomFaults(RandomFaults),
    /// End the random up- and down-times of this component, and of those that came with them.
    EndRandomFaults(ComponentId),
    /// Undo every freeze and every impairment, and end the random up- and down-times that a person began.
    UndoFaults,
    /// Start everything that has no process.
    StartAll,
    /// Clean stop of everything.
    StopAll,
    /// Clean stop of everything that runs, then start again.
    RestartAll,
    /// Timers of the components that are started from now on.
    SetPreset(Preset),
    /// Write the components to a scenario file.
    SaveScenario(Box<ScenarioFile>),
    /// Take everything down and start this scenario.
    LoadScenario(PathBuf),
    /// Something about the steps of the scenario that is on.
    Play(PlayControl),
    /// The story that is on from the beginning, with new processes.
    RestartStory,
    /// Write the picture of a pool user to a PNG file.
    SavePicture(ComponentId, PathBuf),
    /// Leave.
    Quit,
}

/// What a person may ask of the steps of a story.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PlayControl {
    /// Begin, or go on after a pause.
    Run,
    /// No further step; what is expected is still watched.
    Pause,
    /// The next step now, whatever it waits for; then pause.
    Step,
    /// Waiting times pass so many times as fast.
    Speed(f64),
}

/// What is to be written to a scenario file.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioFile {
    /// Its name for people.
    pub name: String,
    /// What there is to see.
    pub description: String,
    /// The file.
    pub path: PathBuf,
    /// Where the nodes are that were dragged or placed, in an area of 1000 x 700.
    pub positions: BTreeMap<ComponentId, [f32; 2]>,
    /// Whether the steps of the scenario that is on belong to it.
    pub with_steps: bool,
    /// Whether a file that exists already may be replaced.
    pub replace: bool,
}

/// What became of the latest command that was about a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOutcome {
    /// Counts such commands: another number is another outcome.
    pub number: u64,
    /// The file, or what is wrong.
    pub what: Result<PathBuf, FileProblem>,
}

/// Why a scenario file could not be written or used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileProblem {
    /// There is such a file already.
    Exists(PathBuf),
    /// All that is wrong, in several lines.
    Wrong(String),
}
