//! Copies every packet for inspection.
//!
//! A tap sees the packets between SCTP and the network of this process, impaired links included: an outgoing packet
//! when it leaves an impaired link, an incoming one when SCTP gets it. What a link loses is shown as well, marked as
//! [`Fate::Lost`]: a lost outgoing packet was never sent, and no other capture has it; a lost incoming one arrived,
//! but SCTP never saw it. Packets that a link still delays when the transport ends are not shown.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::impaired_link::Passage;

/// Sees a copy of each packet.
pub trait Tap: Send {
    /// A packet has passed, or was lost. This is called on a thread of the transport: it must not block. Packets come
    /// in order, except that announcements and SCTP packets may have overtaken each other by an instant.
    fn packet(&mut self, packet: &Packet<'_>);

    /// For now, no packet follows immediately. What has been collected may be written.
    fn pause(&mut self) {}
}

impl<See: FnMut(&Packet<'_>) + Send> Tap for See {
    fn packet(&mut self, packet: &Packet<'_>) {
        self(packet);
    }
}

/// The direction of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It arrived.
    Incoming,
    /// It was to be sent.
    Outgoing,
}

/// What a UDP datagram carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// An SCTP packet (RFC 6951).
    Sctp,
    /// A datagram of a multicast group.
    Announcement,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was sent, or received and processed.
    Passed,
    /// An impaired link lost it.
    Lost,
    /// The system refused to send it.
    Refused,
}

/// A packet as it passed between SCTP, or a member of a multicast group, and the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When it passed: the reading of the host's monotonic clock (`CLOCK_MONOTONIC`), which all processes share. An
    /// outgoing packet does not arrive before that.
    pub time: Duration,
    /// The direction.
    pub direction: Direction,
    /// What it is.
    pub carried: Carried,
    /// The source address and UDP port.
    pub source: SocketAddr,
    /// The destination address and UDP port.
    pub destination: SocketAddr,
    /// What became of it.
    pub fate: Fate,
    /// Whether an impaired link flipped a bit in it. `data` has the altered bytes.
    pub corrupted: bool,
    /// The delay of an impaired link, which ended at `time`.
    pub delay: Duration,
    /// The payload of the UDP datagram.
    pub data: &'a [u8],
}

/// The ends of a packet's way, and its direction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    pub(crate) direction: Direction,
    pub(crate) carried: Carried,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
}

impl Course {
    /// Returns the packet that had this passage through an impaired link and passed at `time`.
    pub(crate) fn packet(self, time: Duration, passage: Passage, fate: Fate, data: &[u8]) -> Packet<'_> {
        let Self {
            direction,
            carried,
            source,
            destination,
        } = self;
        Packet {
            time,
            direction,
            carried,
            source,
            destination,
            fate,
            corrupted: passage.flipped.is_some(),
            delay: passage.delay,
            data,
        }
    }
}

/// Reads the host's monotonic clock.
pub(crate) fn host_clock() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    // The kernel returns a normalized time since boot.
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}
