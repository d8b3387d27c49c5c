//! Caches the responses of registrars.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::Rng;
use wire::parameter::{Policy, PoolElementParameter};
use wire::{PeIdentifier, PoolHandle};

use crate::Time;
use crate::policy::{Selection, pool_user, selection_for};

/// The latest response for each pool.
#[derive(Debug)]
pub(super) struct Cache {
    answers: BTreeMap<PoolHandle, Answer>,
    /// stale_cache_value.
    fresh_for: Duration,
}

/// A response. As in rsplib, a pool user that uses it again selects like a registrar of this small pool (D-34).
#[derive(Debug)]
struct Answer {
    policy: Policy,
    /// In the registrar's order.
    elements: Vec<PoolElementParameter>,
    /// `None` for a policy that is unknown here: the registrar's order is kept then.
    selection: Option<Box<dyn Selection>>,
    received: Time,
    used: bool,
}

impl Answer {
    fn new(now: Time, policy: Policy, elements: Vec<PoolElementParameter>) -> Self {
        let mut selection = selection_for(&policy);
        if let Some(selection) = &mut selection {
            // Among equals, the registrar's order applies.
            for element in &elements {
                selection.put(element.identifier, &element.policy);
            }
        }
        Self {
            policy,
            elements,
            selection,
            received: now,
            used: false,
        }
    }

    fn candidates(&mut self, mut rng: &mut impl Rng) -> Vec<PoolElementParameter> {
        let Some(selection) = self.selection.as_mut().filter(|_| self.used) else {
            self.used = true;
            let mut candidates = self.elements.clone();
            pool_user::order(&self.policy, &mut candidates, &mut rng);
            if let Some((first, selection)) = candidates.first().zip(self.selection.as_mut()) {
                selection.count_selection(first.identifier);
            }
            return candidates;
        };
        let selected = selection.select(self.elements.len(), 1, rng);
        let element = |identifier: &PeIdentifier| {
            let mut elements = self.elements.iter();
            elements
                .find(|element| element.identifier == *identifier)
                .cloned()
        };
        selected.iter().filter_map(element).collect()
    }
}

impl Cache {
    pub(super) const fn new(fresh_for: Duration) -> Self {
        Self {
            answers: BTreeMap::new(),
            fresh_for,
        }
    }

    pub(super) fn put(
        &mut self,
        now: Time,
        handle: PoolHandle,
        policy: Policy,
        elements: Vec<PoolElementParameter>,
    ) {
        self.answers.insert(handle, Answer::new(now, policy, elements));
    }

    pub(super) fn forget(&mut self, handle: &PoolHandle) {
        self.answers.remove(handle);
    }

    /// RFC 5352 section 3.5: a pool element that failed is removed from the cache.
    pub(super) fn drop_element(&mut self, handle: &PoolHandle, failed: PeIdentifier) {
        if let Some(answer) = self.answers.get_mut(handle) {
            answer.elements.retain(|element| element.identifier != failed);
            if let Some(selection) = &mut answer.selection {
                selection.remove(failed);
            }
        }
    }

    pub(super) fn is_fresh(&self, now: Time, handle: &PoolHandle) -> bool {
        let answer = self.answers.get(handle);
        answer.is_some_and(|answer| now - answer.received < self.fresh_for)
    }

    /// Returns the pool elements in the order in which to try them, stale or not; the first one counts as selected.
    pub(super) fn candidates(
        &mut self,
        handle: &PoolHandle,
        rng: &mut impl Rng,
    ) -> Vec<PoolElementParameter> {
        let answer = self.answers.get_mut(handle);
        answer.map_or_else(Vec::new, |answer| answer.candidates(rng))
    }
}

#[cfg(test)]
mod tests;
