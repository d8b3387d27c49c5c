//! Selection at the pool user: the order in which it tries the pool elements of a response (RFC 5356).
//!
//! This is for a response that has just arrived. If it is used again while it is not stale, the pool user selects from
//! it by the same rules as a registrar (D-34), since RFC 5356 has none for this, except for Round Robin, with the same
//! result.

use std::cmp::Reverse;

use rand::RngExt;
use rand::seq::SliceRandom;
use wire::parameter::{Policy, PoolElementParameter};

use super::priority::priority;

/// Sorts the pool elements of a response in the order in which to try them.
///
/// `policy` is the response's overall policy; those inside the pool elements only contain data.
pub(crate) fn order(policy: &Policy, pool_elements: &mut [PoolElementParameter], rng: &mut impl RngExt) {
    match policy {
        // The registrar has weighted the list, hence RFC 5356 gives all the same chance.
        Policy::Random
        | Policy::WeightedRandom { .. }
        | Policy::WeightedRandomDpf { .. }
        | Policy::RandomizedLeastUsed { .. }
        | Policy::RandomizedPriorityLeastUsed { .. }
        | Policy::RandomizedLeastUsedDegradation { .. }
        | Policy::RandomizedPriorityLeastUsedDegradation { .. } => pool_elements.shuffle(rng),
        Policy::Priority { .. } => pool_elements.sort_by_key(|element| Reverse(priority(&element.policy))),
        // The registrar has already sorted them, presumably also by a policy that is unknown here.
        Policy::RoundRobin
        | Policy::WeightedRoundRobin { .. }
        | Policy::LeastUsed { .. }
        | Policy::LeastUsedDegradation { .. }
        | Policy::PriorityLeastUsed { .. }
        | Policy::PriorityLeastUsedDegradation { .. }
        | Policy::LeastUsedDpf { .. }
        | Policy::LeastUsedDegradationDpf { .. }
        | Policy::Unknown { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;
    use wire::parameter::{RegistrationLife, UserTransport};
    use wire::{PeIdentifier, RegistrarIdentifier};

    use super::*;

    fn ordered(policy: &Policy, elements: &[(u32, Policy)]) -> Vec<u32> {
        let element = |(number, policy): &(u32, Policy)| PoolElementParameter {
            identifier: PeIdentifier(*number),
            home_registrar: RegistrarIdentifier(1),
            registration_life: RegistrationLife::INFINITE,
            user_transport: UserTransport::Opaque(vec![1]),
            policy: policy.clone(),
            asap_transport: None,
        };
        let mut elements: Vec<_> = elements.iter().map(element).collect();
        order(policy, &mut elements, &mut Pcg64Mcg::seed_from_u64(3));
        elements.iter().map(|element| element.identifier.0).collect()
    }

    #[test]
    fn round_robin_begins_with_the_first() {
        let elements = [3, 1, 2].map(|number| (number, Policy::RoundRobin));
        assert_eq!(ordered(&Policy::RoundRobin, &elements), [3, 1, 2]);
        assert_eq!(ordered(&Policy::RoundRobin, &[]), [0; 0]);
    }

    #[test]
    fn least_used_keeps_the_registrars_order() {
        let elements = [(8, 70), (9, 10)].map(|(n, load)| (n, Policy::LeastUsed { load }));
        assert_eq!(ordered(&Policy::LeastUsed { load: 0 }, &elements), [8, 9]);
    }

    #[test]
    fn priority_takes_the_highest_first() {
        let elements = [(1, 3), (2, 9), (3, 5)].map(|(n, priority)| (n, Policy::Priority { priority }));
        assert_eq!(ordered(&Policy::Priority { priority: 0 }, &elements), [2, 3, 1]);
    }
}
