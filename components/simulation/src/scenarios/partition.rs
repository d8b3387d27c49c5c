//! The network is partitioned, and healed again.

use rand::RngExt;
use rand::seq::SliceRandom;

use super::adversity::survive_any_faults;
use super::cast::{Cast, milliseconds, pause, seconds};
use crate::{Conditions, NodeId, World};

/// Shorter than it takes to be suspected and declared dead, however long ago the last presence was.
pub(super) fn a_short_silence_is_no_death(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 1);
    cast.all_agree_within(world, seconds(4));
    pause(world, seconds(1));
    let config = world.config();
    let longest =
        config.max_time_last_heard + config.max_time_no_response - config.peer_heartbeat_cycle * 5 / 4;
    for _ in 0..4 {
        let victim = cast.some_registrar(world);
        let others = cast.registrars.iter().copied().filter(|&id| id != victim);
        let others: Vec<NodeId> = others.collect();
        let silence = longest.mul_f64(world.rng().random_range(0.8..1.0));
        if world.rng().random() {
            world.partition(&[victim], &others);
            world.run_for(silence);
            world.heal();
        } else {
            world.freeze(victim);
            world.run_for(silence);
            world.thaw(victim);
        }
        world.run_for(seconds(1));
    }
    assert_eq!(world.takeovers(), 0, "{:?}: a takeover", world.now());
    cast.all_agree_within(world, seconds(1));
}

pub(super) fn a_registrar_is_cut_off_and_comes_back(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 1);
    cast.all_agree_within(world, seconds(4));
    let victim = cast.busiest_registrar(world);
    let mut others: Vec<NodeId> = cast
        .registrars
        .iter()
        .copied()
        .filter(|&id| id != victim)
        .collect();
    // Its pool elements may or may not be cut off from it as well.
    if world.rng().random() {
        others.extend(&cast.elements);
    }
    world.partition(&[victim], &others);
    pause(world, seconds(8));
    world.heal();
    settle(world, &cast);
}

pub(super) fn a_partition_heals_in_the_middle_of_a_takeover(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 1);
    cast.all_agree_within(world, seconds(4));
    let victim = cast.busiest_registrar(world);
    let others: Vec<NodeId> = cast
        .registrars
        .iter()
        .copied()
        .filter(|&id| id != victim)
        .collect();
    // As long as it takes to be suspected, plus or minus half of the duration of a takeover.
    let config = world.config().clone();
    let missed = config.max_time_last_heard + config.max_time_no_response;
    world.partition(&[victim], &others);
    world.run_for(missed - config.max_time_no_response / 2);
    pause(world, config.takeover_expiry + config.keep_alive_timeout * 2);
    world.heal();
    settle(world, &cast);
}

pub(super) fn two_halves_go_on_and_become_one_again(world: &mut World) {
    let number = world.rng().random_range(2..=5);
    let cast = Cast::start(world, number, 4, 2);
    cast.all_agree_within(world, seconds(4));
    let mut everybody = cast.everybody();
    everybody.shuffle(world.rng());
    let middle = world.rng().random_range(1..everybody.len());
    let (one, other) = everybody.split_at(middle);
    world.partition(one, other);
    pause(world, seconds(10));
    world.heal();
    settle(world, &cast);
}

pub(super) fn connections_need_not_be_the_same_for_all(world: &mut World) {
    let number = world.rng().random_range(3..=5);
    let cast = Cast::start(world, number, 4, 1);
    let everybody = cast.everybody();
    for _ in 0..3 {
        let one = cast.some_registrar(world);
        let other = everybody[world.rng().random_range(0..everybody.len())];
        if one != other {
            world.partition(&[one], &[other]);
        }
        pause(world, seconds(3));
    }
    world.heal();
    settle(world, &cast);
}

pub(super) fn any_faults_of_several_registrars_are_survived(world: &mut World) {
    if world.rng().random() {
        let dead_after = milliseconds(world.rng().random_range(400..3_000));
        world.set_conditions(Conditions {
            dead_after,
            jitter: milliseconds(10),
            detour: milliseconds(20),
            delay_spikes: 0.01,
            delay_spike: milliseconds(100),
            datagram_loss: 0.2,
            datagram_duplication: 0.1,
            ..Conditions::default()
        });
    }
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 2);
    let victims: Vec<NodeId> = cast.registrars.iter().chain(&cast.elements).copied().collect();
    survive_any_faults(world, &cast, &victims, 10);
    cast.all_serve_within(world, seconds(4));
    cast.all_agree_within(world, seconds(6));
}

/// After the last fault: all nodes work again, and continue to.
fn settle(world: &mut World, cast: &Cast) {
    cast.all_work_within(world, seconds(10));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(5));
}
