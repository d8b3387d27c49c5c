//! The fractal service: sessions as defined by `fractal`, computed by worker threads.

use std::collections::BTreeMap;
use std::time::Duration;

use feed::{Limits, PoolElementWork, WorkUnit};
use fractal::server_session::{Next, Outcome, Outgoing, Refusal, ServerSession, Settings};
use protocol::{AssociationId, Time};
use runtime::WorkSender;
use wire::Ppid;

use super::workers::Workers;
use super::{Done, Host, Service};

/// The fractal service.
#[derive(Debug)]
pub(crate) struct FractalGenerator {
    settings: Settings,
    workers: Workers,
    sessions: BTreeMap<AssociationId, Session>,
    /// Pixels computed, whether or not they arrived anywhere.
    pixels: u64,
    /// Tiles computed up to their last pixel.
    completed: u64,
}

#[derive(Debug)]
struct Session {
    server: ServerSession,
    /// When the session may compute again.
    waits_until: Option<Duration>,
    /// When the pool user has taken nothing for too long.
    blocked_until: Option<Duration>,
    closed: bool,
}

impl FractalGenerator {
    /// Creates a service with its worker threads.
    pub(crate) fn new(settings: Settings, work: WorkSender<Done>) -> std::io::Result<Self> {
        Ok(Self {
            workers: Workers::start(settings.most_sessions, &work)?,
            settings,
            sessions: BTreeMap::new(),
            pixels: 0,
            completed: 0,
        })
    }

    /// Sends a session's pending messages, and submits its next piece of work.
    fn pump(&mut self, host: &mut Host<'_, '_>, id: AssociationId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let now = host.now().since_origin();
        self.completed += session.server.take_completed();
        session.waits_until = None;
        loop {
            // What remains at a stop is sent in any case; the driver's queue has room for it.
            if host.is_writable(id) || session.closed {
                session.blocked_until = None;
                while let Some(outgoing) = session.server.poll_send() {
                    match outgoing {
                        Outgoing::Cookie(cookie) => host.send_cookie(id, cookie.encode()),
                        Outgoing::Message(message) => {
                            host.send(id, Ppid::FRACTAL_GENERATOR, message.encode());
                        }
                    }
                }
            } else {
                let until = now.saturating_add(self.settings.transmit_timeout);
                session.blocked_until.get_or_insert(until);
            }
            match session.server.next_work(now) {
                Next::Work(work) => self.workers.submit(id, work),
                Next::WaitUntil(time) => return session.waits_until = Some(time),
                Next::Wait => return,
                Next::Done(outcome) => {
                    self.workers.cancel(id);
                    if outcome == Outcome::FailureTest && !session.closed {
                        session.closed = true;
                        tracing::info!("session {}: failure test", id.number());
                        // Send its last messages first.
                        continue;
                    }
                    if outcome == Outcome::FailureTest {
                        host.close(id);
                    }
                    return;
                }
            }
        }
    }

    fn settle(&mut self, host: &mut Host<'_, '_>, id: AssociationId, outcome: Result<(), Refusal>) {
        match outcome {
            Ok(()) => self.pump(host, id),
            Err(refusal) => self.break_off(host, id, &refusal.to_string()),
        }
    }

    /// Breaks a session; nothing is computed for it any more.
    fn break_off(&mut self, host: &mut Host<'_, '_>, id: AssociationId, why: &str) {
        self.workers.cancel(id);
        self.sessions.remove(&id);
        host.refuse(id, why);
    }
}

impl Service for FractalGenerator {
    fn begin_session(&mut self, _host: &mut Host<'_, '_>, id: AssociationId) {
        let session = Session {
            server: ServerSession::new(self.settings.clone()),
            waits_until: None,
            blocked_until: None,
            closed: false,
        };
        self.sessions.insert(id, session);
    }

