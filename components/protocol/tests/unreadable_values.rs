//! A registrar can pass on what it accepts: no value of a peer makes one of our messages unreadable, and an
//! unreadable value in a received message does not invalidate the rest of it.

mod support;

use std::net::IpAddr;
use std::time::Duration;

use protocol::{AssociationEvent, AssociationId, Config, Core, Endpoint, Registrar, Time, TransportAddress};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use support::peers::{PEER, hear, identifiers, owned, presence, quiet, receive_enrp, update, with_peer};
use support::registrar::{ONE, USER, answer, resolve};
use support::scope::enrp_place;
use support::{Outcome, Stand, handle, ip, registration, rsplib};
use wire::enrp::{Body, HandleTableResponse, ListResponse, Message, PoolEntry, Presence, UpdateAction};
use wire::{PoolHandle, Ppid, RegistrarIdentifier, asap};

/// Addresses that no message can contain, or that are not usable by others.
const UNREADABLE: [&str; 9] = [
    "255.255.255.255",
    "::ffff:255.255.255.255",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "169.254.1.1",
    "fe80::1",
    "::ffff:0.0.0.0",
];

/// Returns the addresses of a host: some in front of its own, and this many behind it.
fn poisoned(own: &str, front: &[&str], behind: u8) -> Vec<IpAddr> {
    let behind = (0..behind).map(|number| IpAddr::from([10, 9, 9, number]));
    let front = front.iter().map(|address| ip(address));
    front.chain([ip(own)]).chain(behind).collect()
}

fn up(
    stand: &mut Stand<Registrar>,
    association: AssociationId,
    endpoint: Endpoint,
    addresses: Vec<IpAddr>,
    port: u16,
) {
    let event = AssociationEvent::Up {
        association,
        endpoint,
        peer: TransportAddress { addresses, port },
    };
    stand.core.handle_association(stand.now, event);
}

/// The latest messages in transit to the other side.
type Said = Vec<(AssociationId, Message)>;

/// Two registrars exchange messages until neither has any more to send.
fn talk(
    one: (&mut Stand<Registrar>, AssociationId),
    other: (&mut Stand<Registrar>, AssociationId),
    first: Said,
) {
    let mut said = first;
    let (mut from, mut to) = (one, other);
    while !said.is_empty() {
        let mut answers = Vec::new();
        for (_, message) in said.iter().filter(|(association, _)| *association == from.1) {
            let bytes = message.encode();
            answers.extend(to.0.receive_bytes(to.1, Ppid::ENRP, &bytes).enrp_sent);
        }
        said = answers;
        std::mem::swap(&mut from, &mut to);
    }
}

/// Starts another registrar with registrar 1 as its mentor.
fn start_with_mentor(stand: &mut Stand<Registrar>) -> Stand<Registrar> {
    let mut settings = quiet(2);
    settings.enrp.mentors = vec![enrp_place(1)];
    let mut starting = Stand::new(Registrar::new(Time::ZERO, settings, Config::demo(), 2));
    let (call, _, _) = starting.pass(Duration::from_millis(1)).connects[0];
    stand.up(AssociationId::incoming(50), Endpoint::Enrp, "10.0.0.2");
    let introduction = starting.up(call, Endpoint::Enrp, "10.0.0.1").enrp_sent;
    talk(
        (&mut starting, call),
        (stand, AssociationId::incoming(50)),
        introduction,
    );
    starting
}

#[test]
fn addresses_of_hostile_ends_keep_no_registrar_from_synchronizing() {
    let mut stand = Stand::new(Registrar::new(Time::ZERO, quiet(1), Config::demo(), 1));
    stand.outcome();
    // A pool element, and a registrar with another one, whose associations have every possible address.
    let addresses = poisoned("10.0.0.60", &UNREADABLE, 60);
    up(&mut stand, ONE, Endpoint::Asap, addresses, 4000);
    stand.receive(ONE, &registration(31, "10.0.0.60"));
    let addresses = poisoned("10.0.0.3", &UNREADABLE, 60);
    up(&mut stand, PEER, Endpoint::Enrp, addresses, 9901);
    hear(&mut stand, 3, PEER, presence(0xffff));
    hear(&mut stand, 3, PEER, update(UpdateAction::AddPe, owned(5, 3)));
    let honest = AssociationId::incoming(40);
    stand.up(honest, Endpoint::Asap, "10.0.0.61");
    stand.receive(honest, &registration(32, "10.0.0.61"));
    assert_eq!(identifiers(&stand), [(5, 3), (31, 1), (32, 1)]);

    let starting = start_with_mentor(&mut stand);
    assert!(starting.core.is_in_service());
    assert_eq!(identifiers(&starting), identifiers(&stand));
    let peers: Vec<u32> = starting.core.peers().map(|peer| peer.identifier().0).collect();
    assert_eq!(peers, [1, 3]);
}

