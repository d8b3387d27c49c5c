//! Registrars die, and others take over their pool elements.

use rand::RngExt;
use rand::seq::SliceRandom;

use super::cast::{Cast, milliseconds, pause, seconds};
use crate::{Conditions, Death, NodeId, World};

pub(super) fn the_other_of_a_pair_takes_over(world: &mut World) {
    kill_and_measure(world, 2, "every pool element has a new home, 2 registrars");
}

pub(super) fn one_of_three_takes_over(world: &mut World) {
    kill_and_measure(world, 3, "every pool element has a new home, 3 registrars");
}

pub(super) fn one_of_five_takes_over(world: &mut World) {
    kill_and_measure(world, 5, "every pool element has a new home, 5 registrars");
}

fn kill_and_measure(world: &mut World, registrars: u32, what: &'static str) {
    let cast = Cast::start(world, registrars, 3, 2);
    cast.all_agree_within(world, seconds(4));
    pause(world, seconds(1));
    let victim = cast.busiest_registrar(world);
    let before: Vec<usize> = cast
        .users
        .iter()
        .map(|&user| world.failovers(user).len())
        .collect();
    world.kill(victim, Death::Killed);
    let took = until_all_are_at_home(world, &cast, seconds(3));
    world.measure(what, took);
    world.run_for(seconds(3));
    let after: Vec<usize> = cast
        .users
        .iter()
        .map(|&user| world.failovers(user).len())
        .collect();
    assert_eq!(before, after, "{:?}: sessions have noticed", world.now());
    world.run_for(seconds(5));
}

/// Returns how long it takes until every running pool element has a home registrar, and all registrars agree on it.
fn until_all_are_at_home(world: &mut World, cast: &Cast, within: std::time::Duration) -> std::time::Duration {
    let start = world.now();
    cast.all_agree_within(world, within);
    world.now() - start
}

pub(super) fn an_unplugged_registrar_is_taken_over(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 3, 1);
    cast.all_agree_within(world, seconds(4));
    let victim = cast.busiest_registrar(world);
    world.kill(victim, Death::Unplugged);
    let took = until_all_are_at_home(world, &cast, seconds(5));
    world.measure("every pool element has a new home after an unplugging", took);
    world.run_for(seconds(6));
}

/// Their associations to the dead registrar survive, and they register too rarely to find out: only the takeover
/// helps.
pub(super) fn pool_elements_that_notice_nothing_get_a_new_home(world: &mut World) {
    world.set_conditions(Conditions {
        dead_after: seconds(600),
        ..Conditions::default()
    });
    world.config_mut().t4_reregistration = seconds(600);
    world.config_mut().registration_life = seconds(1_800);
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 1);
    cast.all_agree_within(world, seconds(4));
    pause(world, seconds(1));
    let victim = cast.busiest_registrar(world);
    world.kill(victim, Death::Unplugged);
    let took = until_all_are_at_home(world, &cast, seconds(4));
    world.measure(
        "every pool element has a new home though it notices nothing",
        took,
    );
    assert!(world.takeovers() > 0, "{:?}: without a takeover", world.now());
    world.run_for(seconds(6));
}

pub(super) fn two_of_five_die_close_together(world: &mut World) {
    kill_two(world, 5);
}

pub(super) fn two_of_three_die_close_together(world: &mut World) {
    kill_two(world, 3);
}

fn kill_two(world: &mut World, registrars: u32) {
    let cast = Cast::start(world, registrars, 5, 1);
    cast.all_agree_within(world, seconds(4));
    let mut order = cast.registrars.clone();
    order.shuffle(world.rng());
    let death = if world.rng().random() {
        Death::Killed
    } else {
        Death::Unplugged
    };
    world.kill(order[0], death);
    pause(world, seconds(3));
    world.kill(order[1], Death::Killed);
    let took = until_all_are_at_home(world, &cast, seconds(6));
    world.measure("every pool element has a new home after a second death", took);
    cast.all_work_within(world, seconds(5));
    world.run_for(seconds(5));
}

pub(super) fn a_registrar_dies_together_with_some_of_its_pool_elements(world: &mut World) {
    let number = world.rng().random_range(2..=3);
    let cast = Cast::start(world, number, 5, 1);
    cast.all_agree_within(world, seconds(4));
    let victim = cast.busiest_registrar(world);
    let owned = cast.owned_by(world, victim);
    let death = if world.rng().random() {
        Death::Killed
    } else {
        Death::Unplugged
    };
    world.kill(victim, death);
    for &element in owned.iter().take(owned.len().min(2)) {
        pause(world, milliseconds(300));
        world.kill(element, death);
    }
    cast.all_work_within(world, seconds(9));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(5));
}

pub(super) fn a_registrar_that_comes_back_at_once_gets_along(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 1);
    cast.all_agree_within(world, seconds(4));
    let victim = cast.busiest_registrar(world);
    world.kill(victim, Death::Killed);
    pause(world, milliseconds(2_500));
    world.start(victim);
    cast.all_serve_within(world, seconds(4));
    cast.all_work_within(world, seconds(8));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(6));
}

pub(super) fn a_registrar_that_leaves_in_order_leaves_nothing_undone(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 1);
    cast.all_agree_within(world, seconds(4));
    let victim = cast.busiest_registrar(world);
    world.stop(victim);
    assert!(world.run_until(seconds(2), |world| !world.is_running(victim)));
    let took = until_all_are_at_home(world, &cast, seconds(4));
    world.measure("every pool element has a new home after a clean stop", took);
    cast.all_work_within(world, seconds(5));
    world.run_for(seconds(6));
}

pub(super) fn a_frozen_registrar_thaws_at_any_time(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 1);
    cast.all_agree_within(world, seconds(4));
    let victim: NodeId = cast.busiest_registrar(world);
    for _ in 0..2 {
        world.freeze(victim);
        pause(world, seconds(5));
        world.thaw(victim);
        pause(world, seconds(3));
    }
    cast.all_work_within(world, seconds(9));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(4));
}
