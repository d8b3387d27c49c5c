//! The thread of a transport. It connects sockets, timers and commands to the [`Endpoint`], which makes all
//! decisions.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::endpoint::{Endpoint, Transmit};
use super::icmp;
use super::running_time::RunningTime;
use crate::delay_line::DelayLine;
use crate::impaired_link::{Passage, Way};
use crate::shared::{Ending, Shared};
use crate::tap::{Carried, Course, Direction, Fate};

/// How many datagrams or ICMP messages are read from a socket before everything else gets its turn.
const BATCH: usize = 64;
/// The maximum number of packets in transit on links that delay them.
const MOST_UNDER_WAY: usize = 8192;
/// The maximum size of these packets: enough for packets of the size that we send, but not for as many of the
/// largest ones.
const MOST_BYTES_UNDER_WAY: usize = MOST_UNDER_WAY * 4096;
/// How long the last events wait for a user who is slow to fetch them.
const LONGEST_FLUSH: Duration = Duration::from_millis(500);

pub(super) struct Driver {
    endpoint: Endpoint,
    shared: Arc<Shared>,
    sockets: Vec<UdpSocket>,
    /// Local addresses and UDP ports, for the tap.
    locals: Vec<SocketAddr>,
    delayed: DelayLine<Crossing>,
    time: RunningTime,
    buffer: Vec<u8>,
}

/// A packet that an impaired link delays.
enum Crossing {
    Outgoing(Transmit, Passage),
    Incoming {
        local: usize,
        source: SocketAddr,
        data: Vec<u8>,
        passage: Passage,
    },
}

impl Driver {
    pub(super) fn new(
        endpoint: Endpoint,
        shared: Arc<Shared>,
        sockets: Vec<UdpSocket>,
        locals: Vec<SocketAddr>,
    ) -> Self {
        Self {
            endpoint,
            shared,
            sockets,
            locals,
            delayed: DelayLine::new(MOST_UNDER_WAY, MOST_BYTES_UNDER_WAY),
            time: RunningTime::new(),
            buffer: vec![0; 65536],
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            // Arrivals are processed before timers: when this process has been stopped for a while, responses that
            // have arrived meanwhile must not count as missing.
            let mut more = false;
            for local in 0..self.sockets.len() {
                more |= self.receive(local);
                self.receive_errors(local);
            }
            self.cross();
            let now = self.time.now();
            self.endpoint.handle_commands(now);
            self.endpoint.handle_timeout(now);
            self.endpoint.flush_events(now);
            self.transmit();
            if let Some(ending) = self.shared.ending() {
                return self.end(ending).await;
            }
            if more {
                tokio::task::yield_now().await;
            } else {
                self.shared.pause_tap();
                self.wait().await;
            }
        }
    }

    async fn wait(&mut self) {
        self.time.now();
        let deadline = [self.endpoint.poll_timeout(), self.delayed.poll_timeout()]
            .into_iter()
            .flatten()
            .min();
        let timer = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(self.time.system(deadline).into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.sockets_ready() => {}
            () = timer => {}
            () = self.shared.wake.notified() => {}
            () = self.endpoint.outbox.ready() => {}
        }
        self.time.awaken(deadline);
    }

