//! The handle that all back ends share.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use thiserror::Error;
use tokio::sync::mpsc;

use crate::impaired_link::{Passage, Way};
use crate::shared::{Command, Ending, Shared};
use crate::{AssociationConfig, AssociationId, Event, Impairment, Link, Message, Peer, Tap};

/// The maximum size of a message for [`Transport::send`], in bytes.
pub const LARGEST_MESSAGE: usize = 64 * 1024;

/// An SCTP implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackEnd {
    /// SCTP in this process, over UDP.
    UserSpace,
    /// The kernel's SCTP.
    Kernel,
    /// No SCTP: associations exist in memory only.
    Memory,
}

/// The capabilities of a back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The back end.
    pub back_end: BackEnd,
    /// Whether it reports [`Event::Path`].
    pub path_events: bool,
    /// Whether [`Transport::set_tap`] shows SCTP packets.
    pub packet_tap: bool,
    /// Whether [`Transport::set_impairment`] can impair links.
    pub impairments: bool,
    /// The maximum size of a message, in bytes.
    pub largest_message: usize,
}

/// The reason why the transport cannot listen on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ListenError {
    /// This transport already listens on the port.
    #[error("SCTP port {0} is in use")]
    InUse(u16),
    /// All ephemeral ports are in use.
    #[error("no SCTP port is free")]
    NoneFree,
    /// The system refused the port.
    #[error("SCTP port {0} cannot be listened on: {1}")]
    System(u16, io::ErrorKind),
    /// The transport has ended.
    #[error("the transport has ended")]
    Closed,
}

/// The links of the kernel's SCTP cannot be impaired, since its packets do not pass through this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the packets of the kernel's SCTP cannot be impaired")]
pub struct ImpairmentsUnsupported;

/// The reason why a message was not sent. The association is unaffected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SendError {
    /// Too much is waiting to be sent. The message is returned; [`Event::Writable`] follows when there is room
    /// again.
    #[error("the send buffer is full")]
    Full(Message),
    /// It is longer than [`LARGEST_MESSAGE`].
    #[error("the message of {0} bytes is too large")]
    TooLarge(usize),
    /// SCTP has no empty messages (RFC 9260 section 3.3.1).
    #[error("the message is empty")]
    Empty,
    /// The peer does not accept that many streams.
    #[error("there is no stream {0}")]
    NoSuchStream(u16),
    /// The association has ended or is being shut down, or the transport has ended.
    #[error("the association is closed")]
    Closed,
}

/// The handle to a back end. Clones refer to the same transport, which ends as if by [`Transport::close`] when the
/// last of them is dropped. No method blocks.
#[derive(Debug, Clone)]
pub struct Transport(Arc<Owner>);

/// The events of the back end.
#[derive(Debug)]
pub struct Events(pub(crate) mpsc::Receiver<Event>);

impl Events {
    /// Receives the next event; `None` once the transport has ended and its sockets are closed. Cancellation-safe.
    pub async fn recv(&mut self) -> Option<Event> {
        self.0.recv().await
    }

    /// Waits for the next event outside of an asynchronous context.
    pub fn blocking_recv(&mut self) -> Option<Event> {
        self.0.blocking_recv()
    }

    /// Returns whether the transport has ended; events may still be waiting.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Returns the next event if one is waiting.
    pub fn try_recv(&mut self) -> Option<Event> {
        self.0.try_recv().ok()
    }
}

impl Transport {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(Arc::new(Owner(shared)))
    }

    /// Lets peers open associations to an SCTP port, on all local addresses; port 0 chooses a free one. Returns the
    /// port.
    pub fn listen(&self, port: u16) -> Result<u16, ListenError> {
        self.shared().listen(port)
    }

    /// Refuses further associations to a port; existing ones stay.
    pub fn unlisten(&self, port: u16) {
        self.shared().unlisten(port);
    }

    /// Opens an association from a local port, whether or not we listen on it; port 0 chooses a free one. The peer's
    /// addresses are tried in order. The outcome is [`Event::Up`] or [`Event::Down`]. Messages can be sent
    /// immediately; they wait until the association is up.
    pub fn connect(&self, local_port: u16, peer: Peer, config: Option<AssociationConfig>) -> AssociationId {
        self.shared().connect(local_port, peer, config)
    }

    /// Sends a message.
    pub fn send(&self, id: AssociationId, message: Message) -> Result<(), SendError> {
        self.shared().send(id, message)
    }

    /// Sends several messages in order, in as few packets as the back end can. They are removed from the front. If
    /// there is no room for all (`false`), the remaining ones can be sent after [`Event::Writable`]. A message that
    /// cannot be sent at all is dropped, and its error is returned.
    pub fn send_all(&self, id: AssociationId, messages: &mut VecDeque<Message>) -> Result<bool, SendError> {
        self.shared().send_all(id, messages)
    }

    /// Shuts an association down gracefully, after everything has been delivered (RFC 9260 section 9.2). Ends in
    /// [`Event::Down`].
    pub fn shutdown(&self, id: AssociationId) {
        self.shared().end_association(id, Command::Shutdown(id));
    }

    /// Aborts an association; what has not been delivered is lost (RFC 9260 section 9.1). Ends in [`Event::Down`].
    pub fn abort(&self, id: AssociationId) {
        self.shared().end_association(id, Command::Abort(id));
    }

    /// Impairs a link, or restores it with [`Impairment::NONE`], if [`Capabilities::impairments`] is set.
    pub fn set_impairment(&self, link: Link, impairment: Impairment) -> Result<(), ImpairmentsUnsupported> {
        if !self.capabilities().impairments {
            return Err(ImpairmentsUnsupported);
        }
        self.shared().impairments.set(link, impairment);
        self.shared().wake.notify_one();
        Ok(())
    }

    /// Returns the impaired links.
    #[must_use]
    pub fn impairments(&self) -> Vec<(Link, Impairment)> {
        self.shared().impairments.list()
    }

    /// Decides at random on a datagram that belongs to no association, to or from this address: returns what happens
    /// to it, or `None` if it is lost. Its checksum is UDP's, so that a corrupted one is lost.
    pub(crate) fn fate(&self, address: IpAddr, way: Way, bytes: usize) -> Option<Passage> {
        let passage = self
            .shared()
            .impairments
            .fate(Instant::now(), address, way, bytes)?;
        passage.flipped.is_none().then_some(passage)
    }

    /// Shows all packets from now on to a tap, or to none: SCTP packets if [`Capabilities::packet_tap`] is set, and
    /// always the datagrams of this transport's [members of multicast groups](crate::multicast::Member).
    pub fn set_tap(&self, tap: Option<Box<dyn Tap>>) {
        self.shared().set_tap(tap);
    }

    /// Returns the local addresses, the primary one first.
    #[must_use]
    pub fn local_addresses(&self) -> &[IpAddr] {
        &self.shared().settings.addresses
    }

    /// Returns the local UDP port of the encapsulation; `None` without one.
    #[must_use]
    pub fn udp_port(&self) -> Option<u16> {
        self.shared().settings.udp_port
    }

    /// Returns the capabilities of the back end.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.shared().settings.capabilities
    }

    /// Aborts all associations and ends the back end. [`Events::recv`] still returns the events up to then, and
    /// `None` once the sockets are closed.
    pub fn close(&self) {
        self.shared().end(Ending::Abort);
    }

    /// Ends the back end without notifying any peer, like SIGKILL: for testing how peers react.
    pub fn vanish(&self) {
        self.shared().end(Ending::Vanish);
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.0
    }
}

/// Ends the back end when the last handle is dropped.
struct Owner(Arc<Shared>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.end(Ending::Abort);
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
