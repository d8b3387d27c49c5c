//! How associations begin and end, and the messages in between.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use transport::user_space::StartError;
use transport::{
    AssociationConfig, BackEnd, Cause, Config, Event, LARGEST_MESSAGE, ListenError, Message, Peer, SendError,
    UDP_PORT,
};

use crate::node::{Node, connected};

on_each_back_end!(
    both_ends_learn_of_each_other,
    messages_keep_stream_ppid_and_order,
    messages_wait_for_the_association_to_be_established,
    shutdown_comes_after_everything_has_been_delivered,
    a_peer_that_shuts_down_gets_what_was_sent_to_it_before,
    an_abort_ends_both_sides_at_once,
    a_port_that_nobody_listens_on_refuses,
    a_peer_without_a_process_refuses_and_the_next_address_is_tried,
    unusable_peers_are_unreachable,
    impossible_messages_are_refused_by_name,
    a_port_is_listened_on_once_until_it_is_given_up,
);

async fn both_ends_learn_of_each_other(back_end: BackEnd) {
    let (mut client, mut server) = (Node::start(back_end), Node::start(back_end));
    let port = server.transport.listen(3863).unwrap();
    let requested = client.transport.connect(0, server.peer(port), None);
    let Event::Up {
        id,
        peer,
        inbound: false,
        out_streams,
        local_port,
    } = client.next().await
    else {
        panic!()
    };
    assert_eq!((id, peer, out_streams), (requested, server.peer(3863), 16));
    let Event::Up {
        peer,
        inbound: true,
        local_port: 3863,
        ..
    } = server.next().await
    else {
        panic!()
    };
    assert_eq!(peer, client.peer(local_port));
}

async fn messages_keep_stream_ppid_and_order(back_end: BackEnd) {
    let (mut client, id, mut server, back) = connected(back_end, AssociationConfig::demo()).await;
    let messages: Vec<_> = (0..50_u8)
        .map(|n| Message {
            stream: u16::from(n % 2),
            ..Message::new(u32::from(n), vec![n; 1 + usize::from(n)])
        })
        .collect();
    for message in &messages {
        client.transport.send(id, message.clone()).unwrap();
    }
    let mut received = Vec::new();
    while received.len() < messages.len() {
        received.push(server.message().await);
    }
    for stream in [0, 1] {
        let of = |messages: &[Message]| -> Vec<Message> {
            messages
                .iter()
                .filter(|message| message.stream == stream)
                .cloned()
                .collect()
        };
        assert_eq!(of(&received), of(&messages));
    }
    server
        .transport
        .send(back, Message::new(11, b"answer".to_vec()))
        .unwrap();
    assert_eq!(client.message().await.data, b"answer");
}

async fn messages_wait_for_the_association_to_be_established(back_end: BackEnd) {
    let (client, mut server) = (Node::start(back_end), Node::start(back_end));
    let port = server.transport.listen(0).unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    client
        .transport
        .send(id, Message::new(7, b"early".to_vec()))
        .unwrap();
    server.up().await;
    assert_eq!(server.message().await, Message::new(7, b"early".to_vec()));
}

async fn shutdown_comes_after_everything_has_been_delivered(back_end: BackEnd) {
    let (mut client, id, mut server, _) = connected(back_end, AssociationConfig::demo()).await;
    for n in 0..40_u8 {
        client.send(id, Message::new(0, vec![n; 30_000])).await;
    }
    client.transport.shutdown(id);
    assert_eq!(
        client.transport.send(id, Message::new(0, vec![1])),
        Err(SendError::Closed)
    );
    for n in 0..40_u8 {
        let message = server.message().await;
        assert_eq!((message.data[0], message.data.len()), (n, 30_000));
    }
    assert_eq!(server.down().await.1, Cause::Graceful);
    assert_eq!(client.down().await.1, Cause::Graceful);
}

async fn a_peer_that_shuts_down_gets_what_was_sent_to_it_before(back_end: BackEnd) {
    let (mut client, _, mut server, back) = connected(back_end, AssociationConfig::demo()).await;
    let id = {
        // The request and the shutdown cross with 8 large messages.
        for n in 0..8_u8 {
            server
                .transport
                .send(back, Message::new(0, vec![n; 20_000]))
                .unwrap();
        }
        match client.next().await {
            Event::Message { id, message } => {
                assert_eq!(message.data[0], 0);
                id
            }
            other => panic!("{other:?}"),
        }
    };
    client.transport.shutdown(id);
    for n in 1..8_u8 {
        assert_eq!(client.message().await.data[0], n);
    }
    assert_eq!(client.down().await.1, Cause::Graceful);
    assert_eq!(server.down().await.1, Cause::Graceful);
}

async fn an_abort_ends_both_sides_at_once(back_end: BackEnd) {
    let (mut client, id, mut server, back) = connected(back_end, AssociationConfig::demo()).await;
    client.transport.abort(id);
    assert_eq!(client.down().await, (id, Cause::LocalAbort));
    let (gone, Cause::PeerAbort(_)) = server.down().await else {
        panic!()
    };
    assert_eq!(gone, back);
}

