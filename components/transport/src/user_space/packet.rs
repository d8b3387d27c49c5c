//! SCTP packets as far as the layer below dcsctp needs them: the common header, and the framing of chunks and
//! parameters.

use std::borrow::Cow;

/// Chunk types (RFC 9260 section 3.2).
pub(super) mod chunk {
    pub(crate) const DATA: u8 = 0;
    pub(crate) const INIT: u8 = 1;
    pub(crate) const INIT_ACK: u8 = 2;
    pub(crate) const SACK: u8 = 3;
    pub(crate) const HEARTBEAT: u8 = 4;
    pub(crate) const HEARTBEAT_ACK: u8 = 5;
    pub(crate) const ABORT: u8 = 6;
    pub(crate) const SHUTDOWN: u8 = 7;
    pub(crate) const SHUTDOWN_ACK: u8 = 8;
    pub(crate) const ERROR: u8 = 9;
    pub(crate) const COOKIE_ECHO: u8 = 10;
    pub(crate) const COOKIE_ACK: u8 = 11;
    pub(crate) const SHUTDOWN_COMPLETE: u8 = 14;
    /// RFC 6525 section 3.1.
    pub(crate) const RE_CONFIG: u8 = 130;
}

/// Error causes (RFC 9260 section 3.3.10).
pub(super) mod cause {
    pub(crate) const STALE_COOKIE: u16 = 3;
    pub(crate) const OUT_OF_RESOURCE: u16 = 4;
}

/// The T bit of ABORT and SHUTDOWN COMPLETE: the packet reflects the tag of the one that it answers (RFC 9260
/// section 8.5.1).
pub(super) const TAG_REFLECTED: u8 = 1;

const STATE_COOKIE: u16 = 7;
const HEARTBEAT_INFO: u16 = 1;

const COMMON_HEADER: usize = 12;
const CHUNK_HEADER: usize = 4;
/// Initiate tag, window, streams and initial TSN in INIT and INIT ACK (RFC 9260 section 3.3.2).
const INIT_FIXED: usize = 16;

/// The common header (RFC 9260 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) source_port: u16,
    pub(super) destination_port: u16,
    pub(super) tag: u32,
}

impl Header {
    /// Parses the ports and the verification tag, which is all that an ICMP message may quote.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            source_port: u16_at(bytes, 0)?,
            destination_port: u16_at(bytes, 2)?,
            tag: u32_at(bytes, 4)?,
        })
    }

    /// Returns the header of a response with this tag.
    pub(super) const fn answer(self, tag: u32) -> Self {
        Self {
            source_port: self.destination_port,
            destination_port: self.source_port,
            tag,
        }
    }
}

/// A packet with a correct checksum.
#[derive(Clone, Copy)]
pub(super) struct PacketView<'a> {
    pub(super) header: Header,
    pub(super) bytes: &'a [u8],
}

impl<'a> PacketView<'a> {
    /// Parses a packet. Returns `None` if it is too short to contain a chunk, or if its checksum is wrong (RFC 9260
    /// section 6.8).
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let header = Header::parse(bytes)?;
        let sent: [u8; 4] = bytes.get(8..COMMON_HEADER)?.try_into().ok()?;
        let long_enough = bytes.len() >= COMMON_HEADER + CHUNK_HEADER;
        (long_enough && u32::from_le_bytes(sent) == checksum(bytes)).then_some(Self { header, bytes })
    }

    pub(super) fn chunks(self) -> Chunks<'a> {
        Chunks(self.bytes.get(COMMON_HEADER..).unwrap_or_default())
    }

    pub(super) fn contains(self, kinds: &[u8]) -> bool {
        self.chunks().any(|chunk| kinds.contains(&chunk.kind))
    }

    /// Returns the packet up to the first chunk for which `keep` returns false; `None` if that is the very first
    /// one.
    pub(super) fn beginning(self, mut keep: impl FnMut(usize, Chunk<'a>) -> bool) -> Option<Cow<'a, [u8]>> {
        let mut end = COMMON_HEADER;
        for (index, chunk) in self.chunks().enumerate() {
            if !keep(index, chunk) {
                let kept = self.bytes.get(COMMON_HEADER..end)?;
                return (!kept.is_empty()).then(|| Cow::Owned(build(self.header, kept)));
            }
            end += chunk.raw.len().next_multiple_of(4);
        }
        Some(Cow::Borrowed(self.bytes))
    }

    /// Returns the packet without the chunks of one kind; `None` if no others are left.
    pub(super) fn without(self, kind: u8) -> Option<Vec<u8>> {
        let rest: Vec<u8> = self
            .chunks()
            .filter(|chunk| chunk.kind != kind)
            .flat_map(|chunk| padded(chunk.raw))
            .collect();
        (!rest.is_empty()).then(|| build(self.header, &rest))
    }

    /// Returns the packet with a different state cookie in its INIT ACK or COOKIE ECHO.
    pub(super) fn with_cookie(self, cookie: &[u8]) -> Vec<u8> {
        let mut chunks = Vec::with_capacity(self.bytes.len() + cookie.len());
        for chunk in self.chunks() {
            match chunk.kind {
                chunk::COOKIE_ECHO => chunks.extend(padded(&tlv_chunk(chunk.kind, chunk.flags, cookie))),
                chunk::INIT_ACK => {
                    let mut value = chunk.value.get(..INIT_FIXED).unwrap_or_default().to_vec();
                    for parameter in chunk.init_parameters() {
                        // The padding of the last parameter is part of the chunk's padding (section 3.2.1).
                        value.resize(value.len().next_multiple_of(4), 0);
                        if parameter.kind == STATE_COOKIE {
                            value.extend(tlv(STATE_COOKIE, cookie));
                        } else {
                            value.extend(parameter.raw);
                        }
                    }
                    chunks.extend(padded(&tlv_chunk(chunk.kind, chunk.flags, &value)));
                }
                _ => chunks.extend(padded(chunk.raw)),
            }
        }
        build(self.header, &chunks)
    }
}

/// The chunks of a packet, up to the first whose length is wrong.
pub(super) struct Chunks<'a>(&'a [u8]);

