//! Blocks of pcapng, as far as a recording has to understand them.
//!
//! Blocks are read here and not by a library since a reader of other programs' files has to be tolerant: options that
//! are malformed, not UTF-8 or unknown are no reason not to show a packet.

use std::borrow::Cow;

use crate::BLOCK_LIMIT;

/// Begins a section.
pub const SECTION_HEADER: u32 = 0x0a0d_0d0a;
/// Describes an interface.
pub const INTERFACE_DESCRIPTION: u32 = 1;
/// A packet, as older programs wrote it.
pub const OBSOLETE_PACKET: u32 = 2;
/// A packet of the first interface, without a time.
pub const SIMPLE_PACKET: u32 = 3;
/// A packet, with everything that is known of it.
pub const ENHANCED_PACKET: u32 = 6;
/// A custom block that a program which does not know it copies.
pub const CUSTOM: u32 = 0x0000_0bad;
/// A custom block that a program which does not know it leaves out: it would be wrong in another file.
pub const CUSTOM_NOT_COPIED: u32 = 0x4000_0bad;

/// The bytes of a block around its body: type, length, and length again.
pub(crate) const AROUND: usize = 12;

/// The order of bytes in a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Least significant byte first.
    #[default]
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    /// Returns the number at this position; `None` behind the end.
    #[must_use]
    pub fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(*bytes),
            Self::Big => u16::from_be_bytes(*bytes),
        })
    }

    /// Returns the number at this position; `None` behind the end.
    #[must_use]
    pub fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(*bytes),
            Self::Big => u32::from_be_bytes(*bytes),
        })
    }
}

/// A block.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// Its type.
    pub kind: u32,
    /// What is between its lengths.
    pub body: &'a [u8],
    /// The order of bytes in it and in those that follow.
    pub order: Order,
}

impl Block<'_> {
    /// The size of the whole block.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.body.len() + AROUND
    }
}

/// What bytes begin with.
#[derive(Debug)]
pub enum Begin<'a> {
    /// A block.
    Block(Block<'a>),
    /// The beginning of a block, which needs at least so many bytes.
    Incomplete(usize),
    /// Something else.
    Wrong(String),
}

/// Looks at the block that begins here, in a section with this order of bytes.
#[must_use]
pub fn begin(bytes: &[u8], order: Order) -> Begin<'_> {
    let (Some(kind), true) = (order.u32(bytes, 0), bytes.len() >= AROUND) else {
        return Begin::Incomplete(AROUND);
    };
    let order = match (kind, bytes.get(8..AROUND)) {
        (SECTION_HEADER, Some([0x4d, 0x3c, 0x2b, 0x1a])) => Order::Little,
        (SECTION_HEADER, Some([0x1a, 0x2b, 0x3c, 0x4d])) => Order::Big,
        (SECTION_HEADER, _) => return Begin::Wrong("a section has an unknown order of bytes".to_owned()),
        _ => order,
    };
    let size = order.u32(bytes, 4).unwrap_or_default() as usize;
    if size < AROUND || !size.is_multiple_of(4) {
        return Begin::Wrong(format!("a block of {size} bytes"));
    }
    if size > BLOCK_LIMIT {
        return Begin::Wrong(format!(
            "a block of {size} bytes is too large: at most {BLOCK_LIMIT}"
        ));
    }
    let (Some(body), Some(again)) = (bytes.get(8..size - 4), order.u32(bytes, size - 4)) else {
        return Begin::Incomplete(size);
    };
    if again as usize != size {
        return Begin::Wrong(format!(
            "a block of {size} bytes says at its end that it has {again}"
        ));
    }
    Begin::Block(Block { kind, body, order })
}

/// Options of a block: pairs of code and value. They end where they are malformed.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    bytes: &'a [u8],
    order: Order,
}

impl<'a> Options<'a> {
    /// Words of a person or program.
    pub const COMMENT: u16 = 1;

    /// Reads the options of a block in a section with this order of bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8], order: Order) -> Self {
        Self { bytes, order }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let code = self.order.u16(self.bytes, 0)?;
        let length = usize::from(self.order.u16(self.bytes, 2)?);
        if code == 0 {
            return None;
        }
        let value = self.bytes.get(4..4 + length)?;
        self.bytes = self
            .bytes
            .get(4 + length.next_multiple_of(4)..)
            .unwrap_or_default();
        Some((code, value))
    }
}

/// Returns text of a file; what is not UTF-8 is replaced, and it has an end.
#[must_use]
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(bytes)
}

/// A packet, as its block has it.
#[derive(Debug, Clone)]
pub struct EnhancedPacket<'a> {
    /// The position of its interface in the section.
    pub interface: u32,
    /// When it was captured, in units of the interface.
    pub ticks: u64,
    /// Its bytes, or the first of them.
    pub data: &'a [u8],
    /// How many bytes it had.
    pub whole: u32,
    /// What else is known of it.
    pub options: Options<'a>,
}

impl<'a> EnhancedPacket<'a> {
    pub(crate) const FLAGS: u16 = 2;
    pub(crate) const DROP_COUNT: u16 = 4;

    /// Returns `None` if the block is too short for what its lengths say.
    #[must_use]
    pub fn parse(block: &Block<'a>) -> Option<Self> {
        let word = |at| block.order.u32(block.body, at);
        let length = word(12)? as usize;
        let data = block.body.get(20..)?.get(..length)?;
        let options = block
            .body
            .get(20 + length.next_multiple_of(4)..)
            .unwrap_or_default();
        Some(Self {
            interface: word(0)?,
            ticks: u64::from(word(4)?) << 32 | u64::from(word(8)?),
            data,
            whole: word(16)?,
            options: Options::new(options, block.order),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_both_orders_are_read() {
        let little = [6, 0, 0, 0, 16, 0, 0, 0, 1, 2, 3, 4, 16, 0, 0, 0];
        let big = [0, 0, 0, 6, 0, 0, 0, 16, 1, 2, 3, 4, 0, 0, 0, 16];
        for (bytes, order) in [(little, Order::Little), (big, Order::Big)] {
            let Begin::Block(block) = begin(&bytes, order) else {
                panic!("{order:?}")
            };
            assert_eq!((block.kind, block.body, block.size()), (6, &[1, 2, 3, 4][..], 16));
            assert!(matches!(begin(&bytes[..15], order), Begin::Incomplete(16)));
            assert!(matches!(begin(&bytes[..5], order), Begin::Incomplete(12)));
        }
    }

    #[test]
    fn lengths_that_cannot_be_are_wrong() {
        let block = |size: u32, again: u32| {
            let words = [6, size, 0, again];
            words
                .iter()
                .flat_map(|word: &u32| word.to_le_bytes())
                .collect::<Vec<_>>()
        };
        for (size, again) in [
            (0, 0),
            (8, 8),
            (15, 15),
            (16, 20),
            (u32::MAX, u32::MAX),
            (0xffff_fffc, 0),
        ] {
            let bytes = block(size, again);
            assert!(
                matches!(begin(&bytes, Order::Little), Begin::Wrong(_)),
                "{size}, {again}"
            );
        }
    }

    #[test]
    fn options_end_where_they_are_malformed() {
        let good = [1, 0, 2, 0, b'h', b'i', 0, 0];
        let mut options = good.to_vec();
        options.extend([2, 0, 200, 0, 1]);
        let read: Vec<_> = Options::new(&options, Order::Little).collect();
        assert_eq!(read, [(1, &b"hi"[..])]);
    }
}
