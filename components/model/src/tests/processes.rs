//! The lives of processes, and what is known of components.

use feed::{Home, Impairment, Limits, LinkTarget, Registration, Status};
use wire::RegistrarIdentifier;

use super::*;
use crate::{ProcessState, Timeline};

fn word(stage: &Stage, id: ComponentId) -> &'static str {
    stage.component(id).process.word()
}

#[test]
fn a_process_goes_through_its_states() {
    let mut stage = Stage::default();
    stage.change(
        PE,
        Change::Added {
            name: "PE 1".into(),
            spec: Box::new(ComponentSpec::new(ComponentRole::PoolElement)),
        },
    );
    assert!(matches!(stage.component(PE).process, ProcessState::Pending));
    stage.change(PE, Change::Spawned { pid: 7 });
    assert_eq!(word(&stage, PE), "starting");
    stage.change(PE, Change::Frozen);
    stage.change(PE, Change::Thawed);
    assert_eq!(word(&stage, PE), "starting");
    stage.hello(PE);
    assert_eq!(
        (word(&stage, PE), stage.component(PE).process.pid()),
        ("running", Some(7))
    );
    stage.change(PE, Change::Frozen);
    assert_eq!(word(&stage, PE), "frozen");
    stage.change(PE, Change::Thawed);
    assert_eq!(word(&stage, PE), "running");
    stage.told("PE 1 was thawed");
    stage.change(PE, Change::Stopping);
    assert_eq!(word(&stage, PE), "stopping");
    stage.end(PE, Ending::Clean);
    assert_eq!(word(&stage, PE), "stopped");
    stage.told("PE 1 stopped");
    assert!(stage.component(PE).process.since().is_some());
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
        let mut stage = Stage::set();
        stage.end(PE, ending);
        assert_eq!(word(&stage, PE), word_of_it);
        stage.told(sentence);
    }
    let mut stage = Stage::set();
    stage.kill(PE);
    assert_eq!(word(&stage, PE), "killed");
    stage.told("PE 1 was killed");
}

#[test]
fn colours_stay_with_their_pool_elements() {
    let mut stage = Stage::set();
    assert_eq!([PE, PE2].map(|id| stage.component(id).colour), [0, 1]);
    stage.kill(PE);
    stage.change(PE, Change::Spawned { pid: 8 });
    assert_eq!(stage.component(PE).colour, 0);
    stage.change(PE2, Change::Removed);
    stage.add(ComponentId(5), ComponentRole::PoolElement, "PE 3");
    assert_eq!(stage.component(ComponentId(5)).colour, 2);
}

#[test]
fn a_registrar_is_believed_about_the_pool_elements_it_owns() {
    let mut stage = Stage::set();
    let other = ComponentId(6);
    stage.add(other, ComponentRole::Registrar, "PR 2");
    stage.hello(other);
    stage.feed(PR, handlespace(vec![entry(PE, PR), entry(PE2, other)]));
    stage.told("PE 1 registered with PR 1");
    assert_eq!(stage.component(PE).home_registrar, Some(PR));
    assert_eq!(stage.component(PE2).home_registrar, None);
    stage.feed(other, handlespace(vec![entry(PE, PR), entry(PE2, other)]));
    stage.told("PE 2 registered with PR 2");
    // PR 1 takes over when PR 2 has gone.
    stage.kill(other);
    assert_eq!(
        stage.component(PE2).home_registrar,
        Some(other),
        "until it is taken over"
    );
    stage.feed(PR, handlespace(vec![entry(PE, PR), entry(PE2, PR)]));
    assert_eq!(stage.component(PE2).home_registrar, Some(PR));
    stage.told("PE 2 moved from PR 2 to PR 1");
    // And it notices when a pool element is gone.
    stage.feed(PR, handlespace(vec![entry(PE, PR)]));
    assert_eq!(stage.component(PE2).home_registrar, None);
    assert_eq!(stage.component(PR).entries.len(), 1);
}

#[test]
fn a_dead_process_forgets_but_its_log_and_problem_stay() {
    let mut stage = Stage::set();
    stage.feed(
        PE,
        Event::Load {
            load: 0.5,
            sessions: 1,
            capacity: 2,
        },
    );
    stage.feed(
        PE,
        Event::Limits(Limits {
            fail_after: Some(3),
            iterations_per_second: None,
        }),
    );
    assert_eq!(stage.component(PE).limits.fail_after, Some(3));
    stage.change(PE, Change::LogLine("hello".into()));
    stage.feed(
        PE,
        Event::Problem {
            text: "no registrar".into(),
        },
    );
    stage.kill(PE);
    let component = stage.component(PE);
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
    stage.change(PE, Change::Spawned { pid: 9 });
    assert_eq!(stage.component(PE).problem, None);
}

