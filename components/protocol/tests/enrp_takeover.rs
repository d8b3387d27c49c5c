//! The pool elements of a registrar that dies.

mod support;

use std::time::Duration;

use protocol::Time;
use protocol::registrar::{Event, GivenUp, PeerState, RemovalReason, TakeoverPhase};
use support::scope::Scope;
use wire::RegistrarIdentifier;
use wire::enrp::Body;

/// Registrars 1 to `registrars`, and pool elements 11, 12 and 13 registered with number 1.
fn scope(registrars: u32) -> Scope {
    let mut scope = Scope::new();
    scope.start(1);
    scope.pass(1000);
    for number in 2..=registrars {
        scope.start(number);
    }
    for number in 11..=13 {
        scope.start_pool_element(number, 1);
    }
    scope.pass(1000);
    scope.enrp_sent.clear();
    scope.events.clear();
    scope
}

fn phases(scope: &Scope, node: u32, of: u32) -> Vec<TakeoverPhase> {
    let phase = |event: &Event| match event {
        Event::Takeover { target, phase } if target.0 == of => Some(*phase),
        _ => None,
    };
    scope.events_of(node).filter_map(phase).collect()
}

fn all_at(owner: u32) -> Vec<(u32, u32)> {
    vec![(11, owner), (12, owner), (13, owner)]
}

fn owners(scope: &Scope, node: u32) -> Vec<u32> {
    scope.view(node).into_iter().map(|(_, owner)| owner).collect()
}

fn since(scope: &Scope, begin: Time, wanted: impl Fn(&Event) -> bool) -> Option<Duration> {
    let mut events = scope.events.iter();
    let found = events.find(|(_, _, event)| wanted(event));
    found.map(|(at, ..)| *at - begin)
}

#[test]
fn the_only_survivor_takes_over_within_milliseconds() {
    let mut scope = scope(2);
    let killed = scope.now;
    scope.kill(1);
    scope.pass(50);
    // Hunting pool elements may be faster than the takeover; it takes place nevertheless, with the remaining ones.
    assert_eq!(scope.view(2), all_at(2));
    for number in 11..=13 {
        assert!(scope.pool_element(number).is_registered());
    }
    assert_eq!(scope.registrar(2).peers().count(), 0);
    let complete = |event: &Event| {
        matches!(
            event,
            Event::Takeover {
                phase: TakeoverPhase::Complete { .. },
                ..
            }
        )
    };
    let won = |event: &Event| {
        matches!(
            event,
            Event::Takeover {
                phase: TakeoverPhase::Won { .. },
                ..
            }
        )
    };
    for time in [since(&scope, killed, won), since(&scope, killed, complete)] {
        assert!(
            time.is_some_and(|time| time < Duration::from_millis(30)),
            "{time:?}"
        );
    }
    assert_eq!(
        scope.registrar(2).handlespace().checksum(RegistrarIdentifier(1)),
        0xffff
    );
}

/// The registrar dies without any indication: the pool elements notice later than the registrars.
fn unplug(scope: &mut Scope, registrars: u32) {
    for other in (2..=registrars).chain(11..=13) {
        scope.cut(1, other);
    }
}

#[test]
fn pool_elements_that_have_not_noticed_are_adopted() {
    let mut scope = scope(2);
    unplug_registrars_first(&mut scope);
    assert_eq!(scope.view(2), all_at(2));
    let phases = phases(&scope, 2, 1);
    assert_eq!(
        phases[0],
        TakeoverPhase::Initiated {
            pool_elements: 3,
            due: 0
        }
    );
    assert_eq!(phases[1], TakeoverPhase::Won { pool_elements: 3 });
    assert_eq!(
        phases.last(),
        Some(&TakeoverPhase::Complete { adopted: 3, lost: 0 })
    );
    for number in 11..=13 {
        assert!(scope.pool_element(number).is_registered());
    }
    // They stay: the new home registrar monitors them.
    scope.pass(5000);
    assert_eq!(scope.view(2), all_at(2));
}

#[test]
fn a_registrar_that_its_pool_elements_miss_first_is_taken_over() {
    let mut scope = scope(2);
    for number in 11..=13 {
        scope.cut(1, number);
    }
    scope.pass(600);
    scope.cut(1, 2);
    // By then, the pool elements have moved by themselves, and there is nothing left to adopt.
    scope.pass(1800);
    assert_eq!(scope.view(2), all_at(2));
    let due = 0;
    assert_eq!(
        phases(&scope, 2, 1),
        [
            TakeoverPhase::Initiated {
                pool_elements: 0,
                due
            },
            TakeoverPhase::Won { pool_elements: 0 },
            TakeoverPhase::Complete { adopted: 0, lost: 0 },
        ]
    );
}

/// Registrar 2 no longer hears registrar 1, but the pool elements do.
fn unplug_registrars_first(scope: &mut Scope) {
    scope.cut(1, 2);
    scope.pass(1700);
}

