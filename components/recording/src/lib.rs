//! The file of a recording: pcapng that Wireshark reads, with everything that Poolscope replays.
//!
//! - [`Writer`] turns records, packets, names of components and comments into the bytes of a file.
//! - [`Recording`] opens a file, or a folder of files, also while it is being written; [`Recording::read_chunk`] reads a
//!   part of it, up to the first damage; [`Recording::copy`] makes one file of it.
//! - [`ip`] makes the headers that an analyser wants to see around an SCTP packet.
//!
//! What is in the records is unknown here. A record has a number, a kind, a time, and [`Properties`] that say what it is
//! for the file. A *keyframe* is a record from which a state can be rebuilt; an *indexed* record can be read without
//! the chunk that it is in.
//!
//! # Format
//!
//! Version 1. A file is one section of [pcapng](https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html), or
//! such a section compressed with zstd ([RFC 8878](https://www.rfc-editor.org/rfc/rfc8878)):
//!
//! ```text
//! file      = prologue chunk*
//! prologue  = section header, interface descriptions
//! chunk     = chunk header, blocks, index
//! blocks    = (interface description | enhanced packet | records | continuation)*
//! ```
//!
//! In a compressed file, the prologue is a frame; a chunk without its index is a frame, which is flushed whenever
//! something shall be readable; and the index is a frame that decoders skip. So a file ends well wherever it was flushed.
//! Files that a recorder has written one after the other, without the prologues of all but the first one, are one file.
//!
//! A reader finds the chunks by the indices, from the end of the file. Where there is none, as behind the last one of a
//! file that is being written, or in a file that another program has saved, it looks through the blocks: a chunk begins
//! with its header, and ends with the next header, section, or end.
//!
//! For Wireshark before 4.2, which reads 131,075 bytes at once and finds a frame only in such a buffer that begins with
//! one, a chunk is filled up with empty blocks to the end of a buffer, and an empty frame follows it, before the index;
//! unless all of this is in the same buffer as the latest such frame, or the beginning of the file.
//!
//! ## Blocks
//!
//! The order of bytes in pcapng's own blocks is that of the section: little-endian, as written here.
//!
//! - **Interface description**: a component. Its name is `if_name`, what else is known of it `if_description`, the link
//!   type 101 (`LINKTYPE_RAW`: packets begin with an IP header), the unit of time (`if_tsresol`) a nanosecond. The first
//!   one is called `Poolscope`. Their numbers count from the beginning of the file.
//! - **Enhanced packet**: its time is the time of day; `epb_flags` tells the direction, `epb_dropcount` how many packets of
//!   the interface are missing before it, `opt_comment` what happened then. An SCTP packet is in UDP if the port is 9899;
//!   otherwise the UDP header is left out, and the description of the interface names the port.
//! - **Custom block**: everything else. Its type is 0x00000BAD, which other programs copy, its private enterprise number
//!   32473, the one for examples. They refuse to copy more than 262,144 bytes, so that a block has at most as many.
//!
//! The data of a custom block is an *envelope*. All integers in it are little-endian, in any section:
//!
//! | bytes | field |
//! | --- | --- |
//! | 9 | `POOLSCOPE` |
//! | 1 | kind of the content: 1 chunk header, 2 records, 3 index, 4 continuation; others are ignored |
//! | 2 | version of the format |
//! | 4 | size of the content |
//! | 4 | CRC-32C of the seven bytes before this field, and of the content |
//! | | content; padding follows, which does not belong to it |
//!
//! ## Chunk header
//!
//! | bytes | field |
//! | --- | --- |
//! | 8 | number of the chunk's first record, counted from the beginning of the recording |
//! | 4 | number of interfaces that the file has declared before |
//! | 8 | when it began: microseconds of a monotonic clock, as in all records |
//! | 8 | signed; what has to be added for the microseconds since 1970, at that time |
//! | 4 | version of what is in the records |
//! | 2 + n | size and text: the program, with its version |
//! | 2 + n | size and text: the host |
//!
//! ## Records
//!
//! The number of the first record (8 bytes) and of records (4), then for each:
//!
//! | bytes | field |
//! | --- | --- |
//! | 1 | kind |
//! | 1 | flags: 1 keyframe; 2 it is whole, and needs no other before it; 4 indexed; 8 continued |
//! | 2 | 0 |
//! | 4 | size of the content, at most [`RECORD_LIMIT`] |
//! | 8 | time; it is not before that of the record before it |
//! | | content |
//!
//! Records are numbered consecutively through all chunks; what is missing between two chunks could not be written. Only
//! the last record of a block may be *continued*: it fills the block, and what follows next are continuations with the
//! number of the record (8 bytes) and more of its content, until it is whole.
//!
//! ## Index
//!
//! An index tells of the chunk that ends where it begins. It is an envelope: in a custom block of type 0x40000BAD, which
//! other programs do not copy and which holds nothing else of ours, or in a skippable frame with the magic number
//! 0x184D2A5B. Both end with four bytes that are their own size. The content:
//!
//! | bytes | field |
//! | --- | --- |
//! | 8 | size of the chunk in the file, without the index |
//! | 8 | size of the chunk, not compressed |
//! | 8, 8 | number of records, and of packets |
//! | 8, 8 | times of the first and the last record; if there is none, of the beginning |
//! | 8 | number of keyframes and indexed records for which there was no room |
//! | 4 + n | size and content of the chunk header |
//! | 4 + n | number of interfaces that the chunk declares; size (2) and text of name and description of each |
//! | 4 + n | number of keyframes; of each, the offset of its block in the chunk, the number of the record, its time (8 each), 1 if it is whole (1) |
//! | 4 + n | number of indexed records; of each, its number (8), kind (1), time (8), size (4) and content |
//! | 4 | size of what ends the chunk in a compressed file: empty blocks, the last block, and an empty frame |
//!
//! ## Versions
//!
//! The version is raised if a reader of the one before would misunderstand what is written; every reader keeps reading
//! all versions before its own. What it would only miss is no reason: kinds of blocks and flags that it does not know
//! are ignored, as are fields behind those that it knows. In all versions, an envelope and the fields of a chunk header
//! up to the program are like this, so that a reader can say which program is needed.

