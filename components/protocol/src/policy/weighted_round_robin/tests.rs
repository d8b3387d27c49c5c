use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::super::round_robin;
use super::*;

const MAX: u32 = u32::MAX;

fn weighted(weight: u32) -> Policy {
    Policy::WeightedRoundRobin { weight }
}

fn pool(weights: &[u32]) -> WeightedRoundRobin {
    let mut pool = WeightedRoundRobin::default();
    for (number, &weight) in (1..).zip(weights) {
        pool.put(PeIdentifier(number), &weighted(weight));
    }
    pool
}

fn answer(pool: &mut dyn Selection, items: usize) -> Vec<u32> {
    let selected = pool.select(items, 1, &mut Pcg64Mcg::seed_from_u64(1));
    selected.into_iter().map(|pe| pe.0).collect()
}

fn firsts(pool: &mut WeightedRoundRobin, requests: usize) -> Vec<u32> {
    (0..requests).flat_map(|_| answer(pool, 1)).collect()
}

/// The smooth scheme, as the reference describes it: it touches every pool element for each selection.
struct Smooth {
    weights: Vec<i64>,
    credits: Vec<i64>,
}

impl Smooth {
    fn new(weights: &[u32]) -> Self {
        Self {
            weights: weights.iter().copied().map(i64::from).collect(),
            credits: vec![0; weights.len()],
        }
    }

    /// Returns the index of the selected one.
    fn select(&mut self) -> usize {
        for (credit, weight) in self.credits.iter_mut().zip(&self.weights) {
            *credit += weight;
        }
        let largest = (0..self.credits.len())
            .rev()
            .max_by_key(|&index| self.credits[index])
            .unwrap();
        self.credits[largest] -= self.weights.iter().sum::<i64>();
        largest
    }
}

/// By how much the number of selections of any index differs from its exact share at most, in units of 1 / (sum of
/// the weights); and the numbers at the end.
fn deviation(weights: &[u32], selected: impl IntoIterator<Item = usize>) -> (i128, Vec<u32>) {
    let sum: i128 = weights.iter().copied().map(i128::from).sum();
    let mut counts = vec![0_u32; weights.len()];
    let mut worst = 0;
    for (time, index) in (1..).zip(selected) {
        counts[index] += 1;
        for (&count, &weight) in counts.iter().zip(weights) {
            let difference = i128::from(count) * sum - i128::from(weight) * time;
            worst = worst.max(difference.abs());
        }
    }
    (worst, counts)
}

#[test]
fn turns_are_spread_evenly() {
    assert_eq!(firsts(&mut pool(&[5, 1, 1]), 7), [1, 2, 1, 1, 3, 1, 1]);
    assert_eq!(firsts(&mut pool(&[2, 1]), 6), [1, 2, 1, 1, 2, 1]);
    // By deadlines alone, without releases, the heavy one would be selected eight times in a row.
    let mut heavy = pool(&[8, 1, 1, 1, 1, 1, 1, 1, 1]);
    let expected = [1, 2, 1, 3, 1, 4, 1, 5, 1, 6, 1, 7, 1, 8, 9, 1];
    assert_eq!(firsts(&mut heavy, 16), expected);
}

/// Random pools, some of them very unequal.
fn sample(rng: &mut Pcg64Mcg) -> Vec<u32> {
    let size = rng.random_range(1..12);
    let largest = [2, 10, 300][rng.random_range(0..3)];
    (0..size).map(|_| rng.random_range(1..=largest)).collect()
}

#[test]
fn everyone_is_always_less_than_one_selection_from_its_share() {
    let mut rng = Pcg64Mcg::seed_from_u64(4);
    let (mut ours_total, mut smooth_total) = (0.0, 0.0);
    for _ in 0..300 {
        let weights = sample(&mut rng);
        let sum = weights.iter().sum::<u32>();
        let mut pool = pool(&weights);
        let selected = firsts(&mut pool, sum as usize)
            .into_iter()
            .map(|pe| pe as usize - 1);
        let (ours, counts) = deviation(&weights, selected);
        assert!(ours < sum.into(), "{ours}/{sum} of {weights:?}");
        assert_eq!(counts, weights);
        let mut scheme = Smooth::new(&weights);
        let (smooth, counts) = deviation(&weights, (0..sum).map(|_| scheme.select()));
        assert_eq!(counts, weights);
        ours_total += ours as f64 / f64::from(sum);
        smooth_total += smooth as f64 / f64::from(sum);
    }
    // On average over such pools, the largest deviations of both schemes are about the same.
    assert!(ours_total < 1.1 * smooth_total, "{ours_total} {smooth_total}");
}

