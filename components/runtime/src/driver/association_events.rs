//! Translates the transport's association events for the core and the feed.

use std::net::IpAddr;

use feed::{Event, Protocol};
use protocol::{AssociationEvent, Core, DownCause, Endpoint, Peer, Time};
use tracing::debug;
use transport::Cause;

use super::Driver;
use crate::ComponentProcess;
use crate::component_process::transport_address;

impl<C: ComponentProcess> Driver<C> {
    pub(super) fn handle_up(
        &mut self,
        now: Time,
        id: transport::AssociationId,
        local_port: u16,
        peer: transport::Peer,
        inbound: bool,
    ) {
        let peer = Peer {
            addresses: peer.addresses,
            port: peer.port,
        };
        let association = match self.state.associations.id_of(id) {
            Some(association) => association,
            None if inbound => {
                let endpoint = self.endpoints.listening_on(local_port);
                self.state.associations.add_incoming(id, endpoint, peer.clone())
            }
            // The core has given it up meanwhile.
            None => return self.transport.abort(id),
        };
        let Some(entry) = self.state.associations.entry_mut(association) else {
            return;
        };
        entry.up_since = Some(now);
        entry.peer = peer.clone();
        let endpoint = entry.endpoint;
        debug!("association {} with {peer} is up", association.number());
        self.feed.emit_at(
            now,
            Event::AssociationUp {
                association,
                protocol: match endpoint {
                    Endpoint::Asap => Protocol::Asap,
                    Endpoint::Enrp => Protocol::Enrp,
                    Endpoint::Service => Protocol::Application,
                },
                local: feed::TransportAddress {
                    addresses: self.transport.local_addresses().to_vec(),
                    port: local_port,
                },
                remote: transport_address(&peer),
                inbound,
                peer: None,
            },
        );
        self.component.core().handle_association(
            now,
            AssociationEvent::Up {
                association,
                endpoint,
                peer,
            },
        );
    }

    /// The state of a path changed. An active path is confirmed: the address belongs to the peer.
    pub(super) fn handle_path(
        &mut self,
        now: Time,
        id: transport::AssociationId,
        address: IpAddr,
        works: bool,
    ) {
        let word = if works { "works" } else { "does not work" };
        debug!("{id:?}: the path to {address} {word}");
        let Some(association) = self.state.associations.id_of(id).filter(|_| works) else {
            return;
        };
        if let Some(entry) = self.state.associations.entry_mut(association) {
            entry.peer.add(address);
        }
        let event = AssociationEvent::Confirmed { association, address };
        self.component.core().handle_association(now, event);
    }

    pub(super) fn handle_down(&mut self, now: Time, id: transport::AssociationId, cause: &Cause) {
        let Some(association) = self.state.associations.id_of(id) else {
            return;
        };
        let Some(entry) = self.state.associations.remove(association) else {
            return;
        };
        debug!(
            "association {} with {}: {cause}",
            association.number(),
            entry.peer
        );
        self.event_log.forget(association);
        let cause = down_cause(cause);
        self.feed.emit_at(
            now,
            Event::AssociationDown {
                association,
                remote: transport_address(&entry.peer),
                cause,
            },
        );
        self.component
            .core()
            .handle_association(now, AssociationEvent::Down { association, cause });
    }
}

const fn down_cause(cause: &Cause) -> DownCause {
    match cause {
        Cause::Graceful => DownCause::Graceful,
        Cause::PeerAbort(_) => DownCause::PeerAbort,
        Cause::LocalAbort => DownCause::LocalAbort,
        Cause::Timeout => DownCause::Timeout,
        Cause::Unreachable => DownCause::Unreachable,
        Cause::Refused => DownCause::Refused,
    }
}
