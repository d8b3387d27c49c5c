//! Incoming packets: to which association they belong, how those that belong to none are handled (RFC 9260 section
//! 8.4), how peers open associations, and which ICMP errors are believed.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use dcsctp::api::{DcSctpSocket, Socket, SocketEvent};

use super::association::{AddressKey, Association, Path, TagKey, largest_cookie, options};
use super::cookie::{Holder, Invalid};
use super::endpoint::{Endpoint, Incoming, Transmit};
use super::icmp::{Unreachable, What};
use super::packet::{self, Chunk, Header, PacketView, TAG_REFLECTED, cause, chunk};
use crate::impaired_link::Way;
use crate::{AssociationId, Cause};

/// The maximum number of receive buffers of messages waiting for a user who fetches no events, whatever the peer
/// does.
const MOST_SHARES: usize = 4;

impl Endpoint {
    /// Processes a UDP datagram that arrived at the socket with index `local`.
    pub(super) fn handle_datagram(
        &mut self,
        now: Instant,
        local: usize,
        source: SocketAddr,
        datagram: &[u8],
    ) {
        // RFC 9260 section 8.4: packets from addresses that cannot belong to a peer are discarded, as are those with
        // a wrong checksum. Ports are never 0 (section 3.1).
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        let impossible = source.ip().is_unspecified() || source.ip().is_multicast() || source.port() == 0;
        let Some(packet) = PacketView::parse(datagram).filter(|_| !impossible) else {
            return;
        };
        let Some(first) = packet.chunks().next() else {
            return;
        };
        let Header {
            source_port: peer_port,
            destination_port: local_port,
            tag,
        } = packet.header;
        if peer_port == 0 || local_port == 0 {
            return;
        }
        let path = Path {
            local,
            remote: source,
        };
        let by_address = self
            .by_address
            .get(&AddressKey {
                remote: source,
                peer_port,
                local_port,
            })
            .copied();
        match first.kind {
            chunk::INIT => return self.handle_init(now, path, packet, first, by_address),
            chunk::COOKIE_ECHO => return self.handle_cookie_echo(now, path, packet, first, by_address),
            _ => {}
        }
        let by_tag = self
            .by_tag
            .get(&TagKey {
                tag,
                peer_port,
                local_port,
            })
            .copied();
        let reflected = packet.chunks().any(|chunk| {
            matches!(chunk.kind, chunk::ABORT | chunk::SHUTDOWN_COMPLETE) && chunk.flags & TAG_REFLECTED != 0
        });
        if reflected {
            // RFC 9260 section 8.5.1: such a packet carries the tag of our packets to the peer.
            let meant = by_address.filter(|id| self.with(*id, |a| a.peer_tag()).flatten() == Some(tag));
            if let Some(id) = meant {
                self.handle_packet(now, id, path, packet, first);
            }
        } else if let Some(id) = by_tag {
            // The peer has another address besides the one in use. Packets from there are discarded, and the
            // association continues.
            if self.is_of(id, source.ip()) {
                self.handle_packet(now, id, path, packet, first);
            }
        } else if by_address.is_none() || first.kind == chunk::SHUTDOWN_ACK {
            self.handle_out_of_the_blue(now, path, packet);
        }
        // Otherwise the tag is wrong, and the packet is discarded (RFC 9260 section 8.5).
    }

    /// Processes an ICMP error. It counts only if the quoted packet carries the tag that the peer has given us and
    /// no stranger knows, or, for an INIT, the tag that we have given the peer (RFC 9260 section 10).
    pub(super) fn handle_unreachable(&mut self, now: Instant, error: &Unreachable) {
        if self.shared.impairments.is_cut(error.destination.ip(), Way::In) {
            return;
        }
        let Some(header) = Header::parse(&error.quoted) else {
            return;
        };
        let remote = SocketAddr::new(error.destination.ip().to_canonical(), error.destination.port());
        let key = AddressKey {
            remote,
            peer_port: header.destination_port,
            local_port: header.source_port,
        };
        let Some(&id) = self.by_address.get(&key) else {
            return;
        };
        let Some(association) = self.associations.get_mut(&id) else {
            return;
        };
        if association.peer_tag().is_some_and(|tag| tag == header.tag) {
            let cause = match error.what {
                What::Port if !association.is_up => Cause::Refused,
                What::Port | What::Host => Cause::Unreachable,
            };
            self.lose(now, id, cause);
        } else if header.tag == 0 && association.peer_tag().is_none() {
            // Common header, chunk header, initiate tag.
            let quoted_tag = error
                .quoted
                .get(16..20)
                .and_then(|tag| <[u8; 4]>::try_from(tag).ok());
            if error.quoted.get(12) == Some(&chunk::INIT)
                && quoted_tag.map(u32::from_be_bytes) == Some(association.own_tag())
            {
                let cause = if error.what == What::Port {
                    Cause::Refused
                } else {
                    Cause::Unreachable
                };
                self.try_next_address(now, id, remote.ip(), cause);
            }
        }
    }

