//! The report of a recording, made anew from what was recorded.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use feed::{Timestamp, WallClock};

use crate::headless::folder::ReportTo;
use crate::headless::note::{Beginning, Digests, Ended, Note};
use crate::headless::progress::Progress;
use crate::headless::recorder::Recorder;
use crate::headless::report::Report;
use crate::headless::{Format, both};
use crate::output_files::OutputFiles;
use crate::terminal::{self, Transcript};
use recording::Recording;
use replay::{Player, Seen, State, decode_note};
use view::Appearance;

/// Replays a recording: in the window, or without one and with a report. No process is started.
///
/// Exit status without a window: 0 if everything was as expected, 1 if not, 2 if it could not be replayed or a result could
/// not be written.
#[derive(Debug, Clone, clap::Args)]
pub struct ReplayArgs {
    /// The recording: a .pcapng or .pcapng.zst file, or the folder of one that was not saved [default: that of the story
    /// failover-kill, which the program carries]
    pub recording: Option<PathBuf>,
    /// Another recording, to compare it with in the window
    #[arg(conflicts_with = "headless")]
    pub other: Option<PathBuf>,
    /// Do it without a window, thus without the options for it
    #[arg(long, conflicts_with = "Appearance")]
    pub headless: bool,
    /// Write what happened, with all measured times: into a folder, with a page to read and the recording, or as JSON into a
    /// file that ends in .json; - is standard output
    #[arg(long, value_name = "FOLDER|FILE.json", requires = "headless")]
    pub report: Option<PathBuf>,
    /// Write all measured times as CSV; - is standard output
    #[arg(long, value_name = "FILE", requires = "headless")]
    pub csv: Option<PathBuf>,
    /// Compare the states that are rebuilt with the digests that were noted when they were live: for tests
    #[arg(long, hide = true, requires = "headless")]
    pub verify: bool,
    /// The appearance of the window.
    #[command(flatten)]
    pub appearance: Appearance,
}

/// Replays a recording without a window, and writes the results to the terminal and to files.
#[must_use]
pub fn replay(args: &ReplayArgs) -> ExitCode {
    try_replay(args).unwrap_or_else(|error| {
        terminal::complain(format_args!("{error:#}"));
        ExitCode::from(2)
    })
}

fn try_replay(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let recording = args
        .recording
        .as_deref()
        .context("which recording? Without a window, it has to be named")?;
    let source = ("recording", recording);
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
    if let (Some(folder), Some(csv)) = (folder, &args.csv) {
        folder.check_beside("--csv", csv)?;
    }
    let transcript = Transcript::on_standard_output().context("cannot start the thread that prints")?;
    let report = report_of(recording, args.verify, &transcript)?;
    for line in report.summary_in_words() {
        transcript.line(line);
    }
    let in_folder = folder.map_or(Ok(()), |folder| {
        folder.begin(Some(recording))?;
        let copy = folder.copy(recording).context("the recording cannot be copied")?;
        folder.write(&report, &[copy])
    });
    let in_files = files.write(transcript, |format| Ok(format(&report).into_bytes()));
    both(in_folder, in_files)?;
    Ok(ExitCode::from(u8::from(!report.met)))
}

