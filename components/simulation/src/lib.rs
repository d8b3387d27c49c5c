//! Registrars, pool elements and pool users in one process and in virtual time, with faults.
//!
//! A [`World`] runs the cores of `protocol` on a [`Network`] that delays, loses, cuts and partitions; every run follows
//! from its seed. An application on top counts, keeps its place in cookies, and notices if work is lost. [`Laws`] are
//! checked all the time: whoever breaks one panics with its name and the virtual time.
//!
//! [`run_seeds`] runs a scenario with many seeds and says how to replay the one that failed. There is no real network
//! and no real clock here.

mod application;
mod attacker;
mod laws;
mod link;
mod network;
mod node;
mod seeds;
mod world;

pub use attacker::Attacker;
pub use laws::Laws;
pub use network::{Conditions, Death, Network, NodeId};
pub use node::{PolicyKind, Role};
pub use seeds::run_seeds;
pub use world::World;
