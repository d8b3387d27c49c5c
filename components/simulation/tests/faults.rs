//! One fault at a time, and what everybody makes of it.

use std::time::Duration;

use protocol::Time;
use simulation::{Conditions, Death, NodeId, PolicyKind, World, run_seeds};

const SEEDS: u64 = 30;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

struct Demo {
    world: World,
    registrar: NodeId,
    elements: Vec<NodeId>,
    users: Vec<NodeId>,
}

/// One registrar, three pool elements, two pool users, all at work.
fn demo(seed: u64) -> Demo {
    let policy = if seed.is_multiple_of(2) {
        PolicyKind::RoundRobin
    } else {
        PolicyKind::LeastUsed
    };
    let mut world = World::new(seed, Conditions::default());
    let registrar = world.add_registrar(0x0a00_0001);
    let elements: Vec<NodeId> = (1..=3)
        .map(|number| world.add_pool_element(number, policy))
        .collect();
    let users: Vec<NodeId> = (0..2).map(|_| world.add_pool_user()).collect();
    let mut demo = Demo {
        world,
        registrar,
        elements,
        users,
    };
    demo.all_work_within(seconds(3));
    demo
}

impl Demo {
    /// Everybody who runs is registered, and every session goes on.
    fn all_work_within(&mut self, within: Duration) {
        let before: Vec<u64> = self.users.iter().map(|&user| self.world.progress(user)).collect();
        let (elements, users) = (self.elements.clone(), self.users.clone());
        let done = self.world.run_until(within, |world| {
            let registered = |&id: &NodeId| !world.is_running(id) || world.is_registered(id);
            let goes_on = |(&user, before): (&NodeId, &u64)| world.progress(user) > before + 10;
            elements.iter().all(registered) && users.iter().zip(&before).all(goes_on)
        });
        assert!(
            done,
            "not everybody works within {within:?} at {:?}",
            self.world.now()
        );
    }

    fn serving(&self) -> NodeId {
        self.world
            .server_of(self.users[0])
            .expect("the session is served")
    }

    /// The gap of the last failover, from detection to the new association.
    fn last_gap(&self) -> Duration {
        let failover = self
            .world
            .failovers(self.users[0])
            .last()
            .expect("there was a failover");
        assert!(failover.cookie_echoed.is_some());
        failover.connected - failover.detected
    }
}

#[test]
fn everybody_may_start_in_any_order() {
    run_seeds("everybody_may_start_in_any_order", SEEDS, |seed| {
        let mut world = World::new(seed, Conditions::default());
        let mut order = [0, 1, 2, 3, 4];
        for index in (1..order.len()).rev() {
            let other = rand::Rng::random_range(world.rng(), 0..=index);
            order.swap(index, other);
        }
        let mut user = None;
        for who in order {
            match who {
                0 => {
                    world.add_registrar(7);
                }
                1..=3 => {
                    world.add_pool_element(who, PolicyKind::RoundRobin);
                }
                _ => user = Some(world.add_pool_user()),
            }
            let pause = rand::Rng::random_range(world.rng(), 0..3_000);
            world.run_for(milliseconds(pause));
        }
        let user = user.expect("one of them is the user");
        assert!(world.run_until(milliseconds(1500), |world| world.progress(user) > 0));
    });
}

#[test]
fn a_killed_pool_element_is_replaced_at_once() {
    run_seeds("a_killed_pool_element_is_replaced_at_once", SEEDS, |seed| {
        let mut demo = demo(seed);
        let serving = demo.serving();
        demo.world.kill(serving, Death::Killed);
        demo.all_work_within(seconds(2));
        // A resolution and a set-up, each a round trip of at most 8 ms.
        assert!(demo.last_gap() <= milliseconds(20), "{:?}", demo.last_gap());
        demo.world.run_for(seconds(8));
    });
}

#[test]
fn an_unplugged_pool_element_is_replaced_when_its_association_times_out() {
    run_seeds("an_unplugged_pool_element", SEEDS, |seed| {
        let mut demo = demo(seed);
        let serving = demo.serving();
        demo.world.kill(serving, Death::Unplugged);
        demo.all_work_within(seconds(5));
        demo.world.run_for(seconds(8));
    });
}

#[test]
fn a_clean_stop_loses_neither_time_nor_work() {
    run_seeds("a_clean_stop_loses_neither_time_nor_work", SEEDS, |seed| {
        let mut demo = demo(seed);
        let serving = demo.serving();
        demo.world.stop(serving);
        assert!(
            demo.world
                .run_until(seconds(2), |world| !world.is_running(serving))
        );
        demo.all_work_within(seconds(1));
        assert!(demo.last_gap() <= milliseconds(20), "{:?}", demo.last_gap());
        let registrar = demo.world.registrar(demo.registrar).expect("it runs");
        assert_eq!(registrar.handlespace().len(), 2);
    });
}

