//! Running a scenario with many seeds.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs a scenario with the seeds from 0 to `seeds`, and tells which one failed and how to run it again.
///
/// The environment may say otherwise: `SEEDS` how many, `SEED` which single one. `TRACE=1` prints every message.
///
/// # Panics
/// When the scenario does, after it has printed the seed.
pub fn run_seeds(test: &str, seeds: u64, scenario: impl Fn(u64)) {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let range = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(seeds),
    };
    for seed in range {
        let outcome = catch_unwind(AssertUnwindSafe(|| scenario(seed)));
        if let Err(panic) = outcome {
            eprintln!("seed {seed} failed; to replay it with its messages:");
            eprintln!("SEED={seed} TRACE=1 cargo test -p simulation {test} -- --nocapture");
            resume_unwind(panic);
        }
    }
}
