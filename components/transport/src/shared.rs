//! The state shared by the handles of a transport and its actor: commands, and the fill levels of buffers.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt;
use tokio::sync::Notify;

use crate::impaired_link::Passage;
use crate::impairment::Impairments;
use crate::tap::{Course, Fate, host_clock};
use crate::{
    AssociationConfig, AssociationId, Capabilities, LARGEST_MESSAGE, ListenError, Message, Peer, SendError,
    Tap,
};

/// The range of port numbers for local endpoints (RFC 6335 section 6).
const EPHEMERAL_PORTS: std::ops::RangeInclusive<u16> = 49152..=65535;

/// The cost of a queued message in addition to its bytes, so that many tiny ones are bounded as well.
const MESSAGE_OVERHEAD: usize = 64;

/// The maximum number of apparently free ports to try; they may be in use elsewhere on the machine.
const ATTEMPTS: usize = 64;

/// The shared state of the handles and the actor.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) impairments: Impairments,
    pub(crate) wake: Notify,
    ports: Option<Arc<dyn PortBinder>>,
    tap: Mutex<Option<Box<dyn Tap>>>,
    state: Mutex<State>,
}

/// Implemented by back ends whose SCTP ports belong to the kernel.
pub(crate) trait PortBinder: Send + Sync {
    /// Lets peers open associations to a port.
    fn listen(&self, port: u16) -> io::Result<()>;

    /// Refuses further associations to it.
    fn unlisten(&self, port: u16);
}

/// Sends messages without going through the actor.
pub(crate) trait DirectSender: Send + Sync {
    /// Sends as many of the messages as there is room for, in order, and returns their number;
    /// [`io::ErrorKind::WouldBlock`] if there is room for none.
    fn try_send(&self, messages: &[&Message]) -> io::Result<usize>;
}

/// What stays the same as long as the transport lives.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) udp_port: Option<u16>,
    pub(crate) association: AssociationConfig,
    pub(crate) max_associations: usize,
    pub(crate) capabilities: Capabilities,
}

/// The commands from the handles to the actor. Sends are bounded by their associations' buffers, all others by the
/// number of associations.
#[derive(Debug)]
pub(crate) enum Command {
    Connect {
        id: AssociationId,
        local_port: u16,
        /// Whether the port was chosen here, so that any other would do as well.
        any_port: bool,
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

/// How the back end must end.
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

/// The handles' state of an association.
struct Entry {
    local_port: u16,
    /// The cost of the messages in [`State::commands`].
    queued: usize,
    /// The number of bytes that wait in the back end.
    buffered: usize,
    limit: usize,
    /// Whether a send was refused, so that the user is waiting for [`Event::Writable`](crate::Event::Writable).
    blocked: bool,
    out_streams: Option<u16>,
    closing: bool,
    aborting: bool,
    direct: Option<Arc<dyn DirectSender>>,
}

impl Shared {
    pub(crate) fn new(settings: Settings, impairment_seed: u64) -> Arc<Self> {
        Self::build(settings, impairment_seed, None)
    }

    pub(crate) fn with_ports(
        settings: Settings,
        impairment_seed: u64,
        ports: Arc<dyn PortBinder>,
    ) -> Arc<Self> {
        Self::build(settings, impairment_seed, Some(ports))
    }

    fn build(settings: Settings, impairment_seed: u64, ports: Option<Arc<dyn PortBinder>>) -> Arc<Self> {
        Arc::new(Self {
            settings,
            ports,
            impairments: Impairments::new(impairment_seed),
            wake: Notify::new(),
            tap: Mutex::default(),
            state: Mutex::default(),
        })
    }

    /// See [`Transport::listen`](crate::Transport::listen).
    pub(crate) fn listen(&self, port: u16) -> Result<u16, ListenError> {
        let mut state = self.lock();
        if state.ending.is_some() {
            return Err(ListenError::Closed);
        }
        if port != 0 {
            return self.listen_on(&mut state, port).map(|()| port);
        }
        for _ in 0..ATTEMPTS {
            let port = state.free_port().ok_or(ListenError::NoneFree)?;
            match self.listen_on(&mut state, port) {
                // Another process on this machine uses it.
                Err(ListenError::InUse(_)) => {}
                outcome => return outcome.map(|()| port),
            }
        }
        Err(ListenError::NoneFree)
    }

    fn listen_on(&self, state: &mut State, port: u16) -> Result<(), ListenError> {
        if state.ports.get(&port).is_some_and(|usage| usage.listening) {
            return Err(ListenError::InUse(port));
        }
        if let Some(ports) = &self.ports {
            ports.listen(port).map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => ListenError::InUse(port),
                kind => ListenError::System(port, kind),
            })?;
        }
        state.ports.entry(port).or_default().listening = true;
        Ok(())
    }

