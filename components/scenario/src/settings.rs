//! What is the same for all components of a scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::command_line::Options;

/// Settings of all components. What is absent is left to the components' own defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Values of the timers.
    pub preset: Option<Preset>,
    /// Multicast group and UDP port of registrars' announcements, or `off`.
    pub asap_announce: Option<String>,
    /// Multicast group and UDP port in which registrars find each other, or `off`.
    pub enrp_announce: Option<String>,
}

/// Named sets of timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The RFCs' values.
    Rfc,
    /// Short timers for demonstrations.
    #[default]
    Demo,
}

impl Preset {
    /// As command lines have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Demo => "demo",
        }
    }
}

impl Settings {
    /// Options that all components have.
    pub(crate) fn options(&self) -> Options {
        let mut options = Options::default();
        let preset = self.preset.map(Preset::word);
        options.all("preset", preset);
        options.all("asap-announce", &self.asap_announce);
        options
    }
}
