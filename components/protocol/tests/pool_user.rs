//! The pool user on its own.

mod support;

use std::time::Duration;

use protocol::pool_user::{
    CandidateSource, Event, FailoverReason, FailoverTimes, PoolUser, ResolutionFailure, SessionId, Settings,
};
use protocol::{AssociationId, Config, Core, DownCause, Endpoint, Time};
use support::{Outcome, Stand, element, handle, peer};
use wire::asap::{BusinessCard, Cookie, HandleResolutionResponse, Message, Resolution};
use wire::parameter::{CauseCode, ErrorCause, Policy};
use wire::{PeIdentifier, Ppid};

const SESSION: SessionId = SessionId(1);

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn answer(identifiers: &[u32]) -> Message {
    let outcome = if identifiers.is_empty() {
        Resolution::Failed(vec![ErrorCause::bare(CauseCode::UNKNOWN_POOL_HANDLE)])
    } else {
        let elements = identifiers.iter();
        Resolution::Resolved {
            overall_policy: Some(Policy::LeastUsed { load: 0 }),
            pool_elements: elements.map(|&n| element(n, &format!("10.0.1.{n}"))).collect(),
        }
    };
    Message::HandleResolutionResponse(HandleResolutionResponse {
        subscribed: false,
        pool_handle: handle(),
        outcome,
    })
}

fn cookie(byte: u8) -> Message {
    Message::Cookie(Cookie {
        cookie: vec![byte; 8],
    })
}

/// Returns the pool elements, by the last byte of their addresses, to which associations are being opened.
fn targets(outcome: &Outcome<Event>) -> Vec<u8> {
    let service = outcome
        .connects
        .iter()
        .filter(|(_, endpoint, _)| *endpoint == Endpoint::Service);
    service
        .map(|(_, _, peer)| match peer.addresses[0] {
            std::net::IpAddr::V4(address) => address.octets()[3],
            std::net::IpAddr::V6(_) => panic!("{peer}"),
        })
        .collect()
}

fn connecting(outcome: &Outcome<Event>) -> AssociationId {
    let mut service = outcome
        .connects
        .iter()
        .filter(|(_, endpoint, _)| *endpoint == Endpoint::Service);
    service.next().expect("a pool element is being connected to").0
}

fn requests(outcome: &Outcome<Event>) -> usize {
    let is_request = |message: &Message| matches!(message, Message::HandleResolution(_));
    outcome
        .sent
        .iter()
        .filter(|(_, message)| is_request(message))
        .count()
}

fn reports(outcome: &Outcome<Event>) -> Vec<u32> {
    let reported = |(_, message): &(AssociationId, Message)| match message {
        Message::EndpointUnreachable(report) => Some(report.pe_identifier.0),
        _ => None,
    };
    outcome.sent.iter().filter_map(reported).collect()
}

struct Served {
    stand: Stand<PoolUser>,
    home: AssociationId,
    association: AssociationId,
}

fn with_config(config: Config) -> (Stand<PoolUser>, AssociationId) {
    let settings = Settings {
        registrars: vec![peer("10.0.0.8", 3863)],
    };
    let mut stand = Stand::new(PoolUser::new(Time::ZERO, settings, config, 1));
    let home = stand.outcome().connects[0].0;
    stand.up(home, Endpoint::Asap, "10.0.0.8");
    stand.core.open_session(stand.now, handle());
    assert_eq!(requests(&stand.outcome()), 1);
    (stand, home)
}

/// A session that pool element 1 serves; the response named 1, 2 and 3. It has sent a cookie.
fn served() -> Served {
    served_with(Config::demo())
}

fn served_with(config: Config) -> Served {
    let (mut stand, home) = with_config(config);
    let association = connecting(&stand.receive(home, &answer(&[1, 2, 3])));
    let up = stand.up(association, Endpoint::Service, "10.0.1.1");
    assert!(matches!(
        up.events[..],
        [Event::SessionUp {
            cookie_echoed: false,
            failover: None,
            ..
        }]
    ));
    stand.receive(association, &cookie(1));
    Served {
        stand,
        home,
        association,
    }
}

