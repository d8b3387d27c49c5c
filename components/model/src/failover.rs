//! A failover as its pool user measured it.

use std::collections::VecDeque;
use std::time::Duration;

use events::Occurrence as _;
use events::pool_user::{Event, FailoverTimes, SessionId};
use feed::{ComponentRole, Timestamp};
use wire::PeIdentifier;

use crate::component::Server;
use crate::index::FaultRecord;
use crate::{ComponentId, Fault, Model, Severity, words};

/// Names a failover among those of its pool user; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FailoverKey(pub u64);

/// A failover. Times that are still to come are absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Failover {
    /// Which one it is.
    pub key: FailoverKey,
    /// The session.
    pub session: SessionId,
    /// The pool element that was left.
    pub from: Server,
    /// The pool element that took over.
    pub to: Option<Server>,
    /// Why.
    pub reason: String,
    /// The presenter's fault that led to it, if one was injected at that pool element: when, and which.
    pub fault: Option<InjectedFault>,
    /// The last data from the pool element that was left.
    pub last_data: Timestamp,
    /// The failure was noticed.
    pub detected: Timestamp,
    /// The next pool element was known.
    pub resolved: Option<Timestamp>,
    /// The association to it was up.
    pub connected: Option<Timestamp>,
    /// The cookie was echoed.
    pub cookie_echoed: Option<Timestamp>,
    /// Its first data arrived; the failover is complete.
    pub first_data: Option<Timestamp>,
    /// The pool user ended, or began another picture, before there was data again: it never will be complete.
    pub abandoned: bool,
}

/// A fault that the presenter injected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InjectedFault {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub fault: Fault,
    /// In a sentence, such as "PE 1 was killed".
    pub text: String,
}

impl Failover {
    /// Whether it is still going on.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        self.first_data.is_none() && !self.abandoned
    }

    /// When the gap began: with the fault, or without one with the last data. A pool element that was asked to stop goes
    /// on sending until it has left; the gap begins with the last it sent.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        match &self.fault {
            Some(injected) if injected.fault == Fault::Stop => injected.at.max(self.last_data),
            Some(injected) => injected.at,
            None => self.last_data,
        }
    }

    /// The failover gap: from its beginning to the first new data.
    #[must_use]
    pub fn gap(&self) -> Option<Duration> {
        let begin = self.began();
        self.first_data.map(|first| first - begin)
    }
}

/// How a failover came to its end, by the event that tells it.
struct Completed {
    session: SessionId,
    to: PeIdentifier,
    times: FailoverTimes,
    responding: Duration,
}

/// Failovers that are kept for each pool user.
const FAILOVERS: usize = 50;
/// The longest reason that is kept, in bytes.
const REASON: usize = 200;
/// Sessions that one pool user may have; a feed that tells of more is not believed.
const SESSIONS: usize = 1_024;
/// A fault leads to a failover within this time, or has nothing to do with it.
const FAULT_EFFECT: Duration = Duration::from_secs(60);
/// Data that was on its way may arrive this long after the fault. Later data shows that the pool element was well again.
const IN_FLIGHT: Duration = Duration::from_secs(2);

impl Model {
    /// Something happened in a pool user. Returns whether that can be true.
    pub(crate) fn pool_user_event(&mut self, id: ComponentId, at: Timestamp, event: &Event) -> bool {
        let component = self.components.get(&id);
        if component.is_none_or(|component| component.role() != ComponentRole::PoolUser) {
            return false;
        }
        match event {
            Event::SessionUp {
                session,
                pe_identifier,
                ..
            } => return self.session_served(id, *session, *pe_identifier),
            Event::FailoverStarted {
                session,
                pe_identifier,
                reason,
                silent_for,
                ..
            } => {
                let mut reason = reason.to_string();
                super::shorten(&mut reason, REASON);
                let last_data = at - *silent_for;
                self.failover_started(id, at, *session, *pe_identifier, reason, last_data);
                let sentence = event.sentence(self);
                self.note(Some(id), at, Severity::Normal, |name| {
                    format!("{name} {sentence}")
                });
            }
            Event::FailoverComplete {
                session,
                to,
                times,
                responding,
            } => {
                let completed = Completed {
                    session: *session,
                    to: *to,
                    times: *times,
                    responding: *responding,
                };
                let gap = self.failover_complete(id, at, completed);
                let gap = gap.map(words::duration).unwrap_or_default();
                let sentence = event.sentence(self);
                self.note(Some(id), at, Severity::Recovery, |name| {
                    format!("{name} {sentence}, gap {gap}")
                });
            }
            // How it stands with registrars and pools its status says.
            _ => {}
        }
        true
    }

