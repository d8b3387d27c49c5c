//! All associations of a process, without any I/O. Packets, ICMP errors, commands and the time are passed in as
//! method calls; packets to be sent are returned by [`Endpoint::poll_transmit`], and events go to the [`Outbox`].
//!
//! Incoming packets are processed in `receive.rs`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::allowance::{Allowance, Rate};
use super::association::{AddressKey, Association, MOST_ADDRESSES, Output, Path, TagKey};
use super::cookie::{Content, CookieJar, Holder};
use super::packet::{PacketView, chunk};
use crate::outbox::Outbox;
use crate::shared::{Command, Ending, Shared};
use crate::{AssociationConfig, AssociationId, Cause, Config, Event, Peer};

/// The maximum number of events beyond the user's queue before further associations are refused.
const MOST_WAITING_EVENTS: usize = 16 * 1024;

/// A packet to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transmit {
    pub(super) path: Path,
    pub(super) data: Vec<u8>,
}

/// The packet that is being answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Incoming {
    pub(super) path: Path,
    /// For an INIT: the tag that the peer expects.
    pub(super) peer_tag: Option<u32>,
}

pub(super) struct Endpoint {
    pub(super) shared: Arc<Shared>,
    pub(super) outbox: Outbox,
    pub(super) associations: BTreeMap<AssociationId, Association>,
    pub(super) by_tag: BTreeMap<TagKey, AssociationId>,
    pub(super) by_address: BTreeMap<AddressKey, AssociationId>,
    pub(super) jar: CookieJar,
    pub(super) strays: Allowance,
    pub(super) inits: Allowance,
    pub(super) transmits: VecDeque<Transmit>,
    timers: BTreeSet<(Instant, AssociationId)>,
    epoch: Instant,
    peer_udp_port: u16,
}

impl Endpoint {
    pub(super) fn new(now: Instant, config: &Config, shared: Arc<Shared>, outbox: Outbox) -> Self {
        Self {
            shared,
            outbox,
            associations: BTreeMap::new(),
            by_tag: BTreeMap::new(),
            by_address: BTreeMap::new(),
            jar: CookieJar::new(config.cookie_lifetime),
            strays: Allowance::new(now, Rate::STRAYS),
            inits: Allowance::new(now, Rate::INITS),
            transmits: VecDeque::new(),
            timers: BTreeSet::new(),
            epoch: now,
            peer_udp_port: config.peer_udp_port,
        }
    }

