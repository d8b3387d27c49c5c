//! Whose pool element is whose: registrars' handlespaces, each believed about what it owns itself, the newest word last.

use std::collections::BTreeSet;

use events::Occurrence as _;
use events::pool_element::Event;
use feed::{ComponentRole, HandlespaceEntry, Timestamp};
use wire::PeIdentifier;

use crate::{ComponentId, Model, Severity};

/// Entries of a handlespace that are kept.
const ENTRIES: usize = 200;
/// The longest text of an entry that is kept, in bytes.
const TEXT: usize = 200;

impl Model {
    /// Something happened in a pool element. Returns whether that can be true.
    pub(crate) fn pool_element_event(&mut self, id: ComponentId, at: Timestamp, event: &Event) -> bool {
        let component = self.components.get(&id);
        if component.is_none_or(|component| component.role() != ComponentRole::PoolElement) {
            return false;
        }
        // Whose it is the registrars' handlespaces say, and what it waits for its status.
        if let Event::RegistrationRefused { .. } = event {
            let sentence = event.sentence(self);
            self.problem(id, at, sentence);
        }
        true
    }

    /// A registrar told of its handlespace. It is believed about the pool elements that it owns itself. Where two
    /// registrars own the same one, such as after a takeover of one that was only frozen, the one that said so last is
    /// believed; what it has said before it may repeat without being believed again.
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
        component.entries = entries;
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

    /// A pool element said hello: a registrar may have told of it before.
    pub(crate) fn find_home(&mut self, id: ComponentId, at: Timestamp, pe_identifier: PeIdentifier) {
        if let Some(registrar) = self.newest_claim(pe_identifier) {
            self.own(id, at, registrar);
        }
    }

    /// A registrar's process began another life: what it owned, it does not own any more.
    pub(crate) fn orphan_pool_elements_of(&mut self, registrar: ComponentId) {
        for component in self.components.values_mut() {
            component.home_registrar = component.home_registrar.filter(|home| *home != registrar);
        }
    }

    /// The registrar is the pool element's home from now on.
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

    /// The registrar does not own the pool element any more.
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

    /// The living registrar that was the last one to say that the pool element is its own.
    fn newest_claim(&self, pe_identifier: PeIdentifier) -> Option<ComponentId> {
        self.components
            .values()
            .filter(|component| component.process.is_alive())
            .filter_map(|component| Some((*component.registrar.claims.get(&pe_identifier)?, component.id)))
            .max()
            .map(|(_, id)| id)
    }
}
