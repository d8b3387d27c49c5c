use std::time::Duration;

use super::*;

const SESSION: AssociationId = AssociationId::incoming(1);
const OTHER: AssociationId = AssociationId::incoming(2);

fn at(milliseconds: u64) -> Time {
    Time::from_origin(Duration::from_millis(milliseconds))
}

fn server(settings: Settings) -> Server {
    let mut server = Server::new(Time::ZERO, settings, 1);
    server.begin_session(Time::ZERO, SESSION);
    server.begin_session(Time::ZERO, OTHER);
    server
}

fn message(kind: Kind, job_id: u32, job_size: u64) -> Vec<u8> {
    let message = Message {
        kind,
        job_id,
        job_size,
        completed: 0,
    };
    message.encode()
}

fn request(server: &mut Server, now: Time, session: AssociationId, job_id: u32, size: u64) {
    let bytes = message(Kind::Request, job_id, size);
    server.handle_message(now, session, &bytes).unwrap();
}

/// Takes all outputs, as words.
fn outputs(server: &mut Server) -> Vec<String> {
    std::iter::from_fn(|| server.poll_output())
        .filter_map(|output| match output {
            Output::Send { bytes, .. } => {
                let message = Message::decode(&bytes).unwrap();
                Some(format!("{:?} {}", message.kind, message.job_id))
            }
            Output::Cookie { bytes, .. } => {
                let cookie = StateCookie::decode(&bytes).unwrap();
                Some(format!("cookie {}: {}", cookie.job_id, cookie.completed))
            }
            Output::Event(_) => None,
        })
        .collect()
}

/// Lets time pass, and answers keep-alives in the given session. Returns what happened with its milliseconds.
fn run(server: &mut Server, until: Time, answering: Option<AssociationId>) -> Vec<String> {
    let mut happened = Vec::new();
    while let Some(time) = server.poll_timeout().filter(|time| *time <= until) {
        server.handle_timeout(time);
        for word in outputs(server) {
            if let (Some(session), Some(id)) = (answering, word.strip_prefix("KeepAlive ")) {
                let ack = message(Kind::KeepAliveAck, id.parse().unwrap(), 0);
                server.handle_message(time, session, &ack).unwrap();
                continue;
            }
            happened.push(format!("{} {word}", time.since_origin().as_millis()));
        }
    }
    server.handle_timeout(until);
    happened
}

#[test]
fn a_job_is_accepted_gets_cookies_and_is_completed() {
    let mut server = server(Settings::default());
    request(&mut server, at(0), SESSION, 42, 12_000_000);
    assert_eq!(outputs(&mut server), ["Accept 42", "cookie 42: 0"]);
    assert_eq!(server.load(), 0.1);
    let happened = run(&mut server, at(60_000), Some(SESSION));
    assert_eq!(
        happened,
        [
            "5000 cookie 42: 5000000",
            "10000 cookie 42: 10000000",
            "12000 Complete 42"
        ]
    );
    let done = Work {
        done: 12e6,
        completed: 1,
        rejected: 0,
    };
    assert_eq!(server.work(at(60_000)), done);
    assert_eq!(server.poll_timeout(), None);
}

#[test]
fn a_job_continues_from_its_cookie() {
    let mut server = server(Settings::default());
    let cookie = StateCookie {
        job_id: 7,
        job_size: 3_000_000,
        completed: 2_000_000,
    };
    server
        .handle_cookie_echo(at(0), SESSION, &cookie.encode())
        .unwrap();
    assert_eq!(outputs(&mut server), ["Accept 7", "cookie 7: 2000000"]);
    assert_eq!(run(&mut server, at(9_000), None), ["1000 Complete 7"]);
    assert_eq!(server.work(at(9_000)).done, 1e6);
}

#[test]
fn a_cookie_of_a_completed_job_completes_it_again() {
    let mut server = server(Settings::default());
    let cookie = StateCookie {
        job_id: 7,
        job_size: 3,
        completed: 3,
    };
    server
        .handle_cookie_echo(at(0), SESSION, &cookie.encode())
        .unwrap();
    assert_eq!(outputs(&mut server), ["Accept 7", "Complete 7"]);
}

