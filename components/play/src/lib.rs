//! The play: carries out the steps of a scenario, as a deterministic state machine without clock and I/O.
//!
//! Call [`Play::handle`] with the time and the model whenever either has changed, then [`Play::poll_command`] until
//! it returns `None`. [`Play::poll_timeout`] returns when to call again at the latest. The same play runs with and
//! without the window.

mod act;
mod actors;
mod clock;
mod evaluate;
mod expected;
mod failure;
mod fault_process;
mod insight;
mod kept;
mod narration;
mod pictures;
mod policy_change;
mod pool_figures;
mod random_faults_run;
mod record;
mod select;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub use expected::{Expected, Holding};
pub use failure::{Failure, FailureKind};
pub use insight::{Moment, Patience, StepMark};
pub use policy_change::{PolicyChange, PolicyChangeOutput};
pub use random_faults_run::RandomFaultsRun;
pub use record::{Decision, ExpectationRecord, PixelProof, StepRecord, ToldSentence};

use clock::Clock;
use command::{Command, PlayControl};
use evaluate::{EvaluationContext, Verdict};
use fault_process::FaultProcess;
use feed::Timestamp;
use model::{ComponentId, Model};
use pictures::Pictures;
use record::Records;
use scenario::{Scenario, Step};
use tally::Tally;

/// A scenario that is being played.
#[derive(Debug, Clone)]
pub struct Play {
    steps: Arc<[Step]>,
    clock: Clock,
    phase: Phase,
    /// The position of the current step.
    turn: usize,
    /// How often each step has gone back.
    gone_back: BTreeMap<usize, u32>,
    /// Whether to carry out one more step, regardless of its conditions and of a pause.
    step_once: bool,
    /// The time of the latest [`Self::handle`].
    now: Timestamp,
    /// When the latest step was carried out: only events from here on count.
    mark: Timestamp,
    narration: Option<usize>,
    /// The sentences that have been told since the step with the current narration began.
    told: narration::Told,
    /// The pictures that conditions are about.
    pictures: Pictures,
    chosen: BTreeMap<String, Vec<ComponentId>>,
    tally: Tally,
    random_faults: Option<FaultProcess>,
    /// Overrides the duration of random faults, in seconds.
    random_faults_for_s: Option<f64>,
    seed: u64,
    commands: VecDeque<Command>,
    records: Records,
    timeout: Option<Timestamp>,
}

/// No time in a scenario is longer than this: with any number of them, sums stay within bounds.
const LONGEST: Duration = Duration::from_secs(31_536_000_000);
/// How long the model needs to take in the play's commands, or until a step that repeats itself may begin again.
const LATER: Duration = Duration::from_millis(1);

/// The state of a play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayState {
    /// It has not begun.
    Ready,
    /// It is running.
    Running,
    /// It is paused.
    Paused,
    /// It is over, and everything was as expected.
    Succeeded,
    /// It is over, and something was not as expected.
    Failed,
}

#[derive(Debug, Clone)]
enum Phase {
    /// The current step has not begun.
    Waiting(Waiting),
    /// The step has been carried out; its expectations are being watched.
    Expecting {
        begun: Timestamp,
        expected: Vec<Expected>,
    },
    /// The play is over.
    Over,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// When the step became the current one, on the story clock.
    since: Duration,
    /// When the times of the step had passed, which is when its `when` wait begins; not on the story clock.
    when_since: Option<Timestamp>,
}

impl Play {
    /// Creates a play that has not begun. All its randomness derives from the seed.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        let tally = Tally::new(&scenario.steps);
        Self {
            steps: Arc::from(scenario.steps.as_slice()),
            clock: Clock::default(),
            phase: Phase::Waiting(Waiting {
                since: Duration::ZERO,
                when_since: None,
            }),
            turn: 0,
            gone_back: BTreeMap::new(),
            step_once: false,
            now: Timestamp::default(),
            mark: Timestamp::default(),
            narration: None,
            told: narration::Told::default(),
            pictures: Pictures::default(),
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

    /// Sets the duration of random faults in seconds, overriding the scenario.
    pub fn set_random_faults_duration(&mut self, seconds: f64) {
        self.random_faults_for_s = Some(seconds);
    }

    /// Applies a request of the user.
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

    /// Must be called when time has passed or the model has changed.
    pub fn handle(&mut self, now: Timestamp, model: &Model) {
        self.clock.pass(now);
        self.now = now;
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
        self.hold_pictures(model, &[]);
        // Each iteration ends a phase; a step that goes back to itself lets the model catch up in between.
        for _ in 0..=self.steps.len() {
            if !self.go_on(now, model) {
                self.tell(now, model);
                return;
            }
        }
        self.wake_at(Some(now + LATER));
    }

    /// Returns the next command to carry out.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// Returns when [`Self::handle`] must be called at the latest, even if the model does not change.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timeout
    }

