//! A transport with its events, for which a test can wait.

use std::io::Write;
use std::sync::LazyLock;
use std::time::Duration;

use transport::{
    AssociationConfig, AssociationId, BackEnd, Cause, Choice, Config, Event, Events, Message, Peer,
    Transport, kernel,
};

/// How long a test waits for an event: not an expectation, but a limit for a test that would hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Turns functions that take a back end into tests, one for each back end.
macro_rules! on_each_back_end {
    ($($name:ident),* $(,)?) => {
        mod user_space {
            $(#[tokio::test]
            async fn $name() {
                super::$name(transport::BackEnd::UserSpace).await;
            })*
        }

        mod kernel {
            $(#[tokio::test]
            async fn $name() {
                if crate::node::kernel_has_sctp() {
                    super::$name(transport::BackEnd::Kernel).await;
                }
            })*
        }
    };
}

/// Returns whether the kernel's SCTP can be tested. If not, prints that despite the test harness, which hides the
/// output of tests.
pub(crate) fn kernel_has_sctp() -> bool {
    static OUTCOME: LazyLock<bool> = LazyLock::new(|| match kernel::probe() {
        Ok(()) => true,
        Err(error) => {
            let text = format!("\nSKIPPED: all tests of the kernel's SCTP, for {error}\n\n");
            std::io::stderr()
                .write_all(text.as_bytes())
                .expect("standard error is there");
            assert!(
                std::env::var_os("POOLSCOPE_REQUIRE_KERNEL_SCTP").is_none(),
                "{error}"
            );
            false
        }
    });
    *OUTCOME
}

pub(crate) struct Node {
    pub(crate) transport: Transport,
    pub(crate) events: Events,
}

impl Node {
    pub(crate) fn start(back_end: BackEnd) -> Self {
        Self::start_with(back_end, Config::demo())
    }

    pub(crate) fn start_with(back_end: BackEnd, config: Config) -> Self {
        let choice = match back_end {
            BackEnd::Kernel => Choice::Kernel,
            BackEnd::UserSpace | BackEnd::Memory => Choice::UserSpace,
        };
        let (transport, events) = transport::start(choice, config).expect("a loopback address is free");
        assert_eq!(transport.capabilities().back_end, back_end);
        Self { transport, events }
    }

    /// Returns how others reach one of its ports.
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

    /// Waits for the end of an association, ignoring other events.
    pub(crate) async fn down(&mut self) -> (AssociationId, Cause) {
        loop {
            if let Event::Down { id, cause } = self.next().await {
                return (id, cause);
            }
        }
    }

    /// Sends as soon as there is room. Returns the events that arrived meanwhile.
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

/// Returns two nodes with an association from the first to the second.
pub(crate) async fn connected(
    back_end: BackEnd,
    config: AssociationConfig,
) -> (Node, AssociationId, Node, AssociationId) {
    let config = Config {
        association: config,
        ..Config::default()
    };
    let mut client = Node::start_with(back_end, config.clone());
    let mut server = Node::start_with(back_end, config);
    let port = server.transport.listen(0).expect("a port is free");
    client.transport.connect(0, server.peer(port), None);
    let (at_client, at_server) = (client.up().await, server.up().await);
    (client, at_client, server, at_server)
}
