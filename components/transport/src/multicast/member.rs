//! Membership in a multicast group, over links that may be impaired.

use std::future::pending;
use std::net::SocketAddr;
use std::time::Instant;

use tokio::net::UdpSocket;

use super::{MulticastError, join, sender};
use crate::Transport;
use crate::delay_line::DelayLine;
use crate::impaired_link::{Passage, Way};
use crate::tap::{Carried, Course, Direction, Fate};

/// A member of a group, which sends to the group and receives what others send to it. Its datagrams are subject to
/// the transport's link impairments, like everything that the transport sends.
#[derive(Debug)]
pub struct Member {
    transport: Transport,
    group: SocketAddr,
    receiver: UdpSocket,
    /// Not a tokio socket: those refuse to send until their first event has arrived.
    sender: std::net::UdpSocket,
    /// The address and port that it sends from.
    source: SocketAddr,
    under_way: DelayLine<Datagram>,
    buffer: Box<[u8]>,
}

#[derive(Debug)]
enum Datagram {
    Incoming {
        source: SocketAddr,
        data: Vec<u8>,
        passage: Passage,
    },
    Outgoing(Vec<u8>, Passage),
}

/// The time to live of announcements, as in rsplib.
const HOPS: u8 = 30;
/// Larger than any announcement; longer datagrams are truncated.
const LARGEST_DATAGRAM: usize = 2048;
/// The maximum number of datagrams in transit on links that delay them.
const MOST_UNDER_WAY: usize = 256;

impl Member {
    /// Joins a group on the interface of the first suitable address of `transport`. Datagrams are sent from that
    /// address and from `source_port`, or from any free port if another process uses that one. Must be called within
    /// a tokio runtime.
    ///
    /// # Errors
    /// Returns an error if no local address fits the group, or if the system refuses.
    pub fn join(transport: &Transport, group: SocketAddr, source_port: u16) -> Result<Self, MulticastError> {
        let mut own = transport.local_addresses().iter();
        let own = own.find(|address| address.is_ipv4() == group.is_ipv4());
        let own = *own.ok_or_else(|| MulticastError::NoOwnAddress(group.ip()))?;
        let receiver = join(group.ip(), group.port(), own)?;
        let receiver = UdpSocket::from_std(receiver).map_err(|source| MulticastError::Socket {
            address: group,
            source,
        })?;
        let sender = sender(SocketAddr::new(own, source_port), HOPS)
            .or_else(|_| sender(SocketAddr::new(own, 0), HOPS))?;
        let source = sender.local_addr().map_err(|source| MulticastError::Socket {
            address: SocketAddr::new(own, source_port),
            source,
        })?;
        Ok(Self {
            transport: transport.clone(),
            group,
            receiver,
            sender,
            source,
            under_way: DelayLine::new(MOST_UNDER_WAY, MOST_UNDER_WAY * LARGEST_DATAGRAM),
            buffer: vec![0; LARGEST_DATAGRAM].into(),
        })
    }

    /// Returns the group and its UDP port.
    #[must_use]
    pub const fn group(&self) -> SocketAddr {
        self.group
    }

    /// Sends a datagram to the group: immediately, or, if the link delays it, while [`Self::recv`] is being awaited.
    pub fn send(&mut self, data: Vec<u8>) {
        match self.transport.fate(self.group.ip(), Way::Out, data.len()) {
            None => self.tap_lost(&Datagram::Outgoing(data, Passage::default())),
            Some(passage) if passage.delay.is_zero() => self.transmit(&data, passage),
            Some(passage) => self.delay(passage, data.len(), Datagram::Outgoing(data, passage)),
        }
    }

