//! The beginning of a chunk.

use std::time::Duration;

use feed::{Timestamp, WallClock};

use crate::envelope::Fields;

/// What a chunk says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkHeader {
    /// When it began.
    pub begun: Timestamp,
    /// The offset from timestamps to the time of day when it began. Timestamps never step; the time of day may, from
    /// one chunk to the next.
    pub wall_clock: WallClock,
    /// The version of what is in the records, by which those who know them tell older ones from newer ones.
    pub contents: u32,
    /// The program that records, with its version.
    pub program: String,
    /// The host.
    pub host: String,
}

/// The maximum size of a text in a header.
const TEXT: usize = 255;

impl ChunkHeader {
    pub(crate) fn encode(&self, first_record: u64, first_interface: usize, out: &mut Vec<u8>) {
        out.extend(first_record.to_le_bytes());
        out.extend((first_interface as u32).to_le_bytes());
        out.extend(self.begun.as_micros().to_le_bytes());
        out.extend(ahead_us(self.wall_clock).to_le_bytes());
        out.extend(self.contents.to_le_bytes());
        for text in [&self.program, &self.host] {
            let text = &text[..text.floor_char_boundary(TEXT)];
            out.extend((text.len() as u16).to_le_bytes());
            out.extend(text.as_bytes());
        }
    }

    /// Decodes a header, and the numbers of the first record and of the first interface that the chunk declares. Fields
    /// that a later version appended are ignored.
    pub(crate) fn decode(mut fields: Fields<'_>) -> Option<(Self, u64, usize)> {
        let first_record = fields.u64()?;
        let first_interface = fields.u32()? as usize;
        let begun = Timestamp::from_micros(fields.u64()?);
        let wall_clock = wall_clock(fields.i64()?);
        let contents = fields.u32()?;
        let mut text = || {
            let length = fields.u16()?;
            let bytes = fields.bytes(length.into())?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let (program, host) = (text()?, text()?);
        let header = Self {
            begun,
            wall_clock,
            contents,
            program,
            host,
        };
        Some((header, first_record, first_interface))
    }
}

/// A time that can be moved by any offset without an overflow.
const MIDDLE: u64 = 1 << 62;

/// Returns by how many microseconds the wall clock is ahead of timestamps.
fn ahead_us(wall_clock: WallClock) -> i64 {
    let shown = wall_clock.unix_us(Timestamp::from_micros(MIDDLE));
    shown.wrapping_sub(MIDDLE).cast_signed()
}

fn wall_clock(ahead_us: i64) -> WallClock {
    let shown = MIDDLE.wrapping_add_signed(ahead_us);
    WallClock::showing(Duration::from_micros(shown), Timestamp::from_micros(MIDDLE))
}

/// Returns the timestamp at which the wall clock shows this.
pub(crate) fn timestamp(wall_clock: WallClock, unix_us: u64) -> Timestamp {
    let us = i128::from(unix_us) - i128::from(ahead_us(wall_clock));
    Timestamp::from_micros(us.clamp(0, u64::MAX.into()) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back_whatever_the_clock_shows() {
        for since_epoch in [0, 5, 1_795_428_061_002_345] {
            let at = Timestamp::from_micros(31_536_000_000_000);
            let header = ChunkHeader {
                begun: at,
                wall_clock: WallClock::showing(Duration::from_micros(since_epoch), at),
                contents: 7,
                program: "Poolscope 0.1.0".to_owned(),
                host: "ö".repeat(200),
            };
            let mut bytes = Vec::new();
            header.encode(42, 3, &mut bytes);
            bytes.extend(b"what a later version appends");
            let (decoded, first_record, first_interface) = ChunkHeader::decode(Fields(&bytes)).unwrap();
            assert_eq!(decoded.host, "ö".repeat(127));
            assert_eq!(
                (
                    ChunkHeader {
                        host: header.host.clone(),
                        ..decoded
                    },
                    first_record,
                    first_interface
                ),
                (header.clone(), 42, 3)
            );
            assert_eq!(timestamp(header.wall_clock, since_epoch), at);
        }
    }
}
