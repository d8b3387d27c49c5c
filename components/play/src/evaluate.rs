//! Evaluates conditions.

use std::collections::{BTreeMap, BTreeSet};

use feed::{ComponentRole, Protocol, Timestamp};

use crate::milliseconds;
use crate::pictures::Pictures;
use crate::policy_change::{members, name_of};
use crate::record::PixelProof;
use crate::select::runs;
use crate::tally::Tally;
use model::{
    Completed, Component, ComponentId, Ending, Failover, HeldPicture, Model, ProcessState, Takeover, words,
};
use scenario::{Condition, PoolHasPolicy, ProtocolWord, RoleFilter, StateWord, Who};
use wire::parameter::Policy;

/// What conditions are evaluated against.
pub(super) struct EvaluationContext<'a> {
    pub(super) model: &'a Model,
    pub(super) now: Timestamp,
    /// Only events from here on count.
    pub(super) mark: Timestamp,
    pub(super) chosen: &'a BTreeMap<String, Vec<ComponentId>>,
    pub(super) tally: &'a Tally,
    pub(super) pictures: &'a Pictures,
    /// Whether the condition is expected of a step, rather than waited for.
    pub(super) expecting: bool,
    pub(super) random_faults_over: bool,
}

/// The result of evaluating a condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// The measured figure in milliseconds, if the condition has one.
    pub(super) measured_ms: Option<f64>,
    /// The comparison of pictures, if the condition is about pictures and they have been compared.
    pub(super) pixels: Option<PixelProof>,
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It holds.
    Holds,
    /// It does not hold now.
    NotYet,
    /// It does not hold and never will: a figure exceeds its bound.
    Broken,
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::NotYet }
    }
}

