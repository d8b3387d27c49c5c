//! The multicast groups in which registrars announce themselves: plain UDP beside SCTP (RFC 5352 section 2.2.10;
//! D-09).

use std::future::pending;
use std::net::SocketAddr;

use protocol::MulticastGroup;
use transport::multicast::Member;
use wire::Ppid;

/// Membership in the groups; `None` if the group is switched off or not used by the component.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub(crate) asap: Option<Member>,
    pub(crate) enrp: Option<Member>,
}

impl Groups {
    /// Sends a datagram to a group. Returns the group's address, or `None` if the component is not a member.
    pub(crate) fn send(&mut self, group: MulticastGroup, bytes: &[u8]) -> Option<SocketAddr> {
        let member = match group {
            MulticastGroup::Asap => self.asap.as_mut(),
            MulticastGroup::Enrp => self.enrp.as_mut(),
        }?;
        member.send(bytes.to_vec());
        Some(member.group())
    }

    /// Receives the next datagram from any group, with its source. Cancellation-safe.
    pub(crate) async fn recv(&mut self) -> (MulticastGroup, SocketAddr, Vec<u8>) {
        let (group, (source, bytes)) = tokio::select! {
            datagram = recv(&mut self.asap) => (MulticastGroup::Asap, datagram),
            datagram = recv(&mut self.enrp) => (MulticastGroup::Enrp, datagram),
        };
        (group, source, bytes)
    }
}

async fn recv(member: &mut Option<Member>) -> (SocketAddr, Vec<u8>) {
    match member {
        Some(member) => member.recv().await,
        None => pending().await,
    }
}

/// Returns the protocol of a group's datagrams, which carry no payload protocol identifier themselves.
pub(crate) const fn ppid(group: MulticastGroup) -> Ppid {
    match group {
        MulticastGroup::Asap => Ppid::ASAP,
        MulticastGroup::Enrp => Ppid::ENRP,
    }
}
