//! Conditions about figures of pools, with reports written by the tests.

use feed::{ComponentIdentity, PoolElementWork, PoolUserWork, WorkUnit};

use super::*;

/// Returns the decision about an expectation, of which the step was carried out 20 s ago: PE 1 has done three quarters
/// of 20 million calculations, at 1 million per second each, and PU 1 has got 10 million of them after 20 s.
fn decided(that: &str) -> bool {
    let mut fixture = Fixture::new(&format!(
        r#"{{"do": ["undo-faults"], "expect": [{{"that": {that}, "within-s": 21}}]}}"#
    ));
    let pool_handle = PoolHandle::new(b"FractalGeneratorPool").unwrap();
    for (id, role) in [
        (PE, ComponentRole::PoolElement),
        (PE2, ComponentRole::PoolElement),
        (PU, ComponentRole::PoolUser),
    ] {
        fixture.feed(
            id,
            Event::Hello {
                component: ComponentIdentity::new(role, id.0.into()).expect("a small number"),
                version: String::new(),
                pid: 1,
                addresses: Vec::new(),
                transport: "user".into(),
                pool_handle: Some(pool_handle.clone()),
                policy: None,
            },
        );
    }
    let element = |done| {
        Event::PoolElementWork(PoolElementWork {
            unit: WorkUnit::Calculations,
            capacity: Some(1e6),
            running: 1,
            done,
            completed: 0,
            rejected: 0,
        })
    };
    let user = |completed: u64, handling: u64| {
        Event::PoolUserWork(PoolUserWork {
            unit: WorkUnit::Calculations,
            queued: 0,
            running: 0,
            requested: completed,
            completed,
            rejected: 0,
            done: 10e6 * completed as f64,
            handling: Duration::from_secs(handling),
            queueing: Duration::ZERO,
        })
    };
    for (id, event) in [(PE, element(0.0)), (PE2, element(0.0)), (PU, user(0, 0))] {
        fixture.feed(id, event);
    }
    fixture.play.control(fixture.now, PlayControl::Run);
    fixture.handle();
    for second in 1..=20_u32 {
        fixture.pass(1_000);
        let share = f64::from(second) / 20.0;
        fixture.feed(PE, element(15e6 * share));
        fixture.feed(PE2, element(5e6 * share));
    }
    fixture.feed(PU, user(1, 20));
    fixture.pass(1_500);
    let records = fixture.play.step_records();
    records[0].expectations[0].decision.met
}

#[test]
fn a_share_of_the_work_is_that_since_the_step() {
    assert!(decided(
        r#"{"work-share": {"of": "PE 1", "at-least": 70, "at-most": 80}}"#
    ));
    assert!(!decided(r#"{"work-share": {"of": "PE 2", "at-least": 40}}"#));
    assert!(!decided(
        r#"{"work-share": {"of": ["PE 1", "PU 1"], "at-least": 1}}"#
    ));
}

#[test]
fn utilisation_and_handling_speed_are_shares_of_the_capacity() {
    let pool = "FractalGeneratorPool";
    let figure = |name: &str, least: u32, most: u32| {
        decided(&format!(
            r#"{{"{name}": {{"pool": "{pool}", "at-least": {least}, "at-most": {most}, "over-s": 20}}}}"#
        ))
    };
    assert!(figure("utilisation", 48, 52));
    assert!(!figure("utilisation", 60, 100));
    assert!(figure("handling-speed", 48, 52));
    assert!(!figure("handling-speed", 0, 40));
}

#[test]
fn nothing_is_measured_before_its_time() {
    let share = |over_s| {
        decided(&format!(
            r#"{{"work-share": {{"of": "PE 1", "at-least": 70, "over-s": {over_s}}}}}"#
        ))
    };
    assert!(share(19) && !share(30));
    assert!(!decided(
        r#"{"faster": {"pool": "FractalGeneratorPool", "than": "Nobody"}}"#
    ));
    assert!(decided(
        r#"{"faster": {"pool": "FractalGeneratorPool", "than": "FractalGeneratorPool", "over-s": 20}}"#
    ));
}
