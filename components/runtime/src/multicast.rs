//! The multicast group of registrar announcements: plain UDP beside SCTP (RFC 5352 section 2.2.10).

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use protocol::Time;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use tokio::net::UdpSocket;
use transport::multicast;

use crate::impairments::Impairments;

/// A datagram that crosses the group's sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Datagram {
    /// From somebody in the group.
    Received { source: SocketAddr, bytes: Vec<u8> },
    /// To the group.
    Sent { bytes: Vec<u8> },
}

/// Membership in the group, with the network impairments that SCTP suffers as well.
pub(crate) struct Multicast {
    group: SocketAddr,
    receiver: UdpSocket,
    /// Not one of tokio's: those refuse to send until their first event has come.
    sender: std::net::UdpSocket,
    /// Datagrams on their way over a slow link, by the time at which they arrive; the number keeps them apart.
    travelling: BTreeMap<(Time, u64), Datagram>,
    travellers: u64,
    dice: Pcg64Mcg,
    buffer: Box<[u8]>,
}

/// rsplib's time to live of announcements.
const TIME_TO_LIVE: u8 = 30;
/// Larger than any announcement.
const LARGEST_DATAGRAM: usize = 2048;
/// Datagrams that may travel at the same time; more are lost, as in any queue of a network.
const MOST_TRAVELLERS: usize = 256;

impl Multicast {
    /// Joins the group by the interface that has the first fitting address of `own`.
    ///
    /// # Errors
    /// When no own address fits the group, or the system refuses.
    pub(crate) fn join(group: SocketAddr, own: &[IpAddr], seed: u64) -> io::Result<Self> {
        let Some(own) = own
            .iter()
            .copied()
            .find(|address| address.is_ipv4() == group.is_ipv4())
        else {
            return Err(io::Error::other("no own address has the group's version of IP"));
        };
        let receiver = multicast::join(group.ip(), group.port(), own).map_err(io::Error::other)?;
        // rsplib's receivers take the source port for the registrar's SCTP port (D-07). If another process has it on
        // this address, they do not find this registrar; all others do.
        let sender = multicast::sender(SocketAddr::new(own, crate::ASAP_PORT), TIME_TO_LIVE)
            .or_else(|_| multicast::sender(SocketAddr::new(own, 0), TIME_TO_LIVE))
            .map_err(io::Error::other)?;
        Ok(Self {
            group,
            receiver: UdpSocket::from_std(receiver)?,
            sender,
            travelling: BTreeMap::new(),
            travellers: 0,
            dice: Pcg64Mcg::seed_from_u64(seed),
            buffer: vec![0; LARGEST_DATAGRAM].into(),
        })
    }

    /// The group's address.
    pub(crate) const fn group(&self) -> SocketAddr {
        self.group
    }

    /// Sends a datagram to the group: now, later or never, as the impairments want it.
    pub(crate) fn send(&mut self, now: Time, bytes: &[u8], impairments: &Impairments) {
        let datagram = Datagram::Sent {
            bytes: bytes.to_vec(),
        };
        let fate = impairments.fate(None, &mut self.dice);
        if let Some(datagram) = self.travel(now, datagram, fate) {
            self.arrive(&datagram);
        }
    }

    /// The next datagram from the group that arrives without delay.
    ///
    /// Cancel safe: nothing is lost when the future is dropped.
    pub(crate) async fn receive(
        &mut self,
        now: impl Fn() -> Time,
        impairments: &Impairments,
    ) -> (SocketAddr, Vec<u8>) {
        loop {
            // An error here is a transient one of the interface: the group goes on.
            let Ok((length, source)) = self.receiver.recv_from(&mut self.buffer).await else {
                tokio::task::yield_now().await;
                continue;
            };
            let bytes = self.buffer.get(..length).unwrap_or_default().to_vec();
            let fate = impairments.fate(Some(source.ip()), &mut self.dice);
            let datagram = Datagram::Received { source, bytes };
            if let Some(Datagram::Received { source, bytes }) = self.travel(now(), datagram, fate) {
                return (source, bytes);
            }
        }
    }

