//! A file of a recording, and where its chunks are.

use std::path::PathBuf;
use std::sync::Arc;

use memchr::memmem;

use crate::block::SECTION_HEADER;
use crate::blocks::Blocks;
use crate::index::{self, INDEX_LIMIT};
use crate::source::{Raw, Reader, Source};
use crate::survey::Section;
use crate::walk::{Stop, Walk};
use crate::{CHUNK_RAW_LIMIT, ChunkInfo, Damage, Error, FORMAT_VERSION, Form, envelope};

/// A file of a recording.
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) source: Box<dyn Source>,
    pub(crate) form: Form,
    pub(crate) chunks: Vec<Place>,
    pub(crate) damage: Vec<Damage>,
    /// Packets that belong to no chunk.
    pub(crate) foreign_packets: u64,
    /// Its sections; more than one if it was put together of several files.
    pub(crate) sections: Vec<Section>,
    /// Its size when it was looked through.
    pub(crate) size: u64,
    /// Up to here, it has been looked through for good.
    settled: u64,
    /// The number of interfaces that the latest section had there.
    settled_interfaces: usize,
}

/// A chunk and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) info: Arc<ChunkInfo>,
    /// Where its bytes, or those of its frame, are in the file.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Where its index ends, if it has one.
    pub(crate) index_end: Option<u64>,
    /// Where it begins within what is there.
    pub(crate) raw_start: u64,
    /// Its size there; `None` if it is all that is there.
    pub(crate) raw_bytes: Option<u64>,
    /// The number of its section among those of the file, and how many interfaces that had when it began.
    pub(crate) section: usize,
    pub(crate) interfaces: usize,
}

/// What may still be kept in memory of what files say about their chunks.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) chunks: usize,
    pub(crate) sections: usize,
    pub(crate) indexed_bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            chunks: 100_000,
            sections: 1000,
            indexed_bytes: 64 << 20,
        }
    }
}

/// How far back an index is searched for: as far as a chunk without one may reach.
const SEARCHED: u64 = 2 * CHUNK_RAW_LIMIT as u64;
/// How many places are looked at that only seem to be an index.
const DECOYS: usize = 1000;
/// The most that is decompressed to look through a frame, or read to look through a file without indices.
const SURVEYED: u64 = 8 << 30;
/// The magic number of a frame of zstd.
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A part of a file.
enum Part {
    /// A chunk with its index.
    Indexed(Box<Place>),
    /// What has to be looked through.
    Unknown(u64, u64),
}

impl Segment {
    /// Looks through a file.
    pub(crate) fn open(path: PathBuf, source: Box<dyn Source>, budget: &mut Budget) -> Result<Self, Error> {
        let io = |why| Error::Io {
            path: path.clone(),
            why,
        };
        let size = source.size().map_err(io)?;
        let begin = Reader::new(&*source, 0, size.min(8)).all().map_err(io)?;
        let form = form(&begin).map_err(|why| Error::OtherKind {
            path: path.clone(),
            why: why.to_owned(),
        })?;
        let mut segment = Self {
            path,
            source,
            form,
            chunks: Vec::new(),
            damage: Vec::new(),
            foreign_packets: 0,
            sections: vec![Section::default()],
            size: 0,
            settled: 0,
            settled_interfaces: 0,
        };
        segment.refresh(budget)?;
        Ok(segment)
    }

    /// Looks through what was appended. Returns whether there is more than before.
    pub(crate) fn refresh(&mut self, budget: &mut Budget) -> Result<bool, Error> {
        let size = self.source.size().map_err(|source| self.io(source))?;
        if size == self.size && size > 0 {
            return Ok(false);
        }
        self.size = size;
        if size < self.settled {
            // Another file is there now.
            self.settled = 0;
            self.settled_interfaces = 0;
            self.sections.truncate(1);
        }
        self.chunks.retain(|chunk| chunk.start < self.settled);
        self.damage.retain(|damage| damage.offset < self.settled);
        if let Some(section) = self.sections.last_mut() {
            section.interfaces.truncate(self.settled_interfaces);
        }
        self.foreign_packets = 0;
        let mut parts = Vec::new();
        let mut end = size;
        let mut decoys = DECOYS;
        while end > self.settled {
            let found = match self.index_before(end, &mut decoys) {
                Ok(found) => found,
                Err(source) => return Err(self.io(source)),
            };
            let Some((place, index_end)) = found.filter(|_| budget.chunks > 0) else {
                parts.push(Part::Unknown(self.settled, end));
                break;
            };
            if index_end < end {
                parts.push(Part::Unknown(index_end, end));
            } else if parts.is_empty() {
                // What follows is new.
                parts.push(Part::Unknown(end, end));
            }
            end = place.start;
            budget.chunks -= 1;
            parts.push(Part::Indexed(Box::new(bounded(place, budget))));
        }
        for part in parts.into_iter().rev() {
            match part {
                Part::Indexed(mut place) => {
                    if let Some(section) = self.sections.last_mut() {
                        section.declare(&place.info);
                        place.interfaces = section.interfaces.len().min(place.info.first_interface);
                    }
                    place.section = self.sections.len() - 1;
                    self.chunks.push(*place);
                }
                Part::Unknown(from, end) => {
                    self.settle(from);
                    self.survey(from, end, budget)?;
                }
            }
        }
        Ok(true)
    }

