use super::*;

fn at(milliseconds: u64) -> Time {
    Time::from_origin(Duration::from_millis(milliseconds))
}

fn settings() -> Settings {
    Settings {
        request_size: Distribution::Constant(1000.0),
        request_interval: Distribution::Constant(60.0),
        ..Settings::default()
    }
}

/// Creates a client whose first request has just come up.
fn client(settings: Settings) -> Client {
    let mut client = Client::new(Time::ZERO, settings, 1);
    client.handle_timeout(Time::ZERO);
    assert_eq!(outputs(&mut client), ["open"]);
    client
}

/// Creates a client whose first request is in service, with a cookie if `with_cookie`.
fn served(with_cookie: bool) -> Client {
    let mut client = client(settings());
    client.session_up(at(0), false);
    if with_cookie {
        client.cookie_received(at(0), &cookie(1, 1000, 10));
    }
    tell(&mut client, at(0), Kind::Accept, 1, 0);
    outputs(&mut client);
    client
}

fn cookie(job_id: u32, job_size: u64, completed: u64) -> Vec<u8> {
    let cookie = StateCookie {
        job_id,
        job_size,
        completed,
    };
    cookie.encode()
}

fn message(kind: Kind, job_id: u32, size: u64) -> Vec<u8> {
    let message = Message {
        kind,
        job_id,
        job_size: size,
        completed: size,
    };
    message.encode()
}

fn tell(client: &mut Client, now: Time, kind: Kind, job_id: u32, size: u64) {
    client.handle_message(now, &message(kind, job_id, size)).unwrap();
}

/// Takes all outputs, as words.
fn outputs(client: &mut Client) -> Vec<String> {
    std::iter::from_fn(|| client.poll_output())
        .filter_map(|output| match output {
            Output::OpenSession => Some("open".into()),
            Output::CloseSession => Some("close".into()),
            Output::Send { bytes } => {
                let message = Message::decode(&bytes).unwrap();
                Some(format!(
                    "{:?} {} {}",
                    message.kind, message.job_id, message.job_size
                ))
            }
            Output::FailOver { report: true, .. } => Some("report".into()),
            Output::FailOver { report: false, .. } => Some("fail over".into()),
            Output::Event(_) => None,
        })
        .collect()
}

fn wait(client: &mut Client, until: Time) -> Vec<String> {
    let mut happened = Vec::new();
    while let Some(time) = client.poll_timeout().filter(|time| *time <= until) {
        client.handle_timeout(time);
        let milliseconds = time.since_origin().as_millis();
        happened.extend(
            outputs(client)
                .iter()
                .map(|word| format!("{milliseconds} {word}")),
        );
    }
    happened
}

#[test]
fn a_request_gets_a_session_and_its_times_are_counted() {
    let mut client = client(settings());
    client.session_up(at(100), false);
    assert_eq!(outputs(&mut client), ["Request 1 1000"]);
    tell(&mut client, at(200), Kind::Accept, 1, 0);
    assert!(client.is_served());
    tell(&mut client, at(2_200), Kind::Complete, 1, 1000);
    assert_eq!(outputs(&mut client), ["close"]);
    let work = client.work();
    assert_eq!((work.requested, work.completed, work.running), (1, 1, 0));
    assert_eq!(work.handling, Duration::from_millis(2_200));
    assert_eq!(work.queueing, Duration::ZERO);
    assert_eq!(work.handling_speed(), Some(1000.0 / 2.2));
}

#[test]
fn further_requests_wait_for_their_turn() {
    let mut client = served(false);
    assert_eq!(client.poll_timeout(), Some(at(5_000)));
    client.session_lost(at(1_000));
    assert_eq!(wait(&mut client, at(130_000)), Vec::<String>::new());
    assert_eq!(client.work().queued, 2);
    client.session_up(at(130_000), false);
    tell(&mut client, at(130_000), Kind::Accept, 1, 0);
    outputs(&mut client);
    tell(&mut client, at(150_000), Kind::Complete, 1, 1000);
    assert_eq!(outputs(&mut client), ["close", "open"]);
    client.session_up(at(150_000), false);
    tell(&mut client, at(150_000), Kind::Accept, 2, 0);
    tell(&mut client, at(160_000), Kind::Complete, 2, 1000);
    // It came up at 60 s and waited until 150 s.
    assert_eq!(client.work().queueing, Duration::from_secs(90));
    assert_eq!(client.work().handling, Duration::from_secs(150 + 100));
}

