//! The identity of the other end: the address that the handshake came from, and no other that is merely listed.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use super::crafted::{STRANGER, chunk_of, first_chunk, header, init, kinds, packet_of};
use super::hosts::{Host, PORT, connected, exchange, pair};
use super::packet::{self, PacketView, chunk};
use crate::{Config, Event, Message, Peer};

/// Returns the parameter by which an INIT lists an IPv4 address.
fn listed(address: SocketAddr) -> Vec<u8> {
    let IpAddr::V4(address) = address.ip() else {
        panic!("hosts have addresses of IPv4")
    };
    [&[0, 5, 0, 8], &address.octets()[..]].concat()
}

/// Opens an association from port 5000 of a stranger that lists further addresses. Returns the tag for what it
/// sends.
fn let_in(now: Instant, host: &mut Host, parameters: &[u8]) -> u32 {
    let answers = host.receive(now, STRANGER.into(), &packet_of(0, &init(1, parameters)));
    let ack = first_chunk(&answers[0]);
    let tag = ack.initiate_tag().unwrap();
    let echo = packet_of(tag, &chunk_of(chunk::COOKIE_ECHO, ack.init_cookie().unwrap()));
    let answers = host.receive(now, STRANGER.into(), &echo);
    assert_eq!(kinds(&answers), [(chunk::COOKIE_ACK, false)]);
    tag
}

fn peer_at(addresses: &[SocketAddr]) -> Peer {
    Peer {
        addresses: addresses.iter().map(SocketAddr::ip).collect(),
        port: PORT,
    }
}

#[test]
fn addresses_that_an_init_lists_are_not_believed() {
    let now = Instant::now();
    let mut host = Host::new(now, 2, &Config::demo());
    let parameters = [
        &[0, 5, 0, 8, 10, 1, 2, 3][..],
        &[0, 6, 0, 20],
        &[0xfd; 16],
        &[0, 12, 0, 8, 0, 5, 0, 6],
        &[0xc0, 0, 0, 4],
    ]
    .concat();
    let tag = let_in(now, &mut host, &parameters);
    assert_eq!(host.next_up().1, [IpAddr::from(STRANGER.0)]);
    // A packet with the right tag from another of its addresses is discarded without harm to the association.
    let heartbeat = packet_of(tag, &chunk_of(chunk::HEARTBEAT, &[0, 1, 0, 8, 1, 2, 3, 4]));
    for elsewhere in ["10.1.2.3:9899", "10.1.2.4:9899"] {
        let answers = host.receive(now, elsewhere.parse().unwrap(), &heartbeat);
        assert_eq!(kinds(&answers), []);
    }
    let answers = host.receive(now, STRANGER.into(), &heartbeat);
    assert_eq!(kinds(&answers), [(chunk::HEARTBEAT_ACK, false)]);
    assert_eq!(host.next(), None);
}

#[test]
fn addresses_that_an_init_ack_lists_are_not_believed() {
    let now = Instant::now();
    let (mut client, mut server) = pair(now);
    client.connect(now, 5000, &server);
    let init = client.sent().remove(0).data;
    let answer = server.receive(now, client.address, &init).remove(0);
    let view = PacketView::parse(&answer).unwrap();
    let ack = view.chunks().next().unwrap();
    let mut value = ack.value.to_vec();
    value.resize(value.len().next_multiple_of(4), 0);
    value.extend(listed(STRANGER.into()));
    let answer = packet::build(view.header, &chunk_of(chunk::INIT_ACK, &value));
    for echo in client.receive(now, server.address, &answer) {
        for ack in server.receive(now, client.address, &echo) {
            client.receive(now, server.address, &ack);
        }
    }
    assert_eq!(client.next_up().1, [server.address.ip()]);
}

