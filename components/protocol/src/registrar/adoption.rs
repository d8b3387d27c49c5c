//! Becoming the home registrar of pool elements that are registered already: of those of a registrar that was taken
//! over (RFC 5353 section 3.5.2), and of those that somebody else claims though they are still here.
//!
//! The pool element is sent an ENDPOINT_KEEP_ALIVE with the H flag to its ASAP transport, over an association that the
//! registrar opens if there is none. It accepts by acknowledging; if it does not, it is gone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wire::RegistrarIdentifier;
use wire::asap::{EndpointKeepAlive, Message};
use wire::enrp::UpdateAction;
use wire::parameter::PoolElementParameter;

use super::contacts::same_place;
use super::{ElementKey, Event, Registrar, RemovalReason, TakeoverPhase, Timer};
use crate::{AssociationId, Endpoint, Peer, Time};

/// Pool elements that are being asked at the same time; the others wait.
const MOST_AT_ONCE: usize = 64;

/// Pool elements that have not accepted their new home yet.
#[derive(Debug, Default)]
pub(super) struct Adoptions {
    /// All of them, with the registrar that was taken over.
    pending: BTreeMap<ElementKey, RegistrarIdentifier>,
    waiting: VecDeque<ElementKey>,
    asked: BTreeMap<ElementKey, Step>,
    calls: BTreeMap<AssociationId, Call>,
    balances: BTreeMap<RegistrarIdentifier, Balance>,
    /// Pool elements that are a peer's by its word, but whose associations were still up.
    conceded: BTreeMap<ElementKey, Conceded>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Calling(AssociationId),
    Asked(AssociationId),
}

/// An association to pool elements that is being opened.
#[derive(Debug)]
struct Call {
    place: Peer,
    keys: BTreeSet<ElementKey>,
}

#[derive(Debug, Default)]
struct Balance {
    pending: usize,
    adopted: usize,
    lost: usize,
}

#[derive(Debug)]
struct Conceded {
    association: AssociationId,
    element: PoolElementParameter,
    claimant: RegistrarIdentifier,
    /// Whether the pool element was asked who its home registrar is.
    asked: bool,
}

impl Registrar {
    /// Begins to ask the pool elements of a registrar that was taken over.
    pub(super) fn adopt(&mut self, now: Time, target: RegistrarIdentifier, keys: Vec<ElementKey>) {
        let balance = self.adoptions.balances.entry(target).or_default();
        balance.pending += keys.len();
        for key in keys {
            self.adoptions.pending.insert(key.clone(), target);
            self.adoptions.waiting.push_back(key);
        }
        self.settle_balance(target);
        self.ask_waiting(now);
    }

    /// Asks those who wait, as far as that is allowed at once.
    pub(super) fn ask_waiting(&mut self, now: Time) {
        while self.is_in_service() && self.adoptions.asked.len() < MOST_AT_ONCE {
            let Some(key) = self.adoptions.waiting.pop_front() else {
                return;
            };
            if self.adoptions.pending.contains_key(&key) && !self.adoptions.asked.contains_key(&key) {
                self.begin_to_ask(now, key);
            }
        }
    }

    fn begin_to_ask(&mut self, now: Time, key: ElementKey) {
        let element = self.handlespace.element(&key.0, key.1);
        let Some(transport) = element.and_then(|element| element.asap_transport.as_ref()) else {
            self.remove(now, &key, RemovalReason::NotAdopted);
            return;
        };
        let place = Peer {
            addresses: transport.addresses.clone(),
            port: transport.port,
        };
        let deadline = now + self.config.keep_alive_timeout;
        self.timers.set(Timer::Adoption(key.clone()), deadline);
        if let Some(association) = self.attached.at(&place) {
            self.ask_to_change(association, key);
            return;
        }
        let mut calls = self.adoptions.calls.iter_mut();
        let association = match calls.find(|(_, call)| same_place(&call.place, &place)) {
            Some((&association, call)) => {
                call.keys.insert(key.clone());
                association
            }
            None => {
                let association = self.outbox.connect(Endpoint::Asap, place.clone());
                let keys = BTreeSet::from([key.clone()]);
                self.adoptions.calls.insert(association, Call { place, keys });
                association
            }
        };
        self.adoptions.asked.insert(key, Step::Calling(association));
    }

