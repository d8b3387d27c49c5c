//! Records, packets, interfaces and comments become the bytes of a file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use feed::{Direction, Timestamp, WallClock};
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness, PcapError};

use crate::comments::Comments;
use crate::compression::Compressor;
use crate::envelope::Kind;
use crate::interface::{Interface, InterfaceName};
use crate::layout::Layout;
use crate::open_chunk::{Mark, OpenChunk, Pending};
use crate::{
    ChunkHeader, ChunkInfo, FORMAT_VERSION, InterfaceId, Properties, RECORD_LIMIT, Record, RecordKind,
    WriteError,
};

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// pcapng, as it is.
    Plain,
    /// pcapng, compressed with zstd.
    Compressed,
}

impl Form {
    /// Returns the form that the name of a file asks for: compressed if it ends with `.zst`.
    #[must_use]
    pub fn of(path: &std::path::Path) -> Self {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("zst") => Self::Compressed,
            _ => Self::Plain,
        }
    }
}

/// A packet to write.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// The component that sent or received it.
    pub interface: InterfaceId,
    /// When.
    pub at: Timestamp,
    /// Whether it sent or received it.
    pub direction: Direction,
    /// The packet, from its IP header on: see [`ip`](crate::ip). Larger ones than IP allows are cut.
    pub bytes: &'a [u8],
    /// A comment that Wireshark shows with it.
    pub comment: Option<&'a str>,
    /// How many packets of the interface are missing between the previous one and this one.
    pub missing: u64,
}

/// Turns what is recorded into the bytes of a file, chunk after chunk, and does no I/O: whoever owns it writes what it
/// appends to `out`, in this order. What was appended when [`flush`](Self::flush) returns is readable, even if nothing
/// follows.
pub struct Writer {
    form: Form,
    compressor: Option<Compressor>,
    next_record: u64,
    latest: Timestamp,
    interfaces: Vec<InterfaceName>,
    known: BTreeMap<InterfaceName, InterfaceId>,
    /// How many of them the file has declared.
    declared: usize,
    comments: Comments,
    /// The blocks of the file, if one has begun and no chunk has them.
    blocks: Option<PcapNgWriter<Vec<u8>>>,
    chunk: Option<OpenChunk>,
    layout: Layout,
}

/// The maximum number of interfaces; all others are one.
pub(crate) const MOST_INTERFACES: usize = 4096;
/// The first interface of every section, and that one: `editcap` and `mergecap` copy a file only if it begins with an
/// interface.
pub(crate) const OURSELVES: InterfaceId = InterfaceId(0);
pub(crate) const OUR_NAME: &str = "Poolscope";
/// The maximum size of a name or description of an interface.
pub(crate) const NAME: usize = 255;
/// The largest packet that an IP header can announce.
const PACKET: usize = 65_535;

impl Writer {
    /// Creates a writer whose first record will have this number: 0, unless it continues a recording.
    ///
    /// # Errors
    /// Returns an error if there is no memory for the compressor.
    pub fn new(form: Form, first_record: u64) -> Result<Self, WriteError> {
        Ok(Self {
            form,
            compressor: match form {
                Form::Plain => None,
                Form::Compressed => Some(Compressor::new()?),
            },
            next_record: first_record,
            latest: Timestamp::default(),
            interfaces: vec![InterfaceName {
                name: OUR_NAME.to_owned(),
                description: String::new(),
            }],
            known: BTreeMap::new(),
            declared: 0,
            comments: Comments::default(),
            blocks: None,
            chunk: None,
            layout: Layout::default(),
        })
    }

    /// Returns the number that the next record will have.
    #[must_use]
    pub const fn next_record(&self) -> u64 {
        self.next_record
    }

    /// Skips the numbers of records that could not be written.
    pub const fn skip_records(&mut self, count: u64) {
        self.next_record = self.next_record.saturating_add(count);
    }

    /// Returns the size of the current chunk, not compressed.
    #[must_use]
    pub fn raw_bytes(&self) -> u64 {
        self.chunk.as_ref().map_or(0, OpenChunk::raw_bytes)
    }

