//! Policies that keep pool elements in an order: the first ones are selected, equal ones take turns.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use wire::PeIdentifier;
use wire::parameter::Policy;

use super::Selection;

/// The sort key of a policy, smallest first.
pub(crate) type Key = u64;

/// Computes the sort key from the policy data, and from the number of selections since they were set.
pub(crate) type KeyFunction = fn(&Policy, selections: u64) -> Key;

/// Pool elements in the order of their keys; among equals, the least recently selected one comes first.
#[derive(Debug)]
pub(crate) struct Ordered {
    key: KeyFunction,
    members: BTreeMap<PeIdentifier, Member>,
    order: BTreeSet<(Key, Turn, PeIdentifier)>,
    next_turn: Turn,
}

/// Counts selections and arrivals in a pool: a new pool element has its turn after all others.
type Turn = u64;

#[derive(Debug)]
struct Member {
    policy: Policy,
    /// Selections since the pool element's last registration.
    selections: u64,
    key: Key,
    turn: Turn,
}

impl Ordered {
    pub(crate) const fn new(key: KeyFunction) -> Self {
        Self {
            key,
            members: BTreeMap::new(),
            order: BTreeSet::new(),
            next_turn: 0,
        }
    }

    const fn turn(&mut self) -> Turn {
        self.next_turn += 1;
        self.next_turn
    }
}

impl Selection for Ordered {
    fn put(&mut self, pool_element: PeIdentifier, policy: &Policy) {
        let turn = match self.members.get(&pool_element) {
            Some(member) => {
                self.order.remove(&(member.key, member.turn, pool_element));
                member.turn
            }
            None => self.turn(),
        };
        let key = (self.key)(policy, 0);
        let member = Member {
            policy: policy.clone(),
            selections: 0,
            key,
            turn,
        };
        self.members.insert(pool_element, member);
        self.order.insert((key, turn, pool_element));
    }

    fn remove(&mut self, pool_element: PeIdentifier) {
        if let Some(member) = self.members.remove(&pool_element) {
            self.order.remove(&(member.key, member.turn, pool_element));
        }
    }

    fn best(&mut self, items: usize, _: &mut dyn Rng) -> Vec<PeIdentifier> {
        let first = self.order.iter().take(items);
        first.map(|&(_, _, pool_element)| pool_element).collect()
    }

    fn count_selection(&mut self, pool_element: PeIdentifier) {
        let turn = self.turn();
        let Some(member) = self.members.get_mut(&pool_element) else {
            return;
        };
        self.order.remove(&(member.key, member.turn, pool_element));
        member.selections = member.selections.saturating_add(1);
        member.turn = turn;
        member.key = (self.key)(&member.policy, member.selections);
        self.order.insert((member.key, member.turn, pool_element));
    }
}