#[test]
fn the_answer_to_a_request_is_awaited_for_some_time() {
    let mut client = client(settings());
    client.session_up(at(0), false);
    outputs(&mut client);
    assert_eq!(wait(&mut client, at(20_000)), ["5000 report"]);
    // Nothing was done: the next pool element gets the request.
    client.session_up(at(20_000), false);
    assert_eq!(outputs(&mut client), ["Request 1 1000"]);
}

#[test]
fn keep_alives_find_a_pool_element_that_no_longer_works() {
    let mut client = served(true);
    assert_eq!(wait(&mut client, at(5_000)), ["5000 KeepAlive 1 0"]);
    tell(&mut client, at(6_000), Kind::KeepAliveAck, 1, 0);
    assert_eq!(
        wait(&mut client, at(30_000)),
        ["11000 KeepAlive 1 0", "16000 report"]
    );
    // The cookie, which the session echoes, takes the place of the request.
    client.session_up(at(30_000), true);
    assert_eq!(outputs(&mut client), ["KeepAlive 1 0"]);
    tell(&mut client, at(30_000), Kind::KeepAliveAck, 1, 0);
    assert!(!client.is_served());
    tell(&mut client, at(30_000), Kind::Accept, 1, 0);
    assert!(client.is_served());
}

#[test]
fn a_pool_elements_keep_alive_is_answered_for_the_job_in_service() {
    let mut client = served(false);
    tell(&mut client, at(0), Kind::KeepAlive, 1, 0);
    tell(&mut client, at(0), Kind::KeepAlive, 2, 0);
    assert_eq!(outputs(&mut client), ["KeepAliveAck 1 0"]);
}

#[test]
fn a_rejection_without_a_cookie_leads_to_a_new_session_a_little_later() {
    let mut client = client(settings());
    client.session_up(at(0), false);
    outputs(&mut client);
    tell(&mut client, at(10), Kind::Reject, 1, 0);
    assert_eq!(outputs(&mut client), ["close"]);
    assert_eq!(wait(&mut client, at(50_000)), ["1010 open"]);
    assert_eq!(client.work().rejected, 1);
    assert_eq!(client.work().running, 1);
}

#[test]
fn a_rejection_with_a_cookie_leads_to_the_next_pool_element() {
    let mut client = served(true);
    client.session_lost(at(100));
    client.session_up(at(200), true);
    outputs(&mut client);
    tell(&mut client, at(300), Kind::Reject, 1, 0);
    assert_eq!(outputs(&mut client), ["fail over"]);
    // When the next one is full as well, there is no use in hurrying.
    client.session_up(at(400), true);
    outputs(&mut client);
    tell(&mut client, at(500), Kind::Reject, 1, 0);
    assert_eq!(wait(&mut client, at(2_000)), ["1500 fail over"]);
    client.session_up(at(2_000), true);
    tell(&mut client, at(2_000), Kind::Accept, 1, 0);
    // From then on, the next rejection is the first one.
    client.session_lost(at(2_100));
    client.session_up(at(2_200), true);
    outputs(&mut client);
    tell(&mut client, at(2_300), Kind::Reject, 1, 0);
    assert_eq!(outputs(&mut client), ["fail over"]);
    assert_eq!(client.work().rejected, 3);
}

#[test]
fn a_cookie_that_was_not_echoed_does_not_count() {
    let mut client = served(true);
    client.session_lost(at(100));
    client.session_up(at(200), false);
    assert_eq!(outputs(&mut client), ["Request 1 1000"]);
    // So a rejection is one without a cookie.
    tell(&mut client, at(300), Kind::Reject, 1, 0);
    assert_eq!(outputs(&mut client), ["close"]);
}

