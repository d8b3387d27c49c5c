//! The head of SCTP packets and their chunks (RFC 9260), for who wants the messages and not the fields.

/// The head of an SCTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The source port.
    pub source_port: u16,
    /// The destination port.
    pub destination_port: u16,
    /// The verification tag.
    pub tag: u32,
    /// The chunks.
    pub chunks: Chunks<'a>,
}

impl<'a> Packet<'a> {
    /// Returns `None` if there is not even a whole common header.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, chunks) = bytes.split_first_chunk::<12>()?;
        let [a, b, c, d, e, f, g, h, ..] = *head;
        Some(Self {
            source_port: u16::from_be_bytes([a, b]),
            destination_port: u16::from_be_bytes([c, d]),
            tag: u32::from_be_bytes([e, f, g, h]),
            chunks: Chunks {
                bytes: chunks,
                at: 12,
            },
        })
    }
}

/// The chunks of a packet; what is behind one whose length is wrong is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunks<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Its type.
    pub kind: u8,
    /// Its flags.
    pub flags: u8,
    /// Where it begins in the packet.
    pub at: usize,
    /// What follows type, flags and length, without padding.
    pub value: &'a [u8],
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let &[kind, flags, high, low, ..] = self.bytes else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let value = self.bytes.get(4..length)?;
        let chunk = Chunk {
            kind,
            flags,
            at: self.at,
            value,
        };
        let whole = length.next_multiple_of(4).min(self.bytes.len());
        self.bytes = self.bytes.get(whole..).unwrap_or_default();
        self.at += whole;
        Some(chunk)
    }
}

/// A DATA chunk (RFC 9260 section 3.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data<'a> {
    /// Transmission sequence number.
    pub tsn: u32,
    /// Stream identifier.
    pub stream: u16,
    /// Stream sequence number.
    pub sequence: u16,
    /// Payload protocol identifier.
    pub ppid: u32,
    /// Whether it is the first fragment of a message.
    pub begins: bool,
    /// Whether it is the last fragment of a message.
    pub ends: bool,
    /// Whether the message is delivered regardless of the order.
    pub unordered: bool,
    /// What it carries.
    pub payload: &'a [u8],
}

impl<'a> Data<'a> {
    /// Returns `None` if the chunk is none, or too short.
    #[must_use]
    pub fn of(chunk: &Chunk<'a>) -> Option<Self> {
        let (head, payload) = chunk.value.split_first_chunk::<12>()?;
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *head;
        (chunk.kind == 0).then(|| Self {
            tsn: u32::from_be_bytes([a, b, c, d]),
            stream: u16::from_be_bytes([e, f]),
            sequence: u16::from_be_bytes([g, h]),
            ppid: u32::from_be_bytes([i, j, k, l]),
            begins: chunk.flags & 0x02 != 0,
            ends: chunk.flags & 0x01 != 0,
            unordered: chunk.flags & 0x04 != 0,
            payload,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet with COOKIE ACK and DATA, whose message has five bytes.
    const PACKET: &[u8] = b"\x0f\x17\x26\xad\x01\x02\x03\x04\0\0\0\0\
        \x0b\0\0\x04\
        \0\x03\0\x15\0\0\0\x07\0\x01\0\x02\0\0\0\x0bhello\0\0\0";

    #[test]
    fn chunks_are_found_with_their_places() {
        let packet = Packet::parse(PACKET).unwrap();
        assert_eq!((packet.source_port, packet.destination_port), (3863, 9901));
        assert_eq!(packet.tag, 0x0102_0304);
        let places: Vec<_> = packet.chunks.map(|chunk| (chunk.kind, chunk.at)).collect();
        assert_eq!(places, [(11, 12), (0, 16)]);
    }

    #[test]
    fn data_is_found_with_its_message() {
        let mut chunks = Packet::parse(PACKET).unwrap().chunks;
        assert_eq!(Data::of(&chunks.next().unwrap()), None);
        let data = Data::of(&chunks.next().unwrap()).unwrap();
        let numbers = (data.tsn, data.stream, data.sequence, data.ppid);
        assert_eq!(numbers, (7, 1, 2, 11));
        assert_eq!(data.payload, b"hello");
        assert!(data.begins && data.ends && !data.unordered);
    }

    #[test]
    fn what_is_behind_a_wrong_length_is_left_out() {
        for wrong in [0, 3, 0x30] {
            let mut packet = PACKET.to_vec();
            packet[15] = wrong;
            assert_eq!(Packet::parse(&packet).unwrap().chunks.count(), 0, "{wrong}");
        }
        assert_eq!(Packet::parse(&PACKET[..11]), None);
    }
}
