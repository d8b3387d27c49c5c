//! What is on besides the components: the scenario, its steps, and what concerns all of them.

use std::path::{Path, PathBuf};

use command::FileOutcome;
use play::{Play, RandomFaultsRun};
use scenario::Preset;

/// A scenario that can be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioEntry {
    /// Its name for people.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
}

/// What is on besides the components.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScenarioStatus<'a> {
    /// Name of the scenario.
    pub name: &'a str,
    /// What there is to see in it.
    pub description: &'a str,
    /// Its steps, if it has any.
    pub play: Option<&'a Play>,
    /// Scenarios that can be loaded.
    pub library: &'a [ScenarioEntry],
    /// The folder that scenarios are saved in.
    pub folder: Option<&'a Path>,
    /// A problem that is nobody's in particular, such as a scenario file that cannot be used: several lines of text.
    pub problem: Option<&'a str>,
    /// What became of the latest command about a scenario file.
    pub outcome: Option<&'a FileOutcome>,
    /// The timers of components that are started from now on.
    pub preset: Preset,
    /// Random up- and down-times that a person began.
    pub random_faults: &'a [RandomFaultsRun],
}

impl ScenarioStatus<'_> {
    /// The problem with what tells it from the same one once more.
    #[must_use]
    pub fn problem_key(&self) -> Option<(u64, String)> {
        let number = self.outcome.map_or(0, |outcome| outcome.number);
        Some((number, self.problem?.to_owned()))
    }
}
