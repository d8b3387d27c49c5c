//! One registrar, a single fault at a time, and its effects.

use rand::RngExt;
use rand::seq::SliceRandom;
use wire::parameter::Policy;

use super::cast::{Cast, milliseconds, pause, seconds};
use crate::{Conditions, Death, NodeId, World};

/// One registrar, three pool elements, two pool users.
fn demo(world: &mut World) -> Cast {
    Cast::start(world, 1, 3, 2)
}

pub(super) fn everybody_may_start_in_any_order(world: &mut World) {
    let mut order = [0, 1, 2, 3, 4];
    order.shuffle(world.rng());
    let mut user = None;
    for who in order {
        match who {
            0 => {
                world.add_registrar(7);
            }
            1..=3 => {
                world.add_pool_element(who, Policy::RoundRobin);
            }
            _ => user = Some(world.add_pool_user()),
        }
        pause(world, seconds(3));
    }
    let user = user.expect("one of them is the user");
    // The registrar may be the last one to start, and looks for others first.
    assert!(world.run_until(seconds(2), |world| world.progress(user) > 0));
}

pub(super) fn a_killed_pool_element_is_replaced_at_once(world: &mut World) {
    let cast = demo(world);
    let serving = cast.serving(world);
    world.kill(serving, Death::Killed);
    cast.all_work_within(world, seconds(2));
    // A resolution and an association set-up, each with a round trip of at most 8 ms.
    let gap = cast.last_gap(world);
    assert!(gap <= milliseconds(20), "{gap:?}");
    world.run_for(seconds(6));
}

pub(super) fn an_unplugged_pool_element_is_replaced_when_its_association_times_out(world: &mut World) {
    let cast = demo(world);
    let serving = cast.serving(world);
    world.kill(serving, Death::Unplugged);
    cast.all_work_within(world, seconds(5));
    world.run_for(seconds(6));
}

pub(super) fn a_clean_stop_loses_neither_time_nor_work(world: &mut World) {
    let cast = demo(world);
    let serving = cast.serving(world);
    world.stop(serving);
    assert!(world.run_until(seconds(2), |world| !world.is_running(serving)));
    cast.all_work_within(world, seconds(1));
    let gap = cast.last_gap(world);
    assert!(gap <= milliseconds(20), "{gap:?}");
    let registrar = world.registrar(cast.registrars[0]).expect("it runs");
    assert_eq!(registrar.handlespace().len(), 2);
}

pub(super) fn a_frozen_pool_element_is_replaced_and_registers_again_when_it_thaws(world: &mut World) {
    let cast = demo(world);
    let serving = cast.serving(world);
    world.freeze(serving);
    world.run_for(seconds(6));
    assert_ne!(cast.serving(world), serving);
    world.thaw(serving);
    cast.all_work_within(world, seconds(6));
    world.run_for(seconds(5));
}

pub(super) fn a_short_freeze_does_no_harm(world: &mut World) {
    let cast = demo(world);
    let serving = cast.serving(world);
    world.freeze(serving);
    world.run_for(milliseconds(300));
    world.thaw(serving);
    cast.all_work_within(world, seconds(4));
}

/// Its host continues to acknowledge packets, so that no association ever times out.
pub(super) fn a_pool_element_that_hangs_is_found_out_by_keep_alives(world: &mut World) {
    world.set_conditions(Conditions {
        dead_after: seconds(600),
        ..Conditions::default()
    });
    let number = world.rng().random_range(1..=3);
    let cast = Cast::start(world, number, 3, 0);
    pause(world, seconds(3));
    let victim = cast.elements[world.rng().random_range(0..cast.elements.len())];
    world.freeze(victim);
    // After this, no registrar may list it any more.
    let removed_after = world.laws_mut().removed_after;
    world.run_for(removed_after + seconds(1));
    world.thaw(victim);
    cast.all_work_within(world, seconds(4));
}

pub(super) fn a_partition_heals(world: &mut World) {
    let cast = demo(world);
    let serving = cast.serving(world);
    let mut others = vec![cast.registrars[0]];
    others.extend(&cast.users);
    world.partition(&[serving], &others);
    world.run_for(seconds(6));
    world.heal();
    cast.all_work_within(world, seconds(8));
    world.run_for(seconds(8));
}

pub(super) fn sessions_outlive_a_restart_of_the_registrar(world: &mut World) {
    let cast = demo(world);
    let registrar = cast.registrars[0];
    world.kill(registrar, Death::Killed);
    world.run_for(seconds(2));
    let before = world.progress(cast.users[0]);
    world.start(registrar);
    cast.all_work_within(world, seconds(6));
    assert!(world.progress(cast.users[0]) > before);
    let serving = cast.serving(world);
    world.kill(serving, Death::Killed);
    cast.all_work_within(world, seconds(6));
}

pub(super) fn a_failover_without_a_registrar_goes_by_the_last_answer(world: &mut World) {
    let cast = demo(world);
    // The first response may have contained a single pool element; the next one contains all.
    let serving = cast.serving(world);
    world.kill(serving, Death::Killed);
    cast.all_work_within(world, seconds(2));
    world.kill(cast.registrars[0], Death::Killed);
    world.run_for(seconds(2));
    let serving = cast.serving(world);
    world.kill(serving, Death::Killed);
    let user = cast.users[0];
    let served = world.run_until(seconds(1), |world| {
        world.server_of(user).is_some_and(|server| server != serving)
    });
    assert!(served, "a registrar is not needed for that");
}

pub(super) fn pool_elements_go_to_the_other_registrar_when_theirs_is_gone(world: &mut World) {
    let cast = demo(world);
    let other = world.add_registrar(0x0b00_0002);
    world.run_for(seconds(1));
    world.kill(cast.registrars[0], Death::Killed);
    world.run_for(seconds(1));
    cast.all_work_within(world, seconds(6));
    let registrar = world.registrar(other).expect("it runs");
    assert_eq!(registrar.handlespace().len(), 3);
    let serving = cast.serving(world);
    world.kill(serving, Death::Killed);
    cast.all_work_within(world, seconds(3));
}

pub(super) fn sessions_wait_until_somebody_is_back(world: &mut World) {
    let cast = demo(world);
    for &element in &cast.elements {
        world.kill(element, Death::Killed);
    }
    world.run_for(seconds(8));
    let empty = world.registrar(cast.registrars[0]).expect("it runs");
    assert!(empty.handlespace().is_empty());
    world.start(cast.elements[1]);
    cast.all_work_within(world, seconds(3));
}

pub(super) fn a_stop_ends_even_if_nobody_answers(world: &mut World) {
    let number = world.rng().random_range(1..=3);
    let cast = Cast::start(world, number, 3, 2);
    let all = cast.everybody();
    for (index, &one) in all.iter().enumerate() {
        world.partition(&[one], &all[index + 1..]);
    }
    for &one in &all {
        world.stop(one);
    }
    let nobody = |world: &World| all.iter().all(|&one: &NodeId| !world.is_running(one));
    assert!(world.run_until(seconds(4), nobody));
}
