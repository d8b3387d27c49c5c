use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;

const MAX: u32 = u32::MAX;

#[test]
fn a_distance_takes_its_share_of_the_weight() {
    let tenth = 429_496_730;
    for (weight, dpf, distance, expected) in [
        (100, 0, MAX, 100),
        (100, tenth, 0, 100),
        (100, tenth, 3, 70),
        (100, tenth, 10, 0),
        (100, tenth, 11, 1),
        (0, MAX, MAX, 0),
        (MAX, MAX, MAX, 1),
        (MAX, MAX, 1, 0),
        (MAX, 0, MAX, MAX),
        (1, 1, 1, 1),
    ] {
        assert_eq!(
            remote_weight(weight, dpf, distance),
            expected,
            "{weight} {dpf} {distance}"
        );
    }
}

#[test]
fn a_full_pool_element_keeps_a_weight_of_one() {
    let full = |load, load_degradation| Policy::RandomizedPriorityLeastUsedDegradation {
        load,
        load_degradation,
    };
    assert_eq!(weight(&full(MAX, MAX), u64::MAX), 1);
    assert_eq!(weight(&full(MAX, 0), 0), 1);
    assert_eq!(weight(&full(0, 0), 0), MAX);
    assert_eq!(weight(&Policy::RandomizedLeastUsed { load: MAX }, 3), 1);
    assert_eq!(weight(&Policy::RandomizedLeastUsed { load: 10 }, 3), MAX - 10);
}

fn pool(policies: &[Policy]) -> Random {
    let mut pool = Random::default();
    for (number, policy) in (1..).zip(policies) {
        pool.put(PeIdentifier(number), policy);
    }
    pool
}

fn weighted(weights: &[u32]) -> Random {
    let policies: Vec<Policy> = weights
        .iter()
        .map(|&weight| Policy::WeightedRandom { weight })
        .collect();
    pool(&policies)
}

fn draw(pool: &mut Random, items: usize, rng: &mut Pcg64Mcg) -> Vec<usize> {
    let selected = pool.select(items, 1, rng);
    selected.into_iter().map(|pe| pe.0 as usize).collect()
}

#[test]
fn nobody_is_drawn_twice_and_a_weight_of_zero_never() {
    let mut rng = Pcg64Mcg::seed_from_u64(2);
    let mut pool = weighted(&[0, 1, MAX, 0, MAX]);
    for _ in 0..100 {
        let mut drawn = draw(&mut pool, 5, &mut rng);
        drawn.sort_unstable();
        assert_eq!(drawn, [2, 3, 5]);
    }
    assert_eq!(draw(&mut weighted(&[0, 0]), 5, &mut rng), [0; 0]);
}

#[test]
fn a_place_that_is_free_is_used_again() {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let mut pool = weighted(&[1, 1, 1]);
    for round in 0..50 {
        pool.remove(PeIdentifier(2));
        assert!(!draw(&mut pool, 3, &mut rng).contains(&2), "{round}");
        pool.put(PeIdentifier(2), &Policy::WeightedRandom { weight: 1 });
        assert_eq!(draw(&mut pool, 3, &mut rng).len(), 3);
    }
    assert_eq!(pool.places.len(), 3);
}
