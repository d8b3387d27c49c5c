//! Associations on the ENRP endpoint, and which registrars are at their other ends.
//!
//! One association between two registrars is enough, whoever opened it. If both open one at the same time there can
//! be two; then both are used for receiving, and one for sending, until it ends. The registrar at the other end is
//! identified by the Sending Server's ID of the first message, and does not change.

use std::collections::BTreeSet;

use wire::RegistrarIdentifier;
use wire::enrp::Body;

use super::contacts::{same_place, share_an_address};
use super::peers::{Link, State};
use super::{Event, PeerState, Phase, Registrar, Timer};
use crate::rate_limit::RateLimit;
use crate::{AssociationId, DownCause, Endpoint, Time, TransportAddress};

/// Messages per second and association; enough for the updates of thousands of pool elements at once.
const MESSAGE_RATE: u32 = 20_000;
/// Messages per second and association that require a response; enough for the download of 100,000 pool elements.
const REQUEST_RATE: u32 = 2_000;
/// The maximum number of registrars on one host: there may be several, but they must leave room for others.
const MOST_OF_ONE_HOST: usize = 16;
/// How long to wait before another attempt to connect to a registrar that is reachable but refuses.
const CALL_AGAIN: std::time::Duration = std::time::Duration::from_millis(30);

/// An association on the ENRP endpoint, or an attempt.
#[derive(Debug)]
pub(super) struct PeerAssociation {
    pub(super) peer: TransportAddress,
    pub(super) up: bool,
    /// The registrar to be reached, if it is a particular one.
    expected: Option<RegistrarIdentifier>,
    /// The registrar at the other end.
    pub(super) registrar: Option<RegistrarIdentifier>,
    pub(super) messages: RateLimit,
    pub(super) requests: RateLimit,
    /// Kinds of errors in its messages, each of which is reported once.
    complaints: BTreeSet<&'static str>,
}

impl PeerAssociation {
    fn new(peer: TransportAddress, up: bool, expected: Option<RegistrarIdentifier>) -> Self {
        Self {
            peer,
            up,
            expected,
            registrar: None,
            messages: RateLimit::new(MESSAGE_RATE),
            requests: RateLimit::new(REQUEST_RATE),
            complaints: BTreeSet::new(),
        }
    }
}

impl Registrar {
    /// Opens an association to a transport address, unless there is one, or an attempt, or too many.
    pub(super) fn call(&mut self, now: Time, place: TransportAddress, expected: Option<RegistrarIdentifier>) {
        let known = self.peer_associations.values();
        let mut there = known.filter(|association| same_place(&association.peer, &place));
        if there.next().is_some() || self.peer_associations.len() >= self.most_peer_associations() {
            return;
        }
        let association = self.outbox.connect(Endpoint::Enrp, place.clone());
        self.peer_associations
            .insert(association, PeerAssociation::new(place, false, expected));
        let patience = self.config.max_time_no_response;
        self.timers.set(Timer::Introduction(association), now + patience);
    }

    const fn most_peer_associations(&self) -> usize {
        2 * self.config.max_peers + 8
    }

    pub(super) fn peer_association_up(
        &mut self,
        now: Time,
        association: AssociationId,
        peer: TransportAddress,
    ) {
        let patience = self.config.max_time_no_response;
        // Attempts do not count: their targets may be mere claims of others.
        let up = self.peer_associations.values().filter(|known| known.up);
        let of_host = up.filter(|known| share_an_address(&known.peer, &peer)).count();
        let full =
            self.peer_associations.len() >= self.most_peer_associations() || of_host >= MOST_OF_ONE_HOST;
        match self.peer_associations.get_mut(&association) {
            Some(known) => {
                known.up = true;
                known.peer = peer.clone();
                let receiver = known.expected.unwrap_or_default();
                self.outbox.event(Event::AssociationUp { association, peer });
                self.send_presence(association, receiver, true);
                self.timers.set(Timer::Introduction(association), now + patience);
            }
            None if !association.is_incoming() => {}
            None if full => {
                self.outbox.abort(association);
                self.discarded(Some(association), "too many associations of registrars");
            }
            None => {
                self.outbox.event(Event::AssociationUp {
                    association,
                    peer: peer.clone(),
                });
                self.peer_associations
                    .insert(association, PeerAssociation::new(peer, true, None));
                // The side that opens an association introduces itself.
                self.timers
                    .set(Timer::Introduction(association), now + patience * 2);
            }
        }
    }

