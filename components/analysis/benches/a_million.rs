//! How long it takes to draw a chart of a failover within a million messages.

#[path = "../../trace/benches/million/mod.rs"]
mod million;

use std::hint::black_box;
use std::path::Path;

use analysis::{Cast, Chart, Scene, Subject};
use chronicle::Lanes;
use criterion::{Criterion, criterion_group, criterion_main};
use ladder::{Layout, Options, measure};
use recording::Recording;
use replay::Player;
use trace::Filter;

fn chart(criterion: &mut Criterion) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/failover-kill.pcapng.zst");
    let recording = Recording::open(&file).expect("the recording that the program carries");
    let mut lanes = Lanes::default();
    for highlight in Player::new(recording).highlights() {
        lanes.add(highlight.clone());
    }
    let (trace, clock) = million::a_million();
    let cast = Cast::of(&trace, &lanes);
    let scene = Scene {
        trace: &trace,
        lanes: &lanes,
        cast: &cast,
    };
    let recovery = lanes.recoveries().next().expect("a failover");
    let subject = Subject::of_recovery(&recovery);
    let filter = Filter::default().prepare(&trace, clock);
    let mut group = criterion.benchmark_group("a failover in a million messages");
    group.sample_size(20);
    group.bench_function("chart", |bencher| {
        bencher.iter(|| black_box(Chart::new(&scene, &subject, &filter)));
    });
    group.bench_function("chart and layout", |bencher| {
        bencher.iter(|| {
            let chart = Chart::new(&scene, &subject, &filter);
            black_box(Layout::new(&chart.content, &Options::default(), &measure))
        });
    });
    group.finish();
}

criterion_group!(benches, chart);
criterion_main!(benches);
