//! Tells what the bytes of a recording are: how many records of each kind it has, their size, and the size by which the
//! file shrinks when they are left out of it.
//!
//!     cargo run --release -p replay --example sizes -- FILE

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use feed::Timestamp;
use model::{Change, Update};
use recording::{Form, Keyframing, Record, Recording, Writer};
use replay::{Entry, EntryKind};

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    records: u64,
    bytes: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("which recording?")?;
    let recording = Recording::open(Path::new(&path))?;
    let (mut raw, mut packets) = (0, Size::default());
    let mut kinds: BTreeMap<String, Size> = BTreeMap::new();
    for (number, info) in recording.chunks().iter().enumerate() {
        let chunk = recording.read_chunk(number)?;
        raw += info.raw_bytes;
        for packet in chunk.packets() {
            packets.records += 1;
            packets.bytes += packet.bytes.len() as u64;
        }
        for record in chunk.records() {
            let size = kinds.entry(kind(&record)).or_default();
            size.records += 1;
            size.bytes += record.bytes.len() as u64;
        }
    }
    let first = recording.chunks().first().ok_or("it is empty")?.from;
    let last = recording.chunks().last().ok_or("it is empty")?.to;
    let lasts = (last - first).as_secs_f64();
    let stored = recording.stored_bytes();
    let records = without(&recording, |_| false)?;
    println!(
        "{lasts:.1} s, {} chunks, {raw} bytes, compressed {stored}: {:.0} MB an hour",
        recording.chunks().len(),
        stored as f64 / lasts * 3600.0 / 1e6
    );
    println!(
        "{:40} {:>9} {:>12} {:>12} {:>6}",
        "kind", "number", "bytes", "compressed", ""
    );
    let line = |kind: &str, size: Size, share: u64| {
        let part = share as f64 / stored as f64 * 100.0;
        println!(
            "{kind:40} {:9} {:12} {share:12} {part:5.1}%",
            size.records, size.bytes
        );
    };
    line("packets", packets, stored.saturating_sub(records));
    for (name, size) in &kinds {
        let rest = without(&recording, |record| kind(record) == *name)?;
        line(name, *size, records.saturating_sub(rest));
    }
    Ok(())
}

/// Returns what a record is.
fn kind(record: &Record<'_>) -> String {
    let Some(kind) = EntryKind::of(record.kind.0) else {
        return "of a later version".into();
    };
    match (kind, record.properties.keyframe) {
        (EntryKind::Keyframe, Some(Keyframing::Whole)) => "keyframe, whole".into(),
        (EntryKind::Update, _) => match Entry::decode(record.kind.0, record.bytes) {
            Ok(Some(Entry::Update(update))) => format!("update, {}", about(&update)),
            _ => "update that cannot be read".into(),
        },
        _ => format!("{kind:?}").to_lowercase(),
    }
}

fn about(update: &Update) -> String {
    let text = match update {
        Update::Component {
            change: Change::Feed(frame),
            ..
        } => format!("{:?}", frame.stamped.event),
        Update::Component { change, .. } => format!("{change:?}"),
        update => format!("{update:?}"),
    };
    let end = text.find(|c: char| !c.is_alphanumeric());
    text[..end.unwrap_or(text.len())].to_owned()
}

/// Returns the compressed size of all records but some, without packets.
fn without(
    recording: &Recording,
    left_out: impl Fn(&Record<'_>) -> bool,
) -> Result<u64, Box<dyn std::error::Error>> {
    let (mut writer, mut out, mut size) = (Writer::new(Form::Compressed, 0)?, Vec::new(), 0);
    for number in 0..recording.chunks().len() {
        let chunk = recording.read_chunk(number)?;
        writer.begin_chunk(chunk.header(), &mut out)?;
        let mut flushed = Timestamp::default();
        for record in chunk.records().filter(|record| !left_out(record)) {
            if record.at >= flushed + Duration::from_secs(1) {
                writer.flush(&mut out)?;
                flushed = record.at;
            }
            writer.record(record.kind, record.properties, record.at, record.bytes)?;
        }
        writer.finish_chunk(&mut out)?;
        size += out.len() as u64;
        out.clear();
    }
    Ok(size)
}
