//! What uses the sessions.

use std::io::Write;

use feed::{Activity, Command};
use protocol::pool_user::{Event, SessionId};
use protocol::{PoolUser, Time};
use runtime::Context;
use wire::Ppid;

use crate::check::Checked;

/// A user of sessions: it opens them, and gets the events that are about them.
pub(crate) trait Client {
    /// Something happened to a session.
    fn handle_event(&mut self, host: &mut Host<'_, '_>, event: Event);

    /// Whether a session has brought all that it was opened for: the loss of its pool element is no failover.
    fn is_done_with(&self, session: SessionId) -> bool {
        let _ = session;
        false
    }

    /// A command that is the client's own; says whether it is one.
    fn handle_command(&mut self, host: &mut Host<'_, '_>, command: Command) -> bool;

    /// A finished picture has been checked.
    fn handle_checked(&mut self, host: &mut Host<'_, '_>, checked: Checked) {
        let _ = (host, checked);
    }

    /// The time that [`Self::poll_timeout`] named has come. Comes first at once, to begin.
    fn handle_timeout(&mut self, host: &mut Host<'_, '_>);

    /// When to call [`Self::handle_timeout`].
    fn poll_timeout(&self) -> Option<Time>;

    /// Whether everything that was asked for is done, and the exit status for it.
    fn outcome(&self) -> Option<u8>;

    /// The exit status if the pool user is stopped before that.
    fn outcome_if_stopped(&self) -> u8;

    /// What it is doing, for people.
    fn activity(&self) -> Activity;

    /// What it is doing, in rsplib's words.
    fn report(&self) -> String;
}

/// What a client may do.
pub(crate) struct Host<'a, 'b> {
    pub(crate) core: &'a mut PoolUser,
    pub(crate) context: &'a mut Context<'b>,
}

impl Host<'_, '_> {
    /// The time.
    pub(crate) const fn now(&self) -> Time {
        self.context.now
    }

    /// Sends data in a session.
    pub(crate) fn send(&mut self, session: SessionId, ppid: Ppid, bytes: Vec<u8>) {
        // If no pool element serves the session any more, its failover is on the way.
        self.core.send_data(self.context.now, session, ppid, bytes);
    }

    /// Tells people who have started the pool user by hand.
    pub(crate) fn say(&self, line: &str) {
        if self.context.feed.is_enabled() {
            tracing::info!("{line}");
        } else {
            // Whoever does not want to read the line has closed the pipe.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}
