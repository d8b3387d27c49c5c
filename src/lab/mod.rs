//! The policy laboratory without a window: an experiment is simulated, and its results are printed and written to files.

mod live;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use interruption::Interruption;
use policy_laboratory::{
    ChartError, Experiment, Measure, Parameter, Progress, Results, Run, png, ready_experiments, svg, table,
};

use crate::headless::{Reach, news_channel};
use crate::meeting_group::MeetingGroup;
use crate::output_files::OutputFiles;
use crate::terminal::{self, Transcript};
use live::Live;
use supervisor::Repaint;

/// Compares pool policies in the policy laboratory: simulated in virtual time, by the code that serves live.
///
/// Exit status: 0 if everything was simulated, 1 if real processes (`--live`) achieved something else, 2 if something
/// could not be simulated or written; 130, 143 or 129 if SIGINT, SIGTERM or SIGHUP interrupted it, with the runs that had
/// ended until then in the results.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = experiments_in_words())]
pub struct LabArgs {
    /// The experiment: a JSON file, one that the program carries by its name, or - for standard input
    pub experiment: PathBuf,
    /// Write all runs as CSV; - is standard output
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Draw the results as SVG; - is standard output
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Draw the results as PNG; - is standard output
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
    /// Show these measures instead of those that the experiment names; `all` shows all of them
    #[arg(long, value_name = "MEASURE,...", value_delimiter = ',', value_parser = measures)]
    pub show: Vec<Shown>,
    /// Run each point with this many seeds, whatever the experiment says
    #[arg(long, value_name = "NUMBER")]
    pub seeds: Option<u32>,
    /// Use this many threads; the results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Do it with real processes as well, which get the same requests for as long, and compare: exit status 1 if what
    /// they achieve differs from the simulated run with the same requests by more than runs with other requests vary
    /// (their standard deviation). For one policy and no sweep
    #[arg(long)]
    pub live: bool,
    /// Multicast group in which the real processes find each other [default: a group that is not in use on this host]
    #[arg(long, value_name = "ADDRESS|usual", requires = "live")]
    pub group: Option<MeetingGroup>,
    /// UDP port that carries SCTP between the real processes (RFC 6951) [default: 9899]
    #[arg(long, value_name = "PORT", requires = "live", value_parser = clap::value_parser!(u16).range(1..))]
    pub sctp_port: Option<u16>,
}

/// A measure to show, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// One measure.
    One(Measure),
    /// All of them.
    All,
}

fn measures(word: &str) -> Result<Shown, policy_laboratory::UnknownMeasure> {
    match word {
        "all" => Ok(Shown::All),
        name => name.parse().map(Shown::One),
    }
}

/// Returns what there is to simulate without a file.
fn experiments_in_words() -> String {
    let names: Vec<&str> = ready_experiments().map(|(name, _)| name).collect();
    format!("Experiments, which need no file: {}.", names.join(", "))
}

/// How long it may take to end in order after a signal.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// How results are written to a file.
type Format = fn(&Results, &[Measure]) -> Result<Vec<u8>, ChartError>;

/// Simulates an experiment, prints its results, and writes them to files.
#[must_use]
pub fn run(args: &LabArgs) -> ExitCode {
    simulate(args).unwrap_or_else(|error| {
        terminal::complain(format_args!("{error:#}"));
        ExitCode::from(2)
    })
}

fn simulate(args: &LabArgs) -> anyhow::Result<ExitCode> {
    let interruption = Interruption::watch().context("cannot handle signals")?;
    let mut experiment = Experiment::load(&args.experiment)?;
    if let Some(seeds) = args.seeds {
        experiment.seeds = seeds;
    }
    let measures = measures_to_show(args, &experiment);
    let formats: [(_, _, Format); 3] = [
        ("--csv", args.csv.as_deref(), |results, _| {
            Ok(results.to_csv().into_bytes())
        }),
        ("--svg", args.svg.as_deref(), |results, measures| {
            Ok(svg(results, measures)?.into_bytes())
        }),
        ("--png", args.png.as_deref(), png),
    ];
    let files = OutputFiles::check(("experiment", &args.experiment), formats)?;
    let seed = experiment.first_seed;
    let played = args.live.then(|| live::scenario(&experiment)).transpose();
    let played = played.with_context(|| args.experiment.display().to_string())?;
    let transcript = Transcript::on_standard_output().context("cannot start the thread that prints")?;
    let began = Instant::now();
    let mut run = match args.threads {
        Some(threads) => Run::start_on(threads.into(), experiment, || {}),
        None => Run::start(experiment, || {}),
    }
    .with_context(|| args.experiment.display().to_string())?;
    let cancellation = run.cancellation();
    let (notify, news) = news_channel();
    interruption.end_in_order(LEAVE_WITHIN, end_of_all(cancellation, Arc::clone(&notify)));
    let mut display = Display::new();
    while run.wait() {
        display.show(run.progress());
    }
    display.end();
    if let Some(unusable) = run.failure() {
        bail!("{}: {unusable}", args.experiment.display());
    }
    let results = run.results();
    for line in report(results, &measures, began.elapsed()) {
        transcript.line(line);
    }
    let mut status = ExitCode::SUCCESS;
    if let Some(scenario) = played.filter(|_| interruption.signal().is_none()) {
        let reach = Reach {
            group: args.group,
            sctp_port: args.sctp_port,
        };
        transcript.line("");
        let live = Live::play(&scenario, seed, reach, (notify, news), &interruption, &transcript);
        if interruption.signal().is_none() {
            let (lines, agrees) = live?.compare(results);
            for line in lines {
                transcript.line(line);
            }
            status = ExitCode::from(u8::from(!agrees));
        }
    }
    let written = files.write(transcript, |format| Ok(format(results, &measures)?));
    Ok(match interruption.signal() {
        Some(signal) => {
            // What is missing is no surprise then.
            if let Err(error) = written {
                terminal::complain(format_args!("{error:#}"));
            }
            ExitCode::from(signal.exit_status())
        }
        None => {
            written?;
            status
        }
    })
}

