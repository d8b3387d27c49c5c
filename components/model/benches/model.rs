//! Measures how many updates per second the model can apply, and what it costs to keep a model as it is at a moment.

use std::hint::black_box;
use std::net::IpAddr;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use feed::{
    ComponentIdentity, ComponentRole, Direction, Event, Frame, PoolElementWork, PoolUserWork, Protocol,
    SessionId, Stamped, Timestamp, TransportAddress, WorkUnit,
};
use model::{Change, ComponentId, MessageLog, Model, Update};
use scenario::ComponentSpec;
use wire::{PeIdentifier, Ppid};

/// Pool users, each with an association to a pool element of its own: 60 components.
const PAIRS: u32 = 30;
/// Number of messages and picture chunks in one measurement, each reported by two components.
const MESSAGES: u32 = 5_000;

fn update(component: u32, number: u32, event: Event, bytes: Vec<u8>) -> Update {
    let at = Timestamp::from_micros(number.into());
    let stamped = Stamped { at, event };
    Update::Component {
        component: ComponentId(component),
        at,
        change: Change::Feed(Box::new(Frame { stamped, bytes })),
    }
}

fn address(component: u32) -> TransportAddress {
    TransportAddress {
        addresses: vec![IpAddr::from([127, 0, 0, component as u8])],
        port: 5_000,
    }
}

fn role(component: u32) -> ComponentRole {
    if component <= PAIRS {
        ComponentRole::PoolUser
    } else {
        ComponentRole::PoolElement
    }
}

fn other(component: u32) -> u32 {
    if component <= PAIRS {
        component + PAIRS
    } else {
        component - PAIRS
    }
}

/// 60 components with their associations and pictures.
fn crowd() -> Model {
    let mut model = Model::default();
    for component in 1..=2 * PAIRS {
        for change in [
            Change::Added {
                name: format!("component {component}"),
                spec: Box::new(ComponentSpec::new(role(component))),
            },
            Change::Spawned { pid: component },
        ] {
            model.apply(Update::Component {
                component: ComponentId(component),
                at: Timestamp::default(),
                change,
            });
        }
        let hello = Event::Hello {
            component: ComponentIdentity::new(role(component), component.into()).expect("a small number"),
            version: String::new(),
            pid: component,
            addresses: address(component).addresses,
            transport: "user".into(),
            pool_handle: None,
            policy: None,
        };
        model.apply(update(component, 0, hello, Vec::new()));
        let picture = Event::ImageStarted {
            image: 1,
            width: 512,
            height: 512,
            max_iterations: 5_000,
            algorithm: "Mandelbrot".into(),
            sessions: 1,
        };
        model.apply(update(component, 0, picture, Vec::new()));
    }
    for component in 1..=2 * PAIRS {
        let up = Event::AssociationUp {
            association: 1.into(),
            protocol: Protocol::Application,
            local: address(component),
            remote: address(other(component)),
            inbound: component > PAIRS,
            peer: None,
        };
        model.apply(update(component, 0, up, Vec::new()));
    }
    model
}

fn message(component: u32, direction: Direction, number: u32) -> Update {
    let event = Event::Message {
        direction,
        association: Some(1.into()),
        remote: address(other(component)),
        ppid: Ppid::FRACTAL_GENERATOR,
        name: "FGP_DATA".into(),
        summary: "324 pixels from (0, 17)".into(),
        size: 1_312,
    };
    update(component, number, event, vec![0; 256])
}

/// The updates while pictures arrive: each message is sent, received and drawn.
fn work() -> Vec<Update> {
    let mut updates = Vec::new();
    for number in 0..MESSAGES {
        let user = number % PAIRS + 1;
        updates.push(message(other(user), Direction::Sent, number));
        updates.push(message(user, Direction::Received, number));
        let pixels = Event::Pixels {
            image: 1,
            x: 0,
            y: number % 500,
            tile_x: 0,
            tile_width: 512,
            session: SessionId(1),
            pe_identifier: PeIdentifier(other(user)),
        };
        updates.push(update(user, number, pixels, vec![0; 324 * 4]));
    }
    updates
}

