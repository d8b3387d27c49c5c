//! ICMP errors from the error queue of a socket (IP_RECVERR).

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg};

/// The maximum number of bytes read from the undeliverable SCTP packet; ICMP quotes no more than fits into a small
/// packet.
const MOST_QUOTED: usize = 1280;

/// A report that one of our packets could not be delivered. Anybody can send such a message; it must not be believed
/// unless it quotes something that no stranger can know (RFC 9260 section 10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreachable {
    /// The destination of the packet.
    pub(super) destination: SocketAddr,
    /// The start of the SCTP packet.
    pub(super) quoted: Vec<u8>,
    /// What is unreachable.
    pub(super) what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The host is reachable, but no process has the UDP port, or none accepts the packet.
    Port,
    /// There is no route, or no such host.
    Host,
}

/// Reads one message from the error queue. Returns `Ok(None)` if it is irrelevant, and `WouldBlock` if there is
/// none.
pub(super) fn receive(socket: BorrowedFd<'_>) -> io::Result<Option<Unreachable>> {
    let mut quoted = vec![0; MOST_QUOTED];
    let mut control = cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
    let (length, destination, what) = {
        let mut slices = [IoSliceMut::new(&mut quoted)];
        let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut slices, Some(&mut control), flags)?;
        let what = message
            .cmsgs()
            .ok()
            .into_iter()
            .flatten()
            .find_map(|control| match control {
                ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
                    classify(error)
                }
                _ => None,
            });
        (
            message.bytes,
            message.address.as_ref().and_then(socket_address),
            what,
        )
    };
    quoted.truncate(length);
    Ok(what.zip(destination).map(|(what, destination)| Unreachable {
        destination,
        quoted,
        what,
    }))
}

fn classify(error: libc::sock_extended_err) -> Option<What> {
    // Errors that our own system detects while sending are returned by the send itself.
    if ![libc::SO_EE_ORIGIN_ICMP, libc::SO_EE_ORIGIN_ICMP6].contains(&error.ee_origin) {
        return None;
    }
    match Errno::from_raw(i32::try_from(error.ee_errno).ok()?) {
        Errno::ECONNREFUSED | Errno::ENOPROTOOPT => Some(What::Port),
        Errno::EHOSTUNREACH | Errno::ENETUNREACH | Errno::EHOSTDOWN => Some(What::Host),
        _ => None,
    }
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(address) = address.as_sockaddr_in() {
        return Some(SocketAddr::new(address.ip().into(), address.port()));
    }
    address
        .as_sockaddr_in6()
        .map(|address| SocketAddr::new(address.ip().into(), address.port()))
}
