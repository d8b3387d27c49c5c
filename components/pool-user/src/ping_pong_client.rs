//! The ping-pong client: sends Pings and counts the Pongs.

use std::time::Duration;

use feed::{Activity, Command, PoolUserWork};
use protocol::Time;
use protocol::pool_user::{Event, SessionId};
use wire::ping_pong::Message;
use wire::{PoolHandle, Ppid};

use crate::client::{Client, Host};
use crate::message_work::MessageWork;

/// Plays ping-pong with a pool.
pub(crate) struct PingPongClient {
    pool_handle: PoolHandle,
    interval: Duration,
    session: Option<SessionId>,
    served: bool,
    next_ping: Time,
    sent: u64,
    received: u64,
    /// The last Reply Number; these have no gaps, even over failovers, unless a message was lost.
    last_reply: u64,
    work: MessageWork,
}

impl PingPongClient {
    /// Creates a client that begins at its first timeout.
    pub(crate) fn new(pool_handle: PoolHandle, interval: Duration) -> Self {
        Self {
            pool_handle,
            interval,
            session: None,
            served: false,
            next_ping: Time::ZERO,
            sent: 0,
            received: 0,
            last_reply: 0,
            work: MessageWork::default(),
        }
    }
}

impl Client for PingPongClient {
    fn handle_event(&mut self, host: &mut Host<'_, '_>, event: Event) {
        match event {
            Event::SessionUp { pe_identifier, .. } => {
                self.served = true;
                self.next_ping = host.now();
                host.say(&format!("served by PE {pe_identifier}"));
            }
            Event::FailoverStarted {
                pe_identifier,
                reason,
                ..
            } => {
                self.served = false;
                host.say(&format!("PE {pe_identifier} is lost: {reason}"));
            }
            Event::Data {
                pe_identifier,
                ppid: Ppid::PING_PONG,
                bytes,
                ..
            } => {
                if let Ok(Message::Pong {
                    message_number,
                    reply_number,
                    ..
                }) = Message::decode(&bytes)
                {
                    self.received += 1;
                    self.work.answered(host.now(), message_number);
                    let lost = reply_number.wrapping_sub(self.last_reply.wrapping_add(1));
                    self.last_reply = reply_number;
                    let remark = if lost == 0 { "" } else { " (out of sequence)" };
                    host.say(&format!(
                        "Pong {reply_number} for Ping {message_number} from PE {pe_identifier}{remark}"
                    ));
                }
            }
            // All other events are logged by the pool user.
            _ => {}
        }
    }

    fn handle_command(&mut self, host: &mut Host<'_, '_>, command: Command) -> bool {
        if let (Command::Failover, Some(session)) = (command, self.session) {
            host.core
                .fail_over(host.context.now, session, "asked for".into(), false);
            return true;
        }
        false
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        let now = host.now();
        let session = match self.session {
            Some(session) => session,
            None => *self
                .session
                .insert(host.core.open_session(now, self.pool_handle.clone())),
        };
        if !self.served || now < self.next_ping {
            return;
        }
        self.next_ping = now + self.interval.max(Duration::from_millis(1));
        self.sent += 1;
        self.work.requested(now, self.sent, true);
        let ping = Message::Ping {
            message_number: self.sent,
            data: format!("Message {}", self.sent).into_bytes(),
        };
        host.send(session, Ppid::PING_PONG, ping.encode());
    }

    fn poll_timeout(&self) -> Option<Time> {
        (self.served || self.session.is_none()).then_some(self.next_ping)
    }

    fn outcome(&self) -> Option<u8> {
        None
    }

    fn outcome_if_stopped(&self) -> u8 {
        0
    }

    fn activity(&self) -> Activity {
        Activity::PingPong {
            sent: self.sent,
            received: self.received,
        }
    }

    fn work(&self, _now: Time) -> Option<PoolUserWork> {
        Some(self.work.total(0))
    }

    fn report(&self) -> String {
        if self.served {
            "1 Session".into()
        } else {
            "0 Sessions".into()
        }
    }
}
