//! Copies every SCTP packet for inspection.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use tokio::sync::mpsc;

/// The direction of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It arrived.
    Incoming,
    /// It was sent.
    Outgoing,
}

/// A packet as it passed through our UDP socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// When it passed.
    pub time: SystemTime,
    /// The direction.
    pub direction: Direction,
    /// The source address and UDP port.
    pub source: (IpAddr, u16),
    /// The destination address and UDP port.
    pub destination: (IpAddr, u16),
    /// The SCTP packet, i.e. the payload of the UDP datagram.
    pub data: Vec<u8>,
}

/// The end into which a transport writes the copies: see [`Transport::set_tap`](crate::Transport::set_tap).
#[derive(Debug, Clone)]
pub struct Tap {
    sender: mpsc::Sender<Packet>,
    dropped: Arc<AtomicU64>,
}

/// The end from which the copies are read.
#[derive(Debug)]
pub struct Packets {
    receiver: mpsc::Receiver<Packet>,
    dropped: Arc<AtomicU64>,
}

impl Tap {
    /// Creates a tap with room for `capacity` packets (at least one). It never blocks the transport: further packets
    /// are counted and dropped.
    #[must_use]
    pub fn new(capacity: usize) -> (Self, Packets) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let dropped = Arc::new(AtomicU64::new(0));
        (
            Self {
                sender,
                dropped: Arc::clone(&dropped),
            },
            Packets { receiver, dropped },
        )
    }

    /// Copies a packet.
    pub(crate) fn offer(&self, packet: impl FnOnce() -> Packet) {
        match self.sender.try_reserve() {
            Ok(permit) => permit.send(packet()),
            Err(_) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Packets {
    /// Receives the next packet; `None` when the transport has ended or has been given another tap.
    pub async fn recv(&mut self) -> Option<Packet> {
        self.receiver.recv().await
    }

    /// Returns the next packet if one is waiting.
    pub fn try_recv(&mut self) -> Option<Packet> {
        self.receiver.try_recv().ok()
    }

    /// Returns how many packets were dropped because they were not fetched in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
