//! A host with a single UDP socket, whose SCTP claims to have the addresses of others.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use dcsctp::api::{
    DcSctpSocket, Message, Options, PpId, SendOptions, Socket, SocketEvent, SocketTime, StreamId,
};
use wire::Ppid;

/// How long the other end may take to respond: far longer than it ever does.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a stranger checks its condition when nothing arrives.
const GLANCE: Duration = Duration::from_millis(20);
/// How often a persistent stranger opens its association anew.
const INSISTENCE: Duration = Duration::from_millis(100);
/// The common header and the header of the first chunk (RFC 9260 section 3).
const HEADERS: usize = 16;
const INIT: u8 = 1;

/// One end of an association, whose INIT listed additional addresses.
pub struct Stranger {
    socket: UdpSocket,
    options: Options,
    sctp: Socket,
    started: Instant,
    listed: Vec<IpAddr>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Opening,
    Up,
    Over,
}

impl Stranger {
    /// Opens an association from its own loopback address and this SCTP port to an address and port, and waits until
    /// it is established. `listed` are the addresses in its INIT.
    ///
    /// # Panics
    /// Panics if the association is refused, or if no UDP socket can be bound.
    #[must_use]
    pub fn connect(own_port: u16, to: SocketAddr, listed: &[IpAddr]) -> Self {
        let [.., high, low] = std::process::id().to_be_bytes();
        let addresses = (66..=126).map(|second| IpAddr::from([127, second, high, low]));
        let mut sockets =
            addresses.filter_map(|address| UdpSocket::bind((address, transport::UDP_PORT)).ok());
        let socket = sockets.next().expect("one of sixty addresses is free");
        socket
            .connect((to.ip(), transport::UDP_PORT))
            .expect("there is a way on this machine");
        let options = Options {
            local_port: own_port,
            remote_port: to.port(),
            heartbeat_interval: Duration::ZERO,
            ..Options::default()
        };
        let mut stranger = Self {
            socket,
            sctp: Socket::new("", &options),
            options,
            started: Instant::now(),
            listed: listed.to_vec(),
            state: State::Opening,
        };
        stranger.open();
        stranger.run_until("the association", |stranger| {
            (stranger.state == State::Up).then_some(())
        });
        stranger
    }

    /// Returns its own address.
    ///
    /// # Panics
    /// Panics if the socket has none.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.socket.local_addr().expect("the socket is bound").ip()
    }

    /// Sends a message.
    ///
    /// # Panics
    /// Panics if the association does not accept it.
    pub fn send(&mut self, ppid: Ppid, bytes: Vec<u8>) {
        let message = Message::new(StreamId(0), PpId(ppid.0), bytes);
        let sent = self.sctp.send(message, &SendOptions::default());
        sent.expect("the association takes a message");
        self.send_packets();
    }

    /// Waits for a message for which `pick` returns something.
    ///
    /// # Panics
    /// Panics if the association ends before that, or if no such message arrives.
    pub fn wait_for<T>(&mut self, what: &str, mut pick: impl FnMut(&[u8]) -> Option<T>) -> T {
        self.run_until(what, |stranger| {
            while let Some(message) = stranger.sctp.get_next_message() {
                if let Some(picked) = pick(&message.payload) {
                    return Some(picked);
                }
            }
            None
        })
    }

    /// Opens the association again and again, whatever happens to it, until `over` returns true.
    pub fn insist_until(mut self, mut over: impl FnMut() -> bool) {
        while !over() {
            self.open();
            let next = Instant::now() + INSISTENCE;
            while Instant::now() < next {
                self.send_packets();
                self.receive();
            }
        }
    }

    fn open(&mut self) {
        self.sctp = Socket::new("", &self.options);
        self.started = Instant::now();
        self.state = State::Opening;
        self.sctp.connect();
    }

    fn run_until<T>(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            self.send_packets();
            assert_ne!(self.state, State::Over, "a stranger's association has ended");
            if let Some(outcome) = done(self) {
                return outcome;
            }
            self.receive();
        }
        panic!("a stranger has waited in vain for {what}");
    }

    /// Sends all pending SCTP packets.
    fn send_packets(&mut self) {
        while let Some(event) = self.sctp.poll_event() {
            match event {
                SocketEvent::SendPacket(packet) => {
                    let packet = self.with_listed_addresses(packet);
                    // Lost if there is no receiver.
                    let _ = self.socket.send(&packet);
                }
                SocketEvent::OnConnected() => self.state = State::Up,
                SocketEvent::OnClosed() | SocketEvent::OnAborted(..) => self.state = State::Over,
                _ => {}
            }
        }
    }

    /// Receives the next packet, if one arrives before SCTP's next deadline.
    fn receive(&mut self) {
        let now = SocketTime::zero() + self.started.elapsed();
        let pause = (self.sctp.poll_timeout() - now).clamp(Duration::from_millis(1), GLANCE);
        let timeout = self.socket.set_read_timeout(Some(pause));
        timeout.expect("a socket can be told how long to wait");
        let mut packet = vec![0; 1 << 16];
        let received = self.socket.recv(&mut packet);
        self.sctp
            .advance_time(SocketTime::zero() + self.started.elapsed());
        match received {
            Ok(length) => self.sctp.handle_input(packet.get(..length).unwrap_or_default()),
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::ConnectionRefused
                ),
                "{error}"
            ),
        }
    }

    /// Returns the packet, with the listed addresses added if it is an INIT.
    fn with_listed_addresses(&self, mut packet: Vec<u8>) -> Vec<u8> {
        if packet.get(12) != Some(&INIT) {
            return packet;
        }
        for address in &self.listed {
            // RFC 9260 sections 3.3.2.1.1 and 3.3.2.1.2.
            match address {
                IpAddr::V4(address) => packet.extend([&[0, 5, 0, 8], &address.octets()[..]].concat()),
                IpAddr::V6(address) => packet.extend([&[0, 6, 0, 20], &address.octets()[..]].concat()),
            }
        }
        let length = u16::try_from(packet.len() + 4 - HEADERS).expect("an INIT is small");
        packet[14..HEADERS].copy_from_slice(&length.to_be_bytes());
        packet[8..12].fill(0);
        let checksum = crc32c::crc32c(&packet);
        packet[8..12].copy_from_slice(&checksum.to_le_bytes());
        packet
    }
}
