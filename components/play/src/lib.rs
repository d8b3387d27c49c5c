//! The play: how a scenario's steps go on, as a deterministic state machine without clock and without I/O.
//!
//! [`Play::handle`] takes the time and the model whenever either has changed; then [`Play::poll_command`] tells what is
//! to be done, until it is `None`, and [`Play::poll_timeout`] when to call again at the latest. The same play runs in the
//! window and without one.

mod act;
mod clock;
mod evaluate;
mod failure;
mod fault_process;
mod insight;
mod random_faults_run;
mod record;
mod select;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

pub use failure::{Failure, FailureKind, NotMet};
pub use insight::{Holding, Moment, Patience, StepMark};
pub use random_faults_run::RandomFaultsRun;
pub use record::{Decision, ExpectationRecord, StepRecord};

use clock::Clock;
use command::{Command, PlayControl};
use evaluate::{EvaluationContext, Verdict};
use fault_process::FaultProcess;
use feed::Timestamp;
use model::{ComponentId, Model};
use record::Records;
use scenario::{Expectation, Scenario, Step};
use tally::Tally;

/// A scenario that is being played.
#[derive(Debug)]
pub struct Play {
    steps: Vec<Step>,
    clock: Clock,
    phase: Phase,
    /// The step whose turn it is.
    turn: usize,
    /// How often each step has gone back.
    gone_back: BTreeMap<usize, u32>,
    /// Do one more step, whatever it waits for, though paused.
    step_once: bool,
    /// When the latest step was carried out: what happened counts from here.
    mark: Timestamp,
    narration: Option<usize>,
    chosen: BTreeMap<String, Vec<ComponentId>>,
    tally: Tally,
    random_faults: Option<FaultProcess>,
    /// Overrides how long random faults go on, seconds.
    random_faults_for_s: Option<f64>,
    seed: u64,
    commands: VecDeque<Command>,
    records: Records,
    timeout: Option<Timestamp>,
}

/// The model has taken in what the play asked for, or lets the next step begin, this much later.
const LATER: Duration = Duration::from_millis(1);

/// How a play stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayState {
    /// It has not begun.
    Ready,
    /// It goes on.
    Running,
    /// It pauses.
    Paused,
    /// It has come to its end, as expected.
    Succeeded,
    /// It has come to its end, and something was not as expected.
    Failed,
}

#[derive(Debug)]
enum Phase {
    /// The step whose turn it is has not begun.
    Waiting(Waiting),
    /// The step has been carried out; what it expects is being watched.
    Expecting {
        begun: Timestamp,
        expected: Vec<Expected>,
    },
    /// The end.
    Over,
}

#[derive(Debug)]
struct Waiting {
    /// When the turn came, on the story's clock.
    since: Duration,
    /// When the times of the step had come, from where `when` has its time; not on the story's clock.
    when_since: Option<Timestamp>,
}

/// Something expected that is being watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// What.
    pub expectation: Expectation,
    /// What has become of it.
    pub decision: Option<Decision>,
    /// Since when it holds, if it does.
    since: Option<Timestamp>,
}

