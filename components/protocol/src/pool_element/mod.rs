//! The pool element: registers, re-registers, and serves sessions (RFC 5352 section 3).
//!
//! `registration` contains the life cycle with a registrar, `membership` leaving the pool and joining it again, and
//! `service` the sessions with pool users.

mod membership;
mod registration;
mod service;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use wire::asap::Message;
use wire::parameter::{Policy, UserTransport};
use wire::{PeIdentifier, PoolHandle, Ppid, Reaction, Rejection};

pub use events::pool_element::Event;

use registration::Home;
use service::Session;

use crate::outbox::Outbox;
use crate::registrar_hunt::RegistrarHunt;
use crate::timers::Timers;
use crate::{
    AssociationEvent, AssociationId, Config, Core, Endpoint, MulticastGroup, Output, Time, TransportAddress,
};

/// The maximum number of registrars with associations to a pool element: registrars that take over open them, but
/// more than this at a time are implausible.
const MOST_FOREIGN_REGISTRARS: usize = 16;

/// The identity and configuration of a pool element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its pool handle.
    pub pool_handle: PoolHandle,
    /// Its identifier, not 0: random, the same for all its registrations.
    pub identifier: PeIdentifier,
    /// Its transport address for pool users.
    pub user_transport: UserTransport,
    /// Its policy with the initial policy data.
    pub policy: Policy,
    /// Registrars known from the start; others are learnt from announcements.
    pub registrars: Vec<TransportAddress>,
}

/// A pool element.
#[derive(Debug)]
pub struct PoolElement {
    settings: Settings,
    config: Config,
    phase: Phase,
    outbox: Outbox<Event>,
    timers: Timers<Timer>,
    hunt: RegistrarHunt,
    home: Option<Home>,
    /// The number of unanswered registrations in a row.
    attempts: u32,
    /// Associations that registrars opened, except to the home registrar.
    foreign: BTreeMap<AssociationId, TransportAddress>,
    sessions: BTreeMap<AssociationId, Session>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Registers, and accepts sessions.
    Active,
    /// Leaves the pool, and accepts sessions of pool users that have heard of it before. Goes on until a registrar
    /// has confirmed the deregistration.
    Leaving {
        /// Whether to join the pool again as soon as it has left.
        returning: bool,
    },
    /// Has left the pool; otherwise like `Leaving`.
    Outside,
    /// Waits for the response to its deregistration; sessions continue.
    Deregistering,
    /// Sessions continue until the application has sent its last data.
    Deregistered,
    /// Waits for all associations to end.
    Closing,
    Stopped,
}

/// The purpose of a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// A registration has not been answered.
    T2Registration,
    /// A deregistration has not been answered.
    T3Deregistration,
    /// It is time to register again.
    T4Reregistration,
    /// Merged changes are due, or a refused registration may be retried.
    Postponed,
    /// The application has had enough time to send its last data.
    LastWords,
    /// The maximum duration of a graceful shutdown has passed.
    Shutdown,
}

impl Phase {
    /// Returns whether it serves pool users, with or without a registration.
    const fn is_in_service(self) -> bool {
        matches!(self, Self::Active | Self::Leaving { .. } | Self::Outside)
    }
}

impl PoolElement {
    /// Creates a pool element that begins its server hunt now.
    #[must_use]
    pub fn new(now: Time, settings: Settings, config: Config, seed: u64) -> Self {
        let hunt = RegistrarHunt::new(settings.registrars.clone(), &config, seed);
        let mut pool_element = Self {
            settings,
            config,
            phase: Phase::Active,
            outbox: Outbox::new(),
            timers: Timers::new(),
            hunt,
            home: None,
            attempts: 0,
            foreign: BTreeMap::new(),
            sessions: BTreeMap::new(),
        };
        pool_element.start_hunt(now, None);
        pool_element
    }

    /// Returns its identifier.
    #[must_use]
    pub const fn identifier(&self) -> PeIdentifier {
        self.settings.identifier
    }

    /// Returns its pool handle.
    #[must_use]
    pub const fn pool_handle(&self) -> &PoolHandle {
        &self.settings.pool_handle
    }

