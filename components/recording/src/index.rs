//! The index of a chunk: what can be known of it without reading it.

use std::sync::Arc;

use feed::Timestamp;

use crate::block::{self, Begin, Block, CUSTOM_NOT_COPIED, Order};
use crate::envelope::{self, ENTERPRISE, Envelope, Fields, Kind};
use crate::interface::InterfaceName;
use crate::record;
use crate::writer::{MOST_INTERFACES, NAME};
use crate::{CHUNK_RAW_LIMIT, ChunkHeader, FORMAT_VERSION, Form, Keyframing, Record, RecordKind};

/// The maximum number of keyframes in an index.
const MOST_KEYFRAMES: usize = 10_000;
/// The maximum size of a record that is copied into the index.
const LARGEST_INDEXED: usize = 64 << 10;
/// The maximum size of all copies in an index.
const MOST_INDEXED_BYTES: usize = 2 << 20;
/// The maximum size of an index.
pub(crate) const INDEX_LIMIT: usize =
    MOST_INDEXED_BYTES + MOST_KEYFRAMES * 25 + MOST_INTERFACES * 2 * (NAME + 2) + (4 << 10);
/// The magic number of a frame that decoders of zstd skip (RFC 8878 section 3.1.2).
const SKIPPABLE: u32 = 0x184d_2a5b;

/// Where a keyframe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyframe {
    /// The place of its block in the chunk, in bytes that are not compressed.
    pub offset: u64,
    /// The number of its record.
    pub record: u64,
    /// Its time.
    pub at: Timestamp,
    /// How much it holds.
    pub keyframing: Keyframing,
}

/// A record that the index holds as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedRecord {
    /// Its number.
    pub number: u64,
    /// Its kind.
    pub kind: RecordKind,
    /// Its time.
    pub at: Timestamp,
    /// Its content.
    pub bytes: Arc<[u8]>,
}

/// What is known of a chunk without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkInfo {
    /// What it says about itself.
    pub header: ChunkHeader,
    /// The number of its first record, by which it is identified for good: its position changes when older chunks are
    /// deleted.
    pub first_record: u64,
    /// The number of interfaces that its file declared before it.
    pub(crate) first_interface: usize,
    /// The interfaces that it declares.
    pub(crate) interfaces: Vec<InterfaceName>,
    /// The number of its records.
    pub records: u64,
    /// The number of its packets.
    pub packets: u64,
    /// The time of its first record; if it has none, when it began.
    pub from: Timestamp,
    /// The time of its last record.
    pub to: Timestamp,
    /// Its keyframes, in their order.
    pub keyframes: Vec<Keyframe>,
    /// Copies of its indexed records, in their order.
    pub indexed: Vec<IndexedRecord>,
    /// How many bytes at its end, in the file, hold nothing.
    pub(crate) tail: u32,
    /// The number of keyframes and indexed records for which there was no room.
    pub left_out: u64,
    /// Its size, not compressed.
    pub raw_bytes: u64,
    /// Its size in the file, without its index.
    pub stored_bytes: u64,
}

impl ChunkInfo {
    /// What is known when a chunk begins.
    pub(crate) const fn begun(header: ChunkHeader, first_record: u64, first_interface: usize) -> Self {
        let begun = header.begun;
        Self {
            header,
            first_record,
            first_interface,
            interfaces: Vec::new(),
            records: 0,
            packets: 0,
            from: begun,
            to: begun,
            keyframes: Vec::new(),
            indexed: Vec::new(),
            left_out: 0,
            tail: 0,
            raw_bytes: 0,
            stored_bytes: 0,
        }
    }

    /// The number after that of the last record.
    #[must_use]
    pub const fn end_record(&self) -> u64 {
        self.first_record.saturating_add(self.records)
    }

