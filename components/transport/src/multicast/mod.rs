//! Plain UDP sockets for multicast announcements, which belong to no association.
//!
//! This works on real interfaces and on loopback, although the loopback interface is not marked as capable of
//! multicast: both the membership and the outgoing interface are specified by an address. A [`Member`] of a group is
//! subject to the impairments of its [`Transport`](crate::Transport); plain sockets from [`join`] and [`sender`] are
//! not.

mod member;

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::if_nametoindex;
use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;

pub use member::Member;

/// The reason why there is no multicast socket.
#[derive(Debug, Error)]
pub enum MulticastError {
    /// Group and interface must both be IPv4 or both be IPv6, and the group must be a multicast address.
    #[error("{group} is not a multicast group for the interface with the address {interface}")]
    NoGroup {
        /// The group.
        group: IpAddr,
        /// The interface's address.
        interface: IpAddr,
    },
    /// None of the local addresses has the IP version of the group.
    #[error("no local address has the IP version of the group {0}")]
    NoOwnAddress(IpAddr),
    /// No interface has that address.
    #[error("no interface has the address {0}")]
    NoInterface(IpAddr),
    /// The system refused.
    #[error("cannot set up a multicast socket for {address}")]
    Socket {
        /// The address that was to be bound, or the group that was to be joined.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
}

/// Returns a socket that receives what is sent to a port of a group on the interface with the given address. Any
/// number of processes can do so at the same time. It is non-blocking: pass it to `tokio::net::UdpSocket::from_std`.
pub fn join(group: IpAddr, port: u16, interface: IpAddr) -> Result<UdpSocket, MulticastError> {
    if !group.is_multicast() || group.is_ipv4() != interface.is_ipv4() {
        return Err(MulticastError::NoGroup { group, interface });
    }
    // It is bound to the group, so that it receives nothing that was sent to another group or to this host.
    let address = SocketAddr::new(group, port);
    let interface_index = interface_index(interface)?;
    let prepare = || -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        match (group, interface) {
            (IpAddr::V4(group), IpAddr::V4(interface)) => {
                socket.bind(&address.into())?;
                socket.set_multicast_all_v4(false)?;
                socket.join_multicast_v4(&group, &interface)?;
            }
            (IpAddr::V6(group), _) => {
                socket.set_only_v6(true)?;
                socket.bind(&std::net::SocketAddrV6::new(group, port, 0, interface_index).into())?;
                socket.set_multicast_all_v6(false)?;
                socket.join_multicast_v6(&group, interface_index)?;
            }
            (IpAddr::V4(_), IpAddr::V6(_)) => return Err(io::ErrorKind::InvalidInput.into()),
        }
        Ok(socket)
    };
    prepare()
        .map(Into::into)
        .map_err(|source| MulticastError::Socket { address, source })
}

/// Returns a socket that sends to groups from a local address, on the interface with that address, across at most
/// `hops` networks. Listeners on this machine receive it as well. Port 0 lets the system choose the source port. It
/// is non-blocking.
pub fn sender(source: SocketAddr, hops: u8) -> Result<UdpSocket, MulticastError> {
    let interface_index = interface_index(source.ip())?;
    let prepare = || -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(source), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        match source {
            SocketAddr::V4(source) => {
                socket.set_multicast_if_v4(source.ip())?;
                socket.set_multicast_loop_v4(true)?;
                socket.set_multicast_ttl_v4(u32::from(hops))?;
            }
            SocketAddr::V6(_) => {
                socket.set_only_v6(true)?;
                socket.set_multicast_if_v6(interface_index)?;
                socket.set_multicast_loop_v6(true)?;
                socket.set_multicast_hops_v6(u32::from(hops))?;
            }
        }
        socket.bind(&source.into())?;
        Ok(socket)
    };
    prepare().map(Into::into).map_err(|error| MulticastError::Socket {
        address: source,
        source: error,
    })
}