    /// Returns whether a chunk has begun.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.chunk.is_some()
    }

    /// Begins a file; finishes the chunk before.
    ///
    /// # Errors
    /// Returns an error if the compressor fails.
    pub fn begin_file(&mut self, program: &str, out: &mut Vec<u8>) -> Result<(), WriteError> {
        self.finish_chunk(out)?;
        let interfaces: Vec<_> = self.interfaces.iter().map(Interface::from).collect();
        let mut blocks = prologue(program, &interfaces)?;
        self.declared = self.interfaces.len();
        let before = out.len();
        store(self.compressor.as_mut(), &std::mem::take(blocks.get_mut()), out)?;
        self.layout = Layout {
            size: (out.len() - before) as u64,
            ..Layout::default()
        };
        self.blocks = Some(blocks);
        Ok(())
    }

    /// Begins a chunk; finishes the one before, and begins a file if none has begun.
    ///
    /// # Errors
    /// Returns an error if the compressor fails.
    pub fn begin_chunk(&mut self, header: &ChunkHeader, out: &mut Vec<u8>) -> Result<(), WriteError> {
        self.finish_chunk(out)?;
        if self.blocks.is_none() {
            self.begin_file(&header.program, out)?;
        }
        let Some(blocks) = self.blocks.take() else {
            return Err(WriteError::NoChunk);
        };
        let header = ChunkHeader {
            begun: header.begun.max(self.latest),
            ..header.clone()
        };
        let info = ChunkInfo::begun(header.clone(), self.next_record, self.declared);
        let mut chunk = OpenChunk {
            flushed: Mark::of(&info),
            info,
            indexed_bytes: 0,
            blocks,
            records: Pending::default(),
        };
        chunk.write_block(Kind::Header, 0, |out| {
            header.encode(self.next_record, self.declared, out);
        })?;
        self.chunk = Some(chunk);
        Ok(())
    }

    /// Makes a component known by a name and a description, for example that of its service. The same ones are the
    /// same interface.
    pub fn interface(&mut self, name: &str, description: &str) -> InterfaceId {
        let key = InterfaceName {
            name: shortened(name).to_owned(),
            description: shortened(description).to_owned(),
        };
        if self.interfaces.len() >= MOST_INTERFACES && !self.known.contains_key(&key) {
            return OURSELVES;
        }
        let next = InterfaceId(self.interfaces.len());
        let interfaces = &mut self.interfaces;
        *self.known.entry(key).or_insert_with_key(|key| {
            interfaces.push(key.clone());
            next
        })
    }

    /// Adds a packet.
    ///
    /// # Errors
    /// Returns an error if the chunk is full, or if none has begun.
    pub fn packet(&mut self, packet: Packet<'_>) -> Result<(), WriteError> {
        let chunk = self.chunk.as_mut().ok_or(WriteError::NoChunk)?;
        if chunk.is_full() {
            return Err(WriteError::ChunkFull);
        }
        while let Some(next) = self
            .interfaces
            .get(self.declared..=packet.interface.0)
            .and_then(<[_]>::first)
        {
            declare(&mut chunk.blocks, &next.into())?;
            chunk.info.interfaces.push(next.clone());
            self.declared += 1;
        }
        let comments = self.comments.take(packet.interface);
        let block = enhanced(&packet, comments, chunk.info.header.wall_clock);
        chunk.blocks.write_pcapng_block(block).map_err(in_memory)?;
        chunk.info.packets += 1;
        Ok(())
    }

    /// Adds a comment to the next packet of the interface, or of any; to that of any if none comes until the next
    /// flush. If packets are rare, the oldest comments are left out.
    pub fn comment(&mut self, interface: Option<InterfaceId>, text: &str) {
        self.comments.add(interface, text);
    }

    /// Adds a record, and returns its number. Its time is that of the record before it, if it should be earlier.
    ///
    /// # Errors
    /// Returns an error if it is too large, if the chunk is full, or if none has begun.
    pub fn record(
        &mut self,
        kind: RecordKind,
        properties: Properties,
        at: Timestamp,
        bytes: &[u8],
    ) -> Result<u64, WriteError> {
        let chunk = self.chunk.as_mut().ok_or(WriteError::NoChunk)?;
        if bytes.len() > RECORD_LIMIT {
            return Err(WriteError::RecordTooLarge { bytes: bytes.len() });
        }
        if chunk.is_full() {
            return Err(WriteError::ChunkFull);
        }
        let number = self.next_record;
        let at = self.latest.max(at);
        self.latest = at;
        self.next_record += 1;
        chunk.record(&Record {
            number,
            kind,
            properties,
            at,
            bytes,
        })?;
        Ok(number)
    }

    /// Appends everything that was added: afterwards it is readable.
    ///
    /// # Errors
    /// Returns an error if the compressor fails.
    pub fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let Some(chunk) = &mut self.chunk else {
            return Ok(());
        };
        chunk.write_records()?;
        self.comments.grow_old();
        let raw = chunk.blocks.get_mut();
        if raw.is_empty() {
            return Ok(());
        }
        let before = out.len();
        match &mut self.compressor {
            Some(compressor) => compressor.compress(raw, out)?,
            None => out.extend(raw.as_slice()),
        }
        chunk.info.raw_bytes += raw.len() as u64;
        raw.clear();
        chunk.info.stored_bytes += (out.len() - before) as u64;
        chunk.flushed = Mark::of(&chunk.info);
        Ok(())
    }

    /// Finishes the chunk and appends its index. Nothing happens if none has begun.
    ///
    /// # Errors
    /// Returns an error if the compressor fails.
    pub fn finish_chunk(&mut self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        self.flush(out)?;
        let Some(mut chunk) = self.chunk.take() else {
            return Ok(());
        };
        if let Some(compressor) = &mut self.compressor {
            // Everything has been flushed, and what ends a frame then is known.
            compressor.restart()?;
        }
        self.layout.end_chunk(self.form, &mut chunk.info, out);
        self.blocks = Some(chunk.blocks);
        Ok(())
    }

    /// Returns how far the chunk was flushed. `None` if none has begun.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        Some(self.chunk.as_ref()?.flushed)
    }

    /// Appends what makes a whole chunk, with an index, of the bytes of this chunk up to the mark. The chunk itself
    /// goes on: this is for copies.
    pub fn close_copy(&self, mark: &Mark, out: &mut Vec<u8>) {
        let mut layout = self.layout;
        self.close(mark, &mut layout, out);
    }

    fn close(&self, mark: &Mark, layout: &mut Layout, out: &mut Vec<u8>) {
        let Some(chunk) = self
            .chunk
            .as_ref()
            .filter(|chunk| chunk.info.first_record == mark.chunk)
        else {
            return;
        };
        let mut info = chunk.info.clone();
        info.records = mark.records;
        info.packets = mark.packets;
        info.to = mark.to;
        if mark.records == 0 {
            info.from = info.header.begun;
        }
        info.keyframes.truncate(mark.keyframes);
        info.indexed.truncate(mark.indexed);
        info.interfaces.truncate(mark.interfaces);
        info.left_out = mark.left_out;
        info.raw_bytes = mark.raw_bytes;
        info.stored_bytes = mark.stored_bytes;
        layout.end_chunk(self.form, &mut info, out);
    }

    /// Gives up the chunk after what could not be written any more: appends what ends it where it was marked. What was
    /// added since then is lost; the numbers of its records are not used again.
    ///
    /// # Errors
    /// Returns an error if the compressor fails.
    pub fn abandon(&mut self, mark: &Mark, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mut layout = self.layout;
        self.close(mark, &mut layout, out);
        self.layout = layout;
        self.give_up(mark.interfaces)
    }

    /// Gives up the chunk of which nothing could be written.
    ///
    /// # Errors
    /// Returns an error if the compressor fails.
    pub fn discard(&mut self) -> Result<(), WriteError> {
        self.give_up(0)
    }

    /// What follows has to declare again the interfaces beyond those that the chunk keeps.
    fn give_up(&mut self, kept_interfaces: usize) -> Result<(), WriteError> {
        if let Some(mut chunk) = self.chunk.take() {
            self.declared = chunk.info.first_interface + kept_interfaces;
            chunk.blocks.get_mut().clear();
            self.blocks = Some(chunk.blocks);
        }
        if let Some(compressor) = &mut self.compressor {
            compressor.restart()?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("next_record", &self.next_record)
            .field("chunk", &self.chunk)
            .finish_non_exhaustive()
    }
}

