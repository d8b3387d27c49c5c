//! The registrar: keeps the handlespace, serves pool elements and pool users by ASAP (RFC 5352 section 3).

mod event;

use std::net::{IpAddr, SocketAddr};

use wire::parameter::SctpTransport;
use wire::{Ppid, RegistrarIdentifier};

pub use event::{Event, RemovalReason};

use crate::handlespace::Handlespace;
use crate::{AssociationEvent, AssociationId, Config, Core, MulticastGroup, Output, Time};

/// Who a registrar is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its identifier; determined.
    pub identifier: RegistrarIdentifier,
    /// Whether it announces itself by multicast.
    pub announce: bool,
    /// The transport that announcements name. `None` sends the bare form: receivers take the datagram's source (D-07).
    pub announced_transport: Option<SctpTransport>,
    /// Addresses from which pool elements may register; empty admits everybody (RFC 5355: there is no TLS here).
    pub admitted: Vec<IpAddr>,
}

/// A registrar.
#[derive(Debug)]
pub struct Registrar {
    settings: Settings,
    handlespace: Handlespace,
}

impl Registrar {
    /// A registrar that starts to announce itself now.
    #[must_use]
    pub fn new(now: Time, settings: Settings, config: Config, seed: u64) -> Self {
        let _ = (now, config, seed);
        Self {
            settings,
            handlespace: Handlespace::new(),
        }
    }

    /// Leaves in order: shuts all associations down, then [`Event::Stopped`]; after `shutdown_timeout` at the latest.
    pub fn stop(&mut self, now: Time) {
        let _ = now;
    }

    /// Its identifier.
    #[must_use]
    pub const fn identifier(&self) -> RegistrarIdentifier {
        self.settings.identifier
    }

    /// All pools and pool elements it knows.
    #[must_use]
    pub const fn handlespace(&self) -> &Handlespace {
        &self.handlespace
    }

    /// The checksum of the pool elements it owns (RFC 5353 section 3.7.2).
    #[must_use]
    pub fn checksum(&self) -> u16 {
        self.handlespace.checksum(self.settings.identifier)
    }

    /// How many other registrars are being heard.
    #[must_use]
    pub fn registrars_heard(&self) -> usize {
        0
    }
}

impl Core for Registrar {
    type Event = Event;

    fn handle_input(&mut self, _now: Time, _association: AssociationId, _ppid: Ppid, _bytes: &[u8]) {}

    fn handle_datagram(&mut self, _now: Time, _group: MulticastGroup, _source: SocketAddr, _bytes: &[u8]) {}

    fn handle_association(&mut self, _now: Time, _event: AssociationEvent) {}

    fn handle_timeout(&mut self, _now: Time) {}

    fn poll_output(&mut self) -> Option<Output<Event>> {
        None
    }

    fn poll_timeout(&self) -> Option<Time> {
        None
    }
}
