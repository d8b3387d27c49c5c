//! The life cycle with a registrar: server hunt, registration, keep-alives, change of the home registrar (RFC 5352
//! sections 3.1, 3.3, 3.4 and 3.7).

use wire::RegistrarIdentifier;
use wire::asap::{EndpointKeepAlive, EndpointKeepAliveAck, Message, Registration, RegistrationResponse};
use wire::parameter::{CauseCode, ErrorCause, Policy, PoolElementParameter, RegistrationLife};

use super::{Event, Phase, PoolElement, Timer};
use crate::{AssociationId, DownCause, LifeUnit, Time, TransportAddress};

/// The current or future home registrar.
#[derive(Debug)]
pub(super) struct Home {
    association: AssociationId,
    peer: TransportAddress,
    /// Learnt from its keep-alives or announcements.
    registrar: Option<RegistrarIdentifier>,
    registration: RegistrationState,
    /// When the last registration was sent.
    asked: Time,
    /// Whether it has confirmed a registration since the association came up.
    confirmed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RegistrationState {
    /// T2 is running; `outdated` if the policy data has changed since it was sent.
    Outstanding { outdated: bool },
    /// The last registration was confirmed.
    Confirmed,
    /// None was sent, or the last one was refused.
    Idle,
}

impl Home {
    pub(super) const fn association(&self) -> AssociationId {
        self.association
    }

    pub(super) const fn has_confirmed(&self) -> bool {
        self.confirmed
    }

    /// The registrar does not list the pool element any more, but may have a registration of it under way.
    pub(super) fn expire(&mut self) {
        self.confirmed = false;
    }

    /// The registrar does not list the pool element, or not for long any more.
    pub(super) fn forget_registration(&mut self) {
        self.registration = RegistrationState::Idle;
        self.confirmed = false;
    }
}

impl PoolElement {
    /// Changes the policy data, such as weight, priority or load, and registers again at once; changes in quick
    /// succession are merged. Outside the pool, they count from the next registration on.
    ///
    /// A policy of another type is refused while the pool has its current one: to change it, all pool elements have to
    /// [leave](Self::leave) and to [join](Self::join) with the new one.
    pub fn set_policy(&mut self, now: Time, policy: Policy) {
        if self.settings.policy == policy {
            return;
        }
        self.settings.policy = policy;
        if self.phase != Phase::Active {
            return;
        }
        let Some(home) = &mut self.home else {
            return;
        };
        if let RegistrationState::Outstanding { outdated } = &mut home.registration {
            *outdated = true;
            return;
        }
        self.register_soon(now);
    }

    pub(super) fn start_hunt(&mut self, now: Time, last_resort: Option<TransportAddress>) {
        self.outbox.event(Event::Hunting);
        self.hunt.start(now, last_resort, &mut self.outbox);
    }

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
        self.adopt(now, association, peer, None);
        self.identify_home_by_announcement();
    }

    /// Makes a registrar the home registrar and registers with it: after a change of registrar, a pool element does
    /// not wait for T4.
    fn adopt(
        &mut self,
        now: Time,
        association: AssociationId,
        peer: TransportAddress,
        registrar: Option<RegistrarIdentifier>,
    ) {
        self.home = Some(Home {
            association,
            peer,
            registrar,
            registration: RegistrationState::Idle,
            asked: now,
            confirmed: false,
        });
        match self.phase {
            Phase::Leaving { .. } => self.deregister(now),
            _ => self.register(now),
        }
    }

    /// Sends a registration, unless one is outstanding.
    pub(super) fn register(&mut self, now: Time) {
        let Some(home) = &mut self.home else {
            return;
        };
        let outstanding = matches!(home.registration, RegistrationState::Outstanding { .. });
        if outstanding || self.phase != Phase::Active {
            return;
        }
        home.registration = RegistrationState::Outstanding { outdated: false };
        home.asked = now;
        let registration = Registration {
            pool_handle: self.settings.pool_handle.clone(),
            pool_element: PoolElementParameter {
                identifier: self.settings.identifier,
                home_registrar: home.registrar.unwrap_or_default(),
                registration_life: life(&self.config),
                user_transport: self.settings.user_transport.clone(),
                policy: self.settings.policy.clone(),
                asap_transport: None,
            },
        };
        self.outbox
            .send_asap(home.association, &Message::Registration(registration));
        self.timers.clear(&Timer::T4Reregistration);
        self.timers.clear(&Timer::Postponed);
        self.timers
            .set(Timer::T2Registration, now + self.config.t2_registration);
    }