/// Returns what a signal does: it ends what is under way, whether that is simulated or waits for real processes.
fn end_of_all(cancellation: Arc<AtomicBool>, notify: Repaint) -> impl Fn() + Send + Sync {
    move || {
        cancellation.store(true, Ordering::Relaxed);
        notify();
    }
}

fn measures_to_show(args: &LabArgs, experiment: &Experiment) -> Vec<Measure> {
    if args.show.is_empty() {
        return experiment.show.clone();
    }
    let shown = |word: &Shown| match word {
        Shown::One(measure) => vec![*measure],
        Shown::All => Measure::ALL.to_vec(),
    };
    args.show.iter().flat_map(shown).collect()
}

/// Returns the results in words.
fn report(results: &Results, measures: &[Measure], took: Duration) -> Vec<String> {
    let experiment = results.experiment();
    let mut lines = vec![experiment.name.clone()];
    if !experiment.description.is_empty() {
        lines.push(experiment.description.clone());
    }
    let (ended, runs) = (results.ended(), results.runs());
    let simulated = |point: &policy_laboratory::Point| {
        point.parameters.get(Parameter::WarmUp) + point.parameters.get(Parameter::Duration)
    };
    let points = results.points().iter().enumerate();
    let virtual_time: f64 = points
        .map(|(index, point)| simulated(point) * results.outcomes(index).count() as f64)
        .sum();
    let took = took.as_secs_f64();
    lines.push(format!(
        "Simulated in virtual time: {ended} of {runs} runs, {:.1} h in {took:.1} s, thus {:.0} times as fast as life. \
         Means with 95 % confidence intervals.",
        virtual_time / 3_600.0,
        virtual_time / took
    ));
    lines.push(String::new());
    lines.extend(table(results, measures));
    lines
}

/// Shows the progress on standard error: in one line of a terminal, or in a line for the first run and for each
/// tenth.
struct Display {
    is_terminal: bool,
    /// The tenth shown last.
    tenth: Option<usize>,
}

impl Display {
    fn new() -> Self {
        Self {
            is_terminal: io::stderr().is_terminal(),
            tenth: None,
        }
    }

    fn show(&mut self, progress: Progress) {
        let Progress { ended, runs } = progress;
        // Nothing depends on whether anybody sees it.
        let mut stderr = io::stderr();
        let tenth = Some(ended * 10 / runs);
        if self.is_terminal {
            let _ = write!(stderr, "\r{ended} of {runs} runs");
        } else if tenth != self.tenth {
            self.tenth = tenth;
            let _ = writeln!(stderr, "{ended} of {runs} runs");
        }
    }

    fn end(&self) {
        if self.is_terminal {
            let _ = writeln!(io::stderr());
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: LabArgs,
    }

    #[test]
    fn a_signal_ends_the_simulation_and_wakes_the_live_run() {
        let cancelled = Arc::<AtomicBool>::default();
        let (notify, news) = news_channel();
        let end = end_of_all(Arc::clone(&cancelled), notify);
        assert!(news.try_recv().is_err());
        end();
        assert!(cancelled.load(Ordering::Relaxed));
        assert_eq!(news.try_recv(), Ok(()));
    }

    #[test]
    fn the_command_line_decides_what_is_shown() {
        let experiment = Experiment::default();
        let shown = |words: &[&str]| {
            let line = Line::try_parse_from([&["lab", "base-set-up"], words].concat()).unwrap();
            measures_to_show(&line.args, &experiment)
        };
        assert_eq!(shown(&[]), [Measure::HandlingSpeed]);
        let two = [Measure::LostWork, Measure::AsapRate];
        assert_eq!(shown(&["--show=lost-work,asap-rate"]), two);
        assert_eq!(shown(&["--show=all"]), Measure::ALL);
        let error = Line::try_parse_from(["lab", "x", "--show=beauty"])
            .unwrap_err()
            .to_string();
        assert!(error.contains("handling-speed"), "{error}");
    }
}
