//! Handle resolution: the registrar, requests to it, and their results (RFC 5352 sections 3.3 and 3.7).

use wire::PoolHandle;
use wire::RegistrarIdentifier;
use wire::asap::{HandleResolution, HandleResolutionResponse, Message, Resolution};
use wire::parameter::{CauseCode, ErrorCause, Policy};

use super::session::State;
use super::{CandidateSource, Event, PoolUser, ResolutionFailure, SessionId, Timer};
use crate::{AssociationId, DownCause, Time, TransportAddress};

/// The registrar in use.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) association: AssociationId,
    peer: TransportAddress,
    registrar: Option<RegistrarIdentifier>,
}

/// An unanswered handle resolution, shared by all sessions that wait for it.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// The number of repetitions so far.
    repetitions: u32,
}

impl PoolUser {
    pub(super) fn start_hunt(&mut self, now: Time, last_resort: Option<TransportAddress>) {
        if !self.hunt.is_hunting() {
            self.outbox.event(Event::Hunting);
            self.hunt.start(now, last_resort, &mut self.outbox);
        }
    }

    /// A registrar was found: sends it all open requests, and the reports that could not be sent before.
    pub(super) fn registrar_connected(
        &mut self,
        now: Time,
        association: AssociationId,
        peer: TransportAddress,
    ) {
        self.outbox.event(Event::RegistrarConnected {
            association,
            peer: peer.clone(),
        });
        let home = Home {
            association,
            peer,
            registrar: None,
        };
        if let Some(previous) = self.home.replace(home) {
            self.outbox.shutdown(previous.association);
            self.former_homes.insert(previous.association);
        }
        self.identify_home_by_announcement();
        for (handle, identifier) in std::mem::take(&mut self.unsent_reports) {
            self.send_report(handle, identifier);
        }
        let open: Vec<PoolHandle> = self.requests.keys().cloned().collect();
        for handle in open {
            self.requests.insert(handle.clone(), Request::default());
            self.send_request(now, handle);
        }
    }

    pub(super) fn home_lost(&mut self, now: Time, cause: DownCause) {
        let Some(home) = self.home.take() else {
            return;
        };
        self.outbox.event(Event::RegistrarLost {
            association: home.association,
            cause,
        });
        if self.is_stopping() {
            return;
        }
        self.start_hunt(now, Some(home.peer));
        let open: Vec<PoolHandle> = self.requests.keys().cloned().collect();
        for handle in open {
            self.timers.clear(&Timer::T1EnrpRequest(handle.clone()));
            self.use_stale_answer(now, &handle);
        }
    }

    /// The registrar has restarted: requests in flight are lost.
    pub(super) fn home_restarted(&mut self, now: Time) {
        let open: Vec<PoolHandle> = self.requests.keys().cloned().collect();
        for handle in open {
            self.send_request(now, handle);
        }
    }

    /// Announcements can be forged: the registrar's identifier is for display only.
    pub(super) fn identify_home_by_announcement(&mut self) {
        let Some(home) = &mut self.home else {
            return;
        };
        let announced = self.hunt.announced_at(&home.peer);
        if let Some(registrar) = announced.filter(|_| home.registrar != announced) {
            home.registrar = announced;
            let association = home.association;
            self.outbox.event(Event::RegistrarIdentified {
                association,
                registrar,
            });
        }
    }

    /// Asks the registrar for a pool, unless a request is pending; without a registrar, as soon as there is one.
    pub(super) fn request(&mut self, now: Time, handle: &PoolHandle) {
        if !self.requests.contains_key(handle) {
            self.requests.insert(handle.clone(), Request::default());
            if self.home.is_some() {
                self.send_request(now, handle.clone());
            } else {
                self.start_hunt(now, None);
            }
        }
    }

    fn send_request(&mut self, now: Time, handle: PoolHandle) {
        let Some(home) = &self.home else {
            return;
        };
        let request = HandleResolution {
            subscribe: false,
            pool_handle: handle.clone(),
            items: self.config.items,
        };
        self.outbox
            .send_asap(home.association, &Message::HandleResolution(request));
        let deadline = now + self.config.t1_enrp_request;
        self.timers.set(Timer::T1EnrpRequest(handle), deadline);
    }

    /// T1: "repeat the request, up to MAX-REQUEST-RETRANSMIT times; meanwhile hunt for another registrar".
    pub(super) fn request_timed_out(&mut self, now: Time, handle: PoolHandle) {
        let Some(request) = self.requests.get_mut(&handle) else {
            return;
        };
        request.repetitions += 1;
        let exhausted = request.repetitions > self.config.max_request_retransmit;
        self.use_stale_answer(now, &handle);
        if !self.requests.contains_key(&handle) {
            return;
        }
        if !exhausted {
            let current = self.home.as_ref().map(|home| home.peer.clone());
            self.start_hunt(now, current);
            self.send_request(now, handle);
            return;
        }
        self.requests.remove(&handle);
        for session in self.resolving(&handle) {
            self.wait(now, session, ResolutionFailure::NoAnswer);
        }
        if let Some(home) = &self.home {
            self.outbox.abort(home.association);
            self.home_lost(now, DownCause::LocalAbort);
        }
    }

    /// If there is no response, an old one is better than none: waiting sessions use the last response.
    fn use_stale_answer(&mut self, now: Time, handle: &PoolHandle) {
        for session in self.resolving(handle) {
            let candidates = self.cache.candidates(handle, &mut self.rng);
            self.try_candidates(now, session, &candidates, CandidateSource::StaleCache);
        }
        if self.resolving(handle).is_empty() && self.home.is_none() {
            self.requests.remove(handle);
        }
    }

    pub(super) fn handle_response(
        &mut self,
        now: Time,
        association: AssociationId,
        response: HandleResolutionResponse,
    ) {
        let handle = response.pool_handle;
        if self.requests.remove(&handle).is_none() {
            self.discarded(Some(association), "answer without a request");
            return;
        }
        self.timers.clear(&Timer::T1EnrpRequest(handle.clone()));
        match response.outcome {
            Resolution::Resolved {
                overall_policy,
                pool_elements,
            } => {
                // RFC 5352 section 2.2.6: without an overall policy, Round Robin applies.
                let policy = overall_policy.unwrap_or(Policy::RoundRobin);
                self.cache.put(now, handle.clone(), policy, pool_elements);
                for session in self.resolving(&handle) {
                    let candidates = self.cache.candidates(&handle, &mut self.rng);
                    if !self.try_candidates(now, session, &candidates, CandidateSource::Registrar) {
                        self.wait(now, session, ResolutionFailure::NoneUsable);
                    }
                }
            }
            Resolution::Failed(causes) => {
                self.cache.forget(&handle);
                let failure = failure(&causes);
                for session in self.resolving(&handle) {
                    self.wait(now, session, failure);
                }
            }
        }
    }

    fn resolving(&self, handle: &PoolHandle) -> Vec<SessionId> {
        let waits =
            |session: &super::Session| session.handle == *handle && matches!(session.state, State::Resolving);
        let sessions = self.sessions.iter();
        sessions
            .filter(|(_, session)| waits(session))
            .map(|(&id, _)| id)
            .collect()
    }
}

fn failure(causes: &[ErrorCause]) -> ResolutionFailure {
    match causes.first().map(|cause| cause.code) {
        None | Some(CauseCode::UNKNOWN_POOL_HANDLE) => ResolutionFailure::UnknownPoolHandle,
        Some(code) => ResolutionFailure::Refused(code),
    }
}
