//! Endpoints that are connected without sockets and have a clock of their own: for testing what peers and strangers
//! send.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::endpoint::{Endpoint, Transmit};
use crate::outbox::Outbox;
use crate::shared::{Settings, Shared};
use crate::{
    AssociationId, BackEnd, Capabilities, Config, Event, LARGEST_MESSAGE, Peer, Transport, UDP_PORT,
};

/// SCTP port on which hosts listen.
pub(super) const PORT: u16 = 3863;

pub(super) struct Host {
    pub(super) address: SocketAddr,
    pub(super) transport: Transport,
    pub(super) endpoint: Endpoint,
    pub(super) events: mpsc::Receiver<Event>,
}

impl Host {
    /// A host with the address 127.0.0.`n` that listens on [`PORT`].
    pub(super) fn new(now: Instant, n: u8, config: &Config) -> Self {
        let address = IpAddr::from([127, 0, 0, n]);
        let settings = Settings {
            addresses: vec![address],
            udp_port: Some(UDP_PORT),
            association: config.association.clone(),
            max_associations: config.max_associations,
            capabilities: Capabilities {
                back_end: BackEnd::UserSpace,
                path_events: false,
                packet_tap: true,
                impairments: true,
                largest_message: LARGEST_MESSAGE,
            },
        };
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

    /// What it wants to send.
    pub(super) fn sent(&mut self) -> Vec<Transmit> {
        std::iter::from_fn(|| self.endpoint.poll_transmit()).collect()
    }

    /// Hands it a datagram and returns what it answers.
    pub(super) fn receive(&mut self, now: Instant, source: SocketAddr, datagram: &[u8]) -> Vec<Vec<u8>> {
        self.endpoint.handle_datagram(now, 0, source, datagram);
        self.sent().into_iter().map(|transmit| transmit.data).collect()
    }

    pub(super) fn next(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

/// Carries packets between two hosts until both are quiet. Returns the packets.
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

/// Two hosts with an association from the first, which has port 5000, to the second.
pub(super) fn connected(now: Instant) -> (Host, AssociationId, Host, AssociationId) {
    let config = Config::demo();
    let (mut client, mut server) = (Host::new(now, 2, &config), Host::new(now, 3, &config));
    client.connect(now, 5000, &server);
    exchange(now, &mut client, &mut server);
    let (Some(Event::Up { id, .. }), Some(Event::Up { id: back, .. })) = (client.next(), server.next())
    else {
        panic!("no association")
    };
    (client, id, server, back)
}

/// Lets time pass for two hosts.
pub(super) fn pass(now: &mut Instant, time: Duration, one: &mut Host, other: &mut Host) {
    let end = *now + time;
    while *now < end {
        *now += Duration::from_millis(10);
        one.endpoint.handle_timeout(*now);
        other.endpoint.handle_timeout(*now);
        exchange(*now, one, other);
    }
}
