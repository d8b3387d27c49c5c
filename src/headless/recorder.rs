//! Records what happens while a scenario is played: the model keeps only the latest events, this keeps all, within
//! bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use feed::{SessionId, Timestamp};

use crate::headless::note::{Beginning, Ended, Note};
use crate::headless::report::{
    FailoverReport, MessageCount, ProblemReport, ProofReport, RoundReport, StartReport, TakeoverReport,
};
use crate::headless::resources::Resources;
use model::{
    Component, ComponentId, Ending, Failover, HeldPicture, Model, PictureCount, ProcessState, Severity,
    Takeover,
};
use play::{Failure, FailureKind, Play, PlayState, StepRecord};
use wire::RegistrarIdentifier;

/// Records what happens.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    beginning: Beginning,
    over: Over,
    failovers: Vec<FailoverReport>,
    /// Failovers that have been recorded and are still in the model.
    noted_failovers: BTreeSet<FailoverName>,
    abandoned: BTreeSet<FailoverName>,
    takeovers: BTreeMap<(RegistrarIdentifier, Timestamp), TakeoverReport>,
    lives: BTreeMap<u32, Life>,
    messages: BTreeMap<String, MessageCount>,
    next_message: u64,
    problems: Vec<ProblemReport>,
    problems_until: Timestamp,
    problems_at_end: BTreeSet<String>,
    pictures: BTreeMap<ComponentId, PictureCount>,
    proofs: Vec<ProofReport>,
    /// The pictures whose comparison has been recorded while they are kept.
    proven: BTreeSet<(ComponentId, u32)>,
    resources: Resources,
    bad_ends: Vec<Failure>,
}

/// What was known when the play was over.
#[derive(Debug, Default)]
struct Over {
    duration: Duration,
    interrupted: Option<String>,
    met: bool,
    steps: Vec<StepRecord>,
    failures: Vec<Failure>,
}

/// Identifies a failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct FailoverName {
    user: ComponentId,
    session: SessionId,
    detected: Timestamp,
}

/// The life of one process.
#[derive(Debug)]
struct Life {
    name: String,
    since: Timestamp,
    hello_ms: Option<f64>,
    ready_ms: Option<f64>,
}

impl Recorder {
    /// The maximum number of entries of each kind.
    const ENTRIES: usize = 100_000;
    /// The maximum number of message names that are counted separately.
    const NAMES: usize = 500;

    /// Takes a note, with the state at that time.
    pub(super) fn take(&mut self, note: Note, model: &Model, play: Option<&Play>) {
        match note {
            Note::Begun(beginning) => self.beginning = beginning,
            Note::Observed(now) => self.observe(now, model),
            Note::Sampled { at, name, pid, usage } => self.resources.sample(at, &name, pid, usage),
            Note::Over {
                duration,
                interrupted,
            } => {
                self.over = Over {
                    duration,
                    interrupted,
                    met: play.is_some_and(|play| play.state() == PlayState::Succeeded),
                    steps: play.map_or_else(Vec::new, |play| play.step_records().to_vec()),
                    failures: play.map_or_else(Vec::new, |play| play.failures().to_vec()),
                };
            }
            Note::Digest(_) | Note::Ended(_) => {}
        }
    }

    /// Returns the signal that interrupted it, if one did.
    pub(super) fn interrupted(&self) -> Option<String> {
        self.over.interrupted.clone()
    }

    /// Returns the processes that there were.
    pub(super) fn processes(&self) -> impl Iterator<Item = u32> {
        self.lives.keys().copied()
    }

    /// Records what is new in the model.
    fn observe(&mut self, now: Timestamp, model: &Model) {
        for component in model.components.values() {
            self.observe_life(now, component);
            self.observe_pictures(component);
            self.observe_proof(model, component);
            for failover in &component.failovers {
                self.observe_failover(model, component, failover);
            }
        }
        let there = |key: &FailoverName| {
            model.components.get(&key.user).is_some_and(|user| {
                user.failovers
                    .iter()
                    .any(|failover| failover.detected == key.detected)
            })
        };
        if self.noted_failovers.len() > 4_096 {
            self.noted_failovers.retain(there);
        }
        for takeover in &model.takeovers {
            self.observe_takeover(model, takeover);
        }
        self.observe_messages(model);
        self.observe_problems(model);
    }

