//! Runs all scenarios with many seeds, or one of them with one seed while printing every message.

use std::sync::Mutex;

use clap::Parser;
use libtest_mimic::{Arguments, Failed, Trial};
use simulation::{Failure, Measurements, Outcome, Scenario, cores, run_seed, run_seeds, scenarios, trace};

/// The maximum number of failures reported per scenario.
const TOLD: usize = 5;

/// Runs scenarios of registrars, pool elements and pool users in virtual time
#[derive(Debug, Parser)]
#[command(override_usage = "cargo test -p simulation --test scenarios -- [PART OF A NAME] [OPTIONS]")]
struct Options {
    #[command(flatten)]
    harness: Arguments,
    /// Number of seeds
    #[arg(long, value_name = "N", env = "SEEDS", default_value_t = 1_000)]
    seeds: u64,
    /// First seed
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
    /// Use only this seed
    #[arg(long, value_name = "N", env = "SEED")]
    seed: Option<u64>,
    /// Print every message, event and fault; requires --seed
    #[arg(long, env = "TRACE", num_args = 0..=1, default_value_t = false, default_missing_value = "true", value_parser = clap::builder::FalseyValueParser::new())]
    trace: bool,
    /// Find all failing seeds instead of stopping at the first
    #[arg(long)]
    keep_going: bool,
}

fn main() {
    let mut options = Options::parse();
    if options.trace {
        trace();
    }
    // A scenario itself uses all cores.
    let threads = options.harness.test_threads.replace(1).unwrap_or_else(cores);
    let (from, seeds) = match options.seed {
        Some(seed) => (seed, 1),
        None => (options.from, options.seeds),
    };
    if options.seed.is_none() {
        // The messages of all failures are printed at the end.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let most_failures = if options.keep_going { usize::MAX } else { 1 };
    let measured: &Mutex<Vec<String>> = Box::leak(Box::default());
    let trials = scenarios::ALL.iter().map(|scenario| {
        let only = options.seed;
        let run = move || match only {
            // With the panic message and its backtrace as printed by Rust.
            Some(seed) => {
                run_seed(scenario, seed);
                Ok(())
            }
            None => {
                let outcome = run_seeds(scenario, from..from.saturating_add(seeds), threads, most_failures);
                let lines = lines(scenario, &outcome.measurements);
                measured
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .extend(lines);
                judge(scenario, &outcome)
            }
        };
        Trial::test(scenario.name, run)
    });
    let conclusion = libtest_mimic::run(&options.harness, trials.collect());
    if !options.harness.quiet {
        let measured = measured.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        measured.iter().for_each(|line| println!("{line}"));
    }
    conclusion.exit();
}

/// Returns whether a scenario succeeded with all seeds, and if not, how to reproduce the failure.
fn judge(scenario: &Scenario, outcome: &Outcome) -> Result<(), Failed> {
    let Some(Failure { seed: first, .. }) = outcome.failures.first() else {
        return Ok(());
    };
    let told = outcome.failures.iter().take(TOLD);
    let told: Vec<String> = told
        .map(|failure| format!("seed {}: {}", failure.seed, failure.message))
        .collect();
    Err(Failed::from(format!(
        "{}\n{} of {} seeds failed; to replay one:\ncargo test -p simulation --test scenarios -- {} --seed {first} --trace",
        told.join("\n"),
        outcome.failures.len(),
        outcome.runs,
        scenario.name
    )))
}

/// Formats the measurements, one line per quantity: minimum, median, 99th percentile and maximum.
fn lines(scenario: &Scenario, measurements: &Measurements) -> Vec<String> {
    let measurements = measurements.iter().map(|(what, durations)| {
        let mut durations = durations.clone();
        durations.sort_unstable();
        let at = |part: usize| durations[(durations.len() - 1) * part / 100].as_millis();
        format!(
            "{}, {what}: {} to {} ms, half within {} ms, 99 % within {} ms",
            scenario.name,
            at(0),
            at(100),
            at(50),
            at(99)
        )
    });
    measurements.collect()
}
