//! SCTP system calls that neither `socket2` nor `sctp-rs` offers: options, `bindx`, `connectx`, and peeling off (RFC
//! 6458).
//!
//! All structures are built as bytes, so that the kernel's layouts are described in one place. The kernel receives
//! pointers to local buffers, together with their lengths.
#![expect(
    unsafe_code,
    reason = "no crate has these options and calls of SCTP, nor tokio a safe way to watch a socket that somebody else owns"
)]

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::Arc;

use nix::libc::{self, c_int, c_void};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

pub(super) const SOL_SCTP: c_int = 132;

/// Options of the kernel (`linux/sctp.h`).
#[derive(Debug, Clone, Copy)]
#[repr(i32)]
pub(super) enum Opt {
    RtoInfo = 0,
    AssocInfo = 1,
    InitMsg = 2,
    NoDelay = 3,
    PeerAddrParams = 9,
    DelayedSack = 16,
    RemoteUdpEncapsPort = 132,
}

const BINDX_ADD: c_int = 100;
const PEELOFF_FLAGS: c_int = 122;
const CONNECTX3: c_int = 111;
const PRIMARY_ADDR: c_int = 6;
const GET_PEER_ADDRS: c_int = 108;
const GET_PEER_ADDR_INFO: c_int = 15;

/// The state of an unconfirmed path; the states of confirmed paths are smaller numbers.
const UNCONFIRMED: i32 = 3;

/// A descriptor that another object owns and closes.
#[derive(Debug)]
pub(super) struct Borrowed<Owner> {
    descriptor: RawFd,
    /// The owner, which closes it.
    pub(super) owner: Owner,
}

impl<Owner> Borrowed<Owner> {
    /// Transfers a descriptor to an owner that will not give it back.
    pub(super) fn hand_over(
        descriptor: OwnedFd,
        to: impl FnOnce(RawFd) -> io::Result<Owner>,
    ) -> io::Result<Self> {
        let raw = descriptor.as_raw_fd();
        let owner = to(raw)?;
        let _ = descriptor.into_raw_fd();
        Ok(Self {
            descriptor: raw,
            owner,
        })
    }
}

impl<Owner> AsFd for Borrowed<Owner> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the owner keeps it open as long as it lives, hence as long as this borrow.
        unsafe { BorrowedFd::borrow_raw(self.descriptor) }
    }
}

/// The size of `struct sockaddr_storage` in bytes.
pub(super) const STORAGE: usize = 128;

/// Sets an option to the bytes of its structure.
pub(super) fn set(socket: &impl AsFd, option: Opt, value: &[u8]) -> io::Result<()> {
    set_raw(socket.as_fd(), option as c_int, value)
}

/// Adds addresses to those that a socket is bound to (RFC 6458 section 9.1).
pub(super) fn bindx(socket: &impl AsFd, addresses: &[SocketAddr]) -> io::Result<()> {
    set_raw(socket.as_fd(), BINDX_ADD, &packed(addresses))
}

fn set_raw(socket: BorrowedFd<'_>, option: c_int, value: &[u8]) -> io::Result<()> {
    // SAFETY: the pointer and the length are those of a slice that outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            SOL_SCTP,
            option,
            value.as_ptr().cast(),
            value.len() as libc::socklen_t,
        )
    };
    checked(result as isize).map(drop)
}

#[repr(C)]
struct ConnectxParameter {
    association: i32,
    length: c_int,
    addresses: *const c_void,
}

/// Opens an association from a one-to-many socket and returns the kernel's identifier for it (RFC 6458 section 9.9).
pub(super) fn connectx(socket: &impl AsFd, peer: SocketAddr) -> io::Result<i32> {
    let packed = socket_address(peer);
    let mut parameter = ConnectxParameter {
        association: 0,
        length: packed.len() as c_int,
        addresses: packed.as_ptr().cast(),
    };
    let mut length = size_of::<ConnectxParameter>() as libc::socklen_t;
    // SAFETY: the kernel reads the parameter and the addresses and writes the parameter; both outlive the call and
    // have the given lengths.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            SOL_SCTP,
            CONNECTX3,
            (&raw mut parameter).cast(),
            &raw mut length,
        )
    };
    match checked(result as isize) {
        Ok(_) => Ok(parameter.association),
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(parameter.association),
        Err(error) => Err(error),
    }
}

/// Gives an association of a one-to-many socket its own socket (RFC 6458 section 9.2), which is non-blocking.
pub(super) fn peel_off(socket: &impl AsFd, association: i32) -> io::Result<OwnedFd> {
    let mut argument = [association, 0, libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC];
    let mut length = size_of_val(&argument) as libc::socklen_t;
    // SAFETY: the kernel reads and writes the argument, which outlives the call and has the given length.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            SOL_SCTP,
            PEELOFF_FLAGS,
            argument.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    let descriptor = checked(result as isize)?;
    // SAFETY: the kernel has just created this descriptor, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as c_int) })
}

/// The paths of an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paths {
    /// The peer's confirmed addresses, the primary one first.
    pub(super) confirmed: Vec<IpAddr>,
    /// The number of addresses that the peer has, or claims to have.
    pub(super) number: usize,
}

