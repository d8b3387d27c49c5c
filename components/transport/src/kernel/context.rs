//! The state shared by the actor, the associations, and the tasks that accept them.

use std::cell::{Cell, RefCell};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc};

use super::ports::{Claim, Ports};
use super::receiving::Batch;
use super::sending::{ABORT, send};
use crate::outbox::Outbox;
use crate::shared::Shared;
use crate::{AssociationId, Cause, LARGEST_MESSAGE, Message, Peer};

/// The number of bytes of one association that may wait here for a slow user; the rest waits in the kernel and
/// closes the window. One batch may come on top of that, but no more than the kernel buffers.
pub(super) const SHARE: usize = LARGEST_MESSAGE;

/// A request of the actor to an association.
#[derive(Debug)]
pub(super) enum Request {
    Send(Message),
    Shutdown,
    Abort,
}

/// Whether an association's messages are currently wanted.
#[derive(Debug, Default)]
pub(super) struct Reception {
    paused: Cell<bool>,
    resumed: Notify,
}

impl Reception {
    pub(super) fn pause(&self) {
        self.paused.set(true);
    }

    pub(super) const fn is_paused(&self) -> bool {
        self.paused.get()
    }

    /// Waits until they are wanted again.
    pub(super) async fn resumed(&self) {
        self.resumed.notified().await;
    }

    pub(super) fn resume(&self) {
        if self.paused.replace(false) {
            self.resumed.notify_one();
        }
    }
}

/// The state shared by all associations.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) shared: Arc<Shared>,
    pub(super) ports: Arc<Ports>,
    /// The destination of their events for the user; only their ends go through the actor.
    pub(super) outbox: Rc<RefCell<Outbox>>,
    /// Notifies the actor that something is waiting in the outbox.
    pub(super) waiting: Rc<Notify>,
    /// Associations that ended, with the causes.
    pub(super) ended: mpsc::UnboundedSender<(AssociationId, Cause)>,
    /// Where messages are received before they are copied; large enough for any of them.
    pub(super) scratch: Rc<RefCell<Batch>>,
}

/// An association that a peer opened.
pub(super) struct Accepted {
    pub(super) peer: Peer,
    pub(super) local_port: u16,
    pub(super) out_streams: u16,
    pub(super) descriptor: OwnedFd,
    pub(super) claim: Claim,
}

impl Accepted {
    /// Aborts the association, because there is no room for it.
    pub(super) fn refuse(&self) {
        if let Err(error) = send(&self.descriptor, 0, ABORT, 0, b"out of resource") {
            tracing::debug!(%error, "a peer cannot be refused");
        }
    }
}
