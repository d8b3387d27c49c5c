//! One pool.

use std::collections::BTreeMap;
use std::fmt;

use rand::Rng;
use wire::parameter::{Policy, PoolElementParameter, UserTransport};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

use crate::policy::{Selection, selection_for};

/// A pool: its pool elements, and their common properties (RFC 5352 section 3.1).
#[derive(Debug)]
pub struct Pool {
    handle: PoolHandle,
    /// The policy of the pool's first element; type, kind and use are those of the pool.
    policy: Policy,
    transport: UserTransport,
    elements: BTreeMap<PeIdentifier, PoolElementParameter>,
    selection: Box<dyn Selection>,
}

/// The reason why a pool element does not fit into a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inconsistency {
    /// The pool has a policy of a different type.
    Policy(Policy),
    /// The pool has a transport of a different kind.
    Transport(UserTransport),
    /// The pool has a control channel and the pool element does not, or vice versa.
    TransportUse,
    /// A policy of this type is not supported.
    UnsupportedPolicy,
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy(_) => "the pool has another policy",
            Self::Transport(_) => "the pool has another transport protocol",
            Self::TransportUse => "the pool has another control channel setting",
            Self::UnsupportedPolicy => "the policy is not supported",
        })
    }
}

impl Pool {
    /// Creates a pool with the properties of its first pool element, which must be added separately.
    pub(super) fn founded_by(
        handle: PoolHandle,
        first: &PoolElementParameter,
    ) -> Result<Self, Inconsistency> {
        Ok(Self {
            handle,
            selection: selection_for(&first.policy).ok_or(Inconsistency::UnsupportedPolicy)?,
            policy: first.policy.clone(),
            transport: first.user_transport.clone(),
            elements: BTreeMap::new(),
        })
    }

    /// Returns its pool handle.
    #[must_use]
    pub const fn handle(&self) -> &PoolHandle {
        &self.handle
    }

    /// Returns a policy of the type that all its pool elements have.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns its pool elements, by identifier.
    pub fn elements(&self) -> impl Iterator<Item = &PoolElementParameter> {
        self.elements.values()
    }

    /// Returns the number of its pool elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Returns whether it has no pool elements; never the case in a handlespace.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Returns one of its pool elements.
    #[must_use]
    pub fn element(&self, identifier: PeIdentifier) -> Option<&PoolElementParameter> {
        self.elements.get(&identifier)
    }

    /// Returns whether its policy has a distance.
    pub(super) const fn has_distances(&self) -> bool {
        self.policy.distance().is_some()
    }

    pub(super) const fn by_identifier(&self) -> &BTreeMap<PeIdentifier, PoolElementParameter> {
        &self.elements
    }

    /// Checks whether a pool element fits into the pool.
    pub(super) fn check(&self, element: &PoolElementParameter) -> Result<(), Inconsistency> {
        if self.policy.policy_type() != element.policy.policy_type() {
            return Err(Inconsistency::Policy(self.policy.clone()));
        }
        if self.transport.protocol() != element.user_transport.protocol() {
            return Err(Inconsistency::Transport(self.transport.clone()));
        }
        if self.transport.transport_use() != element.user_transport.transport_use() {
            return Err(Inconsistency::TransportUse);
        }
        Ok(())
    }

    /// Adds or replaces a pool element that fits; returns the replaced one.
    pub(super) fn put(&mut self, element: PoolElementParameter) -> Option<PoolElementParameter> {
        self.selection.put(element.identifier, &element.policy);
        self.elements.insert(element.identifier, element)
    }

    pub(super) fn set_home_registrar(&mut self, identifier: PeIdentifier, registrar: RegistrarIdentifier) {
        if let Some(element) = self.elements.get_mut(&identifier) {
            element.home_registrar = registrar;
        }
    }

    pub(super) fn remove(&mut self, identifier: PeIdentifier) -> Option<PoolElementParameter> {
        self.selection.remove(identifier);
        self.elements.remove(&identifier)
    }

    pub(super) fn select(
        &mut self,
        items: usize,
        increment: usize,
        rng: &mut dyn Rng,
    ) -> Vec<&PoolElementParameter> {
        let selected = self.selection.select(items, increment, rng);
        selected
            .iter()
            .filter_map(|identifier| self.elements.get(identifier))
            .collect()
    }
}
