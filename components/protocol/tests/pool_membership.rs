//! A pool element that leaves its pool and goes on serving, and joins it again with another policy.

mod support;

use std::time::Duration;

use protocol::pool_element::{Event, PoolElement, Settings};
use protocol::{AssociationId, Config, DownCause, Endpoint, Time};
use support::{Outcome, Stand, handle, peer, sctp};
use wire::asap::{DeregistrationResponse, EndpointKeepAlive, Message, RegistrationResponse};
use wire::parameter::{CauseCode, ErrorCause, Policy};
use wire::{PeIdentifier, RegistrarIdentifier};

const SESSION: AssociationId = AssociationId::incoming(1);
const TAKEOVER: AssociationId = AssociationId::incoming(2);
const ME: PeIdentifier = PeIdentifier(0x1122_3344);
const OLD: Policy = Policy::RoundRobin;
const NEW: Policy = Policy::LeastUsed { load: 7 };

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Returns a registered pool element with a session, and the association to its registrar.
fn registered() -> (Stand<PoolElement>, AssociationId) {
    let settings = Settings {
        pool_handle: handle(),
        identifier: ME,
        user_transport: sctp(&["10.0.0.1"]),
        policy: OLD,
        registrars: vec![peer("10.0.0.8", 3863)],
    };
    let mut stand = Stand::new(PoolElement::new(Time::ZERO, settings, Config::demo(), 1));
    let home = attempt(&stand.outcome());
    stand.up(home, Endpoint::Asap, "10.0.0.8");
    stand.receive(home, &confirmation());
    stand.up(SESSION, Endpoint::Service, "10.0.0.3");
    stand.pass(Config::demo().min_reregistration_interval);
    assert!(stand.core.is_registered());
    (stand, home)
}

/// Returns the association of the only attempt to reach a registrar.
fn attempt(outcome: &Outcome<Event>) -> AssociationId {
    match &outcome.connects[..] {
        [(association, Endpoint::Asap, _)] => *association,
        other => panic!("{other:?}"),
    }
}

fn leave(stand: &mut Stand<PoolElement>) -> Outcome<Event> {
    stand.core.leave(stand.now);
    stand.outcome()
}

fn join(stand: &mut Stand<PoolElement>, policy: Policy) -> Outcome<Event> {
    stand.core.join(stand.now, policy);
    stand.outcome()
}

fn confirmation() -> Message {
    Message::RegistrationResponse(RegistrationResponse {
        rejected: false,
        pool_handle: handle(),
        pe_identifier: ME,
        causes: Vec::new(),
    })
}

fn farewell(causes: Vec<ErrorCause>) -> Message {
    Message::DeregistrationResponse(DeregistrationResponse {
        pool_handle: handle(),
        pe_identifier: ME,
        causes,
    })
}

fn keep_alive(home: bool) -> Message {
    Message::EndpointKeepAlive(EndpointKeepAlive {
        home,
        registrar: RegistrarIdentifier(2),
        pool_handle: handle(),
        pe_identifier: None,
    })
}

fn deregistrations(outcome: &Outcome<Event>, over: AssociationId) -> usize {
    let sent = outcome.sent.iter();
    sent.filter(|(to, message)| *to == over && matches!(message, Message::Deregistration(_)))
        .count()
}

/// Returns the policies in the registrations that were sent over an association.
fn registrations(outcome: &Outcome<Event>, over: AssociationId) -> Vec<Policy> {
    let policy = |(to, message): &(AssociationId, Message)| match message {
        Message::Registration(registration) if *to == over => Some(registration.pool_element.policy.clone()),
        _ => None,
    };
    outcome.sent.iter().filter_map(policy).collect()
}