#[test]
fn a_failover_needs_one_answer_one_association_and_no_timer() {
    let mut it = served();
    it.stand.now = it.stand.now + milliseconds(10);
    let lost = it.stand.down(it.association, DownCause::Unreachable);
    assert_eq!((requests(&lost), reports(&lost)), (1, vec![1]));
    it.stand.now = it.stand.now + milliseconds(1);
    let resolved = it.stand.receive(it.home, &answer(&[1, 2, 3]));
    assert_eq!(targets(&resolved), [2], "not the one that has just failed");
    it.stand.now = it.stand.now + milliseconds(1);
    let next = connecting(&resolved);
    let up = it.stand.up(next, Endpoint::Service, "10.0.1.2");
    assert!(
        matches!(&up.sent[..], [(to, Message::CookieEcho(echo))] if *to == next && echo.cookie == [1; 8])
    );
    let [
        Event::SessionUp {
            failover: Some(times),
            ..
        },
    ] = &up.events[..]
    else {
        panic!("{up:?}");
    };
    let expected = FailoverTimes {
        from: PeIdentifier(1),
        noticing: milliseconds(10),
        resolving: milliseconds(1),
        connecting: milliseconds(1),
        cookie_echoed: true,
    };
    assert_eq!(*times, expected);
    it.stand.now = it.stand.now + milliseconds(5);
    let data = it.stand.receive_bytes(next, Ppid(7), b"data");
    let complete = Event::FailoverComplete {
        session: SESSION,
        to: PeIdentifier(2),
        times: expected,
        responding: milliseconds(5),
    };
    assert_eq!(data.events[0], complete);
    let data = it.stand.receive_bytes(next, Ppid(7), b"data");
    assert!(!data.events.contains(&complete), "once");
}

#[test]
fn a_pool_element_that_fails_before_its_first_data_prolongs_the_failover() {
    let mut it = served();
    it.stand.receive_bytes(it.association, Ppid(7), b"data");
    it.stand.now = it.stand.now + milliseconds(10);
    it.stand.down(it.association, DownCause::Unreachable);
    let resolved = it.stand.receive(it.home, &answer(&[1, 2, 3]));
    let second = connecting(&resolved);
    it.stand.up(second, Endpoint::Service, "10.0.1.2");
    it.stand.now = it.stand.now + milliseconds(40);
    let lost = it.stand.down(second, DownCause::Unreachable);
    let silence = lost.events.iter().find_map(|event| match event {
        Event::FailoverStarted { silent_for, .. } => Some(*silent_for),
        _ => None,
    });
    assert_eq!(silence, Some(milliseconds(50)));
    let resolved = it.stand.receive(it.home, &answer(&[1, 2, 3]));
    let third = connecting(&resolved);
    it.stand.up(third, Endpoint::Service, "10.0.1.3");
    let data = it.stand.receive_bytes(third, Ppid(7), b"data");
    let Event::FailoverComplete { times, .. } = data.events[0] else {
        panic!("{data:?}");
    };
    assert_eq!(
        (times.from, times.noticing, times.resolving),
        (PeIdentifier(1), milliseconds(10), milliseconds(40))
    );
}

#[test]
fn the_last_cookie_serves_any_number_of_failovers() {
    let mut it = served();
    it.stand.receive(it.association, &cookie(2));
    let mut association = it.association;
    for next in [2, 3, 4] {
        it.stand.down(association, DownCause::Unreachable);
        association = connecting(&it.stand.receive(it.home, &answer(&[next])));
        let up = it.stand.up(association, Endpoint::Service, "10.0.1.2");
        assert!(matches!(&up.sent[..], [(_, Message::CookieEcho(echo))] if echo.cookie == [2; 8]));
        assert_eq!(it.stand.core.cookie(SessionId(1)), Some(&[2; 8][..]));
    }
}

#[test]
fn an_orderly_end_is_a_failover_without_a_report() {
    let mut it = served();
    let left = it.stand.down(it.association, DownCause::Graceful);
    assert!(matches!(
        &left.events[0],
        Event::FailoverStarted {
            reason: FailoverReason::AssociationDown(DownCause::Graceful),
            has_cookie: true,
            ..
        }
    ));
    assert_eq!((requests(&left), reports(&left)), (1, vec![]));
}