/// Returns the index of the interface with this address; IPv4 needs none.
fn interface_index(address: IpAddr) -> Result<u32, MulticastError> {
    let IpAddr::V6(wanted) = address else { return Ok(0) };
    let has_it = |storage: nix::sys::socket::SockaddrStorage| -> bool {
        storage
            .as_sockaddr_in6()
            .is_some_and(|other: &nix::sys::socket::SockaddrIn6| other.ip() == wanted)
    };
    getifaddrs()
        .ok()
        .into_iter()
        .flatten()
        .find(|interface| interface.address.is_some_and(has_it))
        .and_then(|interface| if_nametoindex(interface.interface_name.as_str()).ok())
        .filter(|_| wanted != Ipv6Addr::UNSPECIFIED)
        .ok_or(MulticastError::NoInterface(address))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Multicast groups for documentation (RFC 6676) and of link scope (RFC 4291).
    const GROUP: &str = "233.252.0.99";
    const GROUP_V6: &str = "ff02::4:99";

    fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
        socket.set_nonblocking(false).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut buffer = [0; 100];
        let (length, source) = socket.recv_from(&mut buffer).unwrap();
        (buffer[..length].to_vec(), source)
    }

    #[test]
    fn all_members_on_loopback_receive_what_is_sent_from_an_address_of_one_process() {
        let group: IpAddr = GROUP.parse().unwrap();
        let first = join(group, 0, "127.0.0.1".parse().unwrap()).unwrap();
        let port = first.local_addr().unwrap().port();
        let second = join(group, port, "127.0.0.77".parse().unwrap()).unwrap();
        let sender = sender("127.0.3.5:0".parse().unwrap(), 1).unwrap();
        sender.send_to(b"here I am", (group, port)).unwrap();
        for member in [&first, &second] {
            assert_eq!(
                receive(member),
                (b"here I am".to_vec(), sender.local_addr().unwrap())
            );
        }
    }

    #[test]
    fn a_datagram_to_another_group_does_not_arrive() {
        let group: IpAddr = GROUP.parse().unwrap();
        let member = join(group, 0, "127.0.0.1".parse().unwrap()).unwrap();
        let port = member.local_addr().unwrap().port();
        let sender = sender("127.0.3.6:0".parse().unwrap(), 1).unwrap();
        sender.send_to(b"others", ("233.252.0.98", port)).unwrap();
        sender.send_to(b"us", (group, port)).unwrap();
        assert_eq!(receive(&member).0, b"us");
    }

    #[test]
    fn ipv6_groups_work_on_loopback() {
        let (group, loopback): (IpAddr, IpAddr) = (GROUP_V6.parse().unwrap(), "::1".parse().unwrap());
        let member = match join(group, 0, loopback) {
            Ok(member) => member,
            Err(error) => {
                eprintln!("SKIPPED: this machine has no IPv6 multicast on loopback: {error}");
                return;
            }
        };
        let port = member.local_addr().unwrap().port();
        let sender = sender(SocketAddr::new(loopback, 0), 1).unwrap();
        match sender.send_to(b"six", (group, port)) {
            Ok(_) => assert_eq!(receive(&member).0, b"six"),
            Err(error) => eprintln!("SKIPPED: no route for IPv6 multicast on loopback: {error}"),
        }
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let (group, interface) = (GROUP.parse().unwrap(), "127.0.0.1".parse().unwrap());
        assert!(matches!(
            join(interface, 1, interface),
            Err(MulticastError::NoGroup { .. })
        ));
        assert!(matches!(
            join(group, 1, "::1".parse().unwrap()),
            Err(MulticastError::NoGroup { .. })
        ));
        let foreign = "192.0.2.1".parse().unwrap();
        assert!(matches!(
            join(group, 1, foreign),
            Err(MulticastError::Socket { .. })
        ));
        let foreign = "2001:db8::1".parse().unwrap();
        assert!(matches!(
            join(GROUP_V6.parse().unwrap(), 1, foreign),
            Err(MulticastError::NoInterface(_))
        ));
    }
}
