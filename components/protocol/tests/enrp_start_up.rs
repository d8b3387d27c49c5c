//! Registrars that find each other and share the handlespace from the start.

mod support;

use std::time::Duration;

use protocol::registrar::{Event, PeerState, StartUpPhase};
use protocol::{Config, Endpoint, Registrar};
use support::Stand;
use support::peers::{OTHER, owned, quiet, receive_enrp, update, with_peer};
use support::scope::{Scope, enrp_place, registrar_settings};
use wire::enrp::{Body, UpdateAction};
use wire::{Ppid, RegistrarIdentifier};

fn in_service_at(scope: &Scope, node: u32) -> Option<Duration> {
    let entered = |(at, of, event): &(protocol::Time, u32, Event)| {
        let service = matches!(
            event,
            Event::StartUp {
                phase: StartUpPhase::InService { .. }
            }
        );
        (*of == node && service).then_some(at.since_origin())
    };
    scope.events.iter().find_map(entered)
}

fn mentor_of(scope: &Scope, node: u32) -> Option<u32> {
    let mentor = |event: &Event| match event {
        Event::StartUp {
            phase: StartUpPhase::InService { mentor, .. },
        } => Some(mentor.map(|mentor| mentor.0)),
        _ => None,
    };
    scope.events_of(node).find_map(mentor).flatten()
}

fn knows(scope: &Scope, node: u32) -> Vec<(u32, PeerState)> {
    let peers = scope.registrar(node).peers();
    peers.map(|peer| (peer.identifier().0, peer.state())).collect()
}

#[test]
fn a_registrar_with_nobody_to_ask_serves_at_once() {
    let mut scope = Scope::new();
    let mut settings = registrar_settings(1);
    settings.enrp.multicast = false;
    scope.start_with(1, settings);
    assert!(scope.registrar(1).is_in_service());
}

#[test]
fn the_first_registrar_serves_when_nobody_has_answered() {
    let mut scope = Scope::new();
    scope.start(1);
    scope.pass(399);
    assert!(!scope.registrar(1).is_in_service());
    scope.pass(1);
    assert!(scope.registrar(1).is_in_service());
    assert_eq!(mentor_of(&scope, 1), None);
}

#[test]
fn the_second_one_gets_peers_and_handlespace_within_milliseconds() {
    let mut scope = Scope::new();
    scope.start(1);
    scope.pass(1000);
    scope.start_pool_element(11, 1);
    scope.start_pool_element(12, 1);
    scope.pass(100);
    scope.start(2);
    scope.pass(30);
    assert!(scope.registrar(2).is_in_service());
    assert_eq!(mentor_of(&scope, 2), Some(1));
    assert_eq!(scope.view(2), [(11, 1), (12, 1)]);
    assert_eq!(knows(&scope, 2), [(1, PeerState::Active)]);
    assert_eq!(knows(&scope, 1), [(2, PeerState::Active)]);
    scope.start(3);
    scope.pass(100);
    assert_eq!(scope.view(3), [(11, 1), (12, 1)]);
    for (node, others) in [(1, [2, 3]), (2, [1, 3]), (3, [1, 2])] {
        assert_eq!(
            knows(&scope, node),
            others.map(|other| (other, PeerState::Active))
        );
    }
}

#[test]
fn a_configured_mentor_needs_no_multicast() {
    let mut scope = Scope::new();
    let mut settings = registrar_settings(1);
    settings.enrp.multicast = false;
    scope.start_with(1, settings.clone());
    scope.start_pool_element(11, 1);
    scope.pass(100);
    settings = registrar_settings(2);
    settings.enrp.multicast = false;
    settings.enrp.mentors = vec![enrp_place(9), enrp_place(1), enrp_place(2)];
    scope.start_with(2, settings);
    scope.pass(20);
    assert_eq!(mentor_of(&scope, 2), Some(1));
    assert_eq!(scope.view(2), [(11, 1)]);
}

#[test]
fn configured_mentors_that_are_not_there_are_no_reason_to_wait() {
    let mut scope = Scope::new();
    let mut settings = registrar_settings(2);
    settings.enrp.multicast = false;
    settings.enrp.mentors = vec![enrp_place(1), enrp_place(9)];
    scope.start_with(2, settings);
    scope.pass(5);
    assert!(scope.registrar(2).is_in_service());
    // Connection attempts are repeated, and succeed once the registrars are there.
    scope.start(1);
    scope.pass(3000);
    assert_eq!(knows(&scope, 2), [(1, PeerState::Active)]);
}

#[test]
fn a_mentor_that_does_not_answer_does_not_keep_anybody_from_serving() {
    let mut scope = Scope::new();
    scope.start(1);
    scope.pass(1000);
    scope.cut(1, 2);
    let mut settings = registrar_settings(2);
    settings.enrp.mentors = vec![enrp_place(1)];
    scope.start_with(2, settings);
    scope.pass(500);
    assert!(scope.registrar(2).is_in_service());
}