    /// See [`Transport::unlisten`](crate::Transport::unlisten).
    pub(crate) fn unlisten(&self, port: u16) {
        let mut state = self.lock();
        if let Some(usage) = state.ports.get_mut(&port) {
            usage.listening = false;
            state.release_port_if_unused(port);
            if let Some(ports) = &self.ports {
                ports.unlisten(port);
            }
        }
    }

    /// See [`Transport::connect`](crate::Transport::connect).
    pub(crate) fn connect(
        &self,
        local_port: u16,
        peer: Peer,
        config: Option<AssociationConfig>,
    ) -> AssociationId {
        let mut state = self.lock();
        let config = config.unwrap_or_else(|| self.settings.association.clone());
        let id = state.next_id();
        if state.ending.is_some() {
            return id;
        }
        let full = state.associations.len() >= self.settings.max_associations;
        let any_port = local_port == 0;
        let local_port = if any_port {
            state.free_port()
        } else {
            Some(local_port)
        };
        let (false, Some(local_port)) = (full, local_port) else {
            // This is bounded: the actor answers each with one event, which the user has to fetch.
            state.commands.push_back(Command::Reject(id));
            self.wake.notify_one();
            return id;
        };
        state.insert(id, local_port, config.send_buffer);
        state.commands.push_back(Command::Connect {
            id,
            local_port,
            any_port,
            peer,
            config,
        });
        self.wake.notify_one();
        id
    }

    /// See [`Transport::send`](crate::Transport::send).
    pub(crate) fn send(&self, id: AssociationId, message: Message) -> Result<(), SendError> {
        let mut state = self.lock();
        let entry = state.open_association(id)?;
        entry.check(&message)?;
        if !entry.has_room() {
            return Err(SendError::Full(message));
        }
        if entry.send_directly(&[&message])? == 0 {
            state.queue(id, message);
            self.wake.notify_one();
        }
        Ok(())
    }

    /// See [`Transport::send_all`](crate::Transport::send_all).
    pub(crate) fn send_all(
        &self,
        id: AssociationId,
        messages: &mut VecDeque<Message>,
    ) -> Result<bool, SendError> {
        let mut state = self.lock();
        let entry = state.open_association(id)?;
        let good: Vec<_> = messages
            .iter()
            .take_while(|message| entry.check(message).is_ok())
            .collect();
        let sent = entry.send_directly(&good)?;
        messages.drain(..sent);
        while let Some(message) = messages.pop_front() {
            let entry = state.open_association(id)?;
            entry.check(&message)?;
            if !entry.has_room() {
                messages.push_front(message);
                return Ok(false);
            }
            state.queue(id, message);
            self.wake.notify_one();
        }
        Ok(true)
    }

    /// Asks the actor to shut an association down or to abort it.
    pub(crate) fn end_association(&self, id: AssociationId, command: Command) {
        let mut state = self.lock();
        let Some(entry) = state.associations.get_mut(&id) else {
            return;
        };
        let aborts = matches!(command, Command::Abort(_));
        // At most one of each kind, so that repeated calls do not fill the queue.
        if std::mem::replace(&mut entry.closing, true) && (!aborts || entry.aborting) {
            return;
        }
        entry.aborting |= aborts;
        state.commands.push_back(command);
        self.wake.notify_one();
    }

    pub(crate) fn set_tap(&self, tap: Option<Box<dyn Tap>>) {
        *self.lock_tap() = tap;
    }

    /// Returns the time for the copy of a packet that passes now, if copies are wanted.
    pub(crate) fn tap_time(&self) -> Option<Duration> {
        self.lock_tap().is_some().then(host_clock)
    }

