//! A transport with the events that a test waits for.

use std::time::Duration;

use transport::{
    AssociationConfig, AssociationId, Cause, Config, Event, Events, Message, Peer, Transport, user_space,
};

/// How long a test may wait for an event. No expectation, only an end for a test that would hang.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Node {
    pub(crate) transport: Transport,
    pub(crate) events: Events,
}

impl Node {
    pub(crate) fn start() -> Self {
        Self::start_with(Config::demo())
    }

    pub(crate) fn start_with(config: Config) -> Self {
        let (transport, events) = user_space::start(config).expect("a loopback address is free");
        Self { transport, events }
    }

    /// How others reach a port of it.
    pub(crate) fn peer(&self, port: u16) -> Peer {
        Peer {
            addresses: self.transport.local_addresses().to_vec(),
            port,
        }
    }

    pub(crate) async fn next(&mut self) -> Event {
        let event = tokio::time::timeout(PATIENCE, self.events.recv())
            .await
            .expect("an event comes");
        event.expect("the transport has not ended")
    }

    pub(crate) async fn up(&mut self) -> AssociationId {
        match self.next().await {
            Event::Up { id, .. } => id,
            other => panic!("{other:?} instead of up"),
        }
    }

    pub(crate) async fn message(&mut self) -> Message {
        match self.next().await {
            Event::Message { message, .. } => message,
            other => panic!("{other:?} instead of a message"),
        }
    }

    /// Waits for the end of an association, whatever comes before.
    pub(crate) async fn down(&mut self) -> (AssociationId, Cause) {
        loop {
            if let Event::Down { id, cause } = self.next().await {
                return (id, cause);
            }
        }
    }

    /// Sends as soon as there is room. Returns what has come meanwhile.
    pub(crate) async fn send(&mut self, id: AssociationId, mut message: Message) -> Vec<Event> {
        let mut meanwhile = Vec::new();
        loop {
            match self.transport.send(id, message) {
                Ok(()) => return meanwhile,
                Err(transport::SendError::Full(back)) => message = back,
                Err(error) => panic!("{error}"),
            }
            loop {
                match self.next().await {
                    Event::Writable { id: writable } if writable == id => break,
                    other => meanwhile.push(other),
                }
            }
        }
    }
}

/// Two nodes with an association from the first to the second.
pub(crate) async fn connected(config: AssociationConfig) -> (Node, AssociationId, Node, AssociationId) {
    let config = Config {
        association: config,
        ..Config::default()
    };
    let mut client = Node::start_with(config.clone());
    let mut server = Node::start_with(config);
    let port = server.transport.listen(0).expect("a port is free");
    client.transport.connect(0, server.peer(port), None);
    let (at_client, at_server) = (client.up().await, server.up().await);
    (client, at_client, server, at_server)
}
