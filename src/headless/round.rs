//! Plays a scenario once.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use crossbeam_channel::Receiver;
use feed::Timestamp;
use interruption::Interruption;

use crate::control_centre::{Begin, ControlCentre, PlayOptions, Recording};
use crate::headless::note::{Beginning, Digests, Ended, Note};
use crate::headless::progress::Progress;
use crate::headless::recorder::Recorder;
use crate::headless::report::RoundReport;
use crate::headless::resources::{is_component, usage};
use crate::meeting_group::MeetingGroup;
use crate::terminal::{self, Transcript};
use command::Command;
use model::Model;
use play::{Play, PlayState};
use recorder::Destination;
use scenario::Scenario;
use supervisor::Repaint;

/// How the components of a round reach each other; what is not given is chosen.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reach {
    /// The multicast group in which they find each other.
    pub(crate) group: Option<MeetingGroup>,
    /// The UDP port that carries SCTP.
    pub(crate) sctp_port: Option<u16>,
}

/// How a round is recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    /// The file.
    pub(crate) file: &'a Path,
    /// Whether digests of the state are noted in it, for tests.
    pub(crate) digests: bool,
}

/// Returns a function that tells a round of news, from any thread, and where the round learns of them.
pub(crate) fn news_channel() -> (Repaint, Receiver<()>) {
    let (sender, news) = crossbeam_channel::bounded(1);
    let notify = move || {
        // If the channel is full, the receiver has not looked yet and will find this as well.
        let _ = sender.try_send(());
    };
    (Arc::new(notify), news)
}

/// A scenario that is being played without a window.
pub(crate) struct Round {
    centre: ControlCentre,
    news: Receiver<()>,
    recorder: Recorder,
    begun: Instant,
    progress: Progress,
    interrupted: Option<String>,
    /// Whether digests of the state are noted.
    digests: bool,
    /// Whether a problem with the recording has been told.
    has_complained: bool,
}

impl Round {
    /// How long processes may take to shut down gracefully.
    const LEAVE_WITHIN: Duration = Duration::from_secs(10);
    /// How often the resource usage of processes is sampled.
    const SAMPLE_EVERY: Duration = Duration::from_secs(5);
    /// How often digests are noted.
    const DIGEST_EVERY: Duration = Duration::from_millis(100);

    pub(crate) fn begin(
        program: &Path,
        scenario: &Scenario,
        options: PlayOptions,
        reach: Reach,
        (repaint, news): (Repaint, Receiver<()>),
        record: Option<Record<'_>>,
    ) -> anyhow::Result<Self> {
        let recording = record.map(|record| {
            let file = record.file;
            let begun = Recording::begin(&Destination::File(file.to_owned()), Arc::clone(&repaint));
            begun.with_context(|| format!("cannot record into {}", file.display()))
        });
        let mut centre = ControlCentre::start(program.into(), repaint, recording.transpose()?)
            .context("cannot start the thread that supervises components")?;
        if let Some(group) = reach.group {
            centre.set_group(group);
        }
        centre.set_sctp_port(reach.sctp_port);
        centre.set_play_options(options);
        centre.offer_packets();
        centre.play(scenario.clone(), Begin::AtOnce);
        let mut round = Self {
            centre,
            news,
            recorder: Recorder::default(),
            begun: Instant::now(),
            progress: Progress::default(),
            interrupted: None,
            digests: record.is_some_and(|record| record.digests),
            has_complained: false,
        };
        round.note(Note::Begun(Beginning::new(scenario, options.seed)));
        Ok(round)
    }

