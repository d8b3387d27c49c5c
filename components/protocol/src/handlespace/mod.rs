//! All pools and pool elements known to one registrar: those it owns and those of other registrars.
//!
//! A pool exists as long as it has a pool element. This module does not know associations, timers or messages.

mod owner;
mod pool;

use std::collections::BTreeMap;
use std::ops::Bound;

use rand::Rng;
use wire::parameter::PoolElementParameter;
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

pub use pool::{Inconsistency, Pool};

use owner::Owner;

/// The checksum without any pool elements.
const EMPTY_CHECKSUM: u16 = 0xffff;

/// All pools and their pool elements.
///
/// Operations on one pool element take logarithmic time in the number of pools and pool elements.
#[derive(Debug, Default)]
pub struct Handlespace {
    pools: BTreeMap<PoolHandle, Pool>,
    owners: BTreeMap<RegistrarIdentifier, Owner>,
    elements: usize,
    /// The number of pools whose policy has a distance.
    with_distances: usize,
}

impl Handlespace {
    /// Creates an empty handlespace.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns all pools, by handle.
    pub fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.pools.values()
    }

    /// Returns the pool with this handle.
    #[must_use]
    pub fn pool(&self, handle: &PoolHandle) -> Option<&Pool> {
        self.pools.get(handle)
    }

    /// Returns a pool element.
    #[must_use]
    pub fn element(&self, handle: &PoolHandle, identifier: PeIdentifier) -> Option<&PoolElementParameter> {
        self.pools.get(handle)?.element(identifier)
    }

    /// Returns all pool elements after the given one, by handle and identifier; all of them if none is given.
    pub fn elements_after<'a>(
        &'a self,
        position: Option<(&'a PoolHandle, PeIdentifier)>,
    ) -> impl Iterator<Item = (&'a PoolHandle, &'a PoolElementParameter)> {
        let (first_pool, rest) = match position {
            Some((handle, identifier)) => (
                self.pools.get(handle).map(|pool| (pool, identifier)),
                (Bound::Excluded(handle), Bound::Unbounded),
            ),
            None => (None, (Bound::Unbounded, Bound::Unbounded)),
        };
        let in_first_pool = first_pool.into_iter().flat_map(|(pool, identifier)| {
            let behind = (Bound::Excluded(identifier), Bound::Unbounded);
            let elements = pool.by_identifier().range(behind);
            elements.map(move |(_, element)| (pool.handle(), element))
        });
        let in_others = self
            .pools
            .range::<PoolHandle, _>(rest)
            .flat_map(|(handle, pool)| pool.elements().map(move |element| (handle, element)));
        in_first_pool.chain(in_others)
    }

    /// Returns the pool elements of an owner after the given one, by handle and identifier.
    pub fn owned_after(
        &self,
        owner: RegistrarIdentifier,
        position: Option<(PoolHandle, PeIdentifier)>,
    ) -> impl Iterator<Item = (&PoolHandle, &PoolElementParameter)> {
        let behind = position.map_or(Bound::Unbounded, Bound::Excluded);
        let owned = self.owners.get(&owner).into_iter();
        owned
            .flat_map(move |owner| owner.elements().range((behind.clone(), Bound::Unbounded)))
            .filter_map(|(handle, identifier)| Some((handle, self.element(handle, *identifier)?)))
    }

    /// Returns the number of pools.
    #[must_use]
    pub fn pool_count(&self) -> usize {
        self.pools.len()
    }

    /// Returns the number of pool elements.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.elements
    }

    /// Returns whether there is a pool whose policy has a distance.
    pub(crate) const fn has_distances(&self) -> bool {
        self.with_distances > 0
    }

    /// Returns whether there are no pool elements.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.elements == 0
    }

    /// Returns the number of pool elements that a registrar owns.
    #[must_use]
    pub fn owned_count(&self, owner: RegistrarIdentifier) -> usize {
        self.owners.get(&owner).map_or(0, |owner| owner.elements().len())
    }

    /// Returns the checksum of the pool elements that a registrar owns (RFC 5353 section 3.7.2), in constant time.
    #[must_use]
    pub fn checksum(&self, owner: RegistrarIdentifier) -> u16 {
        self.owners.get(&owner).map_or(EMPTY_CHECKSUM, Owner::checksum)
    }

    /// Adds a pool element, or replaces the one with the same identifier in the same pool; returns the replaced one.
    /// Its owner is its home registrar.
    ///
    /// # Errors
    /// Returns an error if it does not fit into the pool; nothing is changed then.
    pub fn put(
        &mut self,
        handle: &PoolHandle,
        element: PoolElementParameter,
    ) -> Result<Option<PoolElementParameter>, Inconsistency> {
        let identifier = element.identifier;
        let owner = element.home_registrar;
        let replaced = match self.pools.get_mut(handle) {
            Some(pool) => {
                pool.check(&element)?;
                pool.put(element)
            }
            None => {
                let mut pool = Pool::founded_by(handle.clone(), &element)?;
                pool.put(element);
                self.with_distances += usize::from(pool.has_distances());
                self.pools.insert(handle.clone(), pool);
                None
            }
        };
        match &replaced {
            Some(previous) if previous.home_registrar != owner => {
                self.disown(previous.home_registrar, handle, identifier);
            }
            Some(_) => return Ok(replaced),
            None => self.elements += 1,
        }
        self.owners.entry(owner).or_default().add(handle, identifier);
        Ok(replaced)
    }

    /// Checks whether [`Self::put`] would accept a pool element.
    ///
    /// # Errors
    /// Returns an error if it does not fit into the pool.
    pub fn check(&self, handle: &PoolHandle, element: &PoolElementParameter) -> Result<(), Inconsistency> {
        match self.pools.get(handle) {
            Some(pool) => pool.check(element),
            None => Pool::founded_by(handle.clone(), element).map(drop),
        }
    }

    /// Removes a pool element, and its pool if it was the last one.
    pub fn remove(&mut self, handle: &PoolHandle, identifier: PeIdentifier) -> Option<PoolElementParameter> {
        let pool = self.pools.get_mut(handle)?;
        let removed = pool.remove(identifier)?;
        if pool.is_empty() {
            self.with_distances -= usize::from(pool.has_distances());
            self.pools.remove(handle);
        }
        self.elements -= 1;
        self.disown(removed.home_registrar, handle, identifier);
        Some(removed)
    }

    /// Makes one registrar the owner of everything that another one owns; returns these pool elements by handle and
    /// identifier. Selection is not affected.
    pub fn change_owner(
        &mut self,
        previous: RegistrarIdentifier,
        owner: RegistrarIdentifier,
    ) -> Vec<(PoolHandle, PeIdentifier)> {
        if previous == owner {
            return Vec::new();
        }
        let changed: Vec<_> = match self.owners.remove(&previous) {
            Some(entry) => entry.elements().iter().cloned().collect(),
            None => return Vec::new(),
        };
        let entry = self.owners.entry(owner).or_default();
        for (handle, identifier) in &changed {
            entry.add(handle, *identifier);
            if let Some(pool) = self.pools.get_mut(handle) {
                pool.set_home_registrar(*identifier, owner);
            }
        }
        changed
    }

    /// Selects at most `items` pool elements by the pool's policy, best first; the first `increment` of them count
    /// as selected. Returns none if there is no such pool.
    pub fn select(
        &mut self,
        handle: &PoolHandle,
        items: usize,
        increment: usize,
        rng: &mut dyn Rng,
    ) -> Vec<&PoolElementParameter> {
        match self.pools.get_mut(handle) {
            Some(pool) => pool.select(items, increment, rng),
            None => Vec::new(),
        }
    }

    fn disown(&mut self, owner: RegistrarIdentifier, handle: &PoolHandle, identifier: PeIdentifier) {
        if let Some(entry) = self.owners.get_mut(&owner) {
            entry.remove(handle, identifier);
            if entry.elements().is_empty() {
                self.owners.remove(&owner);
            }
        }
    }
}

#[cfg(test)]
mod tests;