pub mod block;
mod blocks;
mod chunk;
mod comments;
mod compression;
mod copy;
mod envelope;
mod error;
mod header;
mod index;
mod interface;
pub mod ip;
mod layout;
mod open_chunk;
mod origin;
mod record;
mod recording;
mod segment;
mod source;
mod stream;
mod survey;
mod walk;
mod writer;

pub use chunk::{Chunk, RecordedPacket};
pub use error::{CopyError, Damage, Error, WriteError};
pub use header::ChunkHeader;
pub use index::{ChunkInfo, IndexedRecord, Keyframe};
pub use interface::{Interface, InterfaceId};
pub use open_chunk::Mark;
pub use origin::Origin;
pub use record::{Keyframing, Properties, Record, RecordKind};
pub use recording::{Recording, Refreshed};
pub use source::Source;
pub use stream::StreamWriter;
pub use writer::{Form, Packet, Writer};

/// The version of the format that is written, and the newest that is read.
pub const FORMAT_VERSION: u16 = 1;
/// The maximum size of a record, in bytes.
pub const RECORD_LIMIT: usize = 96 << 20;
/// A chunk that has as many bytes, before they are compressed, gets no further record or packet.
pub const CHUNK_LIMIT: usize = 64 << 20;
/// The maximum size of a chunk, before it is compressed: with its last record, and the heads of blocks.
pub(crate) const CHUNK_RAW_LIMIT: usize = CHUNK_LIMIT + RECORD_LIMIT + (1 << 20);
/// The maximum size of a block.
pub(crate) const BLOCK_LIMIT: usize = 16 << 20;
