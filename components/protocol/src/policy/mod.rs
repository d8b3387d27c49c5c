//! Pool member selection policies (RFC 5356): which pool elements an answer names, and which of them a pool user takes.
//!
//! A registrar keeps one [`Selection`] per pool; it knows identifiers and policy data and nothing else. Policies that
//! keep their pool elements in an order are a key for [`Ordered`](ordered::Ordered).

mod least_used;
mod ordered;
pub(crate) mod pool_user;
mod round_robin;

use std::fmt::Debug;

use rand::RngCore;
use wire::PeIdentifier;
use wire::parameter::Policy;

/// What a registrar remembers about the pool elements of one pool in order to select among them.
pub(crate) trait Selection: Debug + Send {
    /// A pool element is new, or has new policy data; the latter makes it undegraded again.
    fn put(&mut self, pool_element: PeIdentifier, policy: &Policy);

    /// A pool element is gone.
    fn remove(&mut self, pool_element: PeIdentifier);

    /// Selects at most `items` different pool elements; the first `increment` of them count as selected.
    fn select(&mut self, items: usize, increment: usize, rng: &mut dyn RngCore) -> Vec<PeIdentifier>;
}

/// The selection for pools whose policy is of the type of `policy`; `None` if it is not supported.
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
