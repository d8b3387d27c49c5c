//! The messages that components report.

mod record;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use events::AssociationId;
use feed::{ComponentRole, Direction, Protocol, Timestamp, TransportAddress};
use serde::{Deserialize, Serialize};
use wire::Ppid;

use crate::{ComponentId, Model, bounded};

pub use record::{MessageDelta, MessageRebuild};

/// The most recent messages, bounded.
#[derive(Debug, Clone, Default)]
pub struct MessageLog {
    /// The records, the oldest first; their numbers are consecutive. Shared, so that who is reading some of them can keep
    /// them when they are evicted here.
    pub records: VecDeque<Arc<MessageRecord>>,
    /// Messages that have been evicted, or that components left out when they could not write fast enough.
    pub lost: u64,
    /// The number of the next record.
    pub next_number: u64,
    /// The memory that the records take, in bytes.
    pub(crate) kept_bytes: usize,
}

/// Messages in one direction of an association that only one end has reported so far, by number, in order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// Reported by the sender alone.
    #[serde(deserialize_with = "bounded::list::<{ Flow::WAITING }, _, _>")]
    pub(crate) sent: VecDeque<u64>,
    /// Reported by the receiver alone.
    #[serde(deserialize_with = "bounded::list::<{ Flow::WAITING }, _, _>")]
    pub(crate) received: VecDeque<u64>,
}

/// A message as reported. A message between two of our components appears once: as sent, with the receive time added
/// when the receiver reports it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MessageRecord {
    /// Its sequence number in this control centre.
    pub number: u64,
    /// When it was sent, or when it was received if only the receiver has reported it.
    pub at: Timestamp,
    /// When it was received, if its receiver has reported it.
    pub received: Option<Timestamp>,
    /// The sender, if known.
    pub from: Option<ComponentId>,
    /// The receiver, if known; `None` for multicast.
    pub to: Option<ComponentId>,
    /// The transport address of the other end, for when that is not a known component.
    pub remote: TransportAddress,
    /// Whether it went to a multicast group.
    pub multicast: bool,
    /// Which end reported it first.
    pub told_by: Direction,
    /// SCTP payload protocol identifier.
    pub ppid: Ppid,
    /// The message's name in its protocol.
    pub name: String,
    /// A short description of its content.
    pub summary: String,
    /// The size of the whole message in bytes.
    pub size: u32,
    /// The message, or the beginning of a long one.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// Returns the purpose of messages with this payload protocol identifier.
#[must_use]
pub fn protocol(ppid: Ppid) -> Protocol {
    match ppid {
        Ppid::ASAP => Protocol::Asap,
        Ppid::ENRP => Protocol::Enrp,
        _ => Protocol::Application,
    }
}

/// What a component reports about a message.
pub(crate) struct MessageReport {
    pub(crate) direction: Direction,
    pub(crate) association: Option<AssociationId>,
    pub(crate) remote: TransportAddress,
    pub(crate) ppid: Ppid,
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) size: u32,
    pub(crate) bytes: Vec<u8>,
}

impl MessageLog {
    /// The maximum number of records that are kept.
    pub const RECORDS: usize = 20_000;
    /// The maximum memory of all records together, in bytes.
    pub const BYTES: usize = 64 << 20;
    /// The maximum number of bytes of one message that are kept.
    const BYTES_EACH: usize = 64 << 10;
    /// The maximum length of a name, in bytes.
    const NAME: usize = 200;
    /// The maximum length of a summary, in bytes.
    const SUMMARY: usize = 1_000;
    /// The maximum number of addresses of the other end.
    const ADDRESSES: usize = 8;

    /// Returns the record with this number while it is kept.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&MessageRecord> {
        self.shared(number).map(Arc::as_ref)
    }

    /// Returns the record with this number while it is kept, to be kept longer.
    #[must_use]
    pub fn shared(&self, number: u64) -> Option<&Arc<MessageRecord>> {
        self.position(number).and_then(|at| self.records.get(at))
    }

    fn position(&self, number: u64) -> Option<usize> {
        let oldest = self.records.front()?.number;
        usize::try_from(number.checked_sub(oldest)?).ok()
    }

    fn push(&mut self, mut record: MessageRecord) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        record.number = number;
        self.kept_bytes += record.memory();
        self.records.push_back(Arc::new(record));
        self.evict();
        number
    }

    /// Removes the oldest records for which there is no room.
    fn evict(&mut self) {
        while self.records.len() > Self::RECORDS || self.kept_bytes > Self::BYTES {
            let Some(oldest) = self.records.pop_front() else {
                break;
            };
            self.kept_bytes = self.kept_bytes.saturating_sub(oldest.memory());
            self.lost = self.lost.saturating_add(1);
        }
    }

    /// Changes a record. Who shares it keeps it as it was.
    fn amend(&mut self, position: usize, change: impl FnOnce(&mut MessageRecord)) {
        if let Some(record) = self.records.get_mut(position) {
            self.kept_bytes = self.kept_bytes.saturating_sub(record.memory());
            let record = Arc::make_mut(record);
            change(record);
            self.kept_bytes += record.memory();
        }
    }

    /// Removes the first message that matches the report from a queue, together with those before it: both ends see
    /// the messages of an association in the same order, so these will not be reported any more.
    fn take_matching(&self, queue: &mut VecDeque<u64>, report: &MessageReport) -> Option<usize> {
        let oldest = self.records.front()?.number;
        while queue.front().is_some_and(|number| *number < oldest) {
            queue.pop_front();
        }
        let found = queue.iter().take(Flow::LOOK).position(|number| {
            self.get(*number).is_some_and(|record| {
                record.size == report.size && record.ppid == report.ppid && record.name == report.name
            })
        })?;
        let number = queue.drain(..=found).next_back()?;
        self.position(number)
    }
}

