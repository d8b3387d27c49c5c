//! One association: a dcsctp socket, and what that leaves to the layer below.
//!
//! This includes detecting whether the peer is alive (dcsctp ignores the responses to all heartbeats but the last,
//! and so loses peers whose round trip time exceeds the interval), choosing among the peer's addresses while
//! connecting, ending shutdowns that never complete, and shutting down only after everything has been sent.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use dcsctp::api::{
    self, DcSctpSocket, ErrorKind, Options, PpId, SendOptions, Socket, SocketEvent, SocketState, SocketTime,
    StreamId,
};

use super::answers::Answers;
use super::liveness::{Liveness, Verdict};
use super::packet::{self, Header, PacketView, chunk};
use crate::{AssociationConfig, AssociationId, Cause, LARGEST_MESSAGE, Message};

/// Size of SCTP packets on loopback: large ones are more efficient, but a burst of several must fit into a socket's
/// buffer.
const LOOPBACK_MTU: usize = 4096;
/// Size of SCTP packets on an Ethernet with 1500 bytes, minus the headers of IPv6 and UDP.
const ETHERNET_MTU: usize = 1452;
/// The minimum packet size of dcsctp.
const SMALLEST_MTU: usize = 512;

/// The maximum number of a peer's addresses to try.
pub(super) const MOST_ADDRESSES: usize = 8;

/// The local socket and the address of the peer for packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path {
    /// Index of the local socket.
    pub(super) local: usize,
    /// The peer's address and UDP port.
    pub(super) remote: SocketAddr,
}

/// Identifies an association by the source of its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AddressKey {
    pub(super) remote: SocketAddr,
    pub(super) peer_port: u16,
    pub(super) local_port: u16,
}

/// Identifies an association by the content of its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TagKey {
    pub(super) tag: u32,
    pub(super) peer_port: u16,
    pub(super) local_port: u16,
}

/// An output of an association.
#[derive(Debug)]
pub(super) enum Output {
    Packet(Vec<u8>),
    Up,
    Restarted,
    Closed(Cause),
}

pub(super) struct Association {
    pub(super) id: AssociationId,
    pub(super) local_port: u16,
    pub(super) peer_port: u16,
    pub(super) inbound: bool,
    pub(super) path: Path,
    /// The addresses being tried; once the peer has answered, the one it answered from.
    pub(super) addresses: Vec<IpAddr>,
    /// The keys by which the endpoint finds it.
    pub(super) tag_key: Option<TagKey>,
    pub(super) address_keys: Vec<AddressKey>,
    /// When it must be called.
    pub(super) armed: Option<Instant>,
    pub(super) is_up: bool,
    pub(super) receive_buffer: usize,
    socket: Socket,
    epoch: Instant,
    peer_tag: Option<u32>,
    /// The INIT, as long as it may have to be sent to another address, and how often it has been sent.
    init: Option<Vec<u8>>,
    init_attempts: usize,
    liveness: Liveness,
    answers: Answers,
    shutdown_requested: bool,
    shutdown_limit: Duration,
    shutdown_deadline: Option<Instant>,
    streams: BTreeSet<u16>,
    /// Why this side is closing it.
    closing: Option<Cause>,
    failed: bool,
}

impl Association {
    pub(super) fn new(
        now: Instant,
        id: AssociationId,
        ports: (u16, u16),
        path: Path,
        addresses: Vec<IpAddr>,
        config: &AssociationConfig,
        inbound: bool,
    ) -> Self {
        let (local_port, peer_port) = ports;
        Self {
            id,
            local_port,
            peer_port,
            inbound,
            path,
            addresses,
            tag_key: None,
            address_keys: Vec::new(),
            armed: None,
            is_up: false,
            receive_buffer: config.receive_buffer,
            socket: Socket::new("", &options(config, ports, path.remote.ip())),
            epoch: now,
            peer_tag: None,
            init: None,
            init_attempts: 0,
            liveness: Liveness::new(config),
            answers: Answers::new(now),
            shutdown_requested: false,
            // RFC 9260 section 9.2: T5-shutdown-guard, five times RTO.Max.
            shutdown_limit: config.rto_max.saturating_mul(5),
            shutdown_deadline: None,
            streams: BTreeSet::new(),
            closing: None,
            failed: false,
        }
    }

