//! A pool element with the CalcApp service.

use std::collections::BTreeMap;

use calc_app::server::{self, Server};
use protocol::{AssociationId, Core, Output, PoolElement, Time, pool_element};
use wire::Ppid;
use wire::calc_app::StateCookie;
use wire::parameter::{Policy, scale_of_fraction};

use crate::node::Step;

/// The core, the service, and what would be lost with them.
#[derive(Debug)]
pub(crate) struct Element {
    core: PoolElement,
    server: Server,
    policy: Policy,
    /// Calculations that nobody has to repeat: those of completed requests, and of cookies that were sent.
    saved: f64,
    /// The progress of each job that is in service, according to its last cookie.
    jobs: BTreeMap<(AssociationId, u32), f64>,
}

impl Element {
    pub(crate) const fn new(core: PoolElement, server: Server, policy: Policy) -> Self {
        Self {
            core,
            server,
            policy,
            saved: 0.0,
            jobs: BTreeMap::new(),
        }
    }

    pub(crate) const fn core(&mut self) -> &mut PoolElement {
        &mut self.core
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.core.is_registered()
    }

    /// Returns the calculations done so far.
    pub(crate) fn done(&self, now: Time) -> f64 {
        self.server.work(now).done
    }

    /// Returns the calculations that nobody would know of if it ended now.
    pub(crate) fn unsaved(&self, now: Time) -> f64 {
        (self.done(now) - self.saved).max(0.0)
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) {
        self.core.handle_timeout(now);
        self.server.handle_timeout(now);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let times = [self.core.poll_timeout(), self.server.poll_timeout()];
        times.into_iter().flatten().min()
    }

    pub(crate) fn poll_step(&mut self, now: Time) -> Option<Step> {
        loop {
            match self.core.poll_output().map(Output::effect_or_event) {
                Some(Ok(effect)) => return Some(Step::Effect(effect)),
                Some(Err(pool_element::Event::Stopped)) => return Some(Step::Stopped),
                Some(Err(event)) => self.handle_event(now, event),
                None if self.serve(now) => {}
                None => return None,
            }
        }
    }

    fn handle_event(&mut self, now: Time, event: pool_element::Event) {
        let (association, refused) = match event {
            pool_element::Event::SessionStarted { association, .. } => {
                self.server.begin_session(now, association);
                return;
            }
            pool_element::Event::SessionEnded { association, .. } => {
                self.server.end_session(now, association);
                let jobs = (association, 0)..=(association, u32::MAX);
                let ended: Vec<_> = self.jobs.range(jobs).map(|(key, _)| *key).collect();
                for key in ended {
                    self.jobs.remove(&key);
                }
                return;
            }
            pool_element::Event::CookieEcho { association, cookie } => {
                let outcome = self.server.handle_cookie_echo(now, association, &cookie);
                (association, outcome.is_err())
            }
            pool_element::Event::Data {
                association,
                ppid,
                bytes,
            } => {
                let refused =
                    ppid != Ppid::CALC_APP || self.server.handle_message(now, association, &bytes).is_err();
                (association, refused)
            }
            pool_element::Event::Deregistered { .. } => {
                self.server.shut_down(now);
                self.serve(now);
                self.core.close(now);
                return;
            }
            _ => return,
        };
        if refused {
            self.core.abort_session(now, association);
        }
    }

    /// Carries out what the service wants. Returns whether it wanted anything.
    fn serve(&mut self, now: Time) -> bool {
        let mut wanted = false;
        while let Some(output) = self.server.poll_output() {
            wanted = true;
            match output {
                server::Output::Send { session, bytes } => {
                    self.core.send_data(now, session, Ppid::CALC_APP, bytes);
                }
                server::Output::Cookie { session, bytes } => {
                    self.note_cookie(session, &bytes);
                    self.core.send_cookie(now, session, bytes);
                }
                server::Output::Event(event) => self.note(event),
            }
        }
        let policy = self
            .policy
            .clone()
            .with_load(scale_of_fraction(self.server.load()));
        if policy != self.policy {
            wanted = true;
            self.policy = policy.clone();
            self.core.set_policy(now, policy);
        }
        wanted
    }

    fn note_cookie(&mut self, session: AssociationId, cookie: &[u8]) {
        let Ok(state) = StateCookie::decode(cookie) else {
            return;
        };
        if let Some(progress) = self.jobs.get_mut(&(session, state.job_id)) {
            let completed = state.completed as f64;
            self.saved += completed - *progress;
            *progress = completed;
        }
    }

    fn note(&mut self, event: server::Event) {
        match event {
            server::Event::Accepted {
                session,
                job_id,
                completed,
                ..
            } => {
                self.jobs.insert((session, job_id), completed as f64);
            }
            server::Event::Completed {
                session,
                job_id,
                size,
            } => {
                if let Some(progress) = self.jobs.remove(&(session, job_id)) {
                    self.saved += size as f64 - progress;
                }
            }
            server::Event::Abandoned { session, job_id, .. } => {
                self.jobs.remove(&(session, job_id));
            }
            server::Event::Rejected { .. } => {}
        }
    }
}
