//! Registrars that lie, flood, or send garbage.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

mod support;

use std::time::Duration;

use protocol::registrar::{Event, PeerState};
use protocol::{AssociationId, Config, Core, DownCause, Endpoint, MulticastGroup, Registrar, Time};
use support::peers::{
    OTHER, PEER, connect, hear, identifiers, owned, presence, quiet, receive_enrp, say, update, with_config,
    with_peer,
};
use support::registrar::{milliseconds, register};
use support::scope::registrar_settings;
use support::{Stand, data_only, element, handle, registration, server_information};
use wire::enrp::{Body, HandleTableResponse, ListResponse, Message, PoolEntry, Presence, UpdateAction};
use wire::{Ppid, RegistrarIdentifier};

fn complaints(events: &[Event]) -> usize {
    let complaint = |event: &&Event| matches!(event, Event::Discarded { .. });
    events.iter().filter(complaint).count()
}

fn states(stand: &Stand<Registrar>) -> Vec<(u32, PeerState)> {
    let peers = stand.core.peers();
    peers.map(|peer| (peer.identifier().0, peer.state())).collect()
}

/// Returns all ENRP messages of the protocol reference, good and bad, as bytes.
fn vectors() -> Vec<Vec<u8>> {
    let text = include_str!("../../wire/tests/vectors/vectors.json");
    let hex = text.split("\"hex\": \"").skip(1);
    hex.map(|rest| {
        let digits = rest.split('"').next().unwrap();
        let byte = |index| u8::from_str_radix(&digits[index..index + 2], 16).unwrap();
        (0..digits.len()).step_by(2).map(byte).collect()
    })
    .collect()
}

/// Sends every message, whole and damaged, from many registrars over associations that come and go.
fn besiege(mut stand: Stand<Registrar>) {
    let associations: Vec<AssociationId> = (0..6).map(AssociationId::incoming).collect();
    let mut answers = 0;
    let mut heard = 0;
    let vectors = vectors();
    for (round, message) in vectors.iter().chain(&vectors).chain(&vectors).enumerate() {
        let association = associations[round % associations.len()];
        if round % 5 == 0 {
            let address = format!("10.0.0.{}", round % 6 + 1);
            stand.up(association, Endpoint::Enrp, &address);
        }
        for variant in 0..8 {
            let mut bytes = message.clone();
            let middle = bytes.len() / 2;
            match variant {
                1 => bytes.truncate(middle),
                2 => bytes[round % middle.max(1)] ^= 1 << (round % 8),
                3 => bytes[middle] ^= 0x55,
                // From this registrar's peers, and about them.
                4.. if bytes.len() >= 16 => {
                    bytes[4..8].copy_from_slice(&[0, 0, 0, (round % 4) as u8 + 1]);
                    if matches!(bytes[0], 7..=9) {
                        bytes[12..16].copy_from_slice(&[0, 0, 0, variant as u8 - 3]);
                    }
                }
                _ => {}
            }
            let outcome = stand.receive_bytes(association, Ppid::ENRP, &bytes);
            answers += outcome.enrp_sent.len();
            heard += 1;
            let source = "10.0.0.77:9901".parse().unwrap();
            stand
                .core
                .handle_datagram(stand.now, MulticastGroup::Enrp, source, &bytes);
            for (call, _, _) in stand.outcome().connects {
                if round % 2 == 0 {
                    stand.up(call, Endpoint::Enrp, "10.0.0.9");
                } else {
                    stand.down(call, DownCause::Refused);
                }
            }
        }
        stand.pass(milliseconds(37));
        if round % 11 == 0 {
            stand.restarted(association);
        }
        if round % 13 == 0 {
            stand.down(association, DownCause::Timeout);
        }
    }
    assert!(heard > 4000);
    // Each message may be an update to all peers, or lead to one.
    assert!(answers < 8 * heard, "{answers} answers to {heard} messages");
    stand.pass(Duration::from_secs(600));
    assert_eq!(stand.core.peers().count(), 0);
    assert!(stand.core.handlespace().is_empty());
}

#[test]
fn a_registrar_stands_any_message_of_its_peers_in_any_state() {
    let mut stand = Stand::new(Registrar::new(Time::ZERO, quiet(1), Config::demo(), 1));
    stand.outcome();
    besiege(stand);
}

#[test]
fn a_starting_registrar_stands_them_too() {
    let config = Config {
        // It never completes its start-up by itself.
        mentor_discovery: Duration::from_secs(7),
        ..Config::demo()
    };
    let mut stand = Stand::new(Registrar::new(Time::ZERO, registrar_settings(1), config, 1));
    stand.outcome();
    besiege(stand);
}

#[test]
fn this_registrars_own_identifier_is_nobody_elses() {
    let mut stand = with_peer();
    let liar = AssociationId::incoming(20);
    stand.up(liar, Endpoint::Enrp, "10.0.0.66");
    let first = hear(&mut stand, 1, liar, presence(0x1234));
    assert_eq!(complaints(&first.events), 1);
    let second = hear(&mut stand, 1, liar, Body::TakeoverServer(RegistrarIdentifier(1)));
    assert_eq!(complaints(&second.events), 0, "said once");
    assert!(second.enrp_sent.is_empty());
    assert_eq!(states(&stand), [(2, PeerState::Active)]);
    // Nor does it wait long for those that send nothing else.
    assert_eq!(stand.pass(milliseconds(1001)).aborts, [liar]);
}

