//! One registrar, many faults, and attackers.

use rand::RngExt;
use wire::parameter::Policy;

use super::cast::{Cast, milliseconds, seconds};
use crate::{Conditions, Death, NodeId, World};

pub(super) fn announcements_may_get_lost(world: &mut World) {
    world.set_conditions(Conditions {
        datagram_loss: 0.3,
        latency: milliseconds(20),
        jitter: milliseconds(60),
        ..Conditions::default()
    });
    let registrar = world.add_registrar(1);
    let cast = Cast {
        registrars: vec![registrar],
        elements: (1..=3)
            .map(|number| world.add_pool_element(number, Policy::LeastUsed { load: 0 }))
            .collect(),
        users: (0..2).map(|_| world.add_pool_user()).collect(),
    };
    cast.all_work_within(world, seconds(9));
}

pub(super) fn a_rolling_restart_stops_no_session(world: &mut World) {
    let cast = Cast::start(world, 1, 4, 3);
    for &element in &cast.elements {
        world.stop(element);
        assert!(world.run_until(seconds(3), |world| !world.is_running(element)));
        cast.all_work_within(world, seconds(1));
        world.start(element);
        assert!(world.run_until(seconds(3), |world| world.is_registered(element)));
    }
}

pub(super) fn any_sequence_of_faults_is_survived(world: &mut World) {
    let cast = Cast::start(world, 1, 4, 2);
    let victims: Vec<NodeId> = cast.registrars.iter().chain(&cast.elements).copied().collect();
    survive_any_faults(world, &cast, &victims, 12);
}

/// Injects random faults, after which everything must work.
pub(super) fn survive_any_faults(world: &mut World, cast: &Cast, victims: &[NodeId], faults: u32) {
    any_faults(world, cast, victims, faults);
    work_again(world, cast);
}

/// Expects everything to work after the last fault.
pub(super) fn work_again(world: &mut World, cast: &Cast) {
    let registered = |world: &World| cast.elements.iter().all(|&id| world.is_registered(id));
    assert!(
        world.run_until(seconds(12), registered),
        "{:?}: not all are registered",
        world.now()
    );
    cast.all_work_within(world, seconds(3));
}

/// Injects random faults; at the end all nodes are running, and nothing is cut or frozen.
pub(super) fn any_faults(world: &mut World, cast: &Cast, victims: &[NodeId], faults: u32) {
    let mut frozen: Option<NodeId> = None;
    for _ in 0..faults {
        let pause = world.rng().random_range(0..2_500);
        world.run_for(milliseconds(pause));
        let victim = victims[world.rng().random_range(0..victims.len())];
        let other = victims[world.rng().random_range(0..victims.len())];
        match world.rng().random_range(0..8) {
            0 => world.kill(victim, Death::Killed),
            1 => world.kill(victim, Death::Unplugged),
            2 if frozen != Some(victim) => world.stop(victim),
            3 if frozen.is_none() && world.is_running(victim) => {
                world.freeze(victim);
                frozen = Some(victim);
            }
            4 => world.partition(&[victim], &[other, cast.users[0]]),
            5 => world.heal(),
            6 => world.step_clock(victim, milliseconds(pause)),
            _ => {}
        }
        if let Some(cold) = frozen.filter(|_| pause % 3 == 0) {
            if world.is_running(cold) {
                world.thaw(cold);
            }
            frozen = None;
        }
        let mut dead = victims.iter().copied().filter(|&id| !world.is_running(id));
        if let Some(dead) = dead.next_back().filter(|_| pause % 2 == 0) {
            world.start(dead);
        }
    }
    world.heal();
    if let Some(cold) = frozen.filter(|&cold| world.is_running(cold)) {
        world.thaw(cold);
    }
    // Leave stopping nodes the time they need.
    world.run_for(seconds(3));
    for &id in victims {
        if !world.is_running(id) {
            world.start(id);
        }
    }
}

pub(super) fn a_malicious_peer_leaves_no_lasting_harm(world: &mut World) {
    let cast = Cast::start(world, 1, 3, 2);
    survive_an_attacker(world, &cast);
    let registrar = world.registrar(cast.registrars[0]).expect("it runs");
    assert_eq!(registrar.handlespace().len(), 3);
}

pub(super) fn survive_an_attacker(world: &mut World, cast: &Cast) {
    let attacker = world.add_attacker();
    world.run_for(seconds(5));
    world.kill(attacker, Death::Killed);
    let registered = |world: &World| cast.elements.iter().all(|&id| world.is_registered(id));
    assert!(world.run_until(seconds(12), registered));
    cast.all_work_within(world, seconds(5));
    world.run_for(seconds(6));
}