#[test]
fn a_frozen_pool_element_is_replaced_and_registers_again_when_it_thaws() {
    run_seeds("a_frozen_pool_element", SEEDS, |seed| {
        let mut demo = demo(seed);
        let serving = demo.serving();
        demo.world.freeze(serving);
        demo.world.run_for(seconds(6));
        assert_ne!(demo.serving(), serving);
        demo.world.thaw(serving);
        demo.all_work_within(seconds(6));
        demo.world.run_for(seconds(5));
    });
}

#[test]
fn a_short_freeze_does_no_harm() {
    run_seeds("a_short_freeze_does_no_harm", SEEDS, |seed| {
        let mut demo = demo(seed);
        let serving = demo.serving();
        demo.world.freeze(serving);
        demo.world.run_for(milliseconds(300));
        demo.world.thaw(serving);
        demo.all_work_within(seconds(4));
    });
}

#[test]
fn a_partition_heals() {
    run_seeds("a_partition_heals", SEEDS, |seed| {
        let mut demo = demo(seed);
        let serving = demo.serving();
        let mut others = vec![demo.registrar];
        others.extend(&demo.users);
        demo.world.partition(&[serving], &others);
        demo.world.run_for(seconds(6));
        demo.world.heal();
        demo.all_work_within(seconds(8));
        demo.world.run_for(seconds(8));
    });
}

#[test]
fn sessions_outlive_a_restart_of_the_registrar() {
    run_seeds("sessions_outlive_a_restart_of_the_registrar", SEEDS, |seed| {
        let mut demo = demo(seed);
        demo.world.kill(demo.registrar, Death::Killed);
        demo.world.run_for(seconds(2));
        let before = demo.world.progress(demo.users[0]);
        demo.world.start(demo.registrar);
        demo.all_work_within(seconds(6));
        assert!(demo.world.progress(demo.users[0]) > before);
        let serving = demo.serving();
        demo.world.kill(serving, Death::Killed);
        demo.all_work_within(seconds(6));
    });
}

#[test]
fn a_failover_without_a_registrar_goes_by_the_last_answer() {
    run_seeds("a_failover_without_a_registrar", SEEDS, |seed| {
        let mut demo = demo(seed);
        // The first answer may have named one pool element only; the next one names all.
        let serving = demo.serving();
        demo.world.kill(serving, Death::Killed);
        demo.all_work_within(seconds(2));
        demo.world.kill(demo.registrar, Death::Killed);
        demo.world.run_for(seconds(2));
        let serving = demo.serving();
        demo.world.kill(serving, Death::Killed);
        let user = demo.users[0];
        let served = demo.world.run_until(seconds(1), |world| {
            world.server_of(user).is_some_and(|server| server != serving)
        });
        assert!(served, "a registrar is not needed for that");
    });
}

#[test]
fn pool_elements_go_to_the_other_registrar_when_theirs_is_gone() {
    run_seeds("pool_elements_go_to_the_other_registrar", SEEDS, |seed| {
        let mut demo = demo(seed);
        let other = demo.world.add_registrar(0x0b00_0002);
        demo.world.run_for(seconds(1));
        demo.world.kill(demo.registrar, Death::Killed);
        demo.world.run_for(seconds(1));
        demo.all_work_within(seconds(6));
        let registrar = demo.world.registrar(other).expect("it runs");
        assert_eq!(registrar.handlespace().len(), 3);
        let serving = demo.serving();
        demo.world.kill(serving, Death::Killed);
        demo.all_work_within(seconds(3));
    });
}

#[test]
fn sessions_wait_until_somebody_is_back() {
    run_seeds("sessions_wait_until_somebody_is_back", SEEDS, |seed| {
        let mut demo = demo(seed);
        for element in demo.elements.clone() {
            demo.world.kill(element, Death::Killed);
        }
        demo.world.run_for(seconds(8));
        let empty = demo.world.registrar(demo.registrar).expect("it runs");
        assert!(empty.handlespace().is_empty());
        demo.world.start(demo.elements[1]);
        demo.all_work_within(seconds(3));
    });
}

#[test]
fn a_stop_ends_even_if_nobody_answers() {
    run_seeds("a_stop_ends_even_if_nobody_answers", SEEDS, |seed| {
        let mut demo = demo(seed);
        let mut all = vec![demo.registrar];
        all.extend(demo.elements.iter().chain(&demo.users));
        for (index, &one) in all.iter().enumerate() {
            demo.world.partition(&[one], &all[index + 1..]);
        }
        for &one in &all {
            demo.world.stop(one);
        }
        let nobody = |world: &World| all.iter().all(|&one| !world.is_running(one));
        assert!(demo.world.run_until(seconds(4), nobody));
    });
}

#[test]
fn a_run_follows_from_its_seed() {
    let outcome = |seed| {
        let mut demo = demo(seed);
        let serving = demo.serving();
        demo.world.kill(serving, Death::Killed);
        demo.world.run_for(seconds(5));
        let times: Vec<Time> = demo
            .world
            .failovers(demo.users[0])
            .iter()
            .map(|f| f.connected)
            .collect();
        (demo.world.progress(demo.users[0]), times)
    };
    assert_eq!(outcome(5), outcome(5));
}
