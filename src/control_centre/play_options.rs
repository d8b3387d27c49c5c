//! Options for playing the steps of scenarios.

/// Options for playing the steps of scenarios.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlayOptions {
    /// The seed of all randomness.
    pub seed: u64,
    /// The speed of waiting times.
    pub speed: f64,
    /// The duration of random faults in seconds, overriding the scenario.
    pub random_faults_for_s: Option<f64>,
}

/// When the steps of a scenario begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// As soon as the components have been started.
    AtOnce,
    /// When the user runs them.
    WhenAsked,
}

impl Default for PlayOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            speed: 1.0,
            random_faults_for_s: None,
        }
    }
}