    /// Shows a packet that passed at `time` to the tap.
    pub(crate) fn tap(
        &self,
        time: Option<Duration>,
        course: Course,
        passage: Passage,
        fate: Fate,
        data: &[u8],
    ) {
        if let Some(time) = time
            && let Some(tap) = &mut *self.lock_tap()
        {
            tap.packet(&course.packet(time, passage, fate, data));
        }
    }

    /// Tells the tap that no packet follows immediately.
    pub(crate) fn pause_tap(&self) {
        if let Some(tap) = &mut *self.lock_tap() {
            tap.pause();
        }
    }

    fn lock_tap(&self) -> MutexGuard<'_, Option<Box<dyn Tap>>> {
        self.tap.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Returns whether there is room for another association.
    pub(crate) fn has_room(&self) -> bool {
        self.lock().associations.len() < self.settings.max_associations
    }

    /// Assigns an identifier to an association that a peer opens. Returns `None` if there are too many.
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

    /// Allows messages of an established association to be sent without the actor, as long as none is queued.
    pub(crate) fn set_direct(&self, id: AssociationId, direct: Arc<dyn DirectSender>) {
        if let Some(entry) = self.lock().associations.get_mut(&id) {
            entry.direct = Some(direct);
        }
    }

    /// Records that a message has left the command queue. Call [`Shared::set_buffered`] afterwards.
    pub(crate) fn dequeued(&self, id: AssociationId, message: &Message) {
        if let Some(entry) = self.lock().associations.get_mut(&id) {
            entry.queued = entry.queued.saturating_sub(message_cost(message));
        }
    }

    /// Sets the number of bytes that wait in the back end. Returns whether to notify the user that there is room
    /// again.
    pub(crate) fn set_buffered(&self, id: AssociationId, bytes: usize) -> bool {
        let mut state = self.lock();
        let Some(entry) = state.associations.get_mut(&id) else {
            return false;
        };
        entry.buffered = bytes;
        let room = entry.queued + entry.buffered <= entry.limit / 2;
        room && std::mem::take(&mut entry.blocked)
    }

    /// The peer is shutting the association down: nothing more can be sent.
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

    /// The back end has ended: handles that survive it find no associations.
    pub(crate) fn ended(&self) {
        let mut state = self.lock();
        state.associations.clear();
        state.ports.clear();
        state.commands.clear();
    }

    pub(crate) fn end(&self, ending: Ending) {
        let mut state = self.lock();
        state.ending = state.ending.max(Some(ending));
        self.wake.notify_one();
    }

    /// A panic elsewhere leaves no inconsistency here: every method changes the state in one step.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Checks that SCTP can send this.
    fn check(&self, message: &Message) -> Result<(), SendError> {
        if message.data.is_empty() {
            return Err(SendError::Empty);
        }
        if message.data.len() > LARGEST_MESSAGE {
            return Err(SendError::TooLarge(message.data.len()));
        }
        if self.out_streams.is_some_and(|streams| message.stream >= streams) {
            return Err(SendError::NoSuchStream(message.stream));
        }
        Ok(())
    }

    /// Returns whether there is room for more messages; if not, the user is notified when there is.
    fn has_room(&mut self) -> bool {
        let room = self.queued + self.buffered < self.limit;
        self.blocked |= !room;
        room
    }

    /// Sends as many of these messages as possible without the actor, and returns their number.
    fn send_directly(&self, messages: &[&Message]) -> Result<usize, SendError> {
        // No message may overtake one that is queued.
        let Some(direct) = self.direct.as_ref().filter(|_| self.queued == 0) else {
            return Ok(0);
        };
        match direct.try_send(messages) {
            Ok(sent) => Ok(sent),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(_) => Err(SendError::Closed),
        }
    }
}

impl State {
    /// Returns the association, if messages can still be sent on it.
    fn open_association(&mut self, id: AssociationId) -> Result<&mut Entry, SendError> {
        let entry = self.associations.get_mut(&id);
        entry.filter(|entry| !entry.closing).ok_or(SendError::Closed)
    }

    fn queue(&mut self, id: AssociationId, message: Message) {
        if let Some(entry) = self.associations.get_mut(&id) {
            entry.queued += message_cost(&message);
        }
        self.commands.push_back(Command::Send { id, message });
    }

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
            direct: None,
        };
        self.associations.insert(id, entry);
    }

    /// Returns an unused ephemeral port. The search begins at a random one, so that a restarted process gets a
    /// different one.
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
