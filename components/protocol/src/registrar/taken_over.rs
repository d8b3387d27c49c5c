//! The takeover of this registrar by another one. The RFC does not specify what follows.

use std::collections::BTreeSet;
use std::time::Duration;

use wire::RegistrarIdentifier;

use super::{Event, Registrar, TakeoverPhase, Timer, count};
use crate::{AssociationId, Time};

impl Registrar {
    /// Another registrar declares this one dead. Sends "alive and active" to all peers at once.
    pub(super) fn takeover_of_us_announced(&mut self, now: Time, by: RegistrarIdentifier) {
        if let Some(peer) = self.peers.get_mut(by) {
            peer.init_takeover_of_us = Some(now);
        }
        self.send_presence_to_all();
        self.multicast_presence(false);
    }

    /// Returns whether this registrar was itself silent, recently and long enough for others to doubt it.
    fn has_stood_still(&self, now: Time, patience: Duration) -> bool {
        let still = now - self.last_heartbeat > self.config.max_time_last_heard;
        still || self.stood_still.is_some_and(|until| now - until <= patience)
    }

    /// This registrar was taken over because it was stalled: the other one owns its pool elements now, and those
    /// that do not know it yet are disconnected, so that they register again.
    ///
    /// A registrar that was not stalled is heard by some peer, or else the keep-alives of the other one inform the
    /// pool elements that it reaches. Hence the takeover is false then, or changes nothing here.
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
