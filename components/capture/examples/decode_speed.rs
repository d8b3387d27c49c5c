//! How fast captures are decoded: `decode_speed FILE...` prints megabytes in a second of processor time.
//!
//! The packets of a small file are repeated until they are many, each time in other associations, so that nothing is taken
//! for a retransmission. A large file stays as it is. They are decoded to lines of text that nobody reads.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Duration;

use capture::decode::{DecodeArgs, decode};
use capture::{Carried, Finder, Frame, Reader};
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::{DataLink, TsResolution};
use rustix::time::{ClockId, clock_gettime};

/// How large captures are made, in bytes.
const SIZE: u64 = 300_000_000;
/// Those with fewer bytes are.
const SMALL: u64 = 10_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let repeated = tempfile::NamedTempFile::new()?;
        let large = if path.metadata()?.len() < SMALL {
            repeat(&path, repeated.path())?;
            repeated.path()
        } else {
            &path
        };
        let bytes = large.metadata()?.len();
        let args = DecodeArgs {
            files: vec![large.to_owned()],
            ..DecodeArgs::default()
        };
        let mut out = File::create("/dev/null")?;
        let begin = processor_time();
        decode(&args, &mut out, &mut io::stderr())?;
        let elapsed = processor_time() - begin;
        let speed = bytes as f64 / 1e6 / elapsed.as_secs_f64();
        println!(
            "{}: {:.0} MB in {elapsed:.2?}: {speed:.0} MB/s",
            path.display(),
            bytes as f64 / 1e6
        );
    }
    Ok(())
}

/// How long the process has run, however busy the computer is with others.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// Writes the packets of a capture again and again.
fn repeat(path: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let mut writer = None;
    let (mut written, mut round) = (0, 0);
    while written < SIZE {
        let mut reader = Reader::open(path)?;
        let mut finder = Finder::default();
        let before = written;
        while let Some(frame) = reader.read()? {
            let writer = match &mut writer {
                Some(writer) => writer,
                None => writer.insert(begin(&frame, to)?),
            };
            let bytes = retagged(&frame, &mut finder, round);
            let time = frame.time.map_or(0, |time| time.0.unsigned_abs());
            writer.write_packet(&PcapPacket::new(
                Duration::from_nanos(time),
                frame.whole as u32,
                &bytes,
            ))?;
            written += bytes.len() as u64 + 16;
        }
        if written == before {
            return Err("there are no packets in it".into());
        }
        round += 1;
    }
    Ok(())
}

fn begin(frame: &Frame<'_>, to: &Path) -> Result<PcapWriter<BufWriter<File>>, Box<dyn Error>> {
    let header = PcapHeader {
        datalink: DataLink::from(u32::from(frame.link.0)),
        ts_resolution: TsResolution::NanoSecond,
        ..PcapHeader::default()
    };
    Ok(PcapWriter::with_header(
        BufWriter::new(File::create(to)?),
        header,
    )?)
}

/// Returns the bytes of a frame with another verification tag.
fn retagged(frame: &Frame<'_>, finder: &mut Finder, round: u32) -> Vec<u8> {
    let mut bytes = frame.bytes.to_vec();
    let Some(found) = finder.find(frame) else {
        return bytes;
    };
    let at = found.bytes.as_ptr().addr() - frame.bytes.as_ptr().addr();
    let end = at + found.bytes.len();
    if let (Carried::Sctp(sctp), Some(packet)) = (&found.carried, bytes.get_mut(at..end))
        && sctp.packet.tag != 0
    {
        let tag = sctp.packet.tag ^ round;
        packet[4..8].copy_from_slice(&tag.to_be_bytes());
        packet[8..12].fill(0);
        let checksum = crc32c::crc32c(packet);
        packet[8..12].copy_from_slice(&checksum.to_le_bytes());
    }
    bytes
}
