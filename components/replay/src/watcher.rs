//! Finds what is worth a mark on the time line.

use std::collections::{BTreeMap, BTreeSet};

use chronicle::{Condition, Highlight, HighlightKind, Phase};
use feed::{Event, Frame, Timestamp};
use model::{
    Change, Component, ComponentId, Ending, FailoverKey, Model, ProcessState, Severity, Update, words,
};
use play::Play;
use wire::RegistrarIdentifier;

/// Watches a control centre. It is shown every update before it is applied, and the state afterwards.
#[derive(Debug, Default)]
pub struct Watcher {
    known: BTreeMap<ComponentId, Known>,
    /// Failovers that have not ended yet.
    failovers: BTreeSet<(ComponentId, FailoverKey)>,
    /// The keys up to which failovers have been seen.
    seen: BTreeMap<ComponentId, FailoverKey>,
    /// The takeovers whose end has been noted.
    takeovers: BTreeSet<(RegistrarIdentifier, Timestamp)>,
    /// Whether it has been told that packets are missing since they are the kernel's.
    knows_kernel: bool,
    /// The revision of the model that was observed last.
    revision: Option<u64>,
    /// The number of steps that have begun, and of those whose expectations were decided.
    begun: usize,
    decided: usize,
    found: Vec<Highlight>,
}

#[derive(Debug, PartialEq)]
struct Known {
    name: String,
    condition: Condition,
}

impl Watcher {
    /// Looks at an update that is about to be applied.
    pub fn update(&mut self, model: &Model, update: &Update) {
        match update {
            Update::Component {
                component,
                at,
                change,
            } => {
                let done = match change {
                    Change::Fault(fault) | Change::LinkFault { fault, .. } => fault.done(),
                    Change::Feed(frame) => return self.told(frame),
                    _ => return,
                };
                if let Change::LinkFault { impairment, .. } = change
                    && impairment.is_none()
                {
                    return;
                }
                let name = model
                    .components
                    .get(component)
                    .map_or("", |component| &component.name);
                let done = format!("{name} {done}");
                self.push(*at, Some(*component), HighlightKind::Fault { done });
            }
            Update::Notice {
                at,
                severity: Severity::Problem,
                text,
            } => self.push(*at, None, HighlightKind::Problem { text: text.clone() }),
            Update::Slept { at, duration, .. } => {
                let text = "this program did not run".to_owned();
                let since = *at - *duration;
                self.push(*at, None, HighlightKind::Gap { since, text });
            }
            Update::Notice { .. } | Update::Report { .. } | Update::ReportsDue { .. } => {}
        }
    }

    /// No program sees the packets of the kernel's SCTP.
    fn told(&mut self, frame: &Frame) {
        if let Event::Hello { transport, .. } = &frame.stamped.event
            && transport == "kernel"
            && !std::mem::replace(&mut self.knows_kernel, true)
        {
            let since = frame.stamped.at;
            let text = "the packets of components on the kernel's SCTP, only their messages";
            let text = text.to_owned();
            self.push(since, None, HighlightKind::Gap { since, text });
        }
    }

    /// Looks at the state. Returns what was found since the last call.
    pub fn observe(&mut self, now: Timestamp, model: &Model, play: Option<&Play>) -> Vec<Highlight> {
        if self.revision != Some(model.revision) {
            self.revision = Some(model.revision);
            self.components(now, model);
            self.failovers(model);
            self.takeovers(model);
        }
        self.steps(play);
        std::mem::take(&mut self.found)
    }

    fn push(&mut self, at: Timestamp, component: Option<ComponentId>, kind: HighlightKind) {
        self.found.push(Highlight { at, component, kind });
    }

    fn components(&mut self, now: Timestamp, model: &Model) {
        for (id, component) in &model.components {
            let condition = condition(component);
            let before = self.known.get(id);
            if before.is_none_or(|before| before.name != component.name) {
                let kind = HighlightKind::Named {
                    name: component.name.clone(),
                    role: component.role(),
                    colour: component.colour,
                };
                self.found.push(Highlight {
                    at: now,
                    component: Some(*id),
                    kind,
                });
            }
            if before.is_none_or(|before| before.condition != condition) {
                let at = since(component, condition).unwrap_or(now);
                if condition == Condition::Failed {
                    let text = component
                        .trouble()
                        .map(|trouble| format!("{}: {trouble}", component.name));
                    if let Some(text) = text {
                        let kind = HighlightKind::Problem { text };
                        self.found.push(Highlight {
                            at,
                            component: Some(*id),
                            kind,
                        });
                    }
                }
                let kind = HighlightKind::Condition(condition);
                self.found.push(Highlight {
                    at,
                    component: Some(*id),
                    kind,
                });
                let name = component.name.clone();
                self.known.insert(*id, Known { name, condition });
            }
        }
        if self.known.len() > model.components.len() {
            let gone: Vec<ComponentId> = self
                .known
                .keys()
                .filter(|id| !model.components.contains_key(id))
                .copied()
                .collect();
            for id in gone {
                self.known.remove(&id);
                self.seen.remove(&id);
                self.push(now, Some(id), HighlightKind::Condition(Condition::Removed));
            }
        }
    }