    /// There is a new process at the other end, which may be another registrar.
    pub(super) fn peer_association_restarted(&mut self, now: Time, association: AssociationId) {
        let Some(known) = self.peer_associations.get_mut(&association) else {
            return;
        };
        known.complaints.clear();
        let previous = known.registrar.take();
        self.send_presence(association, RegistrarIdentifier::UNDETERMINED, true);
        let patience = self.config.max_time_no_response;
        self.timers.set(Timer::Introduction(association), now + patience);
        if let Some(previous) = previous {
            self.association_lost(now, previous, association, DownCause::PeerAbort);
        }
    }

    pub(super) fn peer_association_down(&mut self, now: Time, association: AssociationId, cause: DownCause) {
        let Some(lost) = self.peer_associations.remove(&association) else {
            return;
        };
        self.timers.clear(&Timer::Introduction(association));
        if lost.up {
            self.outbox.event(Event::AssociationDown { association, cause });
        }
        if !matches!(self.phase, Phase::Starting(_) | Phase::Serving) {
            self.stop_if_alone();
            return;
        }
        match lost.registrar {
            Some(registrar) => self.association_lost(now, registrar, association, cause),
            None => {
                self.contacts.failed(now, &lost.peer, &self.config);
                if let Some(expected) = lost.expected {
                    self.call_failed(now, expected, &lost.peer, cause);
                }
                self.decide_start_up(now);
            }
        }
    }

    /// Aborts an association without waiting for the result.
    pub(super) fn cut_peer_association(&mut self, now: Time, association: AssociationId) {
        self.outbox.abort(association);
        self.peer_association_down(now, association, DownCause::LocalAbort);
    }

    /// An attempt was not answered, or the other end has not introduced itself.
    pub(super) fn introduction_timed_out(&mut self, now: Time, association: AssociationId) {
        let known = self.peer_associations.get(&association);
        if known.is_some_and(|known| known.registrar.is_none()) {
            self.cut_peer_association(now, association);
        }
    }

    /// Records the registrar at the other end of an association; returns whether the sender is plausible.
    pub(super) fn identify(
        &mut self,
        now: Time,
        association: AssociationId,
        sender: RegistrarIdentifier,
    ) -> bool {
        let Some(known) = self.peer_associations.get(&association) else {
            return false;
        };
        match known.registrar {
            Some(registrar) if registrar != sender => {
                self.complain(association, "another sender than before on this association");
                return false;
            }
            // A peer that was given up, but whose association has survived, is found again over it.
            Some(_) if self.peers.association(sender).is_some() => return true,
            Some(_) | None => {}
        }
        let place = known.peer.clone();
        if let Some(peer) = self.peers.get(sender) {
            let connected = peer
                .association()
                .and_then(|other| self.peer_associations.get(&other));
            let proven = connected.map(|other| &other.peer).or_else(|| {
                let named_only = peer.state() == PeerState::Unconfirmed;
                peer.place.as_ref().filter(|_| !named_only)
            });
            if proven.is_some_and(|proven| !share_an_address(proven, &place)) {
                self.complain(association, "identifier of a registrar on another host");
                return false;
            }
        } else if !self.add_peer(now, sender, true) {
            self.complain(association, "more registrars than there is room for");
            return false;
        }
        if let Some(known) = self.peer_associations.get_mut(&association) {
            known.registrar = Some(sender);
        }
        self.timers.clear(&Timer::Introduction(association));
        self.contacts.reached(&place);
        self.outbox.event(Event::PeerIdentified {
            association,
            registrar: sender,
        });
        if let Some(peer) = self.peers.get_mut(sender) {
            if !peer.is_connected() {
                peer.link = Link::up(association);
            }
            let named_only = peer.state() == PeerState::Unconfirmed;
            let known = peer.place.get_or_insert_with(|| place.clone());
            if named_only {
                // Addresses that others have named are not confirmed.
                known.addresses.clone_from(&place.addresses);
            }
        }
        self.replaced_by(now, sender, &place);
        true
    }

    /// A registrar was found at a transport address: others that were assumed to be there are gone.
    fn replaced_by(&mut self, now: Time, registrar: RegistrarIdentifier, place: &TransportAddress) {
        let gone: Vec<RegistrarIdentifier> = self
            .peers
            .iter()
            .filter(|peer| peer.identifier != registrar && !peer.is_connected())
            .filter(|peer| peer.place.as_ref().is_some_and(|there| same_place(there, place)))
            .map(|peer| peer.identifier)
            .collect();
        for registrar in gone {
            self.peer_dead(now, registrar);
        }
    }

