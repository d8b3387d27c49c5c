//! Pool member selection policies (RFC 5356): which pool elements a response contains, and which of them a pool user
//! chooses.
//!
//! A registrar keeps one [`Selection`] per pool, which knows only identifiers and policy data:
//!
//! - [`Ordered`](ordered::Ordered) for policies that put the pool elements in an order: Round Robin, Priority, and
//!   Least Used with its relatives. Such a policy is a key to sort by.
//! - [`WeightedRoundRobin`](weighted_round_robin::WeightedRoundRobin).
//! - [`Random`](random::Random) for policies that draw. Such a policy is a weight.
//!
//! All of them select in logarithmic time. The policies are RFC 5356's and those of rsplib that have a form on the
//! wire.
//!
//! An answer lists replacements as well, but a pool user uses its first entry. Therefore, only the first entries count
//! as selected (`Config::max_increment`, D-31): they lose their turn, and their degradation grows. RFC 5356 section
//! 5.2 counts all entries. Drawing has no memory, hence the count makes no difference to RAND, WRAND and WRAND-DPF, for
//! which rsplib has a different default.

mod least_used;
mod load;
mod ordered;
pub(crate) mod pool_user;
mod priority;
mod random;
mod round_robin;
mod weighted_round_robin;
mod weighted_tree;

use std::fmt::Debug;

use rand::Rng;
use wire::PeIdentifier;
use wire::parameter::Policy;

/// The state for selecting among the pool elements of one pool: a registrar's, or that of a pool user which uses an
/// answer again.
pub(crate) trait Selection: Debug + Send {
    /// Adds a pool element, or updates its policy data; the latter resets its degradation.
    fn put(&mut self, pool_element: PeIdentifier, policy: &Policy);

    /// Removes a pool element.
    fn remove(&mut self, pool_element: PeIdentifier);

    /// Returns at most `items` different pool elements, best first.
    fn best(&mut self, items: usize, rng: &mut dyn Rng) -> Vec<PeIdentifier>;

    /// Counts a pool element as selected: it has had its turn, and its degradation grows.
    fn count_selection(&mut self, pool_element: PeIdentifier);

    /// Selects at most `items` different pool elements, best first; the first `increment` of them count as selected.
    fn select(&mut self, items: usize, increment: usize, rng: &mut dyn Rng) -> Vec<PeIdentifier> {
        let selected = self.best(items, rng);
        for &pool_element in selected.iter().take(increment) {
            self.count_selection(pool_element);
        }
        selected
    }
}

/// Returns the selection for pools with the policy type of `policy`; `None` if it is not supported.
pub(crate) fn selection_for(policy: &Policy) -> Option<Box<dyn Selection>> {
    match policy {
        Policy::RoundRobin => Some(Box::new(round_robin::selection())),
        Policy::WeightedRoundRobin { .. } => Some(Box::<weighted_round_robin::WeightedRoundRobin>::default()),
        Policy::Priority { .. } => Some(Box::new(priority::selection())),
        Policy::LeastUsed { .. }
        | Policy::LeastUsedDegradation { .. }
        | Policy::PriorityLeastUsed { .. }
        | Policy::PriorityLeastUsedDegradation { .. }
        | Policy::LeastUsedDpf { .. }
        | Policy::LeastUsedDegradationDpf { .. } => Some(Box::new(least_used::selection())),
        Policy::Random
        | Policy::WeightedRandom { .. }
        | Policy::WeightedRandomDpf { .. }
        | Policy::RandomizedLeastUsed { .. }
        | Policy::RandomizedPriorityLeastUsed { .. }
        | Policy::RandomizedLeastUsedDegradation { .. }
        | Policy::RandomizedPriorityLeastUsedDegradation { .. } => Some(Box::<random::Random>::default()),
        Policy::Unknown { .. } => None,
    }
}

#[cfg(test)]
mod tests;