    fn observe_life(&mut self, now: Timestamp, component: &Component) {
        let (Some(pid), Some(since)) = (component.process.pid(), component.process.since()) else {
            return;
        };
        if self.lives.len() >= Self::ENTRIES && !self.lives.contains_key(&pid) {
            return;
        }
        let life = self.lives.entry(pid).or_insert_with(|| Life {
            name: component.name.clone(),
            since,
            hello_ms: None,
            ready_ms: None,
        });
        if life.since != since {
            return;
        }
        let elapsed_ms = milliseconds(now - since);
        if !matches!(component.process, ProcessState::Starting { .. }) {
            life.hello_ms.get_or_insert(elapsed_ms);
        }
        if component.ready {
            life.ready_ms.get_or_insert(elapsed_ms);
        }
    }

    fn observe_pictures(&mut self, component: &Component) {
        let known = self.pictures.contains_key(&component.id);
        let any = component.pictures != PictureCount::default();
        if known || (any && self.pictures.len() < Self::ENTRIES) {
            self.pictures.insert(component.id, component.pictures);
        }
    }

    fn observe_proof(&mut self, model: &Model, user: &Component) {
        let held = user.held.as_ref();
        let comparison = held.and_then(HeldPicture::comparison);
        let (Some(canvas), Some(comparison)) = (user.held_canvas(), comparison) else {
            // The next picture may have the same number, in another life of the pool user.
            self.proven.retain(|(id, _)| *id != user.id);
            return;
        };
        if self.proofs.len() >= Self::ENTRIES || !self.proven.insert((user.id, canvas.image)) {
            return;
        }
        let mut computed_by = BTreeMap::new();
        for (number, identifier) in (1..=u8::MAX).zip(&canvas.pool_elements) {
            let pixels = canvas.computed_by.iter().filter(|by| **by == number).count();
            *computed_by
                .entry(model.pool_element_name(*identifier))
                .or_default() += pixels as u64;
        }
        self.proofs.push(ProofReport {
            user: user.name.clone(),
            picture: canvas.image,
            pixels: comparison.pixels,
            equal: comparison.equal(),
            wrong: comparison.wrong,
            missing: comparison.missing,
            first: comparison.first,
            computed_by,
        });
    }

    fn observe_failover(&mut self, model: &Model, user: &Component, failover: &Failover) {
        let key = FailoverName {
            user: user.id,
            session: failover.session,
            detected: failover.detected,
        };
        if failover.abandoned {
            if self.abandoned.len() < Self::ENTRIES {
                self.abandoned.insert(key);
            }
            return;
        }
        let (Some(first_data), Some(gap)) = (failover.first_data, failover.gap()) else {
            return;
        };
        if self.failovers.len() >= Self::ENTRIES || !self.noted_failovers.insert(key) {
            return;
        }
        let ms = |from: Timestamp, to: Timestamp| milliseconds(to - from);
        let after = |from: Option<Timestamp>, to: Option<Timestamp>| Some(ms(from?, to?));
        self.failovers.push(FailoverReport {
            at: failover.began(),
            user: user.name.clone(),
            session: failover.session,
            from: Some(model.pool_element_name(failover.from.pe_identifier)),
            to: failover.to.map(|to| model.pool_element_name(to.pe_identifier)),
            reason: failover.reason.clone(),
            fault: failover
                .fault
                .as_ref()
                .map(|injected| injected.fault.word().to_owned()),
            gap_ms: milliseconds(gap),
            detection_ms: ms(failover.began(), failover.detected),
            resolution_ms: after(Some(failover.detected), failover.resolved),
            connection_ms: after(failover.resolved, failover.connected),
            cookie_echoed: failover.cookie_echoed.is_some(),
            first_data_ms: after(failover.connected, Some(first_data)),
        });
    }

    fn observe_takeover(&mut self, model: &Model, takeover: &Takeover) {
        let Some((initiator, view)) = takeover.initiator() else {
            return;
        };
        let (Some(initiated), began) = (view.initiated, takeover.began()) else {
            return;
        };
        let key = (takeover.target, initiated.at);
        if self.takeovers.len() >= Self::ENTRIES && !self.takeovers.contains_key(&key) {
            return;
        }
        let ms = |at: Option<Timestamp>| at.map(|at| milliseconds(at - began));
        let report = TakeoverReport {
            at: began,
            target: model.registrar_name(takeover.target),
            by: model
                .components
                .get(&initiator)
                .map(|component| component.name.clone()),
            fault: takeover
                .fault
                .as_ref()
                .map(|injected| injected.fault.word().to_owned()),
            suspected_ms: ms(view.suspected),
            initiated_ms: ms(Some(initiated.at)),
            acknowledged_ms: ms(view.acknowledgements.last().map(|last| last.at)),
            won_ms: ms(view.won.map(|won| won.at)),
            complete_ms: takeover.duration().map(milliseconds),
            pool_elements: view.pool_elements(),
            adopted: view.adopted(),
        };
        self.takeovers.insert(key, report);
    }