#[test]
fn who_leaves_the_pool_keeps_its_sessions_and_joins_with_another_policy() {
    let (mut stand, home) = registered();
    let leaving = leave(&mut stand);
    assert_eq!(deregistrations(&leaving, home), 1);
    assert!(!stand.core.is_registered() && stand.core.is_away() && !stand.core.has_left());
    let left = stand.receive(home, &farewell(vec![]));
    assert_eq!(left.events, [Event::LeftPool]);
    assert!(stand.core.has_left());
    // Neither T3 nor T4 nor the end of a stop is waiting to happen.
    let quiet = stand.pass(Duration::from_secs(60));
    assert!(quiet.sent.is_empty() && quiet.shutdowns.is_empty() && quiet.aborts.is_empty());
    assert_eq!(stand.core.sessions().collect::<Vec<_>>(), [SESSION]);
    // A pool user that resolved the pool handle before may still come.
    let late = AssociationId::incoming(9);
    assert!(stand.up(late, Endpoint::Service, "10.0.0.4").aborts.is_empty());
    let joining = join(&mut stand, NEW);
    assert_eq!(registrations(&joining, home), [NEW]);
    stand.receive(home, &confirmation());
    assert!(stand.core.is_registered() && !stand.core.is_away());
    assert_eq!(stand.core.sessions().count(), 2);
}

#[test]
fn policy_data_that_change_outside_the_pool_count_from_the_next_registration_on() {
    let (mut stand, home) = registered();
    leave(&mut stand);
    stand.receive(home, &farewell(vec![]));
    stand.core.set_policy(stand.now, Policy::Priority { priority: 1 });
    assert!(stand.pass(Duration::from_secs(1)).sent.is_empty());
    let joining = join(&mut stand, NEW);
    assert_eq!(registrations(&joining, home), [NEW]);
}

#[test]
fn changed_policy_data_are_registered_at_once() {
    let (mut stand, home) = registered();
    for policy in [
        Policy::WeightedRoundRobin { weight: 0 },
        Policy::WeightedRoundRobin { weight: u32::MAX },
        Policy::Priority { priority: 3 },
        Policy::LeastUsedDegradationDpf {
            load: 1,
            load_degradation: 2,
            load_dpf: 3,
            distance: 0,
        },
    ] {
        stand.core.set_policy(stand.now, policy.clone());
        assert_eq!(registrations(&stand.outcome(), home), [policy]);
        stand.receive(home, &confirmation());
        stand.pass(Config::demo().min_reregistration_interval);
    }
}

#[test]
fn who_joins_while_leaving_waits_for_the_answer() {
    let (mut stand, home) = registered();
    leave(&mut stand);
    let joining = join(&mut stand, NEW);
    assert!(joining.sent.is_empty());
    let left = stand.receive(home, &farewell(vec![]));
    assert_eq!(left.events, [Event::LeftPool]);
    assert_eq!(registrations(&left, home), [NEW]);
    stand.receive(home, &confirmation());
    assert!(stand.core.is_registered());
}

#[test]
fn who_leaves_after_all_does_not_join() {
    let (mut stand, home) = registered();
    leave(&mut stand);
    join(&mut stand, NEW);
    assert_eq!(deregistrations(&leave(&mut stand), home), 0);
    let left = stand.receive(home, &farewell(vec![]));
    assert_eq!(left.events, [Event::LeftPool]);
    assert!(left.sent.is_empty() && stand.pass(Duration::from_secs(9)).sent.is_empty());
}

#[test]
fn a_registration_under_way_does_not_bring_back_who_leaves() {
    let (mut stand, home) = registered();
    stand
        .core
        .set_policy(stand.now, Policy::WeightedRandom { weight: 1 });
    stand.outcome();
    leave(&mut stand);
    let late = stand.receive(home, &confirmation());
    assert_eq!(late.events, []);
    assert!(!stand.core.is_registered());
    let left = stand.receive(home, &farewell(vec![]));
    assert_eq!(left.events, [Event::LeftPool]);
}

#[test]
fn a_registrar_that_does_not_confirm_is_replaced_by_one_that_does() {
    let (mut stand, home) = registered();
    leave(&mut stand);
    let refused = stand.receive(home, &farewell(vec![ErrorCause::bare(CauseCode::SECURITY)]));
    assert_eq!(refused.events, []);
    let hunt = stand.pass(Config::demo().t3_deregistration);
    assert_eq!(hunt.aborts, [home]);
    let next = attempt(&hunt);
    let told = stand.up(next, Endpoint::Asap, "10.0.0.8");
    assert_eq!(deregistrations(&told, next), 1);
    assert_eq!(registrations(&told, next), []);
    assert_eq!(stand.receive(next, &farewell(vec![])).events, [Event::LeftPool]);
    assert_eq!(stand.core.sessions().collect::<Vec<_>>(), [SESSION]);
}

