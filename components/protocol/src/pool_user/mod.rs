//! The pool user: resolves pool handles and keeps sessions alive across failures of pool elements (RFC 5352 section
//! 3).
//!
//! `resolution` asks registrars, `cache` keeps their responses, `failover` moves sessions from one pool element to
//! the next.

mod cache;
mod failover;
mod resolution;
mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use wire::asap::Message;
use wire::{PeIdentifier, PoolHandle, Ppid, Reaction};

pub use events::pool_user::{
    CandidateSource, Event, FailoverReason, FailoverTimes, ResolutionFailure, SessionId,
};

use cache::Cache;
use resolution::{Home, Request};
use session::{Session, State};

use crate::outbox::Outbox;
use crate::registrar_hunt::RegistrarHunt;
use crate::timers::Timers;
use crate::{AssociationEvent, AssociationId, Config, Core, MulticastGroup, Output, Time, TransportAddress};

/// The maximum number of pool elements kept from a business card.
const LONGEST_CARD: usize = 128;

/// The initial configuration of a pool user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Registrars known from the start; others are learnt from announcements.
    pub registrars: Vec<TransportAddress>,
}

/// A pool user.
#[derive(Debug)]
pub struct PoolUser {
    config: Config,
    phase: Phase,
    rng: Pcg64Mcg,
    outbox: Outbox<Event>,
    timers: Timers<Timer>,
    hunt: RegistrarHunt,
    /// Kept open all the time, so that a failover need not wait for it.
    home: Option<Home>,
    /// Associations to registrars that were replaced and are being shut down.
    former_homes: BTreeSet<AssociationId>,
    requests: BTreeMap<PoolHandle, Request>,
    cache: Cache,
    sessions: BTreeMap<SessionId, Session>,
    by_association: BTreeMap<AssociationId, SessionId>,
    sessions_opened: u32,
    unsent_reports: BTreeSet<(PoolHandle, PeIdentifier)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Active,
    /// Waits for all associations to end.
    Stopping,
    Stopped,
}

/// The purpose of a deadline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// A handle resolution has not been answered.
    T1EnrpRequest(PoolHandle),
    /// An association to a pool element has taken too long to come up.
    Connect(SessionId),
    /// A session must ask again.
    Retry(SessionId),
    /// The maximum duration of a session's graceful shutdown has passed.
    CloseSession(SessionId),
    /// The maximum duration of a graceful shutdown has passed.
    Shutdown,
}

impl PoolUser {
    /// Creates a pool user that begins its server hunt now.
    #[must_use]
    pub fn new(now: Time, settings: Settings, config: Config, seed: u64) -> Self {
        let mut hunt = RegistrarHunt::new(settings.registrars, &config, seed);
        let rng = Pcg64Mcg::seed_from_u64(hunt.seed());
        let mut pool_user = Self {
            cache: Cache::new(config.stale_cache_value),
            config,
            phase: Phase::Active,
            rng,
            outbox: Outbox::new(),
            timers: Timers::new(),
            hunt,
            home: None,
            former_homes: BTreeSet::new(),
            requests: BTreeMap::new(),
            sessions: BTreeMap::new(),
            by_association: BTreeMap::new(),
            sessions_opened: 0,
            unsent_reports: BTreeSet::new(),
        };
        pool_user.start_hunt(now, None);
        pool_user
    }

    /// Opens a session with a pool. It lives until it is closed, whatever happens to pool elements and registrars.
    pub fn open_session(&mut self, now: Time, pool_handle: PoolHandle) -> SessionId {
        self.sessions_opened += 1;
        let id = SessionId(self.sessions_opened);
        self.sessions.insert(id, Session::new(pool_handle));
        if self.is_stopping() {
            self.session_closed(id);
        } else {
            self.seek(now, id);
        }
        id
    }

    /// Returns whether it is connected to a registrar.
    #[must_use]
    pub const fn has_registrar(&self) -> bool {
        self.home.is_some()
    }

    /// Returns the pool element that serves a session and the association to it, between [`Event::SessionUp`] and
    /// [`Event::FailoverStarted`].
    #[must_use]
    pub fn served_by(&self, session: SessionId) -> Option<(PeIdentifier, AssociationId)> {
        match &self.sessions.get(&session)?.state {
            State::Served { target, association } => Some((target.identifier, *association)),
            State::Resolving | State::Waiting | State::Connecting { .. } | State::Closing { .. } => None,
        }
    }

    /// Returns the state cookie with which a session would continue at another pool element.
    #[must_use]
    pub fn cookie(&self, session: SessionId) -> Option<&[u8]> {
        self.sessions.get(&session)?.cookie.as_deref()
    }

