//! The start-up: finding a mentor, and downloading peer list and handlespace from it (RFC 5353 section 3.2).
//!
//! A starting registrar connects to the configured registrars, and sends its presence by multicast, which existing
//! ones answer at once. The first that answers over an association is the mentor; the list is requested first and
//! the table once that has arrived, as in the RFC (rsplib requests both at once, D-26). If there is no mentor, or
//! all have failed, the registrar goes into service with what it has; the audits do the rest.
//!
//! Registrars that start at the same time refuse each other, and must not wait for each other forever: when the time
//! for finding a mentor is over, the one with the smallest identifier goes into service alone, since only refusals
//! by smaller ones are waited for; its presence makes those that it has refused ask it again. A registrar that waits
//! for one that never goes into service gives up after the same time once more.

use std::collections::BTreeSet;

use wire::RegistrarIdentifier;
use wire::enrp::{Body, HandleTableRequest, HandleTableResponse, ListResponse};

use super::handle_table::{Download, Part};
use super::{Event, Phase, Registrar, StartUpPhase, Timer, count};
use crate::Time;

/// A mentor whose download does not end is given up after this many times the time for finding one.
const PATIENCE: u32 = 8;

/// The state of a starting registrar.
#[derive(Debug)]
pub(super) struct Starting {
    since: Time,
    mentor: Option<Mentor>,
    /// Registrars that are starting themselves.
    refused: BTreeSet<RegistrarIdentifier>,
    /// Registrars that did not answer.
    failed: BTreeSet<RegistrarIdentifier>,
    /// How often the time for finding a mentor has passed.
    waited: u32,
}

impl Starting {
    pub(super) const fn new(now: Time) -> Self {
        Self {
            since: now,
            mentor: None,
            refused: BTreeSet::new(),
            failed: BTreeSet::new(),
            waited: 0,
        }
    }
}

/// The registrar that is being asked.
#[derive(Debug)]
struct Mentor {
    registrar: RegistrarIdentifier,
    step: Step,
}

#[derive(Debug)]
enum Step {
    AwaitingList,
    AwaitingTable(Box<Download>),
}

impl Registrar {
    /// Returns whether it serves pool elements and pool users: its start-up is complete, and it has not been
    /// stopped.
    #[must_use]
    pub const fn is_in_service(&self) -> bool {
        matches!(self.phase, Phase::Serving)
    }

    /// Begins the start-up; goes into service at once if there is no registrar to ask.
    pub(super) fn start_up(&mut self, now: Time) {
        if self.settings.enrp.mentors.is_empty() && !self.settings.enrp.multicast {
            self.enter_service(now, None);
            return;
        }
        self.start_up_progressed(StartUpPhase::LookingForMentor);
        self.timers
            .set(Timer::MentorDiscovery, now + self.config.mentor_discovery);
        self.timers.set(Timer::PeerHeartbeat, now);
    }

    /// A registrar sent its presence over an association.
    pub(super) fn mentor_found(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let Phase::Starting(starting) = &mut self.phase else {
            return;
        };
        // It refused, and has appeared again: perhaps it is in service by now.
        starting.refused.remove(&registrar);
        self.choose_mentor(now);
    }

    /// Asks the next candidate, unless one is being asked: configured ones first, then by identifier.
    fn choose_mentor(&mut self, now: Time) {
        let Phase::Starting(starting) = &mut self.phase else {
            return;
        };
        if starting.mentor.is_some() {
            return;
        }
        let candidates = self.peers.connected().map(|(registrar, _)| registrar);
        let untried = |registrar: &RegistrarIdentifier| {
            !starting.refused.contains(registrar) && !starting.failed.contains(registrar)
        };
        let is_configured = |registrar: RegistrarIdentifier| {
            let place = self.peers.get(registrar).and_then(|peer| peer.place.as_ref());
            place.is_some_and(|place| {
                let mut mentors = self.settings.enrp.mentors.iter();
                mentors.any(|mentor| super::contacts::same_place(mentor, place))
            })
        };
        let choice = candidates
            .filter(untried)
            .min_by_key(|&registrar| (!is_configured(registrar), registrar));
        let Some(registrar) = choice else {
            return;
        };
        starting.mentor = Some(Mentor {
            registrar,
            step: Step::AwaitingList,
        });
        self.start_up_progressed(StartUpPhase::Downloading { mentor: registrar });
        self.send_enrp(registrar, Body::ListRequest);
        if let Some(connection) = self.peers.connection_mut(registrar) {
            connection.round_trip.ask(now);
        }
        self.await_mentor(now);
    }

    fn await_mentor(&mut self, now: Time) {
        let deadline = now + self.config.max_time_no_response;
        self.timers.set(Timer::MentorNoResponse, deadline);
    }

    /// Returns whether the response was requested.
    pub(super) fn handle_start_up_list(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        response: &ListResponse,
    ) -> bool {
        let Phase::Starting(starting) = &mut self.phase else {
            return false;
        };
        let expected =
            |mentor: &&mut Mentor| mentor.registrar == from && matches!(mentor.step, Step::AwaitingList);
        let Some(mentor) = starting.mentor.as_mut().filter(expected) else {
            return false;
        };
        if response.rejected {
            self.mentor_refused(now, from);
            return true;
        }
        mentor.step = Step::AwaitingTable(Box::new(Download::new(false, BTreeSet::new())));
        self.await_mentor(now);
        self.send_enrp(
            from,
            HandleTableRequest {
                own_children_only: false,
            },
        );
        if let Some(peer) = self.peers.get_mut(from) {
            peer.list_wanted = false;
        }
        self.take_list(now, response);
        true
    }

