//! The socket of an association: what is sent on it, and how.

use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use nix::libc;
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{MsgHdr, SockRef};
use tokio::io::Interest;
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};

use super::ports::Claim;
use super::system;
use crate::Message;
use crate::shared::DirectSender;

/// Flags of messages (RFC 6458 section 5.3.4).
pub(super) const UNORDERED: u16 = 1 << 0;
pub(super) const ABORT: u16 = 1 << 2;
pub(super) const EOF: u16 = 0x200;
/// Control message with the properties of what is sent, and its length.
const SNDINFO: i32 = 2;
const SNDINFO_LENGTH: usize = 16;

/// The socket of an association.
pub(super) struct Socket {
    pub(super) descriptor: AsyncFd<Arc<OwnedFd>>,
    _claim: Claim,
}

impl Socket {
    /// Takes over what has been peeled off a socket that is bound to these addresses.
    pub(super) fn new(own: &[IpAddr], descriptor: OwnedFd, claim: Claim) -> io::Result<Self> {
        // Tells of a peer in user space whose process is gone (RFC 6951 section 5.4): its host says so by ICMP.
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

/// Sends from whatever thread wants to.
pub(super) struct Direct(pub(super) Arc<OwnedFd>);

impl DirectSender for Direct {
    fn try_send(&self, message: &Message, more: bool) -> io::Result<()> {
        let flags = if message.unordered { UNORDERED } else { 0 };
        let call = if more { libc::MSG_MORE } else { 0 };
        send_with(&self.0, call, message.stream, flags, message.ppid, &message.data)
    }
}

/// Lets tokio tell when the kernel has room for what is to be sent.
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

/// Hands a message to the kernel.
pub(super) fn send(socket: &OwnedFd, stream: u16, flags: u16, ppid: u32, data: &[u8]) -> io::Result<()> {
    send_with(socket, 0, stream, flags, ppid, data)
}

/// The same, with flags for the system call.
fn send_with(socket: &OwnedFd, call: i32, stream: u16, flags: u16, ppid: u32, data: &[u8]) -> io::Result<()> {
    const HEADER: usize = size_of::<libc::cmsghdr>();
    let mut control = Vec::with_capacity(HEADER + SNDINFO_LENGTH);
    control.extend((HEADER + SNDINFO_LENGTH).to_ne_bytes());
    control.extend(libc::IPPROTO_SCTP.to_ne_bytes());
    control.extend(SNDINFO.to_ne_bytes());
    control.extend(stream.to_ne_bytes());
    control.extend(flags.to_ne_bytes());
    control.extend(ppid.to_be_bytes());
    // Context and association, which do not matter here.
    control.extend([0; 8]);
    let buffers = [IoSlice::new(data)];
    let message = MsgHdr::new().with_buffers(&buffers).with_control(&control);
    SockRef::from(socket)
        .sendmsg(&message, call | libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
        .map(drop)
}