#[test]
fn the_application_may_ask_for_a_failover_and_a_report() {
    let mut it = served();
    it.stand
        .core
        .fail_over(it.stand.now, SESSION, "no pixels".to_owned(), true);
    let left = it.stand.outcome();
    assert_eq!(
        (left.aborts.clone(), reports(&left)),
        (vec![it.association], vec![1])
    );
    // Messages over the old association are ignored.
    assert!(
        it.stand
            .receive_bytes(it.association, Ppid::PING_PONG, b"late")
            .events
            .is_empty()
    );
    assert!(
        it.stand
            .down(it.association, DownCause::LocalAbort)
            .events
            .is_empty()
    );
}

#[test]
fn who_cannot_be_connected_to_is_reported_and_the_next_one_tried() {
    let (mut stand, home) = with_config(Config::demo());
    let first = connecting(&stand.receive(home, &answer(&[1, 2, 3])));
    let refused = stand.down(first, DownCause::Refused);
    assert_eq!((targets(&refused), reports(&refused)), (vec![2], vec![1]));
    let second = connecting(&refused);
    let timed_out = stand.pass(milliseconds(700));
    assert_eq!((targets(&timed_out), reports(&timed_out)), (vec![3], vec![2]));
    assert_eq!(timed_out.aborts, [second]);
    let third = connecting(&timed_out);
    assert_eq!(
        requests(&stand.down(third, DownCause::Refused)),
        1,
        "nobody left: ask again"
    );
}

#[test]
fn if_all_have_failed_there_is_a_pause_before_they_are_tried_again() {
    let mut it = served();
    it.stand.down(it.association, DownCause::Unreachable);
    let waits = it.stand.receive(it.home, &answer(&[1]));
    assert!(matches!(
        waits.events[..],
        [Event::ResolutionFailed {
            failure: ResolutionFailure::NoneUsable,
            ..
        }]
    ));
    assert_eq!(requests(&it.stand.pass(milliseconds(100))), 1);
    assert_eq!(targets(&it.stand.receive(it.home, &answer(&[1]))), [1]);
}

#[test]
fn an_unknown_pool_is_asked_for_again_without_limit() {
    let (mut stand, home) = with_config(Config::demo());
    for round in 0..50 {
        let unknown = stand.receive(home, &answer(&[]));
        assert!(matches!(
            unknown.events[..],
            [Event::ResolutionFailed {
                failure: ResolutionFailure::UnknownPoolHandle,
                again,
                ..
            }] if again == (round > 0)
        ));
        assert_eq!(requests(&stand.pass(milliseconds(99))), 0);
        assert_eq!(requests(&stand.pass(milliseconds(1))), 1);
    }
    assert_eq!(targets(&stand.receive(home, &answer(&[7]))), [7]);
}

#[test]
fn an_unanswered_request_is_repeated_and_then_another_registrar_sought() {
    let (mut stand, home) = with_config(Config::demo());
    let mut repeated = 0;
    for _ in 0..2 {
        repeated += requests(&stand.pass(milliseconds(500)));
    }
    assert_eq!(repeated, 2);
    let given_up = stand.pass(milliseconds(500));
    assert!(given_up.aborts.contains(&home));
    let failed = |event: &Event| {
        matches!(
            event,
            Event::ResolutionFailed {
                failure: ResolutionFailure::NoAnswer,
                ..
            }
        )
    };
    assert!(given_up.events.iter().any(failed));
    let found = stand.pass(Duration::from_secs(2)).connects.last().unwrap().0;
    assert_eq!(requests(&stand.up(found, Endpoint::Asap, "10.0.0.8")), 1);
}

#[test]
fn without_a_registrar_the_last_answer_has_to_do() {
    let mut it = served();
    it.stand.down(it.home, DownCause::Timeout);
    let lost = it.stand.down(it.association, DownCause::Timeout);
    assert_eq!(targets(&lost), [2]);
    let stale = |event: &Event| {
        matches!(
            event,
            Event::Resolved {
                source: CandidateSource::StaleCache,
                ..
            }
        )
    };
    assert!(lost.events.iter().any(stale));
    // The report is sent as soon as there is a registrar.
    let found = it.stand.pass(Duration::from_secs(2)).connects;
    let found = found
        .iter()
        .rev()
        .find(|(_, endpoint, _)| *endpoint == Endpoint::Asap)
        .unwrap()
        .0;
    assert_eq!(reports(&it.stand.up(found, Endpoint::Asap, "10.0.0.8"))[0], 1);
}

