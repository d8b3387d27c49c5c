//! One pool.

use std::collections::BTreeMap;
use std::fmt;

use rand::RngCore;
use wire::parameter::{Policy, PoolElementParameter, UserTransport};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

use crate::policy::{Selection, selection_for};

/// A pool: its pool elements, and what they all have in common (RFC 5352 section 3.1).
#[derive(Debug)]
pub struct Pool {
    handle: PoolHandle,
    /// Those of the pool's first element; its type, kind and use are the pool's.
    policy: Policy,
    transport: UserTransport,
    elements: BTreeMap<PeIdentifier, PoolElementParameter>,
    selection: Box<dyn Selection>,
}

/// Why a pool element cannot be in a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inconsistency {
    /// The pool has a policy of another type: this one.
    Policy(Policy),
    /// The pool has a transport of another kind: this one.
    Transport(UserTransport),
    /// The pool has a control channel and the pool element has not, or the other way round.
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
    /// A pool that takes after its first pool element, which is still to be put in.
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

    /// Its name.
    #[must_use]
    pub const fn handle(&self) -> &PoolHandle {
        &self.handle
    }

    /// A policy of the type that all its pool elements have.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Its pool elements, by identifier.
    pub fn elements(&self) -> impl Iterator<Item = &PoolElementParameter> {
        self.elements.values()
    }

    /// How many pool elements it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether it has no pool elements; never the case in a handlespace.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// One of its pool elements.
    #[must_use]
    pub fn element(&self, identifier: PeIdentifier) -> Option<&PoolElementParameter> {
        self.elements.get(&identifier)
    }

    pub(super) const fn by_identifier(&self) -> &BTreeMap<PeIdentifier, PoolElementParameter> {
        &self.elements
    }

    /// Whether a pool element fits into the pool.
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

    /// Adds or replaces a pool element that fits; returns the one that it replaces.
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
        rng: &mut dyn RngCore,
    ) -> Vec<&PoolElementParameter> {
        let selected = self.selection.select(items, increment, rng);
        selected
            .iter()
            .filter_map(|identifier| self.elements.get(identifier))
            .collect()
    }
}