    /// Registers as soon as the registration rate limit permits.
    pub(super) fn register_soon(&mut self, now: Time) {
        let Some(home) = &self.home else {
            return;
        };
        let earliest = home.asked + self.config.min_reregistration_interval;
        if earliest <= now {
            self.register(now);
        } else {
            self.timers.set(Timer::Postponed, earliest);
        }
    }

    pub(super) fn handle_registrar(&mut self, now: Time, association: AssociationId, message: Message) {
        match message {
            Message::RegistrationResponse(response) => {
                self.handle_registration_response(now, association, response);
            }
            Message::DeregistrationResponse(response)
                if self.is_home(association)
                    && self.is_me(&response.pool_handle, Some(response.pe_identifier)) =>
            {
                self.handle_deregistration_response(now, &response.causes);
            }
            Message::EndpointKeepAlive(keep_alive) => {
                self.handle_keep_alive(now, association, &keep_alive);
            }
            Message::Error(error) => {
                self.outbox.event(Event::ErrorReceived { association, error });
            }
            other => {
                let why = format!("unexpected {}", other.name());
                self.discarded(Some(association), why);
            }
        }
    }

    fn is_me(&self, handle: &wire::PoolHandle, identifier: Option<wire::PeIdentifier>) -> bool {
        let own = self.settings.identifier;
        *handle == self.settings.pool_handle && identifier.is_none_or(|named| named == own)
    }

    fn handle_registration_response(
        &mut self,
        now: Time,
        association: AssociationId,
        response: RegistrationResponse,
    ) {
        if matches!(self.phase, Phase::Leaving { .. }) && self.is_home(association) {
            // It answers what was sent before the deregistration.
            return;
        }
        let expected = self.phase == Phase::Active
            && self.is_home(association)
            && self.is_me(&response.pool_handle, Some(response.pe_identifier));
        let home = self.home.as_mut().filter(|_| expected);
        let Some((home, outdated)) = home.and_then(|home| match home.registration {
            RegistrationState::Outstanding { outdated } => Some((home, outdated)),
            RegistrationState::Confirmed | RegistrationState::Idle => None,
        }) else {
            self.discarded(Some(association), "unexpected ASAP_REGISTRATION_RESPONSE");
            return;
        };
        self.timers.clear(&Timer::T2Registration);
        self.attempts = 0;
        if response.rejected {
            home.registration = RegistrationState::Idle;
            home.confirmed = false;
            // Even a pool with a different policy may cease to exist.
            let retry_in = if may_pass_soon(&response.causes) {
                self.config.t2_registration
            } else {
                self.config.t4_reregistration
            };
            self.outbox.event(Event::RegistrationRefused {
                pool_handle: self.settings.pool_handle.clone(),
                policy: self.settings.policy.clone(),
                causes: response.causes,
                retry_in,
            });
            self.timers.set(Timer::Postponed, now + retry_in);
        } else {
            home.registration = RegistrationState::Confirmed;
            let first = !std::mem::replace(&mut home.confirmed, true);
            let warnings = response.causes;
            let registrar = home.registrar;
            self.outbox.event(Event::Registered {
                association,
                registrar,
                first,
                warnings,
            });
            let t4 = self.config.t4_reregistration;
            self.timers.set(Timer::T4Reregistration, now + t4);
        }
        if outdated {
            self.register_soon(now);
        }
    }

    /// T2: "server hunt, then registration again".
    pub(super) fn registration_timed_out(&mut self, now: Time) {
        let Some(home) = self.home.take() else {
            return;
        };
        self.attempts += 1;
        if self.attempts >= self.config.max_reg_attempt {
            self.outbox.event(Event::RegistrationFailed {
                attempts: self.attempts,
            });
            self.attempts = 0;
        }
        let association = home.association;
        self.outbox.abort(association);
        self.outbox.event(Event::RegistrarLost {
            association,
            cause: DownCause::LocalAbort,
        });
        self.start_hunt(now, Some(home.peer));
    }

