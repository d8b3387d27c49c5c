//! Pool elements of this registrar that a peer claims. Usually they have registered there, and their associations to
//! this registrar end at the same time. If one does not, the claim may have been overtaken by a newer registration
//! here, or it is false: then the pool element is asked, and its answer counts.

use wire::RegistrarIdentifier;
use wire::parameter::PoolElementParameter;

use super::{ElementKey, Event, Registrar, Timer};
use crate::{AssociationId, Time};

/// A pool element that a peer claims although its association was still up.
#[derive(Debug)]
pub(super) struct Claim {
    association: AssociationId,
    /// Its previous state.
    element: PoolElementParameter,
    claimant: RegistrarIdentifier,
    /// Whether the pool element was asked who its home registrar is.
    asked: bool,
}

impl Registrar {
    /// A peer claims a pool element of this registrar, which it owns from now on.
    pub(super) fn yield_to(&mut self, now: Time, key: &ElementKey, claimant: RegistrarIdentifier) {
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
            let claim = Claim {
                association: owned.association,
                element: element.clone(),
                claimant,
                asked: false,
            };
            self.claims.insert(key.clone(), claim);
            let due = now + self.config.keep_alive_timeout;
            self.timers.set(Timer::Reclaim(key.clone()), due);
        }
    }

    /// A claimed pool element has had enough time to leave or to answer.
    pub(super) fn reclaim_due(&mut self, now: Time, key: &ElementKey) {
        let still_there = |claim: &&mut Claim| self.attached.contains(claim.association) && !claim.asked;
        let Some(claim) = self.claims.get_mut(key).filter(still_there) else {
            self.claims.remove(key);
            return;
        };
        claim.asked = true;
        let association = claim.association;
        self.send_home_keep_alive(now, association, key);
        let deadline = now + self.config.keep_alive_timeout;
        self.timers.set(Timer::Reclaim(key.clone()), deadline);
    }

    /// A keep-alive was acknowledged; returns whether it was sent because of a claim.
    pub(super) fn claim_denied(&mut self, now: Time, association: AssociationId, key: &ElementKey) -> bool {
        let claim = self.claims.get(key);
        if !claim.is_some_and(|claim| claim.asked && claim.association == association) {
            return false;
        }
        let Some(Claim {
            element, claimant, ..
        }) = self.claims.remove(key)
        else {
            return false;
        };
        self.timers.clear(&Timer::Reclaim(key.clone()));
        let full = self.owner_of(key).is_none() && self.is_full(&key.0);
        if !full && self.handlespace.put(&key.0, element.clone()).is_ok() {
            self.outbox.event(Event::OwnerChanged {
                pool_handle: key.0.clone(),
                pe_identifier: key.1,
                owner: self.settings.identifier,
            });
            self.pool_changed(now, &key.0);
            self.become_home(now, association, key, &element);
            // The pool element's answer overrides the claimant until it registers again.
            if let Some(owned) = self.owned.get_mut(key) {
                owned.claimed_by = Some(claimant);
            }
        }
        true
    }

    /// A pool element registered here: there is no need to ask.
    pub(super) fn forget_claim(&mut self, key: &ElementKey) {
        if self.claims.remove(key).is_some() {
            self.timers.clear(&Timer::Reclaim(key.clone()));
        }
    }
}
