//! Many faults, and somebody who means ill.

use std::time::Duration;

use rand::Rng;
use simulation::{Conditions, Death, NodeId, PolicyKind, World, run_seeds};

const SEEDS: u64 = 20;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One or two registrars, pool elements, pool users.
fn populate(world: &mut World, registrars: u32, elements: u32, users: u32) -> [Vec<NodeId>; 3] {
    let registrars = (1..=registrars)
        .map(|number| world.add_registrar(number))
        .collect();
    let elements = (1..=elements)
        .map(|number| world.add_pool_element(number, PolicyKind::LeastUsed))
        .collect();
    let users = (0..users).map(|_| world.add_pool_user()).collect();
    [registrars, elements, users]
}

fn all_progress_within(world: &mut World, users: &[NodeId], within: Duration) {
    let before: Vec<u64> = users.iter().map(|&user| world.progress(user)).collect();
    let done = world.run_until(within, |world| {
        users
            .iter()
            .zip(&before)
            .all(|(&user, before)| world.progress(user) > before + 10)
    });
    assert!(done, "a session stands still at {:?}", world.now());
}

#[test]
fn announcements_may_get_lost() {
    run_seeds("announcements_may_get_lost", SEEDS, |seed| {
        let conditions = Conditions {
            datagram_loss: 0.6,
            latency: Duration::from_millis(20),
            jitter: Duration::from_millis(60),
            ..Conditions::default()
        };
        let mut world = World::new(seed, conditions);
        let [_, _, users] = populate(&mut world, 1, 3, 2);
        all_progress_within(&mut world, &users, seconds(8));
    });
}

#[test]
fn a_rolling_restart_stops_no_session() {
    run_seeds("a_rolling_restart_stops_no_session", SEEDS, |seed| {
        let mut world = World::new(seed, Conditions::default());
        let [_, elements, users] = populate(&mut world, 1, 4, 3);
        all_progress_within(&mut world, &users, seconds(3));
        for _ in 0..3 {
            for &element in &elements {
                world.stop(element);
                assert!(world.run_until(seconds(3), |world| !world.is_running(element)));
                all_progress_within(&mut world, &users, seconds(1));
                world.start(element);
                assert!(world.run_until(seconds(3), |world| world.is_registered(element)));
            }
        }
    });
}

#[test]
fn any_sequence_of_faults_is_survived() {
    run_seeds("any_sequence_of_faults_is_survived", SEEDS, |seed| {
        let mut world = World::new(seed, Conditions::default());
        let [registrars, elements, users] = populate(&mut world, 1, 4, 3);
        let victims: Vec<NodeId> = registrars.iter().chain(&elements).copied().collect();
        let mut frozen: Option<NodeId> = None;
        for _ in 0..40 {
            let pause = world.rng().random_range(0..2_500);
            world.run_for(Duration::from_millis(pause));
            let victim = victims[world.rng().random_range(0..victims.len())];
            let other = victims[world.rng().random_range(0..victims.len())];
            match world.rng().random_range(0..7) {
                0 => world.kill(victim, Death::Killed),
                1 => world.kill(victim, Death::Unplugged),
                2 => world.stop(victim),
                3 if frozen.is_none() && world.is_running(victim) => {
                    world.freeze(victim);
                    frozen = Some(victim);
                }
                4 => world.partition(&[victim], &[other, users[0]]),
                5 => world.heal(),
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
        // Who is stopping shall have the time for it.
        world.run_for(seconds(4));
        for &id in &victims {
            if !world.is_running(id) {
                world.start(id);
            }
        }
        let registered = |world: &World| elements.iter().all(|&id| world.is_registered(id));
        assert!(world.run_until(seconds(12), registered));
        all_progress_within(&mut world, &users, seconds(3));
    });
}

#[test]
fn a_malicious_peer_leaves_no_lasting_harm() {
    run_seeds("a_malicious_peer_leaves_no_lasting_harm", SEEDS, |seed| {
        let mut world = World::new(seed, Conditions::default());
        let [registrars, elements, users] = populate(&mut world, 1, 3, 2);
        all_progress_within(&mut world, &users, seconds(3));
        let attacker = world.add_attacker();
        world.run_for(seconds(8));
        world.kill(attacker, Death::Killed);
        let registered = |world: &World| elements.iter().all(|&id| world.is_registered(id));
        assert!(world.run_until(seconds(12), registered));
        all_progress_within(&mut world, &users, seconds(5));
        world.run_for(seconds(6));
        let registrar = world.registrar(registrars[0]).expect("it runs");
        assert_eq!(registrar.handlespace().len(), 3);
    });
}