    /// Handles a packet that could not even be sent. This counts for an INIT only; otherwise, there may be a route
    /// again a moment later.
    pub(super) fn handle_unsendable(&mut self, now: Instant, transmit: &Transmit) {
        let Some(header) = Header::parse(&transmit.data).filter(|header| header.tag == 0) else {
            return;
        };
        let remote = transmit.path.remote;
        let key = AddressKey {
            remote,
            peer_port: header.destination_port,
            local_port: header.source_port,
        };
        if let Some(&id) = self.by_address.get(&key) {
            self.try_next_address(now, id, remote.ip(), Cause::Unreachable);
        }
    }

    fn try_next_address(&mut self, now: Instant, id: AssociationId, failed: IpAddr, cause: Cause) {
        let Some(association) = self
            .associations
            .get_mut(&id)
            .filter(|association| !association.is_up)
        else {
            return;
        };
        let Some(init) = association.init_failed_at(failed) else {
            return self.lose(now, id, cause);
        };
        let Some(address) = association.next_init_address() else {
            return;
        };
        let remote = SocketAddr::new(address, association.path.remote.port());
        let local = association.path.local;
        let path = Path {
            local: self.local_for(address).unwrap_or(local),
            remote,
        };
        self.transmits.push_back(Transmit { path, data: init });
    }

    /// The peer is gone. There is no ABORT, since it would have no receiver.
    fn lose(&mut self, now: Instant, id: AssociationId, cause: Cause) {
        self.deliver(now, id, true);
        self.with(id, |association| association.vanish(cause));
        self.settle(now, id, None);
    }

    fn is_of(&mut self, id: AssociationId, address: IpAddr) -> bool {
        self.with(id, |association| association.addresses.contains(&address))
            .unwrap_or(false)
    }

    /// Passes a packet to its association.
    fn handle_packet(
        &mut self,
        now: Instant,
        id: AssociationId,
        path: Path,
        packet: PacketView<'_>,
        first: Chunk<'_>,
    ) {
        let Some(association) = self.associations.get_mut(&id) else {
            return;
        };
        if association.peer_tag().is_none() {
            // COOKIE-WAIT, in which dcsctp ignores an ABORT. This one carries our tag: the peer has seen our INIT.
            if first.kind == chunk::ABORT {
                return self.lose(now, id, Cause::Refused);
            }
            if first.kind == chunk::INIT_ACK {
                let limit = largest_cookie(&self.shared.settings.association, path.remote.ip());
                if !first.is_sound_init() || first.init_cookie().is_none_or(|cookie| cookie.len() > limit) {
                    tracing::debug!(peer = %path.remote, "an INIT ACK without a usable state cookie");
                    return;
                }
                self.settle_at(id, path);
            }
        } else if association.path.remote != path.remote && association.path.remote.ip() == path.remote.ip() {
            // RFC 6951 section 5.4: the peer's UDP port may change, for instance when a NAT on the path restarts.
            self.settle_at(id, path);
        }
        // Once the association has ended, received messages can no longer be fetched.
        if packet.contains(&[chunk::ABORT, chunk::SHUTDOWN_ACK, chunk::SHUTDOWN_COMPLETE]) {
            self.deliver(now, id, true);
        }
        self.with(id, |association| association.handle_packet(now, packet));
        self.settle(now, id, Some(&Incoming { path, peer_tag: None }));
        let too_much = |a: &mut Association| a.receive_buffer.saturating_mul(MOST_SHARES);
        if self
            .with(id, too_much)
            .is_some_and(|limit| self.outbox.share(id) > limit)
        {
            self.abort(now, id, Cause::LocalAbort);
        }
    }

    /// RFC 9260 sections 5.1 (step B), 5.2.1 and 5.2.2. No state is kept of a new peer: a temporary socket composes
    /// the response, and the state cookie in it contains everything.
    fn handle_init(
        &mut self,
        now: Instant,
        path: Path,
        packet: PacketView<'_>,
        init: Chunk<'_>,
        existing: Option<AssociationId>,
    ) {
        let Header {
            source_port: peer_port,
            destination_port: local_port,
            tag,
        } = packet.header;
        // An INIT must be alone in its packet, and the packet's tag must be 0 (section 8.5.1).
        if tag != 0 || packet.chunks().nth(1).is_some() || !init.is_sound_init() {
            return;
        }
        let Some(peer_tag) = init.initiate_tag() else {
            return;
        };
        let incoming = Incoming {
            path,
            peer_tag: Some(peer_tag),
        };
        if (existing.is_some() || self.shared.is_listening(local_port)) && !self.inits.take(now) {
            return;
        }
        if let Some(id) = existing {
            // This is not a sign of life: it is not yet proven that the sender can receive at its address.
            self.with(id, |association| association.handle_init(now, packet));
            return self.settle(now, id, Some(&incoming));
        }
        if !self.shared.is_listening(local_port) {
            return self.answer(now, path, packet::abort(packet.header.answer(peer_tag), 0, &[]));
        }
        if !self.has_room() {
            let cause = packet::tlv(cause::OUT_OF_RESOURCE, &[]);
            return self.answer(
                now,
                path,
                packet::abort(packet.header.answer(peer_tag), 0, &cause),
            );
        }
        let config = &self.shared.settings.association;
        let mut socket = Socket::new("", &options(config, (local_port, peer_port), path.remote.ip()));
        socket.handle_input(packet.bytes);
        while let Some(event) = socket.poll_event() {
            let SocketEvent::SendPacket(answer) = event else {
                continue;
            };
            if let Some(sealed) =
                PacketView::parse(&answer).and_then(|answer| self.seal(now, answer, &incoming))
            {
                self.transmits.push_back(Transmit { path, data: sealed });
            }
        }
    }