    /// Returns the next packet to be sent. After any other call, and in particular after each datagram, this must be
    /// called until there is none: then no more packets accumulate here than a single datagram can cause.
    pub(super) fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// Returns when to call [`Endpoint::handle_timeout`].
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        // Each association gets one call: one that immediately requires another does not keep the rest waiting.
        let due: Vec<_> = self
            .timers
            .range(..=(now, AssociationId(u64::MAX)))
            .map(|(_, id)| *id)
            .collect();
        for id in due {
            self.with(id, |association| {
                association.handle_timeout(now);
                association.poll_heartbeat(now).map(|heartbeat| Transmit {
                    path: association.path,
                    data: heartbeat,
                })
            })
            .flatten()
            .into_iter()
            .for_each(|transmit| self.transmits.push_back(transmit));
            self.settle(now, id, None);
        }
    }

    /// Processes the commands of the handles.
    pub(super) fn handle_commands(&mut self, now: Instant) {
        for command in self.shared.take_commands() {
            match command {
                Command::Connect {
                    id,
                    local_port,
                    peer,
                    config,
                    ..
                } => self.connect(now, id, local_port, peer, &config),
                Command::Reject(id) => self.outbox.push(Event::Down {
                    id,
                    cause: Cause::LocalAbort,
                }),
                Command::Send { id, message } => {
                    self.shared.dequeued(id, &message);
                    self.with(id, |association| association.send(now, message));
                    self.settle(now, id, None);
                }
                Command::Shutdown(id) => {
                    self.with(id, |association| association.shutdown(now));
                    self.settle(now, id, None);
                }
                Command::Abort(id) => self.abort(now, id, Cause::LocalAbort),
            }
        }
    }

    /// Passes on the events for which the user has made room, and processes what was held back for lack of it.
    pub(super) fn flush_events(&mut self, now: Instant) {
        for id in self.outbox.flush() {
            self.settle(now, id, None);
        }
    }

    /// Ends all associations.
    pub(super) fn end(&mut self, now: Instant, ending: Ending) {
        let ids: Vec<_> = self.associations.keys().copied().collect();
        for id in ids {
            match ending {
                Ending::Abort => self.abort(now, id, Cause::LocalAbort),
                Ending::Vanish => {
                    self.with(id, |association| association.vanish(Cause::LocalAbort));
                    self.settle(now, id, None);
                }
            }
        }
    }

    pub(super) fn abort(&mut self, now: Instant, id: AssociationId, cause: Cause) {
        self.deliver(now, id, true);
        self.with(id, |association| association.abort(now, cause));
        self.settle(now, id, None);
    }

    pub(super) fn with<T>(
        &mut self,
        id: AssociationId,
        act: impl FnOnce(&mut Association) -> T,
    ) -> Option<T> {
        self.associations.get_mut(&id).map(act)
    }

    /// Returns whether there is room for another association of a peer.
    pub(super) fn has_room(&self) -> bool {
        self.outbox.waiting() < MOST_WAITING_EVENTS && self.shared.has_room()
    }

    /// Adds an association with the keys by which its packets are recognized. Returns `None` if there is already one
    /// between the same addresses and ports (RFC 9260 section 1.3 allows only one).
    pub(super) fn insert(&mut self, mut association: Association) -> Option<AssociationId> {
        let id = association.id;
        let udp_port = association.path.remote.port();
        let keys: Vec<_> = association
            .addresses
            .iter()
            .map(|address| AddressKey {
                remote: SocketAddr::new(*address, udp_port),
                peer_port: association.peer_port,
                local_port: association.local_port,
            })
            .collect();
        if keys.iter().any(|key| self.by_address.contains_key(key)) {
            return None;
        }
        self.by_address.extend(keys.iter().map(|key| (*key, id)));
        association.address_keys = keys;
        self.associations.insert(id, association);
        Some(id)
    }

    /// Makes the address from which the peer's part of the handshake came, or from which it has sent since, the
    /// peer's only one. Any other address listed in an INIT or INIT ACK may belong to anybody until it has been
    /// confirmed (RFC 9260 section 5.4), and with a single path nothing confirms it.
    pub(super) fn settle_at(&mut self, id: AssociationId, path: Path) {
        let Some(association) = self.associations.get_mut(&id) else {
            return;
        };
        association.path = path;
        association.addresses = vec![path.remote.ip()];
        let key = AddressKey {
            remote: path.remote,
            peer_port: association.peer_port,
            local_port: association.local_port,
        };
        for former in std::mem::take(&mut association.address_keys) {
            if former != key {
                self.by_address.remove(&former);
            }
        }
        // If another association is already found there, this one is identified by its tag alone.
        if *self.by_address.entry(key).or_insert(id) == id {
            association.address_keys.push(key);
        }
    }

    /// Returns the index of the local socket from which an address can be reached.
    pub(super) fn local_for(&self, remote: IpAddr) -> Option<usize> {
        let addresses = &self.shared.settings.addresses;
        let same_family = |local: &IpAddr| local.is_ipv4() == remote.is_ipv4();
        addresses
            .iter()
            .position(|local| same_family(local) && local.is_loopback() == remote.is_loopback())
            .or_else(|| addresses.iter().position(same_family))
    }

    /// Returns the time as used in state cookies.
    pub(super) fn cookie_time(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.epoch)
    }

    fn connect(
        &mut self,
        now: Instant,
        id: AssociationId,
        local_port: u16,
        peer: Peer,
        config: &AssociationConfig,
    ) {
        let mut addresses: Vec<IpAddr> = Vec::new();
        for address in peer.addresses.iter().map(IpAddr::to_canonical) {
            let usable =
                !address.is_unspecified() && !address.is_multicast() && self.local_for(address).is_some();
            if usable && !addresses.contains(&address) && addresses.len() < MOST_ADDRESSES {
                addresses.push(address);
            }
        }
        let start = addresses
            .first()
            .and_then(|first| Some((*first, self.local_for(*first)?)));
        let (Some((first, local)), true) = (start, peer.port != 0) else {
            return self.refuse(id, Cause::Unreachable);
        };
        let path = Path {
            local,
            remote: SocketAddr::new(first, self.peer_udp_port),
        };
        let ports = (local_port, peer.port);
        let mut association = Association::new(now, id, ports, path, addresses, config, false);
        association.connect(now);
        if self.insert(association).is_none() {
            return self.refuse(id, Cause::LocalAbort);
        }
        self.settle(now, id, None);
    }

    fn refuse(&mut self, id: AssociationId, cause: Cause) {
        self.shared.forget(id);
        self.outbox.push(Event::Down { id, cause });
    }

    /// Must be called after any change of an association: sends its packets, reports its events to the user, and
    /// updates the indices and the timer. `incoming` is the packet that has just been processed.
    pub(super) fn settle(&mut self, now: Instant, id: AssociationId, incoming: Option<&Incoming>) {
        while let Some(output) = self
            .with(id, |association| association.poll_output(now))
            .flatten()
        {
            match output {
                Output::Packet(packet) => self.transmit(now, id, packet, incoming),
                Output::Up => self.report_up(id),
                Output::Restarted => self.outbox.push(Event::Restarted { id }),
                Output::Closed(cause) => return self.remove(id, cause),
            }
        }
        self.deliver(now, id, false);
        let Some(association) = self.associations.get_mut(&id) else {
            return;
        };

        let tag = association.own_tag();
        let key = (tag != 0).then_some(TagKey {
            tag,
            peer_port: association.peer_port,
            local_port: association.local_port,
        });
        if key != association.tag_key {
            if let Some(old) = std::mem::replace(&mut association.tag_key, key) {
                self.by_tag.remove(&old);
            }
            if let Some(new) = key {
                self.by_tag.insert(new, id);
            }
        }

        let wanted = association.poll_timeout();
        if wanted != association.armed {
            if let Some(old) = std::mem::replace(&mut association.armed, wanted) {
                self.timers.remove(&(old, id));
            }
            if let Some(new) = wanted {
                self.timers.insert((new, id));
            }
        }

        if association.is_shutting_down() {
            self.shared.set_closing(id);
        }
        if self.shared.set_buffered(id, association.buffered()) {
            self.outbox.push(Event::Writable { id });
        }
    }

    /// Passes messages on to the user as long as the association's share of the memory lasts. Those that stay in the
    /// association close its receive window. Before the association is closed, all of them are passed on: what has
    /// been acknowledged must not be lost.
    pub(super) fn deliver(&mut self, now: Instant, id: AssociationId, all: bool) {
        let Some(association) = self
            .associations
            .get_mut(&id)
            .filter(|association| association.is_up)
        else {
            return;
        };
        while all || self.outbox.share(id) < association.receive_buffer {
            let Some(message) = association.next_message(now) else {
                break;
            };
            self.outbox.push(Event::Message { id, message });
        }
    }

    fn transmit(&mut self, now: Instant, id: AssociationId, packet: Vec<u8>, incoming: Option<&Incoming>) {
        let Some(association) = self.associations.get_mut(&id) else {
            return;
        };
        let mut path = association.path;
        let Some(view) = PacketView::parse(&packet) else {
            return;
        };
        match view.chunks().next().map(|first| first.kind) {
            Some(chunk::INIT) => {
                let Some(address) = association.next_init_address() else {
                    return;
                };
                path.remote.set_ip(address);
                path.local = self.local_for(address).unwrap_or(path.local);
            }
            Some(chunk::INIT_ACK) => {
                let Some(incoming) = incoming else { return };
                let Some(sealed) = self.seal(now, view, incoming) else {
                    return;
                };
                return self.transmits.push_back(Transmit {
                    path: incoming.path,
                    data: sealed,
                });
            }
            // RFC 9260 section 6.4: a response goes to the source of the request.
            Some(chunk::HEARTBEAT_ACK) => path = incoming.map_or(path, |incoming| incoming.path),
            _ => {}
        }
        self.transmits.push_back(Transmit { path, data: packet });
    }

    /// Protects the state cookie in an INIT ACK that dcsctp has composed.
    pub(super) fn seal(
        &self,
        now: Instant,
        init_ack: PacketView<'_>,
        incoming: &Incoming,
    ) -> Option<Vec<u8>> {
        let peer_tag = incoming.peer_tag?;
        let inner = init_ack.chunks().next()?.init_cookie()?.to_vec();
        let holder = Holder {
            source: incoming.path.remote,
            peer_port: init_ack.header.destination_port,
            local_port: init_ack.header.source_port,
        };
        let cookie = self
            .jar
            .seal(self.cookie_time(now), holder, &Content { inner, peer_tag });
        Some(init_ack.with_cookie(&cookie))
    }

    fn report_up(&mut self, id: AssociationId) {
        let Some(association) = self.associations.get(&id) else {
            return;
        };
        let out_streams = association.out_streams();
        self.shared.set_out_streams(id, out_streams);
        self.outbox.push(Event::Up {
            id,
            local_port: association.local_port,
            peer: Peer {
                addresses: association.addresses.clone(),
                port: association.peer_port,
            },
            inbound: association.inbound,
            out_streams,
        });
    }

    fn remove(&mut self, id: AssociationId, cause: Cause) {
        let Some(association) = self.associations.remove(&id) else {
            return;
        };
        if let Some(key) = association.tag_key {
            self.by_tag.remove(&key);
        }
        for key in &association.address_keys {
            self.by_address.remove(key);
        }
        if let Some(at) = association.armed {
            self.timers.remove(&(at, id));
        }
        self.shared.forget(id);
        // The user does not know a peer whose COOKIE ECHO dcsctp refused.
        if association.is_up || !association.inbound {
            self.outbox.push(Event::Down { id, cause });
        }
    }
}
