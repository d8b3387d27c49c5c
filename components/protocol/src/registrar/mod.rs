//! The registrar: maintains the handlespace, serves pool elements and pool users by ASAP (RFC 5352 section 3), and
//! shares the handlespace with other registrars by ENRP (RFC 5353).
//!
//! There is one file for each concern. ASAP: `attachment` manages the associations, `admission` and `registration`
//! add to the handlespace, `monitoring` checks what is in it, `distance` measures
//! how far away it is, `resolution` answers pool users, `announcement`
//! announces the registrar. ENRP: `peer_associations` manages the associations, `peers` the peer list, `peer_list`
//! and `contacts` find further registrars, `presence` detects which ones are alive, `start_up`, `handle_table` and
//! `handle_update` exchange the handlespace, `synchronization` repairs what was missed, `takeover` and `adoption`
//! deal with a dead registrar, `concession` and `taken_over` with takeovers by others, `claim` with pool elements
//! that two registrars have, `contradiction` with those that do not fit into their pool.
//!
//! Every change of what this registrar owns goes through `put` and `remove` in `registration`, or through
//! `takeover`; every change of what others own goes through `put_foreign` and `remove_foreign` in `handle_update`.

mod admission;
mod adoption;
mod announcement;
mod attachment;
mod claim;
mod concession;
mod contacts;
mod contradiction;
mod distance;
mod enrp_input;
mod handle_table;
mod handle_update;
mod input;
mod monitoring;
mod peer_associations;
mod peer_list;
mod peers;
mod presence;
mod registration;
mod resolution;
mod settings;
mod start_up;
mod synchronization;
mod taken_over;
mod takeover;
mod timer;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use wire::{PeIdentifier, PoolHandle, Ppid, RegistrarIdentifier};

pub use events::registrar::{
    Event, GivenUp, PeerState, RemovalReason, StartUpPhase, SynchronizationProgress, TakeoverPhase,
};
pub use peers::Peer as PeerRegistrar;
pub use settings::{EnrpSettings, Settings};

use adoption::Adoptions;
use attachment::Attachments;
use claim::Claim;
use contacts::Contacts;
use contradiction::Contradictions;
use distance::Announced;
use monitoring::Owned;
use peer_associations::PeerAssociation;
use peers::Peers;
use resolution::Subscribers;
use start_up::Starting;
use timer::Timer;

use crate::handlespace::Handlespace;
use crate::outbox::Outbox;
use crate::rate_limit::RateLimit;
use crate::timers::Timers;
use crate::{
    AssociationEvent, AssociationId, Config, Core, Endpoint, MulticastGroup, Output, Time, TransportAddress,
};

/// Multicast presences can be forged: at most this many unknown registrars are contacted per second because of them.
const HINTS_PER_SECOND: u32 = 32;

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
    /// Additional state of the pool elements in the handlespace that this registrar owns.
    owned: BTreeMap<ElementKey, Owned>,
    attached: Attachments,
    subscribers: BTreeMap<PoolHandle, Subscribers>,
    /// Other registrars whose announcements are heard; used only to count them.
    heard: BTreeSet<RegistrarIdentifier>,
    peers: Peers,
    /// Presences sent to all peers since the registrar has been in service.
    heartbeats: u32,
    last_heartbeat: Time,
    /// When this registrar last noticed that it had been stalled for so long that others must have noticed too.
    stood_still: Option<Time>,
    peer_associations: BTreeMap<AssociationId, PeerAssociation>,
    contacts: Contacts,
    hints: RateLimit,
    adoptions: Adoptions,
    claims: BTreeMap<ElementKey, Claim>,
    contradictions: Contradictions,
    /// The distances of pool elements of others, as far as their policies have one.
    announced: BTreeMap<ElementKey, Announced>,
    /// The number of unreachable reports about pool elements of others.
    foreign_reports: BTreeMap<ElementKey, u32>,
}

/// Converts a number of things for events.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A PE identifier is unique within its pool only.
type ElementKey = (PoolHandle, PeIdentifier);

#[derive(Debug)]
enum Phase {
    /// Downloading the handlespace, if there is a mentor.
    Starting(Starting),
    Serving,
    Stopping,
    Stopped,
}

impl Registrar {
    /// Creates a registrar that starts now: it looks for others, and is in service once it has their handlespace.
    #[must_use]
    pub fn new(now: Time, settings: Settings, config: Config, seed: u64) -> Self {
        let own = settings.enrp.transport.as_ref();
        let own = TransportAddress {
            addresses: own.map_or_else(Vec::new, |own| own.addresses().to_vec()),
            port: settings.enrp.port,
        };
        let mentors = settings.enrp.mentors.iter();
        // All registrars may be configured with the same list of all registrars.
        let others = mentors
            .filter(|mentor| !contacts::same_place(mentor, &own))
            .cloned();
        let mut registrar = Self {
            contacts: Contacts::new(others),
            settings,
            config,
            phase: Phase::Starting(Starting::new(now)),
            rng: Pcg64Mcg::seed_from_u64(seed),
            outbox: Outbox::new(),
            timers: Timers::new(),
            handlespace: Handlespace::new(),
            owned: BTreeMap::new(),
            attached: Attachments::default(),
            subscribers: BTreeMap::new(),
            heard: BTreeSet::new(),
            peers: Peers::new(),
            heartbeats: 0,
            last_heartbeat: now,
            stood_still: None,
            peer_associations: BTreeMap::new(),
            hints: RateLimit::new(HINTS_PER_SECOND),
            adoptions: Adoptions::default(),
            claims: BTreeMap::new(),
            contradictions: Contradictions::default(),
            announced: BTreeMap::new(),
            foreign_reports: BTreeMap::new(),
        };
        registrar.start_up(now);
        registrar
    }

