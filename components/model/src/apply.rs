//! How updates change the model.

use std::time::Duration;

use feed::{ComponentRole, Event, Timestamp};

use crate::component::Component;
use crate::timeline::Speaker;
use crate::{
    Change, ComponentId, Ending, Farewell, Fault, LogLine, Model, ProcessState, Severity, Silence,
    SystemState, Update,
};

/// The maximum number of links with an impairment that are kept per component.
pub(crate) const LINKS: usize = 500;
/// The maximum number of log lines that are kept per component.
pub(crate) const LOG_LINES: usize = 500;
/// The maximum size of a log line, in bytes: more than a supervisor passes on, but a recording may have any.
const LOG_LINE: usize = 16_000;

impl Model {
    /// Applies one update. Updates for components that have not been added, or have been removed, change nothing.
    pub fn apply(&mut self, update: Update) {
        let (speaker, at) = speaker(&update);
        self.timeline.listen_to(speaker, at);
        match update {
            Update::Notice { at, severity, text } => self.note(None, at, severity, |_| text),
            Update::Report { at, source, report } => {
                self.revision += 1;
                self.report(at, source, *report);
            }
            Update::Slept { at, duration, all } => {
                let who = if all {
                    "This computer slept"
                } else {
                    "Poolscope itself was stopped"
                };
                let duration = crate::words::lapse(duration);
                self.note(None, at, Severity::Normal, |_| format!("{who} for {duration}"));
            }
            Update::ReportsDue { at } => {
                self.revision += 1;
                self.forget_silent(at);
            }
            Update::Component {
                component,
                at,
                change: Change::Added { name, spec },
            } => {
                let colour = self.index.take_colour(spec.role());
                let component_added = Component::new(component, name, *spec, colour);
                self.history.added(&component_added);
                self.components.insert(component, component_added);
                self.generation += 1;
                self.revision += 1;
                self.note(Some(component), at, Severity::Normal, |name| {
                    format!("{name} was added")
                });
            }
            Update::Component {
                component,
                at,
                change: Change::Restored,
            } => self.restored(component, at),
            Update::Component {
                component,
                at,
                change,
            } => {
                if self.components.contains_key(&component) {
                    self.revision += u64::from(!is_traffic(&change));
                    self.change(component, at, change);
                }
            }
        }
    }

    fn change(&mut self, id: ComponentId, at: Timestamp, change: Change) {
        match change {
            Change::Added { .. } | Change::Restored => {}
            Change::Timers(timers) => {
                if let Some(component) = self.components.get_mut(&id) {
                    component.timers = Some(*timers);
                }
            }
            Change::Policy(policy) => {
                if let Some(component) = self.components.get_mut(&id) {
                    component.spec.args.set_policy(policy);
                }
            }
            Change::Removed => self.removed(id, at),
            Change::Spawned { pid } => self.spawned(id, at, pid),
            Change::Feed(frame) => self.feed(id, at, *frame),
            Change::LogLine(mut line) => {
                super::shorten(&mut line, LOG_LINE);
                if let Some(component) = self.components.get_mut(&id) {
                    if component.log.len() == LOG_LINES {
                        component.log.pop_front();
                    }
                    component.log.push_back(LogLine { at, text: line });
                    self.log_lines += 1;
                }
            }
            Change::Ended(ending) => self.ended(id, at, ending),
            Change::Silent { silence, system } => self.silent(id, at, silence, system),
            Change::Heard => self.heard(id, at),
            Change::Stopping | Change::Frozen | Change::Thawed => self.process_changed(id, at, &change),
            Change::Fault(fault) => {
                self.index.enter_fault(id, at, fault);
                self.history.fault(id, at, fault);
                self.note(Some(id), at, Severity::Fault, |name| {
                    format!("{name} {}", fault.done())
                });
            }
            Change::PictureHeld { next } => self.hold_picture(id, next),
            Change::PictureLetGo => {
                if let Some(component) = self.components.get_mut(&id) {
                    component.held = None;
                }
            }
            Change::PictureCompared { image, proof } => self.picture_compared(id, at, image, proof),
            Change::LinkFault {
                fault,
                target,
                impairment,
            } => self.link_fault(id, at, fault, (target, impairment)),
            Change::FeedBroken { why } => self.problem(id, at, format!("its feed makes no sense: {why}")),
            Change::Refused { why } => {
                self.note(Some(id), at, Severity::Problem, |name| format!("{name}: {why}"));
            }
            Change::LoadTold(load) => self.load_told(id, at, load),
            Change::Told { severity, text } => {
                self.note(Some(id), at, severity, |name| format!("{name} {text}"));
            }
        }
    }

