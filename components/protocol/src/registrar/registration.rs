//! ASAP_REGISTRATION and ASAP_DEREGISTRATION (RFC 5352 sections 3.1 and 3.2); every change of the handlespace.

use wire::PoolHandle;
use wire::asap::{Deregistration, DeregistrationResponse, Message, Registration, RegistrationResponse};
use wire::enrp::UpdateAction;
use wire::parameter::{CauseCode, ErrorCause, PoolElementParameter};

use super::admission::{Admission, cause_of};
use super::{ElementKey, Event, Registrar, RemovalReason, Timer};
use crate::{AssociationId, Time};

impl Registrar {
    pub(super) fn handle_registration(
        &mut self,
        now: Time,
        association: AssociationId,
        registration: Registration,
    ) {
        self.leave_for_another_policy(now, association, &registration);
        let Some(attached) = self.attached.get(association) else {
            return;
        };
        let outcome = match self.admit(association, attached, &registration) {
            Ok(Admission {
                element,
                warnings,
                changes,
            }) => self
                .put(now, association, &registration.pool_handle, element, &changes)
                .map(|()| warnings),
            Err(cause) => Err(cause),
        };
        let pool_handle = registration.pool_handle;
        let pe_identifier = registration.pool_element.identifier;
        let rejected = outcome.is_err();
        let causes = outcome.unwrap_or_else(|cause| vec![cause]);
        if rejected {
            self.outbox.event(Event::RegistrationRefused {
                pool_handle: pool_handle.clone(),
                pe_identifier,
                causes: causes.clone(),
            });
        }
        let response = Message::RegistrationResponse(RegistrationResponse {
            rejected,
            pool_handle,
            pe_identifier,
            causes,
        });
        self.outbox.send_asap(association, &response);
    }

    /// Removes a pool element that registers with a policy of another type than before: whatever comes of the
    /// registration, it is not what is listed any more.
    ///
    /// Otherwise, a pool that has changed its policy while this registrar did not hear of it could not come back here:
    /// each pool element would be refused because of the old registrations, including its own (D-37).
    fn leave_for_another_policy(
        &mut self,
        now: Time,
        association: AssociationId,
        registration: &Registration,
    ) {
        let element = &registration.pool_element;
        let key = (registration.pool_handle.clone(), element.identifier);
        let is_here = self
            .owned
            .get(&key)
            .is_some_and(|owned| owned.association == association);
        let listed = self.handlespace.element(&key.0, key.1);
        let other_type =
            listed.is_some_and(|listed| listed.policy.policy_type() != element.policy.policy_type());
        if is_here && other_type {
            self.remove(now, &key, RemovalReason::OtherPolicy);
        }
    }

    pub(super) fn handle_deregistration(
        &mut self,
        now: Time,
        association: AssociationId,
        request: Deregistration,
    ) {
        let key = (request.pool_handle, request.pe_identifier);
        let mut causes = Vec::new();
        match self.owned.get(&key) {
            // RFC 5352 section 2.2.2: a pool element may only deregister itself.
            Some(owned) if owned.association != association => {
                causes.push(ErrorCause::bare(CauseCode::SECURITY));
                self.outbox.event(Event::DeregistrationRefused {
                    pool_handle: key.0.clone(),
                    pe_identifier: key.1,
                    causes: causes.clone(),
                });
            }
            Some(_) => self.remove(now, &key, RemovalReason::Deregistered),
            None => self.deregister_elsewhere(now, association, &key),
        }
        let (pool_handle, pe_identifier) = key;
        let response = Message::DeregistrationResponse(DeregistrationResponse {
            pool_handle,
            pe_identifier,
            causes,
        });
        self.outbox.send_asap(association, &response);
    }

