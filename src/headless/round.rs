//! Plays a scenario once.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use crossbeam_channel::Receiver;
use feed::Timestamp;
use interruption::Interruption;

use crate::control_centre::{Begin, ControlCentre, PlayOptions};
use crate::headless::recorder::Recorder;
use crate::headless::report::RoundReport;
use crate::meeting_group::MeetingGroup;
use crate::terminal::Transcript;
use command::Command;
use model::Model;
use play::{FailureKind, Play, PlayState};
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
}

/// What has been printed so far.
#[derive(Default)]
struct Progress {
    narration: String,
    steps: usize,
    failures: usize,
}

impl Round {
    /// How long processes may take to shut down gracefully.
    const LEAVE_WITHIN: Duration = Duration::from_secs(10);
    /// How often the resource usage of processes is sampled.
    const SAMPLE_EVERY: Duration = Duration::from_secs(5);

    pub(crate) fn begin(
        program: &Path,
        scenario: &Scenario,
        options: PlayOptions,
        reach: Reach,
        (repaint, news): (Repaint, Receiver<()>),
    ) -> anyhow::Result<Self> {
        let mut centre = ControlCentre::start(program.into(), repaint)
            .context("cannot start the thread that supervises components")?;
        if let Some(group) = reach.group {
            centre.set_group(group);
        }
        centre.set_sctp_port(reach.sctp_port);
        centre.set_play_options(options);
        centre.play(scenario.clone(), Begin::AtOnce);
        Ok(Self {
            centre,
            news,
            recorder: Recorder::default(),
            begun: Instant::now(),
            progress: Progress::default(),
        })
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
        loop {
            let more = self.centre.drain();
            self.recorder.observe(Timestamp::now(), self.centre.model());
            let now = Instant::now();
            if now >= sample_at {
                sample_at = now + Self::SAMPLE_EVERY;
                self.recorder.sample(Timestamp::now(), self.centre.model());
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
        self.recorder.sample(Timestamp::now(), self.centre.model());
    }

    /// Looks at what is known; `None` if no steps are played, or there is nothing to see.
    pub(crate) fn measured<T>(&self, look: impl FnOnce(&Model, &Play) -> Option<T>) -> Option<T> {
        look(self.centre.model(), self.centre.steps()?)
    }

    /// Ends all processes and returns the report.
    pub(crate) fn end(mut self, seed: u64) -> RoundReport {
        let duration_s = self.begun.elapsed().as_secs_f64();
        let (steps, failures) = match self.centre.steps() {
            Some(play) => (play.step_records().to_vec(), play.failures().to_vec()),
            None => Default::default(),
        };
        let met = self
            .centre
            .steps()
            .is_some_and(|play| play.state() == PlayState::Succeeded);
        self.centre.run(Command::Quit);
        let deadline = Instant::now() + Self::LEAVE_WITHIN;
        while !self.centre.has_left() && Instant::now() < deadline {
            self.centre.drain();
            let _ = self.news.recv_timeout(Duration::from_millis(20));
        }
        while self.centre.drain() {}
        self.recorder.observe_ends(self.centre.model());
        drop(self.centre);
        self.recorder.report(seed, duration_s, met, steps, failures)
    }
}

impl Progress {
    fn print(&mut self, elapsed: Duration, play: &Play, transcript: &Transcript) {
        let at = elapsed.as_secs_f64();
        let (say, rfc) = play.narration().unwrap_or_default();
        if say != self.narration {
            // Sentences are added as they become true.
            match say.strip_prefix(self.narration.as_str()).map(str::trim_start) {
                Some(more) if !self.narration.is_empty() => {
                    transcript.line(format_args!("{at:7.1} s  {more}"));
                }
                _ => {
                    let rfc = rfc.map(|rfc| format!(" [{rfc}]")).unwrap_or_default();
                    transcript.line(format_args!("{at:7.1} s  {say}{rfc}"));
                }
            }
            say.clone_into(&mut self.narration);
        }
        let records = play.step_records();
        while let Some(record) = records.get(self.steps).filter(|record| record.over.is_some()) {
            self.steps += 1;
            for expectation in &record.expectations {
                let decision = &expectation.decision;
                let word = if decision.met { "met    " } else { "NOT MET" };
                let figure = decision.figure();
                transcript.line(format_args!(
                    "{at:7.1} s    {word} {} ({figure})",
                    expectation.expected
                ));
                for part in &decision.missing {
                    transcript.line(format_args!("{at:7.1} s            missing: {part}"));
                }
            }
        }
        let failures = play.failures();
        for failure in failures.iter().skip(self.failures) {
            // Unmet expectations are printed with their steps.
            if !matches!(failure.what, FailureKind::NotMet(_)) {
                transcript.line(format_args!(
                    "{at:7.1} s    FAILED {}: {}",
                    failure.step, failure.what
                ));
            }
        }
        self.failures = failures.len();
    }
}