impl MessageReport {
    fn shorten(&mut self) {
        super::shorten(&mut self.name, MessageLog::NAME);
        super::shorten(&mut self.summary, MessageLog::SUMMARY);
        super::shorten_list(&mut self.remote.addresses, MessageLog::ADDRESSES);
        super::shorten_list(&mut self.bytes, MessageLog::BYTES_EACH);
    }
}

impl MessageRecord {
    /// The maximum memory of a record, with the ellipses of what was shortened.
    const MOST_MEMORY: usize = size_of::<Self>()
        + MessageLog::ADDRESSES * size_of::<IpAddr>()
        + MessageLog::NAME
        + MessageLog::SUMMARY
        + 2 * '…'.len_utf8()
        + MessageLog::BYTES_EACH;

    /// Returns the memory that the record takes, in bytes. Capacities do not count: those of a copy are others, and it has
    /// to be evicted at the same time.
    pub(crate) fn memory(&self) -> usize {
        let addresses = self.remote.addresses.len() * size_of::<IpAddr>();
        let texts = self.name.len() + self.summary.len();
        size_of::<Self>() + addresses + texts + self.bytes.len()
    }
}

impl Flow {
    /// The maximum number of messages waiting for a report by the other end.
    const WAITING: usize = 512;
    /// The search depth within a queue; the ends differ only where one of them left out events.
    const LOOK: usize = 64;

    fn wait(queue: &mut VecDeque<u64>, number: u64) {
        if queue.len() == Self::WAITING {
            queue.pop_front();
        }
        queue.push_back(number);
    }
}

impl Model {
    /// Returns the purpose of a message. ASAP between a pool user and a pool element is the control channel of their
    /// application association.
    #[must_use]
    pub fn protocol_of(&self, record: &MessageRecord) -> Protocol {
        let registrar = |id: Option<ComponentId>| {
            id.and_then(|id| self.components.get(&id))
                .is_some_and(|component| component.role() == ComponentRole::Registrar)
        };
        match protocol(record.ppid) {
            Protocol::Asap if !record.multicast && !registrar(record.from) && !registrar(record.to) => {
                Protocol::Application
            }
            protocol => protocol,
        }
    }

    /// A component sent or received a message.
    pub(crate) fn message(&mut self, id: ComponentId, at: Timestamp, mut report: MessageReport) {
        report.shorten();
        let key = report
            .association
            .and_then(|number| self.index.ends.get(id, number));
        let association = key.and_then(|key| self.associations.get_mut(key));
        let other = match &association {
            Some(association) => association.ends[1 - association.position(id)],
            None => self.index.at_address(&report.remote),
        };
        let multicast = report.association.is_none();
        let received = report.direction == Direction::Received;
        if multicast && received && other.is_some() {
            // The sender reports it, once for all receivers.
            return;
        }
        let other_lives = other
            .and_then(|other| self.components.get(&other))
            .is_some_and(|component| component.process.is_alive());
        let (from, to) = match report.direction {
            Direction::Sent => (Some(id), other.filter(|_| !multicast)),
            Direction::Received => (other, Some(id)),
        };
        let Some(association) = association else {
            self.messages.push(record(at, from, to, multicast, report));
            return;
        };
        association.last_message = association.last_message.max(at);
        let here = association.position(id);
        let flow = &mut association.flows[if received { 1 - here } else { here }];
        if received {
            if let Some(position) = self.messages.take_matching(&mut flow.sent, &report) {
                self.messages.amend(position, |known| {
                    known.received = Some(at);
                    known.to = to;
                });
                return;
            }
            association.messages += 1;
            let number = self.messages.push(record(at, from, to, multicast, report));
            if other_lives {
                Flow::wait(&mut flow.received, number);
            }
        } else {
            if let Some(position) = self.messages.take_matching(&mut flow.received, &report) {
                self.messages.amend(position, |known| {
                    known.received = Some(known.at);
                    known.at = at;
                    known.from = from;
                    known.told_by = Direction::Sent;
                    known.remote = report.remote;
                });
                return;
            }
            association.messages += 1;
            let number = self.messages.push(record(at, from, to, multicast, report));
            Flow::wait(&mut flow.sent, number);
        }
    }

    /// A component left out events: matching its messages with those of the other ends starts afresh.
    pub(crate) fn messages_dropped(&mut self, id: ComponentId, events: u64) {
        self.messages.lost = self.messages.lost.saturating_add(events);
        for (_, key) in self.index.ends.of(id) {
            if let Some(association) = self.associations.get_mut(key) {
                association.flows = Default::default();
            }
        }
    }
}

fn record(
    at: Timestamp,
    from: Option<ComponentId>,
    to: Option<ComponentId>,
    multicast: bool,
    report: MessageReport,
) -> MessageRecord {
    MessageRecord {
        number: 0,
        at,
        received: None,
        from,
        to,
        remote: report.remote,
        multicast,
        told_by: report.direction,
        ppid: report.ppid,
        name: report.name,
        summary: report.summary,
        size: report.size,
        bytes: report.bytes,
    }
}
