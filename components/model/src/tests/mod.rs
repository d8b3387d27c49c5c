//! How updates change the model, with feeds that the tests write.

mod anything;
mod associations;
mod damage;
mod damaged;
mod external;
mod failovers;
mod history;
mod impairments;
mod lies;
mod messages;
mod processes;
mod recorded;
mod registrars;
mod removal;
mod revision;
mod settings;
mod shared;
mod takeovers;
mod timeline;

use std::net::IpAddr;
use std::time::Duration;

use feed::{
    ComponentRole, Direction, DownCause, Event, Frame, HandlespaceEntry, Protocol, Stamped, Timestamp,
    TransportAddress,
};

use crate::{Change, Component, ComponentId, Ending, Fault, Model, Update};
use scenario::ComponentSpec;
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

/// A model, and a clock that advances by a millisecond with each update.
///
/// When it is dropped, its updates are applied again, to models that have been written into records and read from them in
/// between: they must become the same.
#[derive(Default)]
struct Fixture {
    model: Model,
    now: Timestamp,
    updates: Vec<Update>,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            recorded::check(&self.updates);
        }
    }
}

/// A duration in milliseconds.
const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The point in time this many milliseconds after the origin.
const fn moment(milliseconds: u64) -> Timestamp {
    Timestamp::from_micros(milliseconds * 1_000)
}

/// A pool user, a registrar and two pool elements, which have said hello from 127.0.0.1 to 127.0.0.4.
const PU: ComponentId = ComponentId(1);
const PR: ComponentId = ComponentId(2);
const PE: ComponentId = ComponentId(3);
const PE2: ComponentId = ComponentId(4);

impl Fixture {
    fn set() -> Self {
        let mut fixture = Self::default();
        for (id, role, name) in [
            (PU, ComponentRole::PoolUser, "PU 1"),
            (PR, ComponentRole::Registrar, "PR 1"),
            (PE, ComponentRole::PoolElement, "PE 1"),
            (PE2, ComponentRole::PoolElement, "PE 2"),
        ] {
            fixture.add(id, role, name);
            fixture.hello(id);
        }
        fixture
    }

    fn add(&mut self, id: ComponentId, role: ComponentRole, name: &str) {
        self.change(
            id,
            Change::Added {
                name: name.into(),
                spec: Box::new(ComponentSpec::new(role)),
            },
        );
        self.change(id, Change::Spawned { pid: 1000 + id.0 });
    }

    fn hello(&mut self, id: ComponentId) {
        let role = self.component(id).role();
        self.feed(
            id,
            Event::Hello {
                component: feed::ComponentIdentity::new(role, identifier(id).into()).expect("a small number"),
                version: String::new(),
                pid: 1000 + id.0,
                addresses: vec![ip(id)],
                transport: "user".into(),
                pool_handle: None,
                policy: None,
            },
        );
    }

    fn change(&mut self, component: ComponentId, change: Change) {
        self.now += ms(1);
        self.apply(Update::Component {
            component,
            at: self.now,
            change,
        });
    }

    fn apply(&mut self, update: Update) {
        self.updates.push(update.clone());
        self.model.apply(update);
    }

    fn feed(&mut self, id: ComponentId, event: Event) {
        self.feed_with(id, event, Vec::new());
    }

    fn feed_with(&mut self, id: ComponentId, event: Event, bytes: Vec<u8>) {
        let frame = Frame {
            stamped: Stamped {
                at: self.now + ms(1),
                event,
            },
            bytes,
        };
        self.change(id, Change::Feed(Box::new(frame)));
    }

    fn component(&self, id: ComponentId) -> &Component {
        &self.model.components[&id]
    }

    fn up(&mut self, here: ComponentId, there: ComponentId, number: u64) {
        self.feed(
            here,
            Event::AssociationUp {
                association: number.into(),
                protocol: Protocol::Application,
                local: end(here),
                remote: end(there),
                inbound: here > there,
                peer: None,
            },
        );
    }

    fn down(&mut self, here: ComponentId, there: ComponentId, number: u64) {
        self.feed(
            here,
            Event::AssociationDown {
                association: number.into(),
                remote: end(there),
                cause: DownCause::Unreachable,
            },
        );
    }

    fn message(&mut self, id: ComponentId, direction: Direction, other: ComponentId, size: u32) {
        self.message_on(id, direction, Some(1), other, size);
    }

    fn message_on(
        &mut self,
        id: ComponentId,
        direction: Direction,
        association: Option<u64>,
        other: ComponentId,
        size: u32,
    ) {
        self.feed_with(
            id,
            Event::Message {
                direction,
                association: association.map(Into::into),
                remote: end(other),
                ppid: wire::Ppid::ASAP,
                name: "ASAP_REGISTRATION".into(),
                summary: String::new(),
                size,
            },
            vec![0; 4],
        );
    }

    fn end(&mut self, id: ComponentId, ending: Ending) {
        self.change(id, Change::Ended(ending));
    }

    fn kill(&mut self, id: ComponentId) -> Timestamp {
        self.change(id, Change::Fault(Fault::Kill));
        let at = self.now;
        self.end(id, Ending::Killed);
        at
    }

    /// Checks the latest sentence of the timeline.
    #[track_caller]
    fn told(&self, expected: &str) {
        let latest = self.model.timeline.entries.back();
        assert_eq!(latest.map(|entry| entry.text.as_str()), Some(expected));
    }
}

fn ip(id: ComponentId) -> IpAddr {
    IpAddr::from([127, 0, 0, id.0 as u8])
}

fn end(id: ComponentId) -> TransportAddress {
    TransportAddress {
        addresses: vec![ip(id)],
        port: 5000,
    }
}

fn identifier(id: ComponentId) -> u32 {
    id.0 * 0x11
}

fn pool_element(id: ComponentId) -> PeIdentifier {
    PeIdentifier(identifier(id))
}

fn registrar(id: ComponentId) -> RegistrarIdentifier {
    RegistrarIdentifier(identifier(id))
}

fn entry(element: ComponentId, home: ComponentId) -> HandlespaceEntry {
    HandlespaceEntry {
        pool_handle: PoolHandle::new(b"pool").expect("a short handle"),
        pe_identifier: pool_element(element),
        home_registrar: registrar(home),
        policy: "LeastUsed".into(),
        load: None,
    }
}

fn handlespace(entries: Vec<HandlespaceEntry>) -> Event {
    Event::Handlespace {
        pools: 1,
        pool_elements: entries.len() as u32,
        owned: entries.len() as u32,
        peers: 0,
        checksum: 0,
        entries,
    }
}
