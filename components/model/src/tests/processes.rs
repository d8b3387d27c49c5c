//! The lives of processes, and what is known of components.

use feed::{Home, Impairment, Limits, LinkTarget, Registration, Status};
use wire::RegistrarIdentifier;
use wire::parameter::{ErrorCause, Policy};

use super::*;
use crate::{Farewell, ProcessState, SystemState, Timeline};

fn word(fixture: &Fixture, id: ComponentId) -> &'static str {
    fixture.component(id).process.word()
}

#[test]
fn a_process_goes_through_its_states() {
    let mut fixture = Fixture::default();
    fixture.change(
        PE,
        Change::Added {
            name: "PE 1".into(),
            spec: Box::new(ComponentSpec::new(ComponentRole::PoolElement)),
        },
    );
    assert!(matches!(fixture.component(PE).process, ProcessState::Pending));
    fixture.change(PE, Change::Spawned { pid: 7 });
    assert_eq!(word(&fixture, PE), "starting");
    fixture.change(PE, Change::Frozen);
    fixture.change(PE, Change::Thawed);
    assert_eq!(word(&fixture, PE), "starting");
    fixture.hello(PE);
    assert_eq!(
        (word(&fixture, PE), fixture.component(PE).process.pid()),
        ("running", Some(7))
    );
    fixture.change(PE, Change::Frozen);
    assert_eq!(word(&fixture, PE), "frozen");
    fixture.change(PE, Change::Thawed);
    assert_eq!(word(&fixture, PE), "running");
    fixture.told("PE 1 was thawed");
    fixture.change(PE, Change::Stopping);
    assert_eq!(word(&fixture, PE), "stopping");
    fixture.end(PE, Ending::Clean);
    assert_eq!(word(&fixture, PE), "stopped");
    fixture.told("PE 1 stopped");
    assert!(fixture.component(PE).process.since().is_some());
}

#[test]
fn endings_are_told_apart() {
    let why = || "exit status 101".to_owned();
    for (ending, word_of_it, sentence) in [
        (Ending::Clean, "stopped", "PE 1 stopped"),
        (
            Ending::Crashed { why: why() },
            "crashed",
            "PE 1 crashed: exit status 101",
        ),
        (
            Ending::NotStarted { why: why() },
            "not started",
            "PE 1 could not be started: exit status 101",
        ),
    ] {
        let mut fixture = Fixture::set();
        fixture.end(PE, ending);
        assert_eq!(word(&fixture, PE), word_of_it);
        fixture.told(sentence);
    }
    let mut fixture = Fixture::set();
    fixture.kill(PE);
    assert_eq!(word(&fixture, PE), "killed");
    fixture.told("PE 1 was killed");
}

#[test]
fn a_component_that_is_not_heard_is_out_of_date_and_can_be_thawed_if_it_was_stopped() {
    let mut fixture = Fixture::set();
    fixture.now += Duration::from_secs(100);
    let silent = |seconds, system| Change::Silent {
        silence: Duration::from_secs(seconds),
        system,
    };
    fixture.change(PE, silent(3, SystemState::Waiting));
    fixture.told("PE 1 has not been heard for 3 s; the system says: waiting");
    assert!(!fixture.component(PE).is_stopped());
    let entries = fixture.model.timeline.entries.len();
    fixture.change(PE, silent(4, SystemState::Stopped));
    assert!(fixture.component(PE).is_stopped());
    assert_eq!(fixture.model.timeline.entries.len(), entries, "it is told once");
    fixture.change(PE, Change::Thawed);
    assert!(fixture.component(PE).silence.is_some(), "until it is heard");
    fixture.change(PE, silent(5, SystemState::Waiting));
    fixture.now += Duration::from_secs(2);
    fixture.change(PE, Change::Heard);
    fixture.told("PE 1 is heard again, after 7 s");
    fixture.change(PE, silent(3, SystemState::Stopped));
    fixture.kill(PE);
    assert_eq!(fixture.component(PE).silence, None);
}

#[test]
fn a_computer_that_sleeps_is_one_event() {
    let mut fixture = Fixture::set();
    let (at, duration) = (fixture.now, Duration::from_secs(10));
    for (all, text) in [
        (true, "This computer slept for 10 s"),
        (false, "Poolscope itself was stopped for 10 s"),
    ] {
        fixture.apply(Update::Slept { at, duration, all });
        fixture.told(text);
    }
}

