//! Which registrar owns which pool element, from the registrars' handlespaces. Each is believed about what it owns
//! itself; the newest claim wins.

use std::collections::BTreeSet;

use events::pool_element::{Event, refusal_in_words};
use feed::{ComponentRole, HandlespaceEntry, Timestamp};
use wire::PeIdentifier;

use crate::{ComponentId, Farewell, Model, Severity};

/// The maximum number of handlespace entries that are kept.
pub(crate) const ENTRIES: usize = 200;
/// The maximum length of an entry's text that is kept, in bytes.
const TEXT: usize = 200;

impl Model {
    /// Applies an event of a pool element. Returns whether it is plausible.
    pub(crate) fn pool_element_event(&mut self, id: ComponentId, at: Timestamp, event: &Event) -> bool {
        let component = self.components.get(&id);
        if component.is_none_or(|component| component.role() != ComponentRole::PoolElement) {
            return false;
        }
        // Ownership comes from the registrars' handlespaces, and what the pool element is waiting for from its
        // status.
        match event {
            Event::RegistrationRefused {
                pool_handle,
                policy,
                causes,
                ..
            } => {
                let why = refusal_in_words(pool_handle, policy, causes);
                self.refused(id, at, why);
            }
            Event::Registered { .. } | Event::LeftPool => self.not_refused(id),
            Event::Deregistered { confirmed } => {
                if let Some(component) = self.components.get_mut(&id) {
                    component.farewell = if *confirmed {
                        Farewell::Heard
                    } else {
                        Farewell::Unheard
                    };
                }
            }
            _ => {}
        }
        true
    }

    /// A registrar does not let a pool element into the pool. It tries again and again, which is told once.
    fn refused(&mut self, id: ComponentId, at: Timestamp, mut why: String) {
        super::shorten(&mut why, TEXT);
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        if component.refusal.as_ref() != Some(&why) {
            component.refusal = Some(why.clone());
            self.note(Some(id), at, Severity::Problem, |name| {
                format!("{name} was refused: {why}")
            });
        }
    }

    fn not_refused(&mut self, id: ComponentId) {
        if let Some(component) = self.components.get_mut(&id) {
            component.refusal = None;
        }
    }

    /// A registrar reported its handlespace. It is believed about the pool elements that it owns itself. Where two
    /// registrars claim the same one, e.g. after the takeover of one that was only frozen, the latest claim wins;
    /// repeating an earlier claim does not renew it.
    pub(crate) fn handlespace(
        &mut self,
        registrar: ComponentId,
        at: Timestamp,
        mut entries: Vec<HandlespaceEntry>,
        pool_elements: u32,
    ) -> bool {
        let complete = entries.len() == pool_elements as usize;
        super::shorten_list(&mut entries, ENTRIES);
        for entry in &mut entries {
            super::shorten(&mut entry.policy, TEXT);
        }
        self.index.words += 1;
        let word = self.index.words;
        let Some(component) = self.registrar_mut(registrar) else {
            return false;
        };
        let own: BTreeSet<PeIdentifier> = entries
            .iter()
            .filter(|entry| component.is_registrar(entry.home_registrar))
            .map(|entry| entry.pe_identifier)
            .collect();
        let claims = &mut component.registrar.claims;
        let mut dropped = Vec::new();
        if complete || claims.len() > ENTRIES {
            dropped.extend(claims.keys().copied().filter(|claim| !own.contains(claim)));
            claims.retain(|claim, _| own.contains(claim));
        }
        let new: BTreeSet<PeIdentifier> = own
            .iter()
            .copied()
            .filter(|claim| !claims.contains_key(claim))
            .collect();
        claims.extend(new.iter().map(|claim| (*claim, word)));
        component.entries = entries.into();
        component.registrar.handlespace_at = at;
        for pe_identifier in dropped {
            self.disown(pe_identifier, registrar);
        }
        for pe_identifier in own {
            let Some(id) = self.index.pool_element(pe_identifier) else {
                continue;
            };
            let confirmed = self
                .components
                .get(&id)
                .is_some_and(|element| element.registered_with.is_some());
            if new.contains(&pe_identifier) || !confirmed {
                self.own(id, at, registrar);
            }
        }
        true
    }

    /// A pool element said hello: a registrar may have reported it already.
    pub(crate) fn find_home(&mut self, id: ComponentId, at: Timestamp, pe_identifier: PeIdentifier) {
        if let Some(registrar) = self.newest_claim(pe_identifier) {
            self.own(id, at, registrar);
        }
    }

    /// A registrar's process started another life: it no longer owns what it owned before.
    pub(crate) fn orphan_pool_elements_of(&mut self, registrar: ComponentId) {
        for component in self.components.values_mut() {
            component.home_registrar = component.home_registrar.filter(|home| *home != registrar);
        }
    }

    /// Makes the registrar the pool element's home registrar.
    fn own(&mut self, pool_element: ComponentId, at: Timestamp, registrar: ComponentId) {
        let Some(element) = self.components.get_mut(&pool_element) else {
            return;
        };
        element.home_registrar = Some(registrar);
        let before = element.registered_with.replace(registrar);
        if before == Some(registrar) {
            return;
        }
        let name_of = |id: ComponentId| self.components.get(&id).map(|component| component.name.clone());
        let registrar = name_of(registrar).unwrap_or_default();
        let before = before.and_then(name_of);
        self.note(Some(pool_element), at, Severity::Normal, |name| match before {
            Some(before) => format!("{name} moved from {before} to {registrar}"),
            None => format!("{name} registered with {registrar}"),
        });
    }

    /// The registrar no longer owns the pool element.
    fn disown(&mut self, pe_identifier: PeIdentifier, registrar: ComponentId) {
        let next = self.newest_claim(pe_identifier);
        let element = self.index.pool_element(pe_identifier);
        let Some(element) = element.and_then(|id| self.components.get_mut(&id)) else {
            return;
        };
        if element.registered_with == Some(registrar) {
            element.registered_with = next;
        }
        if element.home_registrar == Some(registrar) {
            element.home_registrar = next;
        }
    }

    /// Returns the living registrar that was the last one to claim the pool element.
    fn newest_claim(&self, pe_identifier: PeIdentifier) -> Option<ComponentId> {
        self.components
            .values()
            .filter(|component| component.process.is_alive())
            .filter_map(|component| Some((*component.registrar.claims.get(&pe_identifier)?, component.id)))
            .max()
            .map(|(_, id)| id)
    }
}