    async fn sockets_ready(&self) {
        let mut ready: Vec<_> = self
            .sockets
            .iter()
            .map(|socket| Box::pin(socket.ready(Interest::READABLE | Interest::ERROR)))
            .collect();
        std::future::poll_fn(|context| {
            let any = ready
                .iter_mut()
                .any(|socket| Pin::as_mut(socket).poll(context).is_ready());
            if any { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Reads datagrams from a socket. Returns whether there may be more.
    fn receive(&mut self, local: usize) -> bool {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut more = true;
        for _ in 0..BATCH {
            match self.sockets[local].try_recv_from(&mut buffer) {
                Ok((length, source)) => {
                    let data = &mut buffer[..length];
                    let now = self.time.now();
                    let passage = self.shared.impairments.fate(now, source.ip(), Way::In, length);
                    if let Some(passage) = passage {
                        passage.apply(data);
                    }
                    match passage {
                        None => self.tap_arrival(local, source, data, Passage::default(), Fate::Lost),
                        Some(passage) if passage.delay.is_zero() => {
                            self.handle_datagram(local, source, data, passage);
                        }
                        Some(passage) => {
                            let crossing = Crossing::Incoming {
                                local,
                                source,
                                data: data.to_vec(),
                                passage,
                            };
                            self.delay(passage.delay, length, crossing);
                        }
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    more = false;
                    break;
                }
                // An ICMP error arrived; the error queue identifies the packet.
                Err(_) => self.receive_errors(local),
            }
        }
        self.buffer = buffer;
        more
    }

    /// Processes a datagram and sends the resulting packets before the next one is processed: otherwise, the
    /// responses to all waiting datagrams would pile up.
    fn handle_datagram(&mut self, local: usize, source: SocketAddr, data: &[u8], passage: Passage) {
        self.tap_arrival(local, source, data, passage, Fate::Passed);
        self.endpoint
            .handle_datagram(self.time.now(), local, source, data);
        self.transmit();
    }

    fn receive_errors(&mut self, local: usize) {
        for _ in 0..BATCH {
            match icmp::receive(self.sockets[local].as_fd()) {
                Ok(Some(error)) => {
                    self.endpoint.handle_unreachable(self.time.now(), &error);
                    self.transmit();
                }
                Ok(None) => {}
                Err(_) => {
                    // The queue is empty: clear the readiness, so as to be woken by the next message in it.
                    let empty = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
                    let _ = self.sockets[local].try_io(Interest::ERROR, empty);
                    return;
                }
            }
        }
    }

    fn delay(&mut self, delay: Duration, bytes: usize, crossing: Crossing) {
        match self.delayed.add(self.time.now(), delay, bytes, crossing) {
            None => {}
            Some(Crossing::Outgoing(transmit, passage)) => {
                self.tap_departure(self.shared.tap_time(), &transmit, passage, Fate::Lost);
            }
            Some(Crossing::Incoming {
                local,
                source,
                data,
                passage,
            }) => self.tap_arrival(local, source, &data, passage, Fate::Lost),
        }
    }

    /// Sends or processes the packets that have been delayed for long enough.
    fn cross(&mut self) {
        while let Some(crossing) = self.delayed.poll(self.time.now()) {
            match crossing {
                Crossing::Outgoing(transmit, passage) => self.send(&transmit, passage),
                Crossing::Incoming {
                    local,
                    source,
                    data,
                    passage,
                } => {
                    if self.shared.impairments.is_cut(source.ip(), Way::In) {
                        self.tap_arrival(local, source, &data, passage, Fate::Lost);
                    } else {
                        self.handle_datagram(local, source, &data, passage);
                    }
                }
            }
        }
    }

    fn transmit(&mut self) {
        while let Some(mut transmit) = self.endpoint.poll_transmit() {
            let (now, bytes) = (self.time.now(), transmit.data.len());
            let remote = transmit.path.remote.ip();
            let passage = self.shared.impairments.fate(now, remote, Way::Out, bytes);
            if let Some(passage) = passage {
                passage.apply(&mut transmit.data);
            }
            match passage {
                None => {
                    let time = self.shared.tap_time();
                    self.tap_departure(time, &transmit, Passage::default(), Fate::Lost);
                }
                Some(passage) if passage.delay.is_zero() => self.send(&transmit, passage),
                Some(passage) => self.delay(passage.delay, bytes, Crossing::Outgoing(transmit, passage)),
            }
        }
    }

    fn send(&mut self, transmit: &Transmit, passage: Passage) {
        let remote = transmit.path.remote;
        let Some(socket) = self.sockets.get(transmit.path.local) else {
            return;
        };
        // Before it can arrive anywhere.
        let time = self.shared.tap_time();
        // tokio's own method would send nothing until it has seen the socket writable for the first time.
        let socket = socket2::SockRef::from(socket);
        let send = || socket.send_to(&transmit.data, &remote.into());
        // The system reports an ICMP error about any peer when the next packet is to be sent, and does not send that
        // packet.
        let mut outcome = send();
        for _ in 0..4 {
            if !matches!(&outcome, Err(error) if is_about_another(error)) {
                break;
            }
            outcome = send();
        }
        let fate = if outcome.is_ok() {
            Fate::Passed
        } else {
            Fate::Refused
        };
        self.tap_departure(time, transmit, passage, fate);
        match outcome {
            Ok(_) => {}
            // It is lost, as it might be in transit; SCTP retransmits it.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock || is_about_another(&error) => {}
            Err(error) => {
                tracing::debug!(%remote, %error, "a packet cannot be sent");
                self.endpoint.handle_unsendable(self.time.now(), transmit);
            }
        }
    }

    fn tap_arrival(&self, local: usize, source: SocketAddr, data: &[u8], passage: Passage, fate: Fate) {
        let course = Course {
            direction: Direction::Incoming,
            carried: Carried::Sctp,
            source,
            destination: self.locals[local],
        };
        self.shared
            .tap(self.shared.tap_time(), course, passage, fate, data);
    }

    fn tap_departure(&self, time: Option<Duration>, transmit: &Transmit, passage: Passage, fate: Fate) {
        let Some(source) = self.locals.get(transmit.path.local) else {
            return;
        };
        let course = Course {
            direction: Direction::Outgoing,
            carried: Carried::Sctp,
            source: *source,
            destination: transmit.path.remote,
        };
        self.shared.tap(time, course, passage, fate, &transmit.data);
    }

    async fn end(mut self, ending: Ending) {
        let now = self.time.now();
        self.endpoint.end(now, ending);
        if ending == Ending::Abort {
            self.transmit();
        }
        self.shared.pause_tap();
        self.sockets.clear();
        self.shared.ended();
        let flush = async {
            loop {
                self.endpoint.flush_events(now);
                if self.endpoint.outbox.waiting() == 0 {
                    break;
                }
                self.endpoint.outbox.ready().await;
            }
        };
        let _ = tokio::time::timeout(LONGEST_FLUSH, flush).await;
    }
}

fn is_about_another(error: &io::Error) -> bool {
    use nix::libc::{ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENOPROTOOPT};
    [
        Some(ECONNREFUSED),
        Some(EHOSTUNREACH),
        Some(ENETUNREACH),
        Some(ENOPROTOOPT),
    ]
    .contains(&error.raw_os_error())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Instant;

    use super::super::crafted::{chunk_of, packet_of};
    use super::super::hosts::Host;
    use super::super::packet::chunk;
    use super::*;
    use crate::{Config, Packet};

    #[tokio::test]
    async fn each_datagram_is_answered_before_the_next_one_is_taken() {
        let Host {
            transport, endpoint, ..
        } = Host::new(Instant::now(), 2, &Config::demo());
        let directions = Arc::<Mutex<Vec<Direction>>>::default();
        let seen = Arc::clone(&directions);
        transport.set_tap(Some(Box::new(move |packet: &Packet<'_>| {
            seen.lock().unwrap().push(packet.direction);
        })));
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let local = socket.local_addr().unwrap();
        let shared = Arc::clone(&endpoint.shared);
        let mut driver = Driver::new(endpoint, shared, vec![socket], vec![local]);

        let stranger = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let stray = packet_of(77, &chunk_of(chunk::SHUTDOWN_ACK, &[]));
        for _ in 0..BATCH {
            stranger.send_to(&stray, local).unwrap();
        }
        driver.sockets[0].readable().await.unwrap();
        assert!(driver.receive(0));
        assert_eq!(
            *directions.lock().unwrap(),
            [Direction::Incoming, Direction::Outgoing].repeat(BATCH)
        );
    }
}
