//! Caches the responses of registrars.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt;
use wire::parameter::{Policy, PoolElementParameter};
use wire::{PeIdentifier, PoolHandle};

use crate::{Time, policy};

/// The latest response for each pool.
#[derive(Debug)]
pub(super) struct Cache {
    answers: BTreeMap<PoolHandle, Answer>,
    /// stale_cache_value.
    fresh_for: Duration,
}

#[derive(Debug)]
struct Answer {
    policy: Policy,
    elements: Vec<PoolElementParameter>,
    received: Time,
    /// The number of uses so far.
    uses: usize,
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
        let answer = Answer {
            policy,
            elements,
            received: now,
            uses: 0,
        };
        self.answers.insert(handle, answer);
    }

    pub(super) fn forget(&mut self, handle: &PoolHandle) {
        self.answers.remove(handle);
    }

    /// RFC 5352 section 3.5: a pool element that failed is removed from the cache.
    pub(super) fn drop_element(&mut self, handle: &PoolHandle, failed: PeIdentifier) {
        if let Some(answer) = self.answers.get_mut(handle) {
            answer.elements.retain(|element| element.identifier != failed);
        }
    }

    pub(super) fn is_fresh(&self, now: Time, handle: &PoolHandle) -> bool {
        let answer = self.answers.get(handle);
        answer.is_some_and(|answer| now - answer.received < self.fresh_for)
    }

    /// Returns the pool elements in the order in which to try them, stale or not; counts as a use of the response.
    pub(super) fn candidates(
        &mut self,
        handle: &PoolHandle,
        rng: &mut impl RngExt,
    ) -> Vec<PoolElementParameter> {
        let Some(answer) = self.answers.get_mut(handle) else {
            return Vec::new();
        };
        let mut candidates = answer.elements.clone();
        policy::pool_user::order(&answer.policy, answer.uses, &mut candidates, rng);
        answer.uses = answer.uses.wrapping_add(1);
        candidates
    }
}
