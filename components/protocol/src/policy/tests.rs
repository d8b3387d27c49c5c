//! All policies against plain references, with extreme policy data, and pools that change all the time.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;

/// Extreme values are as likely as all others together.
pub(super) fn word(rng: &mut Pcg64Mcg) -> u32 {
    match rng.random_range(0..8) {
        0 => 0,
        1 => 1,
        2 => u32::MAX - 1,
        3 => u32::MAX,
        4 | 5 => rng.random_range(0..100),
        _ => rng.random(),
    }
}

/// Returns what the reference says about the load of a pool element, without any limit.
fn unlimited_load(policy: &Policy, selections: u64) -> u128 {
    let selections = u128::from(selections);
    let wide = |word: &u32| u128::from(*word);
    match policy {
        Policy::LeastUsed { load } | Policy::RandomizedLeastUsed { load } => wide(load),
        Policy::LeastUsedDegradation {
            load,
            load_degradation,
        }
        | Policy::RandomizedLeastUsedDegradation {
            load,
            load_degradation,
        } => wide(load) + selections * wide(load_degradation),
        Policy::PriorityLeastUsed {
            load,
            load_degradation,
        }
        | Policy::RandomizedPriorityLeastUsed {
            load,
            load_degradation,
        } => wide(load) + wide(load_degradation),
        Policy::PriorityLeastUsedDegradation {
            load,
            load_degradation,
        }
        | Policy::RandomizedPriorityLeastUsedDegradation {
            load,
            load_degradation,
        } => wide(load) + (1 + selections) * wide(load_degradation),
        Policy::LeastUsedDpf {
            load,
            load_dpf,
            distance,
        } => wide(load) + wide(distance) * wide(load_dpf),
        Policy::LeastUsedDegradationDpf {
            load,
            load_degradation,
            load_dpf,
            distance,
        } => wide(load) + selections * wide(load_degradation) + wide(distance) * wide(load_dpf),
        other => panic!("{other} has no load"),
    }
}

pub(super) fn reference_load(policy: &Policy, selections: u64) -> u32 {
    u32::try_from(unlimited_load(policy, selections)).unwrap_or(u32::MAX)
}

/// A policy that selects in order, as a list that is sorted for each request.
struct Sorted {
    members: Vec<(PeIdentifier, Policy)>,
    selections: Vec<u64>,
    /// When each was selected last, or came.
    turns: Vec<usize>,
    turn: usize,
}

impl Sorted {
    fn put(&mut self, pool_element: PeIdentifier, policy: &Policy) {
        match self
            .members
            .iter()
            .position(|(member, _)| *member == pool_element)
        {
            Some(index) => {
                self.members[index].1 = policy.clone();
                self.selections[index] = 0;
            }
            None => {
                self.members.push((pool_element, policy.clone()));
                self.selections.push(0);
                self.turn += 1;
                self.turns.push(self.turn);
            }
        }
    }

    fn remove(&mut self, pool_element: PeIdentifier) {
        if let Some(index) = self
            .members
            .iter()
            .position(|(member, _)| *member == pool_element)
        {
            self.members.remove(index);
            self.selections.remove(index);
            self.turns.remove(index);
        }
    }

    fn rank(&self, index: usize) -> u32 {
        match &self.members[index].1 {
            Policy::RoundRobin => 0,
            Policy::Priority { priority } => u32::MAX - priority,
            policy => reference_load(policy, self.selections[index]),
        }
    }

    fn select(&mut self, items: usize, increment: usize) -> Vec<PeIdentifier> {
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        order.sort_by_key(|&index| (self.rank(index), self.turns[index]));
        order.truncate(items);
        for &index in order.iter().take(increment) {
            self.turn += 1;
            self.turns[index] = self.turn;
            self.selections[index] += 1;
        }
        order.into_iter().map(|index| self.members[index].0).collect()
    }
}

#[track_caller]
fn check_order(policy: impl Fn(&mut Pcg64Mcg) -> Policy) {
    for seed in 0..30 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut selection = selection_for(&policy(&mut rng)).unwrap();
        let mut reference = Sorted {
            members: Vec::new(),
            selections: Vec::new(),
            turns: Vec::new(),
            turn: 0,
        };
        for step in 0..300 {
            let pool_element = PeIdentifier(rng.random_range(1..15));
            match rng.random_range(0..8) {
                0..=2 => {
                    let policy = policy(&mut rng);
                    selection.put(pool_element, &policy);
                    reference.put(pool_element, &policy);
                }
                3 => {
                    selection.remove(pool_element);
                    reference.remove(pool_element);
                }
                _ => {
                    let items = rng.random_range(0..16);
                    let increment = [0, 1, 1, 1, 3, usize::MAX][rng.random_range(0..6)];
                    let selected = selection.select(items, increment, &mut rng);
                    let expected = reference.select(items, increment);
                    assert_eq!(selected, expected, "seed {seed}, step {step}");
                }
            }
        }
    }
}

#[test]
fn policies_that_order_are_sorted_lists() {
    check_order(|_| Policy::RoundRobin);
    check_order(|rng| Policy::Priority { priority: word(rng) });
    check_order(|rng| Policy::LeastUsed { load: word(rng) });
    check_order(|rng| Policy::LeastUsedDegradation {
        load: word(rng),
        load_degradation: word(rng),
    });
    check_order(|rng| Policy::PriorityLeastUsed {
        load: word(rng),
        load_degradation: word(rng),
    });
    check_order(|rng| Policy::PriorityLeastUsedDegradation {
        load: word(rng),
        load_degradation: word(rng),
    });
    check_order(|rng| Policy::LeastUsedDpf {
        load: word(rng),
        load_dpf: word(rng),
        distance: word(rng),
    });
    check_order(|rng| Policy::LeastUsedDegradationDpf {
        load: word(rng),
        load_degradation: word(rng),
        load_dpf: word(rng),
        distance: word(rng),
    });
}

#[test]
fn a_type_without_a_form_on_the_wire_is_not_supported() {
    let unknown = Policy::Unknown {
        policy_type: wire::parameter::PolicyType(0xb000_2004),
        data: Vec::new(),
    };
    assert!(selection_for(&unknown).is_none());
}
