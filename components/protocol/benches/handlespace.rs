//! The handlespace with few and with many pool elements.

use std::hint::black_box;

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

fn element(identifier: u32, policy: Policy) -> PoolElementParameter {
    PoolElementParameter {
        identifier: PeIdentifier(identifier.wrapping_mul(0x9e37_79b1)),
        home_registrar: OWNER,
        registration_life: RegistrationLife(90_000),
        user_transport: UserTransport::Sctp(SctpTransport {
            port: 7000,
            transport_use: TransportUse::DataPlusControl,
            addresses: vec!["10.0.0.1".parse().expect("an address")],
        }),
        policy,
        asap_transport: None,
    }
}

fn policies(number: u32) -> [(&'static str, Policy); 2] {
    let load = number.wrapping_mul(0x85eb_ca6b);
    [
        ("round robin", Policy::RoundRobin),
        ("least used", Policy::LeastUsed { load }),
    ]
}

fn handlespace(handle: &PoolHandle, size: u32, policy: usize) -> Handlespace {
    let mut handlespace = Handlespace::new();
    for number in 0..size {
        let [one, two] = policies(number);
        let policy = if policy == 0 { one.1 } else { two.1 };
        handlespace.put(handle, element(number, policy)).expect("it fits");
    }
    handlespace
}

fn bench(criterion: &mut Criterion) {
    let handle = PoolHandle::new(b"BenchmarkPool").expect("neither empty nor long");
    for (index, name) in ["round robin", "least used"].into_iter().enumerate() {
        let policy = |number| policies(number)[index].1.clone();
        let mut group = criterion.benchmark_group(name);
        for size in SIZES {
            let mut pool = handlespace(&handle, size, index);
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
            group.bench_function(BenchmarkId::new("checksum", size), |bencher| {
                bencher.iter(|| black_box(&pool).checksum(black_box(OWNER)));
            });
        }
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
