//! Plays scenarios without a window: the same play and the same control centre, with a report instead of pictures.
//!
//! - `round`: plays a scenario once; `progress` prints how it goes on. `recorder` records what happens, `resources` what
//!   processes use; both are made from `note`s.
//! - `replayed`: makes the report of a recording anew.
//! - [`report`]: the results, as JSON; `measurements`: all measured values, as CSV; `statistics`: figures over several
//!   rounds; `summary`: the results in words; `folder`: all of them, with a page and the recordings.

mod folder;
mod measurements;
mod note;
mod progress;
mod recorder;
mod replayed;
pub mod report;
mod resources;
mod round;
mod statistics;
mod summary;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use interruption::Interruption;

use crate::control_centre::PlayOptions;
use crate::meeting_group::MeetingGroup;
use crate::output_files::OutputFiles;
use crate::terminal::{self, Transcript};
use folder::ReportTo;
use note::Beginning;
pub use replayed::{ReplayArgs, replay};
use report::Report;
pub(crate) use round::{Reach, Record, Round, news_channel};
use scenario::Scenario;
use supervisor::status_listener::ListenAt;
use supervisor::this_program;
use view::Appearance;

/// Plays a scenario: in the window, or without one and with a report.
///
/// Exit status without a window: 0 if everything was as expected, 1 if not, 2 if it could not be played or a result
/// could not be written; 130, 143 or 129 if SIGINT, SIGTERM or SIGHUP interrupted it, with what was measured until then
/// in the results.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = stories_in_words())]
pub struct RunArgs {
    /// The scenario: a JSON file, a story by its name, or - for standard input
    pub scenario: PathBuf,
    /// Play it without a window, thus without the options for it
    #[arg(long, conflicts_with_all = ["Appearance", "status_reports"])]
    pub headless: bool,
    /// Write what happened, with all measured times: into a folder, with a page to read and the recordings, or as JSON into
    /// a file that ends in .json; - is standard output
    #[arg(long, value_name = "FOLDER|FILE.json", requires = "headless")]
    pub report: Option<PathBuf>,
    /// Write all measured times as CSV; - is standard output
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
    /// Where components started elsewhere, such as rsplib's, report their status (CSP) [default: UDP port 2960 of
    /// all addresses]
    #[arg(long, value_name = "[ADDRESS:]PORT|off")]
    pub status_reports: Option<ListenAt>,
    /// Record everything into this file, from which it can be replayed; Wireshark shows its packets. With .zst at its
    /// end, it is compressed
    #[arg(
        long,
        value_name = "FILE.pcapng[.zst]",
        requires = "headless",
        conflicts_with = "repeat"
    )]
    pub record: Option<PathBuf>,
    /// Note digests of the state in the recording, which `replay --verify` compares: for tests
    #[arg(long, hide = true, requires = "record")]
    pub digests: bool,
    /// The appearance of the window.
    #[command(flatten)]
    pub appearance: Appearance,
    /// UDP port that carries SCTP between all components (RFC 6951) [default: 9899]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub sctp_port: Option<u16>,
}

/// Returns what there is to play without a file.
pub(crate) fn stories_in_words() -> String {
    let names: Vec<&str> = scenario::story_names().collect();
    format!(
        "Stories, which need no file: {}. A file of the same name in the folder demo-scenarios takes the place of a \
         story.",
        names.join(", ")
    )
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
    play(args).unwrap_or_else(|error| {
        terminal::complain(format_args!("{error:#}"));
        ExitCode::from(2)
    })
}

/// How long it may take to end in order after a signal: longer than processes get, which are killed then. By that time
/// all files are written, and whoever has not read the output by then does not want it.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// How the results are written to a file.
type Format = fn(&Report) -> String;

fn play(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let interruption = Interruption::watch().context("cannot handle signals")?;
    let scenario = Scenario::read(&args.scenario)?;
    ensure!(
        !scenario.steps.is_empty(),
        "{} has no steps: there is nothing to play without a window",
        args.scenario.display()
    );
    let source = ("scenario", &*args.scenario);
    let report_to = args
        .report
        .as_deref()
        .map(|path| ReportTo::check(path, source))
        .transpose()?;
    let formats: [(_, _, Format); 2] = [
        (
            "--report",
            report_to.as_ref().and_then(ReportTo::file),
            Report::to_json,
        ),
        ("--csv", args.csv.as_deref(), Report::to_csv),
    ];
    let files = OutputFiles::check(source, formats)?;
    let folder = report_to.as_ref().and_then(ReportTo::folder);
    if let Some(folder) = folder {
        for (option, path) in [("--csv", &args.csv), ("--record", &args.record)] {
            path.iter()
                .try_for_each(|path| folder.check_beside(option, path))?;
        }
        ensure!(
            args.record.is_none(),
            "--record: the folder of --report gets the recording: leave one of the options out"
        );
    }
    if let Some(record) = &args.record {
        files.check_beside("--record", record)?;
        ensure!(
            is_name_of_recording(record),
            "--record {}: name a file that ends in .pcapng, or in .pcapng.zst if it is to be compressed",
            record.display()
        );
    }
    if let Some(folder) = folder {
        folder.begin(None)?;
    }
    let program = this_program().context("cannot find the program that components run")?;
    let mut report = Report::of(Beginning::new(&scenario, args.seed));
    let transcript = Transcript::on_standard_output().context("cannot start the thread that prints")?;
    let (notify, news) = news_channel();
    interruption.end_in_order(LEAVE_WITHIN, {
        let notify = Arc::clone(&notify);
        move || notify()
    });
    let mut recordings = Vec::new();
    for round in 0..args.repeat {
        if args.repeat > 1 {
            transcript.line(format_args!("-- {} of {}", round + 1, args.repeat));
        }
        let options = args.play_options(round);
        let in_folder = folder.map(|folder| folder.recording(round, args.repeat));
        recordings.extend(in_folder.clone());
        let limit = args.time_limit.map(Duration::from_secs_f64);
        let mut played = Round::begin(
            &program,
            &scenario,
            options,
            Reach {
                group: args.group,
                sctp_port: args.sctp_port,
            },
            (Arc::clone(&notify), news.clone()),
            in_folder
                .as_deref()
                .or(args.record.as_deref())
                .map(|file| Record {
                    file,
                    digests: args.digests,
                }),
        )?;
        played.play(limit, &interruption, &transcript);
        report.rounds.push(played.end());
        report.interrupted = interruption.signal().map(|signal| signal.to_string());
        if report.interrupted.is_some() {
            break;
        }
    }
    report.summarise();
    for line in report.summary_in_words() {
        transcript.line(line);
    }
    let in_folder = folder.map_or(Ok(()), |folder| folder.write(&report, &recordings));
    let in_files = files.write(transcript, |format| Ok(format(&report).into_bytes()));
    both(in_folder, in_files)?;
    Ok(match interruption.signal() {
        Some(signal) => ExitCode::from(signal.exit_status()),
        None => ExitCode::from(u8::from(!report.met)),
    })
}

/// Returns the errors of both.
fn both(one: anyhow::Result<()>, other: anyhow::Result<()>) -> anyhow::Result<()> {
    match (one, other) {
        (Err(one), Err(other)) => Err(anyhow!("{one:#}\npoolscope: {other:#}")),
        (one, other) => one.and(other),
    }
}

/// Returns whether a file can be taken for nothing else: what is there is replaced.
fn is_name_of_recording(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    [".pcapng", ".pcapng.zst"].iter().any(|end| name.ends_with(end))
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