#[test]
fn registrars_that_start_together_do_not_wait_for_each_other() {
    let mut scope = Scope::new();
    for number in [3, 1, 5, 2, 4] {
        scope.start(number);
        scope.pass(7);
    }
    scope.pass(600);
    for number in 1..=5 {
        let at = in_service_at(&scope, number);
        assert!(
            at.is_some_and(|at| at <= Duration::from_millis(500)),
            "{number}: {at:?}"
        );
        assert_eq!(knows(&scope, number).len(), 4);
    }
    assert_eq!(mentor_of(&scope, 1), None);
    assert_ne!(mentor_of(&scope, 5), None);
    scope.start_pool_element(11, 4);
    scope.pass(50);
    for number in 1..=5 {
        assert_eq!(scope.view(number), [(11, 4)]);
    }
}

#[test]
fn those_who_start_refuse_service_and_requests() {
    let mut scope = Scope::new();
    scope.start_pool_element(11, 1);
    scope.start(1);
    scope.start(2);
    scope.pass(300);
    assert!(!scope.pool_element(11).is_registered());
    let refused = |body: &&Body| matches!(body, Body::ListResponse(response) if response.rejected);
    assert!(scope.between(1, 2).iter().any(refused));
    assert!(scope.between(2, 1).iter().any(refused));
    scope.pass(1000);
    assert!(scope.pool_element(11).is_registered());
}

#[test]
fn a_large_handlespace_comes_in_parts() {
    let mut scope = Scope::new();
    scope.config.handle_table_bytes = 1400;
    scope.start(1);
    scope.pass(1000);
    for number in 11..=110 {
        scope.start_pool_element(number, 1);
    }
    scope.pass(100);
    scope.start(2);
    scope.pass(100);
    assert_eq!(scope.view(2), scope.view(1));
    let more = |body: &&&Body| matches!(body, Body::HandleTableResponse(response) if response.more_to_send);
    assert!(scope.between(1, 2).iter().filter(more).count() > 3);
}

#[test]
fn registrars_that_lost_each_other_find_each_other_again_without_multicast() {
    let mut scope = Scope::new();
    let quiet = |number| {
        let mut settings = registrar_settings(number);
        settings.enrp.multicast = false;
        settings
    };
    scope.start_with(1, quiet(1));
    scope.start_with(2, {
        let mut settings = quiet(2);
        settings.enrp.mentors = vec![enrp_place(1)];
        settings
    });
    scope.start_with(3, {
        let mut settings = quiet(3);
        settings.enrp.mentors = vec![enrp_place(1)];
        settings
    });
    scope.pass(1000);
    assert_eq!(knows(&scope, 3).len(), 2);
    scope.cut(2, 3);
    scope.pass(3000);
    assert_eq!(knows(&scope, 3), [(1, PeerState::Active)]);
    scope.heal();
    scope.pass(10_000);
    assert_eq!(knows(&scope, 3).len(), 2);
    assert_eq!(scope.registrar(3).identifier(), RegistrarIdentifier(3));
}

/// Registrar 1 with this many pool elements of a registrar that is played by a test, and registrar 2, which starts.
/// Returns the number of messages until the latter is in service.
fn download(pool_elements: u32) -> (Stand<Registrar>, usize) {
    let mut first = with_peer();
    for number in 1..=pool_elements {
        receive_enrp(&mut first, update(UpdateAction::AddPe, owned(number, 2)));
    }
    let mut settings = quiet(3);
    settings.enrp.mentors = vec![enrp_place(1)];
    let mut second = Stand::new(Registrar::new(first.now, settings, Config::demo(), 1));
    let call = second.pass(Duration::ZERO).connects[0].0;
    first.up(OTHER, Endpoint::Enrp, "10.0.0.3");
    let mut to_first = second.up(call, Endpoint::Enrp, "10.0.0.1").enrp_sent;
    let mut messages = 0;
    while !to_first.is_empty() {
        messages += to_first.len();
        let mut next = Vec::new();
        for (_, message) in to_first {
            for (_, answer) in first
                .receive_bytes(OTHER, Ppid::ENRP, &message.encode())
                .enrp_sent
            {
                messages += 1;
                next.extend(second.receive_bytes(call, Ppid::ENRP, &answer.encode()).enrp_sent);
            }
        }
        to_first = next;
    }
    assert!(second.core.is_in_service());
    (second, messages)
}

#[test]
fn ten_thousand_pool_elements_take_few_messages() {
    let (second, messages) = download(10_000);
    assert_eq!(second.core.handlespace().len(), 10_000);
    assert!(messages < 80, "{messages}");
}

#[test]
fn registrars_that_were_told_of_one_other_only_get_to_know_all() {
    let mut scope = Scope::new();
    // All of them start together, so that none gets a list at start-up.
    for number in 1..=4 {
        let mut settings = quiet(number);
        settings.enrp.mentors = vec![enrp_place(number % 4 + 1)];
        scope.start_with(number, settings);
    }
    scope.pass(2000);
    for number in 1..=4 {
        assert_eq!(knows(&scope, number).len(), 3, "{number}");
    }
}