#[test]
fn an_association_that_nobody_else_can_reach_registers_nothing() {
    for (addresses, port) in [
        (poisoned("fe80::1", &UNREADABLE, 0), 4000),
        (vec![ip("10.0.0.60")], 0),
    ] {
        let mut stand = Stand::new(Registrar::new(Time::ZERO, quiet(1), Config::demo(), 1));
        up(&mut stand, ONE, Endpoint::Asap, addresses, port);
        let outcome = stand.receive(ONE, &registration(31, "10.0.0.60"));
        let [(_, asap::Message::RegistrationResponse(response))] = &outcome.sent[..] else {
            panic!("{outcome:?}");
        };
        assert!(response.rejected);
        assert!(stand.core.handlespace().is_empty());
    }
}

#[test]
fn a_refusal_of_an_identifier_that_nobody_can_have_can_be_read() {
    let mut stand = with_peer();
    stand.up(ONE, Endpoint::Asap, "10.0.0.60");
    let mut bytes = registration(0x1122_3344, "10.0.0.60").encode();
    let place = bytes.windows(4).position(|four| four == [0x11, 0x22, 0x33, 0x44]);
    bytes[place.unwrap()..][..4].fill(0);
    let outcome = stand.receive_bytes(ONE, Ppid::ASAP, &bytes);
    let [(_, asap::Message::RegistrationResponse(response))] = &outcome.sent[..] else {
        panic!("{outcome:?}");
    };
    assert!(response.rejected);
    assert_eq!(response.pe_identifier.0, 0);
}

/// Replaces an address by 255.255.255.255.
fn with_broadcast(mut bytes: Vec<u8>, address: [u8; 4]) -> Vec<u8> {
    let mut places = Vec::new();
    for (place, four) in bytes.windows(4).enumerate() {
        if four == address {
            places.push(place);
        }
    }
    assert!(!places.is_empty());
    for place in places {
        bytes[place..][..4].fill(255);
    }
    bytes
}

fn enrp(sender: u32, body: impl Into<Body>) -> Vec<u8> {
    let message = Message {
        sender: RegistrarIdentifier(sender),
        receiver: RegistrarIdentifier::UNDETERMINED,
        body: body.into(),
    };
    message.encode()
}

/// Registrar 1 starts, with registrar 2 as its mentor.
fn starting() -> Stand<Registrar> {
    let mut settings = quiet(1);
    settings.enrp.mentors = vec![enrp_place(2)];
    let mut stand = Stand::new(Registrar::new(Time::ZERO, settings, Config::demo(), 1));
    stand.outcome();
    stand.up(PEER, Endpoint::Enrp, "10.0.0.2");
    receive_enrp(&mut stand, presence(0xffff));
    stand
}

#[test]
fn a_part_of_a_list_or_table_that_cannot_be_used_costs_that_part_alone() {
    let mut stand = starting();
    let server = |identifier, last| support::server_information(identifier, &format!("10.7.7.{last}"));
    let list = ListResponse {
        rejected: false,
        servers: vec![server(7, 1), server(8, 2), server(9, 3)],
    };
    let bytes = with_broadcast(enrp(2, list), [10, 7, 7, 2]);
    let outcome = stand.receive_bytes(PEER, Ppid::ENRP, &bytes);
    let peers: Vec<u32> = stand.core.peers().map(|peer| peer.identifier().0).collect();
    assert_eq!(peers, [2, 7, 9]);
    let errors = outcome
        .enrp_sent
        .iter()
        .filter(|(_, message)| matches!(message.body, Body::Error(_)));
    assert_eq!(
        errors.count(),
        1,
        "the sender is enrp_sent which part: {outcome:?}"
    );

    let from = |identifier, last| {
        let mut element = owned(identifier, 2);
        element.user_transport = support::sctp(&[&format!("10.7.8.{last}")]);
        element
    };
    let long = PoolEntry {
        pool_handle: PoolHandle::new(&[b'x'; 255]).unwrap(),
        pool_elements: vec![from(4, 4)],
    };
    let entry = PoolEntry {
        pool_handle: handle(),
        pool_elements: vec![from(1, 1), from(2, 2), from(3, 3)],
    };
    let table = HandleTableResponse {
        rejected: false,
        more_to_send: false,
        entries: vec![long, entry],
    };
    let mut bytes = with_broadcast(enrp(2, table), [10, 7, 8, 2]);
    // The handle of the first pool is one byte longer than is accepted.
    assert_eq!(&bytes[12..16], [0, 9, 1, 3]);
    bytes[14..16].copy_from_slice(&[1, 4]);
    stand.receive_bytes(PEER, Ppid::ENRP, &bytes);
    assert!(stand.core.is_in_service());
    assert_eq!(identifiers(&stand), [(1, 2), (3, 2)]);
}

