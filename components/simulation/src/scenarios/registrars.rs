//! Several registrars that find each other, come and go, and stay in step.

use rand::RngExt;
use wire::parameter::Policy;

use super::cast::{Cast, milliseconds, pause, seconds};
use crate::{Companions, Conditions, Death, NodeId, World};

pub(super) fn any_number_may_start_at_once(world: &mut World) {
    let number = world.rng().random_range(1..=5);
    let cast = Cast::start(world, number, 3, 1);
    cast.all_agree_within(world, seconds(3));
    world.run_for(seconds(7));
}

pub(super) fn any_number_may_start_one_after_the_other(world: &mut World) {
    let number = world.rng().random_range(2..=5);
    let mut cast = Cast::start(world, 1, 3, 1);
    let gap = milliseconds(world.rng().random_range(0..1_500));
    for number in 1..number {
        pause(world, gap);
        cast.registrars.push(world.add_registrar(number));
    }
    cast.all_serve_within(world, seconds(3));
    cast.all_agree_within(world, seconds(3));
    world.run_for(seconds(6));
}

pub(super) fn registrars_that_start_with_configured_mentors_find_each_other(world: &mut World) {
    let companions = |mentors: &[NodeId]| Companions {
        mentors: mentors.to_vec(),
        multicast: false,
    };
    // In a chain: each knows only the previous one, and the last one also knows a dead one.
    let mut registrars = vec![world.add_registrar_with(1, companions(&[]))];
    let dead = world.add_registrar_with(9, companions(&[]));
    world.kill(dead, Death::Killed);
    for number in 2..=4 {
        pause(world, milliseconds(800));
        let before = registrars[registrars.len() - 1];
        let mentors = if number == 4 {
            vec![dead, before]
        } else {
            vec![before]
        };
        registrars.push(world.add_registrar_with(number, companions(&mentors)));
    }
    let cast = Cast {
        registrars,
        elements: (1..=3)
            .map(|number| world.add_pool_element(number, Policy::RoundRobin))
            .collect(),
        users: vec![world.add_pool_user()],
    };
    cast.all_serve_within(world, seconds(4));
    cast.all_work_within(world, seconds(4));
    cast.all_agree_within(world, seconds(4));
    world.run_for(seconds(7));
}

pub(super) fn a_late_registrar_gets_everything(world: &mut World) {
    let number = world.rng().random_range(1..=3);
    // Parts so small that the handle table is split into many.
    world.config_mut().handle_table_bytes = 150;
    let mut cast = Cast::start(world, number, 8, 1);
    let late = world.add_registrar(0x0f00_0001);
    let started = world.now();
    cast.registrars.push(late);
    cast.all_serve_within(world, seconds(2));
    let duration = world.now() - started;
    world.measure("start-up into a handlespace of 8 pool elements", duration);
    let listed = world
        .registrar(late)
        .map(|registrar| registrar.handlespace().len());
    assert_eq!(
        listed,
        Some(8),
        "{:?}: in service without everything",
        world.now()
    );
    cast.all_agree_within(world, seconds(2));
    world.run_for(seconds(6));
}

pub(super) fn the_same_identifier_may_be_started_twice_by_mistake(world: &mut World) {
    let cast = Cast::start(world, 2, 3, 1);
    let original = cast.registrars[0];
    let identifier = world.registrar(original).expect("it runs").identifier();
    let twin = world.add_registrar(identifier.0);
    pause(world, seconds(4));
    let one = if world.rng().random() { twin } else { original };
    world.kill(one, Death::Killed);
    cast.all_work_within(world, seconds(10));
    cast.all_agree_within(world, seconds(8));
    world.run_for(seconds(4));
}

pub(super) fn all_registrars_are_restarted_one_by_one(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 3, 2);
    for &registrar in &cast.registrars {
        restart(world, &cast, registrar);
        cast.all_work_within(world, seconds(6));
    }
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(4));
}

