//! The control centre with real processes, without a window.

mod fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use command::Command;
use feed::{Impairment, LinkTarget};
use fixture::default_scenario::{lives, signal};
use fixture::{Fixture, PATIENCE, named, poolscope};
use model::{ComponentId, Ending, Failover, Farewell, ProcessState, SystemState};
use nix::sys::signal::Signal;
use poolscope::control_centre::Begin;
use scenario::Scenario;

impl Fixture {
    /// Returns the pool element that serves a pool user.
    fn serving(&mut self, name: &str) -> ComponentId {
        self.wait_for(&format!("{name} is served"), |model| {
            named(model, name)
                .served
                .values()
                .find_map(|served| served.component)
        })
    }

    /// Returns the latest failover of a pool user away from a pool element, once it is complete.
    fn failover_from(&mut self, name: &str, left: ComponentId) -> Failover {
        self.wait_for(&format!("{name} fails over"), |model| {
            let mut failovers = named(model, name).failovers.iter().rev();
            let failover = failovers.find(|failover| failover.from.component == Some(left))?;
            let complete = failover.first_data.is_some() && failover.fault.is_some();
            complete.then(|| failover.clone())
        })
    }
}

#[test]
fn nobody_misses_anybody_when_everything_is_stopped() {
    let mut fixture = Fixture::with_growing_pictures();
    fixture.centre.run(Command::StopAll);
    fixture.wait_until("everything has stopped in order", |model| {
        let mut components = model.components.values();
        components.all(|component| {
            matches!(
                component.process,
                ProcessState::Ended {
                    ending: Ending::Clean,
                    ..
                }
            )
        })
    });
    let model = fixture.centre.model();
    for component in model.components.values() {
        assert_ne!(component.farewell, Farewell::Unheard, "{}", component.name);
        assert_eq!(component.failovers.len(), 0, "{}", component.name);
    }
    assert_eq!(model.takeovers.len(), 0);
}

#[test]
fn a_picture_goes_on_when_its_server_is_killed() {
    let mut fixture = Fixture::with_growing_pictures();
    let user = fixture.id("PU 1");
    let server = fixture.serving("PU 1");
    fixture.centre.run(Command::KillServing(user));
    let failover = fixture.failover_from("PU 1", server);
    let name = fixture.centre.model().components[&server].name.clone();
    assert_ne!(failover.to.and_then(|to| to.component), Some(server));
    assert_eq!(
        failover.fault.as_ref().map(|injected| injected.text.as_str()),
        Some(format!("{name} was killed").as_str())
    );
    println!("failover gap after SIGKILL: {:?}", failover.gap().unwrap());
    assert_eq!(
        fixture.centre.model().components[&server].process.word(),
        "killed"
    );
    fixture.picture_completes("PU 1");
    // The dead pool element comes back with its old identifier, and is used again.
    fixture.centre.run(Command::Start(server));
    fixture.wait_for("the pool element is registered again", |model| {
        let component = &model.components[&server];
        (component.ready && component.home_registrar.is_some()).then_some(())
    });
    let joined = fixture.centre.model().messages.records.iter();
    assert!(joined.filter(|record| record.received.is_some()).count() > 10);
    // Associations between our components are reported by both ends.
    let associations = fixture.centre.model().associations.values();
    assert!(
        associations
            .filter(|association| association.views.len() == 2)
            .count()
            >= 4
    );
}

#[test]
fn a_clean_stop_and_a_restart_cost_nothing() {
    let mut fixture = Fixture::with_growing_pictures();
    let server = fixture.serving("PU 1");
    let pid = fixture.centre.model().components[&server].process.pid();
    fixture.centre.run(Command::Restart(server));
    let failover = fixture.failover_from("PU 1", server);
    println!("failover gap after a clean stop: {:?}", failover.gap().unwrap());
    fixture.wait_for("the pool element runs again", |model| {
        let component = &model.components[&server];
        (component.ready && component.process.pid().is_some() && component.process.pid() != pid).then_some(())
    });
    fixture.picture_completes("PU 1");
    let user = fixture.id("PU 2");
    fixture.centre.run(Command::Stop(user));
    fixture.process_becomes(user, "stopped");
    // A stopped component can be removed; a running one cannot.
    fixture.centre.run(Command::Remove(server));
    assert!(fixture.centre.model().components.contains_key(&server));
    // That nothing is left of its process is known a moment after its end.
    let deadline = Instant::now() + PATIENCE;
    while fixture.centre.model().components.contains_key(&user) {
        assert!(Instant::now() < deadline, "it cannot be removed");
        fixture.centre.run(Command::Remove(user));
        fixture.centre.drain();
    }
}

