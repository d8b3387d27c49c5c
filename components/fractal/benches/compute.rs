//! Measures iterations per second on one core: the plain loop, the vectors with every step taken, and the vectors as
//! they are used, which stop where an orbit repeats itself.
//!
//! The unit is a step that a pixel's value stands for, so that all three are measured by what they achieve.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fractal::compute::Picture;
use wire::fractal_generator::{Algorithm, Complex, Parameter};

type Compute = fn(&Picture, u64, usize, &mut Vec<u32>) -> u64;

const WAYS: [(&str, Compute); 3] = [
    ("plain", Picture::compute_plainly),
    ("every step", Picture::compute_every_step),
    ("as used", Picture::compute),
];

/// rsplib's default picture, whose pixels need few and many iterations.
const DEFAULT: Parameter = Parameter {
    width: 400,
    height: 250,
    max_iterations: 1024,
    algorithm: Algorithm::Mandelbrot,
    c1: Complex { re: -1.5, im: 1.5 },
    c2: Complex { re: 1.5, im: -1.5 },
    n: 2.0,
};

fn pictures() -> [(&'static str, Parameter); 5] {
    [
        ("default", DEFAULT),
        (
            "interior",
            Parameter {
                max_iterations: 10_000,
                c1: Complex { re: -0.1, im: 0.2 },
                c2: Complex { re: 0.1, im: 0.1 },
                ..DEFAULT
            },
        ),
        (
            "border",
            Parameter {
                max_iterations: 20_000,
                c1: Complex {
                    re: 0.7500,
                    im: 0.1000,
                },
                c2: Complex {
                    re: 0.7480,
                    im: 0.1020,
                },
                ..DEFAULT
            },
        ),
        (
            "power 3",
            Parameter {
                algorithm: Algorithm::MandelbrotN,
                n: 3.0,
                max_iterations: 256,
                ..DEFAULT
            },
        ),
        (
            "power 2.5",
            Parameter {
                algorithm: Algorithm::MandelbrotN,
                n: 2.5,
                max_iterations: 256,
                ..DEFAULT
            },
        ),
    ]
}

fn iterations(criterion: &mut Criterion) {
    for (name, parameter) in pictures() {
        // A sample of the rows is enough, requested as in practice: in runs of up to 324 pixels.
        let picture = Picture::new(&parameter).expect("the pictures of the benchmark are within the limits");
        let runs: Vec<u64> = (0..parameter.pixels()).step_by(324 * 7).collect();
        let mut pixels = Vec::new();
        let mut run = |compute: Compute| -> u64 {
            runs.iter()
                .map(|&position| compute(black_box(&picture), position, 324, &mut pixels))
                .sum()
        };
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(run(Picture::compute)));
        for (way, compute) in WAYS {
            group.bench_function(way, |bencher| bencher.iter(|| run(compute)));
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = iterations
}
criterion_main!(benches);