    /// Returns whether a registrar has confirmed its registration and the association to it is up.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.phase == Phase::Active && self.home.as_ref().is_some_and(Home::has_confirmed)
    }

    /// Returns the associations of the sessions.
    pub fn sessions(&self) -> impl Iterator<Item = AssociationId> {
        self.sessions.keys().copied()
    }

    /// Begins to stop gracefully: accepts no new sessions and deregisters, while sessions continue. Answered by
    /// [`Event::Deregistered`] after T3 at the latest, or immediately if there is no registrar or the pool element has
    /// left the pool.
    pub fn stop(&mut self, now: Time) {
        let before = self.phase;
        if !before.is_in_service() {
            return;
        }
        self.hunt.stop(&mut self.outbox);
        self.timers.clear_all();
        self.phase = Phase::Deregistering;
        match before {
            Phase::Outside => self.deregistered(now, true),
            Phase::Leaving { .. } => self.await_deregistration(now),
            _ => self.deregister(now),
        }
    }

    /// Closes everything gracefully, without deregistering if [`Self::stop`] was not called. Answered by
    /// [`Event::Stopped`] after `shutdown_timeout` at the latest. Happens automatically if not called within
    /// `shutdown_timeout` of [`Event::Deregistered`].
    pub fn close(&mut self, now: Time) {
        if matches!(self.phase, Phase::Closing | Phase::Stopped) {
            return;
        }
        self.phase = Phase::Closing;
        self.hunt.stop(&mut self.outbox);
        self.timers.clear_all();
        self.timers
            .set(Timer::Shutdown, now + self.config.shutdown_timeout);
        for association in self.associations() {
            self.outbox.shutdown(association);
        }
        self.stop_if_alone();
    }

    fn associations(&self) -> Vec<AssociationId> {
        let home = self.home.iter().map(Home::association);
        let foreign = self.foreign.keys().copied();
        home.chain(foreign).chain(self.sessions()).collect()
    }

    fn stop_if_alone(&mut self) {
        if self.phase == Phase::Closing && self.associations().is_empty() {
            self.phase = Phase::Stopped;
            self.timers.clear_all();
            self.outbox.event(Event::Stopped);
        }
    }

    fn shutdown_timed_out(&mut self) {
        for association in self.associations() {
            self.outbox.abort(association);
        }
        self.home = None;
        self.foreign.clear();
        self.sessions.clear();
        self.stop_if_alone();
    }

    fn handle_up(
        &mut self,
        now: Time,
        association: AssociationId,
        endpoint: Endpoint,
        peer: TransportAddress,
    ) {
        if !association.is_incoming() {
            // Attempts that the hunt has given up have already been aborted.
            if let Some(peer) = self.hunt.handle_up(association, &mut self.outbox) {
                self.registrar_connected(now, association, peer);
            }
            return;
        }
        let welcome = self.phase.is_in_service()
            && match endpoint {
                Endpoint::Asap => true,
                Endpoint::Service => self.sessions.len() < self.config.max_associations,
                Endpoint::Enrp => false,
            };
        if !welcome {
            self.outbox.abort(association);
        } else if endpoint == Endpoint::Asap {
            // The oldest one has had enough time to state its purpose.
            if self.foreign.len() >= MOST_FOREIGN_REGISTRARS
                && let Some((oldest, _)) = self.foreign.pop_first()
            {
                self.outbox.abort(oldest);
            }
            self.foreign.insert(association, peer);
        } else {
            self.start_session(association, peer);
        }
    }

    fn is_home(&self, association: AssociationId) -> bool {
        self.home.as_ref().map(Home::association) == Some(association)
    }

    fn handle_rejection(&mut self, association: AssociationId, rejection: Rejection) {
        self.discarded(Some(association), rejection.to_string());
        if let Reaction::Report(causes) = rejection.reaction {
            self.outbox.report(association, causes);
        }
    }

    fn discarded(&mut self, association: Option<AssociationId>, why: impl Into<String>) {
        let why = why.into();
        self.outbox.event(Event::Discarded { association, why });
    }
}

impl Core for PoolElement {
    type Event = Event;

    fn handle_input(&mut self, now: Time, association: AssociationId, ppid: Ppid, bytes: &[u8]) {
        let is_session = self.sessions.contains_key(&association);
        let from_registrar = self.is_home(association) || self.foreign.contains_key(&association);
        if is_session && ppid != Ppid::ASAP {
            let bytes = bytes.to_vec();
            self.outbox.event(Event::Data {
                association,
                ppid,
                bytes,
            });
            return;
        }
        if !is_session && !from_registrar {
            return;
        }
        if ppid != Ppid::ASAP {
            self.discarded(Some(association), format!("{ppid} on the ASAP endpoint"));
            return;
        }
        match Message::decode(bytes) {
            Ok(decoded) => {
                let is_error = matches!(decoded.message, Message::Error(_));
                if is_session {
                    self.handle_control(association, decoded.message);
                } else {
                    self.handle_registrar(now, association, decoded.message);
                }
                if !is_error {
                    self.outbox.report(association, decoded.report);
                }
            }
            Err(rejection) => self.handle_rejection(association, rejection),
        }
    }

    fn handle_datagram(&mut self, now: Time, group: MulticastGroup, source: SocketAddr, bytes: &[u8]) {
        if !self.phase.is_in_service() || group != MulticastGroup::Asap {
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
            AssociationEvent::Up {
                association,
                endpoint,
                peer,
            } => self.handle_up(now, association, endpoint, peer),
            AssociationEvent::Confirmed { .. } => {}
            AssociationEvent::Restarted { association } => {
                if self.is_home(association) {
                    self.home_restarted(now);
                } else {
                    self.restart_session(association);
                }
            }
            AssociationEvent::Down { association, cause } => {
                if self.is_home(association) {
                    self.home_lost(now, cause);
                } else if !self.hunt.handle_down(now, association, &mut self.outbox)
                    && self.foreign.remove(&association).is_none()
                {
                    self.end_session(association, cause);
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
                Timer::T2Registration => self.registration_timed_out(now),
                Timer::T3Deregistration => self.deregistration_timed_out(now),
                Timer::T4Reregistration | Timer::Postponed => self.register(now),
                Timer::LastWords => self.close(now),
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
