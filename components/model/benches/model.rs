//! Measures how many updates per second the model can apply.

use std::hint::black_box;
use std::net::IpAddr;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use feed::{
    ComponentIdentity, ComponentRole, Direction, Event, Frame, Protocol, SessionId, Stamped, Timestamp,
    TransportAddress,
};
use model::{Change, ComponentId, Model, Update};
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

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = apply
}
criterion_main!(benches);
