//! The messages that components told of.

use std::collections::VecDeque;

use feed::{Direction, TransportAddress};

use crate::model::ComponentId;

/// The most recent messages, bounded.
#[derive(Debug, Default)]
pub struct MessageLog {
    /// The oldest one first.
    pub records: VecDeque<MessageRecord>,
    /// Messages that have fallen out, or that components left out when they could not write fast enough.
    pub lost: u64,
    /// Number of the next record.
    pub next_number: u64,
}

/// Messages of one direction of an association that only one end has told of so far, by number, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flow {
    /// Told of by the sender alone.
    pub(crate) sent: VecDeque<u64>,
    /// Told of by the receiver alone.
    pub(crate) received: VecDeque<u64>,
}

/// A message as one component told of it. A message between two of our components appears once: as sent, with the time
/// of its receipt added when the receiver tells of it.
#[derive(Debug, Clone)]
pub struct MessageRecord {
    /// Counts the messages of this control centre's life.
    pub number: u64,
    /// When it was sent (or received, if only the receiver told of it), microseconds since the Unix epoch.
    pub at_us: u64,
    /// When its receiver told of it, if it did, microseconds since the Unix epoch.
    pub received_us: Option<u64>,
    /// Who sent it, if known.
    pub from: Option<ComponentId>,
    /// Who received it, if known; none for multicast.
    pub to: Option<ComponentId>,
    /// The other end as an address, for when it is no known component.
    pub remote: TransportAddress,
    /// Whether it went to a multicast group.
    pub multicast: bool,
    /// Who told of it first: its sender or its receiver.
    pub told_by: Direction,
    /// SCTP payload protocol identifier.
    pub ppid: u32,
    /// The message's name in its protocol.
    pub name: String,
    /// A few words on its content.
    pub summary: String,
    /// Bytes of the whole message.
    pub size: u32,
    /// The message, or the beginning of a long one.
    pub bytes: Vec<u8>,
}
