//! The handle in front of the back ends, and what it shares with their actors.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::Rng;
use thiserror::Error;
use tokio::sync::{Notify, mpsc};

use crate::impairment::Impairments;
use crate::{AssociationConfig, AssociationId, Event, Impairment, Link, Message, Peer, Tap};

/// Most bytes of a message that [`Transport::send`] takes.
pub const LARGEST_MESSAGE: usize = 64 * 1024;

/// Port numbers that are chosen for local endpoints (RFC 6335 section 6).
const EPHEMERAL_PORTS: std::ops::RangeInclusive<u16> = 49152..=65535;

/// What a queued message costs besides its bytes, so that many tiny ones are bounded as well.
const MESSAGE_OVERHEAD: usize = 64;

/// Which SCTP does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackEnd {
    /// SCTP in this process, in UDP.
    UserSpace,
    /// None: associations exist in memory only.
    Memory,
}

/// What a back end can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Which one it is.
    pub back_end: BackEnd,
    /// Whether there will be [`Event::Path`].
    pub path_events: bool,
    /// Whether [`Transport::set_tap`] shows packets.
    pub packet_tap: bool,
    /// Most bytes of a message.
    pub largest_message: usize,
}

/// Why a port cannot be listened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ListenError {
    /// This transport listens there already.
    #[error("SCTP port {0} is in use")]
    InUse(u16),
    /// All ephemeral ports are in use.
    #[error("no SCTP port is free")]
    NoneFree,
    /// The transport has ended.
    #[error("the transport has ended")]
    Closed,
}

/// Why a message is not sent. The association is as before.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SendError {
    /// Too much waits to be sent. Here is the message back; [`Event::Writable`] tells when to try again.
    #[error("the send buffer is full")]
    Full(Message),
    /// It is longer than [`LARGEST_MESSAGE`].
    #[error("the message of {0} bytes is too large")]
    TooLarge(usize),
    /// SCTP has no empty messages (RFC 9260 section 3.3.1).
    #[error("the message is empty")]
    Empty,
    /// The peer does not take that many streams.
    #[error("there is no stream {0}")]
    NoSuchStream(u16),
    /// The association is gone or being shut down, or the transport has ended.
    #[error("the association is closed")]
    Closed,
}

/// The handle to a back end. Clones are the same transport; when the last one is dropped, it ends as by
/// [`Transport::close`]. No method waits.
#[derive(Debug, Clone)]
pub struct Transport(Arc<Owner>);

/// What the back end reports.
#[derive(Debug)]
pub struct Events(pub(crate) mpsc::Receiver<Event>);

impl Events {
    /// The next event; `None` once the transport has ended and its sockets are closed. Cancel safe.
    pub async fn recv(&mut self) -> Option<Event> {
        self.0.recv().await
    }

    /// The next event, waiting for it outside of an asynchronous context.
    pub fn blocking_recv(&mut self) -> Option<Event> {
        self.0.blocking_recv()
    }

    /// The next event if one is waiting.
    pub fn try_recv(&mut self) -> Option<Event> {
        self.0.try_recv().ok()
    }
}

