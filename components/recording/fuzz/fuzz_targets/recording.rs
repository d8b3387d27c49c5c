//! Any bytes as a recording: no panic, bounded memory, and what can be read survives being copied.

#![no_main]

mod corrected;

use corrected::corrected;
use libfuzzer_sys::fuzz_target;
use recording::{CopyError, Form, RecordKind, Recording};

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    let file = match choice % 4 {
        0 => bytes.to_vec(),
        1 => corrected(bytes),
        2 => zstd::encode_all(&corrected(bytes)[..], 1).expect("memory suffices"),
        // Two frames.
        _ => {
            let bytes = corrected(bytes);
            let halves = bytes.split_at(bytes.len() / 2);
            let frame = |half| zstd::encode_all(half, 1).expect("memory suffices");
            [frame(halves.0), frame(halves.1)].concat()
        }
    };
    let other = if file.first() == Some(&0x0a) { Form::Compressed } else { Form::Plain };
    let Ok(mut recording) = Recording::of("fuzzed", file) else {
        return;
    };
    let _ = recording.refresh();
    let records = everything(&recording);
    let mut copy = Vec::new();
    match recording.copy(other, &mut copy) {
        // Nothing could be read.
        Ok(0) => return,
        Ok(size) => assert_eq!(size, copy.len() as u64),
        Err(CopyError::BigEndian) => return,
        Err(error) => panic!("{error}"),
    }
    let copy = Recording::of("copy", copy).expect("a copy can be opened");
    assert_eq!(copy.damage(), []);
    let copied = everything(&copy);
    let numbers = |records: &[Recorded]| records.iter().map(|(number, ..)| *number).collect::<Vec<_>>();
    assert_eq!(numbers(&copied), numbers(&records));
    assert!(copied == records, "the content of records differs");
});

/// A record: its number, kind and content.
type Recorded = (u64, RecordKind, Vec<u8>);

fn everything(recording: &Recording) -> Vec<Recorded> {
    let mut records = Vec::new();
    for (position, info) in recording.chunks().iter().enumerate() {
        let chunk = recording.read_chunk(position).expect("bytes in memory can be read");
        for packet in chunk.packets() {
            let _ = (packet.at, packet.comments().count());
        }
        for record in chunk.records() {
            records.push((record.number, record.kind, record.bytes.to_vec()));
        }
        for keyframe in &info.keyframes {
            let _ = chunk.records_from(keyframe.offset, keyframe.record).next();
        }
    }
    records
}
