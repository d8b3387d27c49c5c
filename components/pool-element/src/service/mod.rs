//! The services of pool elements.

mod bytes;
mod calc_app;
mod fractal_generator;
mod ping_pong;
mod scripting;
mod workers;

use feed::{Limits, PoolElementWork, WorkUnit};
use fractal::server_session::Computed;
use protocol::{AssociationId, PoolElement, Time};
use runtime::{Context, WorkSender};
use wire::Ppid;

use crate::{Args, ServiceKind};

/// What one of a service's own threads has done.
#[derive(Debug)]
pub(crate) enum Done {
    /// Pixels of the fractal service.
    Computed {
        /// The session that requested them.
        session: AssociationId,
        /// The pixels.
        computed: Computed,
    },
    /// Something about a unit of the scripting service.
    Unit(scripting::Answer),
}

/// The behaviour of a service in its sessions, which are identified by their associations.
///
/// A service sees only sessions within the limit; [`Service::end_session`] is eventually called for each of them.
pub(crate) trait Service {
    /// A pool user opened a session.
    fn begin_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId);

    /// A pool user opened a session beyond the limit, which ends now.
    fn reject_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        host.core.abort_session(host.context.now, session);
    }

    /// A pool user sent the state from which to continue.
    fn handle_cookie_echo(&mut self, host: &mut Host<'_, '_>, session: AssociationId, cookie: &[u8]) {
        let _ = cookie;
        host.refuse(session, "this service has no cookies");
    }

    /// A pool user sent data.
    fn handle_data(&mut self, host: &mut Host<'_, '_>, session: AssociationId, ppid: Ppid, bytes: &[u8]);

    /// A session accepts data again.
    fn handle_writable(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        let _ = (host, session);
    }

    /// A session ended.
    fn end_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId);

    /// A worker thread has finished its work.
    fn handle_done(&mut self, host: &mut Host<'_, '_>, done: Done) {
        let _ = (host, done);
    }

    /// The time returned by [`Self::poll_timeout`] has come.
    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        let _ = host;
    }

    /// Returns when to call [`Self::handle_timeout`].
    fn poll_timeout(&self) -> Option<Time> {
        None
    }

    /// The pool element is stopping: last data and last cookies must be sent now.
    fn shut_down(&mut self, host: &mut Host<'_, '_>) {
        let _ = host;
    }

    /// Returns the limits on sessions.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// Breaks sessions after this many further messages; 0 disables this.
    fn set_fail_after(&mut self, messages: u32) {
        let _ = messages;
    }

    /// Sets the computing speed, in the service's own unit.
    fn set_capacity(&mut self, host: &mut Host<'_, '_>, per_second: u64) {
        let _ = (host, per_second);
    }

    /// Sets the maximum number of jobs.
    fn set_max_jobs(&mut self, host: &mut Host<'_, '_>, jobs: u32) {
        let _ = (host, jobs);
    }

    /// Returns the number of running jobs, which together with their maximum determines the load.
    fn running(&self) -> usize;

    /// Returns the maximum number of running jobs, if the service itself rejects further ones. If not, it is that of
    /// sessions.
    fn most_running(&self) -> Option<usize> {
        None
    }

    /// Returns its work until now; `None` if it counts none. Sessions that were refused are added by the pool element.
    fn work(&self, now: Time) -> Option<PoolElementWork> {
        let _ = now;
        None
    }
}

/// Returns the work of a service whose requests are single messages, which are answered at once.
fn messages(number: u64) -> PoolElementWork {
    PoolElementWork {
        unit: WorkUnit::Messages,
        // It depends on the messages and on the network.
        capacity: None,
        running: 0,
        done: number as f64,
        completed: number,
        rejected: 0,
    }
}

/// Creates the configured service.
pub(crate) fn service_for(
    args: &Args,
    now: Time,
    seed: u64,
    work: WorkSender<Done>,
) -> anyhow::Result<Box<dyn Service>> {
    Ok(match args.service {
        ServiceKind::Fractal => Box::new(fractal_generator::FractalGenerator::new(
            args.fractal_settings(),
            work,
        )?),
        ServiceKind::Calcapp => {
            let settings = args.calc_app.settings(args.shared.preset());
            Box::new(calc_app::CalcApp::new(now, settings, seed))
        }
        ServiceKind::PingPong => Box::new(ping_pong::PingPong::new(args.fail_after)),
        ServiceKind::Echo => Box::new(bytes::ByteService::new(bytes::Behaviour::Echo)),
        ServiceKind::Daytime => Box::new(bytes::ByteService::new(bytes::Behaviour::Daytime)),
        ServiceKind::Discard => Box::new(bytes::ByteService::new(bytes::Behaviour::Discard)),
        ServiceKind::Chargen => Box::new(bytes::ByteService::new(bytes::Behaviour::Chargen)),
        ServiceKind::Scripting => Box::new(scripting::Scripting::new(args, work)?),
    })
}

/// The operations available to a service.
pub(crate) struct Host<'a, 'b> {
    pub(crate) core: &'a mut PoolElement,
    pub(crate) context: &'a mut Context<'b>,
}

impl Host<'_, '_> {
    /// Returns the current time.
    pub(crate) const fn now(&self) -> Time {
        self.context.now
    }

    /// Returns whether a session accepts data immediately.
    pub(crate) fn is_writable(&self, session: AssociationId) -> bool {
        self.context.is_writable(session)
    }

    /// Sends data.
    pub(crate) fn send(&mut self, session: AssociationId, ppid: Ppid, bytes: Vec<u8>) {
        self.core.send_data(self.context.now, session, ppid, bytes);
    }

    /// Sends a state cookie to the pool user.
    pub(crate) fn send_cookie(&mut self, session: AssociationId, cookie: Vec<u8>) {
        self.core.send_cookie(self.context.now, session, cookie);
    }

    /// Ends a session gracefully, after everything has arrived.
    pub(crate) fn close(&mut self, session: AssociationId) {
        self.core.shutdown_session(self.context.now, session);
    }

    /// Breaks a session, and logs the reason.
    pub(crate) fn refuse(&mut self, session: AssociationId, why: &str) {
        tracing::warn!("session {} is broken off: {why}", session.number());
        self.core.abort_session(self.context.now, session);
    }
}
