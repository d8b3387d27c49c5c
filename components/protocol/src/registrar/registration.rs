//! ASAP_REGISTRATION and ASAP_DEREGISTRATION (RFC 5352 sections 3.1 and 3.2); every change of the handlespace.

use wire::PoolHandle;
use wire::asap::{Deregistration, DeregistrationResponse, Message, Registration, RegistrationResponse};
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
        let Some(attached) = self.attached.get(&association) else {
            return;
        };
        let outcome = match self.admit(association, attached, &registration) {
            Ok(Admission { element, warnings }) => self
                .put(now, association, &registration.pool_handle, element, &warnings)
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

    pub(super) fn handle_deregistration(
        &mut self,
        now: Time,
        association: AssociationId,
        request: Deregistration,
    ) {
        let key = (request.pool_handle, request.pe_identifier);
        let mut causes = Vec::new();
        match self.owned.get(&key) {
            // RFC 5352 section 2.2.2: a pool element deregisters itself only, never another one.
            Some(owned) if owned.association != association => {
                causes.push(ErrorCause::bare(CauseCode::SECURITY));
                self.outbox.event(Event::DeregistrationRefused {
                    pool_handle: key.0.clone(),
                    pe_identifier: key.1,
                    causes: causes.clone(),
                });
            }
            Some(_) => self.remove(now, &key, RemovalReason::Deregistered),
            // Whoever is not there has what it asks for.
            None => {}
        }
        let (pool_handle, pe_identifier) = key;
        let response = Message::DeregistrationResponse(DeregistrationResponse {
            pool_handle,
            pe_identifier,
            causes,
        });
        self.outbox.send_asap(association, &response);
    }

    /// Adds or replaces a pool element; it is this registrar's from now on, whoever owned it before.
    fn put(
        &mut self,
        now: Time,
        association: AssociationId,
        handle: &PoolHandle,
        element: PoolElementParameter,
        warnings: &[ErrorCause],
    ) -> Result<(), ErrorCause> {
        let key = (handle.clone(), element.identifier);
        let life = element.registration_life;
        let policy = element.policy.clone();
        let replaced = self
            .handlespace
            .put(handle, element)
            .map_err(|inconsistency| cause_of(&inconsistency, &policy))?;

        let previous = self.owned.get(&key).map(|owned| owned.association);
        if previous != Some(association) {
            if let Some(attached) = previous.and_then(|previous| self.attached.get_mut(&previous)) {
                attached.elements.remove(&key);
            }
            if let Some(attached) = self.attached.get_mut(&association) {
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
                warnings: warnings.to_vec(),
            }
        });
        self.pool_changed(now, handle);
        self.watch(now, key, association, life);
        Ok(())
    }

    /// Removes a pool element that this registrar owns.
    pub(super) fn remove(&mut self, now: Time, key: &ElementKey, reason: RemovalReason) {
        let Some(owned) = self.owned.remove(key) else {
            return;
        };
        self.handlespace.remove(&key.0, key.1);
        if let Some(attached) = self.attached.get_mut(&owned.association) {
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
        self.pool_changed(now, &key.0);
    }
}