    /// When the next datagram arrives that is on its way.
    pub(crate) fn next_arrival(&self) -> Option<Time> {
        self.travelling.keys().next().map(|(time, _)| *time)
    }

    /// A datagram from the group that was on its way and is there at `now`. Those to the group go out by the way.
    pub(crate) fn arrived(&mut self, now: Time) -> Option<(SocketAddr, Vec<u8>)> {
        while self.next_arrival()? <= now {
            match self.travelling.pop_first()?.1 {
                Datagram::Received { source, bytes } => return Some((source, bytes)),
                sent @ Datagram::Sent { .. } => self.arrive(&sent),
            }
        }
        None
    }

    fn travel(
        &mut self,
        now: Time,
        datagram: Datagram,
        fate: Option<std::time::Duration>,
    ) -> Option<Datagram> {
        let delay = fate?;
        if delay.is_zero() {
            return Some(datagram);
        }
        if self.travelling.len() < MOST_TRAVELLERS {
            self.travellers += 1;
            self.travelling.insert((now + delay, self.travellers), datagram);
        }
        None
    }

    fn arrive(&self, datagram: &Datagram) {
        if let Datagram::Sent { bytes } = datagram {
            // Announcements are repeated: one that finds no room or no network is not missed.
            let _ = self.sender.send_to(bytes, self.group);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use feed::{Impairment, LinkTarget};

    use super::*;

    const OWN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 23, 0, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 23, 0, 2));

    fn members(port: u16) -> (Multicast, Multicast) {
        let group = SocketAddr::from(([239, 0, 0, 51], port));
        (
            Multicast::join(group, &[OWN], 1).unwrap(),
            Multicast::join(group, &[OTHER], 2).unwrap(),
        )
    }

    fn at(milliseconds: u64) -> Time {
        Time::from_origin(Duration::from_millis(milliseconds))
    }

    #[tokio::test]
    async fn a_datagram_reaches_the_group_with_the_own_address_as_source() {
        let (mut sender, mut receiver) = members(40_001);
        let none = Impairments::default();
        sender.send(Time::ZERO, b"announce", &none);
        let (source, bytes) = receiver.receive(|| Time::ZERO, &none).await;
        assert_eq!((source.ip(), bytes.as_slice()), (OWN, b"announce".as_slice()));
        assert_eq!(source.port(), crate::ASAP_PORT);
    }

    #[tokio::test]
    async fn a_cut_link_loses_datagrams_and_a_slow_one_delays_them() {
        let (mut sender, mut receiver) = members(40_002);
        let none = Impairments::default();
        let mut cut = Impairments::default();
        cut.set(LinkTarget::All, Impairment::UNPLUGGED);
        let mut slow = Impairments::default();
        let delay = Impairment {
            delay_ms: 50.0,
            ..Impairment::default()
        };
        slow.set(LinkTarget::All, delay);

        sender.send(Time::ZERO, b"lost", &cut);
        sender.send(Time::ZERO, b"late", &slow);
        sender.send(Time::ZERO, b"prompt", &none);
        assert_eq!(receiver.receive(|| Time::ZERO, &none).await.1, b"prompt");
        assert_eq!(sender.next_arrival(), Some(at(50)));
        assert_eq!(sender.arrived(at(49)), None);
        assert_eq!(sender.arrived(at(50)), None);
        assert_eq!(receiver.receive(|| Time::ZERO, &none).await.1, b"late");

        let slow_arrival = async { receiver.receive(|| at(60), &slow).await };
        sender.send(Time::ZERO, b"slow", &none);
        tokio::select! {
            biased;
            _ = slow_arrival => panic!("the datagram should travel for 50 ms"),
            () = tokio::task::yield_now() => {}
        }
    }
}
