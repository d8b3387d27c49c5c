//! Feeds that lie. Their events pass through the feed decoder, and must not take a significant amount of memory.

use std::time::Duration;

use events::pool_user::{self, FailoverReason, SessionId};
use feed::{
    ComponentIdentity, Decoder, Home, Impairment, LinkTarget, PeerEntry, PeerState, Registration, Status,
};

use super::*;

/// A text longer than any real one.
fn long() -> String {
    "x".repeat(100_000)
}

/// More addresses than any real endpoint has.
fn many() -> Vec<IpAddr> {
    vec![IpAddr::from([0_u16; 8]); 20_000]
}

fn far(port: u16) -> TransportAddress {
    TransportAddress {
        addresses: many(),
        port,
    }
}

impl Fixture {
    /// Writes this event to a component's feed.
    fn write(&mut self, id: ComponentId, event: Event) {
        let stamped = Stamped { at: self.now, event };
        let mut decoder = Decoder::default();
        decoder.extend(
            &Frame {
                stamped,
                bytes: Vec::new(),
            }
            .encode(),
        );
        while let Some(frame) = decoder.next_frame().expect("it is a feed") {
            self.change(id, Change::Feed(Box::new(frame)));
        }
    }

    /// Returns the memory of texts and address lists that feeds can make the model keep, in bytes.
    fn memory(&self) -> usize {
        let addresses = |list: &Vec<IpAddr>| list.capacity() * size_of::<IpAddr>();
        let model = &self.model;
        let components = model.components.values().map(|component| {
            let entries = component.entries.iter();
            let entries = entries.map(|entry| entry.policy.capacity());
            let failovers = component.failovers.iter();
            entries.sum::<usize>()
                + component.entries.capacity() * size_of::<HandlespaceEntry>()
                + failovers
                    .map(|failover| failover.reason.capacity())
                    .sum::<usize>()
                + component.status.capacity()
                + component.policy.as_ref().map_or(0, String::capacity)
                + component.problem.as_ref().map_or(0, String::capacity)
                + addresses(&component.addresses)
                + component.impairments.capacity() * size_of::<(LinkTarget, Impairment)>()
                + component.registrar.peers.capacity() * size_of::<PeerEntry>()
        });
        let messages = model.messages.records.iter().map(|record| {
            record.name.capacity() + record.summary.capacity() + addresses(&record.remote.addresses)
        });
        let keys = model.associations.keys();
        let associations = keys.map(|key| addresses(&key.0.addresses) + addresses(&key.1.addresses));
        let entries = model.timeline.entries.iter();
        let entries = entries.map(|entry| entry.text.capacity());
        components.sum::<usize>()
            + messages.sum::<usize>()
            + associations.sum::<usize>()
            + entries.sum::<usize>()
    }

    /// Writes events to a component's feed, each with another number, and checks what is kept of them.
    #[track_caller]
    fn check(&mut self, id: ComponentId, times: u32, mut event: impl FnMut(u32) -> Event) {
        let before = self.memory();
        for number in 0..times {
            self.write(id, event(number));
        }
        let kept = self.memory().saturating_sub(before);
        let what: String = format!("{:?}", event(0)).chars().take(100).collect();
        assert!(kept < 60_000, "{kept} bytes are kept of {what}");
    }
}

#[test]
fn long_texts_take_no_memory() {
    let mut fixture = Fixture::set();
    let message = |name: String, summary: String, remote| Event::Message {
        direction: Direction::Sent,
        association: None,
        remote,
        ppid: wire::Ppid::ASAP,
        name,
        summary,
        size: 1,
    };
    fixture.check(PE, 10, |_| message(long(), String::new(), end(PR)));
    fixture.check(PE, 10, |_| message(String::new(), long(), end(PR)));
    fixture.check(PE, 10, |_| Event::Problem { text: long() });
    fixture.check(PE, 1, |_| Event::Status {
        ready: true,
        status: Status::PoolElement {
            registration: Registration::Registered {
                home: Home::At(far(3863)),
            },
            sessions: 0,
        },
    });
    fixture.check(PE, 1, |_| Event::Goodbye { reason: long() });
    fixture.check(PU, 10, |session| {
        Event::PoolUser(pool_user::Event::FailoverStarted {
            session: SessionId(session),
            pe_identifier: pool_element(PE),
            reason: FailoverReason::Application(long()),
            has_cookie: true,
            silent_for: Duration::ZERO,
        })
    });
    fixture.check(PR, 1, |_| {
        let entry = HandlespaceEntry {
            policy: long(),
            ..entry(PE, PR)
        };
        handlespace(vec![entry])
    });
}