    fn spawned(&mut self, id: ComponentId, at: Timestamp, pid: u32) {
        self.drop_associations_of(id);
        self.abandon_takeovers_of(id, at);
        self.orphan_pool_elements_of(id);
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        self.index.leave_addresses(id, &component.addresses);
        if let (Some(identity), Some(since)) = (component.identity, component.process.since()) {
            self.index.bury(id, identity, since);
        }
        component.forget_life();
        component.forget_handlespace();
        component.addresses.clear();
        component.farewell = Farewell::None;
        component.finished = None;
        component.done.clear();
        component.problem = None;
        component.process = ProcessState::Starting { pid, since: at };
        self.history.spawned(id, at);
        self.note(Some(id), at, Severity::Normal, |name| {
            format!("{name} was started")
        });
    }

    fn ended(&mut self, id: ComponentId, at: Timestamp, ending: Ending) {
        self.drop_associations_of(id);
        self.serves_nobody(id);
        self.abandon_takeovers_of(id, at);
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        self.index.leave_addresses(id, &component.addresses);
        if ending == Ending::Clean {
            // Pool elements are told whether a registrar has heard them; nobody hears who is unplugged.
            component.farewell = match component.farewell {
                _ if component.is_unplugged() => Farewell::Unheard,
                Farewell::None if component.role() != ComponentRole::PoolElement => Farewell::Heard,
                told => told,
            };
        }
        component.forget_life();
        let since = component.process.since();
        let ending = match (&component.process, ending) {
            // It has not even said hello.
            (ProcessState::Starting { .. }, Ending::Crashed { why }) => Ending::NotStarted { why },
            (_, ending) => ending,
        };
        let known = match &ending {
            Ending::NotStarted { why } => self.is_known_start_failure(id, why),
            _ => false,
        };
        self.history.ended(id, at, &ending);
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        let told = match &ending {
            Ending::Clean if component.farewell == Farewell::Unheard => Some((
                Severity::Normal,
                "stopped, but nobody heard that it left".to_owned(),
            )),
            Ending::Clean => {
                let told = component.finished.as_ref();
                let told = told.map_or_else(|| "stopped".to_owned(), |done| format!("has finished: {done}"));
                Some((Severity::Normal, told))
            }
            // The fault has already been reported.
            Ending::Killed => None,
            Ending::Crashed { why } => Some((Severity::Problem, format!("crashed: {why}"))),
            Ending::NotStarted { .. } if known => Some((
                Severity::Problem,
                "could not be started either, for the same reason".to_owned(),
            )),
            Ending::NotStarted { why } => Some((Severity::Problem, format!("could not be started: {why}"))),
        };
        if let (Ending::Crashed { why } | Ending::NotStarted { why }, None) = (&ending, &component.problem) {
            component.problem = Some(why.clone());
        }
        component.process = ProcessState::Ended { ending, since, at };
        if let Some((severity, text)) = told {
            self.note(Some(id), at, severity, |name| format!("{name} {text}"));
        }
    }

    fn process_changed(&mut self, id: ComponentId, at: Timestamp, change: &Change) {
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        let process = &component.process;
        let (Some(pid), Some(since)) = (process.pid(), process.since()) else {
            return;
        };
        if *change != Change::Thawed {
            component.silence = None;
        }
        component.process = match change {
            Change::Stopping => ProcessState::Stopping { pid, since },
            Change::Frozen => ProcessState::Frozen {
                pid,
                since,
                frozen: at,
            },
            _ if component.addresses.is_empty() => ProcessState::Starting { pid, since },
            _ => ProcessState::Running { pid, since },
        };
        if *change == Change::Frozen {
            self.history.frozen(id, at);
        }
        if *change == Change::Thawed {
            self.history.thawed(id, at);
            self.index.undo_fault(id, at, Fault::Freeze);
            let frozen = self
                .index
                .fault(id)
                .filter(|record| record.fault == Fault::Freeze);
            self.note_recovery(id, at, frozen.map(|record| record.at), |name| {
                format!("{name} was thawed")
            });
        }
    }

