//! A recording of what never happened.

use std::time::Duration;

use feed::{Direction, Timestamp, WallClock};
use recording::{
    Chunk, ChunkHeader, Form, Keyframing, Packet, Properties, RecordKind, Recording, WriteError, Writer,
};

/// A record without borrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) number: u64,
    pub(crate) kind: RecordKind,
    pub(crate) properties: Properties,
    pub(crate) at: Timestamp,
    pub(crate) bytes: Vec<u8>,
}

/// A packet without borrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnedPacket {
    pub(crate) interface: String,
    pub(crate) at: Timestamp,
    pub(crate) direction: Option<Direction>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) comments: Vec<String>,
    pub(crate) missing: u64,
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    pub(crate) bytes: Vec<u8>,
    /// The records of each chunk.
    pub(crate) records: Vec<Vec<Owned>>,
    /// The packets of each chunk.
    pub(crate) packets: Vec<Vec<OwnedPacket>>,
    /// Where each chunk begins, and where the last one ends.
    pub(crate) borders: Vec<usize>,
}

pub(crate) const BEGIN: Timestamp = Timestamp::from_micros(31_536_000_000_000);

pub(crate) fn header(at: Timestamp) -> ChunkHeader {
    ChunkHeader {
        begun: at,
        wall_clock: WallClock::showing(Duration::from_micros(1_795_428_061_002_345), BEGIN),
        contents: 3,
        program: "Poolscope 0.1.0".to_owned(),
        host: "here".to_owned(),
    }
}

/// Writes so many whole chunks, each with some flushes of records and packets.
pub(crate) fn sample(form: Form, chunks: usize) -> Sample {
    let mut sample = Sample::default();
    let mut writer = Writer::new(form, 0).unwrap();
    for chunk in 0..chunks {
        sample.borders.push(sample.bytes.len());
        chunk_of(&mut writer, chunk, &mut sample).unwrap();
        writer.finish_chunk(&mut sample.bytes).unwrap();
    }
    sample.borders.push(sample.bytes.len());
    sample
}

/// Writes a chunk, and does not finish it.
pub(crate) fn chunk_of(writer: &mut Writer, chunk: usize, sample: &mut Sample) -> Result<(), WriteError> {
    let begun = BEGIN + Duration::from_secs(chunk as u64 * 30);
    writer.begin_chunk(&header(begun), &mut sample.bytes)?;
    let (mut records, mut packets) = (Vec::new(), Vec::new());
    for flush in 0..5_u64 {
        let at = begun + Duration::from_secs(flush);
        for number in 0..6_u64 {
            let at = at + Duration::from_millis(number);
            let (kind, properties, size) = match (flush, number) {
                (0, 0) => (1, Properties::keyframe(Keyframing::Whole), 5_000),
                (3, 2) => (1, Properties::keyframe(Keyframing::Partial), 700),
                (_, 5) => (3, Properties::INDEXED, 9),
                _ => (2, Properties::NONE, 100 + number as usize),
            };
            let kind = RecordKind(kind);
            let bytes: Vec<u8> = (0..size).map(|at| (at as u64 * (number + 7) / 5) as u8).collect();
            let number = writer.record(kind, properties, at, &bytes)?;
            records.push(Owned {
                number,
                kind,
                properties,
                at,
                bytes,
            });
        }
        for number in 0..4_u64 {
            let name = format!("pool element {number}");
            let interface = writer.interface(&name, "Fractal");
            let at = at + Duration::from_micros(number * 11);
            let direction = if number % 2 == 0 {
                Direction::Sent
            } else {
                Direction::Received
            };
            let bytes = vec![0x45 + number as u8; 40 + number as usize];
            let comment = (number == 3).then(|| "It was killed here".to_owned());
            let packet = Packet {
                interface,
                at,
                direction,
                bytes: &bytes,
                comment: comment.as_deref(),
                missing: flush,
            };
            writer.packet(packet)?;
            packets.push(OwnedPacket {
                interface: name,
                at,
                direction: Some(direction),
                bytes,
                comments: comment.into_iter().collect(),
                missing: flush,
            });
        }
        writer.flush(&mut sample.bytes)?;
    }
    sample.records.push(records);
    sample.packets.push(packets);
    Ok(())
}

pub(crate) fn records(chunk: &Chunk) -> Vec<Owned> {
    let records = chunk.records().map(|record| Owned {
        number: record.number,
        kind: record.kind,
        properties: record.properties,
        at: record.at,
        bytes: record.bytes.to_vec(),
    });
    records.collect()
}

pub(crate) fn packets(chunk: &Chunk) -> Vec<OwnedPacket> {
    let packets = chunk.packets().map(|packet| OwnedPacket {
        interface: packet.interface.name.clone(),
        at: packet.at,
        direction: packet.direction,
        bytes: packet.bytes.to_vec(),
        comments: packet.comments().map(Into::into).collect(),
        missing: packet.missing,
    });
    packets.collect()
}

pub(crate) fn open(bytes: &[u8]) -> Result<Recording, recording::Error> {
    Recording::of("sample", bytes.to_vec())
}