    /// Returns what the section of a chunk had declared when the chunk began.
    pub(crate) fn section_before(&self, place: &Place) -> Section {
        let Some(section) = self.sections.get(place.section) else {
            return Section::default();
        };
        Section {
            order: section.order,
            interfaces: section
                .interfaces
                .iter()
                .take(place.interfaces)
                .cloned()
                .collect(),
        }
    }

    /// Notes that what comes before is known for good.
    fn settle(&mut self, at: u64) {
        self.settled = at;
        self.settled_interfaces = self.sections.last().map_or(0, |section| section.interfaces.len());
    }

    fn io(&self, why: std::io::Error) -> Error {
        Error::Io {
            path: self.path.clone(),
            why,
        }
    }

    /// Finds the latest index that ends at or before `end`. Returns the chunk before it, and where the index ends.
    fn index_before(&self, end: u64, decoys: &mut usize) -> std::io::Result<Option<(Place, u64)>> {
        let source = &*self.source;
        let tail = Reader::new(source, end.saturating_sub(4).max(self.settled), end).all()?;
        let size = tail
            .first_chunk()
            .map(|size| u64::from(u32::from_le_bytes(*size)));
        let begin = size
            .and_then(|size| end.checked_sub(size))
            .filter(|begin| *begin > self.settled);
        if let Some(begin) = begin
            && end - begin <= INDEX_LIMIT as u64
            && let Some(found) = self.index_at(begin, end)?
            && found.1 == end
        {
            return Ok(Some(found));
        }
        let signature = index::signature();
        let head = index::head(self.form) as u64;
        let lowest = self.settled.max(end.saturating_sub(SEARCHED));
        let mut window_end = end;
        while window_end > lowest {
            let window = window_end.saturating_sub(1 << 20).max(lowest);
            // The signature may reach into what was searched before.
            let overlapping = (window_end + signature.len() as u64 - 1).min(end);
            let bytes = Reader::new(source, window, overlapping).all()?;
            let mut rest = &bytes[..];
            while let Some(at) = memmem::rfind(rest, &signature) {
                if *decoys == 0 {
                    return Ok(None);
                }
                *decoys -= 1;
                let begin = (window + at as u64)
                    .checked_sub(head)
                    .filter(|begin| *begin > self.settled);
                if let Some(begin) = begin
                    && let Some(found) = self.index_at(begin, end)?
                {
                    return Ok(Some(found));
                }
                rest = rest.get(..at).unwrap_or_default();
            }
            window_end = window;
        }
        Ok(None)
    }

    /// Reads an index, and returns the chunk before it, and where the index ends.
    fn index_at(&self, begin: u64, end: u64) -> std::io::Result<Option<(Place, u64)>> {
        let most = (begin + INDEX_LIMIT as u64).min(end);
        let head = Reader::new(&*self.source, begin, most.min(begin + 8)).all()?;
        let Some(length) = head.get(4..8).and_then(|length| length.first_chunk()) else {
            return Ok(None);
        };
        // In front of a frame is what comes after its length; the length of a block is that of the whole.
        let most = most.min(begin + 8 + u64::from(u32::from_le_bytes(*length)));
        let bytes = Reader::new(&*self.source, begin, most).all()?;
        let Some((info, size)) = index::decode(self.form, &bytes) else {
            return Ok(None);
        };
        let Some(start) = begin
            .checked_sub(info.stored_bytes)
            .filter(|start| *start >= self.settled)
        else {
            return Ok(None);
        };
        if info.stored_bytes == 0 {
            return Ok(None);
        }
        let place = Place {
            info: Arc::new(info),
            start,
            end: begin,
            index_end: Some(begin + size as u64),
            raw_start: 0,
            raw_bytes: None,
            section: 0,
            interfaces: 0,
        };
        Ok(Some((place, begin + size as u64)))
    }

