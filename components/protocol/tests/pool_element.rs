//! The pool element on its own.

mod support;

use std::time::Duration;

use protocol::pool_element::{Event, PoolElement, Settings};
use protocol::{AssociationId, Config, Core, DownCause, Endpoint, MulticastGroup, Time};
use support::{Outcome, Stand, handle, peer, sctp};
use wire::asap::{
    CookieEcho, DeregistrationResponse, EndpointKeepAlive, Message, RegistrationResponse, ServerAnnounce,
};
use wire::parameter::{CauseCode, ErrorCause, Policy};
use wire::{PeIdentifier, Ppid, RegistrarIdentifier};

const SESSION: AssociationId = AssociationId::incoming(1);
const TAKEOVER: AssociationId = AssociationId::incoming(2);

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn pool_element(registrars: &[&str]) -> Stand<PoolElement> {
    pool_element_with_seed(registrars, 1)
}

fn pool_element_with_seed(registrars: &[&str], seed: u64) -> Stand<PoolElement> {
    let settings = Settings {
        pool_handle: handle(),
        identifier: PeIdentifier(0x1122_3344),
        user_transport: sctp(&["10.0.0.1"]),
        policy: Policy::LeastUsed { load: 0 },
        registrars: registrars.iter().map(|address| peer(address, 3863)).collect(),
    };
    Stand::new(PoolElement::new(Time::ZERO, settings, Config::demo(), seed))
}

/// Returns the association of the only attempt to reach a registrar.
fn attempt(outcome: &Outcome<Event>) -> AssociationId {
    match &outcome.connects[..] {
        [(association, Endpoint::Asap, _)] => *association,
        other => panic!("{other:?}"),
    }
}

fn response(causes: Vec<ErrorCause>) -> Message {
    Message::RegistrationResponse(RegistrationResponse {
        rejected: !causes.is_empty(),
        pool_handle: handle(),
        pe_identifier: PeIdentifier(0x1122_3344),
        causes,
    })
}

fn deregistration_response() -> Message {
    Message::DeregistrationResponse(DeregistrationResponse {
        pool_handle: handle(),
        pe_identifier: PeIdentifier(0x1122_3344),
        causes: Vec::new(),
    })
}

fn keep_alive(home: bool, registrar: u32) -> Message {
    Message::EndpointKeepAlive(EndpointKeepAlive {
        home,
        registrar: RegistrarIdentifier(registrar),
        pool_handle: handle(),
        pe_identifier: None,
    })
}

/// Returns the loads in the registrations that were sent over an association.
fn registrations(outcome: &Outcome<Event>, over: AssociationId) -> Vec<u32> {
    let load = |(to, message): &(AssociationId, Message)| match message {
        Message::Registration(registration) if *to == over => registration.pool_element.policy.load(),
        _ => None,
    };
    outcome.sent.iter().filter_map(load).collect()
}

/// Returns a registered pool element, and the association to its registrar.
fn registered() -> (Stand<PoolElement>, AssociationId) {
    let mut stand = pool_element(&["10.0.0.8"]);
    let home = attempt(&stand.outcome());
    let sent = stand.up(home, Endpoint::Asap, "10.0.0.8");
    assert_eq!(registrations(&sent, home), [0]);
    let done = stand.receive(home, &response(vec![]));
    assert!(matches!(done.events[..], [Event::Registered { first: true, .. }]));
    assert!(stand.core.is_registered());
    (stand, home)
}

#[test]
fn an_announced_registrar_is_used() {
    let mut stand = pool_element(&[]);
    assert!(stand.outcome().connects.is_empty());
    let announcement = Message::ServerAnnounce(ServerAnnounce {
        registrar: RegistrarIdentifier(9),
        transports: Vec::new(),
    });
    let source = "10.0.0.8:3863".parse().unwrap();
    stand
        .core
        .handle_datagram(stand.now, MulticastGroup::Asap, source, &announcement.encode());
    assert!(
        stand.outcome().connects.is_empty(),
        "others may announce themselves"
    );
    let outcome = stand.pass(Config::default().announcement_gathering);
    assert_eq!(outcome.connects[0].2, peer("10.0.0.8", 3863));
    let up = stand.up(attempt(&outcome), Endpoint::Asap, "10.0.0.8");
    let identified =
        |event: &Event| matches!(event, Event::RegistrarIdentified { registrar, .. } if registrar.0 == 9);
    assert!(up.events.iter().any(identified));
}

