//! Packets of strangers and odd peers, and how they are handled.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::crafted::{Kind, STRANGER, chunk_of, cookie_echo, header, init, kinds, packet_of};
use super::hosts::{Host, PORT, connected, exchange, pair};
use super::packet::{self, Header, PacketView, chunk};
use crate::{Cause, Config, Event, Message};

#[test]
fn packets_out_of_the_blue_are_answered_as_the_rfc_says() {
    let now = Instant::now();
    let mut host = Host::new(now, 2, &Config::demo());
    let data = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    // RFC 9260 section 8.4.
    let cases: [(u8, &[u8], &[Kind]); 9] = [
        (0, &data, &[(chunk::ABORT, true)]),
        (chunk::INIT_ACK, &[1; 16], &[(chunk::ABORT, true)]),
        (
            chunk::HEARTBEAT,
            &[0, 1, 0, 8, 1, 2, 3, 4],
            &[(chunk::ABORT, true)],
        ),
        (chunk::SHUTDOWN, &[0; 4], &[(chunk::ABORT, true)]),
        (chunk::SHUTDOWN_ACK, &[], &[(chunk::SHUTDOWN_COMPLETE, true)]),
        (chunk::ABORT, &[], &[]),
        (chunk::SHUTDOWN_COMPLETE, &[], &[]),
        (chunk::COOKIE_ACK, &[], &[]),
        (chunk::ERROR, &[0, 3, 0, 8, 0, 0, 0, 0], &[]),
    ];
    for (kind, value, expected) in cases {
        let answers = host.receive(now, STRANGER.into(), &packet_of(77, &chunk_of(kind, value)));
        assert_eq!(kinds(&answers), expected, "chunk type {kind}");
        for answer in &answers {
            assert_eq!(PacketView::parse(answer).unwrap().header, header(77).answer(77));
        }
    }
}

#[test]
fn nothing_is_answered_to_broken_packets_and_impossible_sources() {
    let now = Instant::now();
    let mut host = Host::new(now, 2, &Config::demo());
    let good = packet_of(0, &init(1, &[]));
    assert_eq!(
        kinds(&host.receive(now, STRANGER.into(), &good)),
        [(chunk::INIT_ACK, false)]
    );
    let mut broken = good.clone();
    broken[20] ^= 1;
    let bundled = packet_of(0, &[init(1, &[]), chunk_of(chunk::COOKIE_ACK, &[])].concat());
    let without_port = packet::build(
        Header {
            source_port: 0,
            ..header(0)
        },
        &init(1, &[]),
    );
    let tagged = packet_of(5, &init(1, &[]));
    let without_tag = packet_of(0, &init(0, &[]));
    for bytes in [
        &broken,
        &bundled,
        &without_port,
        &tagged,
        &without_tag,
        &good[..20].to_vec(),
        &vec![],
    ] {
        assert_eq!(host.receive(now, STRANGER.into(), bytes), Vec::<Vec<u8>>::new());
    }
    for source in ["224.0.0.1:9899", "0.0.0.0:9899", "127.0.0.9:0"] {
        let source: SocketAddr = source.parse().unwrap();
        assert_eq!(host.receive(now, source, &good), Vec::<Vec<u8>>::new());
    }
}

#[test]
fn a_flood_of_inits_leaves_nothing_behind_and_answers_to_strays_are_limited() {
    let now = Instant::now();
    let mut host = Host::new(now, 2, &Config::demo());
    for n in 1..5000_u32 {
        let packet = packet_of(0, &init(n, &[]));
        host.receive(now, SocketAddr::from((n.to_be_bytes(), 9899)), &packet);
    }
    assert!(host.endpoint.associations.is_empty() && host.endpoint.by_tag.is_empty());
    assert!(host.endpoint.by_address.is_empty());
    let stray = packet_of(77, &chunk_of(chunk::SHUTDOWN_ACK, &[]));
    let answers = (0..5000)
        .filter(|_| !host.receive(now, STRANGER.into(), &stray).is_empty())
        .count();
    assert!(answers < 500, "{answers} answers to 5000 strays");
}