    pub(super) fn home_lost(&mut self, now: Time, cause: DownCause) {
        let Some(home) = self.home.take() else {
            return;
        };
        self.outbox.event(Event::RegistrarLost {
            association: home.association,
            cause,
        });
        match self.phase {
            Phase::Active | Phase::Leaving { .. } | Phase::Outside => {
                self.return_if_wanted();
                self.timers.clear_all();
                self.start_hunt(now, Some(home.peer));
            }
            Phase::Deregistering => self.deregistered(now, false),
            Phase::Deregistered | Phase::Closing | Phase::Stopped => {}
        }
    }

    /// The registrar has restarted and has lost its state.
    pub(super) fn home_restarted(&mut self, now: Time) {
        if let Some(home) = &mut self.home {
            home.registrar = None;
            home.forget_registration();
        }
        match self.phase {
            Phase::Active => self.register(now),
            Phase::Leaving { .. } => self.left(now),
            Phase::Deregistering => self.deregistered(now, true),
            Phase::Outside | Phase::Deregistered | Phase::Closing | Phase::Stopped => {}
        }
    }

    fn handle_keep_alive(&mut self, now: Time, association: AssociationId, keep_alive: &EndpointKeepAlive) {
        if !self.is_me(&keep_alive.pool_handle, keep_alive.pe_identifier) {
            self.discarded(Some(association), "keep-alive for somebody else");
            return;
        }
        if self.phase == Phase::Outside {
            return self.correct(now, association, keep_alive);
        }
        // A pool element that is stopping does not accept a new home registrar.
        if !self.phase.is_in_service() && !self.is_home(association) {
            return;
        }
        let ack = EndpointKeepAliveAck {
            pool_handle: self.settings.pool_handle.clone(),
            pe_identifier: self.settings.identifier,
        };
        self.outbox
            .send_asap(association, &Message::EndpointKeepAliveAck(ack));
        let registrar = keep_alive.registrar;
        if self.is_home(association) {
            self.identify_home(registrar);
        } else if keep_alive.home {
            self.change_home(now, association, registrar);
        }
    }

    /// H flag: the sender wants to be the home registrar, over the association on which this arrived.
    pub(super) fn change_home(
        &mut self,
        now: Time,
        association: AssociationId,
        registrar: RegistrarIdentifier,
    ) {
        let current = self.home.as_ref().and_then(|home| home.registrar);
        if current == Some(registrar) {
            return;
        }
        let Some(peer) = self.foreign.remove(&association) else {
            return;
        };
        if let Some(previous) = self.home.take() {
            // It is dead, or thought to be; do not wait for it.
            self.outbox.abort(previous.association);
        }
        self.hunt.stop(&mut self.outbox);
        self.timers.clear_all();
        self.outbox.event(Event::HomeRegistrarChanged {
            association,
            registrar,
        });
        self.adopt(now, association, peer, Some(registrar));
    }

    pub(super) fn identify_home(&mut self, registrar: RegistrarIdentifier) {
        let Some(home) = &mut self.home else {
            return;
        };
        if home.registrar != Some(registrar) {
            home.registrar = Some(registrar);
            let association = home.association;
            self.outbox.event(Event::RegistrarIdentified {
                association,
                registrar,
            });
        }
    }

    /// Announcements can be forged: they identify the home registrar only until it has identified itself.
    pub(super) fn identify_home_by_announcement(&mut self) {
        let unidentified = self.home.as_ref().filter(|home| home.registrar.is_none());
        let announced = unidentified.and_then(|home| self.hunt.announced_at(&home.peer));
        if let Some(registrar) = announced {
            self.identify_home(registrar);
        }
    }
}

/// Returns whether a refused registration may be accepted before long: the identifier or resources may become
/// available.
fn may_pass_soon(causes: &[ErrorCause]) -> bool {
    let first = causes.first().map(|cause| cause.code);
    matches!(
        first,
        Some(CauseCode::NON_UNIQUE_PE_IDENTIFIER | CauseCode::LACK_OF_RESOURCES)
    )
}

/// Returns the registration life in the unit of the operational scope (D-01).
fn life(config: &crate::Config) -> RegistrationLife {
    let number = match config.life_unit {
        LifeUnit::Milliseconds => config.registration_life.as_millis(),
        LifeUnit::Seconds => u128::from(config.registration_life.as_secs()),
    };
    RegistrationLife(i32::try_from(number).unwrap_or(i32::MAX).max(1))
}
