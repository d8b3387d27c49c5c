//! The UDP sockets, one for each local address.

use std::io;
use std::net::{IpAddr, SocketAddr};

use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

use super::StartError;
use crate::Config;

/// The size of the kernel's buffers in bytes, in either direction: the bursts of many associations share one socket.
const KERNEL_BUFFER: usize = 4 * 1024 * 1024;

/// Binds a socket for each configured address, or for a free loopback address. Returns them with the addresses.
pub(super) fn bind(config: &Config) -> Result<(Vec<IpAddr>, Vec<std::net::UdpSocket>), StartError> {
    if config.addresses.is_empty() {
        let (address, socket) = bind_free_loopback(config.udp_port)?;
        return Ok((vec![address], vec![socket]));
    }
    let mut sockets = Vec::with_capacity(config.addresses.len());
    for &address in &config.addresses {
        if address.is_unspecified() || address.is_multicast() {
            return Err(StartError::Config(
                "an own address must be the address of an interface",
            ));
        }
        sockets.push(bind_one(SocketAddr::new(address, config.udp_port))?);
    }
    Ok((config.addresses.clone(), sockets))
}

/// Takes the first of this process's loopback addresses on which the UDP port is free. Only the binding decides, so
/// that processes that start at the same time get different addresses.
fn bind_free_loopback(port: u16) -> Result<(IpAddr, std::net::UdpSocket), StartError> {
    if port == 0 {
        return Err(StartError::Config(
            "a UDP port chosen by the system needs an address that is given",
        ));
    }
    for address in crate::loopback::candidates() {
        match bind_one(SocketAddr::new(address, port)) {
            Ok(socket) => return Ok((address, socket)),
            Err(StartError::InUse { .. }) => {}
            // Without this interface, none of its addresses belongs to this machine.
            Err(StartError::NotOurs(_)) => return Err(StartError::NoLoopback),
            Err(error) => return Err(error),
        }
    }
    Err(StartError::NoneFree(port))
}

/// SO_REUSEADDR is not set, so that an address in use is detected.
fn bind_one(address: SocketAddr) -> Result<std::net::UdpSocket, StartError> {
    let prepare = || -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        socket.set_recv_buffer_size(KERNEL_BUFFER)?;
        socket.set_send_buffer_size(KERNEL_BUFFER)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
            setsockopt(&socket, sockopt::Ipv6RecvErr, &true)?;
        } else {
            setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
        }
        socket.bind(&address.into())?;
        Ok(socket)
    };
    prepare().map(Into::into).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::InUse {
            address: address.ip(),
            port: address.port(),
        },
        io::ErrorKind::AddrNotAvailable => StartError::NotOurs(address.ip()),
        _ => StartError::Socket { address, source },
    })
}