impl Transport {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(Arc::new(Owner(shared)))
    }

    /// Lets peers open associations to an SCTP port, on all own addresses; port 0 chooses a free one. Returns the port.
    pub fn listen(&self, port: u16) -> Result<u16, ListenError> {
        let mut state = self.shared().lock();
        if state.ending.is_some() {
            return Err(ListenError::Closed);
        }
        let port = if port == 0 {
            state.free_port().ok_or(ListenError::NoneFree)?
        } else {
            port
        };
        let usage = state.ports.entry(port).or_default();
        if std::mem::replace(&mut usage.listening, true) {
            return Err(ListenError::InUse(port));
        }
        Ok(port)
    }

    /// Refuses further associations to a port; those that exist stay.
    pub fn unlisten(&self, port: u16) {
        let mut state = self.shared().lock();
        if let Some(usage) = state.ports.get_mut(&port) {
            usage.listening = false;
            state.release_port_if_unused(port);
        }
    }

    /// Opens an association from an own port, which need not be listened on; port 0 chooses a free one. The peer's
    /// addresses are tried in their order. [`Event::Up`] or [`Event::Down`] answers. Messages can be sent at once, they
    /// wait until it is up.
    pub fn connect(&self, local_port: u16, peer: Peer, config: Option<AssociationConfig>) -> AssociationId {
        let shared = self.shared();
        let mut state = shared.lock();
        let config = config.unwrap_or_else(|| shared.settings.association.clone());
        let id = state.next_id();
        if state.ending.is_some() {
            return id;
        }
        let full = state.associations.len() >= shared.settings.max_associations;
        let local_port = if local_port == 0 {
            state.free_port()
        } else {
            Some(local_port)
        };
        let (false, Some(local_port)) = (full, local_port) else {
            // Bounded, since the actor answers each with one event and the user has to fetch those.
            state.commands.push_back(Command::Reject(id));
            shared.wake.notify_one();
            return id;
        };
        state.insert(id, local_port, config.send_buffer);
        state.commands.push_back(Command::Connect {
            id,
            local_port,
            peer,
            config,
        });
        shared.wake.notify_one();
        id
    }

    /// Sends a message, or says why not.
    pub fn send(&self, id: AssociationId, message: Message) -> Result<(), SendError> {
        let shared = self.shared();
        let mut state = shared.lock();
        let entry = match state.associations.get_mut(&id) {
            Some(entry) if !entry.closing => entry,
            _ => return Err(SendError::Closed),
        };
        if message.data.is_empty() {
            return Err(SendError::Empty);
        }
        if message.data.len() > LARGEST_MESSAGE {
            return Err(SendError::TooLarge(message.data.len()));
        }
        if entry.out_streams.is_some_and(|streams| message.stream >= streams) {
            return Err(SendError::NoSuchStream(message.stream));
        }
        if entry.queued + entry.buffered >= entry.limit {
            entry.blocked = true;
            return Err(SendError::Full(message));
        }
        entry.queued += message_cost(&message);
        state.commands.push_back(Command::Send { id, message });
        shared.wake.notify_one();
        Ok(())
    }

    /// Shuts an association down in order, after everything has been delivered (RFC 9260 section 9.2). Ends in
    /// [`Event::Down`].
    pub fn shutdown(&self, id: AssociationId) {
        self.end_association(id, Command::Shutdown(id));
    }

    /// Aborts an association; what has not been delivered is lost (RFC 9260 section 9.1). Ends in [`Event::Down`].
    pub fn abort(&self, id: AssociationId) {
        self.end_association(id, Command::Abort(id));
    }

    /// Makes a link bad, or good again with [`Impairment::NONE`].
    pub fn set_impairment(&self, link: Link, impairment: Impairment) {
        self.shared().impairments.set(link, impairment);
        self.shared().wake.notify_one();
    }

    /// The links that are bad.
    #[must_use]
    pub fn impairments(&self) -> Vec<(Link, Impairment)> {
        self.shared().impairments.list()
    }

    /// Whether a datagram outside of associations, such as an announcement, would get from or to this address now:
    /// throws the dice if the link loses packets. Ask with the source address before using one that arrived, with the
    /// group's address before sending one.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        self.shared().impairments.fate(address).is_some()
    }

    /// Copies all packets to a tap from now on, or to none.
    pub fn set_tap(&self, tap: Option<Tap>) {
        *self.shared().tap.lock().unwrap_or_else(PoisonError::into_inner) = tap;
    }

    /// Own addresses, the primary in front.
    #[must_use]
    pub fn local_addresses(&self) -> &[IpAddr] {
        &self.shared().settings.addresses
    }

    /// Own UDP port of the encapsulation; `None` without one.
    #[must_use]
    pub fn udp_port(&self) -> Option<u16> {
        self.shared().settings.udp_port
    }

    /// What the back end can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.shared().settings.capabilities
    }

    /// Aborts all associations and ends the back end. [`Events::recv`] still yields the events until then, and `None`
    /// when the sockets are closed.
    pub fn close(&self) {
        self.shared().end(Ending::Abort);
    }

    /// Ends the back end without a word to anybody, as a SIGKILL would: for tests of what the peers do then.
    pub fn vanish(&self) {
        self.shared().end(Ending::Vanish);
    }

    fn end_association(&self, id: AssociationId, command: Command) {
        let shared = self.shared();
        let mut state = shared.lock();
        let Some(entry) = state.associations.get_mut(&id) else {
            return;
        };
        let aborts = matches!(command, Command::Abort(_));
        // One of each kind at most, so that calling this over and over fills no queue.
        if std::mem::replace(&mut entry.closing, true) && (!aborts || entry.aborting) {
            return;
        }
        entry.aborting |= aborts;
        state.commands.push_back(command);
        shared.wake.notify_one();
    }

    fn shared(&self) -> &Shared {
        &self.0.0
    }
}

/// Ends the back end when the last handle goes.
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

/// What handles and actor have in common.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) impairments: Impairments,
    pub(crate) wake: Notify,
    tap: Mutex<Option<Tap>>,
    state: Mutex<State>,
}

/// What does not change.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) udp_port: Option<u16>,
    pub(crate) association: AssociationConfig,
    pub(crate) max_associations: usize,
    pub(crate) capabilities: Capabilities,
}

/// What handles want of the actor. Sends are bounded by their associations' buffers, all others by the number of
/// associations.
#[derive(Debug)]
pub(crate) enum Command {
    Connect {
        id: AssociationId,
        local_port: u16,
        peer: Peer,
        config: AssociationConfig,
    },
    Reject(AssociationId),
    Send {
        id: AssociationId,
        message: Message,
    },
    Shutdown(AssociationId),
    Abort(AssociationId),
}

/// How the back end is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    /// With an ABORT to each peer.
    Abort,
    /// Silently.
    Vanish,
}

#[derive(Default)]
struct State {
    commands: VecDeque<Command>,
    ports: BTreeMap<u16, PortUsage>,
    associations: BTreeMap<AssociationId, Entry>,
    last_id: u64,
    ending: Option<Ending>,
}