#[test]
fn a_peers_identifier_cannot_be_used_from_another_host() {
    let mut stand = with_peer();
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    let liar = AssociationId::incoming(20);
    stand.up(liar, Endpoint::Enrp, "10.0.0.66");
    hear(&mut stand, 2, liar, update(UpdateAction::DelPe, owned(5, 2)));
    hear(&mut stand, 2, liar, update(UpdateAction::AddPe, owned(6, 2)));
    assert_eq!(identifiers(&stand), [(5, 2)]);
    // Even while the peer itself is not connected.
    stand.down(PEER, DownCause::Timeout);
    hear(&mut stand, 2, liar, update(UpdateAction::DelPe, owned(5, 2)));
    assert_eq!(identifiers(&stand), [(5, 2)]);
    connect(&mut stand, 2, OTHER);
    assert_eq!(states(&stand), [(2, PeerState::Active)]);
}

#[test]
fn an_association_has_one_registrar() {
    let mut stand = with_peer();
    say(&mut stand, 3, PEER, presence(0xffff));
    say(&mut stand, 4, PEER, presence(0xffff));
    assert_eq!(states(&stand), [(2, PeerState::Active)]);
}

#[test]
fn takeovers_of_those_that_live_change_nothing() {
    let mut stand = with_peer();
    connect(&mut stand, 3, OTHER);
    let element = AssociationId::incoming(30);
    stand.up(element, Endpoint::Asap, "10.0.0.60");
    register(&mut stand, element, &registration(31, "10.0.0.60"));
    say(&mut stand, 3, OTHER, update(UpdateAction::AddPe, owned(5, 3)));
    for target in [3, 1, 2, 77] {
        let target = RegistrarIdentifier(target);
        let outcome = hear(&mut stand, 2, PEER, Body::TakeoverServer(target));
        assert!(outcome.aborts.is_empty());
    }
    assert_eq!(identifiers(&stand), [(5, 3), (31, 1)]);
    assert_eq!(states(&stand), [(2, PeerState::Active), (3, PeerState::Active)]);
    // Nor if they are announced, as long as there has been no time to deny it.
    for target in [3, 1] {
        let target = RegistrarIdentifier(target);
        say(&mut stand, 2, PEER, Body::InitTakeover(target));
        let outcome = hear(&mut stand, 2, PEER, Body::TakeoverServer(target));
        assert!(outcome.aborts.is_empty());
    }
    assert_eq!(identifiers(&stand), [(5, 3), (31, 1)]);
}

#[test]
fn lists_of_thousands_and_forged_presences_are_bounded() {
    let config = Config {
        max_peers: 16,
        ..Config::demo()
    };
    let mut settings = registrar_settings(1);
    settings.announce = false;
    let mut stand = Stand::new(Registrar::new(Time::ZERO, settings, config, 1));
    stand.outcome();
    stand.up(PEER, Endpoint::Enrp, "10.0.0.2");
    receive_enrp(&mut stand, presence(0xffff));
    let servers = (100..1600)
        .map(|number| server_information(number, "10.7.7.7"))
        .collect();
    let rejected = false;
    let response = hear(&mut stand, 2, PEER, ListResponse { rejected, servers });
    assert!(response.connects.len() <= 16);
    assert!(stand.core.peers().count() <= 16);
    let mut connects = 0;
    for number in 0..3000u32 {
        let forged = Message {
            sender: RegistrarIdentifier(10_000 + number),
            receiver: RegistrarIdentifier::UNDETERMINED,
            body: Body::from(Presence {
                reply_required: true,
                server_information: Some(server_information(10_000 + number, "10.8.8.8")),
                ..presence(0)
            }),
        };
        let source = format!("10.6.{}.{}:9901", number / 250, number % 250)
            .parse()
            .unwrap();
        stand
            .core
            .handle_datagram(stand.now, MulticastGroup::Enrp, source, &forged.encode());
        for (call, _, _) in stand.outcome().connects {
            connects += 1 + stand.down(call, DownCause::Refused).connects.len();
        }
        stand.pass(milliseconds(1));
        if number % 100 == 0 {
            receive_enrp(&mut stand, presence(0xffff));
        }
    }
    assert!(connects < 3 * 2 * 33, "{connects} calls in three seconds");
    // There is room for an honest one nevertheless.
    connect(&mut stand, 3, OTHER);
    assert!(states(&stand).contains(&(3, PeerState::Active)));
    assert!(states(&stand).contains(&(2, PeerState::Active)));
}

#[test]
fn one_host_does_not_take_all_associations() {
    let mut stand = with_peer();
    let mut aborted = 0;
    for number in 100..200 {
        let outcome = stand.up(AssociationId::incoming(number), Endpoint::Enrp, "10.0.0.66");
        aborted += outcome.aborts.len();
    }
    assert_eq!(aborted, 84);
    connect(&mut stand, 3, OTHER);
    assert_eq!(states(&stand).len(), 2);
}

