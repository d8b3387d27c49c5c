//! The file of a recording: pcapng that Wireshark reads, with everything that Poolscope replays.

mod block;
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
mod record;
mod recording;
mod segment;
mod source;
mod survey;
mod writer;

pub use chunk::{Chunk, RecordedPacket};
pub use error::{CopyError, Damage, Error, WriteError};
pub use header::ChunkHeader;
pub use index::{ChunkInfo, IndexedRecord, Keyframe};
pub use interface::{Interface, InterfaceId};
pub use record::{Keyframing, Properties, Record, RecordKind};
pub use recording::{Recording, Refreshed};
pub use source::Source;
pub use writer::{Form, Mark, Packet, Writer};

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
