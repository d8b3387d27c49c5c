//! Priority (RFC 5356 section 4.5).

use wire::parameter::Policy;

use super::ordered::{Key, Ordered};

/// Selects the highest priority first; equals take turns, which the RFC leaves open.
pub(super) fn selection() -> Ordered {
    Ordered::new(|policy, _| Key::from(u32::MAX - priority(policy)))
}

/// Returns the priority; a larger number is better.
pub(super) fn priority(policy: &Policy) -> u32 {
    match policy {
        Policy::Priority { priority } => *priority,
        // A pool holds policies of one type only.
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;
    use wire::PeIdentifier;

    use super::super::Selection;
    use super::*;

    #[test]
    fn the_highest_come_first_and_equals_take_turns() {
        let mut pool = selection();
        for (member, priority) in [(1, 0), (2, u32::MAX), (3, 7), (4, u32::MAX)] {
            pool.put(PeIdentifier(member), &Policy::Priority { priority });
        }
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let mut answer = || pool.select(9, 1, &mut rng).into_iter().map(|pe| pe.0).collect();
        let answers: [Vec<u32>; 3] = [answer(), answer(), answer()];
        assert_eq!(answers, [[2, 4, 3, 1], [4, 2, 3, 1], [2, 4, 3, 1]]);
    }

    #[test]
    fn a_stand_by_works_only_when_the_others_are_gone() {
        let mut pool = selection();
        pool.put(PeIdentifier(1), &Policy::Priority { priority: 1 });
        pool.put(PeIdentifier(2), &Policy::Priority { priority: 2 });
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        for _ in 0..5 {
            assert_eq!(pool.select(1, 1, &mut rng), [PeIdentifier(2)]);
        }
        pool.remove(PeIdentifier(2));
        assert_eq!(pool.select(1, 1, &mut rng), [PeIdentifier(1)]);
    }
}
