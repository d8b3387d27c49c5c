//! What a table has rows of.

use trace::{MessageId, PacketId};

/// A message, or a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// A message.
    Message(MessageId),
    /// A packet.
    Packet(PacketId),
}

/// An item in four bytes: of a million rows, each byte counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row(u32);

const PACKET: u32 = 1 << 31;

impl From<Item> for Row {
    fn from(item: Item) -> Self {
        match item {
            Item::Message(MessageId(number)) => Self(number & !PACKET),
            Item::Packet(PacketId(number)) => Self(number | PACKET),
        }
    }
}

impl From<Row> for Item {
    fn from(Row(row): Row) -> Self {
        if row & PACKET == 0 {
            Self::Message(MessageId(row))
        } else {
            Self::Packet(PacketId(row & !PACKET))
        }
    }
}
