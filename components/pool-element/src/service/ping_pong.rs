//! The ping-pong service: a Pong and a cookie for each Ping.

use std::collections::BTreeMap;

use feed::{Limits, PoolElementWork};
use protocol::{AssociationId, Time};
use wire::Ppid;
use wire::ping_pong::{Message, StateCookie};

use super::{Host, Service};

/// The ping-pong service. For each session it keeps the number of the next Pong.
#[derive(Debug)]
pub(crate) struct PingPong {
    sessions: BTreeMap<AssociationId, Session>,
    fail_after: u32,
    /// All Pongs.
    answered: u64,
}

#[derive(Debug)]
struct Session {
    next_reply: u64,
    pongs: u32,
    fails_at: u32,
    has_begun: bool,
}

impl PingPong {
    /// Creates a service that breaks sessions after this many Pongs; 0 never does.
    pub(crate) const fn new(fail_after: u32) -> Self {
        Self {
            sessions: BTreeMap::new(),
            fail_after,
            answered: 0,
        }
    }
}

impl Service for PingPong {
    fn begin_session(&mut self, _host: &mut Host<'_, '_>, id: AssociationId) {
        let session = Session {
            next_reply: 1,
            pongs: 0,
            fails_at: self.fail_after,
            has_begun: false,
        };
        self.sessions.insert(id, session);
    }

    fn handle_cookie_echo(&mut self, host: &mut Host<'_, '_>, id: AssociationId, cookie: &[u8]) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        match StateCookie::decode(cookie) {
            Ok(_) if session.has_begun => {}
            Ok(cookie) => session.next_reply = cookie.reply_number,
            Err(malformed) => host.refuse(id, &format!("unacceptable cookie: {malformed}")),
        }
    }

    fn handle_data(&mut self, host: &mut Host<'_, '_>, id: AssociationId, ppid: Ppid, bytes: &[u8]) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if ppid != Ppid::PING_PONG {
            return host.refuse(id, &format!("{ppid} is not what this service speaks"));
        }
        let (message_number, data) = match Message::decode(bytes) {
            Ok(Message::Ping { message_number, data }) => (message_number, data),
            Ok(Message::Pong { .. }) => return host.refuse(id, "a Pong from a pool user"),
            Err(malformed) => return host.refuse(id, &malformed.to_string()),
        };
        session.has_begun = true;
        let reply_number = session.next_reply;
        session.next_reply = reply_number.wrapping_add(1);
        let pong = Message::Pong {
            message_number,
            reply_number,
            data,
        };
        let cookie = StateCookie {
            reply_number: session.next_reply,
        };
        host.send(id, Ppid::PING_PONG, pong.encode());
        host.send_cookie(id, cookie.encode());
        self.answered += 1;
        session.pongs = session.pongs.saturating_add(1);
        if session.fails_at != 0 && session.pongs >= session.fails_at {
            tracing::info!("session {}: failure test", id.number());
            host.close(id);
        }
    }

    fn end_session(&mut self, _host: &mut Host<'_, '_>, id: AssociationId) {
        self.sessions.remove(&id);
    }

    fn limits(&self) -> Limits {
        Limits {
            fail_after: Some(self.fail_after),
            ..Limits::default()
        }
    }

    fn set_fail_after(&mut self, messages: u32) {
        self.fail_after = messages;
        for session in self.sessions.values_mut() {
            session.fails_at = match messages {
                0 => 0,
                number => session.pongs.saturating_add(number),
            };
        }
    }

    fn running(&self) -> usize {
        self.sessions.len()
    }

    fn work(&self, _now: Time) -> Option<PoolElementWork> {
        Some(super::messages(self.answered))
    }
}
