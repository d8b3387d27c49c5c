//! The interface of clients, which use the sessions.

use feed::{Activity, Command, PoolUserWork};
use protocol::pool_user::{Event, SessionId};
use protocol::{PoolUser, Time};
use runtime::{Context, Lines};
use wire::Ppid;

use crate::work::Work;

/// A user of sessions: it opens them and receives their events.
pub(crate) trait Client {
    /// Handles an event of a session.
    fn handle_event(&mut self, host: &mut Host<'_, '_>, event: Event);

    /// Returns whether a session has delivered everything it was opened for: losing its pool element is then no
    /// failover.
    fn is_done_with(&self, session: SessionId) -> bool {
        let _ = session;
        false
    }

    /// Handles a command that is specific to the client. Returns whether it is one.
    fn handle_command(&mut self, host: &mut Host<'_, '_>, command: Command) -> bool;

    /// Handles what one of the pool user's own threads has to tell.
    fn handle_work(&mut self, host: &mut Host<'_, '_>, work: Work) {
        let _ = (host, work);
    }

    /// An association that was full accepts data again.
    fn handle_writable(&mut self, host: &mut Host<'_, '_>) {
        let _ = host;
    }

    /// The time returned by [`Self::poll_timeout`] has come. The first call comes immediately, to begin.
    fn handle_timeout(&mut self, host: &mut Host<'_, '_>);

    /// Returns when to call [`Self::handle_timeout`].
    fn poll_timeout(&self) -> Option<Time>;

    /// The pool user is being stopped; all sessions will be closed.
    fn handle_stop(&mut self, host: &mut Host<'_, '_>) {
        let _ = host;
    }

    /// Returns the exit status once everything that was requested is done.
    fn outcome(&self) -> Option<u8>;

    /// Returns the exit status if the pool user is stopped before that.
    fn outcome_if_stopped(&self) -> u8;

    /// Returns its current activity, for display.
    fn activity(&self) -> Activity;

    /// Returns its requests until now; `None` if it counts none.
    fn work(&self, now: Time) -> Option<PoolUserWork> {
        let _ = now;
        None
    }

    /// Returns its current activity, in rsplib's wording.
    fn report(&self) -> String;
}

/// The operations available to a client.
pub(crate) struct Host<'a, 'b> {
    pub(crate) core: &'a mut PoolUser,
    pub(crate) context: &'a mut Context<'b>,
    /// Where lines for a user in a terminal go, if there is one.
    pub(crate) lines: Option<&'a Lines>,
}

impl Host<'_, '_> {
    /// Returns the current time.
    pub(crate) const fn now(&self) -> Time {
        self.context.now
    }

    /// Sends data in a session.
    pub(crate) fn send(&mut self, session: SessionId, ppid: Ppid, bytes: Vec<u8>) {
        // If the session is not served any more, its failover is already pending.
        self.core.send_data(self.context.now, session, ppid, bytes);
    }

    /// Prints a line for a user who started the pool user by hand.
    pub(crate) fn say(&self, line: &str) {
        match self.lines {
            Some(lines) => lines.say(line),
            None => tracing::info!("{line}"),
        }
    }
}
