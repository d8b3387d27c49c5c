//! What a report is made from besides the model and the play, in the order in which it happens. A recording holds it as
//! well, so that the same report can be made from that.

use std::time::Duration;

use feed::{Timestamp, WallClock};
use serde::{Deserialize, Serialize};

use crate::headless::resources::Usage;
use model::Model;
use play::Play;
use scenario::Scenario;

/// One thing that a report is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Note {
    /// The demonstration begins.
    Begun(Beginning),
    /// The state was looked at.
    Observed(Timestamp),
    /// The resource usage of a process.
    Sampled {
        /// When.
        at: Timestamp,
        /// The component.
        name: String,
        /// Process identifier.
        pid: u32,
        /// The usage.
        usage: Usage,
    },
    /// Digests of the model and the play at this place, for tests.
    Digest(Digests),
    /// The play is over, or was ended: what follows is the clean stop of everything.
    Over {
        /// How long it took.
        duration: Duration,
        /// The signal that interrupted it, if one did.
        interrupted: Option<String>,
    },
    /// All processes should have ended.
    Ended(Ended),
}

/// Digests of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Digests {
    /// Of the model.
    pub(super) model: u128,
    /// Of the play, if there is one.
    pub(super) play: Option<u128>,
}

impl Digests {
    /// Computes the digests of a state, which takes a while.
    pub(super) fn of(model: &Model, play: Option<&Play>) -> Self {
        Self {
            model: model.digest(),
            play: play.map(Play::digest),
        }
    }
}

/// What is known once all processes should have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Ended {
    /// Processes that are left.
    pub(super) orphans: Vec<u32>,
    /// What the wall clock showed, in microseconds since the Unix epoch.
    unix_us: u64,
    /// When it showed that.
    at: Timestamp,
}

/// How a demonstration begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Beginning {
    /// The scenario's name.
    pub(super) scenario: String,
    /// The version of the program.
    pub(super) version: String,
    /// The seed.
    pub(super) seed: u64,
}

impl Beginning {
    /// Notes the beginning of a scenario.
    pub(super) fn new(scenario: &Scenario, seed: u64) -> Self {
        Self {
            scenario: scenario.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed,
        }
    }
}

impl Ended {
    /// Notes that these processes are left.
    pub(super) fn now(orphans: Vec<u32>) -> Self {
        Self {
            orphans,
            ..Self::at(Timestamp::now(), WallClock::sample())
        }
    }

    /// Returns an end without processes that are left.
    pub(super) fn at(at: Timestamp, wall_clock: WallClock) -> Self {
        let unix_us = wall_clock.unix_us(at);
        Self {
            orphans: Vec::new(),
            unix_us,
            at,
        }
    }

    /// Returns the wall clock as it was then.
    pub(super) fn wall_clock(&self) -> WallClock {
        WallClock::showing(Duration::from_micros(self.unix_us), self.at)
    }
}
