//! Both ends against each other, and each against an end that does what it likes.

mod element;

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use protocol::{AssociationId, Time};
use wire::scripting::{MOST_DATA, Message, Reason};

use crate::cache::Limits;
use crate::client::{self, Environment, Unit};
use crate::server::{self, File, Refused};
use crate::{Hash, NOT_STARTED, OUT_OF_TIME, hash_of};

use element::Element;

const ID: AssociationId = AssociationId::incoming(1);

fn at(seconds: u64) -> Time {
    Time::from_origin(Duration::from_secs(seconds))
}

fn unit(package: &[u8], environment: Option<&[u8]>) -> Unit {
    let environment = environment.map(|content| Environment::new(content.into()));
    let mut unit = Unit::new(client::Settings::default(), package.into(), environment);
    assert!(unit.wants_session(at(0)));
    unit
}

/// Exchanges messages until there are none. Returns what happened to the unit.
fn exchange(now: Time, unit: &mut Unit, element: &mut Element, id: AssociationId) -> Vec<client::Event> {
    let mut events = Vec::new();
    loop {
        let mut idle = true;
        while let Some(message) = unit.next_message(now) {
            idle = false;
            element.server.handle_message(now, id, &message.encode());
            element.carry_out(now);
        }
        for bytes in std::mem::take(&mut element.sent) {
            idle = false;
            unit.handle_message(now, &bytes);
        }
        events.extend(std::iter::from_fn(|| unit.poll_event()));
        if idle {
            return events;
        }
    }
}

/// Serves a unit from its session's beginning to the beginning of its work.
fn serve(now: Time, unit: &mut Unit, element: &mut Element, id: AssociationId) -> Vec<client::Event> {
    element.server.begin_session(now, id);
    element.carry_out(now);
    unit.session_up(now);
    exchange(now, unit, element, id)
}

fn upload(data: &[u8]) -> Message {
    Message::Upload { data: data.to_vec() }
}

fn query(hash: Hash) -> Message {
    Message::Environment {
        hash,
        upload_needed: false,
    }
}

#[test]
fn a_unit_is_uploaded_run_and_its_result_downloaded() {
    let package: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
    let mut element = Element::new(server::Settings {
        host: "here".into(),
        ..server::Settings::default()
    });
    element.output = vec![7; 3 * MOST_DATA];
    let mut unit = unit(&package, None);
    let events = serve(at(0), &mut unit, &mut element, ID);
    let host = "here".to_owned();
    assert_eq!(events, [client::Event::Accepted { host }, client::Event::Begun]);
    assert_eq!(element.files[&(ID, File::Package)], package);
    assert!(unit.is_running());
    element.end(at(1), ID, 0);
    let events = exchange(at(1), &mut unit, &mut element, ID);
    let (exit_status, again) = (0, false);
    let output = element.output.clone();
    assert_eq!(
        events,
        [
            client::Event::Ended { exit_status, again },
            client::Event::Complete { exit_status, output }
        ]
    );
    assert!(unit.is_done());
    assert_eq!(element.closed, [ID]);
    assert_eq!(element.server.counts(), (1, 0));
    element.server.end_session(ID);
    element.carry_out(at(1));
    assert!(element.files.is_empty());
    assert_eq!(element.server.poll_timeout(), None);
}

#[test]
fn an_environment_is_uploaded_once_for_all_units() {
    let environment = vec![9; 2 * MOST_DATA + 1];
    let mut element = Element::new(server::Settings::default());
    for number in 1..=3 {
        let id = AssociationId::incoming(number);
        let mut unit = unit(b"package", Some(&environment));
        serve(at(0), &mut unit, &mut element, id);
        assert!(unit.is_running());
        assert_eq!(element.files[&(id, File::Environment)], environment);
        assert_eq!(element.files[&(id, File::Package)], b"package");
    }
    let kept = std::mem::take(&mut element.kept);
    assert_eq!(kept.keys().collect::<Vec<_>>(), [&hash_of(&environment)]);
}