#[test]
fn frozen_and_unplugged_servers_are_left_and_come_back() {
    let mut fixture = Fixture::with_growing_pictures();
    let frozen = fixture.serving("PU 1");
    fixture.centre.run(Command::Freeze(frozen));
    fixture.process_becomes(frozen, "frozen");
    let failover = fixture.failover_from("PU 1", frozen);
    assert!(
        failover
            .fault
            .as_ref()
            .is_some_and(|injected| injected.text.ends_with("was frozen")),
        "{failover:?}"
    );
    println!("failover gap after SIGSTOP: {:?}", failover.gap().unwrap());

    let unplugged = fixture.serving("PU 1");
    assert_ne!(unplugged, frozen);
    fixture
        .centre
        .run(Command::Impair(unplugged, LinkTarget::All, Impairment::UNPLUGGED));
    let failover = fixture.failover_from("PU 1", unplugged);
    assert!(
        failover
            .fault
            .as_ref()
            .is_some_and(|injected| injected.text.ends_with("was unplugged")),
        "{failover:?}"
    );
    println!("failover gap after unplugging: {:?}", failover.gap().unwrap());
    assert!(fixture.centre.model().components[&unplugged].is_unplugged());

    fixture.centre.run(Command::UndoFaults);
    fixture.wait_for("all faults are undone", |model| {
        let (one, other) = (&model.components[&frozen], &model.components[&unplugged]);
        (one.process.word() == "running" && !other.is_unplugged()).then_some(())
    });
    fixture.wait_for("both are registered again", |model| {
        let ready = |id| model.components[&id].ready;
        (ready(frozen) && ready(unplugged)).then_some(())
    });
    fixture.picture_completes("PU 1");
}

#[test]
fn what_somebody_else_stops_is_out_of_date_and_is_thawed_from_here() {
    let mut fixture = Fixture::with_growing_pictures();
    let stopped = fixture.serving("PU 1");
    let pid = fixture.centre.model().components[&stopped].process.pid();
    signal(pid.expect("it runs"), Signal::SIGSTOP);
    let silence = fixture.wait_for("it is not heard any more", |model| {
        model.components[&stopped].silence
    });
    assert_eq!(silence.system, SystemState::Stopped);
    assert_eq!(
        fixture.centre.model().components[&stopped].process.word(),
        "running"
    );
    fixture.centre.run(Command::UndoFaults);
    fixture.wait_until("it is heard and registered again", |model| {
        let component = &model.components[&stopped];
        component.silence.is_none() && component.ready && component.home_registrar.is_some()
    });
    fixture.picture_completes("PU 1");
    let mut entries = fixture.centre.model().timeline.entries.iter();
    assert!(entries.any(|entry| entry.text.ends_with("; the system says: stopped")));
    let others = fixture.centre.model().components.values();
    let silent = others.filter(|component| component.silence.is_some()).count();
    assert_eq!(silent, 0, "nobody else was ever silent");

    fixture.centre.run(Command::Freeze(stopped));
    fixture.process_becomes(stopped, "frozen");
    // The signal arrives a moment after it has been told.
    let deadline = Instant::now() + PATIENCE;
    let pid = pid.expect("it runs");
    while !std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") T ")) {
        assert!(Instant::now() < deadline, "it is not stopped");
        std::thread::yield_now();
    }
    signal(pid, Signal::SIGCONT);
    fixture.process_becomes(stopped, "running");
}

#[test]
fn everything_leaves_with_the_control_centre() {
    let mut fixture = Fixture::with_growing_pictures();
    let pids = fixture.pids();
    assert_eq!(pids.len(), 7);
    let frozen = fixture.id("PE 2");
    fixture.centre.run(Command::Freeze(frozen));
    fixture.process_becomes(frozen, "frozen");
    fixture.leave();
    assert!(pids.iter().all(|pid| !lives(*pid)));
    let endings: BTreeMap<&str, &str> = (fixture.centre.model().components.values())
        .map(|component| (component.name.as_str(), component.process.word()))
        .collect();
    assert!(endings.values().all(|word| *word == "stopped"), "{endings:?}");
}

