//! Extracts the messages from a capture: pcap, Ethernet, IPv4, then UDP datagrams and SCTP DATA chunks.
//!
//! Supports only what these captures need: little-endian pcap, no IP fragments, no fragmented SCTP user messages.
//! Anything else is an error in the capture, reported with the frame number.

use std::collections::BTreeSet;
use std::net::SocketAddrV4;

use wire::Ppid;

/// What carried a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// An SCTP user message.
    Sctp(Ppid),
    /// A UDP datagram.
    Udp,
}

/// One message of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Captured {
    /// The frame number, counted from 1 as in Wireshark.
    pub(crate) frame: usize,
    pub(crate) source: SocketAddrV4,
    pub(crate) destination: SocketAddrV4,
    pub(crate) carrier: Carrier,
    pub(crate) payload: Vec<u8>,
}

/// Returns all messages of the capture in this file, in the order in which they were first sent; frames without any
/// are skipped.
pub(crate) fn messages(file_name: &str) -> Vec<Captured> {
    let path = format!(
        "{}/../wire/tests/captures/{file_name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let capture = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut extraction = Extraction::default();
    for (index, frame) in frames(&capture).enumerate() {
        extraction.take_ethernet(index + 1, frame);
    }
    extraction.messages
}

fn u16_at(bytes: &[u8], offset: usize) -> u16 {
    u16::from_be_bytes(bytes[offset..offset + 2].try_into().unwrap())
}

fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes(bytes[offset..offset + 4].try_into().unwrap())
}

/// The frames of a pcap file: a header of 24 bytes, then per frame 16 bytes with its length at offset 8.
fn frames(capture: &[u8]) -> impl Iterator<Item = &[u8]> {
    assert_eq!(capture[..4], 0xa1b2_c3d4_u32.to_le_bytes(), "little-endian pcap");
    assert_eq!(capture[20..24], [1, 0, 0, 0], "Ethernet");
    let mut rest = &capture[24..];
    std::iter::from_fn(move || {
        let (header, frames) = rest.split_at_checked(16)?;
        let captured = u32_at(header, 8).swap_bytes();
        assert_eq!(header[8..12], header[12..16], "whole frames");
        let (frame, next) = frames.split_at(captured as usize);
        rest = next;
        Some(frame)
    })
}

#[derive(Default)]
struct Extraction {
    messages: Vec<Captured>,
    /// Ends, verification tag and TSN of each DATA chunk, for detecting retransmissions.
    seen: BTreeSet<(SocketAddrV4, SocketAddrV4, u32, u32)>,
}

impl Extraction {
    fn take_ethernet(&mut self, number: usize, frame: &[u8]) {
        const IPV4: u16 = 0x0800;
        const UDP: u8 = 17;
        const SCTP: u8 = 132;
        if u16_at(frame, 12) != IPV4 {
            return;
        }
        let packet = &frame[14..];
        let header_length = usize::from(packet[0] & 0x0f) * 4;
        let packet = &packet[..usize::from(u16_at(packet, 2))];
        // More Fragments, and the fragment's offset.
        assert_eq!(u16_at(packet, 6) & 0x3fff, 0, "frame {number} is a fragment");
        let protocol = packet[9];
        if !matches!(protocol, UDP | SCTP) {
            return;
        }
        let payload = &packet[header_length..];
        let end = |address, port| SocketAddrV4::new(u32_at(packet, address).into(), u16_at(payload, port));
        let ends = (end(12, 0), end(16, 2));
        if protocol == UDP {
            let length = usize::from(u16_at(payload, 4));
            self.add(number, ends, Carrier::Udp, &payload[8..length]);
        } else {
            self.take_chunks(number, ends, payload);
        }
    }

    fn take_chunks(&mut self, number: usize, ends: (SocketAddrV4, SocketAddrV4), packet: &[u8]) {
        const DATA: u8 = 0;
        let verification_tag = u32_at(packet, 4);
        let mut chunks = &packet[12..];
        while let Some(kind) = chunks.first() {
            let length = usize::from(u16_at(chunks, 2));
            if *kind == DATA {
                assert_eq!(chunks[1] & 0b11, 0b11, "frame {number} has a part of a message");
                let transmission = (ends.0, ends.1, verification_tag, u32_at(chunks, 4));
                if self.seen.insert(transmission) {
                    let carrier = Carrier::Sctp(Ppid(u32_at(chunks, 12)));
                    self.add(number, ends, carrier, &chunks[16..length]);
                }
            }
            chunks = chunks.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
    }

    fn add(
        &mut self,
        frame: usize,
        (source, destination): (SocketAddrV4, SocketAddrV4),
        carrier: Carrier,
        payload: &[u8],
    ) {
        self.messages.push(Captured {
            frame,
            source,
            destination,
            carrier,
            payload: payload.to_vec(),
        });
    }
}
