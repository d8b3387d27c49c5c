//! Associations on the ASAP endpoint: of pool elements, pool users, both, or strangers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use wire::PoolHandle;
use wire::asap::Message;

use super::distance::RoundTrip;
use super::{ElementKey, Event, Phase, Registrar, RemovalReason, Timer};
use crate::rate_limit::RateLimit;
use crate::{AssociationId, Config, DownCause, Time, TransportAddress};

/// The other end of an association: a pool element, a pool user, both, or a stranger.
#[derive(Debug)]
pub(super) struct Attached {
    pub(super) peer: TransportAddress,
    /// Pool elements that registered over this association.
    pub(super) elements: BTreeSet<ElementKey>,
    pub(super) subscriptions: BTreeSet<PoolHandle>,
    pub(super) last_message: Time,
    pub(super) round_trip: RoundTrip,
    pub(super) registrations: RateLimit,
    pub(super) resolutions: RateLimit,
    pub(super) reports: RateLimit,
    /// Registrations beyond the rate limit, and the messages after them, in order.
    pub(super) deferred: VecDeque<Message>,
}

impl Attached {
    fn new(now: Time, peer: TransportAddress, config: &Config) -> Self {
        Self {
            peer,
            elements: BTreeSet::new(),
            subscriptions: BTreeSet::new(),
            last_message: now,
            round_trip: RoundTrip::default(),
            registrations: RateLimit::new(config.registration_rate),
            resolutions: RateLimit::new(config.handle_resolution_rate),
            reports: RateLimit::new(config.unreachable_rate),
            deferred: VecDeque::new(),
        }
    }
}

/// All associations, by identifier and by transport address.
#[derive(Debug, Default)]
pub(super) struct Attachments {
    by_association: BTreeMap<AssociationId, Attached>,
    by_place: BTreeMap<(IpAddr, u16), AssociationId>,
}

impl Attachments {
    pub(super) fn len(&self) -> usize {
        self.by_association.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_association.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = AssociationId> {
        self.by_association.keys().copied()
    }

    pub(super) fn contains(&self, association: AssociationId) -> bool {
        self.by_association.contains_key(&association)
    }

    pub(super) fn get(&self, association: AssociationId) -> Option<&Attached> {
        self.by_association.get(&association)
    }

    pub(super) fn get_mut(&mut self, association: AssociationId) -> Option<&mut Attached> {
        self.by_association.get_mut(&association)
    }

    /// Returns the association to a transport address, if there is one.
    pub(super) fn at(&self, place: &TransportAddress) -> Option<AssociationId> {
        let mut addresses = place.addresses.iter();
        addresses.find_map(|address| self.by_place.get(&(address.to_canonical(), place.port)).copied())
    }

    /// Adds an address to the other end of an association.
    pub(super) fn add_address(&mut self, association: AssociationId, address: IpAddr) {
        if let Some(attached) = self.by_association.get_mut(&association) {
            attached.peer.add(address);
            let place = (address.to_canonical(), attached.peer.port);
            self.by_place.entry(place).or_insert(association);
        }
    }

    fn insert(&mut self, association: AssociationId, attached: Attached) {
        for address in &attached.peer.addresses {
            let place = (address.to_canonical(), attached.peer.port);
            self.by_place.insert(place, association);
        }
        self.by_association.insert(association, attached);
    }

    fn remove(&mut self, association: AssociationId) -> Option<Attached> {
        let attached = self.by_association.remove(&association)?;
        for address in &attached.peer.addresses {
            let place = (address.to_canonical(), attached.peer.port);
            if self.by_place.get(&place) == Some(&association) {
                self.by_place.remove(&place);
            }
        }
        Some(attached)
    }
}

impl Registrar {
    /// Adds an association on the ASAP endpoint; returns whether there was room.
    pub(super) fn attach(&mut self, now: Time, association: AssociationId, peer: TransportAddress) -> bool {
        if self.attached.len() >= self.config.max_associations {
            self.outbox.abort(association);
            self.discarded(Some(association), "too many associations");
            return false;
        }
        self.outbox.event(Event::AssociationUp {
            association,
            peer: peer.clone(),
        });
        self.attached
            .insert(association, Attached::new(now, peer, &self.config));
        self.timers
            .set(Timer::Autoclose(association), now + self.config.autoclose);
        true
    }

    /// Removes an association and everything that depends on it (D-23).
    pub(super) fn detach(&mut self, now: Time, association: AssociationId, cause: DownCause) {
        let Some(attached) = self.attached.remove(association) else {
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

    /// There is a new process at the other end: it does not know about registrations, subscriptions and unanswered
    /// requests.
    pub(super) fn attached_restarted(&mut self, now: Time, association: AssociationId) {
        let Some(attached) = self.attached.get_mut(association) else {
            return;
        };
        attached.deferred.clear();
        let elements = std::mem::take(&mut attached.elements);
        let subscriptions = std::mem::take(&mut attached.subscriptions);
        self.timers.clear(&Timer::Deferred(association));
        for key in elements {
            self.remove(now, &key, RemovalReason::Restarted);
        }
        for handle in &subscriptions {
            self.unsubscribe(handle, association);
        }
    }

    /// Aborts an association without waiting for the result.
    pub(super) fn cut(&mut self, now: Time, association: AssociationId) {
        self.outbox.abort(association);
        self.detach(now, association, DownCause::LocalAbort);
    }

    pub(super) fn autoclose(&mut self, now: Time, association: AssociationId) {
        let Some(attached) = self.attached.get(association) else {
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

    pub(super) fn stop_if_alone(&mut self) {
        if matches!(self.phase, Phase::Stopping)
            && self.attached.is_empty()
            && self.peer_associations.is_empty()
        {
            self.phase = Phase::Stopped;
            self.timers.clear_all();
            self.outbox.event(Event::Stopped);
        }
    }
}