#[derive(Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) value: &'a [u8],
    raw: &'a [u8],
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let (kind, flags) = (*self.0.first()?, *self.0.get(1)?);
        let raw = take_framed(&mut self.0)?;
        Some(Chunk {
            kind,
            flags,
            value: raw.get(CHUNK_HEADER..)?,
            raw,
        })
    }
}

impl<'a> Chunk<'a> {
    /// Returns the initiate tag of an INIT or INIT ACK.
    pub(super) fn initiate_tag(self) -> Option<u32> {
        u32_at(self.value, 0)
    }

    /// Returns whether the fixed part of an INIT or INIT ACK is complete and has no forbidden zero (RFC 9260 section
    /// 3.3.2).
    pub(super) fn is_sound_init(self) -> bool {
        let streams = |at| u16_at(self.value, at).is_some_and(|streams| streams != 0);
        self.value.len() >= INIT_FIXED && self.initiate_tag() != Some(0) && streams(8) && streams(10)
    }

    /// Returns the state cookie in an INIT ACK.
    pub(super) fn init_cookie(self) -> Option<&'a [u8]> {
        self.init_parameters()
            .find(|parameter| parameter.kind == STATE_COOKIE)
            .map(|parameter| parameter.value)
    }

    fn init_parameters(self) -> Parameters<'a> {
        Parameters(self.value.get(INIT_FIXED..).unwrap_or_default())
    }
}

struct Parameters<'a>(&'a [u8]);

struct Parameter<'a> {
    kind: u16,
    value: &'a [u8],
    raw: &'a [u8],
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Parameter<'a>;

    fn next(&mut self) -> Option<Parameter<'a>> {
        let kind = u16_at(self.0, 0)?;
        let raw = take_framed(&mut self.0)?;
        Some(Parameter {
            kind,
            value: raw.get(CHUNK_HEADER..)?,
            raw,
        })
    }
}

/// Splits off a chunk or parameter by the length in its bytes 2 and 3, and skips its padding.
fn take_framed<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::from(u16_at(bytes, 2)?);
    let raw = bytes.get(..length).filter(|_| length >= CHUNK_HEADER)?;
    *bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some(raw)
}

