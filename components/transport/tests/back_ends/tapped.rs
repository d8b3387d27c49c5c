//! The packets that a tap has seen.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::watch;
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
pub(crate) struct Tapped(watch::Receiver<Vec<Seen>>);

impl Tapped {
    /// Taps a transport from now on.
    pub(crate) fn on(transport: &Transport) -> Self {
        let (seen, tapped) = watch::channel(Vec::new());
        transport.set_tap(Some(Box::new(move |packet: &Packet<'_>| {
            seen.send_modify(|seen: &mut Vec<Seen>| {
                seen.push(Seen {
                    time: packet.time,
                    direction: packet.direction,
                    source: packet.source,
                    destination: packet.destination,
                    fate: packet.fate,
                    corrupted: packet.corrupted,
                    delay: packet.delay,
                    data: packet.data.to_vec(),
                });
            });
        })));
        Self(tapped)
    }

    /// Returns what has been seen so far.
    pub(crate) fn packets(&self) -> Vec<Seen> {
        self.0.borrow().clone()
    }

    /// Waits for a packet. The transport shows what it sends immediately afterwards: it may have arrived before.
    pub(crate) async fn packet(&mut self, is_meant: impl Fn(&Seen) -> bool) -> Seen {
        let seen = self.0.wait_for(|seen| seen.iter().any(&is_meant)).await;
        let seen = seen.expect("the tap is there");
        seen.iter()
            .find(|seen| is_meant(seen))
            .expect("it was waited for")
            .clone()
    }
}
