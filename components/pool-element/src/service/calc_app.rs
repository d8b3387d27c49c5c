//! The CalcApp service: jobs that share a capacity and compute nothing, but cause load.

use calc_app::Refused;
use calc_app::server::{Event, Output, Server, Settings};
use feed::{Limits, PoolElementWork, WorkUnit};
use protocol::{AssociationId, Time};
use tracing::{debug, info, warn};
use wire::Ppid;

use super::{Host, Service};

/// The CalcApp service.
#[derive(Debug)]
pub(crate) struct CalcApp {
    server: Server,
}

impl CalcApp {
    /// Creates a service without jobs.
    pub(crate) fn new(now: Time, settings: Settings, seed: u64) -> Self {
        Self {
            server: Server::new(now, settings, seed),
        }
    }

    /// Carries out what the server wants.
    fn flush(&mut self, host: &mut Host<'_, '_>) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { session, bytes } => host.send(session, Ppid::CALC_APP, bytes),
                Output::Cookie { session, bytes } => host.send_cookie(session, bytes),
                Output::Event(event) => log(event),
            }
        }
    }

    fn settle(&mut self, host: &mut Host<'_, '_>, session: AssociationId, outcome: Result<(), Refused>) {
        self.flush(host);
        if let Err(refused) = outcome {
            host.refuse(session, &refused.to_string());
        }
    }
}

fn log(event: Event) {
    match event {
        Event::Accepted {
            session,
            job_id,
            size,
            completed,
        } => debug!(
            "session {}: job {job_id} of {size} calculations, {completed} of them done before",
            session.number()
        ),
        Event::Rejected { session, job_id } => info!("session {}: job {job_id} rejected", session.number()),
        Event::Completed { session, job_id, .. } => {
            debug!("session {}: job {job_id} completed", session.number());
        }
        Event::Abandoned {
            session,
            job_id,
            completed,
        } => warn!(
            "session {}: job {job_id} is removed after {completed} calculations: its pool user does not answer",
            session.number()
        ),
    }
}

impl Service for CalcApp {
    fn begin_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.server.begin_session(host.now(), session);
        self.flush(host);
    }

    fn handle_cookie_echo(&mut self, host: &mut Host<'_, '_>, session: AssociationId, cookie: &[u8]) {
        let outcome = self.server.handle_cookie_echo(host.now(), session, cookie);
        self.settle(host, session, outcome);
    }

    fn handle_data(&mut self, host: &mut Host<'_, '_>, session: AssociationId, ppid: Ppid, bytes: &[u8]) {
        if ppid != Ppid::CALC_APP {
            return host.refuse(session, &format!("{ppid} is not what this service speaks"));
        }
        let outcome = self.server.handle_message(host.now(), session, bytes);
        self.settle(host, session, outcome);
    }

    fn end_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.server.end_session(host.now(), session);
        self.flush(host);
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        self.server.handle_timeout(host.now());
        self.flush(host);
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.server.poll_timeout()
    }

    fn shut_down(&mut self, host: &mut Host<'_, '_>) {
        self.server.shut_down(host.now());
        self.flush(host);
    }

    fn limits(&self) -> Limits {
        let settings = self.server.settings();
        Limits {
            calculations_per_second: Some(settings.capacity.round() as u64),
            max_jobs: Some(u32::try_from(settings.max_jobs).unwrap_or(u32::MAX)),
            ..Limits::default()
        }
    }

    fn set_capacity(&mut self, host: &mut Host<'_, '_>, per_second: u64) {
        self.server.set_capacity(host.now(), per_second as f64);
        self.flush(host);
    }

    fn set_max_jobs(&mut self, host: &mut Host<'_, '_>, jobs: u32) {
        self.server.set_max_jobs(host.now(), jobs as usize);
        self.flush(host);
    }

    fn running(&self) -> usize {
        self.server.running()
    }

    fn most_running(&self) -> Option<usize> {
        Some(self.server.settings().max_jobs)
    }

    fn work(&self, now: Time) -> Option<PoolElementWork> {
        let work = self.server.work(now);
        Some(PoolElementWork {
            unit: WorkUnit::Calculations,
            capacity: Some(self.server.settings().capacity),
            running: u32::try_from(self.server.running()).unwrap_or(u32::MAX),
            done: work.done,
            completed: work.completed,
            rejected: work.rejected,
        })
    }
}