#[test]
fn keep_alives_go_both_ways_while_a_unit_runs() {
    let mut element = Element::new(server::Settings::default());
    let mut unit = unit(b"package", None);
    serve(at(0), &mut unit, &mut element, ID);
    for second in 1..=120 {
        unit.handle_timeout(at(second));
        element.wait_until(at(second));
        assert_eq!(exchange(at(second), &mut unit, &mut element, ID), []);
    }
    assert!(unit.is_running() && element.aborted.is_empty());
}

#[test]
fn a_unit_starts_over_elsewhere_when_its_pool_element_is_lost() {
    let mut unit = unit(b"package", None);
    let mut first = Element::new(server::Settings::default());
    serve(at(0), &mut unit, &mut first, ID);
    unit.session_lost();
    assert!(!unit.is_running() && unit.next_message(at(1)).is_none());
    let mut second = Element::new(server::Settings::default());
    serve(at(2), &mut unit, &mut second, ID);
    assert_eq!(second.running, [ID]);
    assert_eq!(second.files[&(ID, File::Package)], b"package");
    // In the middle of the download as well: no byte of the first result is left.
    second.output = vec![1; MOST_DATA];
    second.end(at(3), ID, 0);
    let mut lost = second.messages();
    lost.pop();
    for message in lost {
        unit.handle_message(at(3), &message.encode());
    }
    unit.session_lost();
    serve(at(4), &mut unit, &mut first, AssociationId::incoming(2));
    first.end(at(5), AssociationId::incoming(2), 0);
    let events = exchange(at(5), &mut unit, &mut first, AssociationId::incoming(2));
    let output = b"the result".to_vec();
    assert!(events.contains(&client::Event::Complete {
        exit_status: 0,
        output
    }));
}

#[test]
fn a_pool_element_without_room_is_left_and_later_asked_again() {
    let mut element = Element::new(server::Settings::default());
    let mut unit = unit(b"package", None);
    for now in [at(0), at(1)] {
        element.server.reject_session(ID);
        element.carry_out(now);
        unit.session_up(now);
        let last = exchange(now, &mut unit, &mut element, ID).pop();
        let fails_over = matches!(last, Some(client::Event::FailOver { report: false, .. }));
        assert_eq!(fails_over, now == at(0), "{last:?}");
    }
    assert_eq!(element.closed, [ID, ID]);
    assert_eq!(element.server.counts(), (0, 2));
    assert!(!unit.wants_session(at(10)));
    assert_eq!(unit.poll_timeout(), Some(at(11)));
    assert!(unit.wants_session(at(11)));
    serve(at(11), &mut unit, &mut element, ID);
    assert!(unit.is_running());
}

#[test]
fn a_unit_that_fails_is_tried_again_and_its_last_result_is_kept() {
    let mut element = Element::new(server::Settings::default());
    let mut unit = unit(b"package", None);
    for trial in 1..=3 {
        let (now, id) = (at(100 * trial), AssociationId::incoming(trial));
        assert!(trial == 1 || unit.wants_session(now));
        serve(now, &mut unit, &mut element, id);
        element.end(now, id, NOT_STARTED);
        let events = exchange(now, &mut unit, &mut element, id);
        let again = trial < 3;
        let ended = client::Event::Ended {
            exit_status: NOT_STARTED,
            again,
        };
        assert_eq!(events[0], ended);
        if again {
            assert_eq!(events[1..], [client::Event::Leave]);
        } else {
            assert!(
                matches!(&events[1], client::Event::Complete { exit_status: NOT_STARTED, output } if output == b"the result")
            );
        }
    }
}

#[test]
fn a_unit_that_takes_too_long_is_killed() {
    let mut element = Element::new(server::Settings {
        unit_time: Duration::from_secs(5),
        ..server::Settings::default()
    });
    let mut unit = unit(b"package", None);
    serve(at(0), &mut unit, &mut element, ID);
    element.wait_until(at(5));
    assert!(element.running.is_empty());
    let ended = client::Event::Ended {
        exit_status: OUT_OF_TIME,
        again: true,
    };
    assert_eq!(exchange(at(5), &mut unit, &mut element, ID)[0], ended);
}

