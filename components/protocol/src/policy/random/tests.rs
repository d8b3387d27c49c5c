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

/// Returns the sum of (observed - expected)² / expected.
///
/// The tests compare it with the value that it exceeds with a probability of 0.1 % if the observations have the
/// expected distribution. Their seeds are fixed, so that the result is always the same.
fn chi_square(observed: &[u32], expected: &[f64]) -> f64 {
    let terms = observed.iter().zip(expected).map(|(&observed, &expected)| {
        let difference = f64::from(observed) - expected;
        difference * difference / expected
    });
    terms.sum()
}

/// For 11 degrees of freedom.
const CRITICAL: f64 = 31.264;

/// Draws two of four, and compares the frequencies of all twelve pairs with those that follow from the weights.
#[track_caller]
fn check_pairs(policies: [Policy; 4], weights: [u32; 4]) {
    const DRAWS: u32 = 60_000;
    let mut pool = pool(&policies);
    let mut rng = Pcg64Mcg::seed_from_u64(20);
    let mut observed = [[0_u32; 4]; 4];
    for _ in 0..DRAWS {
        // Counting nobody: degradation would change the weights.
        let drawn = pool.select(2, 0, &mut rng);
        observed[drawn[0].0 as usize - 1][drawn[1].0 as usize - 1] += 1;
    }
    let sum: f64 = weights.into_iter().map(f64::from).sum();
    let (mut observations, mut expectations) = (Vec::new(), Vec::new());
    for (first, row) in observed.iter().enumerate() {
        assert_eq!(row[first], 0);
        for second in (0..4).filter(|second| *second != first) {
            let [one, other] = [first, second].map(|index| f64::from(weights[index]));
            observations.push(row[second]);
            expectations.push(f64::from(DRAWS) * one / sum * other / (sum - one));
        }
    }
    let statistic = chi_square(&observations, &expectations);
    assert!(statistic < CRITICAL, "{statistic} of {observations:?}");
}

#[test]
fn draws_have_the_probabilities_of_their_weights() {
    check_pairs([const { Policy::Random }; 4], [1; 4]);
    let weights = [1, 2, 3, 4];
    check_pairs(weights.map(|weight| Policy::WeightedRandom { weight }), weights);
    let extreme = [MAX, MAX, MAX - 1, MAX / 2];
    check_pairs(extreme.map(|weight| Policy::WeightedRandom { weight }), extreme);
    // A tenth of the weight for each millisecond.
    let distances = [0, 2, 5, 8];
    let distant = distances.map(|distance| Policy::WeightedRandomDpf {
        weight: 1_000,
        weight_dpf: MAX / 10,
        distance,
    });
    check_pairs(distant, [1_000, 800, 500, 200]);
    let loads = [0, MAX / 4, MAX / 2, MAX - MAX / 8];
    let left = loads.map(|load| MAX - load);
    check_pairs(loads.map(|load| Policy::RandomizedLeastUsed { load }), left);
    let load_degradation = MAX / 16;
    let degraded = left.map(|left| left.saturating_sub(load_degradation).max(1));
    check_pairs(
        loads.map(|load| Policy::RandomizedPriorityLeastUsed {
            load,
            load_degradation,
        }),
        degraded,
    );
    check_pairs(
        loads.map(|load| Policy::RandomizedLeastUsedDegradation {
            load,
            load_degradation,
        }),
        left,
    );
    check_pairs(
        loads.map(|load| Policy::RandomizedPriorityLeastUsedDegradation {
            load,
            load_degradation,
        }),
        degraded,
    );
}

#[test]
fn three_per_cent_more_or_less_would_be_noticed() {
    let observed = [5_000; 12];
    let expected = [4_900.0, 5_100.0].repeat(6);
    assert!(chi_square(&observed, &expected) < CRITICAL);
    let expected = [4_850.0, 5_150.0].repeat(6);
    assert!(chi_square(&observed, &expected) > CRITICAL);
}

/// Returns the weight that the reference gives a pool element.
fn reference_weight(policy: &Policy, selections: u64) -> u32 {
    match policy {
        Policy::Random => 1,
        Policy::WeightedRandom { weight } => *weight,
        Policy::WeightedRandomDpf {
            weight,
            weight_dpf,
            distance,
        } => {
            let [weight, dpf, distance, scale] = [*weight, *weight_dpf, *distance, MAX].map(i128::from);
            let twice_the_penalty = 2 * weight * distance * dpf / scale;
            let left = weight - (twice_the_penalty + 1) / 2;
            if left < 0 { 1 } else { u32::try_from(left).unwrap() }
        }
        policy => (MAX - super::super::tests::reference_load(policy, selections)).max(1),
    }
}

#[track_caller]
fn check_weights(policy: impl Fn(&mut Pcg64Mcg) -> Policy) {
    for seed in 0..30 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut pool = Random::default();
        let mut reference: BTreeMap<PeIdentifier, (Policy, u64)> = BTreeMap::new();
        for step in 0..200 {
            let pool_element = PeIdentifier(rng.random_range(1..15));
            match rng.random_range(0..8) {
                0..=2 => {
                    let policy = policy(&mut rng);
                    pool.put(pool_element, &policy);
                    reference.insert(pool_element, (policy, 0));
                }
                3 => {
                    pool.remove(pool_element);
                    reference.remove(&pool_element);
                }
                _ => {
                    let items = rng.random_range(0..16);
                    let increment = [0, 1, 1, usize::MAX][rng.random_range(0..4)];
                    let selected = pool.select(items, increment, &mut rng);
                    let eligible = reference
                        .values()
                        .filter(|(policy, selections)| reference_weight(policy, *selections) > 0);
                    assert_eq!(
                        selected.len(),
                        items.min(eligible.count()),
                        "seed {seed}, step {step}"
                    );
                    for pool_element in selected.iter().take(increment) {
                        reference.get_mut(pool_element).unwrap().1 += 1;
                    }
                }
            }
            let mut sum = 0;
            for (pool_element, (policy, selections)) in &reference {
                let expected = reference_weight(policy, *selections);
                let place = pool.members[pool_element].place;
                assert_eq!(pool.places[place], *pool_element);
                assert_eq!(
                    pool.weights.weight(place),
                    expected,
                    "seed {seed}, step {step}: {policy}, {selections}"
                );
                sum += u64::from(expected);
            }
            assert_eq!(pool.weights.total(), sum, "seed {seed}, step {step}");
        }
    }
}

#[test]
fn weights_are_kept_whatever_happens_to_the_pool() {
    use super::super::tests::word;

    check_weights(|_| Policy::Random);
    check_weights(|rng| Policy::WeightedRandom { weight: word(rng) });
    check_weights(|rng| Policy::WeightedRandomDpf {
        weight: word(rng),
        weight_dpf: word(rng),
        distance: word(rng),
    });
    check_weights(|rng| Policy::RandomizedLeastUsed { load: word(rng) });
    check_weights(|rng| Policy::RandomizedPriorityLeastUsed {
        load: word(rng),
        load_degradation: word(rng),
    });
    check_weights(|rng| Policy::RandomizedLeastUsedDegradation {
        load: word(rng),
        load_degradation: word(rng),
    });
    check_weights(|rng| Policy::RandomizedPriorityLeastUsedDegradation {
        load: word(rng),
        load_degradation: word(rng),
    });
}
