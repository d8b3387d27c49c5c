//! What the blocks of a file amount to, as they come one after the other.

use feed::Timestamp;

use crate::block::{self, Block, Order};
use crate::envelope::{Envelope, Fields, Kind, NotOurs};
use crate::index::custom;
use crate::record::{Continuation, Records};
use crate::{ChunkHeader, ChunkInfo, FORMAT_VERSION, Interface, Keyframe, Properties, RECORD_LIMIT, Record};

/// The maximum number of interfaces of a section.
const MOST_INTERFACES: usize = 65_536;

/// A section: what its blocks have declared until now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    pub(crate) order: Order,
    pub(crate) interfaces: Vec<Interface>,
}

/// What a block is.
#[derive(Debug)]
pub(crate) enum Meaning<'a> {
    /// A section begins, and what belonged to the one before has ended.
    Section,
    /// A chunk begins.
    Header {
        header: ChunkHeader,
        first_record: u64,
        first_interface: usize,
    },
    /// An interface is declared, which the section has now.
    Interface,
    /// Records.
    Records(Records<'a>),
    /// More of a record.
    Continuation(Continuation<'a>),
    /// A packet.
    Packet,
    /// Nothing that matters here.
    Other,
}

/// Why a block cannot be read.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// It is damaged.
    Damaged(String),
    /// Only a newer version can read it.
    Newer { version: u16, program: String },
}

impl From<&str> for Wrong {
    fn from(why: &str) -> Self {
        Self::Damaged(why.to_owned())
    }
}

impl Section {
    /// Takes in the next block. That of another section replaces what was known.
    pub(crate) fn meaning<'a>(&mut self, block: &Block<'a>) -> Result<Meaning<'a>, Wrong> {
        match block.kind {
            block::SECTION_HEADER => {
                *self = Self {
                    order: block.order,
                    interfaces: Vec::new(),
                };
                Ok(Meaning::Section)
            }
            block::INTERFACE_DESCRIPTION => {
                let interface = Interface::parse(block).ok_or("an interface is cut off")?;
                // Packets of more than these are not shown.
                if self.interfaces.len() < MOST_INTERFACES {
                    self.interfaces.push(interface);
                }
                Ok(Meaning::Interface)
            }
            block::ENHANCED_PACKET | block::SIMPLE_PACKET | block::OBSOLETE_PACKET => Ok(Meaning::Packet),
            _ => match custom(block).map(Envelope::open) {
                None | Some(Err(NotOurs::Foreign)) => Ok(Meaning::Other),
                Some(Err(NotOurs::Damaged(why))) => Err(why.into()),
                // What other programs do not copy cannot be needed.
                Some(Ok(_)) if block.kind == block::CUSTOM_NOT_COPIED => Ok(Meaning::Other),
                Some(Ok(envelope)) => ours(&envelope),
            },
        }
    }

    /// Takes in what the index of a chunk says about the interfaces that it declares. Those whose declaration is lost
    /// have no name.
    pub(crate) fn declare(&mut self, info: &ChunkInfo) {
        let first = info.first_interface.min(MOST_INTERFACES);
        self.interfaces.resize(first, Interface::lost());
        let room = MOST_INTERFACES - first;
        self.interfaces
            .extend(info.interfaces.iter().take(room).map(Interface::from));
    }
}

fn ours<'a>(envelope: &Envelope<'a>) -> Result<Meaning<'a>, Wrong> {
    let newer = envelope.version > FORMAT_VERSION;
    if envelope.kind == Kind::Header as u8 {
        // What names the program is where it is in every version.
        let header = ChunkHeader::decode(Fields(envelope.content));
        if newer {
            let program = header.map_or_else(|| "a newer version".to_owned(), |(header, ..)| header.program);
            return Err(Wrong::Newer {
                version: envelope.version,
                program,
            });
        }
        let (header, first_record, first_interface) = header.ok_or("the beginning of a chunk is cut off")?;
        return Ok(Meaning::Header {
            header,
            first_record,
            first_interface,
        });
    }
    if envelope.kind == Kind::Records as u8 && !newer {
        let records = Records::of(envelope.content).ok_or("a block of records is cut off")?;
        return Ok(Meaning::Records(records));
    }
    if envelope.kind == Kind::Continuation as u8 && !newer {
        let more = Continuation::of(envelope.content).ok_or("a part of a record is cut off")?;
        return Ok(Meaning::Continuation(more));
    }
    Ok(Meaning::Other)
}

/// How far the records of a chunk have come, of which each has to follow on the one before.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The number that the next one must have.
    next: u64,
    /// The time before which it must not be.
    latest: Timestamp,
    /// A record that is not whole yet: its number, and how much of it is missing.
    incomplete: Option<(u64, usize)>,
}

