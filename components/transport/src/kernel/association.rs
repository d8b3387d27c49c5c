//! One association: a task that owns its socket.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;

use nix::libc;
use socket2::SockRef;
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

use super::arrival::{Arrival, Assembly};
use super::context::{Accepted, Context, Reception, Request, SHARE};
use super::notification::{Notification, PathState, abort_reason};
use super::options::tolerate_failing_paths;
use super::receiving;
use super::sending::{ABORT, EOF, UNORDERED, send};
use super::socket::{Direct, Socket, watch_room, writable};
use super::system;
use crate::{AssociationConfig, AssociationId, Cause, Event, Message, Peer};

pub(super) struct Association {
    id: AssociationId,
    inbound: bool,
    local_port: u16,
    peer: Peer,
    context: Context,
    requests: mpsc::UnboundedReceiver<Request>,
    reception: Rc<Reception>,
    /// Messages that the kernel has not accepted yet.
    queue: VecDeque<Message>,
    assembly: Assembly,
    is_up: bool,
    shutdown_requested: bool,
    shutdown_sent: bool,
    primary: Option<IpAddr>,
    /// The number of addresses that the peer has, or claims to have.
    paths: usize,
    config: AssociationConfig,
}

impl Association {
    pub(super) fn new(
        id: AssociationId,
        peer: Peer,
        context: Context,
        requests: mpsc::UnboundedReceiver<Request>,
        reception: Rc<Reception>,
    ) -> Self {
        let config = context.shared.settings.association.clone();
        Self {
            id,
            inbound: false,
            local_port: 0,
            peer,
            context,
            requests,
            reception,
            queue: VecDeque::new(),
            assembly: Assembly::default(),
            is_up: false,
            shutdown_requested: false,
            shutdown_sent: false,
            primary: None,
            paths: 1,
            config,
        }
    }

    /// Opens the association and serves it until it ends. If an address is unreachable, the next one is tried.
    ///
    /// The kernel could try all addresses by itself, but then it would treat each of them as the peer's as soon as
    /// the peer lists it as well (RFC 9260 section 5.4). The origin of these addresses may have named those of
    /// others.
    pub(super) async fn connect(mut self, local_port: Option<u16>, config: AssociationConfig) {
        let mut addresses = VecDeque::from(self.usable_addresses());
        let cause = loop {
            self.peer.addresses = addresses.pop_front().into_iter().collect();
            self.config.clone_from(&config);
            if !addresses.is_empty() {
                // The other addresses must be tried before long.
                self.config.max_init_retransmits = config.max_init_retransmits.min(1);
            }
            let cause = match self.open(local_port) {
                Ok(socket) => self.serve(&socket).await,
                Err(cause) => cause,
            };
            let nobody_there = matches!(cause, Cause::Refused | Cause::Timeout | Cause::Unreachable);
            if !nobody_there || self.is_up || addresses.is_empty() {
                break cause;
            }
        };
        self.end(cause);
    }

    /// Serves an association that the peer opened.
    pub(super) async fn accept(mut self, accepted: Accepted) {
        let own = &Arc::clone(&self.context.shared).settings.addresses;
        self.inbound = true;
        self.local_port = accepted.local_port;
        let cause = match Socket::new(own, accepted.descriptor, accepted.claim) {
            Ok(socket) => {
                self.report_up(&socket, accepted.out_streams);
                self.serve(&socket).await
            }
            Err(error) => {
                tracing::warn!(%error, "cannot serve an association");
                Cause::LocalAbort
            }
        };
        self.end(cause);
    }

    fn usable_addresses(&self) -> Vec<IpAddr> {
        let own = &self.context.shared.settings.addresses;
        let mut usable = Vec::new();
        for address in self.peer.addresses.iter().map(IpAddr::to_canonical) {
            let possible = !address.is_unspecified()
                && !address.is_multicast()
                && own.iter().any(|local| local.is_ipv4() == address.is_ipv4());
            if possible && !usable.contains(&address) {
                usable.push(address);
            }
        }
        usable
    }

