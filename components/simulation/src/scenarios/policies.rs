//! All policies: what registrars select, pools that change their policy, and policy data that change all the time.

use std::collections::BTreeMap;

use protocol::Handlespace;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wire::PeIdentifier;
use wire::parameter::{Policy, PoolElementParameter};

use super::cast::{Cast, KINDS, any_policy, milliseconds, pause, seconds};
use crate::{NodeId, PoolPolicy, World};

/// How often each registrar is asked.
const TIMES: usize = 400;
/// How often our own handlespace is asked as often, for the expected numbers.
const REPETITIONS: u32 = 40;
/// The values that chi-square exceeds with a probability of 1e-7, for 1, 2 and 3 degrees of freedom: there are many
/// seeds.
const CRITICAL: [f64; 3] = [28.374, 32.236, 35.406];

pub(super) fn every_registrar_keeps_to_the_policy(world: &mut World) {
    let registrars = world.rng().random_range(1..=3);
    let cast = Cast::start(world, registrars, 4, 2);
    cast.all_agree_within(world, seconds(4));
    pause(world, seconds(2));
    all_keep_to_the_policy(world, &cast);
}

pub(super) fn a_pool_comes_back_with_another_policy(world: &mut World) {
    let registrars = world.rng().random_range(1..=3);
    let cast = Cast::start(world, registrars, 3, 2);
    pause(world, seconds(1));
    for _ in 0..2 {
        change_the_policy(world, &cast);
        cast.all_work_within(world, seconds(6));
        cast.all_agree_within(world, seconds(4));
        all_keep_to_the_policy(world, &cast);
    }
}

pub(super) fn a_pool_changes_its_policy_while_a_registrar_is_cut_off(world: &mut World) {
    let cast = Cast::start(world, 3, 3, 2);
    pause(world, seconds(1));
    let (cut_off, others) = cast.registrars.split_last().expect("there are three");
    world.partition(&[*cut_off], others);
    pause(world, milliseconds(1_500));
    change_the_policy(world, &cast);
    pause(world, milliseconds(1_500));
    world.heal();
    cast.all_work_within(world, seconds(9));
    cast.all_agree_within(world, seconds(9));
    all_keep_to_the_policy(world, &cast);
}

pub(super) fn policy_data_may_change_with_every_message(world: &mut World) {
    let registrars: Vec<NodeId> = (1..=2).map(|number| world.add_registrar(number)).collect();
    let kind = world.rng().random();
    let elements = (1..=3)
        .map(|number| {
            let initial = any_policy(kind, world.rng());
            world.add_pool_element(
                number,
                PoolPolicy {
                    initial,
                    fickle: true,
                },
            )
        })
        .collect();
    let cast = Cast {
        registrars,
        elements,
        users: (0..3).map(|_| world.add_pool_user()).collect(),
    };
    cast.all_serve_within(world, seconds(5));
    cast.all_work_within(world, seconds(9));
    for _ in 0..2 {
        // By then, everybody has registered again, and what was counted before is forgotten.
        world.run_for(seconds(4));
        pause(world, seconds(1));
        all_keep_to_the_policy(world, &cast);
    }
}

/// Every pool element leaves; when all registrars that are awake have dropped the pool, all come back with another
/// policy.
fn change_the_policy(world: &mut World, cast: &Cast) {
    for &element in &cast.elements {
        world.stop(element);
    }
    let gone = |world: &World| cast.elements.iter().all(|&element| !world.is_running(element));
    assert!(world.run_until(seconds(4), gone), "they do not stop");
    let reachable = |world: &World| {
        let registrars = cast.registrars.iter();
        registrars
            .filter(|&&registrar| registrar != cast.registrars[cast.registrars.len() - 1])
            .all(|&registrar| lists(world, registrar).is_empty())
    };
    assert!(world.run_until(seconds(4), reachable), "the pool does not end");
    let kind = world.rng().random_range(0..KINDS);
    for &element in &cast.elements {
        let policy = any_policy(kind, world.rng());
        world.change_policy(element, policy);
        world.start(element);
    }
}