    /// A component has not been heard for longer than it may be silent.
    fn silent(&mut self, id: ComponentId, at: Timestamp, silence: Duration, system: SystemState) {
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        let known = component.silence;
        let silence = Silence {
            since: at - silence,
            told: known.map_or(at, |known| known.told),
            system,
        };
        component.silence = Some(silence);
        self.history.silent(id, silence.since);
        if known.is_none() {
            self.note(Some(id), at, Severity::Problem, |name| {
                format!("{name} {}", silence.sentence(at))
            });
        }
    }

    fn heard(&mut self, id: ComponentId, at: Timestamp) {
        self.history.heard(id, at);
        let component = self.components.get_mut(&id);
        if let Some(silence) = component.and_then(|component| component.silence.take()) {
            let duration = crate::words::lapse(at - silence.since);
            self.note_recovery(id, at, Some(silence.told), |name| {
                format!("{name} is heard again, after {duration}")
            });
        }
    }

    /// A component reported a problem, or has one.
    pub(crate) fn problem(&mut self, id: ComponentId, at: Timestamp, mut text: String) {
        super::shorten(&mut text, 500);
        if let Some(component) = self.components.get_mut(&id) {
            component.problem = Some(text.clone());
        }
        self.note(Some(id), at, Severity::Problem, |name| format!("{name}: {text}"));
    }

    /// A component's impairments changed. Adds a timeline entry for links that have recovered.
    pub(crate) fn impairments(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        links: Vec<(feed::LinkTarget, feed::Impairment)>,
    ) {
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        let was_unplugged = component.is_unplugged();
        let before = std::mem::replace(&mut component.impairments, links);
        component
            .impairments
            .retain(|(_, impairment)| !impairment.is_none());
        super::shorten_list(&mut component.impairments, LINKS);
        let any_cut = component.impairments.iter().any(|(_, impairment)| impairment.cut);
        let worst = if component.is_unplugged() {
            Some(Fault::Unplug)
        } else if any_cut {
            Some(Fault::CutLink)
        } else {
            (!component.impairments.is_empty()).then_some(Fault::Impair)
        };
        self.history.links(id, at, worst);
        for (fault, lasts) in [
            (Fault::Unplug, component.is_unplugged()),
            (Fault::CutLink, any_cut),
            (Fault::Impair, !component.impairments.is_empty()),
        ] {
            if lasts {
                // An earlier report may have been in transit when the fault began.
                self.index.fault_lasts(id, fault);
            } else {
                self.index.undo_fault(id, at, fault);
            }
        }
        let now = component.impairments.clone();
        let sentences = if was_unplugged && !component.is_unplugged() {
            vec![format!("{} was plugged in again", component.name)]
        } else {
            self.good_again(id, &before, &now)
        };
        let undone = self
            .index
            .fault(id)
            .filter(|record| matches!(record.fault, Fault::Unplug | Fault::CutLink | Fault::Impair));
        let fault = undone.map(|record| record.at);
        for sentence in sentences {
            self.note_recovery(id, at, fault, |_| sentence);
        }
    }
}

/// Returns whether a change is frequent and does not affect components and associations.
fn is_traffic(change: &Change) -> bool {
    match change {
        Change::LogLine(_) => true,
        Change::Feed(frame) => matches!(
            frame.stamped.event,
            Event::Message { .. } | Event::Pixels { .. } | Event::PoolElementWork(_) | Event::PoolUserWork(_)
        ),
        _ => false,
    }
}

/// Returns the originator of an update, and when it arrived.
fn speaker(update: &Update) -> (Speaker, Timestamp) {
    match *update {
        Update::Component {
            component,
            at,
            change: Change::Feed(_),
        } => (Speaker::Feed(component), at),
        Update::Report { at, .. } | Update::ReportsDue { at } => (Speaker::Network, at),
        Update::Component { at, .. } | Update::Notice { at, .. } | Update::Slept { at, .. } => {
            (Speaker::Here, at)
        }
    }
}
