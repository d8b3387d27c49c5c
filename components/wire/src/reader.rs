//! The reader for the bytes of every message.
//!
//! All lengths in received messages are checked here and nowhere else.

/// Reads a peer's bytes sequentially, and never past their end.
///
/// A nested structure gets its own reader over its parent's bytes, so that no inner field can reach past its parent.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

/// There are fewer bytes than requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndOfBytes;

impl<'a> Reader<'a> {
    /// Creates a reader over all of these bytes.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Returns whether every byte has been read.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Returns the bytes that have not been read, without reading them.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads the next `length` bytes; the position does not change if there are fewer.
    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8], EndOfBytes> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(EndOfBytes)?;
        self.rest = rest;
        Ok(head)
    }

    /// Skips `length` bytes, or all if there are fewer: padding may be missing at the very end.
    pub(crate) fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    /// Reads the next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], EndOfBytes> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(EndOfBytes)?;
        self.rest = rest;
        Ok(*head)
    }

    /// Reads the next byte.
    pub(crate) fn u8(&mut self) -> Result<u8, EndOfBytes> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Reads the next two bytes, in network byte order.
    pub(crate) fn u16(&mut self) -> Result<u16, EndOfBytes> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Reads the next four bytes, in network byte order.
    pub(crate) fn u32(&mut self) -> Result<u32, EndOfBytes> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Reads the next eight bytes, in network byte order.
    pub(crate) fn u64(&mut self) -> Result<u64, EndOfBytes> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// Reads the next eight bytes as an IEEE 754 number, in network byte order.
    pub(crate) fn f64(&mut self) -> Result<f64, EndOfBytes> {
        Ok(f64::from_be_bytes(self.array()?))
    }

    /// Reads the next four bytes as a signed number, in network byte order.
    pub(crate) fn i32(&mut self) -> Result<i32, EndOfBytes> {
        Ok(i32::from_be_bytes(self.array()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_stays_put_when_asked_for_too_much() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u32(), Err(EndOfBytes));
        assert_eq!(reader.bytes(4), Err(EndOfBytes));
        assert_eq!(reader.u16(), Ok(0x0102));
        assert_eq!(reader.u8(), Ok(3));
        assert!(reader.is_empty());
    }

    #[test]
    fn skipping_past_the_end_stops_at_the_end() {
        let mut reader = Reader::new(&[0]);
        reader.skip(3);
        assert!(reader.is_empty());
    }
}