#[test]
fn impossible_cookies_and_messages_end_the_session() {
    let cookie = StateCookie {
        job_id: 1,
        job_size: 5,
        completed: 6,
    };
    for bytes in [cookie.encode(), Vec::new(), vec![0; 21]] {
        let mut server = server(Settings::default());
        request(&mut server, at(0), SESSION, 1, 100);
        request(&mut server, at(0), OTHER, 1, 100);
        let refused = server.handle_cookie_echo(at(0), SESSION, &bytes);
        assert!(matches!(refused, Err(Refused::Cookie(_))), "{bytes:?}");
        assert_eq!(server.running(), 1);
        outputs(&mut server);
        // What is on its way has no effect.
        request(&mut server, at(0), SESSION, 2, 100);
        assert!(outputs(&mut server).is_empty());
    }
    for kind in [Kind::Accept, Kind::Reject, Kind::Abort, Kind::Complete] {
        let mut server = server(Settings::default());
        let refused = server.handle_message(at(0), SESSION, &message(kind, 1, 1));
        assert!(matches!(refused, Err(Refused::WrongDirection(_))), "{kind:?}");
    }
    let mut server = server(Settings::default());
    let refused = server.handle_message(at(0), SESSION, &[9; 24]);
    assert!(matches!(refused, Err(Refused::Message(_))));
}

#[test]
fn a_request_beyond_the_limit_is_rejected_in_whatever_session() {
    let mut server = server(Settings {
        max_jobs: 2,
        ..Settings::default()
    });
    request(&mut server, at(0), SESSION, 1, 1_000_000);
    request(&mut server, at(0), SESSION, 2, 1_000_000);
    outputs(&mut server);
    assert_eq!(server.load(), 1.0);
    request(&mut server, at(0), OTHER, 1, 5);
    assert_eq!(outputs(&mut server), ["Reject 1"]);
    assert_eq!(server.work(at(0)).rejected, 1);
    // Room is where a job has ended.
    server.end_session(at(1), SESSION);
    request(&mut server, at(1), OTHER, 1, 5);
    assert_eq!(outputs(&mut server), ["Accept 1", "cookie 1: 0"]);
}

#[test]
fn a_lower_limit_rejects_new_jobs_and_keeps_those_in_service() {
    let mut server = server(Settings::default());
    for id in 0..4 {
        request(&mut server, at(0), SESSION, id, 1_000_000);
    }
    server.set_max_jobs(at(0), 2);
    assert_eq!((server.running(), server.load()), (4, 1.0));
    server.set_max_jobs(at(0), 0);
    assert_eq!(server.load(), 1.0);
    outputs(&mut server);
    request(&mut server, at(0), SESSION, 9, 1);
    assert_eq!(outputs(&mut server), ["Reject 9"]);
}

#[test]
fn a_second_request_of_the_same_id_is_rejected_and_changes_nothing() {
    let mut server = server(Settings::default());
    request(&mut server, at(0), SESSION, 1, 1_000_000);
    request(&mut server, at(500), SESSION, 1, 9);
    assert_eq!(outputs(&mut server), ["Accept 1", "cookie 1: 0", "Reject 1"]);
    assert_eq!(server.work(at(500)).rejected, 0);
    assert_eq!(run(&mut server, at(2_000), None), ["1000 Complete 1"]);
    // Another session may use the ID as well.
    request(&mut server, at(2_000), SESSION, 1, 9);
    request(&mut server, at(2_000), OTHER, 1, 9);
    assert_eq!(server.running(), 2);
}

#[test]
fn a_pool_user_that_does_not_answer_loses_its_job() {
    let mut server = server(Settings {
        cookie_interval: Duration::MAX,
        cookie_calculations: f64::INFINITY,
        ..Settings::default()
    });
    request(&mut server, at(0), SESSION, 1, 100_000_000);
    request(&mut server, at(0), OTHER, 2, 100_000_000);
    outputs(&mut server);
    let happened = run(&mut server, at(5_000), Some(OTHER));
    assert_eq!(
        happened,
        Vec::<String>::new(),
        "the acknowledgements are of the other session"
    );
    assert_eq!(server.running(), 1);
    // It has its capacity for itself from then on.
    assert_eq!(server.work(at(6_000)).done, 6e6);
}

