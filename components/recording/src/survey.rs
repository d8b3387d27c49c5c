//! What the blocks of a file amount to, as they come one after the other.

use std::sync::Arc;

use feed::Timestamp;

use crate::block::{self, Block, Order};
use crate::envelope::{Envelope, Fields, Kind, NotOurs};
use crate::index::{INDEX_LIMIT, custom};
use crate::record::Records;
use crate::{ChunkHeader, ChunkInfo, FORMAT_VERSION, IndexedRecord, Interface, Keyframe};

/// The maximum number of interfaces of a section.
const MOST_INTERFACES: usize = 65_536;

/// What a section has declared before a chunk in it begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    pub(crate) order: Order,
    pub(crate) interfaces: Arc<Vec<Interface>>,
}

/// What a block is.
#[derive(Debug)]
pub(crate) enum Meaning<'a> {
    /// A section begins, and what belonged to the one before has ended.
    Section,
    /// A chunk begins.
    Header(ChunkHeader, u64),
    /// Records, which are in order.
    Records(Records<'a>),
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

impl Context {
    /// Takes in the next block of the section.
    pub(crate) fn meaning<'a>(&mut self, block: &Block<'a>) -> Result<Meaning<'a>, Wrong> {
        match block.kind {
            block::SECTION_HEADER => {
                *self = Self {
                    order: block.order,
                    interfaces: Arc::default(),
                };
                Ok(Meaning::Section)
            }
            block::INTERFACE_DESCRIPTION => {
                if self.interfaces.len() >= MOST_INTERFACES {
                    return Err("there are too many interfaces".into());
                }
                let interface = Interface::parse(block).ok_or("an interface is cut off")?;
                Arc::make_mut(&mut self.interfaces).push(interface);
                Ok(Meaning::Other)
            }
            block::ENHANCED_PACKET | block::SIMPLE_PACKET | block::OBSOLETE_PACKET => Ok(Meaning::Packet),
            _ => match custom(block).map(Envelope::open) {
                None | Some(Err(NotOurs::Foreign)) => Ok(Meaning::Other),
                Some(Err(NotOurs::Damaged(why))) => Err(why.into()),
                Some(Ok(envelope)) => ours(&envelope),
            },
        }
    }
}

fn ours<'a>(envelope: &Envelope<'a>) -> Result<Meaning<'a>, Wrong> {
    let newer = envelope.version > FORMAT_VERSION;
    if envelope.kind == Kind::Header as u8 {
        // What names the program is where it is in every version.
        let header = ChunkHeader::decode(Fields(envelope.content));
        if newer {
            let program = header.map_or_else(|| "a newer version".to_owned(), |(header, _)| header.program);
            return Err(Wrong::Newer {
                version: envelope.version,
                program,
            });
        }
        let (header, first_record) = header.ok_or("the beginning of a chunk is cut off")?;
        return Ok(Meaning::Header(header, first_record));
    }
    if envelope.kind == Kind::Records as u8 && !newer {
        let records = Records::of(envelope.content).ok_or("a block of records is cut off")?;
        return Ok(Meaning::Records(records));
    }
    Ok(Meaning::Other)
}

/// Checks that the records of a block follow on what is known, and moves on what is known.
pub(crate) fn check(mut records: Records<'_>, next: &mut u64, latest: &mut Timestamp) -> Result<(), Wrong> {
    let number = records.next_number();
    if number != *next {
        let why = format!("there is record {number}, where record {next} should be");
        return Err(Wrong::Damaged(why));
    }
    let mut last = *latest;
    for record in &mut records {
        if record.at < last {
            let why = format!("the time of record {} runs backwards", record.number);
            return Err(Wrong::Damaged(why));
        }
        last = record.at;
    }
    if records.left() > 0 {
        return Err("a block of records is shorter than it says".into());
    }
    (*next, *latest) = (records.next_number(), last);
    Ok(())
}

/// Gathers what an index would say about a chunk without one.
#[derive(Debug)]
pub(crate) struct Gathering {
    pub(crate) info: ChunkInfo,
    indexed_bytes: usize,
}

impl Gathering {
    pub(crate) const fn begun(header: ChunkHeader, first_record: u64) -> Self {
        Self {
            info: ChunkInfo::begun(header, first_record),
            indexed_bytes: 0,
        }
    }

    /// Takes in a block of records at this offset of the chunk.
    pub(crate) fn records(&mut self, records: Records<'_>, offset: u64) -> Result<(), Wrong> {
        let mut next = self.info.end_record();
        let mut latest = if self.info.records == 0 {
            Timestamp::default()
        } else {
            self.info.to
        };
        check(records.clone(), &mut next, &mut latest)?;
        let info = &mut self.info;
        for record in records {
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
                let size = record.bytes.len() + size_of::<IndexedRecord>();
                if self.indexed_bytes + size > INDEX_LIMIT {
                    info.left_out += 1;
                    continue;
                }
                self.indexed_bytes += size;
                info.indexed.push(IndexedRecord {
                    number: record.number,
                    kind: record.kind,
                    at: record.at,
                    bytes: record.bytes.into(),
                });
            }
        }
        Ok(())
    }
}