fn lists(world: &World, registrar: NodeId) -> Vec<PoolElementParameter> {
    let handlespace = world.registrar(registrar).map(protocol::Registrar::handlespace);
    let elements = handlespace
        .into_iter()
        .flat_map(|handlespace| handlespace.elements_after(None));
    elements.map(|(_, element)| element.clone()).collect()
}

fn all_keep_to_the_policy(world: &mut World, cast: &Cast) {
    for &registrar in &cast.registrars {
        let elements = lists(world, registrar);
        let mut counts: BTreeMap<PeIdentifier, f64> = BTreeMap::new();
        for named in world.ask(registrar, TIMES) {
            *counts.entry(named).or_default() += 1.0;
        }
        let Some(first) = elements.first() else {
            panic!("{:?}: {registrar:?} has an empty pool", world.now());
        };
        let draws = draws(&first.policy);
        let repetitions = if draws { REPETITIONS } else { 1 };
        let mut expected: BTreeMap<PeIdentifier, f64> = BTreeMap::new();
        for seed in 0..repetitions {
            for named in reference(world, &elements, seed.into()) {
                *expected.entry(named).or_default() += 1.0 / f64::from(repetitions);
            }
        }
        let agrees = if draws {
            is_likely(&counts, &expected)
        } else {
            // The turn of each may have begun elsewhere; the sessions so far have degraded some of them.
            let tolerance = if degrades(&first.policy) { 10.0 } else { 2.0 };
            let difference = |identifier: &PeIdentifier| {
                let count = |counts: &BTreeMap<_, f64>| counts.get(identifier).copied().unwrap_or(0.0);
                (count(&counts) - count(&expected)).abs()
            };
            elements
                .iter()
                .all(|element| difference(&element.identifier) <= tolerance)
        };
        assert!(
            agrees,
            "{:?}: {registrar:?} selects {counts:?} instead of {expected:?} from {:?}",
            world.now(),
            elements.iter().map(|element| &element.policy).collect::<Vec<_>>()
        );
    }
}

fn reference(world: &World, elements: &[PoolElementParameter], seed: u64) -> Vec<PeIdentifier> {
    let mut handlespace = Handlespace::new();
    for element in elements {
        handlespace
            .put(&world.pool, element.clone())
            .expect("they are in one pool");
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut select = || {
        let selected = handlespace.select(&world.pool, 1, 1, &mut rng);
        selected.first().map(|element| element.identifier)
    };
    (0..TIMES).filter_map(|_| select()).collect()
}

const fn draws(policy: &Policy) -> bool {
    matches!(
        policy,
        Policy::Random
            | Policy::WeightedRandom { .. }
            | Policy::WeightedRandomDpf { .. }
            | Policy::RandomizedLeastUsed { .. }
            | Policy::RandomizedPriorityLeastUsed { .. }
            | Policy::RandomizedLeastUsedDegradation { .. }
            | Policy::RandomizedPriorityLeastUsedDegradation { .. }
    )
}

const fn degrades(policy: &Policy) -> bool {
    matches!(
        policy,
        Policy::LeastUsedDegradation { .. }
            | Policy::PriorityLeastUsedDegradation { .. }
            | Policy::LeastUsedDegradationDpf { .. }
    )
}

/// Chi-square; those that are hardly ever expected are only limited together.
fn is_likely(counts: &BTreeMap<PeIdentifier, f64>, expected: &BTreeMap<PeIdentifier, f64>) -> bool {
    let (mut statistic, mut cells) = (0.0, 0_usize);
    for (identifier, &expected) in expected.iter().filter(|(_, expected)| **expected >= 5.0) {
        let count = counts.get(identifier).copied().unwrap_or(0.0);
        statistic += (count - expected).powi(2) / expected;
        cells += 1;
    }
    let often =
        |identifier: &&PeIdentifier| expected.get(identifier).is_some_and(|expected| *expected >= 5.0);
    let seldom: f64 = counts
        .iter()
        .filter(|(identifier, _)| !often(identifier))
        .map(|(_, count)| count)
        .sum();
    let critical = cells.checked_sub(2).and_then(|index| CRITICAL.get(index));
    seldom < 40.0 && critical.is_none_or(|critical| statistic < *critical)
}
