//! A copy of every SCTP packet for whoever wants to look.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use tokio::sync::mpsc;

/// Which way a packet went.
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
    /// When.
    pub time: SystemTime,
    /// Which way.
    pub direction: Direction,
    /// The address and UDP port that it came from.
    pub source: (IpAddr, u16),
    /// The address and UDP port that it went to.
    pub destination: (IpAddr, u16),
    /// The SCTP packet: what the UDP datagram carried.
    pub data: Vec<u8>,
}

/// The end into which a transport puts the copies: see [`Transport::set_tap`](crate::Transport::set_tap).
#[derive(Debug, Clone)]
pub struct Tap {
    sender: mpsc::Sender<Packet>,
    dropped: Arc<AtomicU64>,
}

/// The end at which the copies come out.
#[derive(Debug)]
pub struct Packets {
    receiver: mpsc::Receiver<Packet>,
    dropped: Arc<AtomicU64>,
}

impl Tap {
    /// A tap in which `capacity` packets (at least one) can wait. It never holds the transport up: packets beyond that
    /// are counted and thrown away.
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
    /// The next packet; `None` when the transport has ended or has been given another tap.
    pub async fn recv(&mut self) -> Option<Packet> {
        self.receiver.recv().await
    }

    /// The next packet if one is waiting.
    pub fn try_recv(&mut self) -> Option<Packet> {
        self.receiver.try_recv().ok()
    }

    /// How many packets have been thrown away because they were not fetched in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
