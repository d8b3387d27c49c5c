//! Becoming the home registrar of the pool elements of a registrar that was taken over (RFC 5353 section 3.5.2).
//!
//! An ENDPOINT_KEEP_ALIVE with the H flag is sent to the ASAP transport of the pool element, over an association
//! that the registrar opens if there is none. The pool element accepts by acknowledging; if it does not, it is
//! removed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wire::RegistrarIdentifier;
use wire::asap::{EndpointKeepAlive, Message};
use wire::enrp::UpdateAction;
use wire::parameter::PoolElementParameter;

use super::contacts::same_place;
use super::{ElementKey, Event, Registrar, RemovalReason, TakeoverPhase, Timer, count};
use crate::{AssociationId, Endpoint, Time, TransportAddress};

/// The maximum number of pool elements that are asked at the same time; the others wait.
const MOST_AT_ONCE: usize = 64;

/// Pool elements that have not accepted their new home registrar yet.
#[derive(Debug, Default)]
pub(super) struct Adoptions {
    /// All of them, with the registrar that was taken over.
    pending: BTreeMap<ElementKey, RegistrarIdentifier>,
    /// Those that are being asked.
    asked: BTreeMap<ElementKey, Step>,
    /// The others in order, and some that are no longer pending.
    waiting: VecDeque<ElementKey>,
    calls: BTreeMap<AssociationId, Call>,
    /// The results so far of each takeover.
    balances: BTreeMap<RegistrarIdentifier, Balance>,
}

/// The progress with one pool element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Calling(AssociationId),
    Asked(AssociationId),
}

/// An association to pool elements that is being opened.
#[derive(Debug)]
struct Call {
    place: TransportAddress,
    keys: BTreeSet<ElementKey>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Balance {
    pending: usize,
    adopted: usize,
    lost: usize,
}

/// The consequences when a pool element is no longer pending.
#[derive(Debug, PartialEq, Eq)]
struct Settled {
    /// The registrar that was taken over.
    target: RegistrarIdentifier,
    /// A connection attempt that is no longer needed.
    abandoned: Option<AssociationId>,
    /// The results of the takeover, if this was its last pool element.
    complete: Option<Balance>,
}

impl Adoptions {
    /// Adds all pool elements of a registrar that was taken over; returns the results if there are none.
    fn add(&mut self, target: RegistrarIdentifier, keys: Vec<ElementKey>) -> Option<Balance> {
        self.balances.entry(target).or_default().pending += keys.len();
        for key in keys {
            self.pending.insert(key.clone(), target);
            self.waiting.push_back(key);
        }
        self.take_complete(target)
    }

    /// Returns the next pool element to ask, if another one may be asked at the same time.
    fn next(&mut self) -> Option<ElementKey> {
        while self.asked.len() < MOST_AT_ONCE {
            let key = self.waiting.pop_front()?;
            if self.pending.contains_key(&key) && !self.asked.contains_key(&key) {
                return Some(key);
            }
        }
        None
    }

    /// Returns the association that is being opened to a transport address.
    fn call_to(&self, place: &TransportAddress) -> Option<AssociationId> {
        let mut calls = self.calls.iter();
        let (&association, _) = calls.find(|(_, call)| same_place(&call.place, place))?;
        Some(association)
    }

    /// Asks a pool element as soon as this association is up.
    fn call(&mut self, association: AssociationId, place: TransportAddress, key: ElementKey) {
        let keys = BTreeSet::new();
        let call = self.calls.entry(association).or_insert(Call { place, keys });
        call.keys.insert(key.clone());
        self.asked.insert(key, Step::Calling(association));
    }

    /// An association that was being opened is up or has failed: returns the pool elements to be asked over it.
    fn take_call(&mut self, association: AssociationId) -> Option<BTreeSet<ElementKey>> {
        Some(self.calls.remove(&association)?.keys)
    }

    fn take_calls(&mut self) -> impl Iterator<Item = AssociationId> + use<> {
        std::mem::take(&mut self.calls).into_keys()
    }

    fn ask(&mut self, association: AssociationId, key: ElementKey) {
        self.asked.insert(key, Step::Asked(association));
    }

    fn was_asked(&self, association: AssociationId, key: &ElementKey) -> bool {
        self.asked.get(key) == Some(&Step::Asked(association))
    }

    /// Returns the association over which a pool element was asked.
    fn asked_over(&self, key: &ElementKey) -> Option<AssociationId> {
        match self.asked.get(key)? {
            Step::Asked(association) => Some(*association),
            Step::Calling(_) => None,
        }
    }

    /// Returns the pool elements that were asked over an association.
    fn all_asked_over(&self, association: AssociationId) -> BTreeSet<ElementKey> {
        let asked = self.asked.iter();
        let over = asked.filter(|(_, step)| **step == Step::Asked(association));
        over.map(|(key, _)| key.clone()).collect()
    }

