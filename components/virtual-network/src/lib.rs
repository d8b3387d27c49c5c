//! A network of associations and multicast datagrams in virtual time, for cores of `protocol`.
//!
//! A [`Network`] carries out the outputs of cores, and says when something arrives where. It delays, loses, cuts and
//! partitions as told; every run is determined by its seed. It holds no cores and has no clock: `simulation` and
//! `policy-laboratory` do, each for its own purpose.

mod link;
mod network;

pub use network::{Arrival, Conditions, Death, Network, NodeId, Ports};
