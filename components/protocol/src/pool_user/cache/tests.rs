use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use wire::RegistrarIdentifier;
use wire::parameter::{PolicyType, RegistrationLife, UserTransport};

use super::*;

fn element(number: u32, policy: Policy) -> PoolElementParameter {
    PoolElementParameter {
        identifier: PeIdentifier(number),
        home_registrar: RegistrarIdentifier(1),
        registration_life: RegistrationLife::INFINITE,
        user_transport: UserTransport::Opaque(vec![1]),
        policy,
        asap_transport: None,
    }
}

fn handle() -> PoolHandle {
    PoolHandle::new(b"Pool").unwrap()
}

/// A cache of one answer, in this order.
fn cache(policies: &[Policy]) -> Cache {
    let elements = (1..).zip(policies.iter().cloned());
    let elements = elements.map(|(number, policy)| element(number, policy)).collect();
    let mut cache = Cache::new(Duration::from_secs(1));
    cache.put(Time::ZERO, handle(), policies[0].clone(), elements);
    cache
}

fn use_it(cache: &mut Cache, rng: &mut Pcg64Mcg) -> Vec<u32> {
    let candidates = cache.candidates(&handle(), rng);
    candidates.iter().map(|element| element.identifier.0).collect()
}

fn uses(cache: &mut Cache, times: usize) -> Vec<Vec<u32>> {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    (0..times).map(|_| use_it(cache, &mut rng)).collect()
}

#[test]
fn round_robin_uses_the_list_in_turn_and_starts_over() {
    let mut cache = cache(&[const { Policy::RoundRobin }; 3]);
    assert_eq!(uses(&mut cache, 4), [[1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 2, 3]]);
    cache.drop_element(&handle(), PeIdentifier(3));
    assert_eq!(uses(&mut cache, 2), [[2, 1], [1, 2]]);
}

#[test]
fn weighted_round_robin_begins_with_the_first_and_keeps_to_the_weights() {
    let mut cache = cache(&[1, 2, 1].map(|weight| Policy::WeightedRoundRobin { weight }));
    let firsts: Vec<u32> = uses(&mut cache, 400).iter().map(|list| list[0]).collect();
    assert_eq!(firsts[0], 1);
    let count = |pe| firsts.iter().filter(|&&first| first == pe).count();
    assert_eq!([1, 2, 3].map(count), [100, 200, 100]);
}

#[test]
fn least_used_keeps_to_the_order_of_the_list_where_loads_differ() {
    let mut cache = cache(&[5, 5, 9].map(|load| Policy::LeastUsed { load }));
    assert_eq!(uses(&mut cache, 3), [[1, 2, 3], [2, 1, 3], [1, 2, 3]]);
}

#[test]
fn what_a_pool_user_selects_itself_degrades_until_the_next_answer() {
    let degrading = |load| Policy::LeastUsedDegradation {
        load,
        load_degradation: 10,
    };
    let elements: Vec<Policy> = [0, 15].map(degrading).into();
    let mut answer = cache(&elements);
    let firsts: Vec<u32> = uses(&mut answer, 5).iter().map(|list| list[0]).collect();
    assert_eq!(firsts, [1, 1, 2, 1, 2]);
    // The registrar knows of other pool users: its order comes first, whatever the loads say.
    let mut answer = cache(&[15, 0].map(degrading));
    let firsts: Vec<u32> = uses(&mut answer, 3).iter().map(|list| list[0]).collect();
    assert_eq!(firsts, [1, 2, 2]);
}

#[test]
fn the_highest_priority_is_first_and_equals_take_turns() {
    let mut cache = cache(&[1, 7, 7].map(|priority| Policy::Priority { priority }));
    assert_eq!(uses(&mut cache, 3), [[2, 3, 1], [3, 2, 1], [2, 3, 1]]);
}

#[test]
fn random_policies_draw_for_each_use() {
    let weights = [1, 2, 0, 1].map(|weight| Policy::WeightedRandom { weight });
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let mut fresh = [0_u32; 4];
    for _ in 0..4_000 {
        let mut cache = cache(&weights);
        fresh[use_it(&mut cache, &mut rng)[0] as usize - 1] += 1;
    }
    // Each has a standard deviation of 27.
    assert!(
        fresh.iter().all(|count| (900..1_100).contains(count)),
        "{fresh:?}"
    );
    let mut cache = cache(&weights);
    use_it(&mut cache, &mut rng);
    let mut again = [0_u32; 4];
    for _ in 0..4_000 {
        again[use_it(&mut cache, &mut rng)[0] as usize - 1] += 1;
    }
    let expected = [1_000.0, 2_000.0, 1_000.0];
    let observed = [again[0], again[1], again[3]];
    let terms = observed
        .iter()
        .zip(expected)
        .map(|(&observed, expected)| (f64::from(observed) - expected).powi(2) / expected);
    // Chi-square, 2 degrees of freedom, 0.1 %.
    assert!(again[2] == 0 && terms.sum::<f64>() < 13.816, "{again:?}");
}

#[test]
fn an_unknown_policy_keeps_the_order() {
    let unknown = Policy::Unknown {
        policy_type: PolicyType(0xb000_7777),
        data: Vec::new(),
    };
    let mut cache = cache(&[unknown.clone(), unknown]);
    assert_eq!(uses(&mut cache, 2), [[1, 2], [1, 2]]);
}