    /// Handles the deregistration of a pool element that is not known to be this registrar's: it has changed
    /// registrars. If it is unknown, there is nothing to do.
    fn deregister_elsewhere(&mut self, now: Time, association: AssociationId, key: &ElementKey) {
        let Some(element) = self.handlespace.element(&key.0, key.1) else {
            return;
        };
        let host = self.attached.get(association).map(|attached| &attached.peer);
        let asap_transport = element.asap_transport.as_ref();
        let is_itself = host.zip(asap_transport).is_some_and(|(host, transport)| {
            let mut addresses = transport.addresses().iter();
            addresses.any(|address| host.addresses.iter().any(|own| own.to_canonical() == *address))
        });
        if !is_itself {
            return;
        }
        if element.home_registrar != self.settings.identifier {
            // Peers accept the end of a pool element only from its owner.
            let mut element = element.clone();
            element.home_registrar = self.settings.identifier;
            if self.handlespace.put(&key.0, element.clone()).is_err() {
                return;
            }
            self.send_update(UpdateAction::AddPe, &key.0, &element);
        }
        self.remove(now, key, RemovalReason::Deregistered);
    }

    /// Adds or replaces a pool element; this registrar owns it from now on, whoever owned it before.
    fn put(
        &mut self,
        now: Time,
        association: AssociationId,
        handle: &PoolHandle,
        element: PoolElementParameter,
        changes: &[ErrorCause],
    ) -> Result<(), ErrorCause> {
        let key = (handle.clone(), element.identifier);
        let life = element.registration_life;
        let policy = element.policy.clone();
        if let Some(previous) = self.owner_of(&key) {
            self.left_by_pool_element(now, previous);
        }
        let replaced = self
            .handlespace
            .put(handle, element.clone())
            .map_err(|inconsistency| cause_of(&inconsistency, &policy))?;
        self.foreign_reports.remove(&key);
        self.announced.remove(&key);
        self.forget_claim(&key);
        self.settle_adoption(&key, true);
        self.send_update(UpdateAction::AddPe, handle, &element);
        let own = self.settings.identifier;
        if replaced
            .as_ref()
            .is_some_and(|replaced| replaced.home_registrar != own)
        {
            self.outbox.event(Event::OwnerChanged {
                pool_handle: handle.clone(),
                pe_identifier: key.1,
                owner: own,
            });
        }
        let previous = self.owned.get(&key).map(|owned| owned.association);
        if previous != Some(association) {
            if let Some(attached) = previous.and_then(|previous| self.attached.get_mut(previous)) {
                attached.elements.remove(&key);
            }
            if let Some(attached) = self.attached.get_mut(association) {
                attached.elements.insert(key.clone());
            }
            self.outbox.event(Event::PoolElementIdentified {
                association,
                pool_handle: handle.clone(),
                pe_identifier: key.1,
            });
        }
        self.outbox.event(if replaced.is_some() {
            Event::Reregistered {
                pool_handle: handle.clone(),
                pe_identifier: key.1,
                policy,
                association,
            }
        } else {
            Event::Registered {
                pool_handle: handle.clone(),
                pe_identifier: key.1,
                policy,
                association,
                warnings: changes.to_vec(),
            }
        });
        self.pool_changed(now, handle);
        self.watch(now, key.clone(), association, life);
        self.measure(now, association, &key);
        self.ask_waiting(now);
        Ok(())
    }

    /// Removes a pool element that this registrar owns, and updates the peers.
    pub(super) fn remove(&mut self, now: Time, key: &ElementKey, reason: RemovalReason) {
        let owned = self.owned.remove(key);
        let own = self.settings.identifier;
        if owned.is_none() && self.owner_of(key) != Some(own) {
            return;
        }
        let Some(element) = self.take_out(now, key) else {
            return;
        };
        if let Some(attached) = owned.and_then(|owned| self.attached.get_mut(owned.association)) {
            attached.elements.remove(key);
        }
        self.timers.clear(&Timer::KeepAlive(key.clone()));
        self.timers.clear(&Timer::KeepAliveTimeout(key.clone()));
        self.timers.clear(&Timer::RegistrationLife(key.clone()));
        self.outbox.event(Event::Removed {
            pool_handle: key.0.clone(),
            pe_identifier: key.1,
            reason,
        });
        self.settle_adoption(key, false);
        self.send_update(UpdateAction::DelPe, &key.0, &element);
        self.pool_changed(now, &key.0);
    }
}
