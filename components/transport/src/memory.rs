//! An in-memory network, for tests of what is built on a transport.

use std::net::IpAddr;
use std::time::Duration;

use crate::{Events, Transport};

/// Joins any number of transports without sockets or packets.
#[derive(Debug, Clone)]
pub struct Network {}

impl Network {
    /// A network on which messages travel for this long. Its actor runs on the current tokio runtime and uses tokio's
    /// time, so that a test with paused time is deterministic and fast.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn new(latency: Duration) -> Self {
        let _ = latency;
        Self {}
    }

    /// Adds a host.
    pub fn start(&self, config: crate::Config) -> (Transport, Events) {
        let _ = config;
        unimplemented!()
    }

    /// A host dies; its peers' associations go down as unreachable.
    pub fn kill(&self, address: IpAddr) {
        let _ = address;
    }
}
