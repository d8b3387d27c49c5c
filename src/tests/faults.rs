//! Faults of single links, random faults and other timers, with real processes and without a window.

mod fixture;

use command::Command;
use command::links;
use feed::Impairment;
use fixture::{Fixture, named, poolscope};
use model::{Model, ProcessState};
use scenario::{Preset, RandomFault, RandomFaults, Scenario, Who};

const SCENARIO: &str = r#"{
  "name": "Fixture",
  "components": [
    { "role": "registrar", "name": "PR 1" },
    { "role": "pool-element", "name": "PE 1" },
    { "role": "pool-element", "name": "PE 2" }
  ]
}"#;

/// A control centre with these components, once all are ready.
fn ready() -> Fixture {
    let scenario = Scenario::parse("fixture", SCENARIO).expect("a scenario");
    let mut fixture = Fixture::playing(poolscope(), scenario);
    fixture.wait_until("everybody is ready", |model| {
        model.components.len() == 3 && model.components.values().all(|component| component.ready)
    });
    fixture
}

#[test]
fn one_link_is_cut_and_mended_and_others_stay_as_they_are() {
    let mut fixture = ready();
    let model = fixture.centre.model();
    let (registrar, element) = (named(model, "PR 1"), named(model, "PE 1"));
    let link = links::between(registrar.id, element.id);
    for command in links::impair(registrar, element, Impairment::UNPLUGGED) {
        fixture.centre.run(command);
    }
    fixture.wait_until("both ends have cut it", |model| {
        named(model, "PR 1").impairments.len() == 1 && named(model, "PE 1").impairments.len() == 1
    });
    assert_eq!(
        links::impaired(fixture.centre.model()),
        [(link, Impairment::UNPLUGGED)]
    );
    fixture.wait_until("the pool element is given up", |model| {
        named(model, "PR 1")
            .handlespace
            .is_some_and(|size| size.pool_elements == 1)
    });
    assert!(named(fixture.centre.model(), "PE 2").ready);
    fixture.centre.run(Command::UndoFaults);
    fixture.wait_until("all is good again", |model| {
        let good = links::impaired(model).is_empty();
        good && named(model, "PR 1")
            .handlespace
            .is_some_and(|size| size.pool_elements == 2)
    });
}

#[test]
fn undoing_faults_lets_pool_elements_serve_without_end() {
    let mut fixture = ready();
    let id = named(fixture.centre.model(), "PE 1").id;
    let fail = feed::Command::FailAfter { messages: 5_000 };
    fixture.centre.run(Command::Send(id, fail));
    fixture.wait_until("it is to fail", |model| {
        named(model, "PE 1").fails_after() == Some(5_000)
    });
    fixture.centre.run(Command::UndoFaults);
    fixture.wait_until("it is not to fail any more", |model| {
        let element = named(model, "PE 1");
        element.limits.fail_after == Some(0) && element.fails_after().is_none()
    });
}

#[test]
fn random_faults_come_and_go_until_they_are_ended() {
    let mut fixture = ready();
    fixture.centre.run(Command::BeginRandomFaults(RandomFaults {
        of: Who::Named(vec!["PE 1".into()]),
        mean_up_s: 0.5,
        mean_down_s: 300.0,
        for_s: None,
        faults: vec![RandomFault::Freeze],
        keep_up: Some(0),
    }));
    assert_eq!(fixture.centre.random_faults().len(), 1);
    fixture.wait_until("it is frozen", |model| {
        matches!(named(model, "PE 1").process, ProcessState::Frozen { .. })
    });
    let id = named(fixture.centre.model(), "PE 1").id;
    fixture.centre.run(Command::EndRandomFaults(id));
    assert!(fixture.centre.random_faults().is_empty());
    fixture.wait_until("it goes on", |model| {
        matches!(named(model, "PE 1").process, ProcessState::Running { .. })
    });
}

#[test]
fn other_timers_apply_from_the_next_start_on() {
    let mut fixture = ready();
    fixture.centre.run(Command::SetPreset(Preset::Rfc));
    fixture.centre.drain();
    let preset = |model: &Model, name| named(model, name).timers.as_ref().map(|timers| timers.preset);
    assert_eq!(preset(fixture.centre.model(), "PE 1"), Some(Preset::Demo));
    let before = named(fixture.centre.model(), "PE 1").process.pid();
    fixture.centre.run(Command::RestartAll);
    fixture.wait_until("it runs again", |model| {
        let element = named(model, "PE 1");
        let process = &element.process;
        matches!(process, ProcessState::Running { .. }) && process.pid() != before
    });
    fixture.wait_until("it is registered again", |model| named(model, "PE 1").ready);
    assert_eq!(preset(fixture.centre.model(), "PE 1"), Some(Preset::Rfc));
    assert_eq!(fixture.centre.preset(), Preset::Rfc);
}
