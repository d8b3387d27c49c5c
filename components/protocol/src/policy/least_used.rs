//! Least Used (RFC 5356 section 5.1).

use wire::parameter::Policy;

use super::ordered::{Key, Ordered};

/// Selects the lowest load first.
pub(super) fn selection() -> Ordered {
    Ordered::new(|policy, _| load(policy))
}

fn load(policy: &Policy) -> Key {
    match policy {
        Policy::LeastUsed { load } => Key::from(*load),
        // A pool holds policies of one type only.
        _ => Key::MAX,
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;
    use wire::PeIdentifier;

    use super::super::Selection;
    use super::*;

    fn pool(loads: &[(u32, u32)]) -> Ordered {
        let mut selection = selection();
        for &(member, load) in loads {
            selection.put(PeIdentifier(member), &Policy::LeastUsed { load });
        }
        selection
    }

    fn select(selection: &mut Ordered, items: usize) -> Vec<u32> {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let selected = selection.select(items, 1, &mut rng);
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
}
