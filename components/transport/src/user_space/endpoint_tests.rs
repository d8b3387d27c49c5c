//! How associations begin and end between endpoints: collisions, restarts, refusals, ICMP.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::crafted::first_chunk;
use super::endpoint::Transmit;
use super::hosts::{Host, PORT, connected, exchange, pair, pass};
use super::icmp::{Unreachable, What};
use super::packet::{self, PacketView, chunk};
use crate::{Cause, Config, Event, Message, Peer};

fn unreachable_about(transmit: &Transmit, quoted: usize, what: What) -> Unreachable {
    let quoted = transmit.data[..quoted.min(transmit.data.len())].to_vec();
    Unreachable {
        destination: transmit.path.remote,
        quoted,
        what,
    }
}

#[test]
fn two_that_connect_to_each_other_at_the_same_time_get_one_association() {
    let now = Instant::now();
    let (mut one, mut other) = pair(now);
    let id = one.connect(now, PORT, &other);
    let other_id = other.connect(now, PORT, &one);
    exchange(now, &mut one, &mut other);
    assert!(matches!(one.next(), Some(Event::Up { id: up, .. }) if up == id));
    assert!(matches!(other.next(), Some(Event::Up { id: up, .. }) if up == other_id));
    assert_eq!(
        (one.endpoint.associations.len(), other.endpoint.associations.len()),
        (1, 1)
    );
    one.transport.send(id, Message::new(0, vec![1])).unwrap();
    other.transport.send(other_id, Message::new(0, vec![2])).unwrap();
    exchange(now, &mut one, &mut other);
    assert!(std::iter::from_fn(|| one.next()).any(|event| matches!(event, Event::Message { .. })));
    assert!(std::iter::from_fn(|| other.next()).any(|event| matches!(event, Event::Message { .. })));
}

#[test]
fn a_second_association_between_the_same_ports_is_not_opened() {
    let now = Instant::now();
    let (mut client, id, mut server, _) = connected(now);
    let second = client.connect(now, 5000, &server);
    assert_eq!(client.next_down(), (second, Cause::LocalAbort));
    client.transport.send(id, Message::new(0, vec![1])).unwrap();
    exchange(now, &mut client, &mut server);
    assert!(matches!(server.next(), Some(Event::Message { .. })));
}

#[test]
fn a_peer_that_starts_again_from_the_same_port_takes_its_association_over() {
    let now = Instant::now();
    let (client, _, mut server, back) = connected(now);
    drop(client);
    let mut again = Host::new(now, 2, &Config::demo());
    again.connect(now, 5000, &server);
    exchange(now, &mut again, &mut server);
    let (id, _) = again.next_up();
    assert_eq!(server.next(), Some(Event::Restarted { id: back }));
    assert_eq!(
        (server.endpoint.associations.len(), server.endpoint.by_tag.len()),
        (1, 1)
    );
    again.transport.send(id, Message::new(0, vec![1])).unwrap();
    exchange(now, &mut again, &mut server);
    assert!(matches!(server.next(), Some(Event::Message { id, .. }) if id == back));
}

#[test]
fn an_abort_is_a_refusal_only_if_it_carries_our_tag() {
    let now = Instant::now();
    let (mut client, server) = pair(now);
    let id = client.connect(now, 5000, &server);
    let init = client.sent().remove(0).data;
    let view = PacketView::parse(&init).unwrap();
    let tag = view.chunks().next().unwrap().initiate_tag().unwrap();
    let answer = |tag: u32, flags| packet::abort(view.header.answer(tag), flags, &[]);
    client.receive(now, server.address, &answer(tag ^ 1, 0));
    client.receive(now, server.address, &answer(0, packet::TAG_REFLECTED));
    client.receive(now, "127.0.0.4:9899".parse().unwrap(), &answer(tag, 0));
    let mut broken = answer(tag, 0);
    broken[8] ^= 1;
    client.receive(now, server.address, &broken);
    assert_eq!(client.next(), None);
    client.receive(now, server.address, &answer(tag, 0));
    assert_eq!(client.next_down(), (id, Cause::Refused));
}

