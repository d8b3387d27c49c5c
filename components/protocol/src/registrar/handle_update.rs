//! ENRP_HANDLE_UPDATE: announcing changes of this registrar's own pool elements to peers, and processing theirs (RFC
//! 5353 section 3.3); and the pool elements of peers in general.

use std::time::Duration;

use wire::enrp::{HandleUpdate, UpdateAction};
use wire::parameter::PoolElementParameter;
use wire::{PoolHandle, RegistrarIdentifier};

use super::monitoring::life_duration;
use super::{ElementKey, Event, Registrar, RemovalReason, Timer};
use crate::{AssociationId, Time};

/// A change made by a message of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    OwnerChanged,
    Updated,
}

/// The reason why a pool element that a peer announced was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// The handlespace is full.
    NoRoom,
    /// It does not fit into its pool here, which was reported.
    Contradicts,
}

impl Registrar {
    /// Sends peers an update about a pool element that this registrar owns, or has owned until now.
    pub(super) fn send_update(
        &mut self,
        action: UpdateAction,
        handle: &PoolHandle,
        element: &PoolElementParameter,
    ) {
        if !self.is_in_service() {
            return;
        }
        let connected: Vec<RegistrarIdentifier> = self.peers.connected().map(|(peer, _)| peer).collect();
        for peer in connected {
            let update = HandleUpdate {
                takeover_suggested: false,
                action,
                pool_handle: handle.clone(),
                pool_element: element.clone(),
            };
            self.send_enrp(peer, update);
        }
    }

    pub(super) fn handle_update(
        &mut self,
        now: Time,
        association: AssociationId,
        from: RegistrarIdentifier,
        update: HandleUpdate,
    ) {
        let HandleUpdate {
            action,
            pool_handle,
            pool_element,
            ..
        } = update;
        let key = (pool_handle, pool_element.identifier);
        if action == UpdateAction::DelPe {
            // This ignores late updates that cross with a change of owner.
            if self.owner_of(&key) == Some(from) {
                self.remove_foreign(now, &key, RemovalReason::RemovedByOwner);
            }
            return;
        }
        if pool_element.home_registrar != from {
            self.complain(association, "update about a pool element of somebody else");
            return;
        }
        if self.owner_of(&key) == Some(self.settings.identifier) {
            let owned = self.owned.get(&key);
            if owned.and_then(|owned| owned.claimed_by) == Some(from) {
                self.complain(
                    association,
                    "claim of a pool element that has said that it is here",
                );
                return;
            }
            self.yield_to(now, &key, from);
        }
        let connection = self.peers.connection_mut(from);
        if let Some(download) = connection.and_then(|connection| connection.synchronization.as_mut()) {
            download.note(&key);
        }
        if self.put_foreign(now, from, &key.0, pool_element) == Err(NotTaken::NoRoom) {
            self.complain(
                association,
                "update about a pool element for which there is no room",
            );
        }
    }

    pub(super) fn owner_of(&self, key: &ElementKey) -> Option<RegistrarIdentifier> {
        let element = self.handlespace.element(&key.0, key.1);
        element.map(|element| element.home_registrar)
    }

    /// Adds a pool element that a peer announced; it is not one that this registrar owns.
    pub(super) fn put_foreign(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        handle: &PoolHandle,
        element: PoolElementParameter,
    ) -> Result<Change, NotTaken> {
        let pe_identifier = element.identifier;
        let owner = element.home_registrar;
        let key = (handle.clone(), pe_identifier);
        let element = self.add_distance(from, handle, element);
        let mut known = self.owner_of(&key);
        if known.is_none() && self.is_full_for_others(handle) {
            return Err(NotTaken::NoRoom);
        }
        let life = element.registration_life;
        // What an owner says is newer than the copy: perhaps its pool was founded again meanwhile.
        if known == Some(owner) && self.handlespace.check(handle, &element).is_err() {
            self.remove_foreign(now, &key, RemovalReason::RemovedByOwner);
            known = None;
        }
        if let Err(inconsistency) = self.handlespace.check(handle, &element) {
            self.pass_over(handle, &element, &inconsistency);
            return Err(NotTaken::Contradicts);
        }
        if self.handlespace.put(handle, element).is_err() {
            return Err(NotTaken::Contradicts);
        }
        self.contradictions.settle(&key);
        self.foreign_reports.remove(&key);
        let expiry = Timer::RegistrationLife(key.clone());
        if self.peers.contains(owner) {
            // Its owner monitors it.
            self.timers.clear(&expiry);
        } else {
            let life = life_duration(life, self.config.life_unit);
            let life = life.unwrap_or(self.config.registration_life);
            self.timers.set(expiry, now + life);
        }
        let pool_handle = handle.clone();
        let change = match known {
            None => Change::Added,
            Some(previous) if previous != owner => Change::OwnerChanged,
            Some(_) => Change::Updated,
        };
        self.outbox.event(match change {
            Change::OwnerChanged => Event::OwnerChanged {
                pool_handle,
                pe_identifier,
                owner,
            },
            Change::Added | Change::Updated => Event::PeerPoolElement {
                pool_handle,
                pe_identifier,
            },
        });
        self.pool_changed(now, handle);
        Ok(change)
    }

