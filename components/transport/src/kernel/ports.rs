//! The one-to-many sockets, one for each SCTP port that we listen on or connect from.
//!
//! They are created by the caller that requests a port, so that it learns at once whether the port is free, and they
//! live as long as the transport. Associations do not stay on them: each gets its own socket as soon as it exists,
//! with its own window and send buffer.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sctp_rs::{ConnectedSocket, SendData, SendInfo, SubscribeEventAssocId};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::system::{self, Borrowed, Opt};
use super::{StartError, options};
use crate::AssociationConfig;
use crate::shared::PortBinder;

/// The maximum number of associations that the kernel establishes before they are accepted.
const BACKLOG: i32 = 128;
/// `SCTP_ABORT`: ends the association at once, with the message as the reason.
const ABORT: u16 = 1 << 2;

/// A one-to-many socket.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) number: u16,
    socket: Borrowed<ConnectedSocket>,
    state: Mutex<PortState>,
}

#[derive(Debug)]
struct PortState {
    listening: bool,
    applied: AssociationConfig,
    /// Addresses and ports of the peers with associations, and the number of each claim: there is at most one
    /// association between the same two ends (RFC 9260 section 1.3).
    peers: BTreeMap<(IpAddr, u16), u64>,
    /// The number of claims so far.
    claims: u64,
}

/// All one-to-many sockets of a transport.
pub(super) struct Ports {
    addresses: Vec<IpAddr>,
    defaults: AssociationConfig,
    encapsulation: Option<u16>,
    runtime: Handle,
    bound: Mutex<Bound>,
}

#[derive(Default)]
struct Bound {
    ports: BTreeMap<u16, Arc<Port>>,
    /// Notifies the actor of new ones; `None` when the transport has ended.
    new: Option<mpsc::UnboundedSender<Arc<Port>>>,
    /// Whether there is no room for further associations.
    full: bool,
}

/// The right to open the association with a peer.
pub(super) struct Claim {
    port: Arc<Port>,
    peers: Vec<(IpAddr, u16)>,
    number: u64,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.port.lock();
        for peer in &self.peers {
            if state.peers.get(peer) == Some(&self.number) {
                state.peers.remove(peer);
            }
        }
    }
}

impl Ports {
    pub(super) fn new(
        addresses: Vec<IpAddr>,
        defaults: AssociationConfig,
        encapsulation: Option<u16>,
        runtime: Handle,
        new: mpsc::UnboundedSender<Arc<Port>>,
    ) -> Self {
        Self {
            addresses,
            defaults,
            encapsulation,
            runtime,
            bound: Mutex::new(Bound {
                new: Some(new),
                ..Bound::default()
            }),
        }
    }

    /// Returns a port from which an association with a peer can be opened: the given one, or any.
    pub(super) fn for_peer(
        &self,
        number: Option<u16>,
        peers: &[(IpAddr, u16)],
    ) -> io::Result<Option<(Arc<Port>, Claim)>> {
        let mut bound = self.lock();
        if let Some(number) = number {
            let port = match bound.ports.get(&number) {
                Some(port) => Arc::clone(port),
                None => self.bind(&mut bound, number)?,
            };
            return Ok(port.claim(peers).map(|claim| (port, claim)));
        }
        let free = bound.ports.values().find_map(|port| {
            let free = !port.lock().listening;
            Some((Arc::clone(port), port.claim(peers).filter(|_| free)?))
        });
        if free.is_some() {
            return Ok(free);
        }
        let port = self.bind(&mut bound, 0)?;
        Ok(port.claim(peers).map(|claim| (port, claim)))
    }

    /// Sets whether there is no room for further associations. The kernel then refuses them.
    pub(super) fn set_full(&self, full: bool) {
        let mut bound = self.lock();
        if std::mem::replace(&mut bound.full, full) != full {
            for port in bound.ports.values().filter(|port| port.lock().listening) {
                if let Err(error) = port.listen(!full) {
                    tracing::warn!(port = port.number, %error, "cannot change whether peers are let in");
                }
            }
        }
    }

    /// Closes all of them.
    pub(super) fn close(&self) {
        *self.lock() = Bound::default();
    }

    fn bind(&self, bound: &mut Bound, number: u16) -> io::Result<Arc<Port>> {
        let Some(new) = bound.new.clone() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let socket = bind(Type::SEQPACKET, &self.addresses, number)?;
        let number = socket
            .local_addr()?
            .as_socket()
            .map_or(number, |address| address.port());
        options::apply(&socket, &self.defaults)?;
        system::set(&socket, Opt::NoDelay, &1_u32.to_ne_bytes())?;
        if let Some(port) = self.encapsulation {
            options::encapsulate(&socket, port)?;
        }
        // The transport's own thread must be woken by it.
        let _entered = self.runtime.enter();
        let socket = Borrowed::hand_over(OwnedFd::from(socket), ConnectedSocket::from_rawfd)?;
        socket.owner.sctp_subscribe_events(
            &[
                sctp_rs::Event::Association,
                sctp_rs::Event::Address,
                sctp_rs::Event::Shutdown,
            ],
            SubscribeEventAssocId::Future,
        )?;
        socket.owner.sctp_request_rcvinfo(true)?;
        let port = Arc::new(Port {
            number,
            socket,
            state: Mutex::new(PortState {
                listening: false,
                applied: self.defaults.clone(),
                peers: BTreeMap::new(),
                claims: 0,
            }),
        });
        let _ = new.send(Arc::clone(&port));
        bound.ports.insert(number, Arc::clone(&port));
        Ok(port)
    }

