//! The CalcApp service, without the network: a pool element that processes requests, and a pool user that makes them.
//!
//! A request is a number of calculations. [`server`] shares its capacity equally among the requests in service; it
//! computes nothing, but takes as long as if it did, and thus loads a pool without needing processor time. [`client`]
//! lets requests come up at random, queues them, and has them processed one after the other, across failures of pool
//! elements. Sizes of requests and intervals between them follow a [`Distribution`].
//!
//! This crate has no clock and no I/O, and its randomness derives from a seed, so that a live demonstration and a
//! simulation in virtual time use the same code. Messages and cookies are those of [`wire::calc_app`]; associations,
//! failover and the storage of cookies are up to the cores in [`protocol`].

pub mod client;
mod distribution;
mod refused;
pub mod server;

use std::time::Duration;

pub use distribution::{Distribution, InvalidDistribution};
pub use refused::Refused;

/// The shortest interval, so that a setting of zero does not keep the processor busy.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);