#[test]
fn an_icmp_error_counts_only_with_the_tag_of_the_peer() {
    let now = Instant::now();
    let (mut client, id, _server, _) = connected(now);
    client.transport.send(id, Message::new(0, vec![1])).unwrap();
    client.endpoint.handle_commands(now);
    let sent = client.sent().remove(0);
    let mut guessed = unreachable_about(&sent, 500, What::Port);
    guessed.quoted[5] ^= 1;
    client.endpoint.handle_unreachable(now, &guessed);
    let mut elsewhere = unreachable_about(&sent, 500, What::Port);
    elsewhere.destination = "127.0.0.9:9899".parse().unwrap();
    client.endpoint.handle_unreachable(now, &elsewhere);
    for too_short in 0..8 {
        client
            .endpoint
            .handle_unreachable(now, &unreachable_about(&sent, too_short, What::Port));
    }
    assert_eq!(client.next(), None);
    // ICMP need not quote more than eight bytes, which are enough.
    client
        .endpoint
        .handle_unreachable(now, &unreachable_about(&sent, 8, What::Port));
    assert_eq!(client.next_down(), (id, Cause::Unreachable));
    // An ABORT would have no receiver.
    assert!(client.sent().is_empty());
}

#[test]
fn an_icmp_error_about_an_init_leads_to_the_next_address_and_in_the_end_to_refusal() {
    let now = Instant::now();
    let mut client = Host::new(now, 2, &Config::demo());
    let addresses = vec!["127.0.0.3".parse().unwrap(), "127.0.0.4".parse().unwrap()];
    let id = client.transport.connect(
        5000,
        Peer {
            addresses,
            port: PORT,
        },
        None,
    );
    client.endpoint.handle_commands(now);
    let first = client.sent().remove(0);
    assert_eq!(first.path.remote, SocketAddr::from(([127, 0, 0, 3], 9899)));
    let mut guessed = unreachable_about(&first, 500, What::Port);
    guessed.quoted[17] ^= 1;
    client.endpoint.handle_unreachable(now, &guessed);
    client
        .endpoint
        .handle_unreachable(now, &unreachable_about(&first, 8, What::Port));
    assert!(client.sent().is_empty() && client.next().is_none());
    client
        .endpoint
        .handle_unreachable(now, &unreachable_about(&first, 20, What::Port));
    let second = client.sent().remove(0);
    assert_eq!(second.path.remote, SocketAddr::from(([127, 0, 0, 4], 9899)));
    client
        .endpoint
        .handle_unreachable(now, &unreachable_about(&second, 20, What::Port));
    assert_eq!(client.next_down(), (id, Cause::Refused));
}

#[test]
fn a_silent_peer_is_given_up_and_told_so() {
    let mut now = Instant::now();
    let (mut client, id, server, _) = connected(now);
    let mut aborts = 0;
    while client.next().is_none() {
        now += Duration::from_millis(10);
        client.endpoint.handle_timeout(now);
        aborts += client
            .sent()
            .iter()
            .filter(|transmit| first_chunk(&transmit.data).kind == chunk::ABORT)
            .count();
    }
    assert_eq!(
        (aborts, client.endpoint.associations.contains_key(&id)),
        (1, false)
    );
    assert_eq!(client.endpoint.poll_timeout(), None);
    drop(server);
}

#[test]
fn heartbeats_keep_an_idle_association_up() {
    let mut now = Instant::now();
    let (mut client, _, mut server, _) = connected(now);
    pass(&mut now, Duration::from_secs(10), &mut client, &mut server);
    assert_eq!((client.next(), server.next()), (None, None));
}

#[test]
fn a_shutdown_that_the_peer_never_completes_ends_after_the_guard_time() {
    let mut now = Instant::now();
    let (mut client, id, mut server, _) = connected(now);
    client.transport.shutdown(id);
    client.endpoint.handle_commands(now);
    // The peer answers heartbeats, but its responses to SHUTDOWN get lost.
    let event = loop {
        now += Duration::from_millis(10);
        client.endpoint.handle_timeout(now);
        server.endpoint.handle_timeout(now);
        for transmit in client.sent() {
            if first_chunk(&transmit.data).kind == chunk::HEARTBEAT {
                for answer in server.receive(now, client.address, &transmit.data) {
                    client.receive(now, server.address, &answer);
                }
            }
        }
        if let Some(event) = client.next() {
            break event;
        }
    };
    assert_eq!(
        event,
        Event::Down {
            id,
            cause: Cause::Timeout
        }
    );
}

#[test]
fn a_peer_whose_udp_port_changes_is_followed() {
    let now = Instant::now();
    let (mut client, id, mut server, back) = connected(now);
    client.transport.send(id, Message::new(0, vec![1])).unwrap();
    client.endpoint.handle_commands(now);
    let moved: SocketAddr = "127.0.0.2:40000".parse().unwrap();
    let data = client.sent().remove(0).data;
    server.receive(now, moved, &data);
    assert!(matches!(server.next(), Some(Event::Message { .. })));
    server.transport.send(back, Message::new(0, vec![2])).unwrap();
    server.endpoint.handle_commands(now);
    assert_eq!(server.sent().remove(0).path.remote, moved);
}