    /// Looks through a part of the file without indices.
    fn survey(&mut self, from: u64, end: u64, budget: &mut Budget) -> Result<(), Error> {
        let mut at = from;
        while at < end {
            let io = |why| Error::Io {
                path: self.path.clone(),
                why,
            };
            if self.form == Form::Compressed {
                let begin = Reader::new(&*self.source, at, end.min(at + 8))
                    .all()
                    .map_err(io)?;
                let skipped = skippable(&begin);
                if let Some(size) = skipped {
                    at += size;
                    continue;
                }
                if !begin.starts_with(&FRAME) {
                    let damage = if begin.len() < 8 {
                        Damage::cut(at, "the compressed bytes end within the beginning of a chunk")
                    } else {
                        Damage::new(at, "no compressed chunk begins here")
                    };
                    self.damage.push(damage);
                    return Ok(());
                }
            }
            let raw = Raw::new(self.form, &*self.source, at, end).map_err(io)?;
            let order = self
                .sections
                .last()
                .map_or(Default::default(), |section| section.order);
            let blocks = Blocks::new(raw, order, SURVEYED);
            let mut walk = Walk::new(self.form, at, end, std::mem::take(&mut self.sections));
            let ended = walk.run(blocks, budget);
            self.sections = walk.sections;
            self.foreign_packets += walk.foreign_packets;
            self.chunks.extend(walk.chunks);
            match ended {
                Ok(stored_end) if stored_end > at => at = stored_end,
                Ok(_) => return Ok(()),
                Err(Stop::Damage(damage)) => {
                    self.damage.push(damage);
                    return Ok(());
                }
                Err(Stop::Newer {
                    offset,
                    version,
                    program,
                }) => {
                    return Err(Error::Newer {
                        path: self.path.clone(),
                        offset,
                        found: version,
                        known: FORMAT_VERSION,
                        program,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Drops what is more than memory is meant for.
pub(crate) fn bounded(mut place: Place, budget: &mut Budget) -> Place {
    let size = |info: &ChunkInfo| -> usize {
        let indexed = info
            .indexed
            .iter()
            .map(|record| record.bytes.len() + size_of_val(record));
        indexed.sum::<usize>() + size_of_val(&*info.keyframes)
    };
    let size = size(&place.info);
    if size > budget.indexed_bytes {
        let info = Arc::make_mut(&mut place.info);
        info.left_out += (info.indexed.len() + info.keyframes.len()) as u64;
        info.indexed = Vec::new();
        info.keyframes = Vec::new();
    } else {
        budget.indexed_bytes -= size;
    }
    place
}

/// The form of a file that begins with these bytes.
fn form(begin: &[u8]) -> Result<Form, &'static str> {
    const PCAP: [[u8; 4]; 4] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
    ];
    match begin.first_chunk() {
        _ if begin.is_empty() => Err("it is empty"),
        Some(&bytes) if bytes == SECTION_HEADER.to_be_bytes() => Ok(Form::Plain),
        Some(&FRAME) => Ok(Form::Compressed),
        Some(_) if skippable(begin).is_some() => Ok(Form::Compressed),
        Some([0x1f, 0x8b, ..]) => Err("it is compressed with gzip: decompress it first"),
        Some([4, 0x22, 0x4d, 0x18]) => Err("it is compressed with lz4: decompress it first"),
        Some(bytes) if PCAP.contains(bytes) => {
            Err("it is a file of the older format pcap, which has only packets; open it with Wireshark")
        }
        _ => Err("it is neither a pcapng file nor one that was compressed with zstd"),
    }
}

/// Returns the size of a frame that decoders skip.
fn skippable(begin: &[u8]) -> Option<u64> {
    let [first, rest @ ..] = begin.first_chunk::<4>()?;
    let size = begin.get(4..8)?.first_chunk()?;
    (first & 0xf0 == 0x50 && *rest == [0x2a, 0x4d, 0x18]).then(|| 8 + u64::from(u32::from_le_bytes(*size)))
}

/// The smallest envelope is smaller than any window that is searched.
const _: () = assert!(envelope::SIZE < 1 << 20);