    /// Receives the next datagram from the group, with its source. Cancellation-safe.
    pub async fn recv(&mut self) -> (SocketAddr, Vec<u8>) {
        loop {
            // Usually nothing is in transit, and then there is no reason to read the clock whenever the task is
            // woken.
            while self.under_way.poll_timeout().is_some()
                && let Some(datagram) = self.under_way.poll(Instant::now())
            {
                match datagram {
                    Datagram::Incoming {
                        source,
                        data,
                        passage,
                    } => return self.arrived(source, data, passage),
                    Datagram::Outgoing(data, passage) => self.transmit(&data, passage),
                }
            }
            let arrival = self.under_way.poll_timeout();
            let arrival = async {
                match arrival {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => pending().await,
                }
            };
            let received = tokio::select! {
                received = self.receiver.recv_from(&mut self.buffer) => received,
                () = arrival => continue,
            };
            // Errors here are transient ones of the interface; the membership persists.
            let Ok((length, source)) = received else {
                tokio::task::yield_now().await;
                continue;
            };
            let data = self.buffer.get(..length).unwrap_or_default().to_vec();
            let fate = self.transport.fate(source.ip(), Way::In, length);
            let passage = fate.unwrap_or_default();
            let datagram = |data| Datagram::Incoming {
                source,
                data,
                passage,
            };
            match fate {
                None => self.tap_lost(&datagram(data)),
                Some(passage) if passage.delay.is_zero() => return self.arrived(source, data, passage),
                Some(passage) => self.delay(passage, length, datagram(data)),
            }
        }
    }

    fn delay(&mut self, passage: Passage, bytes: usize, datagram: Datagram) {
        let lost = self.under_way.add(Instant::now(), passage.delay, bytes, datagram);
        lost.iter().for_each(|datagram| self.tap_lost(datagram));
    }

    fn arrived(&self, source: SocketAddr, data: Vec<u8>, passage: Passage) -> (SocketAddr, Vec<u8>) {
        let shared = self.transport.shared();
        shared.tap(
            shared.tap_time(),
            self.arriving(source),
            passage,
            Fate::Passed,
            &data,
        );
        shared.pause_tap();
        (source, data)
    }

    fn transmit(&self, data: &[u8], passage: Passage) {
        let shared = self.transport.shared();
        let time = shared.tap_time();
        // Announcements are repeated; losing one for lack of room or network does no harm.
        let fate = match self.sender.send_to(data, self.group) {
            Ok(_) => Fate::Passed,
            Err(_) => Fate::Refused,
        };
        shared.tap(time, self.departing(), passage, fate, data);
        shared.pause_tap();
    }

    fn tap_lost(&self, datagram: &Datagram) {
        let (course, data, passage) = match datagram {
            Datagram::Incoming {
                source,
                data,
                passage,
            } => (self.arriving(*source), data, passage),
            Datagram::Outgoing(data, passage) => (self.departing(), data, passage),
        };
        let shared = self.transport.shared();
        shared.tap(shared.tap_time(), course, *passage, Fate::Lost, data);
        shared.pause_tap();
    }

    fn arriving(&self, source: SocketAddr) -> Course {
        Course {
            direction: Direction::Incoming,
            carried: Carried::Announcement,
            source,
            destination: self.group,
        }
    }