    fn lock(&self) -> MutexGuard<'_, Bound> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PortBinder for Ports {
    fn listen(&self, number: u16) -> io::Result<()> {
        let mut bound = self.lock();
        let port = match bound.ports.get(&number) {
            Some(port) => Arc::clone(port),
            None => self.bind(&mut bound, number)?,
        };
        port.listen(!bound.full)?;
        port.lock().listening = true;
        Ok(())
    }

    fn unlisten(&self, number: u16) {
        let port = self.lock().ports.get(&number).cloned();
        if let Some(port) = port {
            port.lock().listening = false;
            if let Err(error) = port.listen(false) {
                tracing::warn!(port = number, %error, "cannot stop to listen");
            }
        }
    }
}

impl Port {
    /// Returns the kernel's next notification about associations that have no socket of their own yet.
    pub(super) async fn next(&self) -> io::Result<sctp_rs::NotificationOrData> {
        self.socket.owner.sctp_recv().await
    }

    /// Opens an association and gives it its own socket. Returns `None` if it has already failed.
    pub(super) fn connect(
        &self,
        peer: SocketAddr,
        config: &AssociationConfig,
    ) -> io::Result<Option<OwnedFd>> {
        let mut state = self.lock();
        let usual = state.applied.clone();
        if usual != *config {
            options::apply(&self.socket, config)?;
            state.applied = config.clone();
        }
        let association = system::connectx(&self.socket, peer);
        // Associations that peers open get the default settings.
        if state.listening && state.applied != usual {
            options::apply(&self.socket, &usual)?;
            state.applied = usual;
        }
        let association = association?;
        Ok(system::peel_off(&self.socket, association).ok())
    }

    pub(super) fn peel_off(&self, association: i32) -> io::Result<OwnedFd> {
        system::peel_off(&self.socket, association)
    }

    /// Aborts an association that has no socket of its own.
    pub(super) async fn abort(&self, association: i32, reason: &str) {
        let data = SendData {
            payload: reason.into(),
            snd_info: Some(SendInfo {
                flags: ABORT,
                assoc_id: association,
                ..SendInfo::default()
            }),
        };
        if let Err(error) = self.socket.owner.sctp_send(data).await {
            tracing::debug!(port = self.number, %error, "cannot abort an association");
        }
    }

    /// Claims the association with a peer. Returns `None` if it is already claimed.
    fn claim(self: &Arc<Self>, peers: &[(IpAddr, u16)]) -> Option<Claim> {
        let taken = {
            let state = self.lock();
            peers.iter().any(|peer| state.peers.contains_key(peer))
        };
        (!taken).then(|| self.succeed(peers))
    }

    /// Claims an association that a peer opened. The kernel would not have admitted a second one between the same
    /// ends, so if there is an older claim, its holder has not noticed yet that its association has ended.
    pub(super) fn succeed(self: &Arc<Self>, peers: &[(IpAddr, u16)]) -> Claim {
        let mut state = self.lock();
        state.claims += 1;
        let number = state.claims;
        state.peers.extend(peers.iter().map(|peer| (*peer, number)));
        Claim {
            port: Arc::clone(self),
            peers: peers.to_vec(),
            number,
        }
    }

    fn listen(&self, on: bool) -> io::Result<()> {
        SockRef::from(&self.socket).listen(if on { BACKLOG } else { 0 })
    }

    fn lock(&self) -> MutexGuard<'_, PortState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsFd for Port {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Returns a socket that is bound to a port on all addresses; 0 lets the kernel choose the port.
fn bind(kind: Type, addresses: &[IpAddr], port: u16) -> io::Result<Socket> {
    let domain = if addresses.iter().all(IpAddr::is_ipv4) {
        Domain::IPV4
    } else {
        Domain::IPV6
    };
    let socket = Socket::new(domain, kind, Some(Protocol::SCTP))?;
    socket.set_nonblocking(true)?;
    let (first, others) = addresses
        .split_first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?;
    socket.bind(&SocketAddr::new(*first, port).into())?;
    if !others.is_empty() {
        let port = socket
            .local_addr()?
            .as_socket()
            .map_or(port, |address| address.port());
        let others: Vec<_> = others
            .iter()
            .map(|address| SocketAddr::new(*address, port))
            .collect();
        system::bindx(&socket, &others)?;
    }
    Ok(socket)
}

/// Checks that the kernel has SCTP and permits listening.
pub(super) fn probe() -> io::Result<()> {
    bind(Type::SEQPACKET, &[IpAddr::V4(Ipv4Addr::LOCALHOST)], 0)?.listen(1)
}

/// Takes the first of this process's loopback addresses on which this SCTP port is free. The socket keeps others
/// away from it. Only the binding decides, so that processes that start at the same time get different addresses.
pub(super) fn claim_loopback(port: u16) -> Result<(IpAddr, Socket), StartError> {
    for address in crate::loopback::candidates() {
        match bind(Type::STREAM, &[address], port) {
            Ok(socket) => return Ok((address, socket)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(source) => return Err(StartError::Socket { address, source }),
        }
    }
    Err(StartError::NoneFree)
}

/// Checks that addresses can be bound.
pub(super) fn check(addresses: &[IpAddr]) -> Result<(), StartError> {
    for &address in addresses {
        if address.is_unspecified() || address.is_multicast() {
            return Err(StartError::Config(
                "an own address must be the address of an interface",
            ));
        }
        bind(Type::STREAM, &[address], 0).map_err(|source| match source.kind() {
            io::ErrorKind::AddrNotAvailable => StartError::NotOurs(address),
            _ => StartError::Socket { address, source },
        })?;
    }
    Ok(())
}
