//! Pool member selection policies (RFC 5356): which pool elements a response contains, and which of them a pool user
//! chooses.
//!
//! A registrar keeps one [`Selection`] per pool, which knows only identifiers and policy data. Policies that keep
//! their pool elements in an order are a key for [`Ordered`](ordered::Ordered).

mod least_used;
mod ordered;
pub(crate) mod pool_user;
mod round_robin;

use std::fmt::Debug;

use rand::Rng;
use wire::PeIdentifier;
use wire::parameter::Policy;

/// A registrar's state for selecting among the pool elements of one pool.
pub(crate) trait Selection: Debug + Send {
    /// Adds a pool element, or updates its policy data; the latter resets its degradation.
    fn put(&mut self, pool_element: PeIdentifier, policy: &Policy);

    /// Removes a pool element.
    fn remove(&mut self, pool_element: PeIdentifier);

    /// Selects at most `items` different pool elements; the first `increment` of them count as selected.
    fn select(&mut self, items: usize, increment: usize, rng: &mut dyn Rng) -> Vec<PeIdentifier>;
}

/// Returns the selection for pools with the policy type of `policy`; `None` if it is not supported.
pub(crate) fn selection_for(policy: &Policy) -> Option<Box<dyn Selection>> {
    match policy {
        Policy::RoundRobin => Some(Box::new(round_robin::selection())),
        Policy::LeastUsed { .. } => Some(Box::new(least_used::selection())),
        Policy::WeightedRoundRobin { .. }
        | Policy::Random
        | Policy::WeightedRandom { .. }
        | Policy::Priority { .. }
        | Policy::LeastUsedDegradation { .. }
        | Policy::PriorityLeastUsed { .. }
        | Policy::RandomizedLeastUsed { .. }
        | Policy::RandomizedPriorityLeastUsed { .. }
        | Policy::RandomizedLeastUsedDegradation { .. }
        | Policy::PriorityLeastUsedDegradation { .. }
        | Policy::RandomizedPriorityLeastUsedDegradation { .. }
        | Policy::WeightedRandomDpf { .. }
        | Policy::LeastUsedDpf { .. }
        | Policy::LeastUsedDegradationDpf { .. }
        | Policy::Unknown { .. } => None,
    }
}
