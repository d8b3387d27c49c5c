//! What a DATA or I-DATA chunk has of a user message.

use dissection::{Chunk, Data};

/// An I-DATA chunk (RFC 8260 section 2.1).
const I_DATA: u8 = 64;

/// A portion of a user message, or all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Portion<'a> {
    pub(crate) tsn: u32,
    pub(crate) stream: u16,
    pub(crate) unordered: bool,
    pub(crate) begins: bool,
    pub(crate) ends: bool,
    /// Only the first I-DATA chunk of a message has it.
    pub(crate) ppid: Option<u32>,
    pub(crate) order: Order,
    pub(crate) payload: &'a [u8],
}

/// What orders the portions of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Their transmission sequence numbers, which nothing comes between (RFC 9260 section 6.9).
    Tsn,
    /// Their number in the message with this number in the stream.
    Fragment { message: u32, fragment: u32 },
}

impl<'a> Portion<'a> {
    /// Returns `None` if the chunk is of another type, or has not even all of its fields.
    pub(crate) fn of(chunk: &Chunk<'a>) -> Option<Self> {
        if chunk.kind == I_DATA {
            return Self::of_i_data(chunk);
        }
        let data = Data::of(chunk)?;
        Some(Self {
            tsn: data.tsn,
            stream: data.stream,
            unordered: data.unordered,
            begins: data.begins,
            ends: data.ends,
            ppid: Some(data.ppid),
            order: Order::Tsn,
            payload: data.payload,
        })
    }

    fn of_i_data(chunk: &Chunk<'a>) -> Option<Self> {
        let (head, payload) = chunk.value.split_first_chunk::<16>()?;
        let [a, b, c, d, e, f, _, _, g, h, i, j, k, l, m, n] = *head;
        let begins = chunk.flags & 2 != 0;
        let last = u32::from_be_bytes([k, l, m, n]);
        // The first one has the payload protocol identifier in the place of its number, which is 0.
        let (ppid, fragment) = if begins { (Some(last), 0) } else { (None, last) };
        Some(Self {
            tsn: u32::from_be_bytes([a, b, c, d]),
            stream: u16::from_be_bytes([e, f]),
            unordered: chunk.flags & 4 != 0,
            begins,
            ends: chunk.flags & 1 != 0,
            ppid,
            order: Order::Fragment {
                message: u32::from_be_bytes([g, h, i, j]),
                fragment,
            },
            payload,
        })
    }
}
