//! A failover as its pool user measured it.

use std::collections::VecDeque;
use std::time::Duration;

use events::DownCause;
use events::Occurrence as _;
use events::pool_user::{Event, FailoverReason, FailoverTimes, SessionId};
use feed::{ComponentRole, Timestamp};
use scenario::FailureSign;
use serde::{Deserialize, Serialize};
use wire::PeIdentifier;

use crate::component::Server;
use crate::index::FaultRecord;
use crate::{ComponentId, Fault, Model, Severity, bounded, words};

/// Identifies a failover among those of its pool user. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FailoverKey(#[serde(deserialize_with = "bounded::count")] pub u64);

/// A failover. Times that have not been reached are `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failover {
    /// Its key.
    pub key: FailoverKey,
    /// The session.
    pub session: SessionId,
    /// The pool element that was left.
    pub from: Server,
    /// The pool element that took over.
    pub to: Option<Server>,
    /// The reason.
    pub reason: String,
    /// By what the pool user noticed.
    pub sign: Option<FailureSign>,
    /// The injected fault that led to it, if there was one at that pool element.
    pub fault: Option<InjectedFault>,
    /// When the last data arrived from the pool element that was left.
    pub last_data: Timestamp,
    /// When the failure was detected.
    pub detected: Timestamp,
    /// When the next pool element was known.
    pub resolved: Option<Timestamp>,
    /// When the association to the next pool element was up.
    pub connected: Option<Timestamp>,
    /// When the state cookie was echoed.
    pub cookie_echoed: Option<Timestamp>,
    /// When the first data arrived from the next pool element; this completes the failover.
    pub first_data: Option<Timestamp>,
    /// Whether the pool user ended, or began another picture, before data arrived: the failover will never complete.
    pub abandoned: bool,
}

/// A fault that the presenter injected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InjectedFault {
    /// When it was injected.
    pub at: Timestamp,
    /// The kind of fault.
    pub fault: Fault,
    /// The fault as a sentence, such as "PE 1 was killed".
    pub text: String,
}

impl Failover {
    /// Returns whether it is still under way.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        self.first_data.is_none() && !self.abandoned
    }

    /// Returns the start of the gap: the fault, or without a fault the last data. A pool element that was asked to
    /// stop keeps sending until it leaves, so its gap starts with the last data as well.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        match &self.fault {
            Some(injected) if injected.fault == Fault::Stop => injected.at.max(self.last_data),
            Some(injected) => injected.at,
            None => self.last_data,
        }
    }

    /// Returns the failover gap: from its start to the first new data.
    #[must_use]
    pub fn gap(&self) -> Option<Duration> {
        let begin = self.began();
        self.first_data.map(|first| first - begin)
    }
}

/// The content of an event that completes a failover.
struct Completed {
    session: SessionId,
    to: PeIdentifier,
    times: FailoverTimes,
    responding: Duration,
}

/// The maximum number of failovers that are kept per pool user.
pub(crate) const FAILOVERS: usize = 50;
/// The maximum length of a reason that is kept, in bytes.
const REASON: usize = 200;
/// The maximum number of sessions per pool user; a feed that reports more is not believed.
pub(crate) const SESSIONS: usize = 1_024;
/// The maximum time from a fault to a failover that is attributed to it.
const FAULT_EFFECT: Duration = Duration::from_secs(60);
/// How long after a fault data in transit may still arrive. Later data shows that the pool element had recovered.
const IN_FLIGHT: Duration = Duration::from_secs(2);

impl Model {
    /// Applies an event of a pool user. Returns whether it is plausible.
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
                let completed = self.failover_complete(id, at, completed);
                let fault_at = completed.as_ref().and_then(|failover| failover.fault.as_ref());
                let fault_at = fault_at.map(|fault| fault.at);
                let gap = completed.as_ref().and_then(Failover::gap);
                let gap = gap.map(words::duration).unwrap_or_default();
                let sentence = event.sentence(self);
                self.note_recovery(id, at, fault_at, |name| format!("{name} {sentence}, gap {gap}"));
            }
            Event::SessionClosed { session } => {
                if let Some(user) = self.components.get_mut(&id) {
                    user.session_closed(*session);
                }
            }
            // The component's status covers its relation to registrars and pools.
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

    /// A session is now served by a pool element. Returns whether that is plausible.
    fn session_served(&mut self, id: ComponentId, session: SessionId, pe_identifier: PeIdentifier) -> bool {
        let server = self.server(pe_identifier);
        let Some(component) = self.components.get_mut(&id) else {
            return false;
        };
        if component.served.len() >= SESSIONS && !component.served.contains_key(&session) {
            return false;
        }
        component.served.insert(session, server);
        component.served_before.remove(&session);
        true
    }

    /// A pool element has no process any more: it serves nobody, whether or not its pool users know that yet.
    pub(crate) fn serves_nobody(&mut self, pool_element: ComponentId) {
        for user in self.components.values_mut() {
            user.served
                .retain(|_, server| server.component != Some(pool_element));
        }
    }

    /// A session left its pool element.
    fn failover_started(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        session: SessionId,
        from: PeIdentifier,
        reason: &FailoverReason,
        last_data: Timestamp,
    ) {
        let sign = Some(sign(reason));
        let mut reason = reason.to_string();
        super::shorten(&mut reason, REASON);
        let left = self.server(from);
        let fault = left
            .component
            .and_then(|left| self.fault_behind(left, at, last_data));
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        component.served.remove(&session);
        // If the next pool element fails as well before it has sent data, the failover continues and keeps its
        // start.
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
                sign,
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

    /// Completes a failover. Returns it.
    fn failover_complete(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        completed: Completed,
    ) -> Option<Failover> {
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
            sign: known.as_ref().and_then(|known| known.sign),
            fault: known.and_then(|known| known.fault).or(fault),
            last_data,
            detected,
            resolved: Some(resolved),
            connected: Some(connected),
            cookie_echoed: times.cookie_echoed.then_some(connected),
            first_data: Some(at),
            abandoned: false,
        };
        let completed = failover.clone();
        match open {
            Some(open) => *open = failover,
            None => keep(&mut component.failovers, failover),
        }
        Some(completed)
    }

    /// Returns the injected fault that made a pool user leave this pool element.
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

/// Returns by what a pool user noticed a failure that it gives this reason for.
fn sign(reason: &FailoverReason) -> FailureSign {
    match reason {
        FailoverReason::AssociationDown(DownCause::Graceful) => FailureSign::Shutdown,
        FailoverReason::AssociationDown(DownCause::PeerAbort) | FailoverReason::Restarted => {
            FailureSign::Abort
        }
        FailoverReason::AssociationDown(DownCause::Unreachable | DownCause::Refused) => {
            FailureSign::Unreachable
        }
        FailoverReason::AssociationDown(DownCause::Timeout) => FailureSign::TimeOut,
        FailoverReason::AssociationDown(DownCause::LocalAbort) | FailoverReason::Application(_) => {
            FailureSign::Patience
        }
    }
}

/// Returns the failover of a session that is under way.
fn open(failovers: &mut VecDeque<Failover>, session: SessionId) -> Option<&mut Failover> {
    let mut latest = failovers.iter_mut().rev();
    latest.find(|failover| failover.session == session && failover.is_under_way())
}

/// Returns the key for the next failover.
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