    fn open(&mut self, local_port: Option<u16>) -> Result<Socket, Cause> {
        let port = self.peer.port;
        let Some(&address) = self.peer.addresses.first().filter(|_| port != 0) else {
            return Err(Cause::Unreachable);
        };
        let peer = SocketAddr::new(address, port);
        let here = |error: &io::Error| {
            tracing::debug!(%peer, %error, "an association cannot be opened");
        };
        let found = self.context.ports.for_peer(local_port, &[(address, port)]);
        let found = found.inspect_err(here).map_err(|_| Cause::LocalAbort)?;
        let (port, claim) = found.ok_or(Cause::LocalAbort)?;
        self.local_port = port.number;
        let descriptor = port.connect(peer, &self.config).map_err(|error| {
            here(&error);
            match error.raw_os_error() {
                Some(libc::EALREADY | libc::EISCONN | libc::EADDRNOTAVAIL) => Cause::LocalAbort,
                _ => Cause::Unreachable,
            }
        })?;
        // If there is none, it has failed at once, as happens if there is no listener and the peer is this very
        // machine.
        let descriptor = descriptor.ok_or(Cause::Refused)?;
        let own = &self.context.shared.settings.addresses;
        let socket = Socket::new(own, descriptor, claim);
        socket.inspect_err(here).map_err(|_| Cause::LocalAbort)
    }

    /// Runs the association until it ends. Returns the cause.
    async fn serve(&mut self, socket: &Socket) -> Cause {
        // This exists only while the kernel has no room: as long as it does, the kernel reports every
        // acknowledgement.
        let mut blocked: Option<AsyncFd<OwnedFd>> = None;
        loop {
            let wanted = !self.reception.is_paused();
            let reception = Rc::clone(&self.reception);
            tokio::select! {
                ready = socket.descriptor.readable(), if wanted => {
                    let Ok(mut ready) = ready else { return Cause::LocalAbort };
                    match ready.try_io(|socket| self.receive(socket.get_ref())) {
                        Ok(Ok((arrivals, more))) => {
                            if !more {
                                // This saves the call that would return this.
                                ready.clear_ready();
                            }
                            let was_up = self.is_up;
                            for arrival in arrivals {
                                if let Some(cause) = self.handle_arrival(socket, arrival) {
                                    return cause;
                                }
                            }
                            if !was_up && self.is_up && self.transmit(socket.descriptor.get_ref()) {
                                blocked = watch_room(socket);
                            }
                        }
                        Err(_) => {}
                        Ok(Err(error)) => {
                            if let Some(cause) = self.failed(socket, &error) {
                                return cause;
                            }
                        }
                    }
                }
                ready = writable(blocked.as_ref()), if blocked.is_some() => {
                    let Ok(mut ready) = ready else { return Cause::LocalAbort };
                    if self.transmit(socket.descriptor.get_ref()) {
                        ready.clear_ready();
                    } else {
                        drop(ready);
                        blocked = None;
                    }
                }
                request = self.requests.recv() => match request {
                    Some(Request::Send(message)) => {
                        self.queue.push_back(message);
                        if blocked.is_none() && self.transmit(socket.descriptor.get_ref()) {
                            blocked = watch_room(socket);
                        }
                    }
                    Some(Request::Shutdown) => {
                        self.shutdown_requested = true;
                        self.shut_down_if_possible(socket.descriptor.get_ref());
                    }
                    Some(Request::Abort) | None => {
                        self.abort(socket);
                        return Cause::LocalAbort;
                    }
                },
                () = reception.resumed(), if !wanted => {}
            }
            self.report_room();
        }
    }

    /// Receives what has arrived on the socket, and returns whether there may be more.
    fn receive(&mut self, socket: &OwnedFd) -> io::Result<(Vec<Arrival>, bool)> {
        let scratch = Rc::clone(&self.context.scratch);
        let mut scratch = scratch.borrow_mut();
        receiving::receive_batch(socket, &mut scratch)?;
        let arrivals = scratch
            .iter()
            .filter_map(|(received, bytes)| self.assembly.take(received, bytes));
        Ok((arrivals.collect(), scratch.is_full()))
    }

