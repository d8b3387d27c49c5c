//! Sessions with pool users: data and the control channel.

use wire::Ppid;
use wire::asap::{BusinessCard, Cookie, Message};

use super::{Event, PoolElement};
use crate::{AssociationId, DownCause, Time, TransportAddress};

/// A pool user's session.
#[derive(Debug)]
pub(super) struct Session {
    peer: TransportAddress,
    /// Whether the pool user has echoed a cookie: only the first echo counts.
    echoed: bool,
}

impl PoolElement {
    /// Sends application data to a pool user. Ignored if the session has ended, or if `ppid` is ASAP's.
    pub fn send_data(&mut self, _: Time, association: AssociationId, ppid: Ppid, bytes: Vec<u8>) {
        if ppid != Ppid::ASAP && self.sessions.contains_key(&association) {
            self.outbox.send(association, ppid, bytes);
        }
    }

    /// Sends a state cookie to a pool user, with the state after all data sent before. A cookie that is empty or
    /// longer than `max_cookie` bytes is not sent.
    pub fn send_cookie(&mut self, _: Time, association: AssociationId, cookie: Vec<u8>) {
        let sendable = !cookie.is_empty() && cookie.len() <= self.config.max_cookie;
        if sendable && self.sessions.contains_key(&association) {
            let cookie = Message::Cookie(Cookie { cookie });
            self.outbox.send_asap(association, &cookie);
        }
    }

    /// Sends a business card to a pool user, with the pool elements to use if this one fails.
    pub fn send_business_card(&mut self, _: Time, association: AssociationId, card: BusinessCard) {
        if self.sessions.contains_key(&association) {
            self.outbox.send_asap(association, &Message::BusinessCard(card));
        }
    }

    /// Ends a session gracefully: everything sent before still arrives.
    pub fn shutdown_session(&mut self, _: Time, association: AssociationId) {
        if self.sessions.contains_key(&association) {
            self.outbox.shutdown(association);
        }
    }

    /// Aborts a session.
    pub fn abort_session(&mut self, _: Time, association: AssociationId) {
        if self.sessions.contains_key(&association) {
            self.outbox.abort(association);
        }
    }

    pub(super) fn start_session(&mut self, association: AssociationId, peer: TransportAddress) {
        let session = Session {
            peer: peer.clone(),
            echoed: false,
        };
        self.sessions.insert(association, session);
        self.outbox.event(Event::SessionStarted { association, peer });
    }

    pub(super) fn end_session(&mut self, association: AssociationId, cause: DownCause) {
        if self.sessions.remove(&association).is_some() {
            self.outbox.event(Event::SessionEnded { association, cause });
        }
    }

    /// The pool user has restarted, and begins a new session over the old association.
    pub(super) fn restart_session(&mut self, association: AssociationId) {
        let Some(session) = self.sessions.remove(&association) else {
            return;
        };
        let cause = DownCause::PeerAbort;
        self.outbox.event(Event::SessionEnded { association, cause });
        if self.phase.is_in_service() {
            self.start_session(association, session.peer);
        } else {
            self.outbox.abort(association);
        }
    }

    pub(super) fn handle_control(&mut self, association: AssociationId, message: Message) {
        let Some(session) = self.sessions.get_mut(&association) else {
            return;
        };
        match message {
            Message::CookieEcho(echo) if session.echoed => {
                let why = format!("another cookie echo of {} bytes", echo.cookie.len());
                self.discarded(Some(association), why);
            }
            Message::CookieEcho(echo) if echo.cookie.len() > self.config.max_cookie => {
                let why = format!("cookie echo of {} bytes", echo.cookie.len());
                self.discarded(Some(association), why);
            }
            Message::CookieEcho(echo) => {
                session.echoed = true;
                let cookie = echo.cookie;
                self.outbox.event(Event::CookieEcho { association, cookie });
            }
            Message::BusinessCard(card) => {
                self.outbox.event(Event::BusinessCard { association, card });
            }
            Message::Error(error) => {
                self.outbox.event(Event::ErrorReceived { association, error });
            }
            other => {
                let why = format!("{} on the control channel", other.name());
                self.discarded(Some(association), why);
            }
        }
    }
}
