//! How long it takes to trace packets, and to look through a million messages; and how much memory they need.

mod million;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use trace::Filter;

fn look_through(criterion: &mut Criterion) {
    let (trace, clock) = million::a_million();
    let mut group = criterion.benchmark_group("a million messages");
    group.sample_size(10);
    for text in [
        "type:FGP_DATA",
        "from:PU1",
        "calculator",
        "-type:FGP_DATA -pe:1",
        "is:lost",
    ] {
        let filter = Filter::parse(text).expect("a filter");
        group.bench_function(format!("filter {text}"), |bencher| {
            bencher.iter(|| {
                let prepared = filter.prepare(&trace, clock);
                let all = trace.messages.from(0);
                all.filter(|(position, message)| prepared.accepts(&trace, *position, message))
                    .count()
            });
        });
    }
    group.bench_function("copy", |bencher| bencher.iter(|| black_box(trace.clone())));
    group.finish();
}

criterion_group!(benches, look_through);
criterion_main!(benches);