#[test]
fn keep_alives_are_answered_only_for_known_jobs() {
    let mut server = server(Settings::default());
    request(&mut server, at(0), SESSION, 1, 100);
    outputs(&mut server);
    for (session, kind) in [
        (OTHER, Kind::KeepAlive),
        (OTHER, Kind::KeepAliveAck),
        (SESSION, Kind::KeepAlive),
    ] {
        server
            .handle_message(at(0), session, &message(kind, 1, 0))
            .unwrap();
    }
    assert_eq!(outputs(&mut server), ["KeepAliveAck 1"]);
}

#[test]
fn the_smallest_and_the_largest_job_have_defined_ends() {
    let mut server = server(Settings::default());
    request(&mut server, at(0), SESSION, 1, 0);
    assert_eq!(outputs(&mut server), ["Accept 1", "Complete 1"]);
    request(&mut server, at(0), SESSION, 2, u64::MAX);
    request(&mut server, at(0), SESSION, 3, 1_000_000);
    outputs(&mut server);
    assert_eq!(run(&mut server, at(2_100), None), ["2000 Complete 3"]);
    let cookie = StateCookie {
        job_id: 4,
        job_size: u64::MAX,
        completed: u64::MAX - 1_000_000,
    };
    server.end_session(at(2_100), SESSION);
    server
        .handle_cookie_echo(at(2_100), OTHER, &cookie.encode())
        .unwrap();
    outputs(&mut server);
    assert_eq!(run(&mut server, at(4_000), None), ["3100 Complete 4"]);
}

#[test]
fn a_changed_capacity_counts_at_once() {
    let mut server = server(Settings::default());
    request(&mut server, at(0), SESSION, 1, 3_000_000);
    outputs(&mut server);
    server.set_capacity(at(1_000), 2_000_000.0);
    assert_eq!(run(&mut server, at(3_000), None), ["2000 Complete 1"]);
    server.set_capacity(at(3_000), 0.0);
    request(&mut server, at(3_000), SESSION, 1, 3_000_000);
    outputs(&mut server);
    assert_eq!(run(&mut server, at(5_400), None), Vec::<String>::new());
    assert_eq!(server.running(), 1);
}

#[test]
fn the_last_cookies_are_sent_with_their_probability() {
    let with_last_cookie = |probability| {
        let sent = (0..1000).filter(|seed| {
            let settings = Settings {
                final_cookie_probability: probability,
                ..Settings::default()
            };
            let mut server = Server::new(Time::ZERO, settings, *seed);
            server.begin_session(at(0), SESSION);
            request(&mut server, at(0), SESSION, 1, 5_000_000);
            outputs(&mut server);
            server.shut_down(at(1_000));
            assert_eq!(server.running(), 0);
            let sent = outputs(&mut server);
            request(&mut server, at(1_000), SESSION, 2, 1);
            assert_eq!(outputs(&mut server), ["Reject 2"]);
            match sent.as_slice() {
                [] => false,
                sent => {
                    assert_eq!(sent, ["cookie 1: 1000000"]);
                    true
                }
            }
        });
        sent.count()
    };
    assert_eq!(with_last_cookie(0.0), 0);
    assert_eq!(with_last_cookie(1.0), 1000);
    // Four standard deviations of the binomial distribution.
    assert!((245..=355).contains(&with_last_cookie(0.3)));
}

#[test]
fn settings_of_zero_do_not_keep_the_processor_busy() {
    let mut server = server(Settings {
        cookie_calculations: 0.0,
        cookie_interval: Duration::ZERO,
        keep_alive_interval: Duration::ZERO,
        keep_alive_timeout: Duration::ZERO,
        ..Settings::default()
    });
    request(&mut server, at(0), SESSION, 1, 10_000);
    let happened = run(&mut server, at(10), Some(SESSION));
    assert!(happened.len() <= 12, "{happened:?}");
    assert_eq!(server.running(), 0);
}

#[test]
fn thousands_of_jobs_of_one_size_end_together() {
    let mut server = server(Settings {
        max_jobs: 5000,
        keep_alive_interval: Duration::MAX,
        cookie_calculations: f64::INFINITY,
        cookie_interval: Duration::MAX,
        ..Settings::default()
    });
    for id in 0..5000 {
        request(&mut server, at(0), SESSION, id, 1_000);
    }
    assert_eq!(outputs(&mut server).len(), 10_000);
    let happened = run(&mut server, at(5_000), None);
    assert_eq!(happened.len(), 5000);
    assert!(happened.iter().all(|word| word.starts_with("5000 Complete")));
}