    /// Sends application data. Returns `false`, without sending, if no pool element serves the session at the
    /// moment, or if `ppid` is ASAP's.
    pub fn send_data(&mut self, _: Time, session: SessionId, ppid: Ppid, bytes: Vec<u8>) -> bool {
        let served = self.served_by(session).filter(|_| ppid != Ppid::ASAP);
        if let Some((_, association)) = served {
            self.outbox.send(association, ppid, bytes);
        }
        served.is_some()
    }

    /// Fails over because the application found that the pool element no longer works, for this reason. Reports it
    /// as unreachable if `report`. Ignored unless a pool element serves the session.
    pub fn fail_over(&mut self, now: Time, session: SessionId, reason: String, report: bool) {
        let reason = FailoverReason::Application(reason);
        self.leave_pool_element(now, session, reason, report);
    }

    /// Ends a session gracefully; answered by [`Event::SessionClosed`] after `shutdown_timeout` at the latest.
    pub fn close_session(&mut self, now: Time, session: SessionId) {
        let Some(state) = self.sessions.get_mut(&session).map(|session| &mut session.state) else {
            return;
        };
        match *state {
            State::Served { association, .. } => {
                *state = State::Closing { association };
                self.outbox.shutdown(association);
                let deadline = now + self.config.shutdown_timeout;
                self.timers.set(Timer::CloseSession(session), deadline);
            }
            State::Connecting { association, .. } => {
                self.outbox.abort(association);
                self.session_closed(session);
            }
            State::Resolving | State::Waiting => self.session_closed(session),
            State::Closing { .. } => {}
        }
    }

    /// Stops gracefully: closes all sessions, followed by [`Event::Stopped`] after `shutdown_timeout` at the latest.
    pub fn stop(&mut self, now: Time) {
        if self.phase != Phase::Active {
            return;
        }
        self.phase = Phase::Stopping;
        self.hunt.stop(&mut self.outbox);
        let sessions: Vec<SessionId> = self.sessions.keys().copied().collect();
        for session in sessions {
            self.close_session(now, session);
        }
        self.timers.clear_all();
        self.requests.clear();
        if let Some(home) = &self.home {
            self.outbox.shutdown(home.association);
        }
        let deadline = now + self.config.shutdown_timeout;
        self.timers.set(Timer::Shutdown, deadline);
        self.stop_if_alone();
    }

    fn is_stopping(&self) -> bool {
        self.phase != Phase::Active
    }

    fn stop_if_alone(&mut self) {
        let alone = self.home.is_none() && self.sessions.is_empty();
        if self.phase == Phase::Stopping && alone && self.former_homes.is_empty() {
            self.phase = Phase::Stopped;
            self.timers.clear_all();
            self.outbox.event(Event::Stopped);
        }
    }

    fn shutdown_timed_out(&mut self) {
        let home = self.home.take().map(|home| home.association);
        for association in home.into_iter().chain(std::mem::take(&mut self.former_homes)) {
            self.outbox.abort(association);
        }
        let sessions: Vec<SessionId> = self.sessions.keys().copied().collect();
        for session in sessions {
            self.abort_session(session);
        }
        self.stop_if_alone();
    }

    fn abort_session(&mut self, id: SessionId) {
        if let Some(association) = self.sessions.get(&id).and_then(Session::association) {
            self.outbox.abort(association);
        }
        self.session_closed(id);
    }

    fn is_home(&self, association: AssociationId) -> bool {
        self.home.as_ref().map(|home| home.association) == Some(association)
    }

    fn handle_registrar(&mut self, now: Time, association: AssociationId, message: Message) {
        match message {
            Message::HandleResolutionResponse(response) => {
                self.handle_response(now, association, response);
            }
            Message::Error(error) => {
                self.outbox.event(Event::ErrorReceived { association, error });
            }
            other => {
                let why = format!("unexpected {}", other.name());
                self.discarded(Some(association), why);
            }
        }
    }

    fn handle_control(&mut self, association: AssociationId, id: SessionId, message: Message) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let State::Served { target, .. } = &session.state else {
            return;
        };
        let why = match message {
            Message::Cookie(cookie) if cookie.cookie.len() <= self.config.max_cookie => {
                let size = cookie.cookie.len();
                session.cookie = Some(cookie.cookie);
                self.outbox.event(Event::Cookie {
                    session: id,
                    pe_identifier: target.identifier,
                    size,
                });
                return;
            }
            Message::Cookie(cookie) => format!("cookie of {} bytes", cookie.cookie.len()),
            Message::BusinessCard(mut card) if card.pool_handle == session.handle => {
                card.pool_elements.truncate(LONGEST_CARD);
                let elements = card.pool_elements.iter();
                self.outbox.event(Event::BusinessCard {
                    session: id,
                    recommended: elements.map(|element| element.identifier).collect(),
                });
                session.card = card.pool_elements;
                return;
            }
            Message::BusinessCard(card) => format!("business card of {}", card.pool_handle),
            Message::Error(error) => {
                self.outbox.event(Event::ErrorReceived { association, error });
                return;
            }
            other => format!("{} on the control channel", other.name()),
        };
        self.discarded(Some(association), why);
    }

    fn handle_data(&mut self, now: Time, id: SessionId, ppid: Ppid, bytes: &[u8]) {
        if let Some((pe_identifier, _)) = self.served_by(id) {
            let session = self.sessions.get_mut(&id);
            if let Some((times, responding)) = session.and_then(|session| session.data_came(now)) {
                self.outbox.event(Event::FailoverComplete {
                    session: id,
                    to: pe_identifier,
                    times,
                    responding,
                });
            }
            self.outbox.event(Event::Data {
                session: id,
                pe_identifier,
                ppid,
                bytes: bytes.to_vec(),
            });
        }
    }

    fn discarded(&mut self, association: Option<AssociationId>, why: impl Into<String>) {
        let why = why.into();
        self.outbox.event(Event::Discarded { association, why });
    }
}

