//! Records, and how several of them are put into a block.

use feed::Timestamp;

use crate::envelope::Fields;

/// The kind of a record. What it means is up to those who write and read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKind(pub u8);

/// What a record is for the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Properties {
    /// Whether a state can be rebuilt from here: the chunk's index names its place and time.
    pub keyframe: Option<Keyframing>,
    /// Whether the whole record is copied into the chunk's index, where it can be read without the chunk.
    pub indexed: bool,
}

/// How much a keyframe holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyframing {
    /// It needs others before it.
    Partial,
    /// It needs no other.
    Whole,
}

/// A record. Those of a recording are numbered consecutively, and their times do not decrease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number, counted from the beginning of the recording.
    pub number: u64,
    /// Its kind.
    pub kind: RecordKind,
    /// What it is for the file.
    pub properties: Properties,
    /// Its time.
    pub at: Timestamp,
    /// Its content.
    pub bytes: &'a [u8],
}

const KEYFRAME: u8 = 1;
const WHOLE: u8 = 2;
const INDEXED: u8 = 4;
/// Its content goes on in the next block.
const CONTINUED: u8 = 8;

impl Properties {
    /// An ordinary record.
    pub const NONE: Self = Self {
        keyframe: None,
        indexed: false,
    };
    /// A record that is copied into the index.
    pub const INDEXED: Self = Self {
        keyframe: None,
        indexed: true,
    };

    /// Returns the properties of a keyframe.
    #[must_use]
    pub const fn keyframe(keyframing: Keyframing) -> Self {
        Self {
            keyframe: Some(keyframing),
            indexed: false,
        }
    }

    fn flags(self) -> u8 {
        let keyframe = match self.keyframe {
            None => 0,
            Some(Keyframing::Partial) => KEYFRAME,
            Some(Keyframing::Whole) => KEYFRAME | WHOLE,
        };
        keyframe | if self.indexed { INDEXED } else { 0 }
    }

    fn of(flags: u8) -> Self {
        let keyframing = if flags & WHOLE == 0 {
            Keyframing::Partial
        } else {
            Keyframing::Whole
        };
        Self {
            keyframe: (flags & KEYFRAME != 0).then_some(keyframing),
            indexed: flags & INDEXED != 0,
        }
    }
}

/// The bytes of a record before its content.
pub(crate) const HEAD: usize = 16;

/// Appends a record without its number, which follows from its place. `content` is the beginning of its content, if the
/// rest does not fit into the block.
pub(crate) fn encode(
    kind: RecordKind,
    properties: Properties,
    at: Timestamp,
    length: usize,
    content: &[u8],
    out: &mut Vec<u8>,
) {
    let continued = if content.len() < length { CONTINUED } else { 0 };
    out.extend([kind.0, properties.flags() | continued, 0, 0]);
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(at.as_micros().to_le_bytes());
    out.extend(content);
}

/// The records of a block. They end after the last one, or where they are malformed.
#[derive(Debug, Clone)]
pub(crate) struct Records<'a> {
    size: usize,
    next: u64,
    left: u32,
    fields: Fields<'a>,
}

/// A record in a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    /// The record, with that part of its content that is in the block.
    pub(crate) record: Record<'a>,
    /// The size of all its content.
    pub(crate) length: usize,
}

impl Piece<'_> {
    pub(crate) const fn is_whole(&self) -> bool {
        self.record.bytes.len() == self.length
    }
}

impl<'a> Records<'a> {
    pub(crate) fn of(content: &'a [u8]) -> Option<Self> {
        let mut fields = Fields(content);
        let (next, left) = (fields.u64()?, fields.u32()?);
        let size = content.len();
        Some(Self {
            size,
            next,
            left,
            fields,
        })
    }

    /// The size of the content of the block.
    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    /// The number of the next record.
    pub(crate) const fn next_number(&self) -> u64 {
        self.next
    }

    /// How many records there should still be.
    pub(crate) const fn left(&self) -> u32 {
        self.left
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let mut fields = self.fields;
        let kind = RecordKind(fields.u8()?);
        let flags = fields.u8()?;
        fields.u16()?;
        let length = fields.u32()? as usize;
        let at = Timestamp::from_micros(fields.u64()?);
        let bytes = if flags & CONTINUED == 0 {
            fields.bytes(length)?
        } else {
            // It is the last one of its block.
            let part = fields.bytes(fields.0.len())?;
            (part.len() < length && self.left == 1).then_some(part)?
        };
        let number = self.next;
        self.next = number.checked_add(1)?;
        self.fields = fields;
        self.left -= 1;
        let record = Record {
            number,
            kind,
            properties: Properties::of(flags),
            at,
            bytes,
        };
        Some(Piece { record, length })
    }
}

/// More of the content of a record that did not fit into its block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Continuation<'a> {
    pub(crate) number: u64,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Continuation<'a> {
    pub(crate) fn of(content: &'a [u8]) -> Option<Self> {
        let mut fields = Fields(content);
        let number = fields.u64()?;
        let bytes = fields.0;
        Some(Self { number, bytes })
    }
}