#[test]
fn a_reason_why_nothing_can_be_started_is_told_once() {
    let mut fixture = Fixture::default();
    let all = [ComponentId(1), ComponentId(2), ComponentId(3)];
    for id in all {
        let name = format!("PE {}", id.0);
        fixture.change(
            id,
            Change::Added {
                name,
                spec: Box::new(ComponentSpec::new(ComponentRole::PoolElement)),
            },
        );
        fixture.change(id, Change::Spawned { pid: 7 + id.0 });
    }
    for (id, word) in all.into_iter().zip(["127.0.0.8", "127.0.0.9", "127.0.0.10"]) {
        assert_eq!(fixture.model.start_failure(), None, "others are starting");
        let why = format!("UDP port 9899 of {word} is in use: end the other program");
        fixture.end(id, Ending::Crashed { why });
        if id == all[0] {
            fixture.told(
                "PE 1 could not be started: UDP port 9899 of 127.0.0.8 is in use: end the other program",
            );
        }
    }
    assert_eq!(word(&fixture, all[0]), "not started");
    fixture.told("PE 3 could not be started either, for the same reason");
    assert_eq!(
        fixture.model.start_failure().unwrap().sentence(),
        "No component can be started: UDP port 9899 of 127.0.0.8 is in use: end the other program"
    );
    fixture.change(all[0], Change::Spawned { pid: 11 });
    fixture.hello(all[0]);
    assert_eq!(
        fixture.model.start_failure().unwrap().components,
        ["PE 2", "PE 3"]
    );
    assert!(
        fixture
            .model
            .start_failure()
            .unwrap()
            .sentence()
            .starts_with("PE 2 and PE 3 cannot")
    );
}

#[test]
fn colours_stay_with_their_pool_elements() {
    let mut fixture = Fixture::set();
    assert_eq!([PE, PE2].map(|id| fixture.component(id).colour), [0, 1]);
    fixture.kill(PE);
    fixture.change(PE, Change::Spawned { pid: 8 });
    assert_eq!(fixture.component(PE).colour, 0);
    fixture.change(PE2, Change::Removed);
    fixture.add(ComponentId(5), ComponentRole::PoolElement, "PE 3");
    assert_eq!(fixture.component(ComponentId(5)).colour, 2);
}

#[test]
fn a_registrar_is_believed_about_the_pool_elements_it_owns() {
    let mut fixture = Fixture::set();
    let other = ComponentId(6);
    fixture.add(other, ComponentRole::Registrar, "PR 2");
    fixture.hello(other);
    fixture.feed(PR, handlespace(vec![entry(PE, PR), entry(PE2, other)]));
    fixture.told("PE 1 registered with PR 1");
    assert_eq!(fixture.component(PE).home_registrar, Some(PR));
    assert_eq!(fixture.component(PE2).home_registrar, None);
    fixture.feed(other, handlespace(vec![entry(PE, PR), entry(PE2, other)]));
    fixture.told("PE 2 registered with PR 2");
    // PR 1 takes over when PR 2 is gone.
    fixture.kill(other);
    assert_eq!(
        fixture.component(PE2).home_registrar,
        Some(other),
        "until it is taken over"
    );
    fixture.feed(PR, handlespace(vec![entry(PE, PR), entry(PE2, PR)]));
    assert_eq!(fixture.component(PE2).home_registrar, Some(PR));
    fixture.told("PE 2 moved from PR 2 to PR 1");
    // And it notices when a pool element is gone.
    fixture.feed(PR, handlespace(vec![entry(PE, PR)]));
    assert_eq!(fixture.component(PE2).home_registrar, None);
    assert_eq!(fixture.component(PR).entries.len(), 1);
}

#[test]
fn a_dead_process_forgets_but_its_log_and_problem_stay() {
    let mut fixture = Fixture::set();
    fixture.feed(
        PE,
        Event::Load {
            load: 0.5,
            sessions: 1,
            capacity: 2,
        },
    );
    fixture.feed(
        PE,
        Event::Limits(Limits {
            fail_after: Some(3),
            ..Limits::default()
        }),
    );
    assert_eq!(fixture.component(PE).limits.fail_after, Some(3));
    fixture.change(PE, Change::LogLine("hello".into()));
    fixture.feed(
        PE,
        Event::Problem {
            text: "no registrar".into(),
        },
    );
    fixture.kill(PE);
    let component = fixture.component(PE);
    assert_eq!((component.load, component.ready), (None, false));
    assert_eq!(component.limits, Limits::default());
    assert_eq!(
        component
            .log
            .iter()
            .map(|line| line.text.as_str())
            .collect::<Vec<_>>(),
        ["hello"]
    );
    assert_eq!(component.problem.as_deref(), Some("no registrar"));
    fixture.change(PE, Change::Spawned { pid: 9 });
    assert_eq!(fixture.component(PE).problem, None);
}

