//! Runs all scenarios with many seeds, or one of them with one seed and every message.

#![expect(
    clippy::disallowed_types,
    reason = "people want to know how long they have to wait"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use simulation::{Failure, Outcome, Scenario, cores, run_seed, run_seeds, scenarios, trace};

const USAGE: &str = "\
usage: cargo test -p simulation --test scenarios -- [PART OF A NAME ...] [OPTION ...]

  --seeds N      seeds from 0 to N-1 instead of 0 to 999 (environment: SEEDS)
  --from N       from seed N on
  --seed N       this seed only (environment: SEED)
  --trace        print every message, event and fault (environment: TRACE=1); with --seed
  --threads N    instead of one per core
  --keep-going   find all seeds that fail, instead of the first one
  --list         names only";

/// Options of Rust's own test harness that make no difference here.
const WITHOUT_EFFECT: &[&str] = &[
    "--nocapture",
    "--no-capture",
    "--quiet",
    "-q",
    "--show-output",
    "--exact",
];

fn main() -> ExitCode {
    match Options::parse() {
        Ok(options) => options.run(),
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    filters: Vec<String>,
    from: u64,
    seeds: u64,
    seed: Option<u64>,
    trace: bool,
    threads: usize,
    keep_going: bool,
    list: bool,
}

impl Options {
    fn parse() -> Result<Self, String> {
        let environment = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let mut options = Self {
            filters: Vec::new(),
            from: 0,
            seeds: environment("SEEDS").unwrap_or(1_000),
            seed: environment("SEED"),
            trace: std::env::var_os("TRACE").is_some(),
            threads: cores(),
            keep_going: false,
            list: false,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let text = arguments.next().unwrap_or_default();
                text.parse::<u64>()
                    .map_err(|_| format!("{argument}: not a number: {text:?}"))
            };
            match argument.as_str() {
                "--seeds" => options.seeds = number()?,
                "--from" => options.from = number()?,
                "--seed" => options.seed = Some(number()?),
                "--threads" | "--test-threads" => {
                    options.threads = usize::try_from(number()?.max(1)).unwrap_or(1);
                }
                "--trace" => options.trace = true,
                "--keep-going" => options.keep_going = true,
                "--list" => options.list = true,
                ignored if WITHOUT_EFFECT.contains(&ignored) => {}
                unknown if unknown.starts_with('-') => return Err(format!("unknown option {unknown}")),
                part => options.filters.push(part.to_owned()),
            }
        }
        Ok(options)
    }

    fn run(&self) -> ExitCode {
        let chosen = scenarios::ALL.iter().filter(|scenario| {
            let mut filters = self.filters.iter();
            self.filters.is_empty() || filters.any(|part| scenario.name.contains(part.as_str()))
        });
        if self.list {
            chosen.for_each(|scenario| println!("{}: test", scenario.name));
            return ExitCode::SUCCESS;
        }
        if self.trace {
            trace();
        }
        if let Some(seed) = self.seed {
            // With the panic message and its backtrace as Rust prints them.
            chosen.for_each(|scenario| {
                println!("{} with seed {seed}", scenario.name);
                let world = run_seed(scenario, seed);
                println!("holds until {:?}", world.now());
            });
            return ExitCode::SUCCESS;
        }
        // The messages of all that fail are shown in the end.
        std::panic::set_hook(Box::new(|_| {}));
        let start = Instant::now();
        let failed = chosen.filter(|scenario| !self.holds(scenario)).count();
        println!("{failed} scenarios failed; finished in {:.1?}", start.elapsed());
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn holds(&self, scenario: &Scenario) -> bool {
        let start = Instant::now();
        let most_failures = if self.keep_going { usize::MAX } else { 1 };
        let seeds = self.from..self.from + self.seeds;
        let Outcome {
            runs,
            failures,
            measurements,
        } = run_seeds(scenario, seeds, self.threads, most_failures);
        let word = if failures.is_empty() { "ok" } else { "FAILED" };
        println!(
            "test {} ... {word} ({runs} seeds, {:.1?})",
            scenario.name,
            start.elapsed()
        );
        for (what, mut durations) in measurements {
            durations.sort_unstable();
            println!("    {what}: {}", quantiles(&durations));
        }
        for Failure { seed, message } in failures.iter().take(5) {
            println!("    seed {seed}: {message}");
        }
        if let Some(Failure { seed, .. }) = failures.first() {
            println!("    {} of {runs} seeds failed; to replay one:", failures.len());
            println!(
                "    cargo test -p simulation --test scenarios -- {} --seed {seed} --trace",
                scenario.name
            );
        }
        failures.is_empty()
    }
}

/// Smallest, median, 99 % and largest of sorted durations.
fn quantiles(durations: &[Duration]) -> String {
    let at = |part: usize| durations[(durations.len() - 1) * part / 100].as_millis();
    format!(
        "{} to {} ms, half within {} ms, 99 % within {} ms",
        at(0),
        at(100),
        at(50),
        at(99)
    )
}