impl EvaluationContext<'_> {
    /// Returns the context for conditions that are expected of a step.
    pub(super) fn expecting(self) -> Self {
        Self {
            expecting: true,
            ..self
        }
    }

    /// Evaluates a condition.
    pub(super) fn evaluate(&self, condition: &Condition) -> Outcome {
        let plain = Outcome::from;
        match condition {
            Condition::All(list) => self.several(list, Verdict::NotYet, Verdict::Broken, Verdict::Holds),
            Condition::Any(list) => self.several(list, Verdict::NotYet, Verdict::Holds, Verdict::Broken),
            Condition::Not(part) => plain(match self.evaluate(part).verdict {
                Verdict::Holds => Verdict::NotYet,
                Verdict::NotYet | Verdict::Broken => Verdict::Holds,
            }),
            Condition::FailoverGap {
                of,
                below_ms,
                at_least,
            } => {
                let gaps = self
                    .failovers(of)
                    .filter_map(|failover| failover.gap().map(milliseconds));
                below(gaps, *below_ms, at_least.unwrap_or(1))
            }
            Condition::DetectionTime { of, below_ms } => {
                let times = self
                    .failovers(of)
                    .map(|failover| milliseconds(failover.detected - failover.began()));
                below(times, *below_ms, 1)
            }
            Condition::TakeoverTime { of, below_ms } => below(self.takeovers(of).into_iter(), *below_ms, 1),
            Condition::ImagesComplete { of, at_least } => self.images_complete(of, at_least.unwrap_or(1)),
            other => plain(self.holds(other).into()),
        }
    }

    /// Returns the parts of a condition that do not hold, in words.
    pub(super) fn missing(&self, condition: &Condition) -> Vec<String> {
        if self.evaluate(condition).verdict == Verdict::Holds {
            return Vec::new();
        }
        match condition {
            Condition::All(parts) => parts.iter().flat_map(|part| self.missing(part)).collect(),
            other => vec![other.to_string()],
        }
    }

    fn several(&self, list: &[Condition], open: Verdict, decisive: Verdict, otherwise: Verdict) -> Outcome {
        let mut whole = Outcome::from(otherwise);
        for part in list {
            let part = self.evaluate(part);
            let figures = [whole.measured_ms, part.measured_ms].into_iter().flatten();
            whole.measured_ms = figures.reduce(f64::max);
            whole.pixels = whole.pixels.or(part.pixels);
            if part.verdict == decisive {
                whole.verdict = decisive;
            } else if part.verdict == open && whole.verdict != decisive {
                whole.verdict = open;
            }
        }
        whole
    }

    /// Evaluates whether the pictures that are kept are complete and equal to what was computed here, and enough
    /// pictures have been completed.
    fn images_complete(&self, of: &Who, at_least: u32) -> Outcome {
        let users = self.select(of);
        let enough = |user: &Component| self.tally.pictures(user.id) >= at_least.into();
        let (mut equal, mut all, mut wrong) = (0, 0, Vec::new());
        let (mut compared, mut whole) = (true, !users.is_empty());
        for user in users {
            if !self.pictures.are_bound(user) {
                whole &= enough(user);
                continue;
            }
            let held = user.held.as_ref();
            let Some(comparison) = held.and_then(HeldPicture::comparison) else {
                compared = false;
                continue;
            };
            equal += comparison.equal();
            all += comparison.pixels;
            whole &= at_least == 1 || enough(user);
            if !comparison.is_equal() {
                wrong.push(format!("{}: {}", user.name, comparison.in_words()));
            }
        }
        let verdict = match (wrong.is_empty(), compared && whole) {
            (false, _) => Verdict::Broken,
            (true, true) => Verdict::Holds,
            (true, false) => Verdict::NotYet,
        };
        let words = if wrong.is_empty() {
            format!("{} of {} pixels equal", words::count(equal), words::count(all))
        } else {
            wrong.join("; ")
        };
        Outcome {
            verdict,
            measured_ms: None,
            pixels: (all > 0).then_some(PixelProof {
                equal,
                of: all,
                words,
            }),
        }
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Ready(who) => self.each(who, |component| {
                component.ready && matches!(component.process, ProcessState::Running { .. })
            }),
            Condition::State { of, is } => self.each(of, |component| has_state(component, *is)),
            Condition::Registered { of, with } => {
                let owners = with.as_ref().map(|with| self.ids(with));
                self.each(of, |element| {
                    self.owner(element)
                        .is_some_and(|owner| owners.as_ref().is_none_or(|owners| owners.contains(&owner.id)))
                })
            }
            Condition::Associations {
                of,
                protocol,
                at_least,
                at_most,
            } => {
                let ids = of.as_ref().map(|of| self.ids(of));
                let counted = self.model.associations.values().filter(|association| {
                    let ends = association.ends.iter().flatten();
                    protocol.is_none_or(|protocol| is_for(association.protocol, protocol))
                        && ids
                            .as_ref()
                            .is_none_or(|ids| ends.into_iter().any(|end| ids.contains(end)))
                });
                let count = u32::try_from(counted.count()).unwrap_or(u32::MAX);
                within(count, *at_least, *at_most)
            }
            Condition::Load {
                of,
                at_least,
                at_most,
            } => self.each(of, |element| {
                element
                    .load
                    .is_some_and(|load| within(load.load * 100.0, *at_least, *at_most))
            }),
            Condition::Sessions {
                of,
                at_least,
                at_most,
            } => {
                let loads = self.select(of).into_iter().filter_map(|element| element.load);
                let sessions = loads.fold(0_u32, |sum, load| sum.saturating_add(load.sessions));
                within(sessions, *at_least, *at_most)
            }
            Condition::ImageProgress {
                of,
                at_least,
                at_most,
            } => self.each(of, |user| {
                let canvas = if self.expecting && self.pictures.are_bound(user) {
                    user.held_canvas()
                } else {
                    user.canvas.as_ref()
                };
                canvas.is_some_and(|canvas| {
                    let pixels = f64::from(canvas.width * canvas.height).max(1.0);
                    within(f64::from(canvas.done) * 100.0 / pixels, *at_least, *at_most)
                })
            }),
            Condition::ServedBy { of, by } => {
                let servers = by.as_ref().map(|by| self.ids(by));
                self.each(of, |user| {
                    // Between two pictures it has no session, and misses none.
                    let served = match user.canvas.as_ref().and_then(|canvas| canvas.completed) {
                        Some(Completed { missing: 0, .. }) => &user.served_before,
                        _ => &user.served,
                    };
                    user.process.is_alive()
                        && !served.is_empty()
                        && !user.failovers.iter().any(Failover::is_under_way)
                        && served.values().all(|served| {
                            servers.as_ref().is_none_or(|servers| {
                                served.component.is_some_and(|server| servers.contains(&server))
                            })
                        })
                })
            }
            Condition::FailoverComplete { of, at_least } => {
                let complete = self
                    .failovers(of)
                    .filter(|failover| failover.first_data.is_some());
                complete.count() >= at_least.unwrap_or(1) as usize
            }
            Condition::FailureNoticed { of, by } => {
                let mut signs = self.failovers(of).map(|failover| failover.sign).peekable();
                signs.peek().is_some() && signs.all(|sign| sign == Some(*by))
            }
            Condition::SessionsMoved { from } => {
                let left = self.ids(from);
                self.failovers(&None)
                    .filter(|failover| failover.first_data.is_some())
                    .any(|failover| failover.from.component.is_some_and(|id| left.contains(&id)))
            }
            Condition::ConsideredDead { of, by } => {
                let mut signs = self
                    .takeovers_since(of)
                    .filter_map(|takeover| takeover.sign(self.model))
                    .peekable();
                signs.peek().is_some() && signs.all(|sign| sign == *by)
            }
            Condition::TakeoverComplete { of } => !self.takeovers(of).is_empty(),
            Condition::MessageSeen {
                name,
                from,
                to,
                at_least,
            } => {
                let among = |who: &Option<Who>| who.as_ref().map(|who| self.ids(who));
                let (from, to) = (among(from), among(to));
                let is = |ids: &Option<BTreeSet<ComponentId>>, id: Option<ComponentId>| {
                    ids.as_ref()
                        .is_none_or(|ids| id.is_some_and(|id| ids.contains(&id)))
                };
                let seen = self.tally.messages(name, |id| is(&from, id), |id| is(&to, id));
                seen >= at_least.unwrap_or(1)
            }
            Condition::HandlespacesAgree { of, pool_elements } => self.agree(of, *pool_elements),
            Condition::Utilisation(wanted) => self.utilisation(wanted),
            Condition::HandlingSpeed(wanted) => self.handling_speed(wanted),
            Condition::Faster(wanted) => self.is_faster(wanted),
            Condition::WorkShare(wanted) => self.work_share(wanted),
            Condition::PoolPolicy(wanted) => self.has_policy(wanted),
            Condition::RandomFaultsOver => self.random_faults_over,
            // Handled by `evaluate`.
            Condition::All(_)
            | Condition::Any(_)
            | Condition::Not(_)
            | Condition::FailoverGap { .. }
            | Condition::DetectionTime { .. }
            | Condition::TakeoverTime { .. }
            | Condition::ImagesComplete { .. } => false,
        }
    }

    /// Returns whether something holds for all of these components, and there is at least one.
    fn each(&self, who: &Who, holds: impl Fn(&Component) -> bool) -> bool {
        let components = self.select(who);
        !components.is_empty() && components.into_iter().all(holds)
    }

    fn ids(&self, who: &Who) -> BTreeSet<ComponentId> {
        self.select(who)
            .into_iter()
            .map(|component| component.id)
            .collect()
    }

    /// Returns the failovers of these pool users, or of all, that began since the step.
    fn failovers(&self, of: &Option<Who>) -> impl Iterator<Item = &Failover> {
        let users = match of {
            Some(of) => self.select(of),
            None => self.select(&Who::Every(RoleFilter::PoolUser)),
        };
        let failovers = users.into_iter().flat_map(|user| user.failovers.iter());
        failovers.filter(|failover| failover.began() >= self.mark)
    }

    /// Returns the takeovers of these registrars, or of all, that began since the step.
    fn takeovers_since(&self, of: &Option<Who>) -> impl Iterator<Item = &Takeover> {
        let targets = of.as_ref().map(|of| self.ids(of));
        self.model.takeovers.iter().filter(move |takeover| {
            let target = takeover.target_component;
            takeover.began() >= self.mark
                && targets
                    .as_ref()
                    .is_none_or(|targets| target.is_some_and(|id| targets.contains(&id)))
        })
    }

    /// Returns the durations, in milliseconds, of those takeovers that completed.
    fn takeovers(&self, of: &Option<Who>) -> Vec<f64> {
        self.takeovers_since(of)
            .filter_map(|takeover| takeover.duration().map(milliseconds))
            .collect()
    }

    fn has_policy(&self, wanted: &PoolHasPolicy) -> bool {
        let to = wanted.is.policy_type();
        let mut elements = members(self.model, &wanted.pool)
            .filter(|element| runs(element))
            .peekable();
        let joined = elements.peek().is_some()
            && elements.all(|element| {
                let has = element.policy_data.as_ref().map(Policy::policy_type);
                element.ready && has == Some(to)
            });
        let to = to.to_string();
        let registrars = self.select(&Who::EveryRunning(RoleFilter::Registrar));
        joined
            && registrars.iter().all(|registrar| {
                let entries = registrar.entries.iter();
                let mut listed = entries
                    .filter(|entry| entry.pool_handle == wanted.pool)
                    .peekable();
                listed.peek().is_some() && listed.all(|entry| name_of(&entry.policy) == to)
            })
    }

    fn agree(&self, of: &Option<Who>, pool_elements: Option<u32>) -> bool {
        let registrars = match of {
            Some(of) => self.select(of),
            None => self.select(&Who::EveryRunning(RoleFilter::Registrar)),
        };
        let views = registrars.iter().map(|registrar| {
            let number = registrar.handlespace?.pool_elements;
            let entries = registrar.entries.iter();
            let entries: BTreeSet<_> = entries
                .map(|entry| (&entry.pool_handle, entry.pe_identifier, entry.home_registrar))
                .collect();
            let as_wanted = pool_elements.is_none_or(|wanted| wanted == number);
            (as_wanted && registrar.role() == ComponentRole::Registrar).then_some((number, entries))
        });
        let views: Option<Vec<_>> = views.collect();
        views.is_some_and(|views| !views.is_empty() && views.windows(2).all(|pair| pair[0] == pair[1]))
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            measured_ms: None,
            pixels: None,
        }
    }
}