    fn failovers(&mut self, model: &Model) {
        for (id, user) in &model.components {
            for failover in &user.failovers {
                let name = (*id, failover.key);
                let new = self.seen.get(id).is_none_or(|seen| *seen < failover.key);
                if new {
                    self.seen.insert(*id, failover.key);
                    self.failovers.insert(name);
                    self.found.push(Highlight {
                        at: failover.detected,
                        component: Some(*id),
                        kind: HighlightKind::Detection {
                            text: format!("{} leaves its pool element: {}", user.name, failover.reason),
                        },
                    });
                }
                if failover.is_under_way() || !self.failovers.remove(&name) {
                    continue;
                }
                let gap = failover.gap().map(words::duration);
                let text = match &gap {
                    Some(gap) => format!("{} failed over within {gap}", user.name),
                    None => format!("{} did not fail over", user.name),
                };
                self.found.push(Highlight {
                    at: failover.first_data.unwrap_or(failover.detected),
                    component: Some(*id),
                    kind: HighlightKind::Recovery {
                        takeover: false,
                        // After a clean stop, the gap begins later.
                        fault_at: failover.fault.as_ref().map(|_| failover.began()),
                        detected: failover.detected,
                        succeeded: failover.first_data.is_some(),
                        phases: phases([
                            ("detection", Some(failover.detected)),
                            ("handle resolution", failover.resolved),
                            ("connection", failover.connected),
                            ("first data", failover.first_data),
                        ]),
                        text,
                    },
                });
            }
        }
        self.failovers.retain(|(id, key)| {
            model
                .components
                .get(id)
                .is_some_and(|user| user.failover(*key).is_some())
        });
    }

    fn takeovers(&mut self, model: &Model) {
        for takeover in &model.takeovers {
            let name = (takeover.target, takeover.began());
            if takeover.is_under_way() || !self.takeovers.insert(name) {
                continue;
            }
            let target = takeover
                .target_component
                .and_then(|id| model.components.get(&id))
                .map_or_else(|| format!("PR {}", takeover.target), |target| target.name.clone());
            let initiator = takeover.initiator();
            let name = initiator
                .and_then(|(id, _)| model.components.get(&id))
                .map_or("a registrar", |component| &component.name);
            let view = initiator.map(|(_, view)| view);
            let completed = takeover.completed();
            let text = match takeover.duration() {
                Some(duration) if completed.is_some() => {
                    format!(
                        "{name} took over from {target} within {}",
                        words::duration(duration)
                    )
                }
                _ => format!("{name} did not take over from {target}"),
            };
            let end = takeover
                .views
                .values()
                .filter_map(|view| view.end)
                .map(|end| end.at)
                .max();
            self.found.push(Highlight {
                at: completed.or(end).unwrap_or_else(|| takeover.began()),
                component: initiator.map(|(id, _)| id),
                kind: HighlightKind::Recovery {
                    takeover: true,
                    fault_at: takeover.fault.as_ref().map(|fault| fault.at),
                    detected: takeover.began(),
                    succeeded: completed.is_some(),
                    phases: phases([
                        ("suspicion", view.and_then(|view| view.suspected)),
                        (
                            "no sign of life",
                            view.and_then(|view| view.initiated).map(|it| it.at),
                        ),
                        ("agreement", view.and_then(|view| view.won).map(|won| won.at)),
                        ("adoption", completed),
                    ]),
                    text,
                },
            });
        }
        if self.takeovers.len() > 2 * model.takeovers.len() {
            let kept: BTreeSet<_> = model.takeovers.iter().map(|it| (it.target, it.began())).collect();
            self.takeovers.retain(|name| kept.contains(name));
        }
    }

    fn steps(&mut self, play: Option<&Play>) {
        let records = play.map(Play::step_records).unwrap_or_default();
        if records.len() < self.begun {
            // Another play.
            self.begun = 0;
            self.decided = 0;
        }
        for record in records.iter().skip(self.begun) {
            self.begun += 1;
            let (position, text) = (record.step, record.name.clone());
            self.push(record.begun, None, HighlightKind::Step { position, text });
        }
        for record in records
            .iter()
            .skip(self.decided)
            .take_while(|record| record.over.is_some())
        {
            self.decided += 1;
            for expectation in &record.expectations {
                let kind = HighlightKind::Expectation {
                    met: expectation.decision.met,
                    text: expectation.to_string(),
                };
                self.push(expectation.decision.at, None, kind);
            }
        }
    }
}

/// Returns the phases whose end was reached.
fn phases<const N: usize>(ends: [(&str, Option<Timestamp>); N]) -> Vec<Phase> {
    let reached = ends.into_iter().filter_map(|(name, end)| {
        let name = name.to_owned();
        Some(Phase { name, end: end? })
    });
    reached.collect()
}

/// Returns the condition of a component.
fn condition(component: &Component) -> Condition {
    match &component.process {
        ProcessState::Pending => Condition::Stopped,
        ProcessState::Starting { .. } => Condition::Starting,
        ProcessState::Frozen { .. } => Condition::Frozen,
        ProcessState::Stopping { .. } => Condition::Stopping,
        ProcessState::Ended { ending, .. } => match ending {
            Ending::Clean => Condition::Stopped,
            Ending::Killed | Ending::Crashed { .. } | Ending::NotStarted { .. } => Condition::Failed,
        },
        ProcessState::Running { .. } if component.silence.is_some() => Condition::Silent,
        ProcessState::Running { .. } if component.is_unplugged() => Condition::Unplugged,
        ProcessState::Running { .. } if component.ready => Condition::Ready,
        ProcessState::Running { .. } => Condition::NotReady,
    }
}

/// Returns since when a component has been in a condition, if it says so.
fn since(component: &Component, condition: Condition) -> Option<Timestamp> {
    match (&component.process, condition) {
        (ProcessState::Starting { since, .. }, _) => Some(*since),
        (ProcessState::Frozen { frozen, .. }, _) => Some(*frozen),
        (ProcessState::Ended { at, .. }, _) => Some(*at),
        (_, Condition::Silent) => component.silence.map(|silence| silence.since),
        _ => None,
    }
}