#[test]
fn a_foul_cookie_is_not_carried_to_another_pool_element() {
    for wrong in [cookie(2, 1000, 10), cookie(1, 999, 10), vec![1, 2, 3]] {
        let mut client = served(false);
        client.cookie_received(at(0), &wrong);
        client.session_lost(at(100));
        assert_eq!(outputs(&mut client), ["close", "open"]);
        client.session_up(at(200), false);
        assert_eq!(outputs(&mut client), ["Request 1 1000"]);
    }
    // Only the last cookie counts.
    let mut client = served(false);
    client.cookie_received(at(0), &[1, 2, 3]);
    client.cookie_received(at(0), &cookie(1, 1000, 10));
    client.session_lost(at(100));
    assert_eq!(outputs(&mut client), Vec::<String>::new());
}

#[test]
fn a_pool_element_that_talks_nonsense_is_left() {
    for bytes in [
        vec![0; 3],
        message(Kind::Request, 1, 1000),
        message(Kind::Abort, 1, 0),
        message(Kind::Accept, 1, 0),
        message(Kind::Reject, 1, 0),
        message(Kind::Complete, 1, 999),
    ] {
        let mut client = served(false);
        assert!(client.handle_message(at(1), &bytes).is_err(), "{bytes:?}");
        assert_eq!(outputs(&mut client), ["fail over"], "{bytes:?}");
        assert_eq!(client.work().completed, 0);
        // What else is on its way from there is ignored.
        tell(&mut client, at(2), Kind::Complete, 1, 1000);
        assert_eq!(client.work().completed, 0);
    }
    // A completion before the acceptance.
    let mut client = client(settings());
    client.session_up(at(0), false);
    assert!(
        client
            .handle_message(at(1), &message(Kind::Complete, 1, 1000))
            .is_err()
    );
}

#[test]
fn messages_about_other_jobs_are_ignored() {
    let mut client = served(false);
    for kind in Kind::ALL {
        tell(&mut client, at(1), kind, 2, 5);
    }
    assert_eq!(outputs(&mut client), Vec::<String>::new());
    assert!(client.is_served());
}

#[test]
fn a_client_without_a_request_ignores_everything() {
    let mut client = Client::new(Time::ZERO, settings(), 1);
    client.session_up(at(0), false);
    client.session_lost(at(0));
    client.cookie_received(at(0), &[]);
    tell(&mut client, at(0), Kind::Complete, 1, 1);
    assert_eq!(outputs(&mut client), Vec::<String>::new());
    assert_eq!(client.work(), Work::default());
}

#[test]
fn a_limited_client_is_finished_when_all_requests_are_completed() {
    let mut client = client(Settings {
        requests: Some(2),
        ..settings()
    });
    for id in 1..=2 {
        let now = at(60_000 * u64::from(id));
        assert!(!client.is_finished());
        client.session_up(now, false);
        tell(&mut client, now, Kind::Accept, id, 0);
        tell(&mut client, now, Kind::Complete, id, 1000);
        client.handle_timeout(now);
    }
    assert!(client.is_finished());
    assert_eq!(client.poll_timeout(), None);
}

#[test]
fn changed_sizes_and_intervals_count_from_then_on() {
    let mut client = served(false);
    client.set_request_size(Distribution::Constant(5.0));
    client.set_request_interval(at(1_000), Distribution::Constant(1.0));
    tell(&mut client, at(1_500), Kind::Complete, 1, 1000);
    outputs(&mut client);
    assert_eq!(wait(&mut client, at(2_000)), ["2000 open"]);
    client.session_up(at(2_000), false);
    assert_eq!(outputs(&mut client), ["Request 2 5"]);
}

#[test]
fn the_same_seed_asks_for_the_same() {
    let sizes = |seed| {
        let settings = Settings {
            max_queue: 100,
            ..Settings::default()
        };
        let mut client = Client::new(Time::ZERO, settings, seed);
        client.handle_timeout(at(600_000));
        let events = std::iter::from_fn(|| client.poll_output());
        events
            .filter_map(|output| match output {
                Output::Event(Event::CameUp { size, at, .. }) => Some((size, at)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(sizes(1), sizes(1));
    assert_ne!(sizes(1), sizes(2));
}
