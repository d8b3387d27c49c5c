//! How the steps of scenarios are played.

/// How the steps of scenarios are played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlayOptions {
    /// What everything random in them comes from.
    pub seed: u64,
    /// How many times as fast their waiting times pass.
    pub speed: f64,
    /// How long random faults go on, seconds, whatever the scenario says.
    pub random_faults_for_s: Option<f64>,
}

/// When the steps of a scenario begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// As soon as the components have been started.
    AtOnce,
    /// When somebody runs them.
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