#[tokio::test]
async fn closing_a_transport_aborts_its_associations_and_frees_its_address() {
    let (mut client, id, mut server, _) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    let addresses = client.transport.local_addresses().to_vec();
    client.transport.close();
    assert_eq!(client.down().await, (id, Cause::LocalAbort));
    assert_eq!(client.events.recv().await, None);
    assert!(matches!(server.down().await.1, Cause::PeerAbort(_)));
    assert_eq!(client.transport.listen(1), Err(ListenError::Closed));
    assert_eq!(
        client.transport.send(id, Message::new(0, vec![1])),
        Err(SendError::Closed)
    );
    // Another test may be quicker to take the address; all that matters is that it is free.
    match transport::user_space::start(Config {
        addresses,
        ..Config::demo()
    }) {
        Ok(_) | Err(StartError::InUse { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

async fn a_port_that_nobody_listens_on_refuses(back_end: BackEnd) {
    let (mut client, server) = (Node::start(back_end), Node::start(back_end));
    let id = client.transport.connect(0, server.peer(4711), None);
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::Refused
        }
    );
}

async fn a_peer_without_a_process_refuses_and_the_next_address_is_tried(back_end: BackEnd) {
    let (mut client, mut server) = (Node::start(back_end), Node::start(back_end));
    let port = server.transport.listen(0).unwrap();
    // This address is unused: addresses chosen automatically end at 127.0.255.254.
    let nobody = IpAddr::V4(Ipv4Addr::new(127, 9, 9, 9));
    let id = client.transport.connect(0, Peer::new(nobody, port), None);
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::Refused
        }
    );
    let mut peer = server.peer(port);
    peer.addresses.insert(0, nobody);
    let id = client.transport.connect(0, peer, None);
    let (up, peer) = match client.next().await {
        Event::Up { id, peer, .. } => (id, peer),
        other => panic!("{other:?}"),
    };
    assert_eq!((up, peer), (id, server.peer(port)));
    server.up().await;
}

async fn unusable_peers_are_unreachable(back_end: BackEnd) {
    let mut client = Node::start(back_end);
    let unusable = [
        Peer {
            addresses: vec![],
            port: 1,
        },
        Peer::new("224.0.0.1".parse().unwrap(), 1),
        Peer::new("0.0.0.0".parse().unwrap(), 1),
        Peer::new("::1".parse().unwrap(), 1),
        Peer::new("127.0.0.1".parse().unwrap(), 0),
    ];
    for peer in unusable {
        let id = client.transport.connect(0, peer, None);
        assert_eq!(
            client.next().await,
            Event::Down {
                id,
                cause: Cause::Unreachable
            }
        );
    }
}

async fn impossible_messages_are_refused_by_name(back_end: BackEnd) {
    let (client, id, _server, _) = connected(back_end, AssociationConfig::demo()).await;
    let send = |message| client.transport.send(id, message);
    assert_eq!(send(Message::new(0, vec![])), Err(SendError::Empty));
    let large = LARGEST_MESSAGE + 1;
    assert_eq!(
        send(Message::new(0, vec![0; large])),
        Err(SendError::TooLarge(large))
    );
    assert_eq!(
        send(Message {
            stream: 16,
            ..Message::new(0, vec![0])
        }),
        Err(SendError::NoSuchStream(16))
    );
}

async fn a_port_is_listened_on_once_until_it_is_given_up(back_end: BackEnd) {
    let node = Node::start(back_end);
    assert_eq!(node.transport.listen(3863), Ok(3863));
    assert_eq!(node.transport.listen(3863), Err(ListenError::InUse(3863)));
    node.transport.unlisten(3863);
    assert_eq!(node.transport.listen(3863), Ok(3863));
    let (first, second) = (
        node.transport.listen(0).unwrap(),
        node.transport.listen(0).unwrap(),
    );
    assert!(first != second && first >= 49152 && second >= 49152);
}

#[tokio::test]
async fn processes_choose_different_loopback_addresses_and_the_usual_udp_port() {
    let nodes: Vec<_> = (0..10).map(|_| Node::start(BackEnd::UserSpace)).collect();
    let addresses: BTreeSet<_> = nodes
        .iter()
        .map(|node| node.transport.local_addresses()[0])
        .collect();
    assert_eq!(addresses.len(), nodes.len());
    assert!(
        nodes
            .iter()
            .all(|node| node.transport.udp_port() == Some(UDP_PORT))
    );
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let node = Node::start(BackEnd::UserSpace);
    let addresses = node.transport.local_addresses().to_vec();
    let error = transport::user_space::start(Config {
        addresses: addresses.clone(),
        ..Config::demo()
    })
    .unwrap_err();
    assert!(
        matches!(error, StartError::InUse { address, port: UDP_PORT } if address == addresses[0]),
        "{error}"
    );
    assert!(error.to_string().contains(&addresses[0].to_string()));
    let foreign: IpAddr = "192.0.2.1".parse().unwrap();
    let error = transport::user_space::start(Config {
        addresses: vec![foreign],
        ..Config::demo()
    })
    .unwrap_err();
    assert!(
        matches!(error, StartError::NotOurs(address) if address == foreign),
        "{error}"
    );
}

#[tokio::test]
async fn ipv6_works_as_well() {
    let loopback = vec!["::1".parse().unwrap()];
    let config = Config {
        addresses: loopback,
        udp_port: 0,
        ..Config::demo()
    };
    let mut server = match transport::user_space::start(config.clone()) {
        Ok((transport, events)) => Node { transport, events },
        Err(StartError::NotOurs(_) | StartError::Socket { .. }) => {
            eprintln!("SKIPPED: this machine has no IPv6 loopback");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let peer_udp_port = server.transport.udp_port().unwrap();
    let mut client = Node::start_with(
        BackEnd::UserSpace,
        Config {
            peer_udp_port,
            ..config
        },
    );
    let port = server.transport.listen(0).unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    client
        .transport
        .send(id, Message::new(0, b"six".to_vec()))
        .unwrap();
    server.up().await;
    assert_eq!(server.message().await.data, b"six");
    assert_eq!(client.up().await, id);
    server.transport.vanish();
    client
        .transport
        .send(id, Message::new(0, b"anybody?".to_vec()))
        .unwrap();
    assert_eq!(client.down().await, (id, Cause::Unreachable));
}
