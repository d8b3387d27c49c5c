//! What all our own blocks have in common: whose they are, their kind, the version of the format, and a checksum.

use crate::FORMAT_VERSION;

/// The private enterprise number of custom blocks: the one that IANA reserves for documentation (RFC 5612), since we
/// have none. What follows it tells our blocks from those of others.
pub(crate) const ENTERPRISE: u32 = 32_473;
/// The beginning of our blocks.
pub(crate) const MAGIC: &[u8; 9] = b"POOLSCOPE";
/// The size of an envelope without its content.
pub(crate) const SIZE: usize = 20;

/// What a block of ours holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The beginning of a chunk: [`ChunkHeader`](crate::ChunkHeader).
    Header = 1,
    /// Records.
    Records = 2,
    /// The index of the chunk before it.
    Index = 3,
    /// More of the content of a record that did not fit into its block.
    Continuation = 4,
}

/// A block of ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub(crate) kind: u8,
    pub(crate) version: u16,
    pub(crate) content: &'a [u8],
}

/// Why bytes are no envelope.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotOurs {
    /// They do not begin with the magic.
    Foreign,
    /// They are damaged.
    Damaged(&'static str),
}

impl Kind {
    /// Appends an envelope whose content is appended by `write`.
    pub(crate) fn seal(self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        let begin = out.len();
        out.extend(MAGIC);
        out.push(self as u8);
        out.extend(FORMAT_VERSION.to_le_bytes());
        // Length and checksum, which are known when the content is.
        out.extend([0; 8]);
        write(out);
        let length = u32::try_from(out.len() - begin - SIZE).unwrap_or(u32::MAX);
        let Some(envelope) = out.get_mut(begin..) else {
            return;
        };
        if let Some(field) = envelope.get_mut(12..16) {
            field.copy_from_slice(&length.to_le_bytes());
        }
        let checksum = checksum(envelope).to_le_bytes();
        if let Some(field) = envelope.get_mut(16..SIZE) {
            field.copy_from_slice(&checksum);
        }
    }
}

/// The checksum covers all but the magic and itself.
fn checksum(envelope: &[u8]) -> u32 {
    let head = envelope.get(9..16).unwrap_or_default();
    crc32c::crc32c_append(crc32c::crc32c(head), envelope.get(SIZE..).unwrap_or_default())
}

impl<'a> Envelope<'a> {
    /// Opens an envelope; padding may follow it.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, NotOurs> {
        if !bytes.starts_with(MAGIC) {
            return Err(NotOurs::Foreign);
        }
        let damaged = NotOurs::Damaged("a block of the recording is shorter than it says");
        let mut fields = Fields(bytes.get(MAGIC.len()..).unwrap_or_default());
        let (Some(kind), Some(version), Some(length), Some(sum)) =
            (fields.u8(), fields.u16(), fields.u32(), fields.u32())
        else {
            return Err(damaged);
        };
        let Some(envelope) = (SIZE.checked_add(length as usize)).and_then(|size| bytes.get(..size)) else {
            return Err(damaged);
        };
        if checksum(envelope) != sum {
            return Err(NotOurs::Damaged(
                "the checksum of a block of the recording is wrong",
            ));
        }
        Ok(Self {
            kind,
            version,
            content: envelope.get(SIZE..).unwrap_or_default(),
        })
    }
}

/// Reads fields one after the other; integers are little-endian in every section, since a program that copies our
/// blocks into a section of another order does not know them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.first_chunk().copied()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_can_be_opened_and_no_bit_can_be_changed_unnoticed() {
        let mut bytes = Vec::new();
        Kind::Records.seal(&mut bytes, |out| out.extend(b"content"));
        let padded = [&bytes[..], &[0]].concat();
        let opened = Envelope::open(&padded).unwrap();
        assert_eq!(
            (opened.kind, opened.version, opened.content),
            (Kind::Records as u8, FORMAT_VERSION, &b"content"[..])
        );
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(Envelope::open(&changed).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(Envelope::open(&bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
