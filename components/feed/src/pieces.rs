//! Splits a stream of bytes into pieces that are preceded by their length.

use std::ops::RangeInclusive;

/// Collects bytes of a stream until a piece is complete. It holds at most one incomplete piece and what was added
/// last.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    buffer: Vec<u8>,
    consumed: usize,
}

impl Pieces {
    /// Adds bytes of the stream.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        if self.consumed > 0 && self.consumed * 2 >= self.buffer.len() {
            self.buffer.drain(..self.consumed);
            self.consumed = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns the next piece, without its length, if it has arrived completely.
    ///
    /// # Errors
    /// Returns the length if it is not within `lengths`; the stream cannot be read any further then.
    pub(crate) fn next_piece(&mut self, lengths: RangeInclusive<usize>) -> Result<Option<&[u8]>, u32> {
        let rest = self.buffer.get(self.consumed..).unwrap_or_default();
        let Some((length, rest)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length);
        if !lengths.contains(&(length as usize)) {
            return Err(length);
        }
        let piece = rest.get(..length as usize);
        if piece.is_some() {
            self.consumed += 4 + length as usize;
        }
        Ok(piece)
    }
}