    /// Marks a pool element as no longer pending, if it was.
    fn settle(&mut self, key: &ElementKey, adopted: bool) -> Option<Settled> {
        let target = self.pending.remove(key)?;
        let mut abandoned = None;
        if let Some(Step::Calling(association)) = self.asked.remove(key)
            && let Some(call) = self.calls.get_mut(&association)
        {
            call.keys.remove(key);
            if call.keys.is_empty() {
                self.calls.remove(&association);
                abandoned = Some(association);
            }
        }
        if let Some(balance) = self.balances.get_mut(&target) {
            balance.pending = balance.pending.saturating_sub(1);
            balance.adopted += usize::from(adopted);
            balance.lost += usize::from(!adopted);
        }
        Some(Settled {
            target,
            abandoned,
            complete: self.take_complete(target),
        })
    }

    fn take_complete(&mut self, target: RegistrarIdentifier) -> Option<Balance> {
        let balance = self.balances.get(&target).copied();
        let complete = balance.filter(|balance| balance.pending == 0)?;
        self.balances.remove(&target);
        Some(complete)
    }
}

impl Registrar {
    /// Begins to ask the pool elements of a registrar that was taken over.
    pub(super) fn adopt(&mut self, now: Time, target: RegistrarIdentifier, keys: Vec<ElementKey>) {
        if let Some(complete) = self.adoptions.add(target, keys) {
            self.takeover_complete(target, complete);
        }
        self.ask_waiting(now);
    }

    /// Asks waiting pool elements, up to the limit.
    pub(super) fn ask_waiting(&mut self, now: Time) {
        while self.is_in_service()
            && let Some(key) = self.adoptions.next()
        {
            self.begin_to_ask(now, key);
        }
    }

    fn begin_to_ask(&mut self, now: Time, key: ElementKey) {
        let element = self.handlespace.element(&key.0, key.1);
        let Some(transport) = element.and_then(|element| element.asap_transport.as_ref()) else {
            self.remove(now, &key, RemovalReason::NotAdopted);
            return;
        };
        let place = TransportAddress {
            addresses: transport.addresses().to_vec(),
            port: transport.port(),
        };
        let deadline = now + self.config.keep_alive_timeout;
        self.timers.set(Timer::Adoption(key.clone()), deadline);
        if let Some(association) = self.attached.at(&place) {
            self.ask_to_change(now, association, key);
            return;
        }
        let association = self
            .adoptions
            .call_to(&place)
            .unwrap_or_else(|| self.outbox.connect(Endpoint::Asap, place.clone()));
        self.adoptions.call(association, place, key);
    }

    fn ask_to_change(&mut self, now: Time, association: AssociationId, key: ElementKey) {
        self.send_home_keep_alive(now, association, &key);
        self.adoptions.ask(association, key);
    }

    /// Asks a pool element to accept this registrar as its home registrar, or to confirm that it has.
    pub(super) fn send_home_keep_alive(&mut self, now: Time, association: AssociationId, key: &ElementKey) {
        let (pool_handle, pe_identifier) = key.clone();
        let keep_alive = Message::EndpointKeepAlive(EndpointKeepAlive {
            home: true,
            registrar: self.settings.identifier,
            pool_handle: pool_handle.clone(),
            pe_identifier: self.config.keep_alive_names_pe.then_some(pe_identifier),
        });
        self.outbox.send_asap(association, &keep_alive);
        self.asked_over(now, association);
        self.outbox.event(Event::ProbeSent {
            pool_handle,
            pe_identifier,
            reported: false,
        });
    }

    /// An association that this registrar opened on the ASAP endpoint is up.
    pub(super) fn adoption_call_up(&mut self, now: Time, association: AssociationId, peer: TransportAddress) {
        let Some(keys) = self.adoptions.take_call(association) else {
            return;
        };
        if !self.attach(now, association, peer) {
            self.not_adopted(now, keys);
            return;
        }
        for key in keys {
            self.ask_to_change(now, association, key);
        }
    }

    /// An association ended: no answers will arrive over it. Returns whether it was one that did not come up.
    pub(super) fn adoption_call_down(&mut self, now: Time, association: AssociationId) -> bool {
        let call = self.adoptions.take_call(association);
        let did_not_come_up = call.is_some();
        let keys = call.unwrap_or_else(|| self.adoptions.all_asked_over(association));
        self.not_adopted(now, keys);
        did_not_come_up
    }

    fn not_adopted(&mut self, now: Time, keys: BTreeSet<ElementKey>) {
        for key in keys {
            self.remove(now, &key, RemovalReason::NotAdopted);
        }
        self.ask_waiting(now);
    }