    fn server(&self, pe_identifier: PeIdentifier) -> Server {
        Server {
            pe_identifier,
            component: self.index.pool_element(pe_identifier),
        }
    }

    /// A session is served by a pool element from now on. Returns whether that can be true.
    fn session_served(&mut self, id: ComponentId, session: SessionId, pe_identifier: PeIdentifier) -> bool {
        let server = self.server(pe_identifier);
        let Some(component) = self.components.get_mut(&id) else {
            return false;
        };
        if component.served.len() >= SESSIONS && !component.served.contains_key(&session) {
            return false;
        }
        component.served.insert(session, server);
        true
    }

    /// A session left its pool element.
    fn failover_started(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        session: SessionId,
        from: PeIdentifier,
        reason: String,
        last_data: Timestamp,
    ) {
        let left = self.server(from);
        let fault = left
            .component
            .and_then(|left| self.fault_behind(left, at, last_data));
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        component.served.remove(&session);
        // If the next pool element fails as well before it has sent data, the failover goes on and keeps its beginning.
        if open(&mut component.failovers, session).is_some() {
            return;
        }
        let key = next_key(&component.failovers);
        if let Some(canvas) = &mut component.canvas {
            canvas.leave(session, from, key);
        }
        keep(
            &mut component.failovers,
            Failover {
                key,
                session,
                from: left,
                to: None,
                reason,
                fault,
                last_data,
                detected: at,
                resolved: None,
                connected: None,
                cookie_echoed: None,
                first_data: None,
                abandoned: false,
            },
        );
    }

    /// A failover is over. Returns how long its gap was.
    fn failover_complete(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        completed: Completed,
    ) -> Option<Duration> {
        let Completed {
            session,
            to,
            times,
            responding,
        } = completed;
        let connected = at - responding;
        let resolved = connected - times.connecting;
        let detected = resolved - times.resolving;
        let last_data = detected - times.noticing;
        let left = self.server(times.from);
        let next = self.server(to);
        let fault = left
            .component
            .and_then(|left| self.fault_behind(left, detected, last_data));
        let component = self.components.get_mut(&id)?;
        let new_key = next_key(&component.failovers);
        let open = open(&mut component.failovers, session);
        let known = open.as_deref().cloned();
        let key = known.as_ref().map_or(new_key, |known| known.key);
        if let Some(canvas) = &mut component.canvas {
            if known.is_none() {
                canvas.leave(session, times.from, key);
            }
            canvas.taken_over(key, to);
        }
        let failover = Failover {
            key,
            session,
            from: left,
            to: Some(next),
            reason: known
                .as_ref()
                .map(|known| known.reason.clone())
                .unwrap_or_default(),
            fault: known.and_then(|known| known.fault).or(fault),
            last_data,
            detected,
            resolved: Some(resolved),
            connected: Some(connected),
            cookie_echoed: times.cookie_echoed.then_some(connected),
            first_data: Some(at),
            abandoned: false,
        };
        let gap = failover.gap();
        match open {
            Some(open) => *open = failover,
            None => keep(&mut component.failovers, failover),
        }
        gap
    }

    /// The presenter's fault that made a pool user leave this pool element.
    fn fault_behind(
        &self,
        pool_element: ComponentId,
        started: Timestamp,
        last_data: Timestamp,
    ) -> Option<InjectedFault> {
        let FaultRecord { at, fault, .. } = self.index.fault(pool_element)?;
        let led_to_it = at <= started && started - at <= FAULT_EFFECT && last_data <= at + IN_FLIGHT;
        let name = &self.components.get(&pool_element)?.name;
        led_to_it.then(|| InjectedFault {
            at,
            fault,
            text: format!("{name} {}", fault.done()),
        })
    }
}

/// The failover of a session that is under way.
fn open(failovers: &mut VecDeque<Failover>, session: SessionId) -> Option<&mut Failover> {
    let mut latest = failovers.iter_mut().rev();
    latest.find(|failover| failover.session == session && failover.is_under_way())
}

/// The key of a failover that begins after these.
fn next_key(failovers: &VecDeque<Failover>) -> FailoverKey {
    failovers
        .back()
        .map_or(FailoverKey(0), |last| FailoverKey(last.key.0 + 1))
}

fn keep(failovers: &mut VecDeque<Failover>, failover: Failover) {
    if failovers.len() == FAILOVERS {
        failovers.pop_front();
    }
    failovers.push_back(failover);
}
