//! The socket of an association.

use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use nix::sys::socket::{setsockopt, sockopt};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};

use super::ports::Claim;
use super::{sending, system};
use crate::Message;
use crate::shared::DirectSender;

/// The socket of an association.
pub(super) struct Socket {
    pub(super) descriptor: AsyncFd<Arc<OwnedFd>>,
    _claim: Claim,
}

impl Socket {
    /// Takes ownership of a descriptor that was peeled off a socket bound to these addresses.
    pub(super) fn new(own: &[IpAddr], descriptor: OwnedFd, claim: Claim) -> io::Result<Self> {
        // If the process of a peer in user space is gone, its host reports this by ICMP (RFC 6951 section 5.4).
        if own.iter().all(IpAddr::is_ipv4) {
            setsockopt(&descriptor, sockopt::Ipv4RecvErr, &true)?;
        } else {
            setsockopt(&descriptor, sockopt::Ipv6RecvErr, &true)?;
        }
        Ok(Self {
            descriptor: system::register(Arc::new(descriptor), Interest::READABLE)?,
            _claim: claim,
        })
    }
}

/// Sends from any thread.
pub(super) struct Direct {
    descriptor: Arc<OwnedFd>,
    /// In bytes.
    send_buffer: usize,
}

impl Direct {
    pub(super) fn new(descriptor: &Arc<OwnedFd>) -> Self {
        Self {
            descriptor: Arc::clone(descriptor),
            // If it is unknown, no messages wait for each other.
            send_buffer: SockRef::from(descriptor).send_buffer_size().unwrap_or(0),
        }
    }
}

impl DirectSender for Direct {
    fn try_send(&self, messages: &[&Message]) -> io::Result<usize> {
        sending::send_all(&self.descriptor, self.send_buffer, messages)
    }
}

/// Makes tokio report when the kernel has room for further messages.
pub(super) fn watch_room(socket: &Socket) -> Option<AsyncFd<OwnedFd>> {
    let watched = OwnedFd::try_clone(socket.descriptor.get_ref());
    watched
        .and_then(|descriptor| system::register(descriptor, Interest::WRITABLE))
        .inspect_err(|error| tracing::warn!(%error, "cannot wait for room to send"))
        .ok()
}

pub(super) async fn writable(
    watched: Option<&AsyncFd<OwnedFd>>,
) -> io::Result<AsyncFdReadyGuard<'_, OwnedFd>> {
    match watched {
        Some(descriptor) => descriptor.writable().await,
        None => std::future::pending().await,
    }
}
