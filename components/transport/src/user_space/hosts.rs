//! Endpoints that are connected without sockets and have their own clock: for testing what peers and strangers send.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::endpoint::{Endpoint, Transmit};
use crate::outbox::Outbox;
use crate::shared::Shared;
use crate::{AssociationId, Cause, Config, Event, Peer, Transport, UDP_PORT};

/// The SCTP port on which hosts listen.
pub(super) const PORT: u16 = 3863;

pub(super) struct Host {
    pub(super) address: SocketAddr,
    pub(super) transport: Transport,
    pub(super) endpoint: Endpoint,
    pub(super) events: mpsc::Receiver<Event>,
}

impl Host {
    /// Creates a host with the address 127.0.0.`n` that listens on [`PORT`].
    pub(super) fn new(now: Instant, n: u8, config: &Config) -> Self {
        let address = IpAddr::from([127, 0, 0, n]);
        let settings = super::settings(config, vec![address], Some(UDP_PORT));
        let shared = Shared::new(settings, config.impairment_seed);
        let (sender, events) = mpsc::channel(config.event_queue);
        let endpoint = Endpoint::new(now, config, Arc::clone(&shared), Outbox::new(sender));
        let transport = Transport::new(shared);
        transport.listen(PORT).expect("the port is free");
        Self {
            address: SocketAddr::new(address, UDP_PORT),
            transport,
            endpoint,
            events,
        }
    }

    pub(super) fn connect(&mut self, now: Instant, local_port: u16, to: &Self) -> AssociationId {
        let id = self
            .transport
            .connect(local_port, Peer::new(to.address.ip(), PORT), None);
        self.endpoint.handle_commands(now);
        id
    }

    /// Returns the packets it sends.
    pub(super) fn sent(&mut self) -> Vec<Transmit> {
        std::iter::from_fn(|| self.endpoint.poll_transmit()).collect()
    }

    /// Passes a datagram to it and returns its responses.
    pub(super) fn receive(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Vec<Vec<u8>> {
        self.endpoint.handle_datagram(now, 0, source, datagram);
        self.sent().into_iter().map(|transmit| transmit.data).collect()
    }

    /// Returns the tag of the packets to its only association.
    pub(super) fn tag(&self) -> u32 {
        let mut keys = self.endpoint.by_tag.keys();
        match (keys.next(), keys.next()) {
            (Some(key), None) => key.tag,
            _ => panic!("{} associations", self.endpoint.by_tag.len()),
        }
    }

    pub(super) fn next(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Returns the association that has come up, and its peer's addresses.
    pub(super) fn next_up(&mut self) -> (AssociationId, Vec<IpAddr>) {
        match self.next() {
            Some(Event::Up { id, peer, .. }) => (id, peer.addresses),
            other => panic!("{other:?} instead of up"),
        }
    }

    /// Returns the message that has arrived, and its association.
    pub(super) fn next_message(&mut self) -> (AssociationId, Vec<u8>) {
        match self.next() {
            Some(Event::Message { id, message }) => (id, message.data),
            other => panic!("{other:?} instead of a message"),
        }
    }

    /// Returns the association that has ended, and the cause.
    pub(super) fn next_down(&mut self) -> (AssociationId, Cause) {
        match self.next() {
            Some(Event::Down { id, cause }) => (id, cause),
            other => panic!("{other:?} instead of down"),
        }
    }
}

/// Returns two hosts with the settings of the demonstration.
pub(super) fn pair(now: Instant) -> (Host, Host) {
    let config = Config::demo();
    (Host::new(now, 2, &config), Host::new(now, 3, &config))
}

/// Exchanges packets between two hosts until there are none. Returns the packets.
pub(super) fn exchange(now: Instant, one: &mut Host, other: &mut Host) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    loop {
        one.endpoint.handle_commands(now);
        other.endpoint.handle_commands(now);
        let (from_one, from_other) = (one.sent(), other.sent());
        if from_one.is_empty() && from_other.is_empty() {
            return packets;
        }
        for transmit in from_one {
            other
                .endpoint
                .handle_datagram(now, 0, one.address, &transmit.data);
            packets.push(transmit.data);
        }
        for transmit in from_other {
            one.endpoint
                .handle_datagram(now, 0, other.address, &transmit.data);
            packets.push(transmit.data);
        }
    }
}

/// Returns two hosts with an association from the first, which has port 5000, to the second.
pub(super) fn connected(now: Instant) -> (Host, AssociationId, Host, AssociationId) {
    let (mut client, mut server) = pair(now);
    client.connect(now, 5000, &server);
    exchange(now, &mut client, &mut server);
    let ((id, _), (back, _)) = (client.next_up(), server.next_up());
    (client, id, server, back)
}

/// Advances the time for two hosts.
pub(super) fn pass(now: &mut Instant, time: Duration, one: &mut Host, other: &mut Host) {
    let end = *now + time;
    while *now < end {
        *now += Duration::from_millis(10);
        one.endpoint.handle_timeout(*now);
        other.endpoint.handle_timeout(*now);
        exchange(*now, one, other);
    }
}
