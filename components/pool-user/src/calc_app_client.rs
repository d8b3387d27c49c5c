//! The CalcApp client: requests with a number of calculations, which a pool processes.

use calc_app::client::{self, Completed, Output};
use feed::{Activity, Command, PoolUserWork, WorkUnit};
use protocol::Time;
use protocol::pool_user::{Event, SessionId};
use tracing::{debug, warn};
use wire::{PeIdentifier, PoolHandle, Ppid};

use crate::client::{Client, Host};

/// Has a pool process requests.
pub(crate) struct CalcAppClient {
    pool_handle: PoolHandle,
    settings: client::Settings,
    seed: u64,
    /// When it begins, even if the control centre has not said so.
    begins_at: Time,
    client: Option<client::Client>,
    session: Option<SessionId>,
    served_by: Option<PeIdentifier>,
    /// Whether the last request that came up was dropped: the user is told of the first one in a row.
    is_dropping: bool,
}

impl CalcAppClient {
    /// Creates a client that begins at this time, or when it is told to.
    pub(crate) const fn new(
        pool_handle: PoolHandle,
        settings: client::Settings,
        seed: u64,
        begins_at: Time,
    ) -> Self {
        Self {
            pool_handle,
            settings,
            seed,
            begins_at,
            client: None,
            session: None,
            served_by: None,
            is_dropping: false,
        }
    }

    fn begin(&mut self, host: &mut Host<'_, '_>) {
        if self.client.is_none() {
            self.client = Some(client::Client::new(host.now(), self.settings.clone(), self.seed));
            self.use_client(host, client::Client::handle_timeout);
        }
    }

    /// Lets the client handle something, and carries out what it wants.
    fn use_client(&mut self, host: &mut Host<'_, '_>, action: impl FnOnce(&mut client::Client, Time)) {
        let Some(client) = &mut self.client else {
            return;
        };
        let now = host.now();
        action(client, now);
        while let Some(output) = self.client.as_mut().and_then(client::Client::poll_output) {
            match output {
                Output::OpenSession => {
                    self.session = Some(host.core.open_session(now, self.pool_handle.clone()));
                }
                Output::Send { bytes } => {
                    if let Some(session) = self.session {
                        host.send(session, Ppid::CALC_APP, bytes);
                    }
                }
                Output::FailOver { report, why } => {
                    if let Some(session) = self.session {
                        host.core.fail_over(now, session, why, report);
                    }
                }
                Output::CloseSession => {
                    self.served_by = None;
                    if let Some(session) = self.session.take() {
                        host.core.close_session(now, session);
                    }
                }
                Output::Event(event) => self.tell(host, event),
            }
        }
    }

    fn tell(&mut self, host: &Host<'_, '_>, event: client::Event) {
        if !matches!(event, client::Event::Dropped { .. }) {
            self.is_dropping = false;
        }
        let pe = InWords(self.served_by);
        match event {
            client::Event::CameUp { job_id, size, .. } => debug!("request {job_id}: {size} calculations"),
            client::Event::Dropped { .. } => {
                if !std::mem::replace(&mut self.is_dropping, true) {
                    warn!("the queue is full: requests are dropped until there is room");
                }
            }
            client::Event::Accepted { job_id } => host.say(&format!("request {job_id}: accepted by {pe}")),
            client::Event::Rejected { job_id } => {
                host.say(&format!(
                    "request {job_id}: rejected by {pe}, it will be tried again"
                ));
            }
            client::Event::Completed(Completed {
                job_id,
                size,
                handling,
                queueing,
                ..
            }) => host.say(&format!(
                "request {job_id}: {size} calculations completed after {:.2} s, {:.2} s of them in the queue",
                handling.as_secs_f64(),
                queueing.as_secs_f64()
            )),
        }
    }

    fn counts(&self) -> client::Work {
        self.client.as_ref().map(client::Client::work).unwrap_or_default()
    }

    /// Sums up for the user what has become of the requests.
    fn sum_up(&self, host: &Host<'_, '_>) {
        let work = self.counts();
        let Some(speed) = work.handling_speed() else {
            return;
        };
        let mean = |total: std::time::Duration| total.as_secs_f64() / work.completed as f64;
        host.say(&format!(
            "{} of {} requests completed, {} rejections, {} dropped: {speed:.0} calculations/s, {:.2} s per request, \
             {:.2} s of them in the queue",
            work.completed,
            work.requested,
            work.rejected,
            work.dropped,
            mean(work.handling),
            mean(work.queueing)
        ));
    }
}

