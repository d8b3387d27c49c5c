//! The pool element: registers, stays registered, and serves sessions (RFC 5352 section 3).

mod event;

use std::net::SocketAddr;

use wire::asap::BusinessCard;
use wire::parameter::{Policy, UserTransport};
use wire::{PeIdentifier, PoolHandle, Ppid};

pub use event::Event;

use crate::{AssociationEvent, AssociationId, Config, Core, MulticastGroup, Output, Peer, Time};

/// Who a pool element is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its pool.
    pub pool_handle: PoolHandle,
    /// Its identifier, not 0: random, the same for all its registrations.
    pub identifier: PeIdentifier,
    /// Where pool users find it.
    pub user_transport: UserTransport,
    /// Its policy, with the policy data to begin with.
    pub policy: Policy,
    /// Registrars known from the start; others are learned from announcements.
    pub registrars: Vec<Peer>,
}

/// A pool element.
#[derive(Debug)]
pub struct PoolElement {
    settings: Settings,
}

impl PoolElement {
    /// A pool element that starts to look for a registrar now.
    #[must_use]
    pub fn new(now: Time, settings: Settings, config: Config, seed: u64) -> Self {
        let _ = (now, config, seed);
        Self { settings }
    }

    /// Its identifier.
    #[must_use]
    pub const fn identifier(&self) -> PeIdentifier {
        self.settings.identifier
    }

    /// Its pool.
    #[must_use]
    pub const fn pool_handle(&self) -> &PoolHandle {
        &self.settings.pool_handle
    }

    /// Whether a registrar has confirmed its registration and the association to it is up.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        false
    }

    /// The sessions' associations.
    pub fn sessions(&self) -> impl Iterator<Item = AssociationId> {
        std::iter::empty()
    }

    /// Changes the policy data, such as the load, and registers again; changes in quick succession are merged.
    pub fn set_policy(&mut self, now: Time, policy: Policy) {
        let _ = now;
        self.settings.policy = policy;
    }

    /// Sends application data to a pool user. Ignored if the session has ended, or if `ppid` is ASAP's.
    pub fn send_data(&mut self, now: Time, association: AssociationId, ppid: Ppid, bytes: Vec<u8>) {
        let _ = (now, association, ppid, bytes);
    }

    /// Leaves state with a pool user: how things stand after all data sent to it before. An empty cookie, and one of
    /// more than `max_cookie` bytes, is not sent.
    pub fn send_cookie(&mut self, now: Time, association: AssociationId, cookie: Vec<u8>) {
        let _ = (now, association, cookie);
    }

    /// Tells a pool user where to go should this pool element fail.
    pub fn send_business_card(&mut self, now: Time, association: AssociationId, card: BusinessCard) {
        let _ = (now, association, card);
    }

    /// Ends a session in order: what was sent before still arrives.
    pub fn shutdown_session(&mut self, now: Time, association: AssociationId) {
        let _ = (now, association);
    }

    /// Breaks a session off.
    pub fn abort_session(&mut self, now: Time, association: AssociationId) {
        let _ = (now, association);
    }

    /// Begins to leave in order: takes no new sessions and deregisters, while sessions go on; answered by
    /// [`Event::Deregistered`] after T3 at the latest, at once if there is no registrar.
    pub fn stop(&mut self, now: Time) {
        let _ = now;
    }

    /// Closes everything, in order, without deregistering if [`Self::stop`] was not called; answered by
    /// [`Event::Stopped`] after `shutdown_timeout` at the latest. If the program does not call it within
    /// `shutdown_timeout` of [`Event::Deregistered`], it happens by itself.
    pub fn close(&mut self, now: Time) {
        let _ = now;
    }
}

impl Core for PoolElement {
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