#[test]
fn the_unit_of_a_session_that_ends_is_removed() {
    let mut element = Element::new(server::Settings::default());
    let mut unit = unit(b"package", Some(b"environment"));
    serve(at(0), &mut unit, &mut element, ID);
    element.server.end_session(ID);
    element.carry_out(at(0));
    assert!(element.running.is_empty() && element.files.is_empty());
    // What comes too late goes nowhere.
    element.end(at(1), ID, 0);
    element.receive(at(1), &Message::KeepAlive);
    assert!(element.messages().is_empty());
}

#[test]
fn a_pool_user_that_goes_silent_is_given_up() {
    let mut element = Element::begun();
    element.receive(at(20), &upload(b"a"));
    element.wait_until(at(49));
    assert_eq!(element.aborted, []);
    element.wait_until(at(50));
    assert_eq!(element.aborted, [Refused::UploadTimeout]);

    let mut element = Element::begun();
    element.receive(at(0), &upload(b""));
    element.wait_until(at(15));
    assert!(element.messages().contains(&Message::KeepAlive));
    element.wait_until(at(25));
    assert_eq!(element.aborted, [Refused::KeepAliveTimeout]);
    assert!(element.running.is_empty());
}

#[test]
fn an_upload_that_drips_does_not_hold_its_session_for_ever() {
    let mut element = Element::begun();
    let mut second = 0;
    while element.aborted.is_empty() {
        second += 20;
        element.receive(at(second), &upload(b"a"));
        element.wait_until(at(second));
        assert!(second <= 3_700);
    }
    assert_eq!(element.aborted, [Refused::UploadTimeout]);
}

#[test]
fn an_upload_has_a_limit() {
    for (file, most) in [
        (File::Package, "work package"),
        (File::Environment, "environment"),
    ] {
        let mut element = Element::new(server::Settings {
            most_package: 100_000,
            most_environment: 100_000,
            ..server::Settings::default()
        });
        element.server.begin_session(at(0), ID);
        element.carry_out(at(0));
        if file == File::Environment {
            element.receive(at(0), &query([1; 20]));
            element.receive(at(0), &upload(b""));
        }
        for _ in 0..100 {
            element.receive(at(0), &upload(&[0; MOST_DATA]));
        }
        assert_eq!(element.aborted, [Refused::TooLarge(most, 100_000)]);
        assert!(element.files.is_empty());
    }
}

#[test]
fn an_environment_must_be_the_one_that_was_announced() {
    let mut element = Element::begun();
    element.receive(at(0), &query(hash_of(b"good")));
    element.receive(at(0), &upload(b""));
    element.receive(at(0), &upload(b"evil"));
    element.receive(at(0), &upload(b""));
    assert_eq!(element.aborted, [Refused::OtherEnvironment]);
    assert!(element.kept.is_empty() && element.running.is_empty());
}

#[test]
fn environments_do_not_pile_up() {
    let mut element = Element::new(server::Settings {
        cache: Limits {
            entries: 2,
            bytes: 1_000,
        },
        ..server::Settings::default()
    });
    for number in 1..=10 {
        let id = AssociationId::incoming(number);
        let environment = vec![number as u8; 100];
        serve(at(0), &mut unit(b"", Some(&environment)), &mut element, id);
        assert!(element.kept.len() <= 2);
    }
    assert!(element.kept.contains_key(&hash_of(&[10; 100])));
}

#[test]
fn what_does_not_belong_there_ends_the_session() {
    let ready = Message::Ready { info: String::new() };
    for messages in [
        vec![ready],
        vec![Message::KeepAliveAck { status: None }],
        vec![Message::Status { exit_status: 0 }],
        vec![Message::Download { data: vec![] }],
        vec![query([1; 20]), query([2; 20])],
        vec![query([1; 20]), upload(b""), query([2; 20])],
        vec![upload(b""), upload(b"more")],
        vec![upload(b""), query([1; 20])],
    ] {
        let mut element = Element::begun();
        for message in &messages {
            element.receive(at(0), message);
        }
        assert!(
            matches!(element.aborted[..], [Refused::Unexpected(_)]),
            "{messages:?}: {:?}",
            element.aborted
        );
        assert!(element.running.is_empty());
    }
}

