//! Messages on associations: decoding, rejecting, and dispatching.

use wire::asap::{
    Deregistration, DeregistrationResponse, HandleResolution, HandleResolutionResponse, Message,
    Registration, RegistrationResponse, Resolution,
};
use wire::parameter::{CauseCode, ErrorCause};
use wire::{Ppid, Reaction, Rejection};

use super::{Event, Registrar, Timer};
use crate::{AssociationId, Time};

/// The maximum number of requests that wait because registrations arrived too fast; further ones are refused.
const MOST_DEFERRED: usize = 32;

impl Registrar {
    pub(super) fn handle_bytes(&mut self, now: Time, association: AssociationId, ppid: Ppid, bytes: &[u8]) {
        let Some(attached) = self.attached.get_mut(association) else {
            return;
        };
        attached.last_message = now;
        if ppid != Ppid::ASAP {
            self.discarded(Some(association), format!("{ppid} on the ASAP endpoint"));
            self.cut(now, association);
            return;
        }
        match Message::decode(bytes) {
            Ok(decoded) => {
                let is_error = matches!(decoded.message, Message::Error(_));
                self.handle_message(now, association, decoded.message);
                // RFC 5354 section 4: errors are never answered with errors.
                if !is_error && self.attached.contains(association) {
                    self.outbox.report(association, decoded.report);
                }
            }
            Err(rejection) => self.handle_rejection(association, rejection),
        }
    }

    fn handle_message(&mut self, now: Time, association: AssociationId, message: Message) {
        match message {
            Message::Registration(_) | Message::Deregistration(_) => {
                self.handle_in_turn(now, association, message);
            }
            Message::HandleResolution(request) => {
                self.handle_resolution(now, association, &request);
            }
            Message::EndpointKeepAliveAck(ack) => {
                self.handle_keep_alive_ack(now, association, ack);
            }
            Message::EndpointUnreachable(report) => {
                self.handle_unreachable(now, association, report);
            }
            Message::Error(error) => {
                self.outbox.event(Event::ErrorReceived { association, error });
            }
            Message::RegistrationResponse(_)
            | Message::DeregistrationResponse(_)
            | Message::HandleResolutionResponse(_)
            | Message::EndpointKeepAlive(_)
            | Message::ServerAnnounce(_)
            | Message::Cookie(_)
            | Message::CookieEcho(_)
            | Message::BusinessCard(_) => {
                let why = format!("{} is not for a registrar", message.name());
                self.discarded(Some(association), why);
            }
        }
    }

    /// Handles a registration or deregistration now, or after those that are already waiting.
    fn handle_in_turn(&mut self, now: Time, association: AssociationId, message: Message) {
        let Some(attached) = self.attached.get_mut(association) else {
            return;
        };
        let must_wait = !attached.deferred.is_empty()
            || matches!(message, Message::Registration(_)) && !attached.registrations.admit(now);
        if !must_wait {
            self.handle_request(now, association, message);
        } else if attached.deferred.len() < MOST_DEFERRED {
            attached.deferred.push_back(message);
            let due = attached.registrations.next_admission();
            self.timers.set(Timer::Deferred(association), due);
        } else {
            self.discarded(Some(association), "too many registrations");
            self.refuse_request(association, &message, CauseCode::LACK_OF_RESOURCES);
        }
    }

    pub(super) fn handle_deferred(&mut self, now: Time, association: AssociationId) {
        while let Some(attached) = self.attached.get_mut(association) {
            let registers = matches!(attached.deferred.front(), Some(Message::Registration(_)));
            if registers && !attached.registrations.admit(now) {
                let due = attached.registrations.next_admission();
                self.timers.set(Timer::Deferred(association), due);
                return;
            }
            let Some(message) = attached.deferred.pop_front() else {
                return;
            };
            self.handle_request(now, association, message);
        }
    }

    fn handle_request(&mut self, now: Time, association: AssociationId, message: Message) {
        match message {
            Message::Registration(request) => self.handle_registration(now, association, request),
            Message::Deregistration(request) => {
                self.handle_deregistration(now, association, request);
            }
            _ => {}
        }
    }

    fn refuse_request(&mut self, association: AssociationId, message: &Message, code: CauseCode) {
        let causes = vec![ErrorCause::bare(code)];
        let response = match message {
            Message::Registration(request) => Message::RegistrationResponse(RegistrationResponse {
                rejected: true,
                pool_handle: request.pool_handle.clone(),
                pe_identifier: request.pool_element.identifier,
                causes,
            }),
            Message::Deregistration(request) => Message::DeregistrationResponse(DeregistrationResponse {
                pool_handle: request.pool_handle.clone(),
                pe_identifier: request.pe_identifier,
                causes,
            }),
            _ => return,
        };
        self.outbox.send_asap(association, &response);
    }

    fn handle_rejection(&mut self, association: AssociationId, rejection: Rejection) {
        self.discarded(Some(association), rejection.to_string());
        let cause = match rejection.reaction {
            Reaction::DiscardSilently => return,
            Reaction::Report(causes) => return self.outbox.report(association, causes),
            Reaction::Refuse(cause) => cause,
        };
        let pool_handle = rejection.subject.pool_handle;
        let pe_identifier = rejection.subject.pe_identifier;
        let causes = vec![cause];
        let response = match (rejection.message_type, pool_handle, pe_identifier) {
            (Some(Registration::TYPE), Some(pool_handle), Some(pe_identifier)) => {
                self.outbox.event(Event::RegistrationRefused {
                    pool_handle: pool_handle.clone(),
                    pe_identifier,
                    causes: causes.clone(),
                });
                Message::RegistrationResponse(RegistrationResponse {
                    rejected: true,
                    pool_handle,
                    pe_identifier,
                    causes,
                })
            }
            (Some(Deregistration::TYPE), Some(pool_handle), Some(pe_identifier)) => {
                Message::DeregistrationResponse(DeregistrationResponse {
                    pool_handle,
                    pe_identifier,
                    causes,
                })
            }
            (Some(HandleResolution::TYPE), Some(pool_handle), _) => {
                Message::HandleResolutionResponse(HandleResolutionResponse {
                    subscribed: false,
                    pool_handle,
                    outcome: Resolution::Failed(causes),
                })
            }
            _ => return,
        };
        self.outbox.send_asap(association, &response);
    }
}