impl Progress {
    /// The records of a chunk of which something is known.
    pub(crate) const fn within(info: &ChunkInfo) -> Self {
        Self {
            next: info.first_record,
            latest: info.from,
            incomplete: None,
        }
    }

    /// Whether there are no more records, and no later ones, than is known.
    pub(crate) fn is_within(&self, info: &ChunkInfo) -> bool {
        let held = u64::from(self.incomplete.is_some());
        self.next <= info.end_record().saturating_add(held) && (held > 0 || self.latest <= info.to)
    }

    pub(crate) fn from(first_record: u64) -> Self {
        Self {
            next: first_record,
            latest: Timestamp::default(),
            incomplete: None,
        }
    }

    /// Takes in the records of a block.
    pub(crate) fn records(&mut self, mut records: Records<'_>) -> Result<(), Wrong> {
        if let Some((number, _)) = self.incomplete {
            return Err(Wrong::Damaged(format!("record {number} is not whole")));
        }
        let number = records.next_number();
        if number != self.next {
            let why = format!("there is record {number}, where record {} should be", self.next);
            return Err(Wrong::Damaged(why));
        }
        let (mut latest, mut incomplete) = (self.latest, None);
        for piece in &mut records {
            let record = &piece.record;
            if record.at < latest {
                let why = format!("the time of record {} runs backwards", record.number);
                return Err(Wrong::Damaged(why));
            }
            latest = record.at;
            if piece.length > RECORD_LIMIT {
                let why = format!(
                    "record {} has {} bytes, more than any may have",
                    record.number, piece.length
                );
                return Err(Wrong::Damaged(why));
            }
            if !piece.is_whole() {
                incomplete = Some((record.number, piece.length - record.bytes.len()));
            }
        }
        if records.left() > 0 {
            return Err("a block of records is shorter than it says".into());
        }
        *self = Self {
            next: records.next_number(),
            latest,
            incomplete,
        };
        Ok(())
    }

    /// Takes in more of a record; returns whether it is whole now.
    pub(crate) fn continuation(&mut self, more: &Continuation<'_>) -> Result<bool, Wrong> {
        let missing = match self.incomplete {
            Some((number, missing)) if number == more.number => missing.checked_sub(more.bytes.len()),
            _ => None,
        };
        let missing = missing.ok_or("a part of a record belongs to none")?;
        self.incomplete = (missing > 0).then_some((more.number, missing));
        Ok(missing == 0)
    }

    /// The number of the record that is not whole yet.
    pub(crate) fn incomplete(&self) -> Option<u64> {
        self.incomplete.map(|(number, _)| number)
    }
}

/// Gathers what an index would say about a chunk without one.
#[derive(Debug)]
pub(crate) struct Gathering {
    pub(crate) info: ChunkInfo,
    progress: Progress,
    /// The record that is not whole yet, without its content, and the place of its block.
    incomplete: Option<(Record<'static>, u64)>,
    indexed_bytes: usize,
}

impl Gathering {
    pub(crate) fn begun(header: ChunkHeader, first_record: u64, first_interface: usize) -> Self {
        Self {
            info: ChunkInfo::begun(header, first_record, first_interface),
            progress: Progress::from(first_record),
            incomplete: None,
            indexed_bytes: 0,
        }
    }

    /// Takes in a block of records at this offset of the chunk.
    pub(crate) fn records(&mut self, records: Records<'_>, offset: u64) -> Result<(), Wrong> {
        self.progress.records(records.clone())?;
        for piece in records {
            if piece.is_whole() {
                self.note(&piece.record, offset);
            } else {
                let record = Record {
                    bytes: &[],
                    ..piece.record
                };
                self.incomplete = Some((record, offset));
            }
        }
        Ok(())
    }

    /// Takes in more of a record.
    pub(crate) fn continuation(&mut self, more: &Continuation<'_>) -> Result<(), Wrong> {
        if self.progress.continuation(more)?
            && let Some((record, offset)) = self.incomplete.take()
        {
            if record.properties.indexed {
                // Too large for an index.
                self.info.left_out += 1;
            }
            let properties = Properties {
                indexed: false,
                ..record.properties
            };
            self.note(&Record { properties, ..record }, offset);
        }
        Ok(())
    }

    fn note(&mut self, record: &Record<'_>, offset: u64) {
        let info = &mut self.info;
        info.note(record.at);
        if let Some(keyframing) = record.properties.keyframe {
            info.add_keyframe(Keyframe {
                offset,
                record: record.number,
                at: record.at,
                keyframing,
            });
        }
        if record.properties.indexed {
            info.add_indexed(record, &mut self.indexed_bytes);
        }
    }
}
