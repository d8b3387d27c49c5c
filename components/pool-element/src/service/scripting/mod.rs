//! The scripting service: sessions as defined by `scripting`, files and processes in threads of their own.
//!
//! The only program that is ever run is the one on the pool element's command line.

mod folder;
mod unit;
mod workshop;

use feed::{PoolElementWork, WorkUnit};
use protocol::{AssociationId, Time};
use runtime::WorkSender;
use scripting::server::{Event, Output, Server};
use tracing::{info, warn};
use wire::Ppid;

pub(crate) use workshop::Answer;

use self::unit::Limits;
use self::workshop::Workshop;
use super::{Done, Host, Service};
use crate::Args;

/// The maximum number of uploaded bytes that wait for the disk; more arrive too fast for it.
const MOST_QUEUED: usize = 64 << 20;

/// The scripting service.
#[derive(Debug)]
pub(crate) struct Scripting {
    server: Server,
    workshop: Workshop,
    /// Units whose program has ended, whatever their exit status.
    completed: u64,
}

impl Scripting {
    /// Creates the service.
    ///
    /// # Errors
    /// Returns an error if it is not said what a unit runs, or that cannot be run.
    pub(crate) fn new(args: &Args, work: WorkSender<Done>) -> anyhow::Result<Self> {
        let program = args.scripting.program()?;
        let settings = args
            .scripting
            .settings(args.shared.preset(), runtime::host_name());
        let limits = Limits {
            cpu_time: args.scripting.cpu_time(),
            file_size: settings.most_output,
        };
        Ok(Self {
            server: Server::new(settings),
            workshop: Workshop::start(program, limits, work)?,
            completed: 0,
        })
    }

    fn carry_out(&mut self, host: &mut Host<'_, '_>) {
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { session, message } => host.send(session, Ppid::SCRIPTING, message.encode()),
                Output::Close { session } => host.close(session),
                Output::Abort { session, why } => host.refuse(session, &why.to_string()),
                Output::Job(job) => self.workshop.submit(job),
                Output::Event(event) => {
                    self.completed += u64::from(matches!(event, Event::Ended { .. }));
                    log(&event);
                }
            }
        }
    }

    /// Continues a download, if there is one and the pool user has taken what was sent.
    fn go_on(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        if self.server.wants_to_send(session) && host.is_writable(session) {
            self.server.handle_writable(host.now(), session);
            self.carry_out(host);
        }
    }
}

fn log(event: &Event) {
    match event {
        Event::Started {
            session,
            package,
            environment,
        } => {
            let with = if *environment { " with an environment" } else { "" };
            info!(
                "session {}: a unit of {package} bytes{with} is started",
                session.number()
            );
        }
        Event::Ended { session, exit_status } => info!(
            "session {}: the unit has exit status {exit_status}",
            session.number()
        ),
        Event::Delivered { session, bytes } => {
            info!(
                "session {}: the result of {bytes} bytes is sent",
                session.number()
            );
        }
    }
}

impl Service for Scripting {
    fn begin_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.server.begin_session(host.now(), session);
        self.carry_out(host);
    }

    fn reject_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.server.reject_session(session);
        self.carry_out(host);
    }

    fn handle_data(&mut self, host: &mut Host<'_, '_>, session: AssociationId, ppid: Ppid, bytes: &[u8]) {
        let why = if ppid != Ppid::SCRIPTING {
            format!("{ppid} is not what this service speaks")
        } else if self.workshop.queued_bytes() > MOST_QUEUED {
            "uploads come faster than they can be written".into()
        } else {
            self.server.handle_message(host.now(), session, bytes);
            return self.carry_out(host);
        };
        self.server.end_session(session);
        self.carry_out(host);
        host.refuse(session, &why);
    }

    fn handle_writable(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.go_on(host, session);
    }

    fn end_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        self.server.end_session(session);
        self.carry_out(host);
    }

    fn handle_done(&mut self, host: &mut Host<'_, '_>, done: Done) {
        match done {
            Done::Unit(Answer::Ended {
                session,
                exit_status,
                said,
            }) => {
                if exit_status != 0 && !said.is_empty() {
                    warn!("session {}: the unit says \"{said}\"", session.number());
                }
                self.server.handle_ended(host.now(), session, exit_status);
                self.carry_out(host);
            }
            Done::Unit(Answer::Output { session, data }) => {
                self.server.handle_output(host.now(), session, data);
                self.carry_out(host);
                self.go_on(host, session);
            }
            Done::Unit(Answer::Lost(hash)) => self.server.forget_environment(&hash),
            Done::Computed { .. } => {}
        }
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        self.server.handle_timeout(host.now());
        self.carry_out(host);
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.server.poll_timeout()
    }

    fn running(&self) -> usize {
        self.server.sessions()
    }

    fn work(&self, _now: Time) -> Option<PoolElementWork> {
        Some(PoolElementWork {
            unit: WorkUnit::Units,
            // It depends on what a unit is.
            capacity: None,
            running: u32::try_from(self.running()).unwrap_or(u32::MAX),
            done: self.completed as f64,
            completed: self.completed,
            rejected: 0,
        })
    }
}