#[test]
fn the_smooth_scheme_has_no_such_bound() {
    let weights: Vec<u32> = [[10; 10], [1; 10]].concat();
    let mut scheme = Smooth::new(&weights);
    let (smooth, _) = deviation(&weights, (0..110).map(|_| scheme.select()));
    assert_eq!(smooth, 140);
    let mut pool = pool(&weights);
    let selected = firsts(&mut pool, 110).into_iter().map(|pe| pe as usize - 1);
    assert_eq!(deviation(&weights, selected), (109, weights));
}

#[test]
fn equal_weights_are_round_robin_whatever_happens_to_the_pool() {
    for seed in 0..100 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let weight = [1, 7, 1_000_003, MAX][rng.random_range(0..4)];
        let mut ours = WeightedRoundRobin::default();
        let mut reference = round_robin::selection();
        for step in 0..500 {
            let pool_element = PeIdentifier(rng.random_range(1..20));
            match rng.random_range(0..10) {
                0 | 1 => {
                    ours.put(pool_element, &weighted(weight));
                    reference.put(pool_element, &Policy::RoundRobin);
                }
                2 => {
                    ours.remove(pool_element);
                    reference.remove(pool_element);
                }
                3 => ours.put(PeIdentifier(100), &weighted(0)),
                _ => {
                    let items = rng.random_range(0..6);
                    let increment = [0, 1, 1, 2, usize::MAX][rng.random_range(0..5)];
                    let expected = reference.select(items, increment, &mut rng);
                    let selected = ours.select(items, increment, &mut rng);
                    assert_eq!(selected, expected, "seed {seed}, step {step}");
                }
            }
        }
    }
}

#[test]
fn answers_go_on_with_those_whose_turns_are_next() {
    let mut pool = pool(&[2, 1, 1]);
    assert_eq!(answer(&mut pool, 3), [1, 2, 3]);
    assert_eq!(answer(&mut pool, 2), [2, 3]);
    assert_eq!(answer(&mut pool, 9), [3, 1, 2]);
}

#[test]
fn a_weight_of_zero_is_never_selected() {
    let mut pool = pool(&[0, 3, 0]);
    assert_eq!(answer(&mut pool, 3), [2]);
    pool.put(PeIdentifier(2), &weighted(0));
    assert_eq!(answer(&mut pool, 3), [0; 0]);
    pool.put(PeIdentifier(1), &weighted(1));
    assert_eq!(answer(&mut pool, 3), [1]);
    pool.remove(PeIdentifier(1));
    pool.remove(PeIdentifier(2));
    assert_eq!(answer(&mut pool, 3), [0; 0]);
}

#[test]
fn the_largest_weights_do_not_overflow() {
    let mut weights = vec![MAX; 1_000];
    weights.extend([1, 0, MAX - 1]);
    let mut extreme = pool(&weights);
    let selected = firsts(&mut extreme, 3_003);
    for number in 1..=1_000 {
        let count = selected.iter().filter(|&&pe| pe == number).count();
        assert!((2..=4).contains(&count), "{number}: {count}");
    }
    // Registrations with extreme changes, and a pool that comes and goes, leave it in order.
    let mut rng = Pcg64Mcg::seed_from_u64(8);
    for _ in 0..10_000 {
        let pool_element = PeIdentifier(rng.random_range(1..=1_003));
        let weight = [0, 1, 2, MAX / 2, MAX][rng.random_range(0..5)];
        if rng.random_range(0..4) == 0 {
            extreme.remove(pool_element);
        } else {
            extreme.put(pool_element, &weighted(weight));
        }
        answer(&mut extreme, 3);
    }
    for number in 1..=1_003 {
        extreme.put(PeIdentifier(number), &weighted(1));
    }
    let mut once = firsts(&mut extreme, 10 * 1_003);
    let mut last_round = once.split_off(9 * 1_003);
    last_round.sort_unstable();
    assert!(last_round.into_iter().eq(1..=1_003));
}

#[test]
fn shares_follow_weights_that_change_all_the_time() {
    let mut rng = Pcg64Mcg::seed_from_u64(6);
    let mut pool = pool(&[1; 5]);
    let mut weights = [1_u32; 5];
    let (mut counts, mut shares) = ([0_u32; 5], [0.0; 5]);
    for _ in 0..20_000 {
        let index = rng.random_range(0..5);
        weights[index] = rng.random_range(1..100);
        pool.put(PeIdentifier(index as u32 + 1), &weighted(weights[index]));
        let sum = f64::from(weights.iter().sum::<u32>());
        for (share, weight) in shares.iter_mut().zip(weights) {
            *share += f64::from(weight) / sum;
        }
        counts[answer(&mut pool, 1)[0] as usize - 1] += 1;
        for (count, share) in counts.iter().zip(shares) {
            let difference = f64::from(*count) - share;
            assert!(difference.abs() < 2.0, "{difference}");
        }
    }
}
