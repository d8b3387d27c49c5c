//! What surrounds the model and the play on the screen.

use play::RandomFaultsRun;
use scenario::Preset;
use serde::{Deserialize, Serialize};

/// What surrounds the model and the play on the screen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The name of the scenario.
    pub scenario: String,
    /// The description of what it shows.
    pub description: String,
    /// A problem that belongs to no component.
    pub problem: Option<String>,
    /// The timers of components that are started from now on.
    pub preset: Preset,
    /// The random up- and down-times that the user has started.
    pub random_faults: Vec<RandomFaultsRun>,
}
