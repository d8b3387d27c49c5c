//! A chunk that is being written.

use feed::Timestamp;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::unknown::UnknownBlock;

use crate::envelope::{ENTERPRISE, Kind};
use crate::writer::in_memory;
use crate::{CHUNK_LIMIT, ChunkInfo, Keyframe, Record, WriteError, block, record};

/// More records than these become several blocks, and larger ones are spread over several: Wireshark and the programs
/// that come with it refuse to save a block of more than 262,144 bytes.
const BLOCK_SIZE: usize = 250_000;

/// A chunk that has begun.
pub(crate) struct OpenChunk {
    /// What is known of what was flushed.
    pub(crate) info: ChunkInfo,
    pub(crate) indexed_bytes: usize,
    /// The blocks since the latest flush.
    pub(crate) blocks: PcapNgWriter<Vec<u8>>,
    /// The records since then.
    pub(crate) records: Pending,
    /// How far it was flushed.
    pub(crate) flushed: Mark,
}

/// Records that will become a block.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) bytes: Vec<u8>,
    pub(crate) count: u32,
    pub(crate) keyframes: Vec<Keyframe>,
}

/// How far a chunk has been written, to which it can be [abandoned](crate::Writer::abandon).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub(crate) chunk: u64,
    pub(crate) records: u64,
    pub(crate) packets: u64,
    pub(crate) to: Timestamp,
    pub(crate) keyframes: usize,
    pub(crate) indexed: usize,
    pub(crate) interfaces: usize,
    pub(crate) left_out: u64,
    pub(crate) raw_bytes: u64,
    pub(crate) stored_bytes: u64,
}

impl Mark {
    pub(crate) fn of(info: &ChunkInfo) -> Self {
        Self {
            chunk: info.first_record,
            records: info.records,
            packets: info.packets,
            to: info.to,
            keyframes: info.keyframes.len(),
            indexed: info.indexed.len(),
            interfaces: info.interfaces.len(),
            left_out: info.left_out,
            raw_bytes: info.raw_bytes,
            stored_bytes: info.stored_bytes,
        }
    }

    /// Returns the size of the chunk in the file up to the mark.
    #[must_use]
    pub const fn stored_bytes(&self) -> u64 {
        self.stored_bytes
    }
}

impl OpenChunk {
    pub(crate) fn raw_bytes(&self) -> u64 {
        self.info.raw_bytes + (self.blocks.get_ref().len() + self.records.bytes.len()) as u64
    }

    pub(crate) fn is_full(&self) -> bool {
        self.raw_bytes() >= CHUNK_LIMIT as u64
    }

    pub(crate) fn record(&mut self, record: &Record<'_>) -> Result<(), WriteError> {
        let Record {
            kind,
            properties,
            at,
            bytes,
            ..
        } = *record;
        let is_large = record::HEAD + bytes.len() > BLOCK_SIZE;
        if is_large || self.records.bytes.len() + record::HEAD + bytes.len() > BLOCK_SIZE {
            self.write_records()?;
        }
        let (part, rest) = bytes.split_at(bytes.len().min(BLOCK_SIZE - record::HEAD));
        record::encode(kind, properties, at, bytes.len(), part, &mut self.records.bytes);
        self.records.count += 1;
        self.info.note(at);
        if let Some(keyframing) = properties.keyframe {
            self.records.keyframes.push(Keyframe {
                // Known when the block is written.
                offset: 0,
                record: record.number,
                at,
                keyframing,
            });
        }
        if properties.indexed {
            self.info.add_indexed(record, &mut self.indexed_bytes);
        }
        if is_large {
            self.write_records()?;
        }
        for more in rest.chunks(BLOCK_SIZE) {
            self.write_block(Kind::Continuation, more.len(), |out| {
                out.extend(record.number.to_le_bytes());
                out.extend(more);
            })?;
        }
        Ok(())
    }

    /// Writes all pending records as a block: an analyser shows a line for each block.
    pub(crate) fn write_records(&mut self) -> Result<(), WriteError> {
        let mut pending = std::mem::take(&mut self.records);
        if pending.count == 0 {
            return Ok(());
        }
        let offset = self.info.raw_bytes + self.blocks.get_ref().len() as u64;
        for keyframe in pending.keyframes.drain(..) {
            self.info.add_keyframe(Keyframe { offset, ..keyframe });
        }
        let first = self.info.end_record() - u64::from(pending.count);
        let written = self.write_block(Kind::Records, pending.bytes.len(), |out| {
            out.extend(first.to_le_bytes());
            out.extend(pending.count.to_le_bytes());
            out.extend(&pending.bytes);
        });
        // The memory is kept.
        pending.bytes.clear();
        pending.count = 0;
        self.records = pending;
        written
    }

    pub(crate) fn write_block(
        &mut self,
        kind: Kind,
        about: usize,
        content: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), WriteError> {
        let mut body = Vec::with_capacity(about + 64);
        body.extend(ENTERPRISE.to_le_bytes());
        kind.seal(&mut body, content);
        write_custom(&mut self.blocks, &body)
    }
}

impl std::fmt::Debug for OpenChunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenChunk")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

fn write_custom(blocks: &mut PcapNgWriter<Vec<u8>>, body: &[u8]) -> Result<(), WriteError> {
    let block = UnknownBlock::new(block::CUSTOM, 0, body);
    blocks.write_pcapng_block(block).map_err(in_memory)?;
    Ok(())
}