    /// Returns whether the handlespace has no room for another pool element of this pool.
    pub(super) fn is_full(&self, handle: &PoolHandle) -> bool {
        self.handlespace.len() >= self.config.max_pool_elements
            || self.handlespace.pool(handle).is_none()
                && self.handlespace.pool_count() >= self.config.max_pools
    }

    /// The same for pool elements of peers. An eighth is reserved for those that register here, so that no peer can
    /// keep them out, whatever it claims to have.
    fn is_full_for_others(&self, handle: &PoolHandle) -> bool {
        self.handlespace.len() >= without_reserve(self.config.max_pool_elements)
            || self.handlespace.pool(handle).is_none()
                && self.handlespace.pool_count() >= without_reserve(self.config.max_pools)
    }

    fn has_room_for_others(&self) -> bool {
        self.handlespace.len() < without_reserve(self.config.max_pool_elements)
            && self.handlespace.pool_count() < without_reserve(self.config.max_pools)
    }

    /// Removes a pool element from the handlespace, whoever owns it.
    pub(super) fn take_out(&mut self, now: Time, key: &ElementKey) -> Option<PoolElementParameter> {
        let was_full = !self.has_room_for_others();
        let removed = self.handlespace.remove(&key.0, key.1)?;
        self.announced.remove(key);
        // A pool has the policy of its first pool element until the last one is gone.
        let is_last = self.handlespace.pool(&key.0).is_none();
        if is_last {
            self.contradictions.settle_pool(&key.0);
        }
        if is_last || was_full && self.has_room_for_others() {
            self.room_was_made(now);
        }
        Some(removed)
    }

    /// Removes a pool element of a peer from the local copy.
    pub(super) fn remove_foreign(&mut self, now: Time, key: &ElementKey, reason: RemovalReason) {
        if self.take_out(now, key).is_none() {
            return;
        }
        self.foreign_reports.remove(key);
        self.timers.clear(&Timer::RegistrationLife(key.clone()));
        self.outbox.event(Event::Removed {
            pool_handle: key.0.clone(),
            pe_identifier: key.1,
            reason,
        });
        self.pool_changed(now, &key.0);
    }

    /// A registrar was removed from the peer list: since its pool elements are no longer monitored, they last no
    /// longer than their registration life from now on.
    pub(super) fn orphan(&mut self, now: Time, owner: RegistrarIdentifier) {
        let lives: Vec<(ElementKey, Option<Duration>)> = self
            .handlespace
            .owned_after(owner, None)
            .map(|(handle, element)| {
                let life = life_duration(element.registration_life, self.config.life_unit);
                ((handle.clone(), element.identifier), life)
            })
            .collect();
        for (key, life) in lives {
            let life = life.unwrap_or(self.config.registration_life);
            self.timers.set(Timer::RegistrationLife(key), now + life);
        }
    }

    /// The registration life expired of a pool element that a peer owns, or owned.
    pub(super) fn foreign_expired(&mut self, now: Time, key: &ElementKey) {
        let owner = self.owner_of(key);
        // An owner that has come back monitors it again.
        if owner.is_some_and(|owner| owner != self.settings.identifier && !self.peers.contains(owner)) {
            self.remove_foreign(now, key, RemovalReason::Expired);
        }
    }

    /// Handles an unreachable report about a pool element of a peer. It is up to the owner to probe it, and there is
    /// no message to inform the owner. If it is reported repeatedly, it is removed, but from the local copy only;
    /// the next audit restores it if its owner still has it.
    pub(super) fn foreign_reported(&mut self, now: Time, association: AssociationId, key: &ElementKey) {
        let reports = self.foreign_reports.entry(key.clone()).or_default();
        *reports = reports.saturating_add(1);
        let reports = *reports;
        self.outbox.event(Event::UnreachableReported {
            association,
            pool_handle: key.0.clone(),
            pe_identifier: key.1,
            reports,
        });
        if reports > self.config.max_bad_pe_report {
            self.remove_foreign(now, key, RemovalReason::Reported);
        }
    }
}

/// Returns the part of a limit that is available for peers.
const fn without_reserve(limit: usize) -> usize {
    limit - limit / 8
}
