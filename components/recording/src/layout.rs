//! Where the frames of a compressed file begin.
//!
//! Wireshark before 4.2 takes what follows a frame for another one only if the bytes that it has read at once, 131,075 of
//! them, begin with a frame. So a frame that is not the first one ends where such a buffer does, filled up with empty
//! blocks, and an empty frame is the first one of the next buffer. The index is in that buffer, and the next frame begins
//! in it.

use crate::compression::END_OF_FRAME;
use crate::{ChunkInfo, Form};

/// How much Wireshark reads at once: what zstd recommends (`ZSTD_DStreamInSize`).
const BUFFER: u64 = 131_075;
/// A frame of nothing (RFC 8878 section 3.1.1).
const EMPTY_FRAME: [u8; 9] = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0];
/// The maximum size of an index: it has to fit into the buffer.
const LARGEST_INDEX: usize = 100_000;

/// How far a file has come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Layout {
    /// Its size up to the current chunk, in bytes.
    pub(crate) size: u64,
    /// The latest buffer that begins with a frame.
    pub(crate) buffer: u64,
}

impl Layout {
    /// Appends what ends the chunk that has been flushed: the end of its frame, and its index.
    pub(crate) fn end_chunk(&mut self, form: Form, info: &mut ChunkInfo, out: &mut Vec<u8>) {
        let begin = out.len();
        if form == Form::Plain {
            info.encode(form, out);
            self.size += info.stored_bytes + (out.len() - begin) as u64;
            return;
        }
        let flushed = info.stored_bytes;
        let frame_end = self.size + flushed + END_OF_FRAME.len() as u64;
        out.extend(END_OF_FRAME);
        info.stored_bytes = flushed + (out.len() - begin) as u64;
        info.tail = END_OF_FRAME.len() as u32;
        encode_index(info, out);
        let fits = (self.size + flushed + (out.len() - begin) as u64) / BUFFER == self.buffer;
        if !fits {
            out.truncate(begin);
            let mut gap = frame_end.next_multiple_of(BUFFER) - frame_end;
            if matches!(gap, 1 | 2 | 5) {
                gap += BUFFER;
            }
            fill(gap as usize, out);
            out.extend(END_OF_FRAME);
            self.buffer = (frame_end + gap) / BUFFER;
            out.extend(EMPTY_FRAME);
            info.tail = (out.len() - begin) as u32;
            info.stored_bytes = flushed + (out.len() - begin) as u64;
            encode_index(info, out);
        }
        self.size += flushed + (out.len() - begin) as u64;
    }
}

/// Appends the index, unless it is too large: then whoever opens the file has to look through the chunk.
fn encode_index(info: &ChunkInfo, out: &mut Vec<u8>) {
    let begin = out.len();
    info.encode(Form::Compressed, out);
    if out.len() - begin > LARGEST_INDEX {
        out.truncate(begin);
    }
}

/// Appends so many bytes of empty blocks: raw ones have 3 bytes, and those that repeat a byte 4 (RFC 8878 section
/// 3.1.1.2).
fn fill(size: usize, out: &mut Vec<u8>) {
    const REPEATED: [u8; 4] = [2, 0, 0, 0];
    for _ in 0..size % 3 {
        out.extend(REPEATED);
    }
    let raw = size.saturating_sub(size % 3 * REPEATED.len());
    out.resize(out.len() + raw, 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compression::Compressor;

    #[test]
    fn empty_blocks_of_any_size_hold_nothing() {
        let mut flushed = Vec::new();
        let mut compressor = Compressor::new().unwrap();
        compressor.compress(b"content", &mut flushed).unwrap();
        for size in [0, 3, 4].into_iter().chain(6..40).chain([BUFFER as usize]) {
            let mut file = flushed.clone();
            fill(size, &mut file);
            assert_eq!(file.len(), flushed.len() + size);
            file.extend(END_OF_FRAME);
            file.extend(EMPTY_FRAME);
            assert_eq!(zstd::decode_all(&file[..]).unwrap(), b"content", "{size}");
        }
    }
}
