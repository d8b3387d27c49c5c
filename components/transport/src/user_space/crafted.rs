//! Handcrafted packets, as sent by strangers and odd peers, and the content of the responses.

use std::time::Instant;

use super::hosts::{Host, PORT};
use super::packet::{self, Chunk, Header, PacketView, TAG_REFLECTED, chunk};

/// Address and UDP port of a stranger without an association.
pub(super) const STRANGER: ([u8; 4], u16) = ([127, 0, 0, 66], 9899);

/// A chunk type, and whether the T bit is set.
pub(super) type Kind = (u8, bool);

/// Returns the first chunk of a packet.
pub(super) fn first_chunk(packet: &[u8]) -> Chunk<'_> {
    let packet = PacketView::parse(packet).expect("a packet with a good checksum");
    packet.chunks().next().expect("a chunk")
}

/// Returns the first chunks of packets.
pub(super) fn kinds(packets: &[Vec<u8>]) -> Vec<Kind> {
    let kind = |packet: &Vec<u8>| {
        let chunk = first_chunk(packet);
        (chunk.kind, chunk.flags & TAG_REFLECTED != 0)
    };
    packets.iter().map(kind).collect()
}

/// Returns a chunk, padded.
pub(super) fn chunk_of(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).expect("a chunk of less than 64 kB");
    let mut chunk = [&[kind, 0], &length.to_be_bytes()[..], value].concat();
    chunk.resize(chunk.len().next_multiple_of(4), 0);
    chunk
}

pub(super) fn init(initiate_tag: u32, parameters: &[u8]) -> Vec<u8> {
    let fixed = [
        &initiate_tag.to_be_bytes()[..],
        &65_536_u32.to_be_bytes(),
        &[0, 5, 0, 5],
        &[0, 0, 0, 1],
    ]
    .concat();
    chunk_of(chunk::INIT, &[fixed, parameters.to_vec()].concat())
}

/// Returns the header of a packet from port 5000 to the port on which hosts listen.
pub(super) fn header(tag: u32) -> Header {
    Header {
        source_port: 5000,
        destination_port: PORT,
        tag,
    }
}

/// Returns a packet from port 5000.
pub(super) fn packet_of(tag: u32, chunks: &[u8]) -> Vec<u8> {
    packet::build(header(tag), chunks)
}

/// Makes a client send INIT and COOKIE ECHO, and returns the latter undelivered.
pub(super) fn cookie_echo(now: Instant, client: &mut Host, server: &mut Host) -> Vec<u8> {
    client.connect(now, 5000, server);
    let init = client.sent().remove(0).data;
    let init_ack = server.receive(now, client.address, &init).remove(0);
    client.receive(now, server.address, &init_ack).remove(0)
}
