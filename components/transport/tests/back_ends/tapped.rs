//! The packets that a tap has seen.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use transport::{Direction, Fate, Packet, Transport};

/// A packet that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) time: Duration,
    pub(crate) direction: Direction,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) fate: Fate,
    pub(crate) corrupted: bool,
    pub(crate) delay: Duration,
    pub(crate) data: Vec<u8>,
}

/// A tap that keeps everything.
#[derive(Default, Clone)]
pub(crate) struct Tapped(Arc<Mutex<Vec<Seen>>>);

impl Tapped {
    /// Taps a transport from now on.
    pub(crate) fn on(transport: &Transport) -> Self {
        let tapped = Self::default();
        let seen = Arc::clone(&tapped.0);
        transport.set_tap(Some(Box::new(move |packet: &Packet<'_>| {
            seen.lock().expect("nobody panics").push(Seen {
                time: packet.time,
                direction: packet.direction,
                source: packet.source,
                destination: packet.destination,
                fate: packet.fate,
                corrupted: packet.corrupted,
                delay: packet.delay,
                data: packet.data.to_vec(),
            });
        })));
        tapped
    }

    /// Returns what has been seen so far.
    pub(crate) fn packets(&self) -> Vec<Seen> {
        self.0.lock().expect("nobody panics").clone()
    }
}
