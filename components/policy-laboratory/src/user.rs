//! A pool user with the CalcApp client.

use calc_app::client::{self, Client};
use protocol::pool_user::{Event, SessionId};
use protocol::{Core, Output, PoolUser, Time};
use wire::{PoolHandle, Ppid};

use crate::node::Step;

/// The core, the client, and its session.
#[derive(Debug)]
pub(crate) struct User {
    core: PoolUser,
    client: Client,
    pool: PoolHandle,
    /// The session opened last; earlier ones are being closed.
    session: Option<SessionId>,
}

impl User {
    pub(crate) const fn new(core: PoolUser, client: Client, pool: PoolHandle) -> Self {
        Self {
            core,
            client,
            pool,
            session: None,
        }
    }

    pub(crate) const fn core(&mut self) -> &mut PoolUser {
        &mut self.core
    }

    pub(crate) fn work(&self) -> client::Work {
        self.client.work()
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) {
        self.core.handle_timeout(now);
        self.client.handle_timeout(now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let times = [self.core.poll_timeout(), self.client.poll_timeout()];
        times.into_iter().flatten().min()
    }

    pub(crate) fn poll_step(&mut self, now: Time) -> Option<Step> {
        loop {
            match self.core.poll_output().map(Output::effect_or_event) {
                Some(Ok(effect)) => return Some(Step::Effect(effect)),
                Some(Err(Event::Stopped)) => return Some(Step::Stopped),
                Some(Err(event)) => {
                    if let Some(step) = self.handle_event(now, event) {
                        return Some(step);
                    }
                }
                None if self.ask(now) => {}
                None => return None,
            }
        }
    }

    fn handle_event(&mut self, now: Time, event: Event) -> Option<Step> {
        let is_ours = |session| Some(session) == self.session;
        match event {
            Event::SessionUp {
                session,
                cookie_echoed,
                ..
            } if is_ours(session) => {
                self.client.session_up(now, cookie_echoed);
                Some(Step::Served)
            }
            Event::FailoverStarted {
                session,
                pe_identifier,
                ..
            } if is_ours(session) => {
                self.client.session_lost(now);
                Some(Step::Lost(pe_identifier))
            }
            Event::Data {
                session, ppid, bytes, ..
            } if is_ours(session) => {
                if ppid == Ppid::CALC_APP {
                    // What to do about a refusal is among the outputs.
                    let _ = self.client.handle_message(now, &bytes);
                }
                None
            }
            Event::Cookie { session, .. } if is_ours(session) => {
                if let Some(cookie) = self.core.cookie(session) {
                    self.client.cookie_received(now, cookie);
                }
                None
            }
            _ => None,
        }
    }

    /// Carries out what the client wants. Returns whether it wanted anything.
    fn ask(&mut self, now: Time) -> bool {
        let mut wanted = false;
        while let Some(output) = self.client.poll_output() {
            wanted = true;
            match (output, self.session) {
                (client::Output::OpenSession, _) => {
                    self.session = Some(self.core.open_session(now, self.pool.clone()));
                }
                (client::Output::Send { bytes }, Some(session)) => {
                    self.core.send_data(now, session, Ppid::CALC_APP, bytes);
                }
                (client::Output::FailOver { report, why }, Some(session)) => {
                    self.core.fail_over(now, session, why, report);
                }
                (client::Output::CloseSession, Some(session)) => {
                    self.core.close_session(now, session);
                    self.session = None;
                }
                (client::Output::Event(_), _) | (_, None) => {}
            }
        }
        wanted
    }
}