    pub(super) fn connect(&mut self, now: Instant) {
        self.guarded(now, DcSctpSocket::connect);
    }

    /// Processes a packet of the peer. Its verification tag has been checked, except where that is up to dcsctp.
    pub(super) fn handle_packet(&mut self, now: Instant, packet: PacketView<'_>) {
        self.liveness.heard();
        let Some(admitted) = self.answers.admit(now, packet) else {
            return;
        };
        let packet = PacketView {
            bytes: &admitted,
            ..packet
        };
        // dcsctp answers a SHUTDOWN as soon as nothing is in flight, even if more is waiting for the congestion window.
        if packet.contains(&[chunk::SHUTDOWN]) && self.buffered() > 0 {
            if let Some(rest) = packet.without(chunk::SHUTDOWN) {
                self.guarded(now, |socket| socket.handle_input(&rest));
            }
        } else {
            self.guarded(now, |socket| socket.handle_input(packet.bytes));
        }
    }

    /// Processes an INIT from the peer's address: an initialization collision, a restart, or one from a stranger.
    pub(super) fn handle_init(&mut self, now: Instant, packet: PacketView<'_>) {
        self.guarded(now, |socket| socket.handle_input(packet.bytes));
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.guarded(now, |_| ());
        if self.shutdown_deadline.is_some_and(|deadline| deadline <= now) {
            self.abort(now, Cause::Timeout);
        }
    }

    /// Returns the heartbeat that is due, if any. Closes the association if the peer has been silent for too long.
    pub(super) fn poll_heartbeat(&mut self, now: Instant) -> Option<Vec<u8>> {
        let tag = self.peer_tag.filter(|_| self.is_up)?;
        match self.liveness.handle_timeout(now)? {
            Verdict::Ask(info) => {
                let header = Header {
                    source_port: self.local_port,
                    destination_port: self.peer_port,
                    tag,
                };
                Some(packet::heartbeat(header, info))
            }
            Verdict::Dead => {
                self.abort(now, Cause::Timeout);
                None
            }
        }
    }

    pub(super) fn send(&mut self, now: Instant, message: Message) {
        self.streams.insert(message.stream);
        let options = SendOptions {
            unordered: message.unordered,
            ..SendOptions::default()
        };
        let message = api::Message::new(StreamId(message.stream), PpId(message.ppid), message.data);
        // The handle has checked size and room. A message that comes too late is lost with the association.
        self.guarded(now, |socket| {
            if let Err(error) = socket.send(message, &options) {
                tracing::debug!(%error, "a message is dropped");
            }
        });
    }

    /// Shuts down once everything has been passed to the network.
    pub(super) fn shutdown(&mut self, now: Instant) {
        self.shutdown_requested = true;
        self.shutdown_if_possible(now);
    }

    /// Ends it at once, with an ABORT if the peer knows of it.
    pub(super) fn abort(&mut self, now: Instant, cause: Cause) {
        self.closing.get_or_insert(cause);
        self.guarded(now, DcSctpSocket::close);
    }

    /// Ends it without telling the peer.
    pub(super) fn vanish(&mut self, cause: Cause) {
        self.closing.get_or_insert(cause);
        self.failed = true;
    }

