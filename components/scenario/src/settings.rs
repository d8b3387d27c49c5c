//! What is the same for all components of a scenario.

use runtime::{AnnounceGroup, Preset};

/// Settings of all components. What is absent is left to the components' own defaults; what a component says itself counts
/// more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Values of the timers.
    pub preset: Option<Preset>,
    /// Where registrars announce themselves.
    pub asap_announce: Option<AnnounceGroup>,
    /// Where registrars find each other.
    pub enrp_announce: Option<AnnounceGroup>,
}