#[test]
fn an_init_to_a_closed_port_is_refused_with_the_initiate_tag() {
    let now = Instant::now();
    let mut host = Host::new(now, 2, &Config::demo());
    let closed = Header {
        destination_port: 1,
        ..header(0)
    };
    let answers = host.receive(now, STRANGER.into(), &packet::build(closed, &init(99, &[])));
    assert_eq!(kinds(&answers), [(chunk::ABORT, false)]);
    assert_eq!(PacketView::parse(&answers[0]).unwrap().header.tag, 99);
}

#[test]
fn a_forged_cookie_is_ignored() {
    let now = Instant::now();
    let (mut client, mut server) = pair(now);
    let echo = cookie_echo(now, &mut client, &mut server);
    let view = PacketView::parse(&echo).unwrap();
    let genuine = view.chunks().next().unwrap().value.to_vec();
    let mut changed = genuine.clone();
    changed[10] ^= 1;
    // dcsctp would accept its own cookie without our protection.
    let bare = genuine[2..50].to_vec();
    for cookie in [changed, bare, vec![], vec![0; 500]] {
        assert!(
            server
                .receive(now, client.address, &view.with_cookie(&cookie))
                .is_empty()
        );
    }
    // The genuine one from another address.
    assert!(server.receive(now, STRANGER.into(), &echo).is_empty());
    assert!(server.endpoint.associations.is_empty() && server.next().is_none());
    assert_eq!(
        kinds(&server.receive(now, client.address, &echo)),
        [(chunk::COOKIE_ACK, false)]
    );
}

#[test]
fn a_cookie_is_good_for_one_association_only() {
    let now = Instant::now();
    let (mut client, mut server) = pair(now);
    let echo = cookie_echo(now, &mut client, &mut server);
    let ack = server.receive(now, client.address, &echo);
    assert_eq!(kinds(&ack), [(chunk::COOKIE_ACK, false)]);
    // While the association exists, the COOKIE ACK may have got lost.
    assert_eq!(
        kinds(&server.receive(now, client.address, &echo)),
        [(chunk::COOKIE_ACK, false)]
    );
    let (id, _) = server.next_up();
    server.transport.abort(id);
    server.endpoint.handle_commands(now);
    assert_eq!(server.next_down(), (id, Cause::LocalAbort));
    server.sent();
    assert!(server.receive(now, client.address, &echo).is_empty());
    assert!(server.endpoint.associations.is_empty() && server.next().is_none());
}

#[test]
fn an_old_cookie_is_answered_with_an_error() {
    let now = Instant::now();
    let (mut client, mut server) = pair(now);
    let echo = cookie_echo(now, &mut client, &mut server);
    let late = now + Config::demo().cookie_lifetime + Duration::from_millis(1);
    assert_eq!(
        kinds(&server.receive(late, client.address, &echo)),
        [(chunk::ERROR, false)]
    );
    assert!(server.endpoint.associations.is_empty());
}

#[test]
fn a_cookie_echo_that_comes_too_late_for_its_port_or_for_room_is_refused() {
    let now = Instant::now();
    let (mut client, mut server) = pair(now);
    let echo = cookie_echo(now, &mut client, &mut server);
    server.transport.unlisten(PORT);
    assert_eq!(
        kinds(&server.receive(now, client.address, &echo)),
        [(chunk::ABORT, false)]
    );
    let (mut client, mut server) = (
        Host::new(now, 2, &Config::demo()),
        Host::new(
            now,
            3,
            &Config {
                max_associations: 1,
                ..Config::demo()
            },
        ),
    );
    let echo = cookie_echo(now, &mut client, &mut server);
    server.connect(now, 0, &client);
    server.sent();
    assert_eq!(
        kinds(&server.receive(now, client.address, &echo)),
        [(chunk::ABORT, false)]
    );
}