/// Builds a packet with these chunks, which must already be padded.
pub(super) fn build(header: Header, chunks: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(COMMON_HEADER + chunks.len());
    packet.extend(header.source_port.to_be_bytes());
    packet.extend(header.destination_port.to_be_bytes());
    packet.extend(header.tag.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(chunks);
    let checksum = checksum(&packet);
    packet[8..COMMON_HEADER].copy_from_slice(&checksum.to_le_bytes());
    packet
}

pub(super) fn abort(header: Header, flags: u8, causes: &[u8]) -> Vec<u8> {
    build(header, &tlv_chunk(chunk::ABORT, flags, causes))
}

pub(super) fn shutdown_complete(header: Header, flags: u8) -> Vec<u8> {
    build(header, &tlv_chunk(chunk::SHUTDOWN_COMPLETE, flags, &[]))
}

/// Builds a HEARTBEAT (RFC 9260 section 3.3.5) with the given information.
pub(super) fn heartbeat(header: Header, info: u64) -> Vec<u8> {
    build(
        header,
        &tlv_chunk(chunk::HEARTBEAT, 0, &tlv(HEARTBEAT_INFO, &info.to_be_bytes())),
    )
}

/// Builds an ERROR that reports by how many microseconds a cookie is too old (RFC 9260 section 3.3.10.3).
pub(super) fn stale_cookie(header: Header, staleness: u32) -> Vec<u8> {
    build(
        header,
        &tlv_chunk(
            chunk::ERROR,
            0,
            &tlv(cause::STALE_COOKIE, &staleness.to_be_bytes()),
        ),
    )
}

/// Builds a parameter or error cause.
pub(super) fn tlv(kind: u16, value: &[u8]) -> Vec<u8> {
    let [high, low] = kind.to_be_bytes();
    framed([high, low], value)
}

fn tlv_chunk(kind: u8, flags: u8, value: &[u8]) -> Vec<u8> {
    framed([kind, flags], value)
}

/// The length of what we build ourselves easily fits into 16 bits, and what we rewrite arrived in a UDP datagram and
/// grows only a little.
fn framed(start: [u8; 2], value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(CHUNK_HEADER + value.len()).unwrap_or(u16::MAX);
    [&start[..], &length.to_be_bytes(), value].concat()
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Computes the CRC32c over the packet with a checksum field of zero (RFC 9260 appendix A).
fn checksum(packet: &[u8]) -> u32 {
    let (before, rest) = packet.split_at(packet.len().min(8));
    let after = rest.get(4..).unwrap_or_default();
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(before), &[0; 4]), after)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: Header = Header {
        source_port: 3863,
        destination_port: 9901,
        tag: 0x0102_0304,
    };

    #[test]
    fn a_built_packet_is_read_back_and_a_broken_checksum_is_noticed() {
        let mut packet = abort(HEADER, TAG_REFLECTED, &tlv(cause::OUT_OF_RESOURCE, &[]));
        let view = PacketView::parse(&packet).unwrap();
        assert_eq!(view.header, HEADER);
        let chunk = view.chunks().next().unwrap();
        assert_eq!(
            (chunk.kind, chunk.flags, chunk.value),
            (chunk::ABORT, TAG_REFLECTED, &[0, 4, 0, 4][..])
        );
        packet[13] ^= 1;
        assert!(PacketView::parse(&packet).is_none());
    }

    #[test]
    fn the_cookie_of_an_init_ack_is_replaced_and_its_neighbours_are_kept() {
        let neighbour = padded(&tlv(0x8008, &[192, 193, 130]));
        let value = [
            &[1; INIT_FIXED][..],
            &neighbour,
            &padded(&tlv(STATE_COOKIE, b"small")),
            &neighbour,
        ]
        .concat();
        let packet = build(HEADER, &padded(&tlv_chunk(chunk::INIT_ACK, 0, &value)));
        let packet = PacketView::parse(&packet)
            .unwrap()
            .with_cookie(b"a larger cookie");
        let view = PacketView::parse(&packet).unwrap();
        let chunk = view.chunks().next().unwrap();
        assert_eq!(chunk.init_cookie(), Some(&b"a larger cookie"[..]));
        assert_eq!(
            chunk
                .init_parameters()
                .filter(|parameter| parameter.raw == &neighbour[..7])
                .count(),
            2
        );
    }

    #[test]
    fn chunks_of_a_kind_can_be_taken_out() {
        let chunks = [
            tlv_chunk(chunk::SHUTDOWN, 0, &[0; 4]),
            tlv_chunk(chunk::COOKIE_ACK, 0, &[]),
        ]
        .concat();
        let packet = build(HEADER, &chunks);
        let view = PacketView::parse(&packet).unwrap();
        let rest = view.without(chunk::SHUTDOWN).unwrap();
        assert!(!PacketView::parse(&rest).unwrap().contains(&[chunk::SHUTDOWN]));
        assert!(
            PacketView::parse(&rest)
                .unwrap()
                .without(chunk::COOKIE_ACK)
                .is_none()
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            // A packet with these bytes and a correct checksum, so that more than the checksum is tested.
            let packet = build(HEADER, &bytes);
            for view in PacketView::parse(&packet).into_iter().chain(PacketView::parse(&bytes)) {
                for chunk in view.chunks() {
                    let _ = (chunk.is_sound_init(), chunk.init_cookie());
                }
                let _ = (view.without(chunk::SHUTDOWN), view.with_cookie(b"cookie"));
            }
        }
    }
}
