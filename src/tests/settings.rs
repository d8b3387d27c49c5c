//! Settings of pool elements that are changed while they run, with real processes and without a window.

mod fixture;

use command::{Command, Undoable};
use fixture::{Fixture, named, poolscope};
use model::{ComponentId, Model};
use scenario::Scenario;
use wire::parameter::{Policy, fraction_of_scale};

const SCENARIO: &str = r#"{
  "name": "Fixture",
  "components": [
    { "role": "registrar", "name": "PR 1" },
    { "role": "pool-element", "name": "PE 1", "service": "calcapp", "policy": "least-used-degradation:0.25" }
  ]
}"#;

/// A control centre with these components, once both are ready.
fn ready() -> (Fixture, ComponentId) {
    let scenario = Scenario::parse("fixture", SCENARIO).expect("a scenario");
    let mut fixture = Fixture::playing(poolscope(), scenario);
    fixture.wait_until("both are ready, and what PE 1 has is known", |model| {
        let all_ready = model.components.values().all(|component| component.ready);
        all_ready && model.components.len() == 2 && capacity(model).is_some() && degradation(model).is_some()
    });
    let id = fixture.id("PE 1");
    (fixture, id)
}

fn capacity(model: &Model) -> Option<u64> {
    named(model, "PE 1").limits.calculations_per_second
}

fn degradation(model: &Model) -> Option<f64> {
    let policy = named(model, "PE 1").policy_data.as_ref()?;
    policy.data().load_degradation.map(fraction_of_scale)
}

fn set_capacity(iterations_per_second: u64) -> feed::Command {
    feed::Command::SetCapacity {
        iterations_per_second,
    }
}

fn changed(fixture: &Fixture) -> Vec<String> {
    let entries = fixture.centre.model().timeline.entries.iter();
    let changes = entries.filter(|entry| entry.text.contains("was changed"));
    changes.map(|entry| entry.text.clone()).collect()
}

/// What would be undone, without the rest.
fn undoable(fixture: &Fixture) -> Option<&'static str> {
    match fixture.centre.undoable() {
        Some(Undoable::Setting { what, .. }) => Some(what),
        _ => None,
    }
}

#[test]
fn what_a_slider_changes_is_one_entry_and_undone_as_one() {
    let (mut fixture, id) = ready();
    for thousands in [1_500, 2_000, 2_500, 4_000] {
        let command = set_capacity(thousands * 1_000);
        fixture.centre.run(Command::Send(id, command));
    }
    fixture.wait_until("the last capacity", |model| capacity(model) == Some(4_000_000));
    let told = "PE 1 was changed from 1.00 M calculations/s to 4.00 M calculations/s";
    assert_eq!(changed(&fixture), [told]);
    let least_used = |load_degradation| Policy::LeastUsedDegradation {
        load: 0,
        load_degradation,
    };
    for degradation in [u32::MAX / 3, u32::MAX / 2 + 1] {
        let policy = least_used(degradation);
        fixture
            .centre
            .run(Command::Send(id, feed::Command::SetPolicy { policy }));
    }
    fixture.wait_until("the last degradation", |model| {
        degradation(model).is_some_and(|degradation| (degradation - 0.5).abs() < 1e-6)
    });
    let second = "PE 1 was changed from degradation 25.0 % to degradation 50.0 %";
    assert_eq!(changed(&fixture), [told, second]);

    assert_eq!(undoable(&fixture), Some("degradation"));
    fixture.centre.run(Command::Undo);
    fixture.wait_until("the degradation before", |model| {
        degradation(model).is_some_and(|degradation| (degradation - 0.25).abs() < 1e-6)
    });
    assert_eq!(undoable(&fixture), Some("capacity"));
    fixture.centre.run(Command::Undo);
    fixture.wait_until("the capacity before", |model| capacity(model) == Some(1_000_000));
    assert_eq!(undoable(&fixture), None);
}

#[test]
fn undoing_a_told_load_lets_the_measured_one_be_told() {
    let (mut fixture, id) = ready();
    let load = |model: &Model| {
        let policy = named(model, "PE 1").policy_data.as_ref()?;
        policy.load().map(fraction_of_scale)
    };
    for told in [0.5, 0.8] {
        let load = Some(told);
        fixture
            .centre
            .run(Command::Send(id, feed::Command::SetLoad { load }));
    }
    fixture.wait_until("it tells that load", |model| {
        load(model).is_some_and(|load| (load - 0.8).abs() < 1e-6)
    });
    assert_eq!(undoable(&fixture), Some("load told"));
    fixture.centre.run(Command::Undo);
    fixture.wait_until("it tells that it has nothing to do", |model| {
        load(model) == Some(0.0)
    });
    assert_eq!(undoable(&fixture), None);
}

#[test]
fn what_a_process_had_is_nothing_to_bring_back_to_the_next_one() {
    let (mut fixture, id) = ready();
    fixture
        .centre
        .run(Command::Send(id, feed::Command::SetMaxJobs { jobs: 2 }));
    fixture.wait_until("the number of jobs", |model| {
        named(model, "PE 1").limits.max_jobs == Some(2)
    });
    assert_eq!(undoable(&fixture), Some("number of jobs"));
    fixture.centre.run(Command::Kill(id));
    fixture.process_becomes(id, "killed");
    assert_eq!(undoable(&fixture), None);
    fixture.centre.run(Command::Start(id));
    fixture.wait_until("it is back", |model| named(model, "PE 1").ready);
    assert_eq!(undoable(&fixture), None);
}
