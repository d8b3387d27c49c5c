//! How much a peer can make this process send: responses are bounded per packet and per interval.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::crafted::{STRANGER, chunk_of, first_chunk, header, init, packet_of};
use super::hosts::{Host, connected, exchange, pair};
use super::packet::{self, chunk};
use crate::{Config, Message};

/// The maximum payload of a UDP datagram.
const LARGEST_DATAGRAM: usize = 65_507;
/// The number of consecutive datagrams that the driver reads from a socket.
const BATCH: usize = 64;

/// Chunks that may be answered, nearly all in their shortest form.
fn answered_chunks() -> Vec<(&'static str, Vec<u8>)> {
    let reset = [0, 14, 0, 8, 0, 0, 0, 1];
    vec![
        ("unknown, to be reported", chunk_of(0xc5, &[])),
        ("unknown, to be reported, the last one read", chunk_of(0x45, &[])),
        ("HEARTBEAT", chunk_of(chunk::HEARTBEAT, &[0, 1, 0, 4])),
        (
            "large HEARTBEAT",
            chunk_of(chunk::HEARTBEAT, &[&[0, 1, 3, 232], &[7; 996][..]].concat()),
        ),
        ("empty DATA", chunk_of(chunk::DATA, &[0; 12])),
        ("SACK", chunk_of(chunk::SACK, &[0; 12])),
        ("SHUTDOWN", chunk_of(chunk::SHUTDOWN, &[0; 4])),
        ("SHUTDOWN ACK", chunk_of(chunk::SHUTDOWN_ACK, &[])),
        ("RE-CONFIG", chunk_of(chunk::RE_CONFIG, &reset)),
        ("INIT", init(1, &[])),
        ("COOKIE ECHO", chunk_of(chunk::COOKIE_ECHO, &[0; 8])),
        ("COOKIE ACK", chunk_of(chunk::COOKIE_ACK, &[])),
        ("ERROR", chunk_of(chunk::ERROR, &[])),
        ("HEARTBEAT ACK", chunk_of(chunk::HEARTBEAT_ACK, &[])),
    ]
}

/// As many copies of a chunk as a datagram can contain, after one that is never answered.
fn full_of(chunk: &[u8]) -> Vec<u8> {
    let mut chunks = chunk_of(chunk::COOKIE_ACK, &[]);
    chunks.extend(chunk.repeat((LARGEST_DATAGRAM - 16) / chunk.len()));
    chunks
}

/// The states in which an association answers its peer.
#[derive(Debug, Clone, Copy)]
enum State {
    CookieWait,
    CookieEchoed,
    Established,
    ShutdownSent,
    ShutdownAckSent,
}

const STATES: [State; 5] = [
    State::CookieWait,
    State::CookieEchoed,
    State::Established,
    State::ShutdownSent,
    State::ShutdownAckSent,
];

/// A host with an association in this state, and the host at the other end, which is not used any more.
fn host_in(now: Instant, state: State) -> (Host, Host) {
    if matches!(state, State::CookieWait | State::CookieEchoed) {
        let (mut host, mut peer) = pair(now);
        host.connect(now, 5000, &peer);
        let init = host.sent().remove(0).data;
        if matches!(state, State::CookieEchoed) {
            let init_ack = peer.receive(now, host.address, &init).remove(0);
            host.receive(now, peer.address, &init_ack);
        }
        return (host, peer);
    }
    let (peer, _, mut host, id) = connected(now);
    match state {
        State::ShutdownSent => {
            host.transport.shutdown(id);
            host.endpoint.handle_commands(now);
        }
        State::ShutdownAckSent => {
            let shutdown = chunk_of(chunk::SHUTDOWN, &[0; 4]);
            receive(now, &mut host, &peer, &shutdown);
        }
        State::CookieWait | State::CookieEchoed | State::Established => {}
    }
    host.sent();
    (host, peer)
}