#[test]
fn a_stranger_that_lists_an_address_keeps_nobody_out_and_gets_nothing_that_is_for_another() {
    let now = Instant::now();
    let (mut victim, mut server) = pair(now);
    // The stranger has the same SCTP port that the victim will have.
    let tag = let_in(now, &mut server, &listed(victim.address));
    let (strangers, _) = server.next_up();

    let id = victim.connect(now, 5000, &server);
    exchange(now, &mut victim, &mut server);
    assert_eq!(victim.next_up(), (id, vec![server.address.ip()]));
    let (victims, addresses) = server.next_up();
    assert_ne!(victims, strangers);
    assert_eq!(addresses, [victim.address.ip()]);

    server.transport.send(victims, Message::new(0, vec![1])).unwrap();
    server.endpoint.handle_commands(now);
    let sent = server.sent();
    assert!(!sent.is_empty() && sent.iter().all(|transmit| transmit.path.remote == victim.address));
    for transmit in sent {
        victim
            .endpoint
            .handle_datagram(now, 0, server.address, &transmit.data);
    }
    assert_eq!(victim.next_message(), (id, vec![1]));
    // And the stranger keeps its own.
    let heartbeat = packet_of(tag, &chunk_of(chunk::HEARTBEAT, &[0, 1, 0, 4]));
    let answers = server.receive(now, STRANGER.into(), &heartbeat);
    assert_eq!(kinds(&answers), [(chunk::HEARTBEAT_ACK, false)]);
}

#[test]
fn the_cookie_ack_goes_to_where_the_cookie_echo_came_from() {
    let now = Instant::now();
    let (mut host, mut peer) = pair(now);
    // It tries the peer at two addresses, the first of which does not answer, and the peer connects as well.
    let both = peer_at(&[STRANGER.into(), peer.address]);
    let id = host.transport.connect(PORT, both, None);
    host.endpoint.handle_commands(now);
    assert_eq!(host.sent()[0].path.remote, STRANGER.into());
    peer.connect(now, PORT, &host);
    let init = peer.sent().remove(0).data;
    let init_ack = host.receive(now, peer.address, &init).remove(0);
    let echo = peer.receive(now, host.address, &init_ack).remove(0);
    host.endpoint.handle_datagram(now, 0, peer.address, &echo);
    let answer = host.sent().remove(0);
    assert_eq!(first_chunk(&answer.data).kind, chunk::COOKIE_ACK);
    assert_eq!(answer.path.remote, peer.address);
    peer.endpoint.handle_datagram(now, 0, host.address, &answer.data);

    assert_eq!(host.next_up(), (id, vec![peer.address.ip()]));
    peer.next_up();
    host.transport.send(id, Message::new(0, vec![1])).unwrap();
    exchange(now, &mut host, &mut peer);
    assert_eq!(peer.next_message().1, [1]);
}

#[test]
fn an_address_at_which_a_peer_was_only_looked_for_is_free_when_another_has_answered() {
    let now = Instant::now();
    let config = Config::demo();
    let mut host = Host::new(now, 2, &config);
    let (mut decoy, mut victim) = (Host::new(now, 3, &config), Host::new(now, 4, &config));
    let id = host
        .transport
        .connect(PORT, peer_at(&[decoy.address, victim.address]), None);
    exchange(now, &mut host, &mut decoy);
    assert_eq!(host.next_up(), (id, vec![decoy.address.ip()]));

    // The victim can open an association, and accept one.
    victim.connect(now, PORT, &host);
    exchange(now, &mut victim, &mut host);
    let (victims, addresses) = host.next_up();
    assert_ne!(victims, id);
    assert_eq!(addresses, [victim.address.ip()]);
    host.transport.abort(victims);
    exchange(now, &mut host, &mut victim);
    assert!(matches!(host.next(), Some(Event::Down { id, .. }) if id == victims));
    let again = host.connect(now, PORT, &victim);
    exchange(now, &mut host, &mut victim);
    assert_eq!(host.next_up(), (again, vec![victim.address.ip()]));
}

#[test]
fn an_address_from_which_a_peer_once_sent_is_free_when_it_has_moved() {
    let now = Instant::now();
    let (client, _, mut server, _) = connected(now);
    let tag = server.tag();
    let heartbeat = packet_of(tag, &chunk_of(chunk::HEARTBEAT, &[0, 1, 0, 4]));
    for port in 40_000..40_050 {
        let moved = SocketAddr::new(client.address.ip(), port);
        assert_eq!(server.receive(now, moved, &heartbeat).len(), 1);
        let keys: Vec<_> = server.endpoint.by_address.keys().map(|key| key.remote).collect();
        assert_eq!(keys, [moved]);
    }
    let stray = packet::build(header(77), &chunk_of(chunk::HEARTBEAT, &[0, 1, 0, 4]));
    assert_eq!(
        kinds(&server.receive(now, client.address, &stray)),
        [(chunk::ABORT, true)]
    );
}
