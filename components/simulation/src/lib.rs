//! Simulates registrars, pool elements and pool users in one process and in virtual time, with faults.
//!
//! A [`World`] runs the cores of `protocol` on a [`Network`] that delays, loses, cuts and partitions; every run is
//! determined by its seed. An application on top counts, stores its position in cookies, and detects lost work.
//! [`Laws`] are checked all the time: a violation panics with its name and the virtual time.
//!
//! A [`Scenario`] is a sequence of faults and expectations; [`scenarios::ALL`] lists them. The test `scenarios` runs
//! them with many seeds, and prints how to replay one that failed. There is no real network and no real clock here.

mod application;
mod attacker;
mod clock;
mod laws;
mod liar;
mod node;
pub mod scenarios;
mod seeds;
mod world;

pub use attacker::Attacker;
pub use laws::Laws;
pub use liar::{Liar, Lie};
pub use node::{Companions, PoolPolicy, Role};
pub use scenarios::Scenario;
pub use seeds::{Failure, Outcome, cores, run_seed, run_seeds, trace};
pub use virtual_network::{Conditions, Death, Network, NodeId};
pub use world::{Measurements, World};
