//! A chunk that was read.

use std::borrow::Cow;
use std::ops::Range;

use feed::{Direction, Timestamp, WallClock};

use crate::block::{self, Begin, Block, EnhancedPacket, Options, Order, text};
use crate::envelope;
use crate::header::timestamp;
use crate::record::Records;
use crate::segment::Place;
use crate::survey::{Meaning, Progress, Section, Wrong};
use crate::{ChunkHeader, ChunkInfo, Damage, Interface, Record};

/// A chunk, up to its end or the first damage.
#[derive(Debug)]
pub struct Chunk {
    header: ChunkHeader,
    /// Whether its header was found in it.
    has_begun: bool,
    raw: Vec<u8>,
    /// How much of it can be read.
    readable: usize,
    records: Vec<RecordBlock>,
    /// Where the blocks of packets begin, and the order of their bytes.
    packets: Vec<(usize, Order)>,
    interfaces: Vec<Interface>,
    /// What is wrong from some place on.
    pub damage: Option<Damage>,
}

/// The place of the content of a block of records, from the beginning of the block.
const RECORDS_AT: usize = 8 + 4 + envelope::SIZE;

/// A block of records.
#[derive(Debug)]
struct RecordBlock {
    offset: u64,
    content: Range<usize>,
    /// The whole content of the last record, if it does not fit into the block.
    joined: Option<Vec<u8>>,
}

/// A packet of a recording.
#[derive(Debug, Clone)]
pub struct RecordedPacket<'a> {
    /// The interface: the component that sent or received it.
    pub interface: &'a Interface,
    /// When.
    pub at: Timestamp,
    /// Whether the component sent or received it, if that is known.
    pub direction: Option<Direction>,
    /// Its bytes, as the link type of the interface says.
    pub bytes: &'a [u8],
    /// How many packets of the interface are missing before it.
    pub missing: u64,
    options: Options<'a>,
}

impl<'a> RecordedPacket<'a> {
    /// Returns its comments.
    pub fn comments(&self) -> impl Iterator<Item = Cow<'a, str>> {
        self.options
            .clone()
            .filter(|(code, _)| *code == Options::COMMENT)
            .map(|(_, value)| text(value))
    }
}

impl Chunk {
    /// Understands the bytes of a chunk. `locate` tells where in the file an offset is.
    pub(crate) fn parse(
        raw: Vec<u8>,
        place: &Place,
        mut section: Section,
        damage: Option<Damage>,
        locate: impl Fn(u64) -> u64,
    ) -> Self {
        let mut chunk = Self {
            header: place.info.header.clone(),
            has_begun: false,
            raw: Vec::new(),
            readable: 0,
            records: Vec::new(),
            packets: Vec::new(),
            interfaces: Vec::new(),
            damage,
        };
        let mut offset = 0;
        let mut progress = Progress::within(&place.info);
        while offset < raw.len() {
            let result = match block::begin(raw.get(offset..).unwrap_or_default(), section.order) {
                Begin::Block(block) => {
                    let size = block.size();
                    let taken = chunk.take(&mut section, &block, offset, &mut progress, &place.info);
                    taken.map(|()| size)
                }
                Begin::Incomplete(size) => {
                    let why = format!("a block of {size} bytes has only {}", raw.len() - offset);
                    let cut = Damage::cut(locate(offset as u64), why);
                    chunk.damage.get_or_insert(cut);
                    break;
                }
                Begin::Wrong(why) => Err(Wrong::Damaged(why)),
            };
            match result {
                Ok(size) => offset += size,
                Err(wrong) => {
                    let why = match wrong {
                        Wrong::Damaged(why) => why,
                        Wrong::Newer { version, .. } => format!("what follows is of format {version}"),
                    };
                    // What was found while reading the file lies behind it.
                    chunk.damage = Some(Damage::new(locate(offset as u64), why));
                    break;
                }
            }
        }
        if let Some(number) = progress.incomplete() {
            chunk.damage.get_or_insert_with(|| {
                let why = format!("record {number} is not whole");
                Damage::cut(locate(offset as u64), why)
            });
        }
        chunk.interfaces = section.interfaces;
        chunk.raw = raw;
        chunk.readable = offset;
        chunk
    }