    fn observe_messages(&mut self, model: &Model) {
        let log = &model.messages;
        let from = std::mem::replace(&mut self.next_message, log.next_number);
        let new = usize::try_from(log.next_number.saturating_sub(from)).unwrap_or(usize::MAX);
        let records = &log.records;
        for record in records.range(records.len() - new.min(records.len())..) {
            let known = self.messages.contains_key(&record.name) || self.messages.len() < Self::NAMES;
            let name = if known { record.name.as_str() } else { "others" };
            let count = match self.messages.get_mut(name) {
                Some(count) => count,
                None => self.messages.entry(name.to_owned()).or_default(),
            };
            count.messages += 1;
            count.bytes += u64::from(record.size);
        }
    }

    fn observe_problems(&mut self, model: &Model) {
        let entries = model.timeline.entries.iter().rev();
        let news = entries.take_while(|entry| entry.at >= self.problems_until);
        let mut new = Vec::new();
        let mut until = self.problems_until;
        for entry in news {
            until = until.max(entry.at);
            let told_before = entry.at == self.problems_until && self.problems_at_end.contains(&entry.text);
            if entry.severity == Severity::Problem && !told_before {
                new.push((entry.at, entry.text.clone()));
            }
        }
        if until > self.problems_until {
            self.problems_until = until;
            self.problems_at_end.clear();
        }
        for (at, what) in new.into_iter().rev() {
            if at == until {
                self.problems_at_end.insert(what.clone());
            }
            if self.problems.len() < 1_000 {
                self.problems.push(ProblemReport { at, what });
            }
        }
    }

    /// Records how processes ended that were asked to stop: a pool user's exit status shows whether one of its
    /// pictures has a wrong pixel.
    fn observe_ends(&mut self, model: &Model) {
        for component in model.components.values() {
            if let ProcessState::Ended {
                ending: Ending::Crashed { why },
                at,
                ..
            } = &component.process
            {
                self.bad_ends.push(Failure {
                    at: *at,
                    step: "the end".into(),
                    what: FailureKind::EndedBadly {
                        component: component.name.clone(),
                        why: why.clone(),
                    },
                });
            }
        }
    }

    /// Returns the report, once all processes should have ended.
    pub(super) fn report(mut self, ended: &Ended, model: &Model) -> RoundReport {
        self.observe_ends(model);
        let met = self.over.met && self.bad_ends.is_empty();
        let mut failures = self.over.failures;
        failures.extend(self.bad_ends);
        let sum = |of: fn(&PictureCount) -> u64| self.pictures.values().map(of).fold(0, u64::saturating_add);
        let starts = self.lives.into_values().map(|life| StartReport {
            name: life.name,
            at: life.since,
            hello_ms: life.hello_ms,
            ready_ms: life.ready_ms,
        });
        let mut starts: Vec<_> = starts.collect();
        starts.sort_by_key(|start| start.at);
        RoundReport {
            seed: self.beginning.seed,
            met: met && ended.orphans.is_empty(),
            duration_s: self.over.duration.as_secs_f64(),
            steps: self.over.steps,
            failures,
            failovers: self.failovers,
            abandoned_failovers: self.abandoned.len() as u64,
            takeovers: self.takeovers.into_values().collect(),
            starts,
            proofs: self.proofs,
            pictures: sum(|pictures| pictures.complete.saturating_add(pictures.incomplete)),
            incomplete_pictures: sum(|pictures| pictures.incomplete),
            missing_pixels: sum(|pictures| pictures.missing),
            verified_pictures: sum(|pictures| pictures.verified),
            wrong_pixels: sum(|pictures| pictures.wrong),
            messages: self.messages,
            processes: self.resources.report(),
            orphans: ended.orphans.clone(),
            problems: self.problems,
        }
        .by(ended.wall_clock())
    }
}

/// Converts a duration for reports.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
