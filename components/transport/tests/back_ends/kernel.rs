//! What only the kernel's SCTP does, or does differently.

use std::net::IpAddr;

use transport::{
    AssociationConfig, BackEnd, Cause, Choice, Config, Event, Impairment, ImpairmentsUnsupported, Link,
    Message, Peer, kernel,
};

use crate::node::{Node, connected, kernel_has_sctp};

#[tokio::test]
async fn impairments_are_refused() {
    if !kernel_has_sctp() {
        return;
    }
    let node = Node::start(BackEnd::Kernel);
    assert!(!node.transport.capabilities().impairments);
    assert_eq!(
        node.transport.set_impairment(Link::All, Impairment::CUT),
        Err(ImpairmentsUnsupported)
    );
    assert!(node.transport.impairments().is_empty());
}

#[tokio::test]
async fn the_kernel_says_goodbye_for_a_process_that_vanishes() {
    if !kernel_has_sctp() {
        return;
    }
    let (mut client, id, server, _) = connected(BackEnd::Kernel, AssociationConfig::demo()).await;
    server.transport.vanish();
    let (gone, cause) = client.down().await;
    assert_eq!(gone, id);
    assert!(matches!(cause, Cause::Graceful | Cause::PeerAbort(_)), "{cause}");
}

#[tokio::test]
async fn an_abort_carries_its_reason() {
    if !kernel_has_sctp() {
        return;
    }
    let (client, id, mut server, back) = connected(BackEnd::Kernel, AssociationConfig::demo()).await;
    client.transport.abort(id);
    let reason = Cause::PeerAbort("user-initiated abort".into());
    assert_eq!(server.down().await, (back, reason));
}

#[tokio::test]
async fn several_addresses_make_several_paths() {
    if !kernel_has_sctp() {
        return;
    }
    let addresses = |n: u8| {
        let [_, _, high, low] = std::process::id().to_be_bytes();
        [0, 1]
            .map(|m| IpAddr::from([127, 20 + 2 * n + m, high, low]))
            .to_vec()
    };
    let node = |n: u8| {
        Node::start_with(
            BackEnd::Kernel,
            Config {
                addresses: addresses(n),
                ..Config::demo()
            },
        )
    };
    let (mut client, mut server) = (node(0), node(1));
    assert_eq!(client.transport.local_addresses(), addresses(0));
    let port = server.transport.listen(0).unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    for (node, other) in [(&mut client, 1), (&mut server, 0)] {
        let Event::Up { peer, .. } = node.next().await else {
            panic!()
        };
        assert_eq!(peer.addresses, addresses(other)[..1]);
        // Each confirms the other's second address by a heartbeat before it counts.
        let Event::Path {
            address,
            up: true,
            primary: false,
            ..
        } = node.next().await
        else {
            panic!()
        };
        assert_eq!(address, addresses(other)[1]);
    }
    client.transport.send(id, Message::new(0, vec![1])).unwrap();
    server.message().await;
    assert!(client.transport.capabilities().path_events);
}

#[tokio::test]
async fn peers_that_sit_at_the_same_ends_are_refused_here() {
    if !kernel_has_sctp() {
        return;
    }
    let (mut client, mut server) = (Node::start(BackEnd::Kernel), Node::start(BackEnd::Kernel));
    let port = server.transport.listen(0).unwrap();
    client.transport.connect(5000, server.peer(port), None);
    client.up().await;
    server.up().await;
    let twin = client.transport.connect(5000, server.peer(port), None);
    assert_eq!(client.down().await, (twin, Cause::LocalAbort));
}

/// The server fetches nothing, and so does not notice that the first association has ended.
#[tokio::test]
async fn a_peer_that_comes_back_from_the_same_port_is_let_in_at_once() {
    if !kernel_has_sctp() {
        return;
    }
    let slow = Config {
        event_queue: 1,
        ..Config::default()
    };
    let mut client = Node::start(BackEnd::Kernel);
    let mut server = Node::start_with(BackEnd::Kernel, slow);
    let port = server.transport.listen(0).unwrap();
    let first = client.transport.connect(5000, server.peer(port), None);
    client.up().await;
    for _ in 0..3 {
        client.send(first, Message::new(0, vec![7; 60_000])).await;
    }
    client.transport.abort(first);
    assert_eq!(client.down().await.0, first);
    let second = client.transport.connect(5000, server.peer(port), None);
    assert_eq!(client.up().await, second);
    client.send(second, Message::new(0, b"again".to_vec())).await;
    // Ignore earlier events.
    let mut ups = 0;
    loop {
        match server.next().await {
            Event::Up { .. } => ups += 1,
            Event::Message { message, .. } if message.data == b"again" => break,
            _ => {}
        }
    }
    assert_eq!(ups, 2);
}

#[tokio::test]
async fn a_port_can_be_listened_on_and_connected_from_at_once() {
    if !kernel_has_sctp() {
        return;
    }
    let (mut one, mut other) = (Node::start(BackEnd::Kernel), Node::start(BackEnd::Kernel));
    for node in [&one, &other] {
        node.transport.listen(9901).unwrap();
    }
    let id = one.transport.connect(9901, other.peer(9901), None);
    assert_eq!(one.up().await, id);
    other.up().await;
    one.transport
        .send(id, Message::new(12, b"presence".to_vec()))
        .unwrap();
    assert_eq!(other.message().await.ppid, 12);
    // There is already one in the other direction.
    let again = other.transport.connect(9901, one.peer(9901), None);
    assert_eq!(other.down().await, (again, Cause::LocalAbort));
    // And a third node can connect.
    let mut third = Node::start(BackEnd::Kernel);
    third.transport.connect(0, one.peer(9901), None);
    third.up().await;
    one.up().await;
}

#[tokio::test]
async fn an_address_of_another_machine_is_named() {
    if !kernel_has_sctp() {
        return;
    }
    let foreign: IpAddr = "192.0.2.1".parse().unwrap();
    let config = Config {
        addresses: vec![foreign],
        ..Config::demo()
    };
    let error = transport::start(Choice::Kernel, config).unwrap_err();
    assert!(
        matches!(error, transport::StartError::Kernel(kernel::StartError::NotOurs(address)) if address == foreign),
        "{error}"
    );
}

#[tokio::test]
async fn a_port_of_another_process_is_in_use() {
    if !kernel_has_sctp() {
        return;
    }
    let first = Node::start(BackEnd::Kernel);
    let second = Node::start_with(
        BackEnd::Kernel,
        Config {
            addresses: first.transport.local_addresses().to_vec(),
            ..Config::demo()
        },
    );
    first.transport.listen(3863).unwrap();
    assert_eq!(
        second.transport.listen(3863),
        Err(transport::ListenError::InUse(3863))
    );
}

#[tokio::test]
async fn user_space_and_kernel_do_not_meet_without_encapsulation() {
    if !kernel_has_sctp() {
        return;
    }
    let server = Node::start(BackEnd::Kernel);
    let port = server.transport.listen(0).unwrap();
    let mut client = Node::start(BackEnd::UserSpace);
    let peer = Peer {
        addresses: server.transport.local_addresses().to_vec(),
        port,
    };
    let id = client.transport.connect(0, peer, None);
    let (gone, cause) = client.down().await;
    assert_eq!(gone, id);
    assert!(matches!(cause, Cause::Refused | Cause::Timeout), "{cause}");
}
