//! The in-memory network, in virtual time.

use std::time::Duration;

use tokio::time::Instant;
use transport::memory::Network;
use transport::{
    AssociationConfig, AssociationId, BackEnd, Cause, Config, Event, Events, Impairment, Link, Message, Peer,
    SendError, Transport,
};

const LATENCY: Duration = Duration::from_millis(5);
const PORT: u16 = 3863;

struct Node {
    transport: Transport,
    events: Events,
}

impl Node {
    fn start(network: &Network) -> Self {
        let (transport, events) = network.start(Config::demo());
        transport.listen(PORT).expect("the port is free");
        Self { transport, events }
    }

    async fn next(&mut self) -> Event {
        self.events.recv().await.expect("the transport has not ended")
    }

    async fn message(&mut self) -> Message {
        match self.next().await {
            Event::Message { message, .. } => message,
            other => panic!("{other:?}"),
        }
    }

    async fn connect(&mut self, server: &mut Self) -> (AssociationId, AssociationId) {
        let id = self
            .transport
            .connect(0, Peer::new(server.transport.local_addresses()[0], PORT), None);
        assert!(matches!(self.next().await, Event::Up { inbound: false, .. }));
        let Event::Up {
            id: back,
            inbound: true,
            local_port: PORT,
            ..
        } = server.next().await
        else {
            panic!()
        };
        (id, back)
    }
}

#[tokio::test(start_paused = true)]
async fn messages_travel_in_order_and_take_the_latency() {
    let network = Network::new(LATENCY);
    let (mut client, mut server) = (Node::start(&network), Node::start(&network));
    assert_eq!(client.transport.capabilities().back_end, BackEnd::Memory);
    let (id, back) = client.connect(&mut server).await;
    let start = Instant::now();
    for n in 0..100 {
        client.transport.send(id, Message::new(1, vec![n])).unwrap();
    }
    for n in 0..100 {
        assert_eq!(server.message().await.data, [n]);
    }
    assert!(start.elapsed() >= LATENCY && start.elapsed() < 2 * LATENCY);
    server.transport.send(back, Message::new(1, vec![1])).unwrap();
    assert_eq!(client.message().await.data, [1]);
}

#[tokio::test(start_paused = true)]
async fn messages_can_be_sent_before_the_association_is_up() {
    let network = Network::new(LATENCY);
    let (client, mut server) = (Node::start(&network), Node::start(&network));
    let peer = Peer::new(server.transport.local_addresses()[0], PORT);
    for n in 0..3 {
        let id = client.transport.connect(0, peer.clone(), None);
        client.transport.send(id, Message::new(0, vec![n])).unwrap();
        client.transport.shutdown(id);
    }
    let mut received = Vec::new();
    let mut ends = 0;
    while ends < 3 {
        match server.next().await {
            Event::Message { message, .. } => received.extend(message.data),
            Event::Down { cause, .. } => {
                assert_eq!(cause, Cause::Graceful);
                ends += 1;
            }
            Event::Up { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(received, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_killed_host_is_unreachable_at_once() {
    let network = Network::new(LATENCY);
    let (mut client, mut server) = (Node::start(&network), Node::start(&network));
    let (id, _) = client.connect(&mut server).await;
    network.kill(server.transport.local_addresses()[0]);
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::Unreachable
        }
    );
    while server.events.recv().await.is_some() {}
    let id = client
        .transport
        .connect(0, Peer::new(server.transport.local_addresses()[0], PORT), None);
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::Refused
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_lasting_cut_times_out_and_a_short_one_holds_back() {
    let network = Network::new(LATENCY);
    let (mut client, mut server) = (Node::start(&network), Node::start(&network));
    let (id, back) = client.connect(&mut server).await;
    server
        .transport
        .set_impairment(Link::All, Impairment::CUT)
        .unwrap();
    for n in 0..3 {
        client.transport.send(id, Message::new(0, vec![n])).unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.events.try_recv(), None);
    server
        .transport
        .set_impairment(Link::All, Impairment::NONE)
        .unwrap();
    for n in 0..3 {
        assert_eq!(server.message().await.data, [n]);
    }
    let start = Instant::now();
    client
        .transport
        .set_impairment(Link::All, Impairment::CUT)
        .unwrap();
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::Timeout
        }
    );
    assert_eq!(
        server.next().await,
        Event::Down {
            id: back,
            cause: Cause::Timeout
        }
    );
    let demo = AssociationConfig::demo();
    assert_eq!(
        start.elapsed().as_millis(),
        (demo.heartbeat_interval * (demo.max_retransmissions + 1)).as_millis()
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_listening_refuses_and_aborts_and_closes_are_told() {
    let network = Network::new(LATENCY);
    let (mut client, mut server) = (Node::start(&network), Node::start(&network));
    let id = client
        .transport
        .connect(0, Peer::new(server.transport.local_addresses()[0], 1), None);
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::Refused
        }
    );
    let (id, back) = client.connect(&mut server).await;
    client.transport.abort(id);
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::LocalAbort
        }
    );
    assert_eq!(
        server.next().await,
        Event::Down {
            id: back,
            cause: Cause::PeerAbort(String::new())
        }
    );
    let (id, _) = client.connect(&mut server).await;
    server.transport.close();
    assert_eq!(
        client.next().await,
        Event::Down {
            id,
            cause: Cause::PeerAbort(String::new())
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stops_holds_the_sender_back() {
    let network = Network::new(LATENCY);
    let mut client = Node::start(&network);
    let (transport, events) = network.start(Config {
        event_queue: 1,
        ..Config::demo()
    });
    transport.listen(PORT).unwrap();
    let mut server = Node { transport, events };
    let (id, _) = client.connect(&mut server).await;
    let message = |n: u32| Message::new(0, n.to_be_bytes().repeat(1000));
    let mut sent = 0;
    // A second of silence in virtual time is as good as an eternity.
    loop {
        match client.transport.send(id, message(sent)) {
            Ok(()) => sent += 1,
            Err(SendError::Full(_)) => {
                if tokio::time::timeout(Duration::from_secs(1), client.next())
                    .await
                    .is_err()
                {
                    break;
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(sent < 1000, "{sent} messages of 4 kB went away");
    for n in 0..sent {
        assert_eq!(server.message().await, message(n));
    }
    assert_eq!(client.next().await, Event::Writable { id });
}