/// The first association to come up is that of the registrar that is tried first.
#[test]
fn pool_elements_spread_over_registrars_whoever_announces_itself_first() {
    let announcement = |registrar| {
        Message::ServerAnnounce(ServerAnnounce {
            registrar: RegistrarIdentifier(registrar),
            transports: Vec::new(),
        })
        .encode()
    };
    let mut first_tried = [0; 2];
    for seed in 0..100 {
        let mut stand = pool_element_with_seed(&[], seed);
        let mut connects = Vec::new();
        for registrar in [8, 9] {
            let source = format!("10.0.0.{registrar}:3863").parse().unwrap();
            stand
                .core
                .handle_datagram(stand.now, MulticastGroup::Asap, source, &announcement(registrar));
            connects.extend(stand.pass(milliseconds(20)).connects);
        }
        connects.extend(stand.pass(milliseconds(20)).connects);
        assert_eq!(connects.len(), 2);
        first_tried[usize::from(connects[0].2 == peer("10.0.0.9", 3863))] += 1;
    }
    assert!(first_tried.iter().all(|tried| *tried > 30), "{first_tried:?}");
}

#[test]
fn at_most_three_registrars_are_tried_at_a_time_and_the_first_one_wins() {
    let mut stand = pool_element(&["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]);
    let first = stand.outcome().connects;
    assert_eq!(first.len(), 3);
    let next = stand.down(first[0].0, DownCause::Refused).connects;
    assert_eq!(next.len(), 1);
    let up = stand.up(first[1].0, Endpoint::Asap, "10.0.0.5");
    assert_eq!(up.aborts, [first[2].0, next[0].0]);
    assert_eq!(registrations(&up, first[1].0).len(), 1);
    // An association that came up at the same moment is not needed any more.
    assert!(stand.up(first[2].0, Endpoint::Asap, "10.0.0.6").sent.is_empty());
}

#[test]
fn a_hunt_goes_on_for_ever_ever_more_slowly() {
    let mut stand = pool_element(&["10.0.0.8"]);
    let attempts = stand.pass(Duration::from_secs(60));
    let rounds: Vec<Duration> = attempts
        .events
        .iter()
        .filter_map(|event| match event {
            Event::HuntFailed { next_round, .. } => Some(*next_round),
            _ => None,
        })
        .collect();
    assert_eq!(rounds[..4], [1000, 2000, 4000, 4000].map(milliseconds));
    assert_eq!(attempts.connects.len(), rounds.len() + 1);
}

#[test]
fn it_registers_again_when_t4_expires() {
    let (mut stand, home) = registered();
    assert!(stand.pass(milliseconds(2999)).sent.is_empty());
    assert_eq!(registrations(&stand.pass(milliseconds(1)), home), [0]);
    let done = stand.receive(home, &response(vec![]));
    assert!(matches!(
        done.events[..],
        [Event::Registered { first: false, .. }]
    ));
}

#[test]
fn changes_while_a_registration_is_outstanding_are_merged() {
    let (mut stand, home) = registered();
    stand.pass(milliseconds(500));
    for load in 1..=5 {
        stand.core.set_policy(stand.now, Policy::LeastUsed { load });
    }
    assert_eq!(registrations(&stand.outcome(), home), [1]);
    assert!(
        stand.receive(home, &response(vec![])).sent.is_empty(),
        "not so fast"
    );
    assert_eq!(registrations(&stand.pass(milliseconds(100)), home), [5]);
}

#[test]
fn a_registrar_that_does_not_answer_is_left() {
    let mut stand = pool_element(&["10.0.0.8"]);
    let home = attempt(&stand.outcome());
    stand.up(home, Endpoint::Asap, "10.0.0.8");
    let outcome = stand.pass(milliseconds(500));
    assert_eq!(outcome.aborts, [home]);
    let again = attempt(&outcome);
    stand.up(again, Endpoint::Asap, "10.0.0.8");
    let failed = stand.pass(milliseconds(500));
    assert!(failed.events.contains(&Event::RegistrationFailed { attempts: 2 }));
    assert_eq!(failed.connects.len(), 1, "it goes on all the same");
}

#[test]
fn a_refused_registration_is_repeated_when_it_would_have_been_renewed() {
    let (mut stand, home) = registered();
    stand.pass(Duration::from_secs(3));
    let policy = ErrorCause::bare(CauseCode::INCONSISTENT_POOLING_POLICY);
    let refused = stand.receive(home, &response(vec![policy]));
    let t4 = Config::demo().t4_reregistration;
    assert!(matches!(
        refused.events[..],
        [Event::RegistrationRefused { retry_in, .. }] if retry_in == t4
    ));
    assert!(!stand.core.is_registered());
    assert!(stand.pass(t4 - milliseconds(1)).sent.is_empty());
    assert_eq!(registrations(&stand.pass(milliseconds(1)), home), [0]);
    let policy = ErrorCause::bare(CauseCode::INCONSISTENT_POOLING_POLICY);
    stand.receive(home, &response(vec![policy]));
    // Immediately, if it is another one.
    stand.pass(milliseconds(100));
    stand.core.set_policy(stand.now, Policy::RoundRobin);
    assert_eq!(stand.outcome().sent.len(), 1);
}

#[test]
fn a_refusal_that_may_pass_is_tried_again_later() {
    let mut stand = pool_element(&["10.0.0.8"]);
    let home = attempt(&stand.outcome());
    stand.up(home, Endpoint::Asap, "10.0.0.8");
    let taken = ErrorCause::bare(CauseCode::NON_UNIQUE_PE_IDENTIFIER);
    stand.receive(home, &response(vec![taken]));
    assert!(stand.pass(milliseconds(499)).sent.is_empty());
    assert_eq!(registrations(&stand.pass(milliseconds(1)), home), [0]);
}

#[test]
fn losing_the_registrar_leads_to_the_next_one_at_once() {
    let mut stand = pool_element(&["10.0.0.7", "10.0.0.8"]);
    let attempts = stand.outcome().connects;
    let (home, place) = (attempts[0].0, attempts[0].2.clone());
    stand.up(home, Endpoint::Asap, "10.0.0.7");
    stand.receive(home, &response(vec![]));
    let lost = stand.down(home, DownCause::Timeout);
    assert_ne!(lost.connects[0].2, place, "the lost one is the last resort");
    let next = attempt(&lost);
    let last_resort = stand.down(next, DownCause::Refused);
    assert_eq!(last_resort.connects[0].2, place);
    let up = stand.up(attempt(&last_resort), Endpoint::Asap, "10.0.0.7");
    assert_eq!(registrations(&up, attempt(&last_resort)), [0]);
}

#[test]
fn keep_alives_are_acknowledged_where_they_come_from() {
    let (mut stand, home) = registered();
    stand.up(TAKEOVER, Endpoint::Asap, "10.0.0.9");
    for association in [home, TAKEOVER] {
        let outcome = stand.receive(association, &keep_alive(false, 1));
        assert!(matches!(&outcome.sent[..], [(to, Message::EndpointKeepAliveAck(_))] if *to == association));
    }
    let mut other = keep_alive(false, 1);
    if let Message::EndpointKeepAlive(keep_alive) = &mut other {
        keep_alive.pe_identifier = Some(PeIdentifier(5));
    }
    assert!(stand.receive(home, &other).sent.is_empty());
}

#[test]
fn a_registrar_that_takes_over_becomes_the_home_registrar() {
    let (mut stand, home) = registered();
    stand.receive(home, &keep_alive(false, 1));
    stand.up(TAKEOVER, Endpoint::Asap, "10.0.0.9");
    let outcome = stand.receive(TAKEOVER, &keep_alive(true, 2));
    assert!(matches!(outcome.sent[0].1, Message::EndpointKeepAliveAck(_)));
    assert_eq!(registrations(&outcome, TAKEOVER), [0]);
    assert_eq!(outcome.aborts, [home]);
    stand.receive(TAKEOVER, &response(vec![]));
    assert!(stand.core.is_registered());
    assert!(stand.down(home, DownCause::LocalAbort).connects.is_empty());
}

#[test]
fn a_takeover_ends_a_hunt() {
    let (mut stand, home) = registered();
    stand.up(TAKEOVER, Endpoint::Asap, "10.0.0.9");
    let hunt = attempt(&stand.down(home, DownCause::Timeout));
    let outcome = stand.receive(TAKEOVER, &keep_alive(true, 2));
    assert_eq!(outcome.aborts, [hunt]);
    assert_eq!(registrations(&outcome, TAKEOVER), [0]);
}

#[test]
fn an_expired_registration_is_renewed() {
    let (mut stand, home) = registered();
    stand.pass(milliseconds(1000));
    let outcome = stand.receive(home, &deregistration_response());
    assert_eq!(outcome.events, [Event::RegistrationExpired]);
    assert_eq!(registrations(&outcome, home), [0]);
}

#[test]
fn a_restarted_registrar_is_told_again() {
    let (mut stand, home) = registered();
    assert_eq!(registrations(&stand.restarted(home), home), [0]);
}

#[test]
fn only_the_first_cookie_echo_of_a_session_counts() {
    let (mut stand, _) = registered();
    stand.up(SESSION, Endpoint::Service, "10.0.0.3");
    let echo = |cookie: u8| {
        Message::CookieEcho(CookieEcho {
            cookie: vec![cookie; 4],
        })
    };
    let first = stand.receive(SESSION, &echo(1));
    assert!(matches!(&first.events[..], [Event::CookieEcho { cookie, .. }] if cookie[..] == [1; 4]));
    let second = stand.receive(SESSION, &echo(2));
    assert!(matches!(second.events[..], [Event::Discarded { .. }]));
}

#[test]
fn data_and_control_do_not_mix() {
    let (mut stand, _) = registered();
    stand.up(SESSION, Endpoint::Service, "10.0.0.3");
    let data = stand.receive_bytes(SESSION, Ppid::PING_PONG, b"ping");
    assert!(matches!(
        data.events[..],
        [Event::Data {
            ppid: Ppid::PING_PONG,
            ..
        }]
    ));
    stand
        .core
        .send_data(stand.now, SESSION, Ppid::ASAP, b"no".to_vec());
    stand.core.send_cookie(stand.now, SESSION, Vec::new());
    stand.core.send_cookie(stand.now, SESSION, vec![0; 20_000]);
    let nothing = stand.outcome();
    assert!(nothing.sent.is_empty() && nothing.data.is_empty());
    stand.core.send_cookie(stand.now, SESSION, vec![7]);
    assert!(matches!(
        &stand.outcome().sent[..],
        [(SESSION, Message::Cookie(_))]
    ));
}

#[test]
fn a_stop_deregisters_before_it_closes_sessions() {
    let (mut stand, home) = registered();
    stand.up(SESSION, Endpoint::Service, "10.0.0.3");
    stand.core.stop(stand.now);
    let leaving = stand.outcome();
    assert!(matches!(&leaving.sent[..], [(to, Message::Deregistration(_))] if *to == home));
    assert!(leaving.shutdowns.is_empty());
    assert_eq!(
        stand.up(TAKEOVER, Endpoint::Service, "10.0.0.4").aborts,
        [TAKEOVER]
    );
    let gone = stand.receive(home, &deregistration_response());
    assert_eq!(gone.events, [Event::Deregistered { confirmed: true }]);
    stand.core.send_cookie(stand.now, SESSION, vec![1, 2, 3, 4]);
    stand.core.close(stand.now);
    let closing = stand.outcome();
    assert!(matches!(&closing.sent[..], [(SESSION, Message::Cookie(_))]));
    assert_eq!(closing.shutdowns, [home, SESSION]);
    stand.down(SESSION, DownCause::Graceful);
    assert_eq!(
        stand.down(home, DownCause::Graceful).events.last(),
        Some(&Event::Stopped)
    );
    assert_eq!(stand.core.poll_timeout(), None);
}

#[test]
fn who_leaves_accepts_no_new_home() {
    let (mut stand, home) = registered();
    stand.up(TAKEOVER, Endpoint::Asap, "10.0.0.9");
    stand.core.stop(stand.now);
    stand.outcome();
    assert!(stand.receive(TAKEOVER, &keep_alive(true, 2)).sent.is_empty());
    let asked = stand.receive(home, &keep_alive(false, 1));
    assert!(matches!(&asked.sent[..], [(to, Message::EndpointKeepAliveAck(_))] if *to == home));
}

#[test]
fn a_stop_ends_though_neither_registrar_nor_program_nor_pool_user_help() {
    let (mut stand, home) = registered();
    stand.up(SESSION, Endpoint::Service, "10.0.0.3");
    stand.core.stop(stand.now);
    let deregistered = stand.pass(milliseconds(500));
    assert_eq!(deregistered.events, [Event::Deregistered { confirmed: false }]);
    assert_eq!(stand.pass(milliseconds(1000)).shutdowns, [home, SESSION]);
    let end = stand.pass(milliseconds(1000));
    assert_eq!(
        (end.aborts, end.events),
        (vec![home, SESSION], vec![Event::Stopped])
    );
}

#[test]
fn associations_that_say_nothing_do_not_keep_a_registrar_from_taking_over() {
    let (mut stand, home) = registered();
    stand.receive(home, &keep_alive(false, 1));
    let mut aborted = 0;
    for number in 100..200 {
        let outcome = stand.up(AssociationId::incoming(number), Endpoint::Asap, "10.0.0.66");
        aborted += outcome.aborts.len();
    }
    assert_eq!(aborted, 84, "the oldest go first");
    stand.up(AssociationId::incoming(200), Endpoint::Asap, "10.0.0.9");
    let outcome = stand.receive(AssociationId::incoming(200), &keep_alive(true, 2));
    assert_eq!(registrations(&outcome, AssociationId::incoming(200)), [0]);
    assert_eq!(outcome.aborts, [home]);
}
