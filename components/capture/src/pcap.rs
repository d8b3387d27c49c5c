//! The classic format of captures (pcap): a header, then a record for each packet.
//!
//! A library reads them as well, but only two of the variants that there are, and not from a file that is damaged: its
//! errors have no offset, and it cannot tell a record that is cut from one whose length is absurd.

use recording::block::Order;

use crate::frame::{Next, Place};
use crate::{LinkType, Time};

/// The size of a file's header.
const HEADER: usize = 24;
/// The largest packet of any link type that is understood here, and what other programs capture at most.
const LARGEST: usize = 256 << 10;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pcap {
    order: Order,
    /// Nanoseconds in a unit of the second part of a time.
    unit: i128,
    /// The size of a record's header.
    record: usize,
    link: LinkType,
}

impl Pcap {
    /// Returns the format and the size of the header with which a file begins; `None` if it is another.
    pub(crate) fn begin(bytes: &[u8]) -> Option<(Self, usize)> {
        let (order, unit, record) = match bytes.first_chunk()? {
            [0xd4, 0xc3, 0xb2, 0xa1] => (Order::Little, 1000, 16),
            [0xa1, 0xb2, 0xc3, 0xd4] => (Order::Big, 1000, 16),
            [0x4d, 0x3c, 0xb2, 0xa1] => (Order::Little, 1, 16),
            [0xa1, 0xb2, 0x3c, 0x4d] => (Order::Big, 1, 16),
            // With the interface, protocol and kind of each packet.
            [0x34, 0xcd, 0xb2, 0xa1] => (Order::Little, 1000, 24),
            [0xa1, 0xb2, 0xcd, 0x34] => (Order::Big, 1000, 24),
            _ => return None,
        };
        // The upper half of the word tells the size of the frame check sequence, which nothing here looks at.
        let link = LinkType(order.u32(bytes, 20)? as u16);
        let format = Self {
            order,
            unit,
            record,
            link,
        };
        Some((format, HEADER))
    }

    /// Looks at the record with which these bytes begin.
    pub(crate) fn next(self, bytes: &[u8]) -> Next {
        let word = |at| self.order.u32(bytes, at);
        let (Some(seconds), Some(units), Some(length), Some(whole), true) =
            (word(0), word(4), word(8), word(12), bytes.len() >= self.record)
        else {
            return Next::Incomplete(self.record);
        };
        let length = length as usize;
        if length > LARGEST {
            return Next::Wrong(format!(
                "a packet of {length} bytes is too large: at most {LARGEST}; what follows cannot be found"
            ));
        }
        let end = self.record + length;
        if bytes.len() < end {
            return Next::Incomplete(end);
        }
        let nanoseconds = i128::from(seconds) * 1_000_000_000 + i128::from(units) * self.unit;
        let place = Place {
            time: Some(Time::from_nanoseconds(nanoseconds)),
            interface: 0,
            link: self.link,
            bytes: self.record..end,
            whole: (whole as usize).max(length),
        };
        Next::Item(end, Some(place))
    }
}
