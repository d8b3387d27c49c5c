//! How long the layout of a chart takes, and finding what lies at a place: both happen while somebody looks at it.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use feed::{ComponentRole, Timestamp};
use ladder::{Arrow, Content, Fate, FoldClass, Kind, Layout, LifeLine, Options, Style, Target, measure, svg};

/// Messages between everybody within 50 ms, of which a part is routine.
fn busy(lines: usize, arrows: u64, routine: u64) -> Content {
    const SPAN_US: u64 = 50_000;
    let life = |index| LifeLine {
        key: 0,
        name: format!("PE {index}"),
        role: ComponentRole::PoolElement,
        begins: None,
        ends: None,
    };
    let arrow = |id: u64| {
        let sent = id * SPAN_US / arrows;
        let from = (id * 7 % lines as u64) as usize;
        Arrow {
            id,
            from: Some(from),
            to: Target::Line((from + 1 + (id * 5 % (lines as u64 - 1)) as usize) % lines),
            sent: Timestamp::from_micros(sent),
            arrived: Some(Timestamp::from_micros(sent + 40 + id % 90)),
            fate: Fate::Arrived,
            kind: Kind::ALL[(id % 5) as usize],
            label: format!("MESSAGE_{}", id % 40),
            folds: (id % 10 < routine).then_some(FoldClass::Pixels),
            retransmission: false,
            selected: false,
        }
    };
    Content {
        title: "A busy moment".into(),
        life_lines: (0..lines).map(life).collect(),
        arrows: (0..arrows).map(arrow).collect(),
        ..Content::default()
    }
}

fn layout(criterion: &mut Criterion) {
    let options = Options::default();
    for (name, content) in [
        ("100 arrows of 4 life lines", busy(4, 100, 5)),
        ("20,000 arrows of 60 life lines", busy(60, 20_000, 0)),
        ("20,000 arrows of 2 life lines", busy(2, 20_000, 9)),
    ] {
        criterion.bench_function(&format!("lay out {name}"), |bencher| {
            bencher.iter(|| Layout::new(black_box(&content), &options, &measure));
        });
        let laid_out = Layout::new(&content, &options, &measure);
        let (x, y) = (laid_out.width / 2.0, laid_out.height / 2.0);
        criterion.bench_function(&format!("point at {name}"), |bencher| {
            bencher.iter(|| black_box(&laid_out).at(x, y, 3.0));
        });
        criterion.bench_function(&format!("draw {name} as SVG"), |bencher| {
            bencher.iter(|| svg(black_box(&laid_out), &Style::default()));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = layout
}
criterion_main!(benches);
