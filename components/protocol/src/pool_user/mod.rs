//! The pool user: resolves pool handles and keeps sessions alive across failures of pool elements (RFC 5352 section 3).

mod event;

use std::net::SocketAddr;

use wire::{PeIdentifier, PoolHandle, Ppid};

pub use event::{CandidateSource, Event, FailoverReason, FailoverTimes, ResolutionFailure, SessionId};

use crate::{AssociationEvent, AssociationId, Config, Core, MulticastGroup, Output, Peer, Time};

/// What a pool user knows to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Registrars known from the start; others are learned from announcements.
    pub registrars: Vec<Peer>,
}

/// A pool user.
#[derive(Debug)]
pub struct PoolUser {}

impl PoolUser {
    /// A pool user that starts to look for a registrar now.
    #[must_use]
    pub fn new(now: Time, settings: Settings, config: Config, seed: u64) -> Self {
        let _ = (now, settings, config, seed);
        Self {}
    }

    /// Opens a session with a pool. It lives until it is closed, whatever happens to pool elements and registrars.
    pub fn open_session(&mut self, now: Time, pool_handle: PoolHandle) -> SessionId {
        let _ = (now, pool_handle);
        SessionId(0)
    }

    /// The pool element that serves a session and the association to it, between [`Event::SessionUp`] and
    /// [`Event::FailoverStarted`].
    #[must_use]
    pub fn served_by(&self, session: SessionId) -> Option<(PeIdentifier, AssociationId)> {
        let _ = session;
        None
    }

    /// Sends application data. `false` if no pool element serves the session at the moment, or if `ppid` is ASAP's;
    /// then nothing was sent.
    pub fn send_data(&mut self, now: Time, session: SessionId, ppid: Ppid, bytes: Vec<u8>) -> bool {
        let _ = (now, session, ppid, bytes);
        false
    }

    /// The application finds that the pool element no longer does its work, in these words: reports it as unreachable
    /// if `report`, and fails over. Ignored unless a pool element serves the session.
    pub fn fail_over(&mut self, now: Time, session: SessionId, reason: String, report: bool) {
        let _ = (now, session, reason, report);
    }

    /// Ends a session in order; answered by [`Event::SessionClosed`].
    pub fn close_session(&mut self, now: Time, session: SessionId) {
        let _ = (now, session);
    }

    /// Leaves in order: closes all sessions, then [`Event::Stopped`]; after `shutdown_timeout` at the latest.
    pub fn stop(&mut self, now: Time) {
        let _ = now;
    }
}

impl Core for PoolUser {
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