    /// RFC 9260 sections 5.1 (step D) and 5.2.4.
    fn handle_cookie_echo(
        &mut self,
        now: Instant,
        path: Path,
        packet: PacketView<'_>,
        echo: Chunk<'_>,
        existing: Option<AssociationId>,
    ) {
        let Header {
            source_port: peer_port,
            destination_port: local_port,
            ..
        } = packet.header;
        let holder = Holder {
            source: path.remote,
            peer_port,
            local_port,
        };
        let cookie = match self.jar.open(self.cookie_time(now), holder, echo.value) {
            Ok(cookie) => cookie,
            // Section 5.1.5: the packet is discarded; if the cookie is merely stale, there is an ERROR.
            Err(Invalid::Forged) => return,
            Err(Invalid::Stale { peer_tag, by }) => {
                let staleness = u32::try_from(by.as_micros()).unwrap_or(u32::MAX);
                return self.answer(
                    now,
                    path,
                    packet::stale_cookie(packet.header.answer(peer_tag), staleness),
                );
            }
        };
        let id = match existing {
            Some(id) => id,
            None if self.jar.is_spent(&cookie) => return,
            None if !self.shared.is_listening(local_port) => {
                let header = packet.header.answer(cookie.content.peer_tag);
                return self.answer(now, path, packet::abort(header, 0, &[]));
            }
            None => match self.accept(now, path, packet.header) {
                Some(id) => id,
                None => {
                    let header = packet.header.answer(cookie.content.peer_tag);
                    let cause = packet::tlv(cause::OUT_OF_RESOURCE, &[]);
                    return self.answer(now, path, packet::abort(header, 0, &cause));
                }
            },
        };
        let unwrapped = packet.with_cookie(&cookie.content.inner);
        let Some(unwrapped) = PacketView::parse(&unwrapped) else {
            return;
        };
        self.with(id, |association| association.handle_packet(now, unwrapped));
        // If the cookie was accepted, the tag is ours. Then the cookie has come from the peer's location, wherever
        // our own INIT went.
        if self.with(id, |association| association.own_tag()) == Some(packet.header.tag) {
            self.settle_at(id, path);
        }
        self.settle(now, id, Some(&Incoming { path, peer_tag: None }));
        let is_up = self.with(id, |association| association.is_up).unwrap_or(false);
        if is_up {
            self.jar.spend(self.cookie_time(now), &cookie);
        } else if existing.is_none() {
            // The cookie is valid, but the verification tag is wrong: treat it as if the packet had never arrived.
            self.lose(now, id, Cause::Refused);
        }
    }

    fn accept(&mut self, now: Instant, path: Path, header: Header) -> Option<AssociationId> {
        if !self.has_room() {
            return None;
        }
        let id = self.shared.admit(header.destination_port)?;
        let addresses = vec![path.remote.ip()];
        let ports = (header.destination_port, header.source_port);
        let config = &self.shared.settings.association;
        let association = Association::new(now, id, ports, path, addresses, config, true);
        self.insert(association)
    }

    /// RFC 9260 section 8.4.
    fn handle_out_of_the_blue(&mut self, now: Instant, path: Path, packet: PacketView<'_>) {
        let header = packet.header.answer(packet.header.tag);
        let silent = [
            chunk::ABORT,
            chunk::SHUTDOWN_COMPLETE,
            chunk::COOKIE_ACK,
            chunk::ERROR,
            chunk::INIT,
        ];
        if packet.contains(&[chunk::ABORT]) {
            // Rule 2.
        } else if packet.contains(&[chunk::SHUTDOWN_ACK]) {
            // Rule 5.
            self.answer(now, path, packet::shutdown_complete(header, TAG_REFLECTED));
        } else if !packet.contains(&silent) && header.tag != 0 {
            // Rule 8.
            self.answer(now, path, packet::abort(header, TAG_REFLECTED, &[]));
        }
    }

    /// Answers a packet that belongs to no association, unless there have been too many of those.
    fn answer(&mut self, now: Instant, path: Path, data: Vec<u8>) {
        if self.strays.take(now) {
            self.transmits.push_back(Transmit { path, data });
        }
    }
}