#[test]
fn losing_the_registrar_in_between_does_not_keep_it_from_returning() {
    let (mut stand, home) = registered();
    leave(&mut stand);
    join(&mut stand, NEW);
    let next = attempt(&stand.down(home, DownCause::Timeout));
    let up = stand.up(next, Endpoint::Asap, "10.0.0.8");
    assert_eq!(deregistrations(&up, next), 0);
    assert_eq!(registrations(&up, next), [NEW]);
}

#[test]
fn outside_the_pool_it_stays_in_touch_with_a_registrar() {
    let (mut stand, home) = registered();
    leave(&mut stand);
    stand.receive(home, &farewell(vec![]));
    let next = attempt(&stand.down(home, DownCause::Timeout));
    assert!(stand.up(next, Endpoint::Asap, "10.0.0.8").sent.is_empty());
    assert_eq!(registrations(&join(&mut stand, NEW), next), []);
    // The new registrar has just been reached.
    let interval = Config::demo().min_reregistration_interval;
    assert_eq!(registrations(&stand.pass(interval), next), [NEW]);
}

#[test]
fn who_leaves_or_joins_without_a_registrar_acts_once_there_is_one() {
    for returning in [false, true] {
        let (mut stand, home) = registered();
        let hunt = attempt(&stand.down(home, DownCause::Timeout));
        assert!(leave(&mut stand).sent.is_empty());
        if returning {
            assert!(join(&mut stand, NEW).sent.is_empty());
        }
        let up = stand.up(hunt, Endpoint::Asap, "10.0.0.8");
        assert_eq!(deregistrations(&up, hunt), usize::from(!returning));
        assert_eq!(registrations(&up, hunt).len(), usize::from(returning));
    }
}

#[test]
fn a_restarted_registrar_lists_nobody() {
    let (mut stand, home) = registered();
    leave(&mut stand);
    assert_eq!(stand.restarted(home).events, [Event::LeftPool]);
    assert!(stand.restarted(home).sent.is_empty());
}

#[test]
fn a_registrar_that_still_lists_it_is_corrected() {
    let (mut stand, home) = registered();
    leave(&mut stand);
    stand.receive(home, &farewell(vec![]));
    stand.up(TAKEOVER, Endpoint::Asap, "10.0.0.9");
    assert!(stand.receive(TAKEOVER, &keep_alive(false)).sent.is_empty());
    let corrected = stand.receive(TAKEOVER, &keep_alive(true));
    assert_eq!(corrected.aborts, [home]);
    assert_eq!(deregistrations(&corrected, TAKEOVER), 1);
    assert_eq!(corrected.sent.len(), 1, "no acknowledgement");
    stand.receive(TAKEOVER, &farewell(vec![]));
    let again = stand.receive(TAKEOVER, &keep_alive(false));
    assert_eq!(deregistrations(&again, TAKEOVER), 1);
}

#[test]
fn a_stop_ends_the_sessions_also_of_who_has_left_or_is_leaving() {
    for confirmed in [false, true] {
        let (mut stand, home) = registered();
        leave(&mut stand);
        if confirmed {
            stand.receive(home, &farewell(vec![]));
        }
        stand.core.stop(stand.now);
        let stopping = stand.outcome();
        assert_eq!(deregistrations(&stopping, home), 0, "it has been told already");
        if confirmed {
            assert_eq!(stopping.events, [Event::Deregistered { confirmed: true }]);
        } else {
            assert_eq!(stopping.events, []);
            let unanswered = stand.pass(Config::demo().t3_deregistration);
            assert_eq!(unanswered.events, [Event::Deregistered { confirmed: false }]);
        }
        assert!(join(&mut stand, NEW).sent.is_empty());
        assert!(leave(&mut stand).sent.is_empty());
        stand.core.close(stand.now);
        assert_eq!(stand.outcome().shutdowns, [home, SESSION]);
        assert!(!stand.core.is_away());
    }
}

#[test]
fn commands_in_quick_succession_are_paced_by_the_registrar() {
    let (mut stand, home) = registered();
    let mut sent = 0;
    for _ in 0..1000 {
        sent += leave(&mut stand).sent.len();
        sent += join(&mut stand, NEW).sent.len();
    }
    assert_eq!(sent, 1);
    assert_eq!(
        registrations(&stand.receive(home, &farewell(vec![])), home),
        [NEW]
    );
    let again = stand.pass(milliseconds(0));
    assert!(again.sent.is_empty());
}