    /// Returns the association to use next for messages to a registrar: preferably one that the registrar with the
    /// larger identifier opened, so that both sides tend to choose the same.
    pub(super) fn another_association(&self, registrar: RegistrarIdentifier) -> Option<AssociationId> {
        let larger = registrar > self.settings.identifier;
        let mut open: Vec<AssociationId> = self
            .peer_associations
            .iter()
            .filter(|(_, known)| known.up && known.registrar == Some(registrar))
            .map(|(&association, _)| association)
            .collect();
        open.sort_by_key(|association| (association.is_incoming() != larger, *association));
        open.first().copied()
    }

    fn association_lost(
        &mut self,
        now: Time,
        registrar: RegistrarIdentifier,
        association: AssociationId,
        cause: DownCause,
    ) {
        let other = self.another_association(registrar);
        let Some(peer) = self.peers.get_mut(registrar) else {
            return;
        };
        if peer.association() != Some(association) {
            return;
        }
        let left = cause == DownCause::Graceful;
        let link = other.map_or(Link::Down { left }, Link::up);
        let lost = std::mem::replace(&mut peer.link, link);
        self.link_lost(registrar, lost);
        self.mentor_lost(now, registrar);
        if other.is_none() {
            // The loss alone does not prove its death, but is a good reason to ask at once.
            self.probe_peer(now, registrar);
        } else {
            self.repeat_takeovers(registrar);
        }
    }

    /// An attempt to connect to a peer failed or was refused.
    fn call_failed(
        &mut self,
        now: Time,
        registrar: RegistrarIdentifier,
        place: &TransportAddress,
        cause: DownCause,
    ) {
        let Some(peer) = self.peers.get_mut(registrar) else {
            return;
        };
        let Link::Down { left } = peer.link else {
            return;
        };
        let nobody_there = matches!(cause, DownCause::Refused | DownCause::Unreachable);
        // A peer that has left gracefully and now refuses associations is about to end.
        let leaving = left && cause == DownCause::PeerAbort;
        match &mut peer.state {
            State::Probed { .. } if nobody_there || leaving => self.peer_dead(now, registrar),
            State::Probed { .. } | State::Active => {
                self.timers.set(Timer::Reconnect(registrar), now + CALL_AGAIN);
            }
            State::Unconfirmed { hint } => match hint.take_if(|hint| !same_place(hint, place)) {
                Some(hint) => self.call(now, hint, Some(registrar)),
                None if nobody_there => self.remove_peer(now, registrar),
                None => self.timers.set(Timer::Reconnect(registrar), now + CALL_AGAIN),
            },
            State::TakingOver(_) | State::Conceded { .. } => {}
        }
    }

    /// Connects to a peer without an association, unless an old one still exists.
    pub(super) fn reconnect(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let old = self.another_association(registrar);
        if let Some(peer) = self.peers.get_mut(registrar)
            && !peer.is_connected()
            && let Some(old) = old
        {
            peer.link = Link::up(old);
            self.send_presence(old, registrar, true);
            return;
        }
        let unconnected = self.peers.get(registrar).filter(|peer| !peer.is_connected());
        if let Some(place) = unconnected.and_then(|peer| peer.place.clone()) {
            self.call(now, place, Some(registrar));
        }
    }

    /// Sends a message to a peer, if there is an association to it.
    pub(super) fn send_enrp(&mut self, receiver: RegistrarIdentifier, body: impl Into<Body>) {
        if let Some(association) = self.peers.association(receiver) {
            self.outbox
                .send_enrp(association, self.settings.identifier, receiver, body.into());
        }
    }

    /// Reports an error in a message, once per association.
    pub(super) fn complain(&mut self, association: AssociationId, what: &'static str) {
        self.complain_about(association, what, "");
    }

    /// Reports an error in a message, once per association and kind, with the details of the first.
    pub(super) fn complain_about(&mut self, association: AssociationId, kind: &'static str, what: &str) {
        let known = self.peer_associations.get_mut(&association);
        if known.is_some_and(|known| known.complaints.insert(kind)) {
            let separator = if what.is_empty() { "" } else { ": " };
            self.discarded(Some(association), format!("{kind}{separator}{what}"));
        }
    }
}