    /// Returns whether the response was requested.
    pub(super) fn handle_start_up_table(
        &mut self,
        now: Time,
        from: RegistrarIdentifier,
        response: HandleTableResponse,
    ) -> bool {
        let Phase::Starting(starting) = &mut self.phase else {
            return false;
        };
        let Some(Mentor {
            registrar,
            step: Step::AwaitingTable(_),
        }) = &starting.mentor
        else {
            return false;
        };
        if *registrar != from {
            return false;
        }
        if response.rejected {
            self.mentor_refused(now, from);
            return true;
        }
        let Some(Mentor {
            step: Step::AwaitingTable(mut download),
            ..
        }) = starting.mentor.take()
        else {
            return false;
        };
        match self.take_part(now, from, &mut download, response) {
            Part::More => {
                if let Phase::Starting(starting) = &mut self.phase {
                    starting.mentor = Some(Mentor {
                        registrar: from,
                        step: Step::AwaitingTable(download),
                    });
                    self.await_mentor(now);
                    let own_children_only = false;
                    self.send_enrp(from, HandleTableRequest { own_children_only });
                }
            }
            // What has arrived is useful even if the table never ends.
            Part::Last | Part::Endless => self.enter_service(now, Some(from)),
        }
        true
    }

    fn mentor_refused(&mut self, now: Time, registrar: RegistrarIdentifier) {
        self.timers.clear(&Timer::MentorNoResponse);
        if let Phase::Starting(starting) = &mut self.phase {
            starting.mentor = None;
            starting.refused.insert(registrar);
            let due = now + self.config.retry_after_reject;
            self.timers.set(Timer::MentorRetry, due);
        }
        self.look_on(now);
    }

    /// The peer is gone, or the association to it.
    pub(super) fn mentor_lost(&mut self, now: Time, registrar: RegistrarIdentifier) {
        let Phase::Starting(starting) = &mut self.phase else {
            return;
        };
        starting.refused.remove(&registrar);
        if starting
            .mentor
            .take_if(|mentor| mentor.registrar == registrar)
            .is_some()
        {
            self.timers.clear(&Timer::MentorNoResponse);
            self.look_on(now);
        }
    }

    pub(super) fn mentor_timed_out(&mut self, now: Time) {
        let Phase::Starting(starting) = &mut self.phase else {
            return;
        };
        if let Some(mentor) = starting.mentor.take() {
            starting.failed.insert(mentor.registrar);
            self.look_on(now);
        }
    }

    fn look_on(&mut self, now: Time) {
        self.start_up_progressed(StartUpPhase::LookingForMentor);
        self.choose_mentor(now);
        self.decide_start_up(now);
    }

    /// Registrars that refused may be in service by now.
    pub(super) fn mentor_retry_due(&mut self, now: Time) {
        if let Phase::Starting(starting) = &mut self.phase {
            starting.refused.clear();
        }
        self.choose_mentor(now);
    }

    pub(super) fn mentor_discovery_over(&mut self, now: Time) {
        let Phase::Starting(starting) = &mut self.phase else {
            return;
        };
        starting.waited += 1;
        let due = now + self.config.mentor_discovery;
        self.timers.set(Timer::MentorDiscovery, due);
        if starting.waited >= PATIENCE {
            self.enter_service(now, None);
        } else {
            self.decide_start_up(now);
        }
    }

    /// Goes into service alone if there is no registrar to wait for.
    pub(super) fn decide_start_up(&mut self, now: Time) {
        let Phase::Starting(starting) = &self.phase else {
            return;
        };
        if starting.mentor.is_some() {
            return;
        }
        let own = self.settings.identifier;
        let smaller_refused = starting.refused.iter().any(|&registrar| registrar < own);
        let alone = match starting.waited {
            0 => {
                let somebody_may_call = self.settings.enrp.multicast;
                let nobody = self.peer_associations.is_empty() && self.contacts.are_exhausted();
                !somebody_may_call && nobody
            }
            1 => !smaller_refused,
            _ => true,
        };
        if alone {
            self.enter_service(now, None);
        }
    }

    fn enter_service(&mut self, now: Time, mentor: Option<RegistrarIdentifier>) {
        for timer in [
            Timer::MentorDiscovery,
            Timer::MentorNoResponse,
            Timer::MentorRetry,
        ] {
            self.timers.clear(&timer);
        }
        let since = match std::mem::replace(&mut self.phase, Phase::Serving) {
            Phase::Starting(starting) => starting.since,
            Phase::Serving | Phase::Stopping | Phase::Stopped => now,
        };
        self.start_up_progressed(StartUpPhase::InService {
            mentor,
            pool_elements: count(self.handlespace.len()),
            took: now - since,
        });
        if self.settings.announce {
            self.timers.set(Timer::T6ServerAnnounce, now);
        }
        // Other starting registrars wait for this, and the others compare checksums.
        self.heartbeat(now);
    }

    fn start_up_progressed(&mut self, phase: StartUpPhase) {
        self.outbox.event(Event::StartUp { phase });
    }
}
