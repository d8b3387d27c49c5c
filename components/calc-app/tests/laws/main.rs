//! What always holds between servers and clients, whatever happens to them: thousands of seconds of virtual time, with
//! faults at random.

mod world;

use world::{Faults, World};

const SEEDS: u64 = 200;

#[test]
fn every_request_is_completed_exactly_once_whatever_happens() {
    for seed in 0..SEEDS {
        let world = World::run(seed, Faults::All);
        for (number, user) in world.users.iter().enumerate() {
            let completed: Vec<u32> = user.completed.iter().map(|completed| completed.job_id).collect();
            let all: Vec<u32> = (1..=World::REQUESTS as u32).collect();
            assert_eq!(completed, all, "seed {seed}, user {number}");
            let work = user.client.work();
            assert_eq!(
                (work.requested, work.completed, work.queued, work.running),
                (World::REQUESTS, World::REQUESTS, 0, 0),
                "seed {seed}, user {number}"
            );
        }
        assert!(world.losses > 0, "seed {seed}: nothing went wrong");
    }
}

#[test]
fn no_request_is_completed_without_its_work() {
    for seed in 0..SEEDS {
        let world = World::run(seed, Faults::All);
        for completed in world.users.iter().flat_map(|user| &user.completed) {
            // However fast it went, nobody had more than a whole pool element.
            let least = completed.size as f64 / World::LARGEST_CAPACITY;
            let took = (completed.handling - completed.queueing).as_secs_f64();
            assert!(took >= least - 1e-6, "seed {seed}: {completed:?}");
        }
        let sizes = world.completed_calculations();
        let done = world.done();
        // A cookie counts whole calculations only, hence never too many.
        assert!(done >= sizes - 1.0, "seed {seed}: {done} for {sizes}");
    }
}

#[test]
fn no_more_work_is_lost_than_what_came_after_the_last_cookie() {
    for seed in 0..SEEDS {
        let world = World::run(seed, Faults::All);
        let lost = world.done() - world.completed_calculations();
        let allowed = world.allowed_loss;
        assert!(lost <= allowed, "seed {seed}: {lost} of {allowed} allowed");
    }
}

#[test]
fn without_faults_nothing_is_lost_and_the_sums_agree() {
    for seed in 0..SEEDS {
        let world = World::run(seed, Faults::None);
        let sizes = world.completed_calculations();
        let lost = world.done() - sizes;
        assert!(lost.abs() <= 1e-9 * sizes, "seed {seed}: {lost} of {sizes}");
        let (servers, users) = (world.of_servers(), world.of_users());
        assert_eq!(servers, users, "seed {seed}: completions and rejections");
    }
}

#[test]
fn the_same_seed_leads_to_the_same_course() {
    for seed in 0..20 {
        let (one, other) = (World::run(seed, Faults::All), World::run(seed, Faults::All));
        assert_eq!(one.course(), other.course(), "seed {seed}");
        assert_ne!(one.course(), World::run(seed + 1, Faults::All).course());
    }
}