    fn take(
        &mut self,
        section: &mut Section,
        block: &Block<'_>,
        offset: usize,
        progress: &mut Progress,
        info: &ChunkInfo,
    ) -> Result<(), Wrong> {
        let meaning = section.meaning(block)?;
        if !self.has_begun && !matches!(meaning, Meaning::Header { .. }) {
            return Err("it has no beginning".into());
        }
        match meaning {
            Meaning::Records(records) => {
                let begin = offset + RECORDS_AT;
                let content = begin..begin + records.size();
                progress.records(records.clone())?;
                if !progress.is_within(info) {
                    return Err("its index knows of fewer records".into());
                }
                let last = records.last().filter(|last| !last.is_whole());
                self.records.push(RecordBlock {
                    offset: offset as u64,
                    content,
                    joined: last.map(|last| last.record.bytes.to_vec()),
                });
            }
            Meaning::Continuation(more) => {
                progress.continuation(&more)?;
                if !progress.is_within(info) {
                    return Err("its index knows of fewer records".into());
                }
                if let Some(joined) = self.records.last_mut().and_then(|block| block.joined.as_mut()) {
                    joined.extend(more.bytes);
                }
            }
            Meaning::Packet if block.kind == block::ENHANCED_PACKET => {
                self.packets.push((offset, block.order));
            }
            Meaning::Header { header, .. } => {
                self.header = header;
                self.has_begun = true;
            }
            Meaning::Section | Meaning::Interface | Meaning::Packet | Meaning::Other => {}
        }
        Ok(())
    }

    /// Returns whether anything of it can be read.
    pub(crate) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Returns what it says about itself.
    #[must_use]
    pub const fn header(&self) -> &ChunkHeader {
        &self.header
    }

    /// Returns its bytes up to its end or the first damage: blocks of a section of pcapng.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        self.raw.get(..self.readable).unwrap_or_default()
    }

    /// Returns its interfaces.
    #[must_use]
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// Returns its records in their order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.records_of(&self.records)
    }

    /// Returns the records from a number on, which is in a block that does not begin before this offset: see
    /// [`Keyframe`](crate::Keyframe).
    pub fn records_from(&self, offset: u64, number: u64) -> impl Iterator<Item = Record<'_>> {
        let first = self.records.partition_point(|block| block.offset < offset);
        self.records_of(self.records.get(first..).unwrap_or_default())
            .skip_while(move |record| record.number < number)
    }

    fn records_of<'a>(&'a self, blocks: &'a [RecordBlock]) -> impl Iterator<Item = Record<'a>> {
        blocks.iter().flat_map(|block| {
            let content = self.raw.get(block.content.clone()).unwrap_or_default();
            Records::of(content).into_iter().flatten().filter_map(|piece| {
                if piece.is_whole() {
                    return Some(piece.record);
                }
                let joined = block.joined.as_deref()?;
                (joined.len() == piece.length).then_some(Record {
                    bytes: joined,
                    ..piece.record
                })
            })
        })
    }

    /// Returns its packets in their order, but for those of the obsolete kinds that have no time.
    pub fn packets(&self) -> impl Iterator<Item = RecordedPacket<'_>> {
        (0..self.packets.len()).filter_map(|position| self.packet(position))
    }

    /// Returns the number of packets, with those that [`Self::packets`] leaves out.
    #[must_use]
    pub const fn packet_count(&self) -> usize {
        self.packets.len()
    }

    /// Returns the packet at a position, unless it is one that is left out.
    #[must_use]
    pub fn packet(&self, position: usize) -> Option<RecordedPacket<'_>> {
        let (offset, order) = self.packets.get(position)?;
        let Begin::Block(block) = block::begin(self.raw.get(*offset..)?, *order) else {
            return None;
        };
        packet(&block, &self.interfaces, self.header.wall_clock)
    }
}

fn packet<'a>(
    block: &Block<'a>,
    interfaces: &'a [Interface],
    wall_clock: WallClock,
) -> Option<RecordedPacket<'a>> {
    let packet = EnhancedPacket::parse(block)?;
    let interface = interfaces.get(packet.interface as usize)?;
    let option = |wanted| packet.options.clone().find(|(code, _)| *code == wanted);
    let flags = option(EnhancedPacket::FLAGS).and_then(|(_, value)| block.order.u32(value, 0));
    let missing = option(EnhancedPacket::DROP_COUNT).and_then(|(_, value)| {
        let [first, second] = [block.order.u32(value, 0)?, block.order.u32(value, 4)?].map(u64::from);
        Some(match block.order {
            Order::Little => second << 32 | first,
            Order::Big => first << 32 | second,
        })
    });
    Some(RecordedPacket {
        interface,
        at: timestamp(wall_clock, interface.unix_us(packet.ticks)),
        direction: match flags.unwrap_or_default() & 3 {
            1 => Some(Direction::Received),
            2 => Some(Direction::Sent),
            _ => None,
        },
        bytes: packet.data,
        missing: missing.unwrap_or_default(),
        options: packet.options.clone(),
    })
}
