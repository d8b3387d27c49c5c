//! The status of the scenario: its steps, and everything that concerns all components.

use std::path::{Path, PathBuf};
use std::time::Duration;

use command::{FileOutcome, Undoable};
use play::{Play, RandomFaultsRun};
use scenario::Preset;

/// A scenario that can be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioEntry {
    /// The display name.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What it shows, if it says so.
    pub description: String,
    /// How long its steps take at least, if it has any.
    pub duration: Option<Duration>,
}

/// The status of the scenario, besides its components.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScenarioStatus<'a> {
    /// The name of the scenario.
    pub name: &'a str,
    /// The description of what it shows.
    pub description: &'a str,
    /// The steps, if it has any.
    pub play: Option<&'a Play>,
    /// The scenarios that can be loaded.
    pub library: &'a [ScenarioEntry],
    /// The folder in which scenarios are saved.
    pub folder: Option<&'a Path>,
    /// A problem that belongs to no component, such as an unusable scenario file: several lines of text.
    pub problem: Option<&'a str>,
    /// The outcome of the latest command on a scenario file.
    pub outcome: Option<&'a FileOutcome>,
    /// The timers of components started from now on.
    pub preset: Preset,
    /// The random up- and down-times that the user has started.
    pub random_faults: &'a [RandomFaultsRun],
    /// What the user can undo.
    pub undoable: Option<&'a Undoable>,
}

impl ScenarioStatus<'_> {
    /// Returns the problem, with the number that distinguishes it from another occurrence of the same text.
    #[must_use]
    pub fn problem_key(&self) -> Option<(u64, String)> {
        let number = self.outcome.map_or(0, |outcome| outcome.number);
        Some((number, self.problem?.to_owned()))
    }
}
