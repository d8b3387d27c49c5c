//! Least Used and its relatives that select in order: LU, LUD, PLU, PLUD, LU-DPF and LUD-DPF (RFC 5356 sections 5.1 to
//! 5.3, and rsplib).

use super::load::effective_load;
use super::ordered::{Key, Ordered};

/// Selects the lowest load first; equals take turns.
pub(super) fn selection() -> Ordered {
    Ordered::new(|policy, selections| Key::from(effective_load(policy, selections)))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;
    use wire::PeIdentifier;
    use wire::parameter::Policy;

    use super::super::Selection;
    use super::*;

    fn pool(loads: &[(u32, u32)]) -> Ordered {
        pool_of(loads, |load| Policy::LeastUsed { load })
    }

    fn pool_of(loads: &[(u32, u32)], policy: impl Fn(u32) -> Policy) -> Ordered {
        let mut selection = selection();
        for &(member, load) in loads {
            selection.put(PeIdentifier(member), &policy(load));
        }
        selection
    }

    fn select(selection: &mut Ordered, items: usize) -> Vec<u32> {
        select_and_charge(selection, items, 1)
    }

    fn select_and_charge(selection: &mut Ordered, items: usize, increment: usize) -> Vec<u32> {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let selected = selection.select(items, increment, &mut rng);
        selected.into_iter().map(|PeIdentifier(number)| number).collect()
    }

    #[test]
    fn answers_ascend_by_load() {
        let mut pool = pool(&[(1, 70), (2, 10), (3, u32::MAX)]);
        assert_eq!(select(&mut pool, 3), [2, 1, 3]);
        assert_eq!(select(&mut pool, 3), [2, 1, 3]);
    }

    #[test]
    fn equals_take_turns() {
        let mut pool = pool(&[(1, 5), (2, 5), (3, 9)]);
        assert_eq!(select(&mut pool, 1), [1]);
        assert_eq!(select(&mut pool, 1), [2]);
        assert_eq!(select(&mut pool, 1), [1]);
    }

    #[test]
    fn a_new_load_counts_at_once() {
        let mut pool = pool(&[(1, 5), (2, 6)]);
        pool.put(PeIdentifier(1), &Policy::LeastUsed { load: 100 });
        assert_eq!(select(&mut pool, 2), [2, 1]);
    }

    fn degrading(load: u32) -> Policy {
        Policy::LeastUsedDegradation {
            load,
            load_degradation: 10,
        }
    }

    #[test]
    fn each_selection_degrades_until_the_next_registration() {
        let mut pool = pool_of(&[(1, 0), (2, 15)], degrading);
        let firsts: Vec<u32> = (0..5).flat_map(|_| select(&mut pool, 1)).collect();
        // The loads before each: 0 and 15, 10 and 15, 20 and 15, 20 and 25, 30 and 25.
        assert_eq!(firsts, [1, 1, 2, 1, 2]);
        pool.put(PeIdentifier(1), &degrading(0));
        assert_eq!(select(&mut pool, 2), [1, 2]);
    }

    #[test]
    fn as_many_are_charged_as_configured() {
        // The RFC's letter: everyone in the answer.
        let mut all = pool_of(&[(1, 0), (2, 5), (3, 8)], degrading);
        assert_eq!(select_and_charge(&mut all, 2, usize::MAX), [1, 2]);
        assert_eq!(select(&mut all, 3), [3, 1, 2]);
        // Nobody: an answer that leads to no session.
        let mut nobody = pool_of(&[(1, 0), (2, 5), (3, 8)], degrading);
        assert_eq!(select_and_charge(&mut nobody, 3, 0), [1, 2, 3]);
        assert_eq!(select_and_charge(&mut nobody, 3, 0), [1, 2, 3]);
    }

    #[test]
    fn with_a_priority_the_own_degradation_counts_before_the_first_selection() {
        let with_degradation = |load_degradation| Policy::PriorityLeastUsed {
            load: 50,
            load_degradation,
        };
        let mut pool = pool_of(&[(1, 9), (2, 3), (3, 6)], with_degradation);
        assert_eq!(select(&mut pool, 3), [2, 3, 1]);
        assert_eq!(select(&mut pool, 3), [2, 3, 1]);
    }

    #[test]
    fn distance_is_weighed_against_load() {
        let at = |distance| Policy::LeastUsedDpf {
            load: 1_000 - distance,
            load_dpf: 2,
            distance,
        };
        let mut pool = pool_of(&[(1, 100), (2, 50), (3, 0)], at);
        assert_eq!(select(&mut pool, 3), [3, 2, 1]);
    }

    #[test]
    fn full_pool_elements_still_take_turns() {
        let full = |load| Policy::LeastUsedDegradation {
            load,
            load_degradation: u32::MAX,
        };
        let mut pool = pool_of(&[(1, u32::MAX), (2, u32::MAX), (3, 1)], full);
        let firsts: Vec<u32> = (0..5).flat_map(|_| select(&mut pool, 1)).collect();
        assert_eq!(firsts, [3, 1, 2, 3, 1]);
    }
}