/// Returns the paths of a peeled-off association (RFC 6458 sections 8.1.9, 8.2.2 and 9.3) with a peer that has this
/// port. An address that the peer lists may belong to anybody until the kernel has confirmed it by a heartbeat (RFC
/// 9260 section 5.4).
pub(super) fn paths(socket: &impl AsFd, port: u16) -> io::Result<Paths> {
    let mut list = [0_u8; 8192];
    let length = get(socket.as_fd(), GET_PEER_ADDRS, &mut list)?;
    let mut addresses = addresses_in(list.get(8..length).unwrap_or_default());
    let mut primary = [0_u8; 4 + STORAGE];
    if get(socket.as_fd(), PRIMARY_ADDR, &mut primary).is_ok()
        && let Some(primary) = address_in(&primary[4..])
        && let Some(at) = addresses.iter().position(|address| *address == primary)
    {
        addresses[..=at].rotate_right(1);
    }
    let number = addresses.len();
    addresses.retain(|address| is_confirmed(socket, SocketAddr::new(*address, port)));
    Ok(Paths {
        confirmed: addresses,
        number,
    })
}

fn is_confirmed(socket: &impl AsFd, address: SocketAddr) -> bool {
    // Association, address, state, and four measurements.
    let mut path = vec![0; 4];
    path.extend(socket_address(address));
    path.resize(4 + STORAGE + 5 * 4, 0);
    let state = get(socket.as_fd(), GET_PEER_ADDR_INFO, &mut path)
        .ok()
        .and_then(|_| path.get(4 + STORAGE..)?.first_chunk().copied());
    state
        .map(i32::from_ne_bytes)
        .is_some_and(|state| state < UNCONFIRMED)
}

/// Reads an option into a buffer and returns its length. The buffer's first four bytes identify the association,
/// which is irrelevant for a socket that has only one.
fn get(socket: BorrowedFd<'_>, option: c_int, value: &mut [u8]) -> io::Result<usize> {
    let mut length = value.len() as libc::socklen_t;
    // SAFETY: the kernel writes at most as much as the length says, which is that of a slice that outlives the call.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            SOL_SCTP,
            option,
            value.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    checked(result as isize).map(|_| length as usize)
}

/// A descriptor with one or several owners.
pub(super) trait Descriptor: AsRawFd {}
impl Descriptor for OwnedFd {}
impl Descriptor for Arc<OwnedFd> {}

/// Makes tokio report when a socket is readable or writable.
pub(super) fn register<D: Descriptor>(descriptor: D, interest: Interest) -> io::Result<AsyncFd<D>> {
    // SAFETY: an owned descriptor stays open and unchanged until it is dropped together with its registration.
    let registered = unsafe { AsyncFd::register_with_interest(descriptor, interest) };
    registered.map_err(Into::into)
}

pub(super) fn checked(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// Encodes consecutive addresses as `struct sockaddr_in` and `struct sockaddr_in6`.
fn packed(addresses: &[SocketAddr]) -> Vec<u8> {
    addresses
        .iter()
        .flat_map(|address| socket_address(*address))
        .collect()
}

fn socket_address(address: SocketAddr) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(28);
    match address {
        SocketAddr::V4(address) => {
            bytes.extend((libc::AF_INET as u16).to_ne_bytes());
            bytes.extend(address.port().to_be_bytes());
            bytes.extend(address.ip().octets());
            bytes.extend([0; 8]);
        }
        SocketAddr::V6(address) => {
            bytes.extend((libc::AF_INET6 as u16).to_ne_bytes());
            bytes.extend(address.port().to_be_bytes());
            bytes.extend(address.flowinfo().to_be_bytes());
            bytes.extend(address.ip().octets());
            bytes.extend(address.scope_id().to_ne_bytes());
        }
    }
    bytes
}

/// Reads consecutive addresses.
fn addresses_in(mut bytes: &[u8]) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    while let Some(address) = address_in(bytes) {
        addresses.push(address);
        let is_v4 = bytes.starts_with(&(libc::AF_INET as u16).to_ne_bytes());
        bytes = bytes.get(if is_v4 { 16 } else { 28 }..).unwrap_or_default();
    }
    addresses
}

/// Reads the address from a `struct sockaddr_storage`.
pub(super) fn address_in(storage: &[u8]) -> Option<IpAddr> {
    let family = i32::from(u16::from_ne_bytes(storage.get(..2)?.try_into().ok()?));
    let address = match family {
        libc::AF_INET => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(storage.get(4..8)?).ok()?)),
        libc::AF_INET6 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(storage.get(8..24)?).ok()?)),
        _ => return None,
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socket_addresses_are_read_as_they_are_written() {
        for address in ["192.0.2.1:3863", "[2001:db8::1]:9901"] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(address_in(&socket_address(address)), Some(address.ip()));
        }
        let mapped: SocketAddr = "[::ffff:192.0.2.1]:1".parse().unwrap();
        assert_eq!(address_in(&socket_address(mapped)), "192.0.2.1".parse().ok());
        let several =
            ["192.0.2.1:1", "[2001:db8::1]:1", "192.0.2.2:1"].map(|address| address.parse().unwrap());
        assert_eq!(
            addresses_in(&packed(&several)),
            several.map(|address| address.ip())
        );
        assert_eq!(address_in(&[0; STORAGE]), None);
        assert_eq!(address_in(&[2, 0, 0]), None);
    }
}
