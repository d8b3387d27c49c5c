//! The random policies: RAND and WRAND (RFC 5356 sections 4.3 and 4.4), RLU (section 5.4), and rsplib's RPLU, RLUD,
//! RPLUD and WRAND-DPF.
//!
//! All of them draw without replacement; the probability of each draw is the weight divided by the sum of the weights
//! that are left. A pool element of weight 0 is never drawn.

use std::collections::BTreeMap;

use rand::{Rng, RngExt};
use wire::PeIdentifier;
use wire::parameter::Policy;

use super::Selection;
use super::load::effective_load;
use super::weighted_tree::WeightedTree;

/// The maximum number of drawn pool elements that stay in the tree: each draw is compared with all of them.
const MOST_IN_TREE: usize = 8;

/// Draws pool elements at random, by weight.
#[derive(Debug, Default)]
pub(super) struct Random {
    members: BTreeMap<PeIdentifier, Member>,
    weights: WeightedTree,
    /// The pool element of each weight.
    places: Vec<PeIdentifier>,
    /// Weights that belong to nobody; they are 0.
    free: Vec<usize>,
}

#[derive(Debug)]
struct Member {
    policy: Policy,
    /// Selections since the pool element's last registration.
    selections: u64,
    place: usize,
}

impl Random {
    fn free_place(&mut self, pool_element: PeIdentifier) -> usize {
        if let Some(place) = self.free.pop()
            && let Some(entry) = self.places.get_mut(place)
        {
            *entry = pool_element;
            return place;
        }
        self.places.push(pool_element);
        self.weights.push(0)
    }
}

impl Selection for Random {
    fn put(&mut self, pool_element: PeIdentifier, policy: &Policy) {
        let known = self.members.get(&pool_element).map(|member| member.place);
        let place = known.unwrap_or_else(|| self.free_place(pool_element));
        self.weights.set(place, weight(policy, 0));
        let member = Member {
            policy: policy.clone(),
            selections: 0,
            place,
        };
        self.members.insert(pool_element, member);
    }

    fn remove(&mut self, pool_element: PeIdentifier) {
        if let Some(member) = self.members.remove(&pool_element) {
            self.weights.set(member.place, 0);
            self.free.push(member.place);
        }
    }

    fn best(&mut self, items: usize, rng: &mut dyn Rng) -> Vec<PeIdentifier> {
        let mut drawn = Vec::new();
        // Those up to this one are out of the tree.
        let mut out = 0;
        let mut left = self.weights.total();
        while drawn.len() < items && left > 0 {
            let point = rng.random_range(0..self.weights.total());
            let Some(place) = self.weights.at(point) else {
                break;
            };
            // Drawing again whoever was drawn before is the same as drawing from the others, and touches less of the tree.
            // Where this becomes likely, those that were drawn are taken out until all are drawn.
            let again = drawn.iter().skip(out).any(|&(other, _)| other == place);
            if !again {
                let weight = self.weights.weight(place);
                left -= u64::from(weight);
                drawn.push((place, weight));
            }
            if again || drawn.len() - out > MOST_IN_TREE {
                for &(place, _) in drawn.iter().skip(out) {
                    self.weights.set(place, 0);
                }
                out = drawn.len();
            }
        }
        for &(place, weight) in drawn.iter().take(out) {
            self.weights.set(place, weight);
        }
        let places = drawn.iter().filter_map(|&(place, _)| self.places.get(place));
        places.copied().collect()
    }

    fn count_selection(&mut self, pool_element: PeIdentifier) {
        if let Some(member) = self.members.get_mut(&pool_element) {
            member.selections = member.selections.saturating_add(1);
            let weight = weight(&member.policy, member.selections);
            self.weights.set(member.place, weight);
        }
    }
}

/// Returns the weight of a pool element that was selected this many times since its last registration.
///
/// Weights derived from loads are at least 1 (D-33), so that a full pool element is still reachable. A weight
/// that a pool element chooses itself may be 0.
fn weight(policy: &Policy, selections: u64) -> u32 {
    match *policy {
        Policy::Random => 1,
        Policy::WeightedRandom { weight } => weight,
        Policy::WeightedRandomDpf {
            weight,
            weight_dpf,
            distance,
        } => remote_weight(weight, weight_dpf, distance),
        Policy::RandomizedLeastUsed { .. }
        | Policy::RandomizedPriorityLeastUsed { .. }
        | Policy::RandomizedLeastUsedDegradation { .. }
        | Policy::RandomizedPriorityLeastUsedDegradation { .. } => {
            (u32::MAX - effective_load(policy, selections)).max(1)
        }
        // A pool holds policies of one type only.
        Policy::RoundRobin
        | Policy::WeightedRoundRobin { .. }
        | Policy::Priority { .. }
        | Policy::LeastUsed { .. }
        | Policy::LeastUsedDegradation { .. }
        | Policy::PriorityLeastUsed { .. }
        | Policy::PriorityLeastUsedDegradation { .. }
        | Policy::LeastUsedDpf { .. }
        | Policy::LeastUsedDegradationDpf { .. }
        | Policy::Unknown { .. } => 0,
    }
}

/// Returns the weight minus its penalty for the distance, weight x distance x DPF, rounded. As in rsplib, a negative
/// result becomes 1, so that a distant pool element is still reachable, and 0 stays 0.
fn remote_weight(weight: u32, weight_dpf: u32, distance: u32) -> u32 {
    const SCALE: u128 = u32::MAX as u128;
    let product = u128::from(weight) * u128::from(distance) * u128::from(weight_dpf);
    let penalty = (product + SCALE / 2) / SCALE;
    u32::try_from(penalty).map_or(1, |penalty| weight.checked_sub(penalty).unwrap_or(1))
}

#[cfg(test)]
mod tests;