#[test]
fn rubbish_is_complained_about_once() {
    let mut stand = with_peer();
    let mut said = 0;
    for _ in 0..1000 {
        let outcome = stand.receive_bytes(PEER, Ppid::ENRP, &[0x01, 0, 0, 9, 1, 2, 3]);
        said += complaints(&outcome.events);
        let unasked = HandleTableResponse {
            rejected: false,
            more_to_send: true,
            entries: Vec::new(),
        };
        said += complaints(&hear(&mut stand, 2, PEER, unasked).events);
        said += complaints(&hear(&mut stand, 2, PEER, update(UpdateAction::AddPe, owned(5, 3))).events);
    }
    assert_eq!(said, 3);
    assert!(stand.core.handlespace().is_empty());
}

#[test]
fn unknown_messages_are_reported_and_errors_are_not_answered() {
    let mut stand = with_peer();
    let outcome = stand.receive_bytes(PEER, Ppid::ENRP, &[0x55, 0, 0, 4]);
    let [(_, error)] = &outcome.enrp_sent[..] else {
        panic!("{outcome:?}");
    };
    assert!(matches!(&error.body, Body::Error(causes) if causes.len() == 1));
    assert_eq!(error.receiver, RegistrarIdentifier(2));
    let answered = hear(&mut stand, 2, PEER, error.body.clone());
    assert!(answered.enrp_sent.is_empty());
    assert!(
        answered
            .events
            .iter()
            .any(|event| matches!(event, Event::ErrorReceived { .. }))
    );
    assert!(
        stand
            .receive_bytes(PEER, Ppid::ENRP, &[0x15, 0, 0, 4])
            .enrp_sent
            .is_empty()
    );
}

#[test]
fn the_wrong_payload_protocol_ends_the_association() {
    let mut stand = with_peer();
    let outcome = stand.receive_bytes(PEER, Ppid::ASAP, &[1, 0, 0, 4]);
    assert!(outcome.aborts.contains(&PEER));
}

#[test]
fn no_peer_keeps_pool_elements_from_registering() {
    let config = Config {
        max_pool_elements: 80,
        max_pools: 16,
        ..Config::demo()
    };
    let mut stand = with_config(config);
    for number in 1..=200 {
        let mut add = update(UpdateAction::AddPe, owned(number, 2));
        if number % 2 == 0 {
            add.pool_handle = wire::PoolHandle::new(format!("pool {number}").as_bytes()).unwrap();
        }
        receive_enrp(&mut stand, add);
    }
    assert!(stand.core.handlespace().len() <= 70);
    assert!(stand.core.handlespace().pool_count() <= 14);
    let element = AssociationId::incoming(30);
    stand.up(element, Endpoint::Asap, "10.0.0.60");
    assert!(!register(&mut stand, element, &registration(1000, "10.0.0.60")).0);
}

#[test]
fn floods_of_messages_are_bounded() {
    let mut stand = with_peer();
    let asks = Presence {
        reply_required: true,
        ..presence(0xffff)
    };
    let answers: usize = (0..10_000)
        .map(|_| receive_enrp(&mut stand, asks.clone()).len())
        .sum();
    assert!(answers <= 2001, "{answers}");
    let mut updates = 0;
    for number in 0..30_000 {
        receive_enrp(
            &mut stand,
            update(UpdateAction::AddPe, owned(number % 1000 + 1, 2)),
        );
        updates += 1;
    }
    assert_eq!(updates, 30_000);
    stand.pass(Duration::from_secs(1));
    assert!(!receive_enrp(&mut stand, asks).is_empty());
}

#[test]
fn a_lying_mentor_does_not_keep_a_registrar_from_serving() {
    let config = Config {
        max_pool_elements: 1000,
        ..Config::demo()
    };
    let mut stand = Stand::new(Registrar::new(Time::ZERO, registrar_settings(1), config, 1));
    stand.outcome();
    stand.up(PEER, Endpoint::Enrp, "10.0.0.2");
    receive_enrp(&mut stand, presence(0xffff));
    let rejected = false;
    let servers = Vec::new();
    receive_enrp(&mut stand, ListResponse { rejected, servers });
    let mut parts = 0;
    while !stand.core.is_in_service() {
        parts += 1;
        assert!(parts < 5000);
        let mut pool_element = element(parts, "10.0.0.50");
        pool_element.home_registrar = RegistrarIdentifier(2);
        pool_element.asap_transport = Some(data_only("10.0.0.50", 4000));
        let entries = vec![PoolEntry {
            pool_handle: handle(),
            pool_elements: vec![pool_element],
        }];
        let more_to_send = true;
        receive_enrp(
            &mut stand,
            HandleTableResponse {
                rejected,
                more_to_send,
                entries,
            },
        );
        stand.pass(milliseconds(20));
    }
    assert!(
        stand.now - Time::ZERO <= Duration::from_secs(4),
        "{:?}",
        stand.now
    );
}