#[test]
fn pool_elements_that_rsplib_would_not_take_from_this_registrar_are_not_taken() {
    let mut stand = with_peer();
    let mut unreachable = owned(5, 2);
    unreachable.asap_transport = None;
    receive_enrp(&mut stand, update(UpdateAction::AddPe, unreachable.clone()));
    assert!(identifiers(&stand).is_empty());
    // It may be removed although its transport address is unknown.
    receive_enrp(&mut stand, update(UpdateAction::AddPe, owned(5, 2)));
    assert_eq!(identifiers(&stand), [(5, 2)]);
    receive_enrp(&mut stand, update(UpdateAction::DelPe, unreachable));
    assert!(identifiers(&stand).is_empty());
}

/// Peers with arbitrary addresses register, are resolved, report, and announce others; everything that the registrar
/// sends in the meantime can be read by us (which [`Stand`] insists on) and by rsplib.
#[test]
fn everything_that_a_registrar_says_can_be_read_whoever_it_has_to_do_with() {
    for seed in 0..200 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut stand = with_peer();
        let check = |outcome: Outcome<_>| {
            for (_, message) in &outcome.sent {
                rsplib::check_asap(message);
            }
            for (_, message) in &outcome.enrp_sent {
                rsplib::check_enrp(message);
            }
        };
        for step in 0..40_u32 {
            let host = rng.random_range(1..6_u8);
            let own = format!("10.0.1.{host}");
            let front: Vec<&str> = (0..rng.random_range(0..4))
                .map(|_| *UNREADABLE.choose(&mut rng).unwrap())
                .collect();
            let addresses = poisoned(&own, &front, *[0, 0, 3, 60].choose(&mut rng).unwrap());
            let port = *[0, 1, 4000, u16::MAX].choose(&mut rng).unwrap();
            let number = AssociationId::incoming((100 + step).into());
            match rng.random_range(0..6) {
                0 => {
                    up(&mut stand, number, Endpoint::Asap, addresses, port);
                    let mut bytes = registration(step + 1, &own).encode();
                    // Sometimes an error is inserted.
                    if rng.random_bool(0.3) {
                        let place = rng.random_range(4..bytes.len());
                        bytes[place] = rng.random();
                    }
                    check(stand.receive_bytes(number, Ppid::ASAP, &bytes));
                }
                1 => {
                    up(&mut stand, number, Endpoint::Enrp, addresses, port);
                    let server = support::server_information(100 + step, &own);
                    let introduction = Presence {
                        reply_required: rng.random(),
                        server_information: rng.random_bool(0.5).then_some(server),
                        ..presence(rng.random())
                    };
                    check(hear(&mut stand, 100 + step, number, introduction));
                }
                2 => {
                    let mut element = owned(1000 + step, 2);
                    if rng.random() {
                        element.asap_transport = None;
                    }
                    let bytes = enrp(2, update(UpdateAction::AddPe, element));
                    let bytes = if rng.random() {
                        with_broadcast(bytes, [10, 0, 0, 50])
                    } else {
                        bytes
                    };
                    check(stand.receive_bytes(PEER, Ppid::ENRP, &bytes));
                }
                3 => check(hear(&mut stand, 2, PEER, Body::ListRequest)),
                4 => {
                    let own_children_only = rng.random();
                    let request = wire::enrp::HandleTableRequest { own_children_only };
                    check(hear(&mut stand, 2, PEER, request));
                }
                _ => check(stand.receive(USER, &resolve(None, rng.random()))),
            }
            check(stand.pass(Duration::from_millis(rng.random_range(0..50))));
        }
    }
}

#[test]
fn a_pool_user_gets_what_it_can_use_of_an_answer() {
    let response = asap::Message::HandleResolutionResponse(asap::HandleResolutionResponse {
        subscribed: false,
        pool_handle: handle(),
        outcome: asap::Resolution::Resolved {
            overall_policy: Some(wire::parameter::Policy::RoundRobin),
            pool_elements: (1..4)
                .map(|last| support::element(last, &format!("10.7.7.{last}")))
                .collect(),
        },
    });
    let bytes = with_broadcast(response.encode(), [10, 7, 7, 2]);
    let decoded = asap::Message::decode(&bytes).unwrap();
    assert_eq!(answer(&[(USER, decoded.message)]), [1, 3]);
    assert_eq!(decoded.report.len(), 1);
}