    fn ask_to_change(&mut self, association: AssociationId, key: ElementKey) {
        self.send_home_keep_alive(association, &key);
        self.adoptions.asked.insert(key, Step::Asked(association));
    }

    fn send_home_keep_alive(&mut self, association: AssociationId, key: &ElementKey) {
        let (pool_handle, pe_identifier) = key.clone();
        let keep_alive = Message::EndpointKeepAlive(EndpointKeepAlive {
            home: true,
            registrar: self.settings.identifier,
            pool_handle: pool_handle.clone(),
            pe_identifier: self.config.keep_alive_names_pe.then_some(pe_identifier),
        });
        self.outbox.send_asap(association, &keep_alive);
        self.outbox.event(Event::ProbeSent {
            pool_handle,
            pe_identifier,
            reported: false,
        });
    }

    /// An association that this registrar has opened on the ASAP endpoint is up.
    pub(super) fn adoption_call_up(&mut self, now: Time, association: AssociationId, peer: Peer) {
        let Some(call) = self.adoptions.calls.remove(&association) else {
            return;
        };
        if !self.attach(now, association, peer) {
            self.not_adopted(now, call.keys);
            return;
        }
        for key in call.keys {
            self.ask_to_change(association, key);
        }
    }

    /// An association has ended: nobody answers over it any more. Returns whether it was one that did not come up.
    pub(super) fn adoption_call_down(&mut self, now: Time, association: AssociationId) -> bool {
        if let Some(call) = self.adoptions.calls.remove(&association) {
            self.not_adopted(now, call.keys);
            return true;
        }
        let asked = self.adoptions.asked.iter();
        let keys: BTreeSet<ElementKey> = asked
            .filter(|(_, step)| **step == Step::Asked(association))
            .map(|(key, _)| key.clone())
            .collect();
        self.not_adopted(now, keys);
        false
    }

    fn not_adopted(&mut self, now: Time, keys: BTreeSet<ElementKey>) {
        for key in keys {
            self.remove(now, &key, RemovalReason::NotAdopted);
        }
        self.ask_waiting(now);
    }

    pub(super) fn adoption_timed_out(&mut self, now: Time, key: &ElementKey) {
        let step = self.adoptions.asked.get(key).copied();
        self.not_adopted(now, BTreeSet::from([key.clone()]));
        // If it lives after all, it shall notice.
        if let Some(Step::Asked(association)) = step
            && !association.is_incoming()
            && self
                .attached
                .get(association)
                .is_some_and(|attached| attached.elements.is_empty())
        {
            self.cut(now, association);
        }
    }

    /// A keep-alive was acknowledged; returns whether it was one of these here.
    pub(super) fn adoption_acknowledged(
        &mut self,
        now: Time,
        association: AssociationId,
        key: &ElementKey,
    ) -> bool {
        if self.adoptions.asked.get(key) == Some(&Step::Asked(association)) {
            let life = self.handlespace.element(&key.0, key.1).cloned();
            if let Some(element) = life {
                self.take_home(now, association, key, &element);
            }
            self.settle_adoption(key, true);
            self.ask_waiting(now);
            return true;
        }
        let conceded = self.adoptions.conceded.get(key);
        if !conceded.is_some_and(|conceded| conceded.asked && conceded.association == association) {
            return false;
        }
        if let Some(Conceded {
            element, claimant, ..
        }) = self.adoptions.conceded.remove(key)
        {
            self.timers.clear(&Timer::Reclaim(key.clone()));
            let full = self.owner_of(key).is_none() && self.is_full(&key.0);
            if !full && self.handlespace.put(&key.0, element.clone()).is_ok() {
                self.outbox.event(Event::OwnerChanged {
                    pool_handle: key.0.clone(),
                    pe_identifier: key.1,
                    owner: self.settings.identifier,
                });
                self.pool_changed(now, &key.0);
                self.take_home(now, association, key, &element);
                // Its word counts more than the claimant's until it registers again.
                if let Some(owned) = self.owned.get_mut(key) {
                    owned.claimed_by = Some(claimant);
                }
            }
        }
        true
    }

    /// A pool element has accepted this registrar as its home.
    fn take_home(
        &mut self,
        now: Time,
        association: AssociationId,
        key: &ElementKey,
        element: &PoolElementParameter,
    ) {
        if let Some(attached) = self.attached.get_mut(association) {
            attached.elements.insert(key.clone());
        }
        self.outbox.event(Event::PoolElementIdentified {
            association,
            pool_handle: key.0.clone(),
            pe_identifier: key.1,
        });
        self.watch(now, key.clone(), association, element.registration_life);
        self.tell_update(UpdateAction::AddPe, &key.0, element);
    }

