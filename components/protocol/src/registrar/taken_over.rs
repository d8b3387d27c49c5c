//! The takeover of this registrar by another one. The RFC is silent about what follows.

use std::collections::BTreeSet;
use std::time::Duration;

use wire::RegistrarIdentifier;

use super::{Event, Registrar, TakeoverPhase, Timer, count};
use crate::{AssociationId, Time};

impl Registrar {
    /// Somebody says that this registrar is dead. "Alive and active": to everybody, at once.
    pub(super) fn takeover_of_us_announced(&mut self, now: Time, by: RegistrarIdentifier) {
        if let Some(peer) = self.peers.get_mut(by) {
            peer.init_takeover_of_us = Some(now);
        }
        self.send_presence_to_all();
        self.multicast_presence(false);
    }

    /// Whether this registrar was silent itself for as long as others must be to be doubted, and not long ago.
    fn has_stood_still(&self, now: Time, patience: Duration) -> bool {
        let still = now - self.last_heartbeat > self.config.max_time_last_heard;
        still || self.stood_still.is_some_and(|until| now - until <= patience)
    }

    /// This registrar was taken over because it stood still: its pool elements are the other one's, and those that do not
    /// know it yet are sent away to register again.
    ///
    /// Who has not stood still is heard by somebody, or else the keep-alives of the other one tell the pool elements
    /// that it reaches. Hence that is a lie, or changes nothing here.
    pub(super) fn taken_over(&mut self, now: Time, association: AssociationId, by: RegistrarIdentifier) {
        let peer = self.peers.get_mut(by);
        let announced = peer.and_then(|peer| peer.init_takeover_of_us.take());
        let patience = self.config.takeover_expiry * 2 + self.config.max_time_no_response;
        let refusal = if announced.is_none_or(|at| now - at > patience) {
            Some("takeover of this registrar that was not announced")
        } else if !self.has_stood_still(now, patience) {
            Some("takeover of this registrar, which is alive")
        } else {
            None
        };
        if let Some(refusal) = refusal {
            self.complain(association, refusal);
            self.send_presence_to_all();
            return;
        }
        let own = self.settings.identifier;
        self.abandon_adoptions();
        self.claims.clear();
        let owned = std::mem::take(&mut self.owned);
        let mut associations = BTreeSet::new();
        for (key, owned) in owned {
            self.timers.clear(&Timer::KeepAlive(key.clone()));
            self.timers.clear(&Timer::KeepAliveTimeout(key.clone()));
            if let Some(attached) = self.attached.get_mut(owned.association) {
                attached.elements.remove(&key);
            }
            associations.insert(owned.association);
        }
        let taken = self.change_owner(now, own, by);
        self.outbox.event(Event::Takeover {
            target: own,
            phase: TakeoverPhase::TakenOver {
                by,
                pool_elements: count(taken.len()),
            },
        });
        self.send_presence_to_all();
        self.multicast_presence(false);
        for association in associations {
            self.cut(now, association);
        }
    }
}