    /// Returns the next output; must be called until there is none.
    pub(super) fn poll_output(&mut self, now: Instant) -> Option<Output> {
        loop {
            if self.failed {
                return Some(Output::Closed(self.closing.take().unwrap_or(Cause::LocalAbort)));
            }
            let Some(event) = self.guarded(now, DcSctpSocket::poll_event).flatten() else {
                if self.shutdown_if_possible(now) {
                    continue;
                }
                return None;
            };
            match event {
                // dcsctp creates an empty packet from a chunk that does not fit.
                SocketEvent::SendPacket(packet) if packet.is_empty() => {}
                SocketEvent::SendPacket(mut packet) => {
                    // dcsctp reserves room for the largest packet, however small this one is.
                    packet.shrink_to_fit();
                    self.note_sent(now, &packet);
                    return Some(Output::Packet(packet));
                }
                SocketEvent::OnConnected() if self.is_up => return Some(Output::Restarted),
                SocketEvent::OnConnected() => {
                    self.is_up = true;
                    self.init = None;
                    self.liveness.start(now);
                    return Some(Output::Up);
                }
                // OnConnected follows.
                SocketEvent::OnConnectionRestarted() => {}
                SocketEvent::OnClosed() => {
                    let cause = if self.is_up {
                        Cause::Graceful
                    } else {
                        Cause::LocalAbort
                    };
                    return Some(Output::Closed(self.closing.take().unwrap_or(cause)));
                }
                SocketEvent::OnAborted(kind, reason) => {
                    let cause = self.closing.take().unwrap_or(match kind {
                        ErrorKind::PeerReported if self.is_up => Cause::peer_abort(&reason),
                        ErrorKind::PeerReported => Cause::Refused,
                        ErrorKind::TooManyRetries => Cause::Timeout,
                        _ => Cause::LocalAbort,
                    });
                    return Some(Output::Closed(cause));
                }
                SocketEvent::OnError(kind, text) => {
                    tracing::debug!(association = self.id.number(), ?kind, text, "odd packet");
                }
                _ => {}
            }
        }
    }

    pub(super) fn next_message(&mut self, now: Instant) -> Option<Message> {
        let message = self.guarded(now, DcSctpSocket::get_next_message).flatten()?;
        Some(Message {
            stream: message.stream_id.0,
            ppid: message.ppid.0,
            unordered: false,
            data: message.payload,
        })
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let socket = self
            .epoch
            .checked_add(self.socket.poll_timeout() - SocketTime::zero());
        let heartbeat = self.liveness.poll_timeout().filter(|_| self.is_up);
        [socket, heartbeat, self.shutdown_deadline]
            .into_iter()
            .flatten()
            .min()
    }

    /// Returns the number of bytes that wait to be sent.
    pub(super) fn buffered(&self) -> usize {
        self.streams
            .iter()
            .map(|&stream| self.socket.buffered_amount(StreamId(stream)))
            .sum()
    }

    pub(super) fn out_streams(&self) -> u16 {
        self.socket
            .get_metrics()
            .map_or(0, |metrics| metrics.negotiated_maximum_outgoing_streams)
    }

    pub(super) fn is_shutting_down(&self) -> bool {
        self.shutdown_requested || self.socket.state() == SocketState::ShuttingDown
    }

    /// Returns the verification tag of packets to us; 0 if there is none yet.
    pub(super) fn own_tag(&self) -> u32 {
        self.socket.verification_tag()
    }

    pub(super) const fn peer_tag(&self) -> Option<u32> {
        self.peer_tag
    }

    /// Returns the destination of the next INIT: each repetition uses the next address (RFC 9260 section 6.4.1).
    pub(super) fn next_init_address(&mut self) -> Option<IpAddr> {
        let address = self
            .addresses
            .get(self.init_attempts % self.addresses.len().max(1))
            .copied();
        self.init_attempts = self.init_attempts.wrapping_add(1);
        address
    }

    /// An address to which the INIT was sent is unreachable. Returns the INIT for another attempt if an address is
    /// left.
    pub(super) fn init_failed_at(&mut self, address: IpAddr) -> Option<Vec<u8>> {
        self.addresses.retain(|other| *other != address);
        if self.addresses.is_empty() {
            None
        } else {
            self.init.clone()
        }
    }