pub(super) fn all_registrars_are_restarted_while_pool_elements_come_and_go(world: &mut World) {
    let cast = Cast::start(world, 3, 5, 2);
    for &registrar in &cast.registrars {
        let (one, other) = (some_element(world, &cast), some_element(world, &cast));
        if world.is_running(one) {
            world.kill(one, Death::Killed);
        }
        restart(world, &cast, registrar);
        if world.is_running(other) {
            world.stop(other);
        }
        pause(world, seconds(2));
        for &element in [one, other].iter() {
            if !world.is_running(element) {
                world.start(element);
            }
        }
    }
    world.run_for(seconds(2));
    cast.all_work_within(world, seconds(8));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(4));
}

/// Restarts a registrar in one of several ways.
fn restart(world: &mut World, cast: &Cast, registrar: NodeId) {
    match world.rng().random_range(0..3) {
        0 => world.kill(registrar, Death::Killed),
        1 => world.kill(registrar, Death::Unplugged),
        _ => {
            world.stop(registrar);
            assert!(world.run_until(seconds(2), |world| !world.is_running(registrar)));
        }
    }
    pause(world, seconds(3));
    world.start(registrar);
    cast.all_serve_within(world, seconds(5));
}

fn some_element(world: &mut World, cast: &Cast) -> NodeId {
    cast.elements[world.rng().random_range(0..cast.elements.len())]
}

pub(super) fn handlespaces_follow_pool_elements_that_come_and_go(world: &mut World) {
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 6, 2);
    for _ in 0..12 {
        pause(world, milliseconds(1_200));
        let element = some_element(world, &cast);
        match (world.is_running(element), world.rng().random_range(0..3)) {
            (false, _) => world.start(element),
            (true, 0) => world.kill(element, Death::Killed),
            (true, 1) => world.kill(element, Death::Unplugged),
            (true, _) => world.stop(element),
        }
    }
    world.run_for(seconds(2));
    for &element in &cast.elements {
        if !world.is_running(element) {
            world.start(element);
        }
    }
    cast.all_work_within(world, seconds(6));
    cast.all_agree_within(world, seconds(1));
}

pub(super) fn lost_datagrams_delay_nothing_but_the_start(world: &mut World) {
    world.set_conditions(Conditions {
        datagram_loss: 0.3,
        datagram_duplication: 0.2,
        ..Conditions::default()
    });
    let number = world.rng().random_range(2..=4);
    let registrars = (1..=number).map(|number| world.add_registrar(number)).collect();
    let elements = (1..=3)
        .map(|number| world.add_pool_element(number, Policy::LeastUsed { load: 0 }))
        .collect();
    let cast = Cast {
        registrars,
        elements,
        users: vec![world.add_pool_user()],
    };
    cast.all_serve_within(world, seconds(5));
    cast.all_work_within(world, seconds(9));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(6));
}

pub(super) fn slow_links_and_reordering_confuse_nobody(world: &mut World) {
    world.set_conditions(Conditions {
        latency: milliseconds(5),
        jitter: milliseconds(20),
        detour: milliseconds(40),
        delay_spikes: 0.02,
        delay_spike: milliseconds(150),
        datagram_duplication: 0.1,
        ..Conditions::default()
    });
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 4, 1);
    for _ in 0..3 {
        let element = some_element(world, &cast);
        world.kill(element, Death::Killed);
        pause(world, seconds(1));
        world.start(element);
        pause(world, seconds(1));
    }
    let registrar = cast.busiest_registrar(world);
    world.kill(registrar, Death::Killed);
    cast.all_work_within(world, seconds(8));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(4));
}

pub(super) fn clocks_may_run_apart(world: &mut World) {
    let cast = Cast::start(world, 3, 3, 1);
    for id in cast.everybody() {
        let per_mille = world.rng().random_range(900..=1_100);
        world.set_clock_rate(id, per_mille);
    }
    world.run_for(seconds(8));
    for _ in 0..3 {
        let victim = cast.some_registrar(world);
        let by = milliseconds(world.rng().random_range(100..5_000));
        world.step_clock(victim, by);
        pause(world, seconds(2));
    }
    cast.all_work_within(world, seconds(8));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(6));
}