    fn handle_cookie_echo(&mut self, host: &mut Host<'_, '_>, id: AssociationId, cookie: &[u8]) {
        let now = host.now().since_origin();
        if let Some(session) = self.sessions.get_mut(&id) {
            let outcome = session.server.handle_cookie_echo(now, cookie);
            self.settle(host, id, outcome);
        }
    }

    fn handle_data(&mut self, host: &mut Host<'_, '_>, id: AssociationId, ppid: Ppid, bytes: &[u8]) {
        if ppid != Ppid::FRACTAL_GENERATOR {
            return self.break_off(host, id, &format!("{ppid} is not what this service speaks"));
        }
        let now = host.now().since_origin();
        if let Some(session) = self.sessions.get_mut(&id) {
            let outcome = session.server.handle_message(now, bytes);
            self.settle(host, id, outcome);
        }
    }

    fn handle_writable(&mut self, host: &mut Host<'_, '_>, id: AssociationId) {
        self.pump(host, id);
    }

    fn end_session(&mut self, _host: &mut Host<'_, '_>, id: AssociationId) {
        self.workers.cancel(id);
        self.sessions.remove(&id);
    }

    fn handle_done(&mut self, host: &mut Host<'_, '_>, done: Done) {
        let now = host.now().since_origin();
        let Done::Computed {
            session: id,
            computed,
        } = done
        else {
            return;
        };
        if let Some(session) = self.sessions.get_mut(&id) {
            self.pixels += computed.pixels.len() as u64;
            session.server.handle_computed(now, computed);
            self.pump(host, id);
        }
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        let now = host.now().since_origin();
        let due: Vec<AssociationId> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.deadline().is_some_and(|deadline| deadline <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(session) = self.sessions.get_mut(&id) else {
                continue;
            };
            if session.blocked_until.is_some_and(|deadline| deadline <= now) {
                self.break_off(host, id, "the pool user takes nothing");
                continue;
            }
            session.server.handle_timeout(now);
            self.pump(host, id);
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.sessions
            .values()
            .filter_map(Session::deadline)
            .min()
            .map(Time::from_origin)
    }

    fn shut_down(&mut self, host: &mut Host<'_, '_>) {
        let now = host.now().since_origin();
        let ids: Vec<AssociationId> = self.sessions.keys().copied().collect();
        for id in ids {
            if let Some(session) = self.sessions.get_mut(&id)
                && session.server.is_computing()
            {
                session.server.shut_down(now);
                session.closed = true;
                self.pump(host, id);
            }
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            fail_after: Some(self.settings.fail_after),
            iterations_per_second: Some(self.settings.iterations_per_second),
            ..Limits::default()
        }
    }

    fn set_fail_after(&mut self, messages: u32) {
        self.settings.fail_after = messages;
        for session in self.sessions.values_mut() {
            session.server.set_fail_after(messages);
        }
    }

    fn set_capacity(&mut self, host: &mut Host<'_, '_>, iterations_per_second: u64) {
        self.settings.iterations_per_second = iterations_per_second;
        let ids: Vec<AssociationId> = self.sessions.keys().copied().collect();
        for id in ids {
            if let Some(session) = self.sessions.get_mut(&id) {
                session.server.set_iterations_per_second(iterations_per_second);
                self.pump(host, id);
            }
        }
    }

    fn running(&self) -> usize {
        self.sessions
            .values()
            .filter(|session| session.server.is_computing())
            .count()
    }

    fn work(&self, _now: Time) -> Option<PoolElementWork> {
        Some(PoolElementWork {
            unit: WorkUnit::Pixels,
            // It depends on the picture and on what else the processor does.
            capacity: None,
            running: u32::try_from(self.running()).unwrap_or(u32::MAX),
            done: self.pixels as f64,
            completed: self.completed,
            rejected: 0,
        })
    }
}

impl Session {
    fn deadline(&self) -> Option<Duration> {
        [self.server.poll_timeout(), self.waits_until, self.blocked_until]
            .into_iter()
            .flatten()
            .min()
    }
}
