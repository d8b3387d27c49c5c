//! Round Robin (RFC 5356 section 4.1).

use super::ordered::Ordered;

/// All pool elements are equal, hence they take turns: the list is circular, and each request advances its head by
/// one.
pub(super) fn selection() -> Ordered {
    Ordered::new(|_, _| 0)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;
    use wire::PeIdentifier;
    use wire::parameter::Policy;

    use super::super::Selection;
    use super::*;

    fn answers(selection: &mut Ordered, requests: usize, items: usize) -> Vec<Vec<u32>> {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let request = |_| {
            let selected = selection.select(items, 1, &mut rng);
            selected.into_iter().map(|PeIdentifier(number)| number).collect()
        };
        (0..requests).map(request).collect()
    }

    fn pool(members: &[u32]) -> Ordered {
        let mut selection = selection();
        for &member in members {
            selection.put(PeIdentifier(member), &Policy::RoundRobin);
        }
        selection
    }

    #[test]
    fn the_head_moves_on_by_one_with_each_request() {
        let expected = [[1, 2], [2, 3], [3, 1], [1, 2]];
        assert_eq!(answers(&mut pool(&[1, 2, 3]), 4, 2), expected);
    }

    #[test]
    fn nobody_is_listed_twice() {
        assert_eq!(answers(&mut pool(&[5, 6]), 1, 9), [[5, 6]]);
    }

    #[test]
    fn registering_again_keeps_the_place_in_the_circle() {
        let mut pool = pool(&[1, 2, 3]);
        answers(&mut pool, 1, 1);
        pool.put(PeIdentifier(1), &Policy::RoundRobin);
        assert_eq!(answers(&mut pool, 3, 1), [[2], [3], [1]]);
    }

    #[test]
    fn who_leaves_is_not_selected_and_who_comes_is_last() {
        let mut pool = pool(&[1, 2]);
        pool.remove(PeIdentifier(1));
        pool.put(PeIdentifier(9), &Policy::RoundRobin);
        assert_eq!(answers(&mut pool, 3, 1), [[2], [9], [2]]);
    }
}