    /// Appends it as the index of its chunk, in a file of this form.
    pub(crate) fn encode(&self, form: Form, out: &mut Vec<u8>) {
        let begin = out.len();
        match form {
            Form::Compressed => out.extend(SKIPPABLE.to_le_bytes()),
            Form::Plain => out.extend(CUSTOM_NOT_COPIED.to_le_bytes()),
        }
        out.extend([0; 4]);
        if form == Form::Plain {
            out.extend(ENTERPRISE.to_le_bytes());
        }
        Kind::Index.seal(out, |out| self.encode_content(out));
        if form == Form::Plain {
            out.resize(begin + (out.len() - begin).next_multiple_of(4), 0);
        }
        // An index ends with its size, so that it can be found from the end of the file; as any block of pcapng does.
        let size = (out.len() - begin + 4) as u32;
        out.extend(size.to_le_bytes());
        let length = match form {
            Form::Compressed => size - 8,
            Form::Plain => size,
        };
        if let Some(field) = out.get_mut(begin + 4..begin + 8) {
            field.copy_from_slice(&length.to_le_bytes());
        }
    }

    fn encode_content(&self, out: &mut Vec<u8>) {
        let numbers = [
            self.stored_bytes,
            self.raw_bytes,
            self.records,
            self.packets,
            self.from.as_micros(),
            self.to.as_micros(),
            self.left_out,
        ];
        for number in numbers {
            out.extend(number.to_le_bytes());
        }
        let mut header = Vec::new();
        self.header
            .encode(self.first_record, self.first_interface, &mut header);
        out.extend((header.len() as u32).to_le_bytes());
        out.extend(header);
        out.extend((self.interfaces.len() as u32).to_le_bytes());
        for interface in &self.interfaces {
            for text in [&interface.name, &interface.description] {
                out.extend((text.len() as u16).to_le_bytes());
                out.extend(text.as_bytes());
            }
        }
        out.extend((self.keyframes.len() as u32).to_le_bytes());
        for keyframe in &self.keyframes {
            out.extend(keyframe.offset.to_le_bytes());
            out.extend(keyframe.record.to_le_bytes());
            out.extend(keyframe.at.as_micros().to_le_bytes());
            out.push(u8::from(keyframe.keyframing == Keyframing::Whole));
        }
        out.extend((self.indexed.len() as u32).to_le_bytes());
        for record in &self.indexed {
            out.extend(record.number.to_le_bytes());
            out.push(record.kind.0);
            out.extend(record.at.as_micros().to_le_bytes());
            out.extend((record.bytes.len() as u32).to_le_bytes());
            out.extend(&*record.bytes);
        }
        out.extend(self.tail.to_le_bytes());
    }

    fn decode_content(content: &[u8]) -> Option<Self> {
        let mut fields = Fields(content);
        let mut number = || fields.u64();
        let [stored_bytes, raw_bytes, records, packets, from, to, left_out] = [
            number()?,
            number()?,
            number()?,
            number()?,
            number()?,
            number()?,
            number()?,
        ];
        let length = fields.u32()?;
        let (header, first_record, first_interface) =
            ChunkHeader::decode(Fields(fields.bytes(length as usize)?))?;
        let mut interfaces = Vec::new();
        for _ in 0..fields.u32()? {
            let mut text = || {
                let length = fields.u16()?;
                Some(String::from_utf8_lossy(fields.bytes(length.into())?).into_owned())
            };
            interfaces.push(InterfaceName {
                name: text()?,
                description: text()?,
            });
        }
        let mut keyframes = Vec::new();
        for _ in 0..fields.u32()? {
            keyframes.push(Keyframe {
                offset: fields.u64()?,
                record: fields.u64()?,
                at: Timestamp::from_micros(fields.u64()?),
                keyframing: match fields.u8()? {
                    0 => Keyframing::Partial,
                    _ => Keyframing::Whole,
                },
            });
        }
        let mut indexed = Vec::new();
        for _ in 0..fields.u32()? {
            let number = fields.u64()?;
            let kind = RecordKind(fields.u8()?);
            let at = Timestamp::from_micros(fields.u64()?);
            let length = fields.u32()?;
            indexed.push(IndexedRecord {
                number,
                kind,
                at,
                bytes: fields.bytes(length as usize)?.into(),
            });
        }
        let tail = fields.u32().filter(|tail| u64::from(*tail) <= stored_bytes)?;
        let info = Self {
            tail,
            header,
            first_record,
            first_interface,
            interfaces,
            records,
            packets,
            from: Timestamp::from_micros(from),
            to: Timestamp::from_micros(to),
            keyframes,
            indexed,
            left_out,
            raw_bytes,
            stored_bytes,
        };
        info.is_consistent().then_some(info)
    }

