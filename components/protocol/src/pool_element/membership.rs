//! Leaving the pool, for good or to join it again (RFC 5352 section 3.2).
//!
//! A pool has one policy, that of its first pool element. To change it, all pool elements leave, and then join with
//! another one. Their sessions, and pool users that have resolved the pool handle before, do not notice.

use wire::asap::{Deregistration, EndpointKeepAlive, Message};
use wire::parameter::{ErrorCause, Policy};

use super::{Event, Phase, PoolElement, Timer};
use crate::{AssociationId, DownCause, Time};

impl PoolElement {
    /// Begins to leave the pool: deregisters, and goes on serving. Answered by [`Event::LeftPool`] once a registrar has
    /// confirmed it; until then, other registrars are asked if one does not answer. Ignored outside the pool, and after
    /// [`Self::stop`].
    pub fn leave(&mut self, now: Time) {
        match self.phase {
            Phase::Active => {
                self.timers.clear_all();
                self.attempts = 0;
                self.phase = Phase::Leaving { returning: false };
                if self.home.is_some() {
                    self.deregister(now);
                }
            }
            Phase::Leaving { .. } => self.phase = Phase::Leaving { returning: false },
            _ => {}
        }
    }

    /// Joins the pool again after [`Self::leave`], with this policy. While the deregistration is outstanding, this
    /// happens as soon as it is confirmed or its registrar is lost. In the pool, it is [`Self::set_policy`].
    pub fn join(&mut self, now: Time, policy: Policy) {
        match self.phase {
            Phase::Active => self.set_policy(now, policy),
            // A registrar that is still being hunted for has nothing to confirm.
            Phase::Leaving { .. } if self.home.is_some() => {
                self.settings.policy = policy;
                self.phase = Phase::Leaving { returning: true };
            }
            Phase::Leaving { .. } | Phase::Outside => {
                self.settings.policy = policy;
                self.phase = Phase::Active;
                self.register_soon(now);
            }
            _ => {}
        }
    }

    /// Returns whether it has left the pool, or is about to, without having to stop.
    #[must_use]
    pub const fn is_away(&self) -> bool {
        matches!(self.phase, Phase::Leaving { .. } | Phase::Outside)
    }

    /// Returns whether it has left the pool: a registrar has confirmed it.
    #[must_use]
    pub const fn has_left(&self) -> bool {
        matches!(self.phase, Phase::Outside)
    }

    /// A pool element that wants to return, and has nobody who could confirm that it has left, returns at once.
    pub(super) fn return_if_wanted(&mut self) {
        if self.phase == (Phase::Leaving { returning: true }) {
            self.phase = Phase::Active;
        }
    }

    /// No registrar lists it any more.
    pub(super) fn left(&mut self, now: Time) {
        let Phase::Leaving { returning } = self.phase else {
            return;
        };
        self.timers.clear(&Timer::T3Deregistration);
        self.phase = Phase::Outside;
        self.outbox.event(Event::LeftPool);
        if returning {
            self.phase = Phase::Active;
            self.register_soon(now);
        }
    }

    /// A registrar lists it although it has left the pool: it has taken it over, or heard of it from an outdated peer.
    pub(super) fn correct(&mut self, now: Time, association: AssociationId, keep_alive: &EndpointKeepAlive) {
        if self.is_home(association) {
            self.identify_home(keep_alive.registrar);
            self.phase = Phase::Leaving { returning: false };
            self.deregister(now);
        } else if keep_alive.home {
            self.phase = Phase::Leaving { returning: false };
            self.change_home(now, association, keep_alive.registrar);
        }
    }

    pub(super) fn deregister(&mut self, now: Time) {
        if let Some(home) = &mut self.home {
            home.forget_registration();
            let deregistration = Deregistration {
                pool_handle: self.settings.pool_handle.clone(),
                pe_identifier: self.settings.identifier,
            };
            self.outbox
                .send_asap(home.association(), &Message::Deregistration(deregistration));
        }
        self.await_deregistration(now);
    }

    /// Waits until the home registrar has confirmed the deregistration that it has been sent.
    pub(super) fn await_deregistration(&mut self, now: Time) {
        if self.home.is_some() {
            let deadline = now + self.config.t3_deregistration;
            self.timers.set(Timer::T3Deregistration, deadline);
        } else {
            self.deregistered(now, false);
        }
    }

    pub(super) fn handle_deregistration_response(&mut self, now: Time, causes: &[ErrorCause]) {
        match self.phase {
            Phase::Deregistering => self.deregistered(now, causes.is_empty()),
            // A refusal leads to another registrar, after T3.
            Phase::Leaving { .. } if causes.is_empty() => self.left(now),
            // D-15: the registration has expired.
            Phase::Active if causes.is_empty() => {
                if let Some(home) = &mut self.home {
                    home.expire();
                }
                self.outbox.event(Event::RegistrationExpired);
                self.register_soon(now);
            }
            _ => {}
        }
    }

    /// T3: nobody is waited for when stopping; otherwise, another registrar is told.
    pub(super) fn deregistration_timed_out(&mut self, now: Time) {
        if !self.is_away() {
            return self.deregistered(now, false);
        }
        if let Some(association) = self.home.as_ref().map(super::Home::association) {
            self.outbox.abort(association);
            self.home_lost(now, DownCause::LocalAbort);
        }
    }

    pub(super) fn deregistered(&mut self, now: Time, confirmed: bool) {
        self.phase = Phase::Deregistered;
        self.timers.clear_all();
        self.timers
            .set(Timer::LastWords, now + self.config.shutdown_timeout);
        self.outbox.event(Event::Deregistered { confirmed });
    }
}
