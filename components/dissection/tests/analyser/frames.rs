//! The packets of a capture file, and where in them things are.

use std::fs;
use std::path::Path;

use pcap_file::pcap::PcapReader;
use pcap_file::pcapng::{Block, PcapNgReader};
use roxmltree::Node;

use super::expected::{name, number};

/// Returns the packets of a file in either of the two formats, as captured.
pub(crate) fn read(file: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut frames = Vec::new();
    if bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
        let mut reader = PcapNgReader::new(bytes.as_slice()).unwrap();
        while let Some(block) = reader.next_block() {
            match block.unwrap() {
                Block::EnhancedPacket(packet) => frames.push(packet.data.into_owned()),
                Block::SimplePacket(packet) => frames.push(packet.data.into_owned()),
                _ => {}
            }
        }
    } else {
        let mut reader = PcapReader::new(bytes.as_slice()).unwrap();
        while let Some(packet) = reader.next_packet() {
            frames.push(packet.unwrap().data.into_owned());
        }
    }
    frames
}

/// Returns where the payload ends that begins here, as the header in front of it says.
pub(crate) fn end_of_payload(protocols: &[Node<'_, '_>], at: usize) -> usize {
    let before = protocols
        .iter()
        .take_while(|protocol| number(**protocol, "pos") < at);
    let lengths = before.filter_map(|protocol| {
        let (field, header) = match name(*protocol) {
            "ip" => ("ip.len", 0),
            "ipv6" => ("ipv6.plen", 40),
            "udp" => ("udp.length", 0),
            _ => return None,
        };
        let length = protocol.descendants().find(|node| name(*node) == field)?;
        let length: usize = length.attribute("show")?.parse().ok()?;
        Some(number(*protocol, "pos") + header + length)
    });
    lengths.last().expect("a header of IP or UDP")
}