/// Passes a packet with these chunks from its peer to a host. Returns how many packets it sends in response, and how
/// much memory they take.
fn receive(now: Instant, host: &mut Host, peer: &Host, chunks: &[u8]) -> (usize, usize) {
    // It may already have ended.
    let Some(key) = host.endpoint.by_tag.keys().next() else {
        return (0, 0);
    };
    let ports = packet::Header {
        source_port: key.peer_port,
        destination_port: key.local_port,
        tag: key.tag,
    };
    let datagram = packet::build(ports, chunks);
    host.endpoint.handle_datagram(now, 0, peer.address, &datagram);
    measure(host)
}

fn measure(host: &mut Host) -> (usize, usize) {
    let sent = host.sent();
    let bytes = sent.iter().map(|transmit| transmit.data.capacity()).sum();
    (sent.len(), bytes)
}

#[test]
fn a_datagram_full_of_chunks_is_answered_with_a_few_packets() {
    let now = Instant::now();
    for state in STATES {
        for (name, chunk) in answered_chunks() {
            let (mut host, peer) = host_in(now, state);
            let (packets, bytes) = receive(now, &mut host, &peer, &full_of(&chunk));
            assert!(packets <= 5, "{name}, {state:?}: {packets} packets");
            assert!(bytes <= 8192, "{name}, {state:?}: {bytes} bytes");
        }
    }
}

#[test]
fn many_datagrams_at_once_are_not_all_answered_and_later_ones_are() {
    let now = Instant::now();
    for state in STATES {
        for (name, chunk) in answered_chunks() {
            let (mut host, peer) = host_in(now, state);
            let mut packets = 0;
            for _ in 0..20 * BATCH {
                packets += receive(now, &mut host, &peer, &chunk).0;
            }
            assert!(packets <= 2 * BATCH, "{name}, {state:?}: {packets} packets");
        }
    }
    let (mut host, peer) = host_in(now, State::Established);
    let heartbeat = chunk_of(chunk::HEARTBEAT, &[0, 1, 0, 4]);
    for _ in 0..20 * BATCH {
        receive(now, &mut host, &peer, &heartbeat);
    }
    assert_eq!(receive(now, &mut host, &peer, &heartbeat).0, 0);
    let later = now + Duration::from_millis(10);
    assert_eq!(receive(later, &mut host, &peer, &heartbeat).0, 1);
}

#[test]
fn a_peer_that_asks_too_much_takes_no_answers_away_from_others() {
    let now = Instant::now();
    let (_client, _, mut server, _) = connected(now);
    let mut other = Host::new(now, 4, &Config::demo());
    other.connect(now, 5001, &server);
    exchange(now, &mut other, &mut server);
    let heartbeat = |server: &Host, peer_port| {
        let mut keys = server.endpoint.by_tag.keys();
        let key = keys.find(|key| key.peer_port == peer_port).unwrap();
        let ports = packet::Header {
            source_port: peer_port,
            ..header(key.tag)
        };
        packet::build(ports, &chunk_of(chunk::HEARTBEAT, &[0, 1, 0, 4]))
    };
    let (greedy, modest) = (heartbeat(&server, 5000), heartbeat(&server, 5001));
    let address = "127.0.0.2:9899".parse().unwrap();
    for _ in 0..20 * BATCH {
        server.receive(now, address, &greedy);
    }
    assert!(server.receive(now, address, &greedy).is_empty());
    assert_eq!(server.receive(now, other.address, &modest).len(), 1);
}

#[test]
fn inits_are_answered_up_to_a_rate_whoever_sends_them() {
    let now = Instant::now();
    let (client, _, mut server, _) = connected(now);
    for source in [client.address, STRANGER.into()] {
        let answers = (1..20_000).map(|n| server.receive(now, source, &packet_of(0, &init(n, &[]))));
        let answers = answers.filter(|answers| !answers.is_empty()).count();
        assert!(answers < 5000, "{answers} answers to {source}");
    }
    let later = now + Duration::from_secs(1);
    let answers = server.receive(later, STRANGER.into(), &packet_of(0, &init(1, &[])));
    assert_eq!(first_chunk(&answers[0]).kind, chunk::INIT_ACK);
}