#[test]
fn a_keep_alive_during_the_upload_is_acknowledged_once_the_work_begins() {
    let mut element = Element::begun();
    element.receive(at(0), &Message::KeepAlive);
    assert_eq!(element.messages(), []);
    element.receive(at(0), &upload(b""));
    let (exit_status, status) = (0, Some(0));
    assert_eq!(
        element.messages(),
        [Message::Status { exit_status }, Message::KeepAliveAck { status }]
    );
}

#[test]
fn a_result_has_a_limit_at_both_ends() {
    let mut element = Element::new(server::Settings {
        most_output: MOST_DATA as u64 + 1,
        ..server::Settings::default()
    });
    element.output = vec![1; 5 * MOST_DATA];
    let mut unit = unit(b"package", None);
    serve(at(0), &mut unit, &mut element, ID);
    element.end(at(0), ID, 0);
    let events = exchange(at(0), &mut unit, &mut element, ID);
    assert!(
        matches!(events.last(), Some(client::Event::Complete { output, .. }) if output.len() == MOST_DATA + 1)
    );

    let settings = client::Settings {
        most_output: 10,
        ..client::Settings::default()
    };
    let mut unit = Unit::new(settings, Arc::from(&b"package"[..]), None);
    assert!(unit.wants_session(at(0)));
    let id = AssociationId::incoming(2);
    serve(at(0), &mut unit, &mut element, id);
    element.end(at(0), id, 0);
    let events = exchange(at(0), &mut unit, &mut element, id);
    assert_eq!(events.last(), Some(&client::Event::TooLarge));
    assert!(unit.is_done());
}

#[test]
fn a_pool_element_that_does_not_answer_is_reported() {
    let mut unit = unit(b"package", None);
    unit.session_up(at(0));
    unit.handle_timeout(at(59));
    assert_eq!(unit.poll_event(), None);
    unit.handle_timeout(at(60));
    assert!(matches!(
        unit.poll_event(),
        Some(client::Event::FailOver { report: true, .. })
    ));

    let mut element = Element::new(server::Settings::default());
    serve(at(100), &mut unit, &mut element, ID);
    unit.handle_timeout(at(110));
    assert_eq!(unit.next_message(at(110)), Some(Message::KeepAlive));
    unit.handle_timeout(at(120));
    let reported = client::Event::FailOver {
        why: "it does not acknowledge a keep-alive",
        report: true,
    };
    assert_eq!(unit.poll_event(), Some(reported));
}

fn any_message() -> impl Strategy<Value = Message> {
    let data = prop_oneof![Just(vec![]), Just(vec![1]), Just(vec![2; MOST_DATA])];
    let info = String::new;
    prop_oneof![
        Just(Message::Ready { info: info() }),
        Just(Message::NotReady {
            reason: Reason::FullyLoaded,
            info: info()
        }),
        data.clone().prop_map(|data| Message::Upload { data }),
        data.prop_map(|data| Message::Download { data }),
        Just(Message::KeepAlive),
        Just(Message::KeepAliveAck { status: None }),
        (0..2_u32).prop_map(|exit_status| Message::Status { exit_status }),
        any::<bool>().prop_map(|upload_needed| Message::Environment {
            hash: hash_of(&[2; MOST_DATA]),
            upload_needed
        }),
    ]
}

proptest! {
    #[test]
    fn any_messages_in_any_order_have_a_defined_outcome(
        messages in prop::collection::vec((any_message(), 0..40_u64), 0..60)
    ) {
        let mut element = Element::begun();
        let mut unit = unit(b"package", Some(&[2; MOST_DATA]));
        unit.session_up(at(0));
        let mut second = 0;
        for (message, pause) in messages {
            second += pause;
            let now = at(second);
            element.wait_until(now);
            element.receive(now, &message);
            unit.handle_timeout(now);
            unit.handle_message(now, &message.encode());
            if unit.wants_session(now) {
                unit.session_up(now);
            }
            while unit.next_message(now).is_some() {}
            prop_assert!(element.aborted.len() <= 1);
            // A session that is over has left nothing.
            if !element.aborted.is_empty() {
                prop_assert!(element.files.is_empty() && element.running.is_empty());
            }
        }
    }
}