#[test]
fn a_peer_that_violates_the_protocol_loses_its_own_association_only() {
    let now = Instant::now();
    let (_client, _, mut server, back) = connected(now);
    let source = "127.0.0.2:9899".parse().unwrap();
    let tag = *server.endpoint.by_tag.keys().next().unwrap();
    // FORWARD TSN without negotiation.
    let forward = chunk_of(192, &[0; 4]);
    let answers = server.receive(now, source, &packet_of(tag.tag, &forward));
    assert_eq!(kinds(&answers), [(chunk::ABORT, false)]);
    assert_eq!(server.next_down(), (back, Cause::LocalAbort));
    assert!(server.endpoint.by_tag.is_empty() && server.endpoint.by_address.is_empty());
}

#[test]
fn the_reason_of_an_abort_is_short_and_has_no_control_characters() {
    let now = Instant::now();
    let escape = [0, 12, 0, 7, 0x1b, b'[', b'J', 0];
    for causes in [escape.to_vec(), [0, 9, 0, 8, 0, 0, 0, 0].repeat(8000)] {
        let (client, _, mut server, _) = connected(now);
        let tag = server.tag();
        server.receive(
            now,
            client.address,
            &packet_of(tag, &chunk_of(chunk::ABORT, &causes)),
        );
        let Some(Event::Down {
            cause: Cause::PeerAbort(reason),
            ..
        }) = server.next()
        else {
            panic!()
        };
        assert!(
            !reason.is_empty() && reason.len() < 1000,
            "{} bytes",
            reason.len()
        );
        assert!(!reason.contains(char::is_control), "{reason:?}");
    }
}

/// Changes of a packet in transit: bytes are modified or cut off, and the checksum is corrected or not.
#[derive(Debug, Clone)]
struct Mutation {
    packet: prop::sample::Index,
    changes: Vec<(prop::sample::Index, u8)>,
    length: Option<prop::sample::Index>,
    sealed: bool,
    to_client: bool,
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let change = (any::<prop::sample::Index>(), any::<u8>());
    let mutation = (
        any::<prop::sample::Index>(),
        prop::collection::vec(change, 0..6),
        prop::option::weighted(0.2, any::<prop::sample::Index>()),
        prop::bool::weighted(0.95),
        any::<bool>(),
    )
        .prop_map(|(packet, changes, length, sealed, to_client)| Mutation {
            packet,
            changes,
            length,
            sealed,
            to_client,
        });
    prop::collection::vec(mutation, 1..30)
}

fn mutated(mutation: &Mutation, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = packets[mutation.packet.index(packets.len())].clone();
    for (at, value) in &mutation.changes {
        // After the common header, because otherwise nearly all would be discarded for their tags.
        let at = 12 + at.index(bytes.len() - 12);
        bytes[at] = *value;
    }
    if let Some(length) = mutation.length {
        bytes.truncate(12 + length.index(bytes.len() - 12));
    }
    if mutation.sealed {
        let header = Header::parse(&bytes).unwrap();
        return packet::build(header, &bytes[12..]);
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_mutated_packet_causes_a_panic_or_piles_anything_up(mutations in mutations()) {
        let mut now = Instant::now();
        let (mut client, mut server) = pair(now);
        let id = client.connect(now, 5000, &server);
        client.transport.send(id, Message::new(11, vec![1; 9000])).unwrap();
        let mut packets = exchange(now, &mut client, &mut server);
        client.transport.shutdown(id);
        client.endpoint.handle_commands(now);
        packets.extend(client.sent().into_iter().map(|transmit| transmit.data));
        for mutation in &mutations {
            now += Duration::from_millis(7);
            let bytes = mutated(mutation, &packets);
            let (target, source) = if mutation.to_client {
                (&mut client, server.address)
            } else {
                (&mut server, client.address)
            };
            let answers = target.receive(now, source, &bytes);
            prop_assert!(answers.len() < 20);
            for answer in answers {
                prop_assert!(PacketView::parse(&answer).is_some());
            }
            target.endpoint.handle_timeout(now);
            target.sent();
        }
        prop_assert!(server.endpoint.associations.len() <= 1 + mutations.len());
        prop_assert_eq!(server.endpoint.by_address.len(), server.endpoint.associations.len());
    }
}