    /// An index may be wrong without being damaged. What follows from it is checked again by whoever reads the chunk;
    /// but it must be in order.
    fn is_consistent(&self) -> bool {
        /// The head of a block with a packet, and its end.
        const SMALLEST_PACKET: u64 = 32;
        let numbers = self.first_record..self.first_record.saturating_add(self.records);
        let times = self.from..=self.to;
        let keyframes = self
            .keyframes
            .iter()
            .map(|keyframe| (keyframe.record, keyframe.at));
        let indexed = self.indexed.iter().map(|record| (record.number, record.at));
        let fits = |count: u64, size: u64| count <= self.raw_bytes / size;
        self.from <= self.to
            && self.raw_bytes <= CHUNK_RAW_LIMIT as u64
            && fits(self.records, record::HEAD as u64)
            && fits(self.packets, SMALLEST_PACKET)
            && self.first_record.checked_add(self.records).is_some()
            && keyframes.clone().is_sorted()
            && indexed.clone().is_sorted()
            && keyframes
                .chain(indexed)
                .all(|(number, at)| numbers.contains(&number) && times.contains(&at))
    }

    /// Notes that there is a record of this time.
    pub(crate) fn note(&mut self, at: Timestamp) {
        if self.records == 0 {
            self.from = at;
        }
        self.to = at;
        self.records += 1;
    }

    /// Notes a keyframe, unless there are too many.
    pub(crate) fn add_keyframe(&mut self, keyframe: Keyframe) {
        if self.keyframes.len() < MOST_KEYFRAMES {
            self.keyframes.push(keyframe);
        } else {
            self.left_out += 1;
        }
    }

    /// Copies a record, unless it is too large or `used`, which counts what copies take, leaves no room for it.
    pub(crate) fn add_indexed(&mut self, record: &Record<'_>, used: &mut usize) {
        /// What a record takes in an index beside its content.
        const AROUND: usize = 21;
        let size = AROUND + record.bytes.len();
        if record.bytes.len() > LARGEST_INDEXED || *used + size > MOST_INDEXED_BYTES {
            self.left_out += 1;
            return;
        }
        *used += size;
        self.indexed.push(IndexedRecord {
            number: record.number,
            kind: record.kind,
            at: record.at,
            bytes: record.bytes.into(),
        });
    }
}

/// The bytes before the envelope.
pub(crate) const fn head(form: Form) -> usize {
    match form {
        Form::Compressed => 8,
        Form::Plain => 12,
    }
}

/// What an index is searched by.
pub(crate) fn signature() -> [u8; 10] {
    let mut signature = [Kind::Index as u8; 10];
    signature[..9].copy_from_slice(envelope::MAGIC);
    signature
}

/// Decodes the index at the beginning of the bytes, and returns it with its size.
pub(crate) fn decode(form: Form, bytes: &[u8]) -> Option<(ChunkInfo, usize)> {
    let word = |at| Order::Little.u32(bytes, at);
    let (envelope, size) = match form {
        Form::Compressed => {
            let size = (word(4)? as usize).checked_add(8)?;
            if word(0)? != SKIPPABLE || word(size.checked_sub(4)?)? as usize != size {
                return None;
            }
            (bytes.get(8..size - 4)?, size)
        }
        Form::Plain => match block::begin(bytes, Order::Little) {
            Begin::Block(block) => (custom(&block)?, block.size()),
            Begin::Incomplete(_) | Begin::Wrong(_) => return None,
        },
    };
    let envelope = Envelope::open(envelope).ok()?;
    // An index of a newer format is none: the chunk itself says who wrote it.
    if envelope.kind != Kind::Index as u8 || envelope.version > FORMAT_VERSION {
        return None;
    }
    Some((ChunkInfo::decode_content(envelope.content)?, size))
}

/// Returns the content of a custom block that may be ours.
pub(crate) fn custom<'a>(block: &Block<'a>) -> Option<&'a [u8]> {
    let ours = matches!(block.kind, block::CUSTOM | CUSTOM_NOT_COPIED)
        && block.order.u32(block.body, 0) == Some(ENTERPRISE);
    ours.then(|| block.body.get(4..)).flatten()
}