    /// Handles what has arrived. Returns the cause if the association has ended.
    fn handle_arrival(&mut self, socket: &Socket, arrival: Arrival) -> Option<Cause> {
        let notification = match arrival {
            Arrival::Message(message) => {
                self.report(Event::Message { id: self.id, message });
                return None;
            }
            Arrival::TooLarge => {
                self.send_flags(socket.descriptor.get_ref(), ABORT, b"message too large");
                return Some(Cause::LocalAbort);
            }
            Arrival::End => return Some(self.cause_of_silent_end(socket)),
            Arrival::Notification(notification) => notification,
        };
        match notification {
            Notification::Up { out_streams } => {
                if !self.is_up {
                    self.report_up(socket, out_streams);
                }
            }
            Notification::Restarted => {
                self.assembly.clear();
                self.report(Event::Restarted { id: self.id });
            }
            Notification::ShutDown => return Some(Cause::Graceful),
            Notification::PeerShutsDown => self.context.shared.set_closing(self.id),
            Notification::CannotStart => {
                return Some(match self.socket_error(socket) {
                    Some(libc::ETIMEDOUT) => Cause::Timeout,
                    Some(libc::EHOSTUNREACH | libc::ENETUNREACH) => Cause::Unreachable,
                    _ => Cause::Refused,
                });
            }
            Notification::Lost { error, abort } => {
                return Some(match self.socket_error(socket) {
                    _ if !abort.is_empty() => Cause::peer_abort(&abort_reason(error, &abort)),
                    Some(libc::ECONNRESET) => Cause::peer_abort(&abort_reason(error, &abort)),
                    Some(libc::ECONNABORTED) => Cause::LocalAbort,
                    Some(libc::ECONNREFUSED | libc::EHOSTUNREACH | libc::ENETUNREACH | libc::ENOPROTOOPT) => {
                        Cause::Unreachable
                    }
                    _ => Cause::Timeout,
                });
            }
            Notification::Path { address, state } => self.handle_path(address, state),
            Notification::Other => {}
        }
        None
    }

    fn handle_path(&mut self, address: IpAddr, state: PathState) {
        if state == PathState::Primary {
            self.primary = Some(address);
        }
        if state == PathState::Other || !self.is_up || self.paths < 2 {
            return;
        }
        self.report(Event::Path {
            id: self.id,
            address,
            up: state != PathState::Down,
            primary: self.primary == Some(address),
        });
    }

    /// Handles an error of the socket. Returns the cause if the association has ended.
    fn failed(&self, socket: &Socket, error: &io::Error) -> Option<Cause> {
        match error.raw_os_error() {
            // ICMP: the peer's UDP port is closed.
            Some(libc::ECONNREFUSED) if self.is_up => {
                self.send_flags(socket.descriptor.get_ref(), ABORT, b"");
                Some(Cause::Unreachable)
            }
            Some(libc::ECONNREFUSED) => {
                self.send_flags(socket.descriptor.get_ref(), ABORT, b"");
                Some(Cause::Refused)
            }
            Some(libc::ETIMEDOUT) => Some(Cause::Timeout),
            Some(libc::ENOTCONN | libc::EBADF | libc::EINVAL) => Some(self.cause_of_silent_end(socket)),
            // The kernel looks for another path by itself, or gives up with a notification.
            _ => {
                tracing::debug!(association = self.id.number(), %error, "a transient error");
                None
            }
        }
    }

    /// The kernel has removed the association without a notification.
    fn cause_of_silent_end(&self, socket: &Socket) -> Cause {
        match self.socket_error(socket) {
            Some(libc::ETIMEDOUT) => Cause::Timeout,
            Some(libc::ECONNREFUSED) if !self.is_up => Cause::Refused,
            Some(libc::ECONNRESET) => Cause::PeerAbort(String::new()),
            Some(_) => Cause::LocalAbort,
            None if self.is_up => Cause::Graceful,
            None => Cause::Refused,
        }
    }

