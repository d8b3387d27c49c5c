//! The blocks in a stream of bytes.

use std::io::Read;

use crate::Damage;
use crate::block::{self, AROUND, Begin, Block, Order};
use crate::source::Raw;

/// Reads block after block, and keeps only the latest.
pub(crate) struct Blocks<'a> {
    raw: Raw<'a>,
    buffer: Vec<u8>,
    order: Order,
    /// Where the next block begins, in bytes that are not compressed.
    offset: u64,
    /// How many bytes more may be read, against files that decompress into more than any memory or patience.
    left: u64,
}

impl<'a> Blocks<'a> {
    pub(crate) const fn new(raw: Raw<'a>, order: Order, most: u64) -> Self {
        Self {
            raw,
            buffer: Vec::new(),
            order,
            offset: 0,
            left: most,
        }
    }

    /// Returns the next block and its offset; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Block<'_>)>, Damage> {
        self.buffer.clear();
        let at = self.raw.stored_position();
        let mut wanted = AROUND;
        loop {
            self.fill(wanted)?;
            if self.buffer.is_empty() {
                return Ok(None);
            }
            match block::begin(&self.buffer, self.order) {
                Begin::Incomplete(size) if self.buffer.len() < wanted => {
                    let why = format!("a block of {size} bytes has only {}", self.buffer.len());
                    return Err(Damage::cut(at, why));
                }
                Begin::Incomplete(size) => wanted = size,
                Begin::Wrong(why) => return Err(Damage::new(at, why)),
                Begin::Block(_) => break,
            }
        }
        // Once more, since what was found in the loop would borrow the buffer for its whole life.
        match block::begin(&self.buffer, self.order) {
            Begin::Block(block) => {
                self.order = block.order;
                let offset = self.offset;
                self.offset += block.size() as u64;
                Ok(Some((offset, block)))
            }
            Begin::Incomplete(_) | Begin::Wrong(_) => Ok(None),
        }
    }

    /// Reads until there are so many bytes, or no more. What a length announces is not reserved before it is there.
    fn fill(&mut self, wanted: usize) -> Result<(), Damage> {
        let missing = (wanted - self.buffer.len()) as u64;
        let read = self
            .raw
            .by_ref()
            .take(missing.min(self.left))
            .read_to_end(&mut self.buffer);
        match read {
            Ok(read) => {
                self.left -= read as u64;
                if self.left == 0 && self.buffer.len() < wanted {
                    let why = "it has more bytes than a recording may have";
                    return Err(Damage::new(self.raw.stored_position(), why));
                }
                Ok(())
            }
            Err(error) => Err(damage(&self.raw, &error)),
        }
    }

    pub(crate) fn stored_position(&self) -> u64 {
        self.raw.stored_position()
    }

    /// Where the next block begins, in bytes that are not compressed.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }
}

/// What an error while reading means.
pub(crate) fn damage(raw: &Raw<'_>, error: &std::io::Error) -> Damage {
    let at = raw.stored_position();
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Damage::cut(at, "the compressed bytes end within a chunk"),
        _ => Damage::new(at, format!("the compressed bytes make no sense ({error})")),
    }
}