/// Returns the block of a packet: with its own comment, and these.
pub(crate) fn enhanced<'a>(
    packet: &Packet<'a>,
    comments: Vec<String>,
    wall_clock: WallClock,
) -> EnhancedPacketBlock<'a> {
    let own = packet.comment.map(|own| Comments::bounded(own).to_owned());
    let mut options: Vec<_> = own
        .into_iter()
        .chain(comments)
        .map(|comment| EnhancedPacketOption::Comment(comment.into()))
        .collect();
    options.push(EnhancedPacketOption::Flags(match packet.direction {
        Direction::Received => 1,
        Direction::Sent => 2,
    }));
    if packet.missing > 0 {
        options.push(EnhancedPacketOption::DropCount(packet.missing));
    }
    EnhancedPacketBlock {
        interface_id: packet.interface.0 as u32,
        timestamp: Duration::from_micros(wall_clock.unix_us(packet.at)),
        original_len: u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX),
        data: Cow::Borrowed(packet.bytes.get(..PACKET).unwrap_or(packet.bytes)),
        options,
    }
}

/// Returns what a file begins with: a section, and its interfaces.
pub(crate) fn prologue(program: &str, interfaces: &[Interface]) -> Result<PcapNgWriter<Vec<u8>>, WriteError> {
    let comment = format!("Recording of a demonstration, which Poolscope replays; format {FORMAT_VERSION}");
    section(program, comment, interfaces)
}

