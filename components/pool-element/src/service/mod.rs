//! The services of pool elements.

mod bytes;
mod calc_app;
mod fractal_generator;
mod ping_pong;
mod workers;

use feed::Limits;
use protocol::{AssociationId, PoolElement, Time};
use runtime::{Context, WorkSender};
use wire::Ppid;

use crate::{Args, ServiceKind};

pub(crate) use workers::Done;

/// What a service does in its sessions. Sessions are named by their associations.
///
/// A service sees only sessions within the limit; [`Service::end_session`] comes for each of them in the end.
pub(crate) trait Service {
    /// A pool user has opened a session.
    fn begin_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId);

    /// A pool user shows the state to go on from.
    fn handle_cookie_echo(&mut self, host: &mut Host<'_, '_>, session: AssociationId, cookie: &[u8]) {
        let _ = cookie;
        host.refuse(session, "this service has no cookies");
    }

    /// A pool user sends something.
    fn handle_data(&mut self, host: &mut Host<'_, '_>, session: AssociationId, ppid: Ppid, bytes: &[u8]);

    /// A session takes data again.
    fn handle_writable(&mut self, host: &mut Host<'_, '_>, session: AssociationId) {
        let _ = (host, session);
    }

    /// The session is over.
    fn end_session(&mut self, host: &mut Host<'_, '_>, session: AssociationId);

    /// A worker thread has done its work.
    fn handle_done(&mut self, host: &mut Host<'_, '_>, done: Done) {
        let _ = (host, done);
    }

    /// The time that [`Self::poll_timeout`] named has come.
    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        let _ = host;
    }

    /// When to call [`Self::handle_timeout`].
    fn poll_timeout(&self) -> Option<Time> {
        None
    }

    /// The pool element stops: last data and last cookies are to be sent now.
    fn shut_down(&mut self, host: &mut Host<'_, '_>) {
        let _ = host;
    }

    /// What holds sessions back.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// Break sessions off after so many further messages; 0 never.
    fn set_fail_after(&mut self, messages: u32) {
        let _ = messages;
    }

    /// How fast a session may compute; 0 without limit.
    fn set_capacity(&mut self, host: &mut Host<'_, '_>, iterations_per_second: u64) {
        let _ = (host, iterations_per_second);
    }

    /// How many jobs are in work: with the limit of sessions they make the load.
    fn running(&self) -> usize;
}

/// The service of the given kind.
pub(crate) fn service_for(args: &Args, work: WorkSender<Done>) -> anyhow::Result<Box<dyn Service>> {
    Ok(match args.service {
        ServiceKind::Fractal => Box::new(fractal_generator::FractalGenerator::new(
            args.fractal_settings(),
            work,
        )?),
        ServiceKind::Calcapp => Box::new(calc_app::CalcApp::new(args.max_sessions.into())),
        ServiceKind::PingPong => Box::new(ping_pong::PingPong::new(args.fail_after)),
        ServiceKind::Echo => Box::new(bytes::ByteService::new(bytes::Behaviour::Echo)),
        ServiceKind::Daytime => Box::new(bytes::ByteService::new(bytes::Behaviour::Daytime)),
        ServiceKind::Discard => Box::new(bytes::ByteService::new(bytes::Behaviour::Discard)),
        ServiceKind::Chargen => Box::new(bytes::ByteService::new(bytes::Behaviour::Chargen)),
    })
}

/// What a service may do.
pub(crate) struct Host<'a, 'b> {
    pub(crate) core: &'a mut PoolElement,
    pub(crate) context: &'a mut Context<'b>,
}

impl Host<'_, '_> {
    /// The time.
    pub(crate) const fn now(&self) -> Time {
        self.context.now
    }

    /// Whether a session takes data at once.
    pub(crate) fn is_writable(&self, session: AssociationId) -> bool {
        self.context.is_writable(session)
    }

    /// Sends data.
    pub(crate) fn send(&mut self, session: AssociationId, ppid: Ppid, bytes: Vec<u8>) {
        self.core.send_data(self.context.now, session, ppid, bytes);
    }

    /// Leaves state with the pool user.
    pub(crate) fn send_cookie(&mut self, session: AssociationId, cookie: Vec<u8>) {
        self.core.send_cookie(self.context.now, session, cookie);
    }

    /// Ends a session after everything has arrived.
    pub(crate) fn close(&mut self, session: AssociationId) {
        self.core.shutdown_session(self.context.now, session);
    }

    /// Breaks a session off, and says why.
    pub(crate) fn refuse(&mut self, session: AssociationId, why: &str) {
        tracing::warn!("session {} is broken off: {why}", session.number());
        self.core.abort_session(self.context.now, session);
    }
}
