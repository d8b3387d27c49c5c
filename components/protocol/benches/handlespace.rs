//! Measures the handlespace with few and with many pool elements: in one pool, for each policy that a registrar
//! supports, and spread over as many pools.
//!
//! All operations should grow at most logarithmically with the size; the checksum of an owner is kept up to date by
//! them, so that reading it costs nothing.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use protocol::Handlespace;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use wire::parameter::{
    Policy, PoolElementParameter, RegistrationLife, SctpTransport, TransportUse, UserTransport,
};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier};

const OWNER: RegistrarIdentifier = RegistrarIdentifier(1);
const SIZES: [u32; 3] = [10, 1_000, 100_000];

/// Returns the pool element with this number, with a seemingly random identifier.
fn element(number: u32, policy: Policy) -> PoolElementParameter {
    PoolElementParameter {
        identifier: PeIdentifier(number.wrapping_mul(0x9e37_79b1).max(1)),
        home_registrar: OWNER,
        registration_life: RegistrationLife(90_000),
        user_transport: UserTransport::Sctp(
            SctpTransport::new(
                7000,
                TransportUse::DataPlusControl,
                ["10.0.0.1".parse().expect("an address")],
            )
            .expect("a host's address"),
        ),
        policy,
        asap_transport: None,
    }
}

/// Returns every known policy, with seemingly random policy data.
fn policies(number: u32) -> Vec<Policy> {
    let load = number.wrapping_mul(0x85eb_ca6b);
    let weight = 1 + number % 100;
    let (load_degradation, load_dpf, weight_dpf) = (1 << 24, 1 << 20, 1 << 20);
    let distance = number % 200;
    vec![
        Policy::RoundRobin,
        Policy::WeightedRoundRobin { weight },
        Policy::Random,
        Policy::WeightedRandom { weight },
        Policy::Priority { priority: load },
        Policy::LeastUsed { load },
        Policy::LeastUsedDegradation {
            load,
            load_degradation,
        },
        Policy::PriorityLeastUsed {
            load,
            load_degradation,
        },
        Policy::RandomizedLeastUsed { load },
        Policy::RandomizedPriorityLeastUsed {
            load,
            load_degradation,
        },
        Policy::RandomizedLeastUsedDegradation {
            load,
            load_degradation,
        },
        Policy::PriorityLeastUsedDegradation {
            load,
            load_degradation,
        },
        Policy::RandomizedPriorityLeastUsedDegradation {
            load,
            load_degradation,
        },
        Policy::WeightedRandomDpf {
            weight,
            weight_dpf,
            distance,
        },
        Policy::LeastUsedDpf {
            load,
            load_dpf,
            distance,
        },
        Policy::LeastUsedDegradationDpf {
            load,
            load_degradation,
            load_dpf,
            distance,
        },
    ]
}

fn handle(number: u32) -> PoolHandle {
    PoolHandle::new(format!("Pool {number}").as_bytes()).expect("neither empty nor long")
}

/// One pool of each policy.
fn one_pool(criterion: &mut Criterion) {
    let handle = handle(0);
    for (index, sample) in policies(0).into_iter().enumerate() {
        let offered = Handlespace::new()
            .check(&handle, &element(1, sample.clone()))
            .is_ok();
        if !offered {
            continue;
        }
        let policy = |number| policies(number).swap_remove(index);
        let mut group = criterion.benchmark_group(sample.policy_type().to_string());
        for size in SIZES {
            let mut pool = Handlespace::new();
            for number in 0..size {
                pool.put(&handle, element(number, policy(number)))
                    .expect("it fits");
            }
            let mut rng = Pcg64Mcg::seed_from_u64(1);
            group.bench_function(BenchmarkId::new("register and deregister", size), |bencher| {
                let new = element(size + 7, policy(3));
                bencher.iter(|| {
                    pool.put(&handle, new.clone()).expect("it fits");
                    pool.remove(&handle, new.identifier)
                });
            });
            let mut number = 0;
            group.bench_function(BenchmarkId::new("register again", size), |bencher| {
                bencher.iter(|| {
                    number = (number + 1) % size;
                    pool.put(&handle, element(number, policy(number ^ 0x55)))
                });
            });
            group.bench_function(BenchmarkId::new("resolve to 3", size), |bencher| {
                bencher.iter(|| pool.select(&handle, 3, 1, &mut rng).len());
            });
        }
    }
}

/// As many pools as pool elements, and operations that depend on the number of pool elements, not on their policy.
fn many_pools(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pools of one pool element");
    for size in SIZES {
        let mut handlespace = Handlespace::new();
        let handles: Vec<PoolHandle> = (0..size).map(handle).collect();
        for (number, handle) in handles.iter().enumerate() {
            let element = element(number as u32, Policy::RoundRobin);
            handlespace.put(handle, element).expect("it fits");
        }
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let mut number = 0_usize;
        let mut next = move || {
            number = (number + 7919) % size as usize;
            number
        };
        let new = handle(size);
        group.bench_function(BenchmarkId::new("register and deregister", size), |bencher| {
            bencher.iter(|| {
                let element = element(7, Policy::RoundRobin);
                let identifier = element.identifier;
                handlespace.put(&new, element).expect("it fits");
                handlespace.remove(&new, identifier)
            });
        });
        group.bench_function(BenchmarkId::new("resolve", size), |bencher| {
            bencher.iter(|| handlespace.select(&handles[next()], 3, 1, &mut rng).len());
        });
        // The effect of a takeover on each pool element: the checksums of both owners change.
        group.bench_function(BenchmarkId::new("change the owner", size), |bencher| {
            let mut owner = OWNER.0;
            bencher.iter(|| {
                let number = next();
                owner ^= 3;
                let mut element = element(number as u32, Policy::RoundRobin);
                element.home_registrar = RegistrarIdentifier(owner);
                handlespace.put(&handles[number], element)
            });
        });
        group.bench_function(BenchmarkId::new("checksum of an owner", size), |bencher| {
            bencher.iter(|| black_box(&handlespace).checksum(black_box(OWNER)));
        });
        group.bench_function(BenchmarkId::new("walk over 100 of an owner", size), |bencher| {
            bencher.iter(|| handlespace.owned_after(OWNER, None).take(100).count());
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30);
    targets = one_pool, many_pools
}
criterion_main!(benches);
