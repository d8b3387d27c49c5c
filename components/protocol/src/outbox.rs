//! The pending outputs of a core.

use std::collections::VecDeque;

use wire::asap::{Error, Message};
use wire::enrp;
use wire::parameter::ErrorCause;
use wire::{Ppid, RegistrarIdentifier};

use crate::{AssociationId, Endpoint, MulticastGroup, Output, TransportAddress};

/// The maximum size of offending data in an error message, in bytes; longer information is left out.
const LONGEST_REPORT: usize = 16 * 1024;

/// Outputs in order, and the identifiers of associations that were opened.
#[derive(Debug)]
pub(crate) struct Outbox<Event> {
    queue: VecDeque<Output<Event>>,
    opened: u64,
}

impl<Event> Outbox<Event> {
    pub(crate) const fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            opened: 0,
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Output<Event>> {
        self.queue.pop_front()
    }

    pub(crate) fn connect(&mut self, endpoint: Endpoint, peer: TransportAddress) -> AssociationId {
        let association = AssociationId::outgoing(self.opened);
        self.opened += 1;
        self.queue.push_back(Output::Connect {
            association,
            endpoint,
            peer,
        });
        association
    }

    pub(crate) fn send(&mut self, association: AssociationId, ppid: Ppid, bytes: Vec<u8>) {
        self.queue.push_back(Output::Send {
            association,
            ppid,
            bytes,
        });
    }

    pub(crate) fn send_asap(&mut self, association: AssociationId, message: &Message) {
        self.send(association, Ppid::ASAP, message.encode());
    }

    pub(crate) fn send_enrp(
        &mut self,
        association: AssociationId,
        sender: RegistrarIdentifier,
        receiver: RegistrarIdentifier,
        body: enrp::Body,
    ) {
        let message = enrp::Message {
            sender,
            receiver,
            body,
        };
        self.send(association, Ppid::ENRP, message.encode());
    }

    /// Returns the error causes in an ASAP_ERROR, if there are any.
    pub(crate) fn report(&mut self, association: AssociationId, causes: Vec<ErrorCause>) {
        let causes = sendable(causes);
        if !causes.is_empty() {
            self.send_asap(association, &Message::Error(Error { causes }));
        }
    }

    /// Returns the error causes in an ENRP_ERROR, if there are any.
    pub(crate) fn report_enrp(
        &mut self,
        association: AssociationId,
        sender: RegistrarIdentifier,
        receiver: RegistrarIdentifier,
        causes: Vec<ErrorCause>,
    ) {
        let causes = sendable(causes);
        if !causes.is_empty() {
            self.send_enrp(association, sender, receiver, enrp::Body::Error(causes));
        }
    }

    pub(crate) fn shutdown(&mut self, association: AssociationId) {
        self.queue.push_back(Output::Shutdown { association });
    }

    pub(crate) fn abort(&mut self, association: AssociationId) {
        self.queue.push_back(Output::Abort { association });
    }

    pub(crate) fn multicast(&mut self, group: MulticastGroup, bytes: Vec<u8>) {
        self.queue.push_back(Output::Multicast { group, bytes });
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.queue.push_back(Output::Event(event));
    }
}

/// Returns as many of the causes as fit into an error message.
fn sendable(mut causes: Vec<ErrorCause>) -> Vec<ErrorCause> {
    let mut room = LONGEST_REPORT;
    causes.retain_mut(|cause| {
        // Four bytes of header, and at most three bytes of padding.
        if cause.information.len() + 7 > room {
            cause.information.clear();
        }
        let size = cause.information.len() + 7;
        let fits = size <= room;
        room -= if fits { size } else { 0 };
        fits
    });
    causes
}