    /// Stops gracefully: shuts all associations down, followed by [`Event::Stopped`] after `shutdown_timeout` at the
    /// latest.
    ///
    /// There is no message for leaving. Pool elements immediately register elsewhere, and peers that no longer reach
    /// this registrar take over the rest.
    pub fn stop(&mut self, now: Time) {
        if !self.is_active() {
            return;
        }
        self.phase = Phase::Stopping;
        self.timers.clear_all();
        self.timers
            .set(Timer::Shutdown, now + self.config.shutdown_timeout);
        for association in self.attached.ids() {
            self.outbox.shutdown(association);
        }
        for (&association, known) in &self.peer_associations {
            if known.up {
                self.outbox.shutdown(association);
            } else {
                self.outbox.abort(association);
            }
        }
        self.abort_adoption_calls();
        self.stop_if_alone();
    }

    fn shutdown_timed_out(&mut self, now: Time) {
        let left: Vec<AssociationId> = self.attached.ids().collect();
        for association in left {
            self.cut(now, association);
        }
        let left: Vec<AssociationId> = self.peer_associations.keys().copied().collect();
        for association in left {
            self.cut_peer_association(now, association);
        }
    }

    const fn is_active(&self) -> bool {
        matches!(self.phase, Phase::Starting(_) | Phase::Serving)
    }

    /// Returns its identifier.
    #[must_use]
    pub const fn identifier(&self) -> RegistrarIdentifier {
        self.settings.identifier
    }

    /// Returns the handlespace.
    #[must_use]
    pub const fn handlespace(&self) -> &Handlespace {
        &self.handlespace
    }

    /// Returns the checksum of the pool elements it owns (RFC 5353 section 3.7.2).
    #[must_use]
    pub fn checksum(&self) -> u16 {
        self.handlespace.checksum(self.settings.identifier)
    }

    /// Returns its peers, by identifier (RFC 5353 section 3.4).
    pub fn peers(&self) -> impl Iterator<Item = &PeerRegistrar> {
        self.peers.iter()
    }

    /// Returns the number of other registrars whose announcements are heard.
    #[must_use]
    pub fn registrars_heard(&self) -> usize {
        self.heard.len()
    }

    fn discarded(&mut self, association: Option<AssociationId>, why: impl Into<String>) {
        let why = why.into();
        self.outbox.event(Event::Discarded { association, why });
    }
}

impl Core for Registrar {
    type Event = Event;

    fn handle_input(&mut self, now: Time, association: AssociationId, ppid: Ppid, bytes: &[u8]) {
        if !self.is_active() {
            return;
        }
        if self.peer_associations.contains_key(&association) {
            self.handle_enrp_bytes(now, association, ppid, bytes);
        } else {
            self.handle_bytes(now, association, ppid, bytes);
        }
    }

    fn handle_datagram(&mut self, now: Time, group: MulticastGroup, source: SocketAddr, bytes: &[u8]) {
        if self.is_active() {
            match group {
                MulticastGroup::Asap => self.handle_announcement(now, bytes),
                MulticastGroup::Enrp => self.handle_presence_datagram(now, source, bytes),
            }
        }
    }

    fn handle_association(&mut self, now: Time, event: AssociationEvent) {
        match event {
            AssociationEvent::Up {
                association,
                endpoint,
                peer,
            } => match endpoint {
                Endpoint::Enrp if self.is_active() => self.peer_association_up(now, association, peer),
                Endpoint::Asap if self.is_active() && !association.is_incoming() => {
                    self.adoption_call_up(now, association, peer);
                }
                // Pool elements and pool users continue to hunt until a registrar is in service.
                Endpoint::Asap if self.is_in_service() => {
                    self.attach(now, association, peer);
                }
                Endpoint::Asap | Endpoint::Enrp | Endpoint::Service => self.outbox.abort(association),
            },
            AssociationEvent::Confirmed { association, address } => {
                match self.peer_associations.get_mut(&association) {
                    Some(known) => known.peer.add(address),
                    None => self.attached.add_address(association, address),
                }
            }
            AssociationEvent::Restarted { association } if self.is_active() => {
                if self.peer_associations.contains_key(&association) {
                    self.peer_association_restarted(now, association);
                } else {
                    self.attached_restarted(now, association);
                }
            }
            AssociationEvent::Restarted { .. } => {}
            AssociationEvent::Down { association, cause } => {
                if self.peer_associations.contains_key(&association) {
                    self.peer_association_down(now, association, cause);
                } else if !self.adoption_call_down(now, association) {
                    self.detach(now, association, cause);
                }
            }
        }
    }

    fn handle_timeout(&mut self, now: Time) {
        while let Some((deadline, timer)) = self.timers.take_due_with_deadline(now) {
            match self.grace(&timer).filter(|grace| now - deadline > *grace / 2) {
                Some(grace) => self.timers.set(timer, now + grace),
                None => self.handle_timer(now, timer),
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
