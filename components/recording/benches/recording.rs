//! How fast recordings are written, opened and read.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feed::{Timestamp, WallClock};
use recording::{ChunkHeader, Form, Keyframing, Properties, RecordKind, Recording, Writer};

/// The size of what is recorded, about that of a chunk, in bytes.
const SIZE: usize = 24 << 20;
/// Records of a second, at the rate of the demonstration that the program starts with.
const PER_SECOND: usize = 800;

/// Updates such as components report them: mostly the same, and now and then a part of a picture, which is not.
fn updates() -> Vec<Vec<u8>> {
    let mut updates = Vec::new();
    let (mut size, mut noise) = (0, 1_u64);
    while size < SIZE {
        let number = updates.len();
        let mut update = format!(
            "{{\"at\":{},\"event\":\"message\",\"association\":{},\"stream\":{},\"name\":\"ASAP_ENDPOINT_KEEP_ALIVE\",\
             \"direction\":\"sent\",\"bytes\":{}}}",
            31_536_000_000_000 + number * 1250,
            number % 17,
            number % 3,
            number * 31 % 97
        )
        .into_bytes();
        if number.is_multiple_of(4) {
            update.extend((0..4_000).map(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (noise >> 61) as u8
            }));
        }
        size += update.len();
        updates.push(update);
    }
    updates
}

fn write(form: Form, updates: &[Vec<u8>], chunks: u32) -> Vec<u8> {
    let (mut file, mut writer) = (Vec::new(), Writer::new(form, 0).expect("memory"));
    let mut at = Timestamp::from_micros(31_536_000_000_000);
    for _ in 0..chunks {
        let header = ChunkHeader {
            begun: at,
            wall_clock: WallClock::showing(Duration::from_secs(1_700_000_000), at),
            contents: 1,
            program: "bench".into(),
            host: "here".into(),
        };
        writer.begin_chunk(&header, &mut file).expect("memory");
        let keyframe = Properties::keyframe(Keyframing::Whole);
        writer
            .record(RecordKind(1), keyframe, at, &[0; 1_000])
            .expect("room");
        for second in updates.chunks(PER_SECOND) {
            for update in second {
                at += Duration::from_micros(1250);
                writer
                    .record(RecordKind(2), Properties::NONE, at, update)
                    .expect("room");
            }
            writer.flush(&mut file).expect("memory");
        }
    }
    writer.finish_chunk(&mut file).expect("memory");
    file
}

fn benches(criterion: &mut Criterion) {
    let updates = updates();
    let bytes = updates.iter().map(|update| update.len() as u64).sum();
    let mut group = criterion.benchmark_group("recording");
    group.sample_size(10);
    for (name, form) in [("plain", Form::Plain), ("compressed", Form::Compressed)] {
        group.throughput(Throughput::Bytes(bytes));
        group.bench_function(format!("write a chunk, {name}"), |bencher| {
            bencher.iter(|| write(form, black_box(&updates), 1));
        });
        let file = write(form, &updates, 1);
        let recording = Recording::of("bench", file).expect("a recording");
        group.bench_function(format!("read a chunk, {name}"), |bencher| {
            bencher.iter(|| {
                let chunk = recording.read_chunk(0).expect("a chunk");
                chunk.records().map(|record| record.bytes.len()).sum::<usize>()
            });
        });
    }
    let file = write(Form::Compressed, &updates, 20);
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("open twenty chunks", |bencher| {
        bencher.iter(|| Recording::of("bench", black_box(file.clone())).expect("a recording"));
    });
}

criterion_group!(recording, benches);
criterion_main!(recording);
