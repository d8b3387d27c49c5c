//! A part of a recording, as packets only.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use feed::{Direction, Timestamp, WallClock};
use recording::{Chunk, Interface, RecordedPacket, Recording, StreamWriter, WriteError};

use crate::View;
use crate::selection::{Ends, Filter};

/// What was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Saved {
    /// The number of packets.
    pub packets: u64,
    /// The number of packets that were left out since they are none of ours: another program has added them.
    pub left_out: u64,
}

/// Why a part of a recording cannot be saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpanError {
    /// The recording cannot be read.
    #[error(transparent)]
    Read(#[from] recording::Error),
    /// The file cannot be written.
    #[error("{path} cannot be written: {why}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        why: io::Error,
    },
}

/// Writes the packets of a recording within a span of time as a file of pcapng, with the names of their components and
/// their comments. What was there before is replaced as a whole, or not at all. Components are selected by their names.
///
/// # Errors
/// Returns an error if something cannot be read or written.
pub fn save_span(
    recording: &Recording,
    span: &RangeInclusive<Timestamp>,
    view: impl Into<View<String>>,
    path: &Path,
) -> Result<Saved, SpanError> {
    let failed = |why| SpanError::Write {
        path: path.display().to_string(),
        why,
    };
    let destination = whole_file::Destination::of(path).map_err(failed)?;
    let own = whole_file::Destination::of(recording.path());
    if own.is_ok_and(|own| own.collides_with(&destination)) {
        return Err(failed(io::Error::other("it is the recording itself")));
    }
    let mut filter = Filter::new(view.into());
    if filter.learns() {
        for position in positions(recording, span) {
            learn(&recording.read_chunk(position)?, &mut filter);
        }
    }
    let (mut saved, mut unread) = (Saved::default(), None);
    let written = destination.write_with(|out| {
        let mut writing = Writing::begin(recording, span, &filter).map_err(io::Error::other)?;
        for position in positions(recording, span) {
            let chunk = recording.read_chunk(position).map_err(|error| {
                unread = Some(error);
                io::Error::other("the recording cannot be read")
            })?;
            writing.chunk(&chunk).map_err(io::Error::other)?;
            out.write_all(&writing.writer.take())?;
        }
        saved = writing.saved;
        out.write_all(&writing.writer.take())
    });
    match unread {
        Some(error) => Err(error.into()),
        None => written.map(|()| saved).map_err(failed),
    }
}

/// How long before and after the records of a chunk its packets may be: they are written a little later, in order.
const APART: Duration = Duration::from_secs(5);

/// Returns the positions of the chunks which may have packets within the span.
fn positions(recording: &Recording, span: &RangeInclusive<Timestamp>) -> impl Iterator<Item = usize> {
    let chunks = recording.chunks();
    (0..chunks.len()).filter(move |position| {
        let begin = chunks
            .get(*position)
            .map_or(Timestamp::default(), |chunk| chunk.from);
        // Where nothing was recorded but packets, they may come long after the last record.
        let end = chunks
            .get(position + 1)
            .map_or(Timestamp::from_micros(u64::MAX), |next| {
                next.from.max(next.header.begun)
            });
        begin - APART <= *span.end() && *span.start() <= end + APART
    })
}

fn learn(chunk: &Chunk, filter: &mut Filter<String>) {
    for packet in chunk.packets() {
        if let Some(ends) = ends(&packet) {
            filter.learn(&packet.interface.name, ends);
        }
    }
}

/// Returns what a packet is to a filter. A packet without a UDP header has ports of SCTP.
fn ends(packet: &RecordedPacket<'_>) -> Option<Ends> {
    let (source, destination, ports) = match packet.bytes.first()? >> 4 {
        4 => {
            let [source, destination] =
                [12, 16].map(|at| packet.bytes.get(at..)?.first_chunk::<4>().copied());
            (IpAddr::from(source?), IpAddr::from(destination?), 20)
        }
        6 => {
            let [source, destination] =
                [8, 24].map(|at| packet.bytes.get(at..)?.first_chunk::<16>().copied());
            (IpAddr::from(source?), IpAddr::from(destination?), 40)
        }
        _ => return None,
    };
    let [from, to] = [ports, ports + 2].map(|at| packet.bytes.get(at..)?.first_chunk().copied());
    let source = (source.to_canonical(), u16::from_be_bytes(from?));
    let destination = (destination.to_canonical(), u16::from_be_bytes(to?));
    let direction = packet.direction?;
    let (own, remote) = match direction {
        Direction::Sent => (source, destination),
        Direction::Received => (destination, source),
    };
    Some(Ends {
        direction,
        own,
        remote,
    })
}

struct Writing<'a> {
    span: &'a RangeInclusive<Timestamp>,
    filter: &'a Filter<String>,
    writer: StreamWriter,
    /// Packets that are missing before the next one that is shown, of each component.
    missing: BTreeMap<String, u64>,
    saved: Saved,
}

impl<'a> Writing<'a> {
    fn begin(
        recording: &Recording,
        span: &'a RangeInclusive<Timestamp>,
        filter: &'a Filter<String>,
    ) -> Result<Self, WriteError> {
        let first = recording.chunks().first();
        let program = first.map_or("Poolscope", |chunk| &chunk.header.program);
        let wall_clock = first.map_or_else(WallClock::sample, |chunk| chunk.header.wall_clock);
        Ok(Self {
            span,
            filter,
            writer: StreamWriter::new(program, "Packets of a part of a recording", wall_clock)?,
            missing: BTreeMap::new(),
            saved: Saved::default(),
        })
    }

    fn chunk(&mut self, chunk: &Chunk) -> Result<(), WriteError> {
        self.writer.set_wall_clock(chunk.header().wall_clock);
        chunk
            .packets()
            .filter(|packet| self.span.contains(&packet.at))
            .try_for_each(|packet| self.packet(&packet))
    }

    fn packet(&mut self, packet: &RecordedPacket<'_>) -> Result<(), WriteError> {
        let component = &packet.interface.name;
        if !self.filter.selection().shows(component) {
            return Ok(());
        }
        let ends = ends(packet).filter(|_| packet.interface.link_type == Interface::IP);
        let Some(ends) = ends else {
            self.saved.left_out += 1;
            return Ok(());
        };
        let missing = self.missing.remove(component).unwrap_or_default();
        let missing = missing.saturating_add(packet.missing);
        // What happened to it was said in a comment.
        let tells_more = packet.comments().next().is_some();
        if !self.filter.passes(component, ends, tells_more) {
            if missing > 0 {
                self.missing.insert(component.clone(), missing);
            }
            return Ok(());
        }
        let interface = self.writer.interface(component, &packet.interface.description)?;
        for comment in packet.comments() {
            self.writer.comment(Some(interface), &comment);
        }
        self.writer.packet(recording::Packet {
            interface,
            at: packet.at,
            direction: ends.direction,
            bytes: packet.bytes,
            comment: None,
            missing,
        })?;
        self.saved.packets += 1;
        Ok(())
    }
}
