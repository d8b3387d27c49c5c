//! Failover from one pool element to the next: choosing, connecting, echoing the cookie, and detecting failures (RFC
//! 5352 section 3.5).
//!
//! No timer causes a delay between the loss of a pool element and the cookie echo to the next one.

use std::collections::VecDeque;

use wire::asap::{CookieEcho, EndpointUnreachable, Message};
use wire::parameter::PoolElementParameter;
use wire::{PeIdentifier, PoolHandle};

use super::session::{State, Target};
use super::{CandidateSource, Event, FailoverReason, PoolUser, ResolutionFailure, SessionId, Timer};
use crate::{AssociationId, DownCause, Endpoint, Time};

/// The maximum number of reports waiting for a registrar; more are not worth keeping.
const MOST_UNSENT_REPORTS: usize = 64;

impl PoolUser {
    /// Looks for a pool element: first in the business card of the last one, then in the cache while it is fresh,
    /// then at the registrar; without a registrar, in the last response.
    pub(super) fn seek(&mut self, now: Time, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.state = State::Resolving;
        let handle = session.handle.clone();
        let card = std::mem::take(&mut session.card);
        if self.try_candidates(now, id, &card, CandidateSource::BusinessCard) {
            return;
        }
        let fresh = self.cache.is_fresh(now, &handle);
        if fresh || self.home.is_none() {
            let candidates = self.cache.candidates(&handle, &mut self.rng);
            let source = if fresh {
                CandidateSource::Cache
            } else {
                CandidateSource::StaleCache
            };
            if self.try_candidates(now, id, &candidates, source) {
                return;
            }
        }
        self.request(now, &handle);
    }

    /// Connects to the first usable candidate. Returns `false` if there is none.
    pub(super) fn try_candidates(
        &mut self,
        now: Time,
        id: SessionId,
        candidates: &[PoolElementParameter],
        source: CandidateSource,
    ) -> bool {
        let Some(session) = self.sessions.get_mut(&id) else {
            return false;
        };
        if candidates.is_empty() {
            return false;
        }
        let targets = session.choose(now, self.config.avoid_failed, candidates, source);
        if targets.is_empty() {
            return false;
        }
        self.outbox.event(Event::Resolved {
            session: id,
            candidates: targets.iter().map(|target| target.identifier).collect(),
            source,
        });
        self.connect(now, id, targets)
    }

    fn connect(&mut self, now: Time, id: SessionId, mut targets: VecDeque<Target>) -> bool {
        let Some(session) = self.sessions.get_mut(&id) else {
            return false;
        };
        let Some(target) = targets.pop_front() else {
            return false;
        };
        let peer = target.peer.clone();
        let association = self.outbox.connect(Endpoint::Service, peer.clone());
        self.outbox.event(Event::Connecting {
            session: id,
            pe_identifier: target.identifier,
            association,
            peer,
        });
        session.state = State::Connecting {
            target,
            association,
            resolved: now,
            others: targets,
        };
        self.by_association.insert(association, id);
        let deadline = now + self.config.connect_timeout;
        self.timers.set(Timer::Connect(id), deadline);
        true
    }

    /// A session's association came up: the cookie is the first message on it.
    pub(super) fn connected(&mut self, now: Time, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let state = std::mem::replace(&mut session.state, State::Waiting);
        let State::Connecting {
            target,
            association,
            resolved,
            ..
        } = state
        else {
            session.state = state;
            return;
        };
        self.timers.clear(&Timer::Connect(id));
        let cookie = session.cookie.clone().filter(|_| target.control);
        let cookie_echoed = cookie.is_some();
        if let Some(cookie) = cookie {
            let echo = Message::CookieEcho(CookieEcho { cookie });
            self.outbox.send_asap(association, &echo);
        }
        let failover = session.served(now, resolved, cookie_echoed);
        session.tries_failed_again = false;
        self.outbox.event(Event::SessionUp {
            session: id,
            pe_identifier: target.identifier,
            association,
            cookie_echoed,
            failover,
        });
        session.state = State::Served { target, association };
    }

    pub(super) fn connect_timed_out(&mut self, now: Time, id: SessionId) {
        let session = self.sessions.get(&id);
        if let Some(association) = session.and_then(super::Session::association) {
            self.outbox.abort(association);
            self.by_association.remove(&association);
            self.connect_failed(now, id, DownCause::Timeout);
        }
    }

