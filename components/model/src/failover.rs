//! A failover as its pool user measured it.

use std::collections::VecDeque;
use std::time::Duration;

use feed::Timestamp;

use crate::component::Served;
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
    pub session: u32,
    /// The pool element that was left, in the protocols' terms and as a component.
    pub from: Option<(u32, Option<ComponentId>)>,
    /// The pool element that took over.
    pub to: Option<(u32, Option<ComponentId>)>,
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

/// The times of a complete failover, as the pool user tells them.
pub(crate) struct FailoverTimes {
    pub(crate) session: u32,
    pub(crate) from: Option<u32>,
    pub(crate) to: u32,
    pub(crate) last_data: Timestamp,
    pub(crate) detected: Timestamp,
    pub(crate) resolved: Timestamp,
    pub(crate) connected: Timestamp,
    pub(crate) cookie_echoed: Option<Timestamp>,
    pub(crate) first_data: Timestamp,
}

/// Failovers that are kept for each pool user.
const FAILOVERS: usize = 50;
/// Sessions that one pool user may have; a feed that tells of more is not believed.
const SESSIONS: usize = 1_024;
/// A fault leads to a failover within this time, or has nothing to do with it.
const FAULT_EFFECT: Duration = Duration::from_secs(60);
/// Data that was on its way may arrive this long after the fault. Later data shows that the pool element was well again.
const IN_FLIGHT: Duration = Duration::from_secs(2);

impl Model {
    /// A session is served by a pool element from now on. Returns whether that can be true.
    pub(crate) fn session_served(&mut self, id: ComponentId, session: u32, pe_identifier: u32) -> bool {
        let served = Served {
            pe_identifier,
            component: self.index.pool_element(pe_identifier),
        };
        let Some(component) = self.components.get_mut(&id) else {
            return false;
        };
        if component.served.len() >= SESSIONS && !component.served.contains_key(&session) {
            return false;
        }
        component.served.insert(session, served);
        true
    }

    /// A session left its pool element.
    pub(crate) fn failover_started(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        session: u32,
        pe_identifier: Option<u32>,
        mut reason: String,
        last_data: Timestamp,
    ) {
        super::shorten(&mut reason, 200);
        let from = pe_identifier.map(|from| (from, self.index.pool_element(from)));
        let fault = from
            .and_then(|(_, component)| component)
            .and_then(|component| self.fault_behind(component, at, last_data));
        let name = pe_identifier.map(|from| self.pool_element_name(from));
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        component.served.remove(&session);
        let text = match &name {
            Some(from) => format!("lost {from}: {reason}"),
            None => format!("has no pool element: {reason}"),
        };
        // If the next pool element fails as well before it has sent data, the failover goes on and keeps its beginning.
        if open(&mut component.failovers, session).is_none() {
            let key = next_key(&component.failovers);
            if let (Some(canvas), Some(from)) = (&mut component.canvas, pe_identifier) {
                canvas.leave(session, from, key);
            }
            keep(
                &mut component.failovers,
                Failover {
                    key,
                    session,
                    from,
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
        self.note(Some(id), at, Severity::Normal, |name| format!("{name} {text}"));
    }

    /// A failover is over.
    pub(crate) fn failover_complete(&mut self, id: ComponentId, at: Timestamp, times: FailoverTimes) {
        let from = times.from.map(|from| (from, self.index.pool_element(from)));
        let to = (times.to, self.index.pool_element(times.to));
        let fault = from
            .and_then(|(_, component)| component)
            .and_then(|component| self.fault_behind(component, times.detected, times.last_data));
        let from_name = times.from.map(|from| self.pool_element_name(from));
        let to_name = self.pool_element_name(times.to);
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        let next = next_key(&component.failovers);
        let open = open(&mut component.failovers, times.session);
        let known = open.as_deref().cloned();
        let key = known.as_ref().map_or(next, |known| known.key);
        if let Some(canvas) = &mut component.canvas {
            if let (None, Some(from)) = (&known, times.from) {
                canvas.leave(times.session, from, key);
            }
            canvas.taken_over(key, times.to);
        }
        let failover = Failover {
            key,
            session: times.session,
            from: from.or_else(|| known.as_ref().and_then(|known| known.from)),
            to: Some(to),
            reason: known
                .as_ref()
                .map(|known| known.reason.clone())
                .unwrap_or_default(),
            fault: known.and_then(|known| known.fault).or(fault),
            last_data: times.last_data,
            detected: times.detected,
            resolved: Some(times.resolved),
            connected: Some(times.connected),
            cookie_echoed: times.cookie_echoed,
            first_data: Some(times.first_data),
            abandoned: false,
        };
        let gap = failover.gap().map(words::duration).unwrap_or_default();
        match open {
            Some(open) => *open = failover,
            None => keep(&mut component.failovers, failover),
        }
        let from = from_name.as_deref().unwrap_or("nobody");
        self.note(Some(id), at, Severity::Recovery, |name| {
            format!("{name} fails over: {from} → {to_name}, gap {gap}")
        });
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
fn open(failovers: &mut VecDeque<Failover>, session: u32) -> Option<&mut Failover> {
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