/// Makes the report of a recording. That of a window has no notes for a report: then it is made of what was known from its
/// beginning to its end.
fn report_of(path: &Path, verify: bool, transcript: &Transcript) -> anyhow::Result<Report> {
    let named = || format!("{} cannot be replayed", path.display());
    let opened = Recording::open(path)?;
    let mut player = Player::new(opened);
    let (from, to) = player.range().unwrap_or_default();
    let mut reading = Reading {
        recorder: Recorder::default(),
        beginning: None,
        ended: None,
        progress: Progress::default(),
        from,
        problem: None,
        digests: Vec::new(),
        verify,
        transcript,
    };
    let last = match player.go_through(|state, seen| reading.see(state, seen)) {
        Ok(last) => last,
        Err(error) => {
            let why = match player.damage() {
                Some(damage) => anyhow::anyhow!("{error} ({damage})"),
                None => error.into(),
            };
            return Err(why).with_context(named);
        }
    };
    if verify {
        let problem = verify_anywhere(&mut player, &reading.digests).with_context(named)?;
        reading.problem = reading.problem.or(problem);
        let states = reading.digests.len();
        transcript.line(format_args!("{states} states compared with those that were live"));
    }
    let problem = reading.problem.take().or_else(|| player.damage());
    let ended = match reading.ended.take() {
        Some(ended) => ended,
        None => {
            // It was cut short, or is that of a window.
            let interrupted = reading
                .beginning
                .is_some()
                .then(|| "the end of the recording".to_owned());
            let duration = to - from;
            let over = Note::Over {
                duration,
                interrupted,
            };
            reading.recorder.take(over, &last.model, last.play.as_ref());
            Ended::at(to, player.wall_clock(to).unwrap_or_else(WallClock::sample))
        }
    };
    let beginning = reading.beginning.unwrap_or_else(|| Beginning {
        scenario: last.stage.scenario.clone(),
        ..Beginning::default()
    });
    let mut report = Report::of(beginning);
    report.damaged = problem;
    report.interrupted = reading.recorder.interrupted();
    report.rounds.push(reading.recorder.report(&ended, &last.model));
    report.summarise();
    Ok(report)
}

/// A recording that is being gone through.
struct Reading<'a> {
    recorder: Recorder,
    beginning: Option<Beginning>,
    ended: Option<Ended>,
    progress: Progress,
    from: Timestamp,
    problem: Option<String>,
    /// The digests that were noted, with the number of entries before each.
    digests: Vec<(u64, Digests)>,
    verify: bool,
    transcript: &'a Transcript,
}

impl Reading<'_> {
    fn see(&mut self, state: &State, seen: Seen<'_>) {
        match seen {
            Seen::Handled(now) => {
                if let Some(play) = &state.play {
                    self.progress.print(now - self.from, play, self.transcript);
                }
                if self.beginning.is_none() {
                    self.take(Note::Observed(now), state);
                }
            }
            Seen::Note(bytes) => match decode_note::<Note>(bytes) {
                Ok(Note::Begun(beginning)) => {
                    self.beginning = Some(beginning.clone());
                    self.take(Note::Begun(beginning), state);
                }
                Ok(Note::Ended(ended)) => self.ended = Some(ended),
                Ok(Note::Digest(digests)) if self.verify => {
                    self.digests.push((state.position, digests));
                    if Digests::of(&state.model, state.play.as_ref()) != digests {
                        self.problem
                            .get_or_insert_with(|| differs(state.position, "going through it"));
                    }
                }
                Ok(note) => self.take(note, state),
                Err(error) => self.problem = Some(error.to_string()),
            },
        }
    }

    fn take(&mut self, note: Note, state: &State) {
        self.recorder.take(note, &state.model, state.play.as_ref());
    }
}

fn differs(entries: u64, how: &str) -> String {
    format!("the state after {entries} entries is not that which was live, {how}")
}

/// Compares states in another order than that in which they were live. Returns what is wrong.
fn verify_anywhere(
    player: &mut Player,
    digests: &[(u64, Digests)],
) -> Result<Option<String>, replay::ReplayError> {
    let backwards = digests.iter().rev().step_by(7);
    // Every one is reached after another one that is far from it.
    let (first, second) = digests.split_at(digests.len() / 2);
    let to_and_fro = first
        .iter()
        .zip(second)
        .step_by(11)
        .flat_map(|(one, other)| [other, one]);
    for (entries, digests) in backwards.chain(to_and_fro) {
        let state = player.state_after(*entries)?;
        if Digests::of(&state.model, state.play.as_ref()) != *digests {
            return Ok(Some(differs(*entries, "looking for it")));
        }
    }
    Ok(None)
}