#[test]
fn a_fresh_cache_spares_the_question() {
    let config = Config {
        stale_cache_value: Duration::from_secs(10),
        ..Config::demo()
    };
    let mut it = served_with(config);
    let lost = it.stand.down(it.association, DownCause::Unreachable);
    assert_eq!((requests(&lost), targets(&lost)), (0, vec![2]));
}

#[test]
fn a_business_card_comes_before_normal_selection() {
    let mut it = served();
    let card = Message::BusinessCard(BusinessCard {
        pool_handle: handle(),
        pool_elements: vec![element(9, "10.0.1.9"), element(8, "10.0.1.8")],
    });
    it.stand.receive(it.association, &card);
    let lost = it.stand.down(it.association, DownCause::Graceful);
    assert_eq!((requests(&lost), targets(&lost)), (0, vec![9]));
    let next = it.stand.down(connecting(&lost), DownCause::Refused);
    assert_eq!(targets(&next), [8]);
    assert_eq!(requests(&it.stand.down(connecting(&next), DownCause::Refused)), 1);
}

#[test]
fn a_restarted_pool_element_knows_nothing_any_more() {
    let mut it = served();
    let restarted = it.stand.restarted(it.association);
    assert_eq!(restarted.aborts, [it.association]);
    assert!(matches!(
        restarted.events[0],
        Event::FailoverStarted {
            reason: FailoverReason::Restarted,
            ..
        }
    ));
    assert_eq!(requests(&restarted), 1);
}

#[test]
fn sessions_that_wait_for_the_same_pool_share_a_request() {
    let (mut stand, home) = with_config(Config::demo());
    stand.core.open_session(stand.now, handle());
    assert_eq!(requests(&stand.outcome()), 0);
    assert_eq!(targets(&stand.receive(home, &answer(&[1]))), [1, 1]);
}

#[test]
fn oversized_cookies_are_not_kept() {
    let mut it = served();
    let huge = Message::Cookie(Cookie {
        cookie: vec![9; 20_000],
    });
    assert!(matches!(
        it.stand.receive(it.association, &huge).events[..],
        [Event::Discarded { .. }]
    ));
    it.stand.down(it.association, DownCause::Unreachable);
    let next = connecting(&it.stand.receive(it.home, &answer(&[2])));
    let up = it.stand.up(next, Endpoint::Service, "10.0.1.2");
    assert!(matches!(&up.sent[..], [(_, Message::CookieEcho(echo))] if echo.cookie == [1; 8]));
}

#[test]
fn data_is_sent_only_while_somebody_serves() {
    let mut it = served();
    assert!(
        it.stand
            .core
            .send_data(it.stand.now, SESSION, Ppid::PING_PONG, b"ping".to_vec())
    );
    assert!(
        !it.stand
            .core
            .send_data(it.stand.now, SESSION, Ppid::ASAP, b"ping".to_vec())
    );
    it.stand.down(it.association, DownCause::Unreachable);
    assert!(
        !it.stand
            .core
            .send_data(it.stand.now, SESSION, Ppid::PING_PONG, b"ping".to_vec())
    );
    assert_eq!(it.stand.core.served_by(SESSION), None);
}

#[test]
fn a_session_closes_in_order_and_in_time() {
    let mut it = served();
    it.stand.core.close_session(it.stand.now, SESSION);
    assert_eq!(it.stand.outcome().shutdowns, [it.association]);
    let end = it.stand.pass(Duration::from_secs(1));
    assert_eq!(end.aborts, [it.association]);
    assert_eq!(end.events, [Event::SessionClosed { session: SESSION }]);
}

#[test]
fn a_stop_ends_everything() {
    let mut it = served();
    it.stand.core.stop(it.stand.now);
    assert_eq!(it.stand.outcome().shutdowns, [it.association, it.home]);
    it.stand.down(it.association, DownCause::Graceful);
    let end = it.stand.pass(Duration::from_secs(1));
    assert_eq!(end.aborts, [it.home]);
    assert_eq!(end.events, [Event::Stopped]);
    assert_eq!(it.stand.core.poll_timeout(), None);
}
