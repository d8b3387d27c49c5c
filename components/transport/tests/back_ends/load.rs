//! Many associations, large messages, slow users.

use std::collections::{BTreeMap, VecDeque};

use transport::{AssociationConfig, BackEnd, Cause, Config, Event, LARGEST_MESSAGE, Message, SendError};

use crate::node::{Node, connected};

on_each_back_end!(
    two_hundred_associations_share_a_socket,
    messages_of_up_to_64_kilobytes_arrive_whole,
    messages_sent_together_arrive_in_order_and_whole,
    many_small_messages_sent_together_all_arrive,
    a_slow_reader_holds_the_sender_back_and_loses_nothing,
    a_slow_reader_gets_everything_that_came_before_the_end,
    too_many_associations_are_refused_on_both_sides,
);

async fn two_hundred_associations_share_a_socket(back_end: BackEnd) {
    let (mut client, mut server) = (Node::start(back_end), Node::start(back_end));
    let ports = [
        server.transport.listen(3863).unwrap(),
        server.transport.listen(9901).unwrap(),
    ];
    let mut expected = BTreeMap::new();
    for n in 0..200_u32 {
        let id = client
            .transport
            .connect(0, server.peer(ports[n as usize % 2]), None);
        client
            .transport
            .send(id, Message::new(n, n.to_be_bytes().to_vec()))
            .unwrap();
        expected.insert(id, n);
    }
    // The server answers each message; the client checks that each response arrives on the association of its
    // request.
    let serve = async {
        for _ in 0..400 {
            if let Event::Message { id, message } = server.next().await {
                server.transport.send(id, message).unwrap();
            }
        }
    };
    let check = async {
        let mut answers = 0;
        while answers < 200 {
            match client.next().await {
                Event::Message { id, message } => {
                    assert_eq!(message.ppid, expected[&id]);
                    answers += 1;
                }
                Event::Up { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::join!(serve, check);
}

async fn messages_of_up_to_64_kilobytes_arrive_whole(back_end: BackEnd) {
    let (mut client, id, mut server, _) = connected(back_end, AssociationConfig::demo()).await;
    for length in [1, 3, 4095, 4096, 4097, 65_535, LARGEST_MESSAGE] {
        let data: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        client.send(id, Message::new(0, data.clone())).await;
        assert!(server.message().await.data == data, "{length} bytes");
    }
}

/// Far more messages than fit into the send buffer, of all sizes, including some that cannot be sent.
async fn messages_sent_together_arrive_in_order_and_whole(back_end: BackEnd) {
    let (mut client, id, mut server, _) = connected(back_end, AssociationConfig::demo()).await;
    let message = |n: u32| Message {
        stream: (n % 2) as u16,
        ..Message::new(n, n.to_be_bytes().repeat(1 + n as usize * 37 % 4_000))
    };
    let mut waiting: VecDeque<_> = (0..300).map(message).collect();
    waiting.insert(200, Message::new(0, vec![]));
    waiting.insert(100, Message::new(0, vec![0; LARGEST_MESSAGE + 1]));
    let transport = client.transport.clone();
    let send = async {
        let mut refused = Vec::new();
        let mut full = 0;
        loop {
            match transport.send_all(id, &mut waiting) {
                Ok(true) => break,
                Ok(false) => {
                    full += 1;
                    while !matches!(client.next().await, Event::Writable { .. }) {}
                }
                Err(error) => refused.push(error),
            }
        }
        assert!(full > 0, "all of it fits into the buffers");
        assert_eq!(
            refused,
            [SendError::TooLarge(LARGEST_MESSAGE + 1), SendError::Empty]
        );
    };
    let receive = async {
        let mut streams = [(0..300).step_by(2), (1..300).step_by(2)];
        for _ in 0..300 {
            let received = server.message().await;
            let next = streams[usize::from(received.stream)].next().unwrap();
            assert!(
                received == message(next),
                "{} instead of {next}, {} bytes",
                received.ppid,
                received.data.len()
            );
        }
    };
    tokio::join!(send, receive);
    assert!(waiting.is_empty());
}

/// Here, a message costs the back end far more than its bytes, and all of them fit into one packet of this network.
async fn many_small_messages_sent_together_all_arrive(back_end: BackEnd) {
    let association = AssociationConfig {
        send_buffer: 64 * 1024,
        ..AssociationConfig::demo()
    };
    let (mut client, id, mut server, _) = connected(back_end, association).await;
    let message = |n: u32| Message::new(n, n.to_be_bytes().repeat(5));
    let mut waiting: VecDeque<_> = (0..2_000).map(message).collect();
    let transport = client.transport.clone();
    let send = async {
        while transport.send_all(id, &mut waiting) == Ok(false) {
            while !matches!(client.next().await, Event::Writable { .. }) {}
        }
    };
    let receive = async {
        for n in 0..2_000 {
            assert_eq!(server.message().await, message(n));
        }
    };
    tokio::join!(send, receive);
    assert!(waiting.is_empty());
}

async fn a_slow_reader_holds_the_sender_back_and_loses_nothing(back_end: BackEnd) {
    let association = AssociationConfig {
        send_buffer: 128 * 1024,
        ..AssociationConfig::demo()
    };
    let config = Config {
        association,
        event_queue: 2,
        ..Config::default()
    };
    let (mut client, mut server) = (
        Node::start_with(back_end, config.clone()),
        Node::start_with(back_end, config),
    );
    let port = server.transport.listen(0).unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    client.up().await;
    // The server reads nothing. The client can only send as much as the buffers on the path hold.
    let mut sent = 0_u32;
    let message = |n: u32| Message::new(0, n.to_be_bytes().repeat(2500));
    let mut full = 0;
    while full < 8 {
        match client.transport.send(id, message(sent)) {
            Ok(()) => sent += 1,
            Err(SendError::Full(_)) => {
                full += 1;
                // There may be no further Writable event; heartbeats continue in either case.
                let _ = tokio::time::timeout(AssociationConfig::demo().rto_max, client.events.recv()).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    let bytes = sent as usize * 10_000;
    // Send buffer, the server's window in SCTP and in its outbox, plus one message each.
    assert!(
        bytes < 128 * 1024 + 2 * 256 * 1024 + 8 * 10_000,
        "{bytes} bytes went away"
    );
    server.up().await;
    for n in 0..sent {
        assert_eq!(server.message().await, message(n), "message {n} of {sent}");
    }
    client.send(id, message(7)).await;
    assert_eq!(server.message().await, message(7));
}

async fn a_slow_reader_gets_everything_that_came_before_the_end(back_end: BackEnd) {
    let config = Config {
        event_queue: 1,
        ..Config::demo()
    };
    let (mut client, mut server) = (Node::start(back_end), Node::start_with(back_end, config));
    let port = server.transport.listen(0).unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    for n in 0..20_u8 {
        client
            .transport
            .send(id, Message::new(0, vec![n; 10_000]))
            .unwrap();
    }
    client.transport.shutdown(id);
    assert_eq!(client.down().await.1, Cause::Graceful);
    server.up().await;
    for n in 0..20_u8 {
        assert_eq!(server.message().await.data[0], n);
    }
    assert_eq!(server.down().await.1, Cause::Graceful);
}

async fn too_many_associations_are_refused_on_both_sides(back_end: BackEnd) {
    let few = Config {
        max_associations: 2,
        ..Config::demo()
    };
    let (mut client, mut server) = (Node::start(back_end), Node::start_with(back_end, few.clone()));
    let port = server.transport.listen(0).unwrap();
    for _ in 0..2 {
        client.transport.connect(0, server.peer(port), None);
        client.up().await;
        server.up().await;
    }
    let id = client.transport.connect(0, server.peer(port), None);
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::Refused
        }
    );
    let id = server.transport.connect(0, client.peer(1), None);
    assert_eq!(
        server.next().await,
        Event::Down {
            id,
            cause: Cause::LocalAbort
        }
    );
}
