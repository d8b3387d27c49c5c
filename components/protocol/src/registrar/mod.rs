//! The registrar: keeps the handlespace, serves pool elements and pool users by ASAP (RFC 5352 section 3).
//!
//! One file for each concern: `admission` and `registration` for who is in the handlespace, `monitoring` for
//! who stays, `resolution` for who is named to pool users, `announcement` for being found. Every change of the
//! handlespace goes through `put` and `remove` in `registration`.

mod admission;
mod announcement;
mod event;
mod input;
mod monitoring;
mod peers;
mod registration;
mod resolution;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use wire::asap::Message;
use wire::parameter::SctpTransport;
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

pub use event::{Event, GivenUp, PeerState, RemovalReason, StartUp, SynchronizationProgress, TakeoverPhase};

pub use peers::Peer as PeerRegistrar;

use monitoring::Owned;
use peers::Peers;
use resolution::Subscribers;

use crate::handlespace::Handlespace;
use crate::outbox::Outbox;
use crate::rate_limit::RateLimit;
use crate::timers::Timers;
use crate::{
    AssociationEvent, AssociationId, Config, Core, DownCause, Endpoint, MulticastGroup, Output, Peer, Time,
};

/// Who a registrar is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its identifier; determined.
    pub identifier: RegistrarIdentifier,
    /// Whether it announces itself by multicast.
    pub announce: bool,
    /// The transport that announcements name. `None` sends the bare form: receivers take the datagram's source (D-07).
    pub announced_transport: Option<SctpTransport>,
    /// How it takes part in ENRP.
    pub enrp: EnrpSettings,
    /// Addresses from which pool elements may register; empty admits everybody (RFC 5355: there is no TLS here).
    pub admitted: Vec<IpAddr>,
}

/// How a registrar takes part in ENRP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrpSettings {
    /// Its ENRP transport address, which its presences name.
    pub transport: SctpTransport,
    /// Registrars to ask for the handlespace at the start, the first one in front; others may be found by multicast.
    pub mentors: Vec<Peer>,
    /// Whether its presence goes to the multicast group as well (D-09), so that nobody needs to be configured.
    pub multicast: bool,
}

impl EnrpSettings {
    /// For a registrar that does not look for others; others may still find it.
    #[must_use]
    pub const fn without_mentors(transport: SctpTransport) -> Self {
        Self {
            transport,
            mentors: Vec::new(),
            multicast: false,
        }
    }
}

/// A registrar.
#[derive(Debug)]
pub struct Registrar {
    settings: Settings,
    config: Config,
    phase: Phase,
    rng: Pcg64Mcg,
    outbox: Outbox<Event>,
    timers: Timers<Timer>,
    handlespace: Handlespace,
    /// What is known about the pool elements of the handlespace that this registrar owns, besides.
    owned: BTreeMap<ElementKey, Owned>,
    attached: BTreeMap<AssociationId, Attached>,
    subscribers: BTreeMap<PoolHandle, Subscribers>,
    peers: Peers,
    heard: BTreeSet<RegistrarIdentifier>,
}

/// A PE identifier is unique within its pool only.
type ElementKey = (PoolHandle, PeIdentifier);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    Stopping,
    Stopped,
}

/// What a deadline is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// The next announcement.
    T6ServerAnnounce,
    /// A registrar has not been heard for long.
    T7EnrpOutdate(RegistrarIdentifier),
    /// A pool element is to be probed, unless there is news from it.
    KeepAlive(ElementKey),
    /// A pool element has not acknowledged a keep-alive.
    KeepAliveTimeout(ElementKey),
    /// A registration ends.
    RegistrationLife(ElementKey),
    /// Requests that came too fast are due.
    Deferred(AssociationId),
    /// An association may be idle.
    Autoclose(AssociationId),
    /// Subscribers of a changed pool are due.
    Subscription(PoolHandle),
    /// The end of an orderly end.
    Shutdown,
}

/// A pool element, a pool user, or both, or a stranger.
#[derive(Debug)]
struct Attached {
    peer: Peer,
    /// Pool elements that registered over this association.
    elements: BTreeSet<ElementKey>,
    subscriptions: BTreeSet<PoolHandle>,
    last_message: Time,
    registrations: RateLimit,
    resolutions: RateLimit,
    reports: RateLimit,
    /// Registrations beyond the rate, and what came after them, in order.
    deferred: VecDeque<Message>,
}

impl Registrar {
    /// A registrar that starts to announce itself now.
    #[must_use]
    pub fn new(now: Time, settings: Settings, config: Config, seed: u64) -> Self {
        let mut timers = Timers::new();
        if settings.announce {
            timers.set(Timer::T6ServerAnnounce, now);
        }
        Self {
            settings,
            config,
            phase: Phase::Serving,
            rng: Pcg64Mcg::seed_from_u64(seed),
            outbox: Outbox::new(),
            timers,
            handlespace: Handlespace::new(),
            owned: BTreeMap::new(),
            attached: BTreeMap::new(),
            subscribers: BTreeMap::new(),
            peers: Peers::new(),
            heard: BTreeSet::new(),
        }
    }

