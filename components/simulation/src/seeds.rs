//! Runs scenarios with many seeds.

use std::num::NonZero;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::{Measurements, Scenario, World};

/// Whether worlds print their events.
static TRACING: AtomicBool = AtomicBool::new(false);

/// Makes all worlds created from now on print every message, event and fault.
pub fn trace() {
    TRACING.store(true, Ordering::Relaxed);
}

pub(crate) fn is_tracing() -> bool {
    TRACING.load(Ordering::Relaxed)
}

/// The outcome of many seeds.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The number of runs.
    pub runs: u64,
    /// The seeds that failed, and why; limited to the requested number.
    pub failures: Vec<Failure>,
    /// All measurements.
    pub measurements: Measurements,
}

/// A seed with which a law was violated.
#[derive(Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The message of the law.
    pub message: String,
}

/// Runs a scenario with one seed.
///
/// # Panics
/// Panics if the scenario does.
pub fn run_seed(scenario: &Scenario, seed: u64) -> World {
    let mut world = World::new(seed);
    (scenario.run)(&mut world);
    world
}

/// Runs a scenario with many seeds on several threads, until `most_failures` of them have failed.
pub fn run_seeds(scenario: &Scenario, seeds: Range<u64>, threads: usize, most_failures: usize) -> Outcome {
    let next = AtomicU64::new(seeds.start);
    let outcome = Mutex::new(Outcome::default());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(|| run_seed(scenario, seed)));
            let mut outcome = outcome.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            outcome.runs += 1;
            match result {
                Ok(world) => {
                    for (what, durations) in world.measurements() {
                        outcome.measurements.entry(what).or_default().extend(durations);
                    }
                }
                Err(panic) => {
                    let text = panic.downcast_ref::<String>().cloned();
                    let literal = panic.downcast_ref::<&str>().map(ToString::to_string);
                    let message = text.or(literal).unwrap_or_default();
                    outcome.failures.push(Failure { seed, message });
                    if outcome.failures.len() >= most_failures {
                        next.store(seeds.end, Ordering::Relaxed);
                    }
                }
            }
        }
    };
    if threads == 1 {
        work();
    } else {
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    }
    let mut outcome = outcome
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    outcome.failures.sort_by_key(|failure| failure.seed);
    outcome
}

/// Returns a sensible number of threads.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
