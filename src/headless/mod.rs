//! Plays scenarios without a window: the same play and the same control centre, with a report instead of pictures.
//!
//! - `round`: plays a scenario once; `recorder` records what happens, `resources` what processes use.
//! - [`report`]: the results, as JSON; `measurements`: all measured values, as CSV; `statistics`: figures over several
//!   rounds; `summary`: the results in words.

mod measurements;
mod recorder;
pub mod report;
mod resources;
mod round;
mod statistics;
mod summary;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::control_centre::PlayOptions;
use crate::meeting_group::MeetingGroup;
use crate::whole_file::{self, IfThere};
use report::Report;
use round::Round;
use scenario::Scenario;
use supervisor::this_program;

/// Plays a scenario: in the window, or without one and with a report.
///
/// Exit status without a window: 0 if everything was as expected, 1 if not, 2 if it could not be played.
#[derive(Debug, Clone, clap::Args)]
pub struct RunArgs {
    /// The scenario, a JSON file
    #[arg(value_name = "SCENARIO FILE")]
    pub scenario: PathBuf,
    /// Play it without a window
    #[arg(long)]
    pub headless: bool,
    /// Write what happened, with all measured times, as JSON
    #[arg(long, value_name = "FILE", requires = "headless")]
    pub report: Option<PathBuf>,
    /// Write all measured times as CSV
    #[arg(long, value_name = "FILE", requires = "headless")]
    pub csv: Option<PathBuf>,
    /// Play it this many times, each time with new processes
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "headless", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Seed of random faults; each repetition uses the next number
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Abort each repetition after this many seconds
    #[arg(long, value_name = "SECONDS", requires = "headless", value_parser = seconds)]
    pub time_limit: Option<f64>,
    /// Divide waiting times that are meant for an audience by this factor
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = factor)]
    pub speed: f64,
    /// Let random faults continue for this many seconds, whatever the scenario says
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub churn_for: Option<f64>,
    /// Multicast group in which the components find each other; `usual` is the one of components started by hand
    /// [default: a group that is not in use on this host]
    #[arg(long, value_name = "ADDRESS|usual")]
    pub group: Option<MeetingGroup>,
}

impl RunArgs {
    /// Returns the options for playing the steps in a repetition, counted from 0.
    #[must_use]
    pub fn play_options(&self, round: u32) -> PlayOptions {
        PlayOptions {
            seed: self.seed.wrapping_add(round.into()),
            speed: self.speed,
            random_faults_for_s: self.churn_for,
        }
    }
}

/// Plays a scenario without a window, and writes the results to the terminal and to files.
#[must_use]
pub fn run(args: &RunArgs) -> ExitCode {
    match play(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("poolscope: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn play(args: &RunArgs) -> anyhow::Result<bool> {
    let scenario = Scenario::load(&args.scenario)?;
    ensure!(
        !scenario.steps.is_empty(),
        "{} has no steps: there is nothing to play without a window",
        args.scenario.display()
    );
    for path in [&args.report, &args.csv].into_iter().flatten() {
        writable(path)?;
    }
    let program = this_program().context("cannot find the program that components run")?;
    let mut report = Report::new(&scenario, args.seed);
    for round in 0..args.repeat {
        if args.repeat > 1 {
            println!("-- {} of {}", round + 1, args.repeat);
        }
        let options = args.play_options(round);
        let limit = args.time_limit.map(Duration::from_secs_f64);
        let mut played = Round::begin(&program, &scenario, options, args.group)?;
        played.play(limit);
        report.rounds.push(played.end(options.seed));
    }
    report.summarise();
    report.print_summary();
    if let Some(path) = &args.report {
        write(path, &report.to_json())?;
    }
    if let Some(path) = &args.csv {
        write(path, &report.to_csv())?;
    }
    Ok(report.met)
}

/// Checks that a result can be written, before anything is started.
fn writable(path: &Path) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if path.is_dir() || !folder.is_dir() {
        bail!(
            "cannot write {}: no such folder, or a folder itself",
            path.display()
        );
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    whole_file::write(path, IfThere::Replace, text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=604_800.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected seconds, at most a week".into()),
    }
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (0.1..=1_000.0).contains(&factor) => Ok(factor),
        _ => Err("expected a factor from 0.1 to 1000".into()),
    }
}