    /// Leaves in order: shuts all associations down, then [`Event::Stopped`]; after `shutdown_timeout` at the latest.
    pub fn stop(&mut self, now: Time) {
        if self.phase != Phase::Serving {
            return;
        }
        self.phase = Phase::Stopping;
        self.timers.clear_all();
        self.timers
            .set(Timer::Shutdown, now + self.config.shutdown_timeout);
        for &association in self.attached.keys() {
            self.outbox.shutdown(association);
        }
        self.stop_if_alone();
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

    /// The other registrars it knows, by identifier (RFC 5353 section 3.4).
    pub fn peers(&self) -> impl Iterator<Item = &PeerRegistrar> {
        self.peers.iter()
    }

    /// How many other registrars are being heard.
    #[must_use]
    pub fn registrars_heard(&self) -> usize {
        self.heard.len()
    }

    fn attach(&mut self, now: Time, association: AssociationId, peer: Peer) {
        if self.attached.len() >= self.config.max_associations {
            self.outbox.abort(association);
            self.discarded(Some(association), "too many associations");
            return;
        }
        self.outbox.event(Event::AssociationUp {
            association,
            peer: peer.clone(),
        });
        let attached = Attached {
            peer,
            elements: BTreeSet::new(),
            subscriptions: BTreeSet::new(),
            last_message: now,
            registrations: RateLimit::new(self.config.registration_rate),
            resolutions: RateLimit::new(self.config.handle_resolution_rate),
            reports: RateLimit::new(self.config.unreachable_rate),
            deferred: VecDeque::new(),
        };
        self.attached.insert(association, attached);
        self.timers
            .set(Timer::Autoclose(association), now + self.config.autoclose);
    }

    /// Forgets an association and what depends on it (D-23).
    fn detach(&mut self, now: Time, association: AssociationId, cause: DownCause) {
        let Some(attached) = self.attached.remove(&association) else {
            return;
        };
        for key in attached.elements {
            self.remove(now, &key, RemovalReason::AssociationLost(cause));
        }
        for handle in &attached.subscriptions {
            self.unsubscribe(handle, association);
        }
        self.timers.clear(&Timer::Autoclose(association));
        self.timers.clear(&Timer::Deferred(association));
        self.outbox.event(Event::AssociationDown { association, cause });
        self.stop_if_alone();
    }

    /// Aborts an association without waiting for the answer.
    fn cut(&mut self, now: Time, association: AssociationId) {
        self.outbox.abort(association);
        self.detach(now, association, DownCause::LocalAbort);
    }

    fn autoclose(&mut self, now: Time, association: AssociationId) {
        let Some(attached) = self.attached.get(&association) else {
            return;
        };
        let in_use = !attached.elements.is_empty() || !attached.subscriptions.is_empty();
        let idle_from = attached.last_message.max(if in_use { now } else { Time::ZERO });
        let due = idle_from + self.config.autoclose;
        if due > now {
            self.timers.set(Timer::Autoclose(association), due);
        } else {
            self.outbox.shutdown(association);
        }
    }

    fn stop_if_alone(&mut self) {
        if self.phase == Phase::Stopping && self.attached.is_empty() {
            self.phase = Phase::Stopped;
            self.timers.clear_all();
            self.outbox.event(Event::Stopped);
        }
    }

    fn discarded(&mut self, association: Option<AssociationId>, why: impl Into<String>) {
        let why = why.into();
        self.outbox.event(Event::Discarded { association, why });
    }
}

impl Core for Registrar {
    type Event = Event;

    fn handle_input(&mut self, now: Time, association: AssociationId, ppid: Ppid, bytes: &[u8]) {
        if self.phase == Phase::Serving {
            self.handle_bytes(now, association, ppid, bytes);
        }
    }

    fn handle_datagram(&mut self, now: Time, group: MulticastGroup, _: SocketAddr, bytes: &[u8]) {
        if self.phase == Phase::Serving && group == MulticastGroup::Asap {
            self.handle_announcement(now, bytes);
        }
    }

    fn handle_association(&mut self, now: Time, event: AssociationEvent) {
        match event {
            AssociationEvent::Up {
                association,
                endpoint,
                peer,
            } => {
                if self.phase == Phase::Serving && endpoint == Endpoint::Asap {
                    self.attach(now, association, peer);
                } else {
                    self.outbox.abort(association);
                }
            }
            // A new process at the old place: it knows nothing of what was registered.
            AssociationEvent::Restarted { association } => {
                let elements = self.attached.get_mut(&association);
                let elements = elements.map(|attached| std::mem::take(&mut attached.elements));
                for key in elements.into_iter().flatten() {
                    self.remove(now, &key, RemovalReason::Restarted);
                }
            }
            AssociationEvent::Down { association, cause } => self.detach(now, association, cause),
        }
    }

    fn handle_timeout(&mut self, now: Time) {
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::T6ServerAnnounce => self.announce(now),
                Timer::T7EnrpOutdate(registrar) => self.registrar_silent(registrar),
                Timer::KeepAlive(key) => self.keep_alive_due(now, &key),
                Timer::KeepAliveTimeout(key) => self.keep_alive_timed_out(now, &key),
                Timer::RegistrationLife(key) => self.registration_expired(now, &key),
                Timer::Deferred(association) => self.handle_deferred(now, association),
                Timer::Autoclose(association) => self.autoclose(now, association),
                Timer::Subscription(handle) => self.notify_subscribers(now, &handle),
                Timer::Shutdown => {
                    let left: Vec<AssociationId> = self.attached.keys().copied().collect();
                    for association in left {
                        self.cut(now, association);
                    }
                }
            }
        }
    }

    fn poll_output(&mut self) -> Option<Output<Event>> {
        self.outbox.poll()
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.timers.next()
    }
}
