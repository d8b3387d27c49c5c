//! A stream of bytes, of which only what is being looked at is kept.

use std::io::{self, Cursor, ErrorKind, Read};
use std::ops::Range;

/// As much as is read at once.
const STEP: usize = 256 << 10;

/// Reads ahead from a file or pipe.
pub(crate) struct Input {
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    filled: Range<usize>,
    offset: u64,
}

impl Input {
    pub(crate) fn new(source: Box<dyn Read + Send>) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            filled: 0..0,
            offset: 0,
        }
    }

    /// Where the bytes that are not consumed begin, from the beginning of the stream.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes that were read and not consumed.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.filled.clone()).unwrap_or_default()
    }

    /// Waits until so many bytes are there, and returns all that are; fewer at the end of the stream. What a length
    /// announces is not reserved before it is there.
    pub(crate) fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.filled.len() < wanted {
            self.make_room();
            let room = self.buffer.get_mut(self.filled.end..).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => break,
                Ok(read) => self.filled.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.bytes())
    }

    fn make_room(&mut self) {
        self.buffer.copy_within(self.filled.clone(), 0);
        self.filled = 0..self.filled.len();
        if self.filled.end == self.buffer.len() {
            let larger = (self.buffer.len() * 2).max(STEP);
            self.buffer.resize(larger, 0);
        }
    }

    /// Goes behind the next bytes.
    pub(crate) fn consume(&mut self, bytes: usize) {
        let bytes = bytes.min(self.filled.len());
        self.filled.start += bytes;
        self.offset += bytes as u64;
    }

    /// Returns the stream of what these bytes were compressed from.
    pub(crate) fn decompressed(self) -> io::Result<Self> {
        let begun = Cursor::new(self.bytes().to_vec());
        let decoder = zstd::Decoder::new(begun.chain(self.source))?;
        Ok(Self::new(Box::new(decoder)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte at a time, as a slow pipe does.
    struct Slow(u8);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 = self.0.saturating_sub(1);
            match buffer.first_mut() {
                Some(byte) if self.0 > 0 => {
                    *byte = self.0;
                    Ok(1)
                }
                _ => Ok(0),
            }
        }
    }

    #[test]
    fn no_more_is_waited_for_than_is_wanted() {
        let mut input = Input::new(Box::new(Slow(6)));
        assert_eq!(input.fill(2).unwrap(), [5, 4]);
        input.consume(1);
        assert_eq!(input.fill(2).unwrap(), [4, 3]);
        assert_eq!(input.offset(), 1);
        assert_eq!(input.fill(100).unwrap(), [4, 3, 2, 1]);
        input.consume(100);
        assert_eq!((input.offset(), input.bytes()), (5, &[][..]));
    }

    #[test]
    fn a_length_that_is_only_announced_takes_no_memory() {
        let mut input = Input::new(Box::new(Cursor::new(vec![1; 10])));
        assert_eq!(input.fill(usize::MAX).unwrap().len(), 10);
        assert_eq!(input.buffer.len(), STEP);
    }
}