#[test]
fn what_a_feed_cannot_know_is_ignored_and_counted() {
    let mut stage = Stage::set();
    let load = |load| Event::Load {
        load,
        sessions: 0,
        capacity: 0,
    };
    stage.feed(PE, load(1.5));
    stage.feed(PE, load(f64::NAN));
    stage.feed(
        PE,
        Event::Hello {
            component: feed::Component::Registrar(RegistrarIdentifier(5)),
            version: String::new(),
            pid: 0,
            addresses: Vec::new(),
            transport: String::new(),
            pool_handle: None,
            policy: None,
        },
    );
    stage.feed(
        PE,
        Event::ImageStarted {
            image: 0,
            width: u32::MAX,
            height: u32::MAX,
            max_iterations: 0,
            algorithm: String::new(),
        },
    );
    assert_eq!(stage.component(PE).ignored_events, 4);
    assert_eq!(stage.component(PE).identifier, Some(u64::from(identifier(PE))));
}

#[test]
fn undone_impairments_are_told() {
    let mut stage = Stage::set();
    let lossy = Impairment {
        loss: 0.1,
        ..Impairment::default()
    };
    let peer = LinkTarget::Peer(ip(PU));
    let mut links = vec![(LinkTarget::All, Impairment::UNPLUGGED), (peer, lossy)];
    stage.feed(PE, Event::Impairments { links: links.clone() });
    assert!(stage.component(PE).is_unplugged());
    links[0].1 = Impairment::default();
    stage.feed(PE, Event::Impairments { links });
    stage.told("PE 1 was plugged in again");
    assert_eq!(stage.component(PE).impairments.len(), 1);
    stage.feed(PE, Event::Impairments { links: Vec::new() });
    stage.told("PE 1 has good links again");
}

#[test]
fn logs_and_timeline_are_bounded_and_in_order() {
    let mut stage = Stage::set();
    for number in 0..3_000 {
        stage.change(PE, Change::LogLine(format!("{number}")));
        stage.change(PE, Change::Refused { why: "no".into() });
    }
    assert_eq!(stage.component(PE).log.len(), 500);
    assert_eq!(
        stage.component(PE).log.back().map(|line| line.text.as_str()),
        Some("2999")
    );
    assert_eq!(stage.model.timeline.entries.len(), Timeline::ENTRIES);
    // A feed that comes late is put in its place.
    let before = stage.now - Duration::from_micros(1_500);
    stage.model.apply(Update::Component {
        component: PE,
        at: before,
        change: Change::Refused { why: "late".into() },
    });
    let times: Vec<Timestamp> = stage
        .model
        .timeline
        .entries
        .iter()
        .map(|entry| entry.at)
        .collect();
    assert!(times.is_sorted() && times.contains(&before));
}

#[test]
fn updates_of_components_that_were_removed_change_nothing() {
    let mut stage = Stage::set();
    stage.up(PU, PE, 1);
    stage.change(PE, Change::Removed);
    stage.told("PE 1 was removed");
    let generation = stage.model.generation;
    stage.hello_of_the_removed();
    assert_eq!(stage.model.generation, generation);
    let association = stage.model.associations.values().next().unwrap();
    assert_eq!(association.ends, [Some(PU), None]);
}

impl Stage {
    fn hello_of_the_removed(&mut self) {
        self.change(PE, Change::Spawned { pid: 1 });
        self.feed(
            PE,
            Event::Goodbye {
                reason: String::new(),
            },
        );
    }
}

#[test]
fn a_status_calls_components_by_their_names() {
    let mut stage = Stage::set();
    let words = |stage: &mut Stage, registrar: u32| {
        let home = Home::Identified(RegistrarIdentifier(registrar));
        let status = Status::PoolElement {
            registration: Registration::Registered { home },
            sessions: 0,
        };
        stage.feed(PE, Event::Status { ready: true, status });
        stage.component(PE).status.clone()
    };
    assert_eq!(
        words(&mut stage, identifier(PR)),
        "registered with PR 1, 0 sessions"
    );
    assert_eq!(
        words(&mut stage, 0x0bad_beef),
        "registered with PR 0x0badbeef, 0 sessions"
    );
}