#[test]
fn everybody_must_agree_and_does() {
    let mut scope = scope(3);
    // The pool elements do not notice anything, so that all of them are left for the takeover.
    scope.cut(1, 2);
    scope.cut(1, 3);
    scope.pass(4000);
    for node in [2, 3] {
        assert_eq!(scope.view(node).len(), 3);
        assert_eq!(scope.registrar(node).peers().count(), 1);
    }
    assert_eq!(scope.view(2), scope.view(3));
    let target = RegistrarIdentifier(1);
    let winner = owners(&scope, 2)[0];
    let other = if winner == 2 { 3 } else { 2 };
    let said = |from, to, body: Body| scope.between(from, to).contains(&&body);
    assert!(said(winner, other, Body::InitTakeover(target)));
    assert!(said(other, winner, Body::InitTakeoverAck(target)));
    assert!(said(winner, other, Body::TakeoverServer(target)));
    assert!(!said(other, winner, Body::TakeoverServer(target)));
}

#[test]
fn nobody_is_taken_over_whom_others_hear() {
    let mut scope = scope(3);
    scope.cut(1, 2);
    scope.pass(4000);
    let target = RegistrarIdentifier(1);
    assert!(scope.between(2, 3).contains(&&Body::InitTakeover(target)));
    assert!(!scope.between(3, 2).contains(&&Body::InitTakeoverAck(target)));
    assert!(phases(&scope, 2, 1).contains(&TakeoverPhase::GivenUp(GivenUp::NotAcknowledged)));
    assert_eq!(scope.view(1), all_at(1));
    assert_eq!(scope.view(3), all_at(1));
    scope.heal();
    scope.pass(3000);
    for node in 1..=3 {
        assert_eq!(scope.view(node), all_at(1));
        assert_eq!(scope.registrar(node).peers().count(), 2);
    }
}

#[test]
fn a_target_that_is_heard_again_ends_the_takeover() {
    let mut scope = scope(3);
    scope.cut(1, 2);
    scope.cut(1, 3);
    // The survivors need each other's acknowledgement, which takes until they have noticed.
    while phases(&scope, 2, 1).is_empty() && phases(&scope, 3, 1).is_empty() {
        scope.pass(1);
    }
    scope.heal();
    scope.pass(3000);
    for node in 1..=3 {
        assert_eq!(scope.view(node).len(), 3);
        assert_eq!(scope.view(node), scope.view(1), "{node}");
        let active = |peer: &protocol::registrar::PeerRegistrar| peer.state() == PeerState::Active;
        assert_eq!(
            scope.registrar(node).peers().filter(|peer| active(peer)).count(),
            2
        );
    }
}

#[test]
fn a_registrar_without_pool_elements_is_simply_forgotten() {
    let mut scope = scope(3);
    scope.kill(3);
    scope.pass(100);
    assert!(
        scope
            .enrp_sent
            .iter()
            .all(|(.., message)| !matches!(message.body, Body::InitTakeover(_)))
    );
    assert_eq!(scope.registrar(1).peers().count(), 1);
    assert_eq!(scope.registrar(2).peers().count(), 1);
}

#[test]
fn pool_elements_that_have_died_as_well_are_removed_everywhere() {
    let mut scope = scope(3);
    unplug(&mut scope, 3);
    for other in [1, 2, 3] {
        scope.cut(12, other);
    }
    scope.pass(6000);
    for node in [2, 3] {
        let left: Vec<u32> = scope
            .view(node)
            .into_iter()
            .map(|(identifier, _)| identifier)
            .collect();
        assert_eq!(left, [11, 13]);
    }
    let not_adopted = |event: &Event| {
        matches!(
            event,
            Event::Removed {
                reason: RemovalReason::NotAdopted,
                ..
            }
        )
    };
    assert!(scope.events.iter().any(|(.., event)| not_adopted(event)));
}

#[test]
fn whoever_stops_in_order_leaves_nothing_to_wait_for() {
    let mut scope = scope(3);
    scope.stop(1);
    scope.pass(3);
    scope.kill(1);
    scope.pass(60);
    for number in 11..=13 {
        assert!(scope.pool_element(number).is_registered(), "{number}");
    }
    assert_eq!(scope.view(2), scope.view(3));
    assert_eq!(scope.view(2).len(), 3);
    assert!(owners(&scope, 2).iter().all(|&owner| owner != 1));
}

#[test]
fn both_halves_of_a_divided_network_agree_again_when_it_is_whole() {
    let mut scope = scope(2);
    for other in [2, 12, 13] {
        scope.cut(1, other);
    }
    scope.cut(2, 11);
    scope.pass(6000);
    assert_eq!(scope.view(1), [(11, 1)]);
    assert_eq!(scope.view(2), [(12, 2), (13, 2)]);
    scope.heal();
    scope.pass(3000);
    assert_eq!(scope.view(1), [(11, 1), (12, 2), (13, 2)]);
    assert_eq!(scope.view(2), scope.view(1));
}

#[test]
fn one_registrar_after_the_other_can_be_replaced() {
    let mut scope = scope(2);
    for (old, new) in [(1, 3), (2, 4), (3, 5), (4, 6)] {
        scope.start(new);
        scope.pass(1000);
        scope.kill(old);
        scope.pass(1000);
        let survivor = new - 1;
        assert_eq!(scope.view(new).len(), 3);
        assert_eq!(scope.view(new), scope.view(survivor));
        for number in 11..=13 {
            assert!(scope.pool_element(number).is_registered());
        }
    }
}