    /// A pool element is no longer pending: it has accepted, or it is gone, or somebody else's.
    pub(super) fn settle_adoption(&mut self, key: &ElementKey, adopted: bool) {
        let Some(target) = self.adoptions.pending.remove(key) else {
            return;
        };
        self.timers.clear(&Timer::Adoption(key.clone()));
        if let Some(Step::Calling(association)) = self.adoptions.asked.remove(key)
            && let Some(call) = self.adoptions.calls.get_mut(&association)
        {
            call.keys.remove(key);
            if call.keys.is_empty() {
                self.adoptions.calls.remove(&association);
                self.outbox.abort(association);
            }
        }
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::PoolElementSettled {
                pe_identifier: key.1,
                adopted,
            },
        });
        if let Some(balance) = self.adoptions.balances.get_mut(&target) {
            balance.pending = balance.pending.saturating_sub(1);
            balance.adopted += usize::from(adopted);
            balance.lost += usize::from(!adopted);
        }
        self.settle_balance(target);
    }

    fn settle_balance(&mut self, target: RegistrarIdentifier) {
        let balance = self.adoptions.balances.get(&target);
        if balance.is_none_or(|balance| balance.pending > 0) {
            return;
        }
        if let Some(Balance { adopted, lost, .. }) = self.adoptions.balances.remove(&target) {
            self.outbox.event(Event::Takeover {
                target,
                phase: TakeoverPhase::Complete { adopted, lost },
            });
        }
    }

    /// All that are pending are somebody else's.
    pub(super) fn abandon_adoptions(&mut self) {
        let pending: Vec<ElementKey> = self.adoptions.pending.keys().cloned().collect();
        for key in pending {
            self.settle_adoption(&key, false);
        }
        self.adoptions.waiting.clear();
        self.adoptions.conceded.clear();
    }

    /// A peer says that it owns a pool element of this registrar: it has registered there. Usually its association to
    /// here ends at the same time. If it does not, the word may have been overtaken by a newer registration here, or
    /// it is a lie; then the pool element is asked.
    pub(super) fn concede(&mut self, now: Time, key: &ElementKey, claimant: RegistrarIdentifier) {
        self.settle_adoption(key, false);
        let Some(owned) = self.owned.remove(key) else {
            return;
        };
        self.timers.clear(&Timer::KeepAlive(key.clone()));
        self.timers.clear(&Timer::KeepAliveTimeout(key.clone()));
        self.timers.clear(&Timer::RegistrationLife(key.clone()));
        if let Some(attached) = self.attached.get_mut(owned.association) {
            attached.elements.remove(key);
        }
        if let Some(element) = self.handlespace.element(&key.0, key.1) {
            let conceded = Conceded {
                association: owned.association,
                element: element.clone(),
                claimant,
                asked: false,
            };
            self.adoptions.conceded.insert(key.clone(), conceded);
            let due = now + self.config.keep_alive_timeout;
            self.timers.set(Timer::Reclaim(key.clone()), due);
        }
    }

    pub(super) fn reclaim_due(&mut self, now: Time, key: &ElementKey) {
        let still_there =
            |conceded: &&mut Conceded| self.attached.contains(conceded.association) && !conceded.asked;
        let Some(conceded) = self.adoptions.conceded.get_mut(key).filter(still_there) else {
            self.adoptions.conceded.remove(key);
            return;
        };
        conceded.asked = true;
        let association = conceded.association;
        self.send_home_keep_alive(association, key);
        let deadline = now + self.config.keep_alive_timeout;
        self.timers.set(Timer::Reclaim(key.clone()), deadline);
    }

    /// A pool element has registered here, or is gone: nothing needs to be asked.
    pub(super) fn forget_concession(&mut self, key: &ElementKey) {
        if self.adoptions.conceded.remove(key).is_some() {
            self.timers.clear(&Timer::Reclaim(key.clone()));
        }
    }

    pub(super) fn abort_adoption_calls(&mut self) {
        for association in std::mem::take(&mut self.adoptions.calls).into_keys() {
            self.outbox.abort(association);
        }
    }
}
