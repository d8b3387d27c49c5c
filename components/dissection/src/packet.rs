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
