//! Pool elements whose policy contradicts that of their pool, among several registrars.

mod support;

use protocol::Registrar;
use protocol::registrar::Event;
use support::peers::{PEER, hear, identifiers, owned, presence, receive_enrp, update, with_peer};
use support::registrar::{USER, answer, milliseconds, resolve};
use support::scope::Scope;
use support::{Stand, handle};
use wire::enrp::{Body, HandleTableRequest, HandleTableResponse, PoolEntry, UpdateAction};
use wire::parameter::{CauseCode, Policy, PoolElementParameter};
use wire::{PeIdentifier, RegistrarIdentifier};

fn with_policy(identifier: u32, policy: Policy) -> PoolElementParameter {
    PoolElementParameter {
        policy,
        ..owned(identifier, 2)
    }
}

/// Registrar 2 adds a pool element; returns those that registrar 1 reports to have passed over.
fn add(stand: &mut Stand<Registrar>, element: PoolElementParameter) -> Vec<Event> {
    let mut events = hear(stand, 2, PEER, update(UpdateAction::AddPe, element)).events;
    events.retain(|event| matches!(event, Event::PeerPoolElementPassedOver { .. }));
    events
}

#[test]
fn what_contradicts_is_passed_over_with_its_home_and_the_cause_and_taken_later() {
    let mut stand = with_peer();
    assert_eq!(add(&mut stand, owned(5, 2)), []);
    let random = with_policy(6, Policy::Random);
    let passed_over = add(&mut stand, random.clone());
    let [
        Event::PeerPoolElementPassedOver {
            pool_handle,
            pe_identifier,
            owner,
            policy,
            causes,
        },
    ] = &passed_over[..]
    else {
        panic!("{passed_over:?}");
    };
    assert_eq!(
        (pool_handle, *pe_identifier, *owner, policy),
        (
            &handle(),
            PeIdentifier(6),
            RegistrarIdentifier(2),
            &Policy::Random
        )
    );
    assert_eq!(causes[0].code, CauseCode::INCONSISTENT_POOLING_POLICY);
    assert_eq!(add(&mut stand, random.clone()), [], "once is enough");
    assert_eq!(answer(&stand.receive(USER, &resolve(None, false)).sent), [5]);

    // When the pool is gone, the checksum of the other registrar differs, and the audit asks for the rest.
    receive_enrp(&mut stand, update(UpdateAction::DelPe, owned(5, 2)));
    stand.pass(milliseconds(400));
    let own_children_only = true;
    assert_eq!(
        receive_enrp(&mut stand, presence(0x1234)),
        [Body::from(HandleTableRequest { own_children_only })]
    );
    let entry = PoolEntry {
        pool_handle: handle(),
        pool_elements: vec![random],
    };
    let table = HandleTableResponse {
        rejected: false,
        more_to_send: false,
        entries: vec![entry],
    };
    receive_enrp(&mut stand, table);
    assert_eq!(identifiers(&stand), [(6, 2)]);
    assert_eq!(answer(&stand.receive(USER, &resolve(None, false)).sent), [6]);
    // Another contradiction is news again.
    assert_eq!(add(&mut stand, owned(5, 2)).len(), 1);
}

#[test]
fn an_owner_knows_better_that_its_pool_was_founded_again() {
    let mut stand = with_peer();
    for identifier in [5, 6] {
        add(&mut stand, owned(identifier, 2));
    }
    // Its removals were missed, and its checksum does not tell: it covers handles and identifiers only.
    assert_eq!(add(&mut stand, with_policy(5, Policy::Random)).len(), 1);
    assert_eq!(identifiers(&stand), [(6, 2)], "one of the old pool is left");
    assert_eq!(add(&mut stand, with_policy(6, Policy::Random)), []);
    assert_eq!(add(&mut stand, with_policy(5, Policy::Random)), []);
    assert_eq!(identifiers(&stand), [(5, 2), (6, 2)]);
    let pool = stand.core.handlespace().pool(&handle()).unwrap();
    assert_eq!(pool.policy(), &Policy::Random);
}

#[test]
fn a_peer_that_lies_fills_neither_the_log_nor_the_memory() {
    let mut stand = with_peer();
    add(&mut stand, owned(5, 2));
    let lies = (1_000..4_000).map(|identifier| with_policy(identifier, Policy::Random));
    let reported: usize = lies
        .map(|lie| {
            stand.pass(milliseconds(10));
            add(&mut stand, lie).len()
        })
        .sum();
    assert_eq!(reported, 1_024);
}

#[test]
fn two_registrars_that_found_a_pool_at_once_agree_when_one_of_them_loses_it() {
    let mut scope = Scope::new();
    scope.start(1);
    scope.start(2);
    scope.pass(1_000);
    scope.start_pool_element_with(11, 1, Policy::RoundRobin);
    scope.start_pool_element_with(12, 2, Policy::Priority { priority: 1 });
    scope.pass(300);
    let views = |scope: &Scope| [1, 2].map(|node| scope.view(node));
    assert_eq!(views(&scope), [vec![(11, 1)], vec![(12, 2)]]);
    scope.stop(11);
    scope.pass(3_000);
    assert_eq!(views(&scope), [vec![(12, 2)], vec![(12, 2)]]);
}

#[test]
fn a_pool_whose_pool_elements_all_leave_comes_back_with_another_policy_everywhere() {
    let mut scope = Scope::new();
    for registrar in 1..=3 {
        scope.start(registrar);
    }
    scope.pass(1_000);
    let policies = [
        Policy::RoundRobin,
        Policy::LeastUsedDegradation {
            load: 1,
            load_degradation: 2,
        },
        Policy::WeightedRandom { weight: 3 },
        Policy::RoundRobin,
    ];
    for (generation, policy) in (0..).zip(policies) {
        let members = [1, 2, 3].map(|number| 20 + 10 * generation + number);
        for (registrar, member) in (1..).zip(members) {
            scope.start_pool_element_with(member, registrar, policy.clone());
            scope.pass(20);
        }
        for registrar in 1..=3 {
            assert_eq!(scope.view(registrar).len(), 3, "{policy} at {registrar}");
            let handlespace = scope.registrar(registrar).handlespace();
            assert_eq!(handlespace.pool(&handle()).unwrap().policy(), &policy);
        }
        for member in members {
            scope.stop(member);
        }
        scope.pass(20);
        for registrar in 1..=3 {
            assert_eq!(scope.view(registrar), []);
        }
    }
}