#[derive(Default)]
struct PortUsage {
    listening: bool,
    associations: usize,
}

/// What the handles have to know about an association.
struct Entry {
    local_port: u16,
    /// Cost of the messages in [`State::commands`].
    queued: usize,
    /// Bytes that wait in the back end.
    buffered: usize,
    limit: usize,
    /// A send was refused, the user waits for [`Event::Writable`].
    blocked: bool,
    out_streams: Option<u16>,
    closing: bool,
    aborting: bool,
}

impl Shared {
    pub(crate) fn new(settings: Settings, impairment_seed: u64) -> Arc<Self> {
        Arc::new(Self {
            settings,
            impairments: Impairments::new(impairment_seed),
            wake: Notify::new(),
            tap: Mutex::default(),
            state: Mutex::default(),
        })
    }

    pub(crate) fn tap(&self) -> Option<Tap> {
        self.tap.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn take_commands(&self) -> VecDeque<Command> {
        std::mem::take(&mut self.lock().commands)
    }

    pub(crate) fn ending(&self) -> Option<Ending> {
        self.lock().ending
    }

    pub(crate) fn is_listening(&self, port: u16) -> bool {
        self.lock().ports.get(&port).is_some_and(|usage| usage.listening)
    }

    /// Whether there is room for one more association.
    pub(crate) fn has_room(&self) -> bool {
        self.lock().associations.len() < self.settings.max_associations
    }

    /// Names an association that a peer opens; `None` if there are too many.
    pub(crate) fn admit(&self, local_port: u16) -> Option<AssociationId> {
        let mut state = self.lock();
        if state.associations.len() >= self.settings.max_associations || state.ending.is_some() {
            return None;
        }
        let id = state.next_id();
        state.insert(id, local_port, self.settings.association.send_buffer);
        Some(id)
    }

    pub(crate) fn set_out_streams(&self, id: AssociationId, streams: u16) {
        if let Some(entry) = self.lock().associations.get_mut(&id) {
            entry.out_streams = Some(streams);
        }
    }

    /// A message has left the command queue. Call [`Shared::set_buffered`] afterwards.
    pub(crate) fn dequeued(&self, id: AssociationId, message: &Message) {
        if let Some(entry) = self.lock().associations.get_mut(&id) {
            entry.queued = entry.queued.saturating_sub(message_cost(message));
        }
    }

    /// Tells how many bytes wait in the back end. Returns whether the user is to be told that there is room again.
    pub(crate) fn set_buffered(&self, id: AssociationId, bytes: usize) -> bool {
        let mut state = self.lock();
        let Some(entry) = state.associations.get_mut(&id) else {
            return false;
        };
        entry.buffered = bytes;
        let room = entry.queued + entry.buffered <= entry.limit / 2;
        room && std::mem::take(&mut entry.blocked)
    }

    /// No more sending: the peer shuts the association down.
    pub(crate) fn set_closing(&self, id: AssociationId) {
        if let Some(entry) = self.lock().associations.get_mut(&id) {
            entry.closing = true;
        }
    }

    pub(crate) fn forget(&self, id: AssociationId) {
        let mut state = self.lock();
        let Some(entry) = state.associations.remove(&id) else {
            return;
        };
        if let Some(usage) = state.ports.get_mut(&entry.local_port) {
            usage.associations -= 1;
        }
        state.release_port_if_unused(entry.local_port);
    }

    /// The back end is gone: handles that outlive it find no associations.
    pub(crate) fn ended(&self) {
        let mut state = self.lock();
        state.associations.clear();
        state.ports.clear();
        state.commands.clear();
    }

    fn end(&self, ending: Ending) {
        let mut state = self.lock();
        state.ending = state.ending.max(Some(ending));
        self.wake.notify_one();
    }

    /// A panic elsewhere leaves nothing half-done here: every method changes the state in one go.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_id(&mut self) -> AssociationId {
        self.last_id += 1;
        AssociationId(self.last_id)
    }

    fn insert(&mut self, id: AssociationId, local_port: u16, limit: usize) {
        self.ports.entry(local_port).or_default().associations += 1;
        let entry = Entry {
            local_port,
            queued: 0,
            buffered: 0,
            limit,
            blocked: false,
            out_streams: None,
            closing: false,
            aborting: false,
        };
        self.associations.insert(id, entry);
    }

    /// An ephemeral port that nothing uses, beginning at random so that a restarted process gets other ones.
    fn free_port(&self) -> Option<u16> {
        let (first, last) = (*EPHEMERAL_PORTS.start(), *EPHEMERAL_PORTS.end());
        let begin = rand::rng().random_range(EPHEMERAL_PORTS);
        (begin..=last)
            .chain(first..begin)
            .find(|port| !self.ports.contains_key(port))
    }

    fn release_port_if_unused(&mut self, port: u16) {
        if self
            .ports
            .get(&port)
            .is_some_and(|usage| !usage.listening && usage.associations == 0)
        {
            self.ports.remove(&port);
        }
    }
}

fn message_cost(message: &Message) -> usize {
    message.data.len() + MESSAGE_OVERHEAD
}