    /// Returns its state.
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

    /// Returns the steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the position of the step that was carried out last or, before that, of the first step.
    #[must_use]
    pub fn position(&self) -> usize {
        self.narration.unwrap_or(0)
    }

    /// Returns the step that is being waited for, if any.
    #[must_use]
    pub fn awaited(&self) -> Option<&Step> {
        match self.phase {
            Phase::Waiting(_) => self.steps.get(self.turn),
            Phase::Expecting { .. } | Phase::Over => None,
        }
    }

    /// Returns the expectations of the step that is being carried out, with their decisions.
    #[must_use]
    pub fn expected(&self) -> &[Expected] {
        match &self.phase {
            Phase::Expecting { expected, .. } => expected,
            Phase::Waiting(_) | Phase::Over => &[],
        }
    }

    /// Returns the records of the steps so far.
    #[must_use]
    pub fn step_records(&self) -> &[StepRecord] {
        self.records.steps()
    }

    /// Returns the failures so far.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        self.records.failures()
    }

    /// Returns the speed of the story clock.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.clock.speed()
    }

    /// Aborts the play as failed.
    pub fn give_up(&mut self, at: Timestamp, why: String) {
        self.fail(at, FailureKind::GivenUp { why });
    }

    fn fail(&mut self, at: Timestamp, what: FailureKind) {
        self.records.fail(at, self.turn, &self.steps, what);
        self.phase = Phase::Over;
    }

    /// Ends the phase if it is over. Returns whether it was.
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
            Some(when) => self.context(model).evaluate(when).verdict,
            None => Verdict::Holds,
        };
        let verdict = match verdict {
            Verdict::Holds if self.is_between_pictures(step, model) => Verdict::NotYet,
            verdict => verdict,
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

    /// Returns when a step that became the current one at `since` is due, on the story clock.
    fn due(step: &Step, since: Duration) -> Duration {
        let after = step
            .after_s
            .map_or(Duration::ZERO, |seconds| since + duration(seconds));
        step.at_s.map_or(after, |seconds| after.max(duration(seconds)))
    }

    /// Carries out the current step.
    fn begin(&mut self, now: Timestamp, model: &Model) {
        self.mark = now;
        self.tally.mark(now);
        self.narration = Some(self.turn);
        self.records.begin(now, self.turn, &self.steps);
        self.bind_pictures(model);
        self.begin_to_tell(now);
        self.act(now, model);
        let expected = self.steps.get(self.turn).map(|step| {
            let expected = step.expect.iter().cloned();
            expected.map(Expected::new).collect()
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
        // Commands take effect through the model: what holds at this very instant held before.
        let acted_just_now = now == begun;
        if acted_just_now && !expected.is_empty() {
            self.wake_at(Some(now + LATER));
            self.phase = Phase::Expecting { begun, expected };
            return false;
        }
        let context = self.context(model).expecting();
        let open = expected.iter_mut().filter(|expected| expected.decision.is_none());
        let look_at = open.filter_map(|expected| expected.watch(&context, begun)).min();
        self.wake_at(look_at);
        if expected.iter().any(|expected| expected.decision.is_none()) {
            self.phase = Phase::Expecting { begun, expected };
            return false;
        }
        self.records.end(now, self.turn, &self.steps, expected);
        self.pictures_have_decided(model);
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
            now: self.now,
            mark: self.mark,
            chosen: &self.chosen,
            tally: &self.tally,
            pictures: &self.pictures,
            expecting: false,
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

/// Converts seconds of a scenario, which have been range-checked.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds)
        .unwrap_or_default()
        .min(LONGEST)
}

/// Converts a duration for reports.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