#[test]
fn dropping_the_control_centre_ends_all_processes() {
    let fixture = Fixture::with_growing_pictures();
    let pids = fixture.pids();
    drop(fixture);
    assert!(pids.iter().all(|pid| !lives(*pid)));
}

#[test]
fn another_scenario_takes_the_place_of_the_first() {
    let mut fixture = Fixture::with_growing_pictures();
    let pids = fixture.pids();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo-scenarios");
    fixture
        .centre
        .run(Command::LoadScenario(folder.join("missing.json")));
    assert!(
        fixture
            .centre
            .problem()
            .is_some_and(|problem| problem.contains("missing.json"))
    );
    assert_eq!(fixture.pids(), pids, "a bad file changes nothing");
    let file = std::env::temp_dir().join(format!("poolscope-scenario-{}.json", std::process::id()));
    let text = r#"{"name": "Alone", "components": [{"role": "registrar"}]}"#;
    std::fs::write(&file, text).unwrap();
    fixture.centre.run(Command::LoadScenario(file.clone()));
    fixture.wait_for("the other scenario runs", |model| {
        let mut components = model.components.values();
        (components.len() == 1 && components.all(|component| component.ready)).then_some(())
    });
    std::fs::remove_file(file).unwrap();
    assert_eq!(fixture.centre.scenario(), "Alone");
    assert!(pids.iter().all(|pid| !lives(*pid)));
    assert!(fixture.centre.problem().is_none());
}

/// The pool elements register one after the other; nobody may ask before the last one has.
#[test]
fn pool_users_begin_when_the_pool_elements_that_were_started_with_them_are_registered() {
    let scenario = Scenario::parse(
        "balanced",
        r#"{"name": "balanced", "components": [
            {"role": "registrar"},
            {"role": "pool-user", "name": "PU 1"}, {"role": "pool-user", "name": "PU 2"},
            {"role": "pool-user", "name": "PU 3"}, {"role": "pool-user", "name": "PU 4"},
            {"role": "pool-element", "policy": "round-robin"}, {"role": "pool-element", "policy": "round-robin"},
            {"role": "pool-element", "policy": "round-robin"}, {"role": "pool-element", "policy": "round-robin"}
        ]}"#,
    )
    .expect("the scenario is right");
    let mut fixture = Fixture::playing(poolscope(), scenario);
    let servers = fixture.wait_for("all pool users are served", |model| {
        let users = model.components.values();
        let served = users.flat_map(|user| user.served.values());
        let servers: Vec<_> = served.filter_map(|served| served.component).collect();
        (servers.len() == 4).then(|| servers.into_iter().collect::<BTreeSet<_>>())
    });
    assert!(servers.len() >= 3, "{servers:?}");
}

/// Another program has the UDP port on all addresses.
#[test]
fn a_port_that_is_taken_is_told_once_with_its_remedy_and_another_one_can_be_chosen() {
    let taken = std::net::UdpSocket::bind("0.0.0.0:0").expect("some UDP port is free");
    let port = taken.local_addr().expect("it is bound").port();
    let mut fixture = Fixture::empty(poolscope());
    fixture.centre.set_sctp_port(Some(port));
    let begun = Instant::now();
    fixture
        .centre
        .play(Scenario::built_in().expect("it is right"), Begin::WhenAsked);
    let sentence = fixture.wait_for("nothing can be started", |model| {
        let failure = model.start_failure()?;
        failure.all.then(|| failure.sentence())
    });
    assert!(
        sentence.starts_with("No component can be started: ")
            && sentence.contains(&format!("UDP port {port} is in use"))
            && sentence.contains("--sctp-port"),
        "{sentence}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "too many ports were tried"
    );
    fixture.centre.drain();
    assert_eq!(fixture.centre.problem(), Some(sentence.as_str()));
    let entries = &fixture.centre.model().timeline.entries;
    let full = entries.iter().filter(|entry| entry.text.contains("--sctp-port"));
    assert_eq!(full.count(), 1, "{entries:?}");

    drop(taken);
    fixture.centre.run(Command::RestartStory);
    fixture.wait_until("everything is started again", |model| {
        model.components.len() == 7 && model.components.values().all(|component| component.ready)
    });
    fixture.centre.drain();
    assert_eq!(fixture.centre.problem(), None);
}
