//! Selection at the pool user: the order in which it tries the pool elements of a response (RFC 5356).

use std::cmp::Reverse;

use rand::RngExt;
use rand::seq::SliceRandom;
use wire::parameter::{Policy, PoolElementParameter};

/// Sorts the pool elements of a response in the order in which to try them.
///
/// `policy` is the response's overall policy; those inside the pool elements only contain data. `turn` counts the
/// uses of this response, starting at 0.
pub(crate) fn order(
    policy: &Policy,
    turn: usize,
    pool_elements: &mut [PoolElementParameter],
    rng: &mut impl RngExt,
) {
    match policy {
        Policy::RoundRobin | Policy::WeightedRoundRobin { .. } => {
            if !pool_elements.is_empty() {
                pool_elements.rotate_left(turn % pool_elements.len());
            }
        }
        Policy::Random
        | Policy::WeightedRandom { .. }
        | Policy::WeightedRandomDpf { .. }
        | Policy::RandomizedLeastUsed { .. }
        | Policy::RandomizedPriorityLeastUsed { .. }
        | Policy::RandomizedLeastUsedDegradation { .. }
        | Policy::RandomizedPriorityLeastUsedDegradation { .. } => pool_elements.shuffle(rng),
        Policy::Priority { .. } => pool_elements.sort_by_key(|element| match element.policy {
            Policy::Priority { priority } => Reverse(priority),
            _ => Reverse(0),
        }),
        // The registrar has already sorted them, presumably also by a policy that is unknown here.
        Policy::LeastUsed { .. }
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

    fn ordered(policy: &Policy, turn: usize, elements: &[(u32, Policy)]) -> Vec<u32> {
        let element = |(number, policy): &(u32, Policy)| PoolElementParameter {
            identifier: PeIdentifier(*number),
            home_registrar: RegistrarIdentifier(1),
            registration_life: RegistrationLife::INFINITE,
            user_transport: UserTransport::Opaque(vec![1]),
            policy: policy.clone(),
            asap_transport: None,
        };
        let mut elements: Vec<_> = elements.iter().map(element).collect();
        order(policy, turn, &mut elements, &mut Pcg64Mcg::seed_from_u64(3));
        elements.iter().map(|element| element.identifier.0).collect()
    }

    #[test]
    fn round_robin_uses_the_list_in_turn() {
        let elements = [1, 2, 3].map(|number| (number, Policy::RoundRobin));
        assert_eq!(ordered(&Policy::RoundRobin, 0, &elements), [1, 2, 3]);
        assert_eq!(ordered(&Policy::RoundRobin, 4, &elements), [2, 3, 1]);
        assert_eq!(ordered(&Policy::RoundRobin, 4, &[]), [0; 0]);
    }

    #[test]
    fn least_used_keeps_the_registrars_order() {
        let elements = [(8, 70), (9, 10)].map(|(n, load)| (n, Policy::LeastUsed { load }));
        assert_eq!(ordered(&Policy::LeastUsed { load: 0 }, 1, &elements), [8, 9]);
    }

    #[test]
    fn priority_takes_the_highest_first() {
        let elements = [(1, 3), (2, 9), (3, 5)].map(|(n, priority)| (n, Policy::Priority { priority }));
        assert_eq!(
            ordered(&Policy::Priority { priority: 0 }, 0, &elements),
            [2, 3, 1]
        );
    }
}
