//! Reports to feed and log: messages, events of the core, and the status.

use std::net::SocketAddr;

use events::Occurrence;
use feed::{Direction, Event};
use protocol::{AssociationId, Core, Peer, Time};
use tracing::{Level, debug};
use wire::{Ppid, describe};

use super::Driver;
use crate::ComponentProcess;
use crate::component_process::transport_address;

impl<C: ComponentProcess> Driver<C> {
    /// Reports a message that was sent or received.
    pub(super) fn report_message(
        &self,
        now: Time,
        direction: Direction,
        association: Option<AssociationId>,
        ppid: Ppid,
        bytes: &[u8],
        datagram: Option<SocketAddr>,
    ) {
        let logged = tracing::enabled!(Level::DEBUG);
        if !logged && !self.feed.is_enabled() {
            return;
        }
        let remote = match (
            datagram,
            association.and_then(|id| self.state.associations.entry(id)),
        ) {
            (Some(address), _) => feed::TransportAddress {
                addresses: vec![address.ip()],
                port: address.port(),
            },
            (None, Some(entry)) => transport_address(&entry.peer),
            (None, None) => return,
        };
        let description = describe(ppid, bytes);
        if logged {
            let word = match direction {
                Direction::Sent => "to",
                Direction::Received => "from",
            };
            let peer = Peer {
                addresses: remote.addresses.clone(),
                port: remote.port,
            };
            debug!("{} {word} {peer}: {}", description.name, description.summary);
        }
        self.feed.message(
            now,
            Event::Message {
                direction,
                association,
                remote,
                ppid,
                name: description.name.into_owned(),
                summary: description.summary,
                size: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            },
            bytes,
        );
    }

    /// Reports an event of the core.
    pub(super) fn report(&mut self, event: &<C::Core as Core>::Event) {
        self.event_log.write(event);
        if let Some((association, peer)) = event.identified() {
            self.with_context(|_, context| context.identify(association, peer));
        }
        if self.component.is_news(event) && self.feed.is_enabled() {
            self.feed.emit_at(self.state.now, event.clone().into());
        }
    }

    /// Writes the status to the feed if it has changed, and starts status reports.
    pub(super) fn report_status(&mut self) {
        let status = self.component.status();
        let changed = self
            .state
            .status
            .as_ref()
            .is_none_or(|last| (last.ready, &last.status) != (status.ready, &status.status));
        if changed {
            self.feed.emit(Event::Status {
                ready: status.ready,
                status: status.status.clone(),
            });
        }
        let first = self.state.status.replace(status).is_none();
        if first {
            self.handle_timers();
        }
    }
}
