//! Many packets with their bytes in one place.

use std::ops::Range;

use crate::{Packet, Timestamp};

/// Packets in the order in which they were added. A packet each with bytes of its own would cost more to allocate and to
/// free than to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packets {
    heads: Vec<Packet<Range<usize>>>,
    bytes: Vec<u8>,
}

impl Packets {
    /// The memory that a packet needs besides its bytes.
    pub const HEAD: usize = size_of::<Packet<Range<usize>>>();

    /// Returns whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Returns their number.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.heads.len()
    }

    /// Returns the memory that they need, in bytes.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.heads.len() * Self::HEAD + self.bytes.len()
    }

    /// Adds a packet.
    pub fn push(&mut self, packet: Packet<&[u8]>) {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(packet.bytes);
        let range = begin..self.bytes.len();
        self.heads.push(packet.map_bytes(|_| range));
    }

    /// Returns a packet by its number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<Packet<&[u8]>> {
        let head = self.heads.get(number)?.clone();
        Some(head.map_bytes(|range| self.bytes.get(range).unwrap_or_default()))
    }

    /// Returns the packets.
    pub fn iter(&self) -> impl Iterator<Item = Packet<&[u8]>> {
        (0..self.len()).filter_map(|number| self.get(number))
    }

    /// Returns the times of the packets.
    pub fn times(&self) -> impl Iterator<Item = Timestamp> {
        self.heads.iter().map(|head| head.at)
    }
}

impl<'a> FromIterator<Packet<&'a [u8]>> for Packets {
    fn from_iter<Iter: IntoIterator<Item = Packet<&'a [u8]>>>(all: Iter) -> Self {
        let mut packets = Self::default();
        all.into_iter().for_each(|packet| packets.push(packet));
        packets
    }
}
