//! Timestamps across processes.

use std::collections::BTreeMap;

use events::pool_user;
use feed::{ComponentRole, Event, Timestamp};
use laboratory::{Lab, Process};
use model::{Change, ComponentId, Fault, Model, Update};
use nix::sys::signal::Signal;
use scenario::ComponentSpec;

crate::tests![
    stamps_of_a_component_compare_with_those_of_whoever_watches_it,
    a_kill_is_found_to_be_the_cause_of_the_failover_after_it,
];

fn stamps_of_a_component_compare_with_those_of_whoever_watches_it(lab: &Lab) {
    let before = Timestamp::now();
    let mut registrar = lab.start("registrar", &[]);
    let hello = loop {
        let frame = registrar.next_frame().expect("the registrar lives");
        if let Event::Hello { .. } = frame.stamped.event {
            break frame.stamped.at;
        }
    };
    let after = Timestamp::now();
    assert!(before < hello && hello <= after, "{before:?} {hello:?} {after:?}");
}

const PU: ComponentId = ComponentId(1);
const ELEMENTS: [ComponentId; 2] = [ComponentId(2), ComponentId(3)];

/// The fault is timestamped here and the failover by the pool user, both by the clock that all processes of the host
/// share.
fn a_kill_is_found_to_be_the_cause_of_the_failover_after_it(lab: &Lab) {
    let mut model = Model::default();
    for (id, role) in [
        (PU, ComponentRole::PoolUser),
        (ELEMENTS[0], ComponentRole::PoolElement),
        (ELEMENTS[1], ComponentRole::PoolElement),
    ] {
        let (name, spec) = (format!("{id:?}"), Box::new(ComponentSpec::new(role)));
        apply(&mut model, id, Timestamp::now(), Change::Added { name, spec });
        apply(&mut model, id, Timestamp::now(), Change::Spawned { pid: id.0 });
    }
    let _registrar = lab.registrar();
    let mut elements = BTreeMap::new();
    for id in ELEMENTS {
        let identifier = format!("--identifier={}", id.0);
        let mut element = lab.start("pool-element", &[&identifier, "--capacity=20000000"]);
        watch(&mut model, id, &mut element, |event| {
            matches!(event, Event::Status { ready: true, .. })
        });
        elements.insert(id, element);
    }
    let mut user = lab.start("pool-user", &["--size=256x256"]);
    let mut serving = None;
    watch(&mut model, PU, &mut user, |event| match event {
        Event::Pixels { pe_identifier, .. } => {
            serving = Some(ComponentId(pe_identifier.0));
            true
        }
        _ => false,
    });
    let serving = serving.expect("somebody serves the picture");
    apply(&mut model, serving, Timestamp::now(), Change::Fault(Fault::Kill));
    elements[&serving].signal(Signal::SIGKILL);
    watch(&mut model, PU, &mut user, |event| {
        matches!(event, Event::PoolUser(pool_user::Event::FailoverComplete { .. }))
    });
    let failover = model.components[&PU]
        .failovers
        .back()
        .expect("there is a failover");
    let fault = failover.fault.as_ref().map(|injected| injected.fault);
    assert_eq!(fault, Some(Fault::Kill), "{failover:?}");
}

/// Passes events to the model until `is_last`.
fn watch(model: &mut Model, id: ComponentId, process: &mut Process, mut is_last: impl FnMut(&Event) -> bool) {
    loop {
        let frame = process.next_frame().expect("the process lives");
        let is_over = is_last(&frame.stamped.event);
        apply(model, id, frame.stamped.at, Change::Feed(Box::new(frame)));
        if is_over {
            return;
        }
    }
}

fn apply(model: &mut Model, component: ComponentId, at: Timestamp, change: Change) {
    model.apply(Update::Component {
        component,
        at,
        change,
    });
}
