//! All nodes, and the time.
//!
//! `population` starts and stops nodes, `time` runs the next events, `trace` prints them, `inspection` gives
//! scenarios access to them.

mod inspection;
mod population;
mod selection;
mod time;
mod trace;

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{Config, Time};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::PoolHandle;

use crate::laws::Watch;
use crate::laws::takeover::Victory;
use crate::node::Node;
use crate::{Conditions, Laws, Network};

/// The measurements of a scenario, by name.
pub type Measurements = BTreeMap<&'static str, Vec<Duration>>;

/// Nodes on a network, and the time.
#[derive(Debug)]
pub struct World {
    pub(crate) now: Time,
    rng: Pcg64Mcg,
    config: Config,
    pub(crate) laws: Laws,
    pub(crate) watch: Watch,
    pub(crate) network: Network,
    pub(crate) nodes: Vec<Node>,
    pub(crate) pool: PoolHandle,
    /// When a node was last started, stopped or disturbed.
    pub(crate) last_fault: Time,
    /// When that last concerned a registrar.
    pub(crate) last_registrar_fault: Time,
    next_check: Time,
    /// A hash of everything that has arrived anywhere.
    digest: u64,
    measurements: Measurements,
    takeovers: u32,
    /// Takeovers that others have to learn about.
    pub(crate) victories: Vec<Victory>,
    trace: bool,
}

impl World {
    /// Creates an empty world with the timers of the demonstration, on a network without faults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let network = Network::new(Conditions::default(), rng.next_u64());
        Self {
            now: Time::ZERO,
            rng,
            config: Config::demo(),
            laws: Laws::demo(),
            watch: Watch::default(),
            network,
            nodes: Vec::new(),
            pool: PoolHandle::new(b"CountingPool").expect("neither empty nor long"),
            last_fault: Time::ZERO,
            last_registrar_fault: Time::ZERO,
            next_check: Time::ZERO,
            digest: 0,
            measurements: Measurements::new(),
            takeovers: 0,
            victories: Vec::new(),
            trace: crate::seeds::is_tracing(),
        }
    }

    /// Sets the conditions of the network from now on.
    pub const fn set_conditions(&mut self, conditions: Conditions) {
        self.network.set_conditions(conditions);
    }

    /// Returns the timers and limits of nodes that are started from now on.
    pub const fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    /// Returns the timers and limits.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the laws.
    pub const fn laws_mut(&mut self) -> &mut Laws {
        &mut self.laws
    }

    /// Returns the virtual time.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Returns randomness for the scenario itself.
    pub const fn rng(&mut self) -> &mut Pcg64Mcg {
        &mut self.rng
    }

    /// Returns the network for inspection.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Returns a hash of everything that has arrived anywhere, and when.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// Records a duration for the statistics of many runs.
    pub fn measure(&mut self, what: &'static str, duration: Duration) {
        self.measurements.entry(what).or_default().push(duration);
    }

    /// Returns the measurements.
    #[must_use]
    pub const fn measurements(&self) -> &Measurements {
        &self.measurements
    }
}
