//! Everybody who takes part, and time.
//!
//! `population` is about who is there, `time` about what happens next, `trace` about what people see of it,
//! `inspection` about what scenarios see of it.

mod inspection;
mod population;
mod time;
mod trace;

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{Config, Time};
use rand::{RngCore, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::PoolHandle;

use crate::laws::Watch;
use crate::laws::takeover::Victory;
use crate::node::Node;
use crate::{Conditions, Laws, Network};

/// What a scenario has measured, by what it is called.
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
    /// When somebody was last started, stopped, or hindered.
    pub(crate) last_fault: Time,
    /// When that last concerned a registrar.
    pub(crate) last_registrar_fault: Time,
    next_check: Time,
    /// Follows from everything that has arrived anywhere.
    digest: u64,
    measurements: Measurements,
    takeovers: u32,
    /// Takeovers that others have to hear of.
    pub(crate) victories: Vec<Victory>,
    trace: bool,
}

impl World {
    /// An empty world with the timers of the demonstration, on a network without faults.
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

    /// The network behaves like this from now on.
    pub const fn set_conditions(&mut self, conditions: Conditions) {
        self.network.set_conditions(conditions);
    }

    /// Timers and limits of everybody who is started from now on.
    pub const fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    /// Timers and limits.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// What must hold.
    pub const fn laws_mut(&mut self) -> &mut Laws {
        &mut self.laws
    }

    /// The virtual time.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Randomness for the scenario itself.
    pub const fn rng(&mut self) -> &mut Pcg64Mcg {
        &mut self.rng
    }

    /// The network, to look at.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// A number that follows from everything that has arrived anywhere, and when.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// Keeps a duration for the statistics of many runs.
    pub fn measure(&mut self, what: &'static str, duration: Duration) {
        self.measurements.entry(what).or_default().push(duration);
    }

    /// What was measured.
    #[must_use]
    pub const fn measurements(&self) -> &Measurements {
        &self.measurements
    }
}