#[test]
fn a_cookie_echo_behind_other_chunks_is_no_cookie_echo() {
    let now = Instant::now();
    let (mut host, peer) = host_in(now, State::Established);
    let tag = *host.endpoint.by_tag.keys().next().unwrap();
    let answers = host.receive(now, peer.address, &packet_of(0, &init(1, &[])));
    let protected = first_chunk(&answers[0]).init_cookie().unwrap();
    // dcsctp's own cookie, without the protection that proves that it is ours and recent.
    let chunks = [
        chunk_of(chunk::COOKIE_ACK, &[]),
        chunk_of(chunk::COOKIE_ECHO, &protected[2..50]),
    ]
    .concat();
    while host.next().is_some() {}
    assert_eq!(receive(now, &mut host, &peer, &chunks), (0, 0));
    assert_eq!(host.next(), None);
    assert!(host.endpoint.by_tag.contains_key(&tag));
}

/// Datagrams that consist of runs of chunks: the chunk, and the number of copies.
fn mixture() -> impl Strategy<Value = Vec<Vec<(prop::sample::Index, usize)>>> {
    let run = (any::<prop::sample::Index>(), 1..400_usize);
    prop::collection::vec(prop::collection::vec(run, 1..40), 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_mixture_of_chunks_is_answered_with_more_than_a_few_packets(
        state in prop::sample::select(&STATES[..]),
        mixture in mixture(),
        waiting in 0..200_000_usize,
    ) {
        let now = Instant::now();
        let (mut host, peer) = host_in(now, state);
        // Data of its own that is waiting to be sent; acknowledgements release it.
        if waiting > 0 && let Some(id) = host.endpoint.associations.keys().next().copied() {
            let message = Message::new(0, vec![1; waiting.min(crate::LARGEST_MESSAGE)]);
            let _ = host.transport.send(id, message);
            host.endpoint.handle_commands(now);
            host.sent();
        }
        let mut chunks = answered_chunks();
        chunks.push(("DATA", chunk_of(chunk::DATA, &[0; 20])));
        chunks.push(("ABORT", chunk_of(chunk::ABORT, &[])));
        let mut in_all = 0;
        for datagram in &mixture {
            let mut bytes = Vec::new();
            for (which, times) in datagram {
                bytes.extend(which.get(&chunks).1.repeat(*times));
            }
            bytes.truncate(LARGEST_DATAGRAM - 12);
            let (packets, memory) = receive(now, &mut host, &peer, &bytes);
            prop_assert!(packets <= 30, "{} packets", packets);
            prop_assert!(memory <= 30 * 4096, "{} bytes", memory);
            in_all += packets;
        }
        prop_assert!(in_all <= 200, "{} packets", in_all);
    }

    #[test]
    fn no_mixture_of_chunks_out_of_the_blue_is_answered_with_more_than_a_packet(
        mixture in mixture(),
        tag in any::<u32>(),
    ) {
        let now = Instant::now();
        let mut host = Host::new(now, 2, &Config::demo());
        let chunks = answered_chunks();
        for datagram in &mixture {
            let mut bytes = Vec::new();
            for (which, times) in datagram {
                bytes.extend(which.get(&chunks).1.repeat(*times));
            }
            bytes.truncate(LARGEST_DATAGRAM - 12);
            let source: SocketAddr = STRANGER.into();
            host.endpoint.handle_datagram(now, 0, source, &packet_of(tag, &bytes));
            let (packets, memory) = measure(&mut host);
            prop_assert!(packets <= 1 && memory <= 512, "{} packets, {} bytes", packets, memory);
        }
    }
}