    fn departing(&self) -> Course {
        Course {
            direction: Direction::Outgoing,
            carried: Carried::Announcement,
            source: self.source,
            destination: self.group,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::*;
    use crate::{Config, Impairment, Link, Packet, user_space};

    const SOURCE_PORT: u16 = 3863;

    fn transport(address: &str) -> Transport {
        let config = Config {
            addresses: vec![address.parse().unwrap()],
            udp_port: 0,
            ..Config::default()
        };
        user_space::start(config).unwrap().0
    }

    fn members(port: u16) -> (Transport, Member, Transport, Member) {
        let group = SocketAddr::from(([233, 252, 0, 98], port));
        let (one, other) = (transport("127.23.0.1"), transport("127.23.0.2"));
        let member = |transport| Member::join(transport, group, SOURCE_PORT).unwrap();
        let (first, second) = (member(&one), member(&other));
        (one, first, other, second)
    }

    #[tokio::test]
    async fn a_datagram_reaches_the_group_with_the_own_address_as_source() {
        let (_one, mut sender, _other, mut receiver) = members(40_001);
        sender.send(b"announce".to_vec());
        let (source, data) = receiver.recv().await;
        let own: IpAddr = "127.23.0.1".parse().unwrap();
        assert_eq!((source.ip(), data.as_slice()), (own, b"announce".as_slice()));
        // While the first one lives, a second one on this address uses any free port.
        let mut again = Member::join(&sender.transport, sender.group, SOURCE_PORT).unwrap();
        again.send(b"another".to_vec());
        let (other_source, _) = receiver.recv().await;
        assert_eq!(other_source.ip(), own);
        assert_ne!(other_source.port(), source.port());
    }

    #[tokio::test]
    async fn a_cut_link_loses_datagrams_and_a_slow_one_delays_them() {
        let (one, mut sender, other, mut receiver) = members(40_002);
        let delay = Duration::from_millis(50);
        one.set_impairment(Link::All, Impairment::CUT).unwrap();
        sender.send(b"lost".to_vec());
        one.set_impairment(Link::All, Impairment::delay(delay)).unwrap();
        let begin = Instant::now();
        sender.send(b"late".to_vec());
        one.set_impairment(Link::All, Impairment::NONE).unwrap();
        sender.send(b"prompt".to_vec());
        // The sender hears itself. Waiting for that releases its delayed datagram.
        let heard = async { (sender.recv().await.1, sender.recv().await.1) };
        let received = async { (receiver.recv().await.1, receiver.recv().await.1) };
        let (heard, received) = tokio::join!(heard, received);
        assert_eq!(received, (b"prompt".to_vec(), b"late".to_vec()));
        assert_eq!(heard, received);
        assert!(begin.elapsed() >= delay);

        other.set_impairment(Link::All, Impairment::delay(delay)).unwrap();
        let begin = Instant::now();
        sender.send(b"slow".to_vec());
        assert_eq!(receiver.recv().await.1, b"slow");
        assert!(begin.elapsed() >= delay);
    }

    #[tokio::test]
    async fn the_tap_shows_datagrams_with_their_sender_and_group_and_what_became_of_them() {
        let (one, mut sender, other, mut receiver) = members(40_003);
        let seen = Arc::<Mutex<Vec<_>>>::default();
        for transport in [&one, &other] {
            let seen = Arc::clone(&seen);
            transport.set_tap(Some(Box::new(move |packet: &Packet<'_>| {
                let ends = (packet.source, packet.destination);
                let data = String::from_utf8(packet.data.to_vec()).unwrap();
                seen.lock()
                    .unwrap()
                    .push((data, packet.direction, packet.fate, packet.delay, ends));
            })));
        }
        let delay = Duration::from_millis(20);
        one.set_impairment(Link::All, Impairment::CUT).unwrap();
        sender.send(b"lost".to_vec());
        one.set_impairment(Link::All, Impairment::NONE).unwrap();
        sender.send(b"prompt".to_vec());
        assert_eq!(receiver.recv().await.1, b"prompt");
        other.set_impairment(Link::All, Impairment::delay(delay)).unwrap();
        sender.send(b"slow".to_vec());
        assert_eq!(receiver.recv().await.1, b"slow");

        let ends = (sender.source, sender.group);
        let zero = Duration::ZERO;
        assert_eq!(ends.0.ip(), IpAddr::from([127, 23, 0, 1]));
        assert_eq!(
            *seen.lock().unwrap(),
            [
                ("lost".to_owned(), Direction::Outgoing, Fate::Lost, zero, ends),
                ("prompt".to_owned(), Direction::Outgoing, Fate::Passed, zero, ends),
                ("prompt".to_owned(), Direction::Incoming, Fate::Passed, zero, ends),
                ("slow".to_owned(), Direction::Outgoing, Fate::Passed, zero, ends),
                ("slow".to_owned(), Direction::Incoming, Fate::Passed, delay, ends),
            ]
        );
    }
}