/// A pool element, as far as it is known.
struct InWords(Option<PeIdentifier>);

impl std::fmt::Display for InWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(identifier) => write!(f, "PE {identifier}"),
            None => f.write_str("no pool element"),
        }
    }
}

impl Client for CalcAppClient {
    fn handle_event(&mut self, host: &mut Host<'_, '_>, event: Event) {
        let is_current = |session| Some(session) == self.session;
        match event {
            Event::SessionUp {
                session,
                pe_identifier,
                cookie_echoed,
                ..
            } if is_current(session) => {
                self.served_by = Some(pe_identifier);
                self.use_client(host, |client, now| client.session_up(now, cookie_echoed));
            }
            Event::FailoverStarted {
                session,
                pe_identifier,
                reason,
                ..
            } if is_current(session) => {
                self.served_by = None;
                host.say(&format!("PE {pe_identifier} is lost: {reason}"));
                self.use_client(host, client::Client::session_lost);
            }
            Event::FailoverComplete {
                to,
                times,
                responding,
                ..
            } => {
                // A pool element is silent as long as it works: the time until its loss was noticed is unknown.
                let took = times.resolving + times.connecting + responding;
                let how = if times.cookie_echoed {
                    "from its cookie"
                } else {
                    "from the start"
                };
                host.say(&format!(
                    "continues {how} at PE {to}, {:.1} ms after the loss of PE {} was noticed",
                    took.as_secs_f64() * 1e3,
                    times.from
                ));
            }
            Event::Cookie { session, .. } if is_current(session) => {
                if let Some(cookie) = host.core.cookie(session).map(<[u8]>::to_vec) {
                    self.use_client(host, |client, now| client.cookie_received(now, &cookie));
                }
            }
            Event::Data {
                session,
                pe_identifier,
                ppid,
                bytes,
            } if is_current(session) => {
                if ppid != Ppid::CALC_APP {
                    debug!("data of PE {pe_identifier} ignored: {ppid} is not what this client speaks");
                    return;
                }
                self.use_client(host, |client, now| {
                    if let Err(refused) = client.handle_message(now, &bytes) {
                        warn!("PE {pe_identifier} is left: {refused}");
                    }
                });
            }
            // All other events are logged by the pool user.
            _ => {}
        }
        if self.outcome().is_some() {
            self.sum_up(host);
        }
    }

    fn handle_command(&mut self, host: &mut Host<'_, '_>, command: Command) -> bool {
        match (command, self.session) {
            (Command::Begin, _) => self.begin(host),
            (Command::Failover, Some(session)) => {
                host.core
                    .fail_over(host.context.now, session, "asked for".into(), false);
            }
            (Command::Failover, None) => {}
            _ => return false,
        }
        true
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        if self.client.is_some() {
            self.use_client(host, client::Client::handle_timeout);
        } else if host.now() >= self.begins_at {
            self.begin(host);
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        match &self.client {
            Some(client) => client.poll_timeout(),
            None => Some(self.begins_at),
        }
    }

    fn handle_stop(&mut self, host: &mut Host<'_, '_>) {
        self.sum_up(host);
    }

    fn outcome(&self) -> Option<u8> {
        let client = self.client.as_ref()?;
        client.is_finished().then_some(0)
    }

    fn outcome_if_stopped(&self) -> u8 {
        u8::from(self.settings.requests.is_some())
    }

    fn activity(&self) -> Activity {
        let work = self.counts();
        match &self.client {
            None => Activity::Waiting,
            Some(_) => Activity::Requests {
                completed: work.completed,
                queued: u32::try_from(work.queued).unwrap_or(u32::MAX),
                running: work.running > 0,
                served_by: self.served_by,
            },
        }
    }

    fn work(&self, _: Time) -> Option<PoolUserWork> {
        let work = self.counts();
        Some(PoolUserWork {
            unit: WorkUnit::Calculations,
            queued: u32::try_from(work.queued).unwrap_or(u32::MAX),
            running: u32::try_from(work.running).unwrap_or(u32::MAX),
            requested: work.requested,
            completed: work.completed,
            rejected: work.rejected,
            done: work.done,
            handling: work.handling,
            queueing: work.queueing,
        })
    }

    fn report(&self) -> String {
        if self.served_by.is_some() {
            "1 Session".into()
        } else {
            "0 Sessions".into()
        }
    }
}