    /// A session's association ended.
    pub(super) fn association_down(&mut self, now: Time, id: SessionId, cause: DownCause) {
        match self.sessions.get(&id).map(|session| &session.state) {
            Some(State::Connecting { .. }) => self.connect_failed(now, id, cause),
            Some(State::Served { .. }) => {
                let lost = matches!(
                    cause,
                    DownCause::Timeout | DownCause::Unreachable | DownCause::Refused
                );
                let report = lost && self.config.report_lost_sessions;
                let reason = FailoverReason::AssociationDown(cause);
                self.leave_pool_element(now, id, reason, report);
            }
            Some(State::Closing { .. }) => self.session_closed(id),
            Some(State::Resolving | State::Waiting) | None => {}
        }
    }

    fn connect_failed(&mut self, now: Time, id: SessionId, cause: DownCause) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let State::Connecting { target, others, .. } = std::mem::replace(&mut session.state, State::Waiting)
        else {
            return;
        };
        self.timers.clear(&Timer::Connect(id));
        self.outbox.event(Event::ConnectFailed {
            session: id,
            pe_identifier: target.identifier,
            cause,
        });
        self.pool_element_failed(now, id, target.identifier, true);
        if !self.connect(now, id, others) {
            self.seek(now, id);
        }
    }

    /// Ends the association to the serving pool element, and continues with another one.
    pub(super) fn leave_pool_element(
        &mut self,
        now: Time,
        id: SessionId,
        reason: FailoverReason,
        report: bool,
    ) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let State::Served { target, association } = &session.state else {
            return;
        };
        let pe_identifier = target.identifier;
        if self.by_association.remove(association).is_some() {
            self.outbox.abort(*association);
        }
        let silent_for = session.lost(now, pe_identifier);
        self.outbox.event(Event::FailoverStarted {
            session: id,
            pe_identifier,
            reason,
            has_cookie: session.cookie.is_some(),
            silent_for,
        });
        self.pool_element_failed(now, id, pe_identifier, report);
        self.seek(now, id);
    }

    fn pool_element_failed(&mut self, now: Time, id: SessionId, pe_identifier: PeIdentifier, report: bool) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.note_failure(now, pe_identifier);
        let handle = session.handle.clone();
        self.cache.drop_element(&handle, pe_identifier);
        if report {
            self.outbox.event(Event::UnreachableReported {
                session: id,
                pe_identifier,
            });
            self.send_report(handle, pe_identifier);
        }
    }

    /// Reports a pool element as unreachable, now or as soon as there is a registrar.
    pub(super) fn send_report(&mut self, pool_handle: PoolHandle, pe_identifier: PeIdentifier) {
        match &self.home {
            Some(home) => {
                let report = Message::EndpointUnreachable(EndpointUnreachable {
                    pool_handle,
                    pe_identifier,
                });
                self.outbox.send_asap(home.association, &report);
            }
            None if self.unsent_reports.len() < MOST_UNSENT_REPORTS => {
                self.unsent_reports.insert((pool_handle, pe_identifier));
            }
            None => {}
        }
    }

    /// There is no pool element to use: the session asks again a little later, without limit.
    pub(super) fn wait(&mut self, now: Time, id: SessionId, failure: ResolutionFailure) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.state = State::Waiting;
        let again = session.failure.replace(failure) == Some(failure);
        let retry_in = self.config.unknown_pool_retry;
        self.outbox.event(Event::ResolutionFailed {
            session: id,
            pool_handle: session.handle.clone(),
            failure,
            again,
            retry_in,
        });
        self.timers.set(Timer::Retry(id), now + retry_in);
    }

    pub(super) fn session_closed(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.remove(&id) {
            if let Some(association) = session.association() {
                self.by_association.remove(&association);
            }
            self.timers.clear(&Timer::Connect(id));
            self.timers.clear(&Timer::Retry(id));
            self.outbox.event(Event::SessionClosed { session: id });
        }
    }

    /// Returns the session that an association belongs to, if it still does.
    pub(super) fn session_of(&self, association: AssociationId) -> Option<SessionId> {
        self.by_association.get(&association).copied()
    }
}