    pub(super) fn note_sent(&mut self, now: Instant, packet: &[u8]) {
        let Some(view) = PacketView::parse(packet) else {
            return;
        };
        let Some(first) = view.chunks().next() else { return };
        match first.kind {
            chunk::INIT => self.init = Some(packet.to_vec()),
            chunk::INIT_ACK => {}
            chunk::ABORT | chunk::SHUTDOWN_COMPLETE => {}
            chunk::SHUTDOWN | chunk::SHUTDOWN_ACK => {
                let limit = self.shutdown_limit;
                self.shutdown_deadline = self.shutdown_deadline.or_else(|| now.checked_add(limit));
            }
            _ => {
                self.peer_tag = Some(view.header.tag);
                self.liveness.sent(now);
            }
        }
    }

    fn shutdown_if_possible(&mut self, now: Instant) -> bool {
        let possible = self.shutdown_requested
            && !self.failed
            && (self.socket.state() == SocketState::Connected && self.buffered() == 0);
        if possible {
            self.guarded(now, DcSctpSocket::shutdown);
        }
        possible
    }

    /// Calls dcsctp with its clock set. If a peer found a way to make it panic, that would only affect this
    /// association.
    fn guarded<T>(&mut self, now: Instant, call: impl FnOnce(&mut Socket) -> T) -> Option<T> {
        if self.failed {
            return None;
        }
        let time = SocketTime::zero() + now.saturating_duration_since(self.epoch);
        let socket = &mut self.socket;
        let result = catch_unwind(AssertUnwindSafe(|| {
            socket.advance_time(time);
            call(socket)
        }));
        self.failed = result.is_err();
        result.ok()
    }
}

/// Returns the maximum size of a cookie in a COOKIE ECHO; dcsctp cannot split it into several packets.
pub(super) fn largest_cookie(config: &AssociationConfig, peer: IpAddr) -> usize {
    mtu(config, peer) - 32
}

pub(super) fn options(config: &AssociationConfig, ports: (u16, u16), peer: IpAddr) -> Options {
    let heartbeats = !config.heartbeat_interval.is_zero();
    let room = config
        .send_buffer
        .saturating_mul(2)
        .saturating_add(LARGEST_MESSAGE);
    Options {
        local_port: ports.0,
        remote_port: ports.1,
        announced_maximum_incoming_streams: config.streams.max(1),
        announced_maximum_outgoing_streams: config.streams.max(1),
        mtu: mtu(config, peer),
        max_message_size: LARGEST_MESSAGE,
        max_receiver_window_buffer_size: config.receive_buffer,
        // The handle stops senders long before.
        max_send_buffer_size: room,
        per_stream_send_queue_limit: room,
        rto_initial: config.rto_initial,
        rto_min: config.rto_min,
        rto_max: config.rto_max.max(config.rto_min),
        t1_init_timeout: config.rto_initial,
        t1_cookie_timeout: config.rto_initial,
        t2_shutdown_timeout: config.rto_initial,
        max_timer_backoff_duration: Some(config.rto_max),
        delayed_ack_max_timeout: config.sack_delay,
        // dcsctp divides this by 8 and multiplies it by 4, so the RTO stays above the round trip by half of RTO.Min.
        min_rtt_variance: config.rto_min,
        heartbeat_interval: Duration::ZERO,
        // With heartbeats, only silence counts: a peer that answers is alive, even if it has no room for data.
        max_retransmissions: (!heartbeats).then_some(config.max_retransmissions),
        max_init_retransmits: Some(config.max_init_retransmits),
        enable_partial_reliability: false,
        ..Options::default()
    }
}

fn mtu(config: &AssociationConfig, peer: IpAddr) -> usize {
    let derived = if peer.to_canonical().is_loopback() {
        LOOPBACK_MTU
    } else {
        ETHERNET_MTU
    };
    // dcsctp reserves this much for each packet, and a UDP datagram holds no more.
    config.mtu.unwrap_or(derived).clamp(SMALLEST_MTU, 60_000)
}