#[test]
fn what_a_feed_cannot_know_is_ignored_and_counted() {
    let mut fixture = Fixture::set();
    let load = |load| Event::Load {
        load,
        sessions: 0,
        capacity: 0,
    };
    fixture.feed(PE, load(1.5));
    fixture.feed(PE, load(f64::NAN));
    fixture.feed(
        PE,
        Event::Hello {
            component: feed::ComponentIdentity::Registrar(RegistrarIdentifier(5)),
            version: String::new(),
            pid: 0,
            addresses: Vec::new(),
            transport: String::new(),
            pool_handle: None,
            policy: None,
        },
    );
    fixture.feed(
        PE,
        Event::ImageStarted {
            image: 0,
            width: u32::MAX,
            height: u32::MAX,
            max_iterations: 0,
            algorithm: String::new(),
            sessions: 1,
        },
    );
    assert_eq!(fixture.component(PE).ignored_events, 4);
    assert_eq!(
        fixture.component(PE).identity,
        Some(feed::ComponentIdentity::PoolElement(pool_element(PE)))
    );
}

#[test]
fn logs_and_timeline_are_bounded_and_in_order() {
    let mut fixture = Fixture::set();
    for number in 0..3_000 {
        fixture.change(PE, Change::LogLine(format!("{number}")));
        fixture.change(PE, Change::Refused { why: "no".into() });
    }
    assert_eq!(fixture.component(PE).log.len(), 500);
    assert_eq!(
        fixture.component(PE).log.back().map(|line| line.text.as_str()),
        Some("2999")
    );
    assert_eq!(fixture.model.timeline.entries.len(), Timeline::ENTRIES);
    // Events that arrive late are inserted at their place.
    let before = fixture.now - Duration::from_micros(1_500);
    fixture.apply(Update::Component {
        component: PE,
        at: before,
        change: Change::Refused { why: "late".into() },
    });
    let times: Vec<Timestamp> = fixture
        .model
        .timeline
        .entries
        .iter()
        .map(|entry| entry.at)
        .collect();
    assert!(times.is_sorted() && times.contains(&before));
}

#[test]
fn a_status_calls_components_by_their_names() {
    let mut fixture = Fixture::set();
    let words = |fixture: &mut Fixture, registrar: u32| {
        let home = Home::Identified(RegistrarIdentifier(registrar));
        let status = Status::PoolElement {
            registration: Registration::Registered { home },
            sessions: 0,
        };
        fixture.feed(PE, Event::Status { ready: true, status });
        fixture.component(PE).status.clone()
    };
    assert_eq!(
        words(&mut fixture, identifier(PR)),
        "registered with PR 1, 0 sessions"
    );
    assert_eq!(
        words(&mut fixture, 0x0bad_beef),
        "registered with PR 0x0badbeef, 0 sessions"
    );
}

#[test]
fn only_who_was_heard_has_left_in_order() {
    let mut fixture = Fixture::set();
    let deregistered =
        |confirmed| Event::PoolElement(events::pool_element::Event::Deregistered { confirmed });
    fixture.feed(PE, deregistered(true));
    fixture.end(PE, Ending::Clean);
    assert_eq!(fixture.component(PE).farewell, Farewell::Heard);
    fixture.told("PE 1 stopped");

    let mut fixture = Fixture::set();
    fixture.feed(
        PE,
        Event::Impairments {
            links: vec![(LinkTarget::All, Impairment::UNPLUGGED)],
        },
    );
    fixture.feed(PE, deregistered(false));
    fixture.end(PE, Ending::Clean);
    assert_eq!(fixture.component(PE).farewell, Farewell::Unheard);
    fixture.told("PE 1 stopped, but nobody heard that it left");
    fixture.change(PE, Change::Spawned { pid: 9 });
    assert_eq!(fixture.component(PE).farewell, Farewell::None);
}