/// Checks that there are enough figures, all below a bound. The measured figure is the largest one.
fn below(figures: impl Iterator<Item = f64>, bound: f64, at_least: u32) -> Outcome {
    let (mut number, mut largest) = (0, None);
    for figure in figures {
        number += 1;
        largest = Some(largest.map_or(figure, |largest: f64| largest.max(figure)));
    }
    let verdict = match largest {
        Some(largest) if largest >= bound => Verdict::Broken,
        _ => (number >= at_least).into(),
    };
    Outcome {
        measured_ms: largest,
        ..Outcome::from(verdict)
    }
}

pub(super) fn within<T: PartialOrd>(value: T, at_least: Option<T>, at_most: Option<T>) -> bool {
    at_least.is_none_or(|least| value >= least) && at_most.is_none_or(|most| value <= most)
}

fn is_for(protocol: Protocol, word: ProtocolWord) -> bool {
    match word {
        ProtocolWord::Asap => protocol == Protocol::Asap,
        ProtocolWord::Enrp => protocol == Protocol::Enrp,
        ProtocolWord::Application => protocol == Protocol::Application,
    }
}

fn has_state(component: &Component, state: StateWord) -> bool {
    match (&component.process, state) {
        (_, StateWord::Unplugged) => component.is_unplugged(),
        (_, StateWord::Impaired) => component
            .impairments
            .iter()
            .any(|(_, impairment)| !impairment.is_none()),
        (ProcessState::Starting { .. }, StateWord::Starting)
        | (ProcessState::Running { .. }, StateWord::Running)
        | (ProcessState::Frozen { .. }, StateWord::Frozen)
        | (ProcessState::Stopping { .. }, StateWord::Stopping) => true,
        (ProcessState::Ended { ending, .. }, _) => matches!(
            (ending, state),
            (Ending::Clean, StateWord::Stopped)
                | (Ending::Killed, StateWord::Killed)
                | (
                    Ending::Crashed { .. } | Ending::NotStarted { .. },
                    StateWord::Crashed
                )
        ),
        _ => false,
    }
}