    /// Plays the scenario to its end, until the time is up, or until it is interrupted.
    pub(crate) fn play(
        &mut self,
        limit: Option<Duration>,
        interruption: &Interruption,
        transcript: &Transcript,
    ) {
        let deadline = limit.map(|limit| self.begun + limit);
        let mut sample_at = self.begun;
        let mut digest_at = self.begun;
        loop {
            let more = self.centre.drain();
            self.note(Note::Observed(Timestamp::now()));
            let problem = self.centre.recording_status().problem.map(str::to_owned);
            self.complain(problem);
            let now = Instant::now();
            if now >= sample_at {
                sample_at = now + Self::SAMPLE_EVERY;
                self.sample();
            }
            if self.digests && now >= digest_at {
                digest_at = now + Self::DIGEST_EVERY;
                let digests = Digests::of(self.centre.model(), self.centre.steps());
                self.note(Note::Digest(digests));
            }
            if let Some(failure) = self.centre.model().start_failure() {
                let why = failure.sentence();
                self.centre.give_up(why);
            }
            if let Some(play) = self.centre.steps() {
                self.progress.print(self.begun.elapsed(), play, transcript);
                if matches!(play.state(), PlayState::Succeeded | PlayState::Failed) {
                    break;
                }
            }
            if let Some(signal) = interruption.signal() {
                self.centre.give_up(format!("interrupted by {signal}"));
                break;
            }
            if deadline.is_some_and(|deadline| now >= deadline) {
                self.centre.give_up("the time is up".into());
                continue;
            }
            if !more {
                let next = [Some(sample_at), deadline]
                    .into_iter()
                    .flatten()
                    .min()
                    .unwrap_or(sample_at);
                let mut wait = next.saturating_duration_since(now);
                if let Some(wake_at) = self.centre.wake_at() {
                    wait = wait.min(wake_at - Timestamp::now());
                }
                let _ = self.news.recv_timeout(wait);
            }
        }
        self.sample();
        self.interrupted = interruption.signal().map(|signal| signal.to_string());
    }

    /// Samples the resource usage of all processes, including this one.
    fn sample(&mut self) {
        let at = Timestamp::now();
        let components = self.centre.model().components.values();
        let processes = components.filter_map(|it| Some((it.name.clone(), it.process.pid()?)));
        let this = ("control centre".to_owned(), std::process::id());
        let samples: Vec<Note> = std::iter::once(this)
            .chain(processes)
            .filter_map(|(name, pid)| {
                let usage = usage(pid)?;
                Some(Note::Sampled { at, name, pid, usage })
            })
            .collect();
        for sample in samples {
            self.note(sample);
        }
    }

    /// Tells once that something cannot be recorded. The demonstration goes on.
    fn complain(&mut self, problem: Option<String>) {
        if let Some(problem) = problem.filter(|_| !self.has_complained) {
            self.has_complained = true;
            terminal::complain(problem);
        }
    }

    fn note(&mut self, note: Note) {
        self.centre.note(&note);
        self.recorder.take(note, self.centre.model(), self.centre.steps());
    }

    /// Looks at what is known; `None` if no steps are played, or there is nothing to see.
    pub(crate) fn measured<T>(&self, look: impl FnOnce(&Model, &Play) -> Option<T>) -> Option<T> {
        look(self.centre.model(), self.centre.steps()?)
    }

    /// Ends all processes and returns the report.
    pub(crate) fn end(mut self) -> RoundReport {
        self.note(Note::Over {
            duration: self.begun.elapsed(),
            interrupted: self.interrupted.clone(),
        });
        self.centre.run(Command::Quit);
        let deadline = Instant::now() + Self::LEAVE_WITHIN;
        while !self.centre.has_left() && Instant::now() < deadline {
            self.centre.drain();
            let _ = self.news.recv_timeout(Duration::from_millis(20));
        }
        while self.centre.drain() {}
        let (model, recording, _packets) = self.centre.leave();
        let orphans = self
            .recorder
            .processes()
            .filter(|pid| is_component(*pid))
            .collect();
        let ended = Ended::now(orphans);
        let problem = recording.and_then(|recording| recording.end(&Note::Ended(ended.clone())));
        if let Some(problem) = problem.filter(|_| !self.has_complained) {
            terminal::complain(problem);
        }
        self.recorder.report(&ended, &model)
    }
}
