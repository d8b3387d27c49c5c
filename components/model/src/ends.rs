//! Associations by the component at one of their ends, and totals per component.

use std::collections::{BTreeMap, HashMap};

use events::AssociationId;

use crate::{AssociationKey, ComponentId};

/// The ends with a component that reports the association.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ends {
    /// By component and its number for the association.
    keys: BTreeMap<(ComponentId, AssociationId), AssociationKey>,
    totals: HashMap<ComponentId, EndTotals>,
}

/// The totals of one component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct EndTotals {
    pub(crate) associations: usize,
    /// Pairs of one address of each end.
    pub(crate) pairs: usize,
}

impl Ends {
    /// Returns the association that a component knows by this number.
    pub(crate) fn get(&self, id: ComponentId, number: AssociationId) -> Option<&AssociationKey> {
        self.keys.get(&(id, number))
    }

    /// Adds an association that a component reports under an unused number.
    pub(crate) fn insert(&mut self, id: ComponentId, number: AssociationId, key: AssociationKey) {
        let totals = self.totals.entry(id).or_default();
        totals.associations += 1;
        totals.pairs += pairs(&key);
        self.keys.insert((id, number), key);
    }

    /// Removes an association that a component no longer reports.
    pub(crate) fn remove(&mut self, id: ComponentId, number: AssociationId) -> Option<AssociationKey> {
        let key = self.keys.remove(&(id, number))?;
        if let Some(totals) = self.totals.get_mut(&id) {
            totals.associations -= 1;
            totals.pairs -= pairs(&key);
            if totals.associations == 0 {
                self.totals.remove(&id);
            }
        }
        Some(key)
    }

    /// Returns all associations of a component, by number.
    pub(crate) fn of(&self, id: ComponentId) -> impl Iterator<Item = (AssociationId, &AssociationKey)> {
        let from_it = self.keys.range((id, AssociationId::outgoing(0))..);
        let own = from_it.take_while(move |((of, _), _)| *of == id);
        own.map(|(&(_, number), key)| (number, key))
    }

    /// Returns the totals of a component.
    pub(crate) fn totals(&self, id: ComponentId) -> EndTotals {
        self.totals.get(&id).copied().unwrap_or_default()
    }

    /// Returns whether there are no ends.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.totals.is_empty()
    }
}

fn pairs(key: &AssociationKey) -> usize {
    key.0.addresses.len() * key.1.addresses.len()
}