impl Play {
    /// A play that has not begun. Everything random in it comes from the seed.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        let tally = Tally::new(&scenario.steps);
        Self {
            steps: scenario.steps.clone(),
            clock: Clock::default(),
            phase: Phase::Waiting(Waiting {
                since: Duration::ZERO,
                when_since: None,
            }),
            turn: 0,
            gone_back: BTreeMap::new(),
            step_once: false,
            mark: Timestamp::default(),
            narration: None,
            chosen: BTreeMap::new(),
            tally,
            random_faults: None,
            random_faults_for_s: None,
            seed,
            commands: VecDeque::new(),
            records: Records::default(),
            timeout: None,
        }
    }

    /// Random faults go on for so many seconds, whatever the scenario says.
    pub fn set_random_faults_duration(&mut self, seconds: f64) {
        self.random_faults_for_s = Some(seconds);
    }

    /// A person asks for something.
    pub fn control(&mut self, now: Timestamp, control: PlayControl) {
        if self.mark == Timestamp::default() {
            self.mark = now;
        }
        self.clock.pass(now);
        match control {
            PlayControl::Run => self.clock.run(),
            PlayControl::Pause => self.clock.pause(),
            PlayControl::Step => {
                self.clock.pause();
                self.clock.begin();
                self.step_once = true;
            }
            PlayControl::Speed(speed) => self.clock.set_speed(speed),
        }
    }

    /// The time has passed, or the model has changed.
    pub fn handle(&mut self, now: Timestamp, model: &Model) {
        self.clock.pass(now);
        self.timeout = None;
        self.tally.observe(model);
        self.records.observe(model);
        if !self.clock.has_begun() {
            return;
        }
        if let Some(random_faults) = &mut self.random_faults {
            random_faults.handle(self.clock.real(), model, &mut self.commands);
            if let Some(due) = random_faults.due() {
                let due = self.clock.at_real(now, due);
                self.wake_at(due);
            }
        }
        // Each turn of the loop ends a phase; a step that goes back to itself gives way to the model in between.
        for _ in 0..=self.steps.len() {
            if !self.go_on(now, model) {
                return;
            }
        }
        self.wake_at(Some(now + LATER));
    }

    /// The next thing to be done.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// When [`Self::handle`] is to be called at the latest, even if the model does not change.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timeout
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> PlayState {
        match self.phase {
            Phase::Over if self.records.has_failed() => PlayState::Failed,
            Phase::Over => PlayState::Succeeded,
            _ if !self.clock.has_begun() => PlayState::Ready,
            _ if self.clock.is_paused() => PlayState::Paused,
            _ => PlayState::Running,
        }
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The position of the step that was carried out last or, before the first one, of that.
    #[must_use]
    pub fn position(&self) -> usize {
        self.narration.unwrap_or(0)
    }

    /// The step that is waited for, if one is.
    #[must_use]
    pub fn awaited(&self) -> Option<&Step> {
        match self.phase {
            Phase::Waiting(_) => self.steps.get(self.turn),
            Phase::Expecting { .. } | Phase::Over => None,
        }
    }

    /// What the audience is told now, and the section of the RFC that belongs to it.
    #[must_use]
    pub fn narration(&self) -> Option<(&str, Option<&str>)> {
        let told = self.steps.get(..=self.narration?)?;
        let step = told.iter().rev().find(|step| step.say.is_some())?;
        Some((step.say.as_deref()?, step.rfc.as_deref()))
    }

    /// What is expected of the step that is being carried out, and what has become of it.
    #[must_use]
    pub fn expected(&self) -> &[Expected] {
        match &self.phase {
            Phase::Expecting { expected, .. } => expected,
            Phase::Waiting(_) | Phase::Over => &[],
        }
    }

    /// What became of the steps so far.
    #[must_use]
    pub fn step_records(&self) -> &[StepRecord] {
        self.records.steps()
    }

    /// What went wrong so far.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        self.records.failures()
    }

    /// How many times as fast waiting times pass.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.clock.speed()
    }

    /// Ends the play where it is, as failed.
    pub fn give_up(&mut self, at: Timestamp, why: String) {
        self.fail(at, FailureKind::GivenUp { why });
    }

    fn fail(&mut self, at: Timestamp, what: FailureKind) {
        self.records.fail(at, self.turn, &self.steps, what);
        self.phase = Phase::Over;
    }

    /// Ends the phase if it is over; says whether it was.
    fn go_on(&mut self, now: Timestamp, model: &Model) -> bool {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Waiting(waiting) => self.wait(now, model, waiting),
            Phase::Expecting { begun, expected } => self.expect(now, model, begun, expected),
            Phase::Over => false,
        }
    }

    fn wait(&mut self, now: Timestamp, model: &Model, mut waiting: Waiting) -> bool {
        let Some(step) = self.steps.get(self.turn) else {
            return false;
        };
        if std::mem::take(&mut self.step_once) {
            self.begin(now, model);
            return true;
        }
        if self.clock.is_paused() {
            self.phase = Phase::Waiting(waiting);
            return false;
        }
        let due = Self::due(step, waiting.since);
        if self.clock.story() < due {
            let due = self.clock.at_story(now, due);
            self.wake_at(due);
            self.phase = Phase::Waiting(waiting);
            return false;
        }
        let since = *waiting.when_since.get_or_insert(now);
        let verdict = match &step.when {
            Some(when) => self.context(model).evaluate(when).0,
            None => Verdict::Holds,
        };
        let deadline = since + duration(step.within_s.unwrap_or(Step::WITHIN_S));
        match verdict {
            Verdict::Holds => {
                self.begin(now, model);
                true
            }
            Verdict::NotYet if now < deadline => {
                self.wake_at(Some(deadline));
                self.phase = Phase::Waiting(waiting);
                false
            }
            Verdict::NotYet | Verdict::Broken => {
                let awaited = step.when.as_ref().map(ToString::to_string).unwrap_or_default();
                self.fail(now, FailureKind::InVain { awaited });
                false
            }
        }
    }

    /// When the time of a step comes whose turn came at `since`, on the story's clock.
    fn due(step: &Step, since: Duration) -> Duration {
        let after = step
            .after_s
            .map_or(Duration::ZERO, |seconds| since + duration(seconds));
        step.at_s.map_or(after, |seconds| after.max(duration(seconds)))
    }

    /// Carries out the step whose turn it is.
    fn begin(&mut self, now: Timestamp, model: &Model) {
        self.mark = now;
        self.tally.mark(now);
        self.narration = Some(self.turn);
        self.records.begin(now, self.turn, &self.steps);
        self.act(now, model);
        let expected = self.steps.get(self.turn).map(|step| {
            let expected = step.expect.iter().map(|expectation| Expected {
                expectation: expectation.clone(),
                decision: None,
                since: None,
            });
            expected.collect()
        });
        self.phase = Phase::Expecting {
            begun: now,
            expected: expected.unwrap_or_default(),
        };
    }

    fn expect(
        &mut self,
        now: Timestamp,
        model: &Model,
        begun: Timestamp,
        mut expected: Vec<Expected>,
    ) -> bool {
        // Commands take effect through the model: what holds in the same instant held before.
        let acted_just_now = now == begun;
        if acted_just_now && !expected.is_empty() {
            self.wake_at(Some(now + LATER));
            self.phase = Phase::Expecting { begun, expected };
            return false;
        }
        for expected in expected.iter_mut().filter(|expected| expected.decision.is_none()) {
            self.watch(now, model, begun, expected);
        }
        if expected.iter().any(|expected| expected.decision.is_none()) {
            self.phase = Phase::Expecting { begun, expected };
            return false;
        }
        self.records.end(now, self.turn, &self.steps, expected);
        self.turn = self.next_turn();
        if self.turn < self.steps.len() {
            self.phase = Phase::Waiting(Waiting {
                since: self.clock.story(),
                when_since: None,
            });
            true
        } else {
            false
        }
    }

    fn watch(&mut self, now: Timestamp, model: &Model, begun: Timestamp, expected: &mut Expected) {
        let expectation = &expected.expectation;
        let (verdict, measured_ms) = self.context(model).evaluate(&expectation.that);
        let hold = duration(expectation.for_s.unwrap_or(0.0));
        let within = duration(expectation.within_s.unwrap_or(Expectation::WITHIN_S));
        let deadline = begun + within;
        let held_since = match verdict {
            Verdict::Holds => Some(expected.since.unwrap_or(now)),
            Verdict::NotYet | Verdict::Broken => None,
        };
        expected.since = held_since;
        let met = held_since.is_some_and(|since| now >= since + hold);
        // Whatever began to hold in time may hold to its end.
        let in_vain = match held_since {
            Some(since) => since > deadline,
            None => verdict == Verdict::Broken || now >= deadline,
        };
        if met || in_vain {
            expected.decision = Some(Decision {
                met,
                at: now,
                after_ms: milliseconds(held_since.unwrap_or(now) - begun),
                measured_ms,
            });
        } else {
            self.wake_at(Some(held_since.map_or(deadline, |since| since + hold)));
        }
    }

    fn next_turn(&mut self) -> usize {
        let next = self.turn + 1;
        let Some(repeat) = self.steps.get(self.turn).and_then(|step| step.repeat.as_ref()) else {
            return next;
        };
        let times = self.gone_back.entry(self.turn).or_default();
        let from = self
            .steps
            .iter()
            .position(|step| step.name.as_ref() == Some(&repeat.from));
        match from {
            Some(from) if *times < repeat.times => {
                *times += 1;
                from
            }
            _ => next,
        }
    }

    fn context<'a>(&'a self, model: &'a Model) -> EvaluationContext<'a> {
        EvaluationContext {
            model,
            mark: self.mark,
            chosen: &self.chosen,
            tally: &self.tally,
            random_faults_over: self.random_faults.as_ref().is_some_and(FaultProcess::is_over),
        }
    }

    fn wake_at(&mut self, at: Option<Timestamp>) {
        self.timeout = match (self.timeout, at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// Seconds of a scenario, which are checked to be within range.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// A duration as reports have it.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
