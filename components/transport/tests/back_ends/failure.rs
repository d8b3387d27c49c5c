//! Peers that die, fall silent or restart, and links that lose packets.

use std::net::IpAddr;
use std::time::Duration;

use transport::{AssociationConfig, BackEnd, Cause, Config, Event, Impairment, Link, Message};

use crate::node::{Node, connected};

#[tokio::test]
async fn the_death_of_an_idle_peer_is_noticed_by_icmp() {
    // Heartbeats alone would take far longer than any test.
    let config = AssociationConfig {
        heartbeat_interval: Duration::from_millis(20),
        max_retransmissions: 1_000_000,
        ..AssociationConfig::demo()
    };
    let mut client = Node::start_with(
        BackEnd::UserSpace,
        Config {
            association: config.clone(),
            ..Config::default()
        },
    );
    // An address that no other test takes as soon as it is free.
    let mut server = Node::start_with(
        BackEnd::UserSpace,
        Config {
            association: config,
            addresses: own_address(1),
            ..Config::default()
        },
    );
    let port = server.transport.listen(0).unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    client.up().await;
    server.up().await;
    server.transport.vanish();
    assert_eq!(client.down().await, (id, Cause::Unreachable));
}

/// Returns an address that only this test process uses, and that no transport chooses by itself.
fn own_address(n: u8) -> Vec<IpAddr> {
    let [_, _, high, low] = std::process::id().to_be_bytes();
    vec![IpAddr::from([127, 16 + n, high, low])]
}

#[tokio::test]
async fn a_peer_that_is_unplugged_times_out() {
    let (mut client, id, mut server, back) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    server
        .transport
        .set_impairment(Link::All, Impairment::CUT)
        .unwrap();
    assert_eq!(client.down().await, (id, Cause::Timeout));
    assert_eq!(server.down().await, (back, Cause::Timeout));
}

#[tokio::test]
async fn a_cut_link_hides_icmp_errors() {
    let (mut client, id, server, _) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    client
        .transport
        .set_impairment(Link::Peer(server.transport.local_addresses()[0]), Impairment::CUT)
        .unwrap();
    server.transport.vanish();
    client.transport.send(id, Message::new(0, vec![1])).unwrap();
    assert_eq!(client.down().await, (id, Cause::Timeout));
}

#[tokio::test]
async fn an_attempt_to_reach_a_silent_peer_times_out() {
    let (mut client, server) = (Node::start(BackEnd::UserSpace), Node::start(BackEnd::UserSpace));
    let port = server.transport.listen(0).unwrap();
    client
        .transport
        .set_impairment(Link::All, Impairment::CUT)
        .unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    assert_eq!(client.down().await, (id, Cause::Timeout));
}

#[tokio::test]
async fn a_link_that_is_plugged_in_again_works_again() {
    let (client, id, mut server, _) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    client
        .transport
        .set_impairment(Link::All, Impairment::CUT)
        .unwrap();
    client
        .transport
        .send(id, Message::new(0, b"late".to_vec()))
        .unwrap();
    client
        .transport
        .set_impairment(Link::All, Impairment::NONE)
        .unwrap();
    assert!(client.transport.impairments().is_empty());
    assert_eq!(server.message().await.data, b"late");
}

#[tokio::test]
async fn everything_arrives_in_order_over_a_link_that_loses_a_tenth() {
    let lossy = Impairment {
        loss: 0.1,
        delay: Duration::from_millis(2),
        jitter: Duration::from_millis(1),
        ..Impairment::NONE
    };
    everything_arrives_in_order(lossy).await;
}

/// What is corrupted is found by the checksum, and is sent again like what is lost.
#[tokio::test]
async fn everything_arrives_in_order_and_unchanged_over_a_bad_link() {
    let bad = Impairment {
        loss: 0.02,
        burst: 2.0,
        corruption: 0.05,
        rate: 2_000_000,
        first_lost: 1,
        ..Impairment::NONE
    };
    everything_arrives_in_order(bad).await;
}

async fn everything_arrives_in_order(impairment: Impairment) {
    let seed = 20_240_811;
    let config = |impairment_seed| Config {
        impairment_seed,
        ..Config::demo()
    };
    let (mut client, mut server) = (
        Node::start_with(BackEnd::UserSpace, config(seed)),
        Node::start_with(BackEnd::UserSpace, config(seed + 1)),
    );
    let port = server.transport.listen(0).unwrap();
    client.transport.set_impairment(Link::All, impairment).unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    client.up().await;
    server.up().await;
    let receiver = async {
        for n in 0..300_u32 {
            assert_eq!(
                server.message().await.data,
                n.to_be_bytes().repeat(500),
                "message {n}, seed {seed}"
            );
        }
    };
    let sender = async {
        for n in 0..300_u32 {
            client
                .send(id, Message::new(0, n.to_be_bytes().repeat(500)))
                .await;
        }
    };
    tokio::join!(sender, receiver);
}

#[tokio::test]
async fn a_round_trip_longer_than_the_heartbeat_interval_is_no_failure() {
    let config = AssociationConfig {
        heartbeat_interval: Duration::from_millis(20),
        max_retransmissions: 8,
        ..AssociationConfig::demo()
    };
    let (mut client, id, mut server, back) = connected(BackEnd::UserSpace, config).await;
    client
        .transport
        .set_impairment(Link::All, Impairment::delay(Duration::from_millis(30)))
        .unwrap();
    // Round trips take 60 ms: ten of them take longer than a silent peer is tolerated.
    for n in 0..10_u8 {
        client.transport.send(id, Message::new(0, vec![n])).unwrap();
        assert_eq!(server.message().await.data, [n]);
        server.transport.send(back, Message::new(0, vec![n])).unwrap();
        assert_eq!(client.message().await.data, [n]);
    }
}

#[tokio::test]
async fn a_restarted_peer_takes_its_association_over() {
    let addresses = own_address(2);
    let mut client = Node::start_with(
        BackEnd::UserSpace,
        Config {
            addresses: addresses.clone(),
            ..Config::demo()
        },
    );
    let mut server = Node::start(BackEnd::UserSpace);
    // The silence is not detected before the restart.
    let patient = AssociationConfig {
        heartbeat_interval: Duration::ZERO,
        ..AssociationConfig::demo()
    };
    let port = server.transport.listen(0).unwrap();
    let addresses = client.transport.local_addresses().to_vec();
    client
        .transport
        .connect(5000, server.peer(port), Some(patient.clone()));
    client.up().await;
    let id = server.up().await;
    // Otherwise, the server's heartbeats would detect that the client is gone while it restarts.
    server
        .transport
        .set_impairment(Link::All, Impairment::CUT)
        .unwrap();
    client.transport.vanish();
    while client.events.recv().await.is_some() {}
    let mut client = Node::start_with(
        BackEnd::UserSpace,
        Config {
            addresses,
            ..Config::demo()
        },
    );
    server
        .transport
        .set_impairment(Link::All, Impairment::NONE)
        .unwrap();
    client.transport.connect(5000, server.peer(port), Some(patient));
    let again = client.up().await;
    assert_eq!(server.next().await, Event::Restarted { id });
    client
        .transport
        .send(again, Message::new(0, b"new life".to_vec()))
        .unwrap();
    assert_eq!(server.message().await.data, b"new life");
    server
        .transport
        .send(id, Message::new(0, b"welcome back".to_vec()))
        .unwrap();
    assert_eq!(client.message().await.data, b"welcome back");
}