fn apply(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("model");
    group.throughput(Throughput::Elements(u64::from(MESSAGES) * 3));
    group.bench_function("apply", |bencher| {
        bencher.iter_batched(
            || (crowd(), work()),
            |(mut model, updates)| {
                for update in updates {
                    model.apply(update);
                }
                black_box(model)
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// 20 components after a quarter of an hour: full logs, full histories, and as many messages as are kept.
fn full() -> Model {
    const COMPONENTS: u32 = 20;
    let mut model = crowd();
    for component in (1..=2 * PAIRS).filter(|component| (component - 1) % PAIRS >= COMPONENTS / 2) {
        let change = Change::Removed;
        let (component, at) = (ComponentId(component), Timestamp::default());
        model.apply(Update::Component {
            component,
            at,
            change,
        });
    }
    let components = || (1..=2 * PAIRS).filter(|component| (component - 1) % PAIRS < COMPONENTS / 2);
    for half_second in 0..1_800 {
        let at = half_second * 500_000;
        for component in components() {
            model.apply(update(
                component,
                at,
                work_done(component, half_second),
                Vec::new(),
            ));
            let load = Event::Load {
                load: f64::from(half_second % 7) / 7.0,
                sessions: half_second % 5,
                capacity: 4,
            };
            model.apply(update(component, at, load, Vec::new()));
            if half_second < 500 {
                let change = Change::LogLine(format!(
                    "{half_second} INFO session 1: 324 pixels from (0, 17) were sent"
                ));
                let (component, at) = (ComponentId(component), Timestamp::from_micros(at.into()));
                model.apply(Update::Component {
                    component,
                    at,
                    change,
                });
            }
        }
    }
    for number in 0..MessageLog::RECORDS as u32 {
        let user = number % (COMPONENTS / 2) + 1;
        model.apply(message(other(user), Direction::Sent, number));
        model.apply(message(user, Direction::Received, number));
    }
    model
}

fn work_done(component: u32, half_second: u32) -> Event {
    let completed = u64::from(half_second);
    let done = f64::from(half_second) * 1_234.567;
    match role(component) {
        ComponentRole::PoolUser => Event::PoolUserWork(PoolUserWork {
            unit: WorkUnit::Pixels,
            queued: 0,
            running: 1 + half_second % 2,
            requested: completed + 1,
            completed,
            rejected: 0,
            done,
            handling: Duration::from_millis(400 * completed),
            queueing: Duration::ZERO,
        }),
        _ => Event::PoolElementWork(PoolElementWork {
            unit: WorkUnit::Pixels,
            capacity: None,
            running: 1,
            done,
            completed,
            rejected: 0,
        }),
    }
}

/// Cloning holds the window up; the rest happens on another thread.
fn keep(criterion: &mut Criterion) {
    let model = full();
    let record = |model: &Model| rmp_serde::to_vec_named(model).expect("a model can be written");
    let mut parts = model.clone();
    let past = parts.take_past();
    let whole = record(&model);
    let without = record(&parts);
    let mut little = parts.clone();
    for component in little.components.values_mut() {
        component.canvas = None;
    }
    let little = record(&little);
    println!(
        "{} kB, of which {} kB are no past, and {} kB no pictures either",
        whole.len() / 1_000,
        without.len() / 1_000,
        little.len() / 1_000
    );
    let mut group = criterion.benchmark_group("keep");
    group.bench_function("clone", |bencher| bencher.iter_with_large_drop(|| model.clone()));
    group.bench_function("write", |bencher| bencher.iter(|| record(&model)));
    group.bench_function("write without past", |bencher| bencher.iter(|| record(&parts)));
    for (name, record) in [
        ("read", &whole),
        ("read without past", &without),
        ("read without past and pictures", &little),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_with_large_drop(|| rmp_serde::from_slice::<Model>(record).expect("a model"));
        });
    }
    group.bench_function("compare pasts", |bencher| {
        bencher.iter_with_large_drop(|| model.past().changed_since(&past));
    });
    group.bench_function("digest", |bencher| bencher.iter(|| model.digest()));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = apply, keep
}
criterion_main!(benches);
