//! The associations of a component: their two identifiers, their ends, and their send queues.

use std::collections::{BTreeMap, VecDeque};

use protocol::{AssociationId, Endpoint, Peer, Time};
use transport::Message;

/// All associations, by the core's identifier and by the transport's.
#[derive(Debug, Default)]
pub(crate) struct Associations {
    entries: BTreeMap<AssociationId, Association>,
    by_transport: BTreeMap<u64, AssociationId>,
    incoming: u64,
}

/// One association.
#[derive(Debug)]
pub(crate) struct Association {
    pub(crate) transport: transport::AssociationId,
    pub(crate) endpoint: Endpoint,
    pub(crate) peer: Peer,
    pub(crate) inbound: bool,
    /// When it came up.
    pub(crate) up_since: Option<Time>,
    /// The component at the other end.
    pub(crate) component: Option<feed::ComponentIdentity>,
    /// PPID of the last message that was sent, for status reports.
    pub(crate) last_ppid: u32,
    /// Messages that the transport has not accepted yet.
    queue: VecDeque<Message>,
    /// The size of the queue in bytes.
    queued: usize,
    /// Whether to shut it down once the queue is empty.
    closing: bool,
}

/// The maximum number of bytes queued for one association beyond the transport's buffer. More means that the peer
/// does not read.
const LONGEST_QUEUE: usize = 1 << 20;

/// The result of sending messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The transport has accepted them, or they are queued.
    Accepted,
    /// The transport permanently refuses them.
    Refused,
    /// The queue is full: the association must be aborted.
    Overflow,
}

impl Associations {
    /// Adds an association that the core opens.
    pub(crate) fn add_outgoing(
        &mut self,
        id: AssociationId,
        transport: transport::AssociationId,
        endpoint: Endpoint,
        peer: Peer,
    ) {
        self.insert(id, transport, endpoint, peer, false);
    }

    /// Adds an association that a peer opened, and assigns its identifier.
    pub(crate) fn add_incoming(
        &mut self,
        transport: transport::AssociationId,
        endpoint: Endpoint,
        peer: Peer,
    ) -> AssociationId {
        self.incoming += 1;
        let id = AssociationId::incoming(self.incoming);
        self.insert(id, transport, endpoint, peer, true);
        id
    }

    fn insert(
        &mut self,
        id: AssociationId,
        transport: transport::AssociationId,
        endpoint: Endpoint,
        peer: Peer,
        inbound: bool,
    ) {
        self.by_transport.insert(transport.number(), id);
        let association = Association {
            transport,
            endpoint,
            peer,
            inbound,
            up_since: None,
            component: None,
            last_ppid: 0,
            queue: VecDeque::new(),
            queued: 0,
            closing: false,
        };
        self.entries.insert(id, association);
    }

    pub(crate) fn remove(&mut self, id: AssociationId) -> Option<Association> {
        let association = self.entries.remove(&id)?;
        self.by_transport.remove(&association.transport.number());
        Some(association)
    }

    pub(crate) fn id_of(&self, transport: transport::AssociationId) -> Option<AssociationId> {
        self.by_transport.get(&transport.number()).copied()
    }

    pub(crate) fn entry(&self, id: AssociationId) -> Option<&Association> {
        self.entries.get(&id)
    }

    pub(crate) fn entry_mut(&mut self, id: AssociationId) -> Option<&mut Association> {
        self.entries.get_mut(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Association> {
        self.entries.values()
    }

    pub(crate) fn is_writable(&self, id: AssociationId) -> bool {
        self.entries
            .get(&id)
            .is_some_and(|association| association.queue.is_empty())
    }

    /// Sets the component at the other end. Returns whether it changed.
    pub(crate) fn identify(&mut self, id: AssociationId, component: feed::ComponentIdentity) -> bool {
        match self.entries.get_mut(&id) {
            Some(association) => association.component.replace(component) != Some(component),
            None => false,
        }
    }
}

impl Association {
    /// Sends consecutive messages, after those in the queue.
    pub(crate) fn send(&mut self, transport: &transport::Transport, messages: Vec<Message>) -> Sent {
        if self.closing {
            return Sent::Refused;
        }
        self.last_ppid = messages.last().map_or(self.last_ppid, |message| message.ppid);
        let waits = !self.queue.is_empty();
        self.queued += messages.iter().map(|message| message.data.len()).sum::<usize>();
        self.queue.extend(messages);
        let refused = !waits && !self.hand_over(transport);
        if self.queued > LONGEST_QUEUE {
            // It will be aborted.
            self.closing = true;
            self.queue.clear();
            Sent::Overflow
        } else if refused {
            Sent::Refused
        } else {
            Sent::Accepted
        }
    }

    /// Passes queued messages to the transport as far as it has room. Returns false if it permanently refuses any of
    /// them.
    fn hand_over(&mut self, transport: &transport::Transport) -> bool {
        let mut good = true;
        loop {
            match transport.send_all(self.transport, &mut self.queue) {
                Ok(_) => break,
                Err(transport::SendError::Closed) => {
                    self.queue.clear();
                    good = false;
                    break;
                }
                // Only this message is affected.
                Err(_) => good = false,
            }
        }
        self.queued = self.queue.iter().map(|message| message.data.len()).sum();
        good
    }

    /// Sends queued messages as far as there is room. Returns whether the queue is empty.
    pub(crate) fn flush(&mut self, transport: &transport::Transport) -> bool {
        self.hand_over(transport);
        if !self.queue.is_empty() {
            return false;
        }
        if self.closing {
            transport.shutdown(self.transport);
        }
        true
    }

    /// Shuts the association down once all messages have been passed to the transport.
    pub(crate) fn shutdown(&mut self, transport: &transport::Transport) {
        self.closing = true;
        self.flush(transport);
    }
}