#[test]
fn long_lists_take_no_memory() {
    let mut fixture = Fixture::set();
    fixture.check(PE, 1, |_| Event::Hello {
        component: ComponentIdentity::PoolElement(pool_element(PE)),
        version: String::new(),
        pid: 1,
        addresses: many(),
        transport: String::new(),
        pool_handle: None,
        policy: Some(String::new()),
    });
    fixture.check(PE, 10, |number| Event::AssociationUp {
        association: u64::from(number).into(),
        protocol: Protocol::Asap,
        local: end(PE),
        remote: far(number as u16 + 1),
        inbound: false,
        peer: None,
    });
    fixture.check(PE, 10, |_| Event::Message {
        direction: Direction::Received,
        association: None,
        remote: far(1),
        ppid: wire::Ppid::ASAP,
        name: String::new(),
        summary: String::new(),
        size: 1,
    });
    fixture.check(PE, 1, |_| Event::Impairments {
        links: vec![(LinkTarget::All, Impairment::UNPLUGGED); 1_500],
    });
    fixture.check(PR, 1, |_| handlespace(vec![entry(PE, PR); 1_000]));
    fixture.check(PR, 1, |_| Event::Peers {
        peers: (0..1_500)
            .map(|identifier| PeerEntry {
                identifier: RegistrarIdentifier(identifier),
                state: PeerState::Active,
                association: None,
                announced_checksum: None,
                local_checksum: 0,
                pool_elements: 0,
            })
            .collect(),
    });
}

#[test]
fn what_is_too_long_for_any_event_is_not_even_read() {
    let mut fixture = Fixture::set();
    fixture.write(
        PE,
        Event::Problem {
            text: "x".repeat(Frame::LONGEST_TEXT),
        },
    );
    assert_eq!(fixture.component(PE).problem, None);
}

#[test]
fn a_process_has_one_identity() {
    let mut fixture = Fixture::set();
    let hello = |number| Event::Hello {
        component: ComponentIdentity::PoolElement(PeIdentifier(number)),
        version: String::new(),
        pid: 1,
        addresses: vec![ip(PE)],
        transport: String::new(),
        pool_handle: None,
        policy: None,
    };
    for number in 1_000..2_000 {
        fixture.feed(PE, hello(number));
    }
    assert_eq!(
        fixture.component(PE).identity,
        Some(ComponentIdentity::PoolElement(pool_element(PE)))
    );
    assert_eq!(fixture.component(PE).ignored_events, 1_000);
    assert_eq!(
        fixture.model.pool_element_name(PeIdentifier(1_000)),
        "PE 0x000003e8"
    );
    // Another process may have another identity.
    fixture.kill(PE);
    fixture.change(PE, Change::Spawned { pid: 2 });
    fixture.feed(PE, hello(1_000));
    assert_eq!(
        fixture.component(PE).identity,
        Some(ComponentIdentity::PoolElement(PeIdentifier(1_000)))
    );
}

#[test]
fn associations_of_many_addresses_are_believed_up_to_a_limit() {
    let mut fixture = Fixture::set();
    let addresses = |first: u8| (0..8).map(|last| IpAddr::from([127, 1, first, last])).collect();
    for number in 0..4_000 {
        fixture.feed(
            PE,
            Event::AssociationUp {
                association: number.into(),
                protocol: Protocol::Asap,
                local: TransportAddress {
                    addresses: addresses(1),
                    port: 1,
                },
                remote: TransportAddress {
                    addresses: addresses(2),
                    port: number as u16 + 2,
                },
                inbound: false,
                peer: None,
            },
        );
    }
    assert_eq!(fixture.model.associations.len(), 256);
    assert!(fixture.model.index.pairs.len() <= 16_384);
    // Plausible associations are accepted by the thousand.
    for number in 0..3_000 {
        fixture.feed(
            PU,
            Event::AssociationUp {
                association: number.into(),
                protocol: Protocol::Asap,
                local: end(PU),
                remote: TransportAddress {
                    addresses: vec![ip(PR)],
                    port: number as u16 + 2,
                },
                inbound: false,
                peer: None,
            },
        );
    }
    assert_eq!(fixture.model.associations.len(), 3_256);
}