#[test]
fn who_has_no_process_serves_nobody() {
    let mut fixture = Fixture::set();
    fixture.feed(PU, served_by(PE, 1));
    fixture.feed(PU, served_by(PE2, 2));
    fixture.kill(PE);
    let served = |fixture: &Fixture| -> Vec<_> {
        let served = fixture.component(PU).served.values();
        served.filter_map(|server| server.component).collect()
    };
    assert_eq!(served(&fixture), [PE2]);
    let session = events::pool_user::SessionId(2);
    fixture.feed(
        PU,
        Event::PoolUser(events::pool_user::Event::SessionClosed { session }),
    );
    assert_eq!(served(&fixture), []);
}

#[test]
fn who_has_done_everything_says_what_until_it_is_started_again() {
    let mut fixture = Fixture::set();
    let status = |activity| Event::Status {
        ready: true,
        status: Status::PoolUser {
            connected: true,
            failure: None,
            activity,
        },
    };
    let units = feed::Activity::Units {
        total: 9,
        running: 0,
        complete: 9,
        failed: 0,
    };
    fixture.feed(PU, status(units));
    fixture.feed(PU, status(feed::Activity::Stopping));
    let reason = feed::FINISHED.to_owned();
    fixture.feed(PU, Event::Goodbye { reason });
    fixture.change(PU, Change::Ended(Ending::Clean));
    assert_eq!(
        fixture.component(PU).finished.as_deref(),
        Some("9 of 9 units complete")
    );
    let told = fixture
        .model
        .timeline
        .entries
        .back()
        .map(|entry| entry.text.as_str());
    assert_eq!(told, Some("PU 1 has finished: 9 of 9 units complete"));
    fixture.change(PU, Change::Spawned { pid: 77 });
    assert_eq!(fixture.component(PU).finished, None);
}

#[test]
fn sessions_without_pictures_leave_nothing_behind() {
    let mut fixture = Fixture::set();
    for session in 1..=3_000 {
        fixture.feed(PU, served_by(PE, session));
        assert_eq!(fixture.component(PU).served.len(), 1, "session {session}");
        let session = events::pool_user::SessionId(session);
        fixture.feed(
            PU,
            Event::PoolUser(events::pool_user::Event::SessionClosed { session }),
        );
    }
    assert!(fixture.component(PU).served_before.is_empty());
}

fn served_by(element: ComponentId, session: u32) -> Event {
    Event::PoolUser(events::pool_user::Event::SessionUp {
        session: events::pool_user::SessionId(session),
        pe_identifier: pool_element(element),
        association: u64::from(session).into(),
        cookie_echoed: false,
        failover: None,
    })
}

#[test]
fn a_refusal_is_told_once_and_shown_as_long_as_it_lasts() {
    use events::pool_element::Event as Occurred;
    let mut fixture = Fixture::set();
    let refused = || {
        Event::PoolElement(Occurred::RegistrationRefused {
            pool_handle: PoolHandle::new(b"FractalPool").unwrap(),
            policy: Policy::LeastUsed { load: 0 },
            causes: vec![ErrorCause::inconsistent_policy(&Policy::RoundRobin)],
            retry_in: Duration::from_secs(3),
        })
    };
    let sentence = "PE 1 was refused: the pool FractalPool has Round Robin, it offers Least Used";
    let times = |fixture: &Fixture| {
        let entries = fixture.model.timeline.entries.iter();
        entries.filter(|entry| entry.text == sentence).count()
    };
    let trouble = |fixture: &Fixture| {
        let trouble = fixture.component(PE).trouble();
        trouble.map(std::borrow::Cow::into_owned)
    };
    for _ in 0..3 {
        fixture.feed(PE, refused());
    }
    assert_eq!(times(&fixture), 1);
    assert_eq!(
        trouble(&fixture).as_deref(),
        Some("refused: the pool FractalPool has Round Robin, it offers Least Used")
    );
    fixture.feed(
        PE,
        Event::PoolElement(Occurred::Registered {
            association: 1.into(),
            registrar: None,
            first: true,
            warnings: Vec::new(),
        }),
    );
    assert_eq!(trouble(&fixture), None);
    // Who is refused anew is told anew.
    fixture.feed(PE, refused());
    assert_eq!(times(&fixture), 2);
    fixture.end(PE, Ending::Killed);
    assert_eq!(trouble(&fixture), None);
}

#[test]
fn a_line_of_any_length_takes_little_memory() {
    let mut fixture = Fixture::set();
    fixture.change(PE, Change::LogLine("x".repeat(1 << 20)));
    let kept = &fixture.component(PE).log[0].text;
    assert!(kept.len() < 20_000, "{}", kept.len());
}
