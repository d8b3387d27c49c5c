//! Policies with a distance penalty factor: how registrars determine distances.

mod support;

use protocol::Registrar;
use protocol::registrar::Event;
use support::peers::{PEER, bodies, hear, owned, receive_enrp, update, with_peer};
use support::registrar::{ONE, TWO, USER, acknowledgement, answer, milliseconds, registrar, resolve, with};
use support::{Stand, element, handle};
use wire::PeIdentifier;
use wire::asap::Message;
use wire::enrp::{Body, ListResponse, UpdateAction};
use wire::parameter::{Policy, PoolElementParameter};

fn policy(distance: u32) -> Policy {
    Policy::LeastUsedDpf {
        load: 5,
        load_dpf: 7,
        distance,
    }
}

fn registration(number: u32, address: &str, distance: u32) -> Message {
    with(|registration| {
        registration.pool_element = PoolElementParameter {
            policy: policy(distance),
            ..element(number, address)
        };
    })
}

fn distance(stand: &Stand<Registrar>, number: u32) -> Option<u32> {
    let element = stand.core.handlespace().element(&handle(), PeIdentifier(number));
    element.and_then(|element| element.policy.distance())
}

fn keep_alives(sent: &[(protocol::AssociationId, Message)]) -> usize {
    let is_keep_alive = |message: &Message| matches!(message, Message::EndpointKeepAlive(_));
    sent.iter().filter(|(_, message)| is_keep_alive(message)).count()
}

#[test]
fn a_pool_element_is_measured_when_it_registers_and_its_own_claim_does_not_count() {
    let mut stand = registrar();
    let outcome = stand.receive(ONE, &registration(1, "10.0.0.1", 400));
    assert_eq!(keep_alives(&outcome.sent), 1);
    assert_eq!(distance(&stand, 1), Some(0), "not known yet");
    stand.pass(milliseconds(130));
    let measured = stand.receive(ONE, &acknowledgement(1)).events;
    assert!(measured.contains(&Event::DistanceMeasured {
        pool_handle: handle(),
        pe_identifier: PeIdentifier(1),
        distance: 50,
    }));
    assert_eq!(distance(&stand, 1), Some(50));
    // Another registration has it from the beginning, and does not ask again at once.
    let again = stand.receive(ONE, &registration(1, "10.0.0.1", 0));
    assert_eq!((distance(&stand, 1), keep_alives(&again.sent)), (Some(50), 0));
    // The distance takes part in the selection.
    stand.receive(TWO, &registration(2, "10.0.0.2", 0));
    let selected = stand.receive(USER, &resolve(None, false));
    assert_eq!(answer(&selected.sent), [2, 1]);
}

#[test]
fn other_policies_are_not_asked_when_they_register() {
    let mut stand = registrar();
    let outcome = stand.receive(ONE, &with(|r| r.pool_element = element(1, "10.0.0.1")));
    assert_eq!(keep_alives(&outcome.sent), 0);
}

#[test]
fn pool_elements_that_register_all_the_time_are_measured_nevertheless() {
    let mut stand = registrar();
    stand.receive(ONE, &registration(1, "10.0.0.1", 0));
    for _ in 0..3 {
        stand.pass(milliseconds(110));
        stand.receive(ONE, &registration(1, "10.0.0.1", 0));
    }
    stand.receive(ONE, &acknowledgement(1));
    assert_eq!(distance(&stand, 1), Some(150));
}

#[test]
fn peers_are_told_of_a_distance() {
    let mut stand = with_peer();
    stand.up(ONE, protocol::Endpoint::Asap, "10.0.0.1");
    stand.receive(ONE, &registration(1, "10.0.0.1", 0));
    stand.pass(milliseconds(100));
    let outcome = stand.receive(ONE, &acknowledgement(1));
    let updates: Vec<Option<u32>> = bodies(outcome.enrp_sent)
        .into_iter()
        .filter_map(|body| match body {
            Body::HandleUpdate(update) => Some(update.pool_element.policy.distance()),
            _ => None,
        })
        .collect();
    assert_eq!(updates, [Some(50)]);
}

#[test]
fn the_distance_to_a_peer_is_added_to_that_in_its_message() {
    let mut stand = with_peer();
    let theirs = PoolElementParameter {
        policy: policy(100),
        ..owned(5, 2)
    };
    receive_enrp(&mut stand, update(UpdateAction::AddPe, theirs.clone()));
    assert_eq!(distance(&stand, 5), Some(100));
    // The peer was asked for its list when it introduced itself, and takes 220 ms.
    stand.pass(milliseconds(220));
    let list = ListResponse {
        rejected: false,
        servers: Vec::new(),
    };
    let measured = hear(&mut stand, 2, PEER, list).events;
    assert!(
        measured
            .iter()
            .any(|event| matches!(event, Event::DistanceMeasured { distance: 200, .. }))
    );
    assert_eq!(distance(&stand, 5), Some(200));
    receive_enrp(&mut stand, update(UpdateAction::AddPe, theirs));
    assert_eq!(distance(&stand, 5), Some(200));
    // While such policies are in use, the peer is asked from time to time.
    let sent = bodies(stand.pass(milliseconds(1_500)).enrp_sent);
    let requests = sent.iter().filter(|body| **body == Body::ListRequest).count();
    assert_eq!(requests, 1, "and not again before it has answered");
}