/// Returns a section with this comment, and its interfaces.
pub(crate) fn section(
    program: &str,
    comment: String,
    interfaces: &[Interface],
) -> Result<PcapNgWriter<Vec<u8>>, WriteError> {
    let section = SectionHeaderBlock {
        endianness: Endianness::Little,
        options: vec![
            SectionHeaderOption::Comment(comment.into()),
            SectionHeaderOption::UserApplication(Cow::Owned(shortened(program).to_owned())),
        ],
        ..SectionHeaderBlock::default()
    };
    let mut blocks = PcapNgWriter::with_section_header(Vec::new(), section).map_err(in_memory)?;
    for interface in interfaces {
        declare(&mut blocks, interface)?;
    }
    Ok(blocks)
}

/// Appends blocks as they are stored: compressed, they are a frame.
pub(crate) fn store(
    compressor: Option<&mut Compressor>,
    raw: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    match compressor {
        Some(compressor) => {
            compressor.compress(raw, out)?;
            compressor.finish(out)?;
        }
        None => out.extend(raw),
    }
    Ok(())
}

/// Declares an interface; its number in the section follows from its place.
pub(crate) fn declare(blocks: &mut PcapNgWriter<Vec<u8>>, interface: &Interface) -> Result<(), WriteError> {
    let mut block = InterfaceDescriptionBlock::new(DataLink::from(u32::from(interface.link_type)), 0);
    let name = Cow::Borrowed(&*interface.name);
    block.options.push(InterfaceDescriptionOption::IfName(name));
    if !interface.description.is_empty() {
        let description = Cow::Borrowed(&*interface.description);
        block
            .options
            .push(InterfaceDescriptionOption::IfDescription(description));
    }
    block
        .options
        .push(InterfaceDescriptionOption::IfTsResol(interface.resolution.0));
    if interface.offset_s != 0 {
        let offset = interface.offset_s.cast_unsigned();
        block.options.push(InterfaceDescriptionOption::IfTsOffset(offset));
    }
    blocks.write_pcapng_block(block).map_err(in_memory)?;
    Ok(())
}

/// To write into memory does not fail.
pub(crate) fn in_memory(error: PcapError) -> WriteError {
    WriteError::Compression(std::io::Error::other(error))
}

fn shortened(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME)]
}