    pub(super) fn adoption_timed_out(&mut self, now: Time, key: &ElementKey) {
        let asked_over = self.adoptions.asked_over(key);
        self.not_adopted(now, BTreeSet::from([key.clone()]));
        // If it is alive after all, it must notice.
        if let Some(association) = asked_over
            && !association.is_incoming()
            && self
                .attached
                .get(association)
                .is_some_and(|attached| attached.elements.is_empty())
        {
            self.cut(now, association);
        }
    }

    /// A keep-alive was acknowledged; returns whether it was sent for an adoption.
    pub(super) fn adoption_acknowledged(
        &mut self,
        now: Time,
        association: AssociationId,
        key: &ElementKey,
    ) -> bool {
        if !self.adoptions.was_asked(association, key) {
            return false;
        }
        if let Some(element) = self.handlespace.element(&key.0, key.1).cloned() {
            self.become_home(now, association, key, &element);
        }
        self.settle_adoption(key, true);
        self.ask_waiting(now);
        true
    }

    /// A pool element accepted this registrar as its home registrar.
    pub(super) fn become_home(
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
        self.send_update(UpdateAction::AddPe, &key.0, element);
    }

    /// A pool element is no longer pending: it has accepted, is gone, or belongs to another registrar.
    pub(super) fn settle_adoption(&mut self, key: &ElementKey, adopted: bool) {
        let Some(settled) = self.adoptions.settle(key, adopted) else {
            return;
        };
        let target = settled.target;
        self.timers.clear(&Timer::Adoption(key.clone()));
        if let Some(association) = settled.abandoned {
            self.outbox.abort(association);
        }
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::PoolElementSettled {
                pe_identifier: key.1,
                adopted,
            },
        });
        if let Some(complete) = settled.complete {
            self.takeover_complete(target, complete);
        }
    }

    fn takeover_complete(&mut self, target: RegistrarIdentifier, balance: Balance) {
        let Balance { adopted, lost, .. } = balance;
        self.outbox.event(Event::Takeover {
            target,
            phase: TakeoverPhase::Complete {
                adopted: count(adopted),
                lost: count(lost),
            },
        });
    }

    /// All pending pool elements belong to another registrar.
    pub(super) fn abandon_adoptions(&mut self) {
        let pending: Vec<ElementKey> = self.adoptions.pending.keys().cloned().collect();
        for key in pending {
            self.settle_adoption(&key, false);
        }
        self.adoptions = Adoptions::default();
    }

    pub(super) fn abort_adoption_calls(&mut self) {
        for association in self.adoptions.take_calls() {
            self.outbox.abort(association);
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::{PeIdentifier, PoolHandle};

    use super::*;

    const TARGET: RegistrarIdentifier = RegistrarIdentifier(7);

    fn keys(count: u32) -> Vec<ElementKey> {
        let handle = PoolHandle::new(b"pool").unwrap();
        (1..=count)
            .map(|number| (handle.clone(), PeIdentifier(number)))
            .collect()
    }

    fn place() -> TransportAddress {
        TransportAddress {
            addresses: vec!["10.0.0.1".parse().unwrap()],
            port: 7,
        }
    }

    #[test]
    fn no_more_than_so_many_are_asked_at_once_and_each_one_once() {
        let mut adoptions = Adoptions::default();
        let association = AssociationId::outgoing(1);
        let all = keys(100);
        assert_eq!(adoptions.add(TARGET, all.clone()), None);
        let mut asked = Vec::new();
        while let Some(key) = adoptions.next() {
            adoptions.ask(association, key.clone());
            asked.push(key);
        }
        assert_eq!(asked, all[..MOST_AT_ONCE]);
        // One that is gone is no longer asked.
        adoptions.settle(&all[MOST_AT_ONCE], false);
        adoptions.settle(&all[0], true);
        assert_eq!(adoptions.next(), Some(all[MOST_AT_ONCE + 1].clone()));
    }

    #[test]
    fn a_call_is_abandoned_with_the_last_one_that_it_was_for_and_the_last_one_completes_the_takeover() {
        let mut adoptions = Adoptions::default();
        let association = AssociationId::outgoing(1);
        adoptions.add(TARGET, keys(2));
        for key in keys(2) {
            assert_eq!(adoptions.next(), Some(key.clone()));
            adoptions.call(association, place(), key);
        }
        assert_eq!(adoptions.call_to(&place()), Some(association));
        let first = adoptions.settle(&keys(2)[0], true).unwrap();
        assert_eq!((first.abandoned, first.complete), (None, None));
        let last = adoptions.settle(&keys(2)[1], false).unwrap();
        assert_eq!(last.abandoned, Some(association));
        let complete = Balance {
            pending: 0,
            adopted: 1,
            lost: 1,
        };
        assert_eq!(last.complete, Some(complete));
        assert_eq!(adoptions.settle(&keys(2)[1], false), None);
    }

    #[test]
    fn a_takeover_without_pool_elements_is_complete_at_once() {
        let complete = Adoptions::default().add(TARGET, Vec::new());
        assert_eq!(complete, Some(Balance::default()));
    }
}