impl Core for PoolUser {
    type Event = Event;

    fn handle_input(&mut self, now: Time, association: AssociationId, ppid: Ppid, bytes: &[u8]) {
        let session = self.session_of(association);
        if let Some(id) = session.filter(|_| ppid != Ppid::ASAP) {
            self.handle_data(now, id, ppid, bytes);
            return;
        }
        if session.is_none() && !self.is_home(association) {
            return;
        }
        if ppid != Ppid::ASAP {
            self.discarded(Some(association), format!("{ppid} from a registrar"));
            return;
        }
        match Message::decode(bytes) {
            Ok(decoded) => {
                let is_error = matches!(decoded.message, Message::Error(_));
                match session {
                    Some(id) => self.handle_control(association, id, decoded.message),
                    None => self.handle_registrar(now, association, decoded.message),
                }
                if !is_error {
                    self.outbox.report(association, decoded.report);
                }
            }
            Err(rejection) => {
                self.discarded(Some(association), rejection.to_string());
                if let Reaction::Report(causes) = rejection.reaction {
                    self.outbox.report(association, causes);
                }
            }
        }
    }

    fn handle_datagram(&mut self, now: Time, group: MulticastGroup, source: SocketAddr, bytes: &[u8]) {
        if self.is_stopping() || group != MulticastGroup::Asap {
            return;
        }
        match Message::decode(bytes).map(|decoded| decoded.message) {
            Ok(Message::ServerAnnounce(announcement)) => {
                self.hunt
                    .handle_announcement(now, source, &announcement, &mut self.outbox);
                self.identify_home_by_announcement();
            }
            Ok(other) => self.discarded(None, format!("{} by multicast", other.name())),
            Err(rejection) => self.discarded(None, rejection.to_string()),
        }
    }

    fn handle_association(&mut self, now: Time, event: AssociationEvent) {
        match event {
            AssociationEvent::Up { association, .. } => {
                if association.is_incoming() {
                    // A pool user accepts no associations.
                    self.outbox.abort(association);
                } else if let Some(peer) = self.hunt.handle_up(association, &mut self.outbox) {
                    self.registrar_connected(now, association, peer);
                } else if let Some(id) = self.session_of(association) {
                    self.connected(now, id);
                }
            }
            AssociationEvent::Confirmed { .. } => {}
            AssociationEvent::Restarted { association } => {
                if self.is_home(association) {
                    self.home_restarted(now);
                } else if let Some(id) = self.session_of(association) {
                    self.leave_pool_element(now, id, FailoverReason::Restarted, false);
                }
            }
            AssociationEvent::Down { association, cause } => {
                if self.is_home(association) {
                    self.home_lost(now, cause);
                } else if let Some(id) = self.by_association.remove(&association) {
                    self.association_down(now, id, cause);
                } else if !self.former_homes.remove(&association) {
                    self.hunt.handle_down(now, association, &mut self.outbox);
                }
                self.stop_if_alone();
            }
        }
    }

    fn handle_timeout(&mut self, now: Time) {
        if let Some(failed) = self.hunt.handle_timeout(now, &mut self.outbox) {
            self.outbox.event(Event::HuntFailed {
                rounds: failed.rounds,
                next_round: failed.next_round,
            });
        }
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::T1EnrpRequest(handle) => self.request_timed_out(now, handle),
                Timer::Connect(session) => self.connect_timed_out(now, session),
                Timer::Retry(session) => self.seek(now, session),
                Timer::CloseSession(session) => self.abort_session(session),
                Timer::Shutdown => self.shutdown_timed_out(),
            }
        }
    }

    fn poll_output(&mut self) -> Option<Output<Event>> {
        self.outbox.poll()
    }

    fn poll_timeout(&self) -> Option<Time> {
        let hunt = self.hunt.poll_timeout().into_iter();
        hunt.chain(self.timers.next()).min()
    }
}
