//! Writes small recordings as seeds into the corpus.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use feed::{Direction, Timestamp, WallClock};
use recording::{ChunkHeader, Form, Keyframing, Packet, Properties, RecordKind, Recording, Writer};

fn main() -> Result<(), Box<dyn Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/recording");
    fs::create_dir_all(&corpus)?;
    for (name, form, chunks) in [
        ("plain", Form::Plain, 2),
        ("compressed", Form::Compressed, 2),
        ("one-chunk", Form::Plain, 1),
    ] {
        let file = file(form, chunks)?;
        let choices = if form == Form::Plain { 0..4_u8 } else { 0..1 };
        for choice in choices {
            fs::write(corpus.join(format!("{name}-{choice}")), [&[choice], &file[..]].concat())?;
        }
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/replay");
    fs::create_dir_all(&corpus)?;
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../assets/failover-kill.pcapng.zst");
    let recording = Recording::open(&own)?;
    for kilobytes in [4, 16, 60] {
        fs::write(corpus.join(format!("{kilobytes}-kB")), beginning(&recording, kilobytes << 10)?)?;
    }
    Ok(())
}

/// Returns the first records of a recording: so many that they have about this size.
fn beginning(recording: &Recording, size: u64) -> Result<Vec<u8>, Box<dyn Error>> {
    let (mut file, mut writer) = (Vec::new(), Writer::new(Form::Plain, 0)?);
    let chunk = recording.read_chunk(0)?;
    writer.begin_chunk(chunk.header(), &mut file)?;
    for record in chunk.records() {
        if writer.raw_bytes() + record.bytes.len() as u64 > size {
            break;
        }
        writer.record(record.kind, record.properties, record.at, record.bytes)?;
    }
    writer.finish_chunk(&mut file)?;
    Ok(file)
}

fn file(form: Form, chunks: u64) -> Result<Vec<u8>, Box<dyn Error>> {
    let (mut file, mut writer) = (Vec::new(), Writer::new(form, 0)?);
    for chunk in 0..chunks {
        let begun = Timestamp::from_micros(1_000_000 * chunk);
        let header = ChunkHeader {
            begun,
            wall_clock: WallClock::showing(Duration::from_secs(1_700_000_000), begun),
            contents: 1,
            program: "Poolscope".into(),
            host: "here".into(),
        };
        writer.begin_chunk(&header, &mut file)?;
        let keyframe = Properties::keyframe(Keyframing::Whole);
        writer.record(RecordKind(1), keyframe, begun, b"state")?;
        writer.record(RecordKind(2), Properties::INDEXED, begun, b"mark")?;
        let interface = writer.interface("pool element 1", "Fractal");
        writer.packet(Packet {
            interface,
            at: begun,
            direction: Direction::Sent,
            bytes: &[0x45; 20],
            comment: Some("killed"),
            missing: 1,
        })?;
        writer.flush(&mut file)?;
        // One that does not fit into a block would be too large for a seed.
        writer.record(RecordKind(2), Properties::NONE, begun, b"update")?;
    }
    writer.finish_chunk(&mut file)?;
    Ok(file)
}