    fn socket_error(&self, socket: &Socket) -> Option<i32> {
        let error = SockRef::from(socket.descriptor.get_ref()).take_error();
        error.ok().flatten().and_then(|error| error.raw_os_error())
    }

    fn report_up(&mut self, socket: &Socket, out_streams: u16) {
        self.is_up = true;
        if let Ok(paths) = system::paths(socket.descriptor.get_ref(), self.peer.port) {
            self.paths = paths.number;
            // At least the address from which the handshake came must be confirmed.
            if !paths.confirmed.is_empty() {
                self.peer.addresses = paths.confirmed;
            }
        }
        if self.paths > 1
            && let Err(error) = tolerate_failing_paths(socket.descriptor.get_ref(), &self.config, self.paths)
        {
            tracing::warn!(association = self.id.number(), %error, "one failing path may end the association");
        }
        self.primary = self.peer.addresses.first().copied();
        self.context.shared.set_out_streams(self.id, out_streams);
        let direct = Direct::new(socket.descriptor.get_ref());
        self.context.shared.set_direct(self.id, Arc::new(direct));
        self.report(Event::Up {
            id: self.id,
            local_port: self.local_port,
            peer: self.peer.clone(),
            inbound: self.inbound,
            out_streams,
        });
    }

    /// Passes messages to the kernel. Returns whether the kernel has no more room.
    fn transmit(&mut self, socket: &OwnedFd) -> bool {
        while let Some(message) = self.queue.front().filter(|_| self.is_up) {
            let flags = if message.unordered { UNORDERED } else { 0 };
            match send(socket, message.stream, flags, message.ppid, &message.data) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
                Err(error) => {
                    tracing::debug!(association = self.id.number(), %error, "a message is dropped");
                }
                Ok(()) => {}
            }
            if let Some(message) = self.queue.pop_front() {
                self.context.shared.dequeued(self.id, &message);
            }
        }
        self.shut_down_if_possible(socket);
        false
    }

    fn shut_down_if_possible(&mut self, socket: &OwnedFd) {
        if self.shutdown_requested && !self.shutdown_sent && self.is_up && self.queue.is_empty() {
            self.shutdown_sent = true;
            self.send_flags(socket, EOF, b"");
        }
    }

    /// Ends it with an ABORT, after receiving what has arrived: it has been acknowledged, so it must not be lost.
    fn abort(&mut self, socket: &Socket) {
        'taking: while let Ok((arrivals, _)) = self.receive(socket.descriptor.get_ref()) {
            for arrival in arrivals {
                match arrival {
                    Arrival::Message(message) if self.is_up => {
                        self.report(Event::Message { id: self.id, message });
                    }
                    Arrival::Message(_) | Arrival::Notification(_) => {}
                    Arrival::TooLarge | Arrival::End => break 'taking,
                }
            }
        }
        self.send_flags(socket.descriptor.get_ref(), ABORT, b"");
    }

    fn send_flags(&self, socket: &OwnedFd, flags: u16, data: &[u8]) {
        if let Err(error) = send(socket, 0, flags, 0, data) {
            tracing::debug!(association = self.id.number(), %error, "the association cannot be ended in order");
        }
    }

    fn report_room(&self) {
        // What the kernel has accepted does not count: its buffer is as large as ours is meant to be.
        if self.context.shared.set_buffered(self.id, 0) {
            self.report(Event::Writable { id: self.id });
        }
    }

    fn report(&self, event: Event) {
        let mut outbox = self.context.outbox.borrow_mut();
        outbox.push(event);
        if outbox.share(self.id) >= SHARE {
            self.reception.pause();
        }
        if outbox.waiting() > 0 {
            self.context.waiting.notify_one();
        }
    }

    fn end(self, cause: Cause) {
        // This fails only when the transport has ended.
        let _ = self.context.ended.send((self.id, cause));
    }
}
