//! Our trees against the dissectors of a protocol analyser, on captures of rsplib.
//!
//! Needs `tshark`. `POOLSCOPE_CAPTURES` may name a folder with more captures.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

mod analyser;
mod made;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use analyser::compare;
use made::Carrier;
use pcap_file::DataLink;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};

/// The folder with captures of rsplib.
fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/captures")
}

/// Returns the captures in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("pcap" | "pcapng"))
    });
    files.sort();
    assert!(!files.is_empty(), "there are captures in {}", folder.display());
    files
}

#[test]
fn every_field_that_an_analyser_names_is_in_our_tree_and_the_other_way_round() {
    let more = std::env::var_os("POOLSCOPE_CAPTURES").map(PathBuf::from);
    let mut same = 0;
    let mut different = Vec::new();
    for file in [captures()].iter().chain(&more).flat_map(|folder| files(folder)) {
        let Some(comparison) = compare(&file) else { return };
        println!("{}: {comparison:#?}", file.display());
        same += comparison.same.values().sum::<usize>();
        let name = file.display();
        different.extend(comparison.different.iter().map(|what| format!("{name}, {what}")));
    }
    assert!(different.is_empty(), "{different:#?}");
    assert!(same > 100_000, "only {same} fields were the same");
}

/// What is in front of the payload of a packet that was made.
#[derive(Debug, Clone, Copy)]
enum Head {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
    /// IPv4 and UDP, between these ports.
    Udp(u16, u16),
}

const UDP: u8 = 17;
const SCTP: u8 = 132;
/// The UDP port of SCTP over UDP (RFC 6951).
const SCTP_OVER_UDP: u16 = 9899;

impl Head {
    fn packet(self, payload: &[u8]) -> Vec<u8> {
        let length = payload.len() as u16;
        match self {
            Self::Ipv4 => ipv4(SCTP, payload),
            Self::Ipv6 => {
                let mut packet = made::unhex("60000000 0000 8440");
                packet[4..6].copy_from_slice(&length.to_be_bytes());
                packet.extend(made::unhex("20010db8000000000000000000000001"));
                packet.extend(made::unhex("20010db8000000000000000000000002"));
                packet.extend(payload);
                packet
            }
            Self::Udp(source, destination) => {
                let fields = [source, destination, 8 + length, 0].map(u16::to_be_bytes);
                ipv4(UDP, &[fields.as_flattened(), payload].concat())
            }
        }
    }
}

fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + payload.len()).unwrap();
    let mut packet = made::unhex("4500 0000 0000 4000 4000 0000 c0000201 c0000202");
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    packet[9] = protocol;
    packet.extend(payload);
    packet
}

/// Writes a capture of these packets, of which there is only the beginning if they are longer than `most`.
fn write(file: &Path, packets: &[Vec<u8>], most: usize) {
    let header = PcapHeader {
        datalink: DataLink::RAW,
        ..PcapHeader::default()
    };
    let mut writer = PcapWriter::with_header(fs::File::create(file).unwrap(), header).unwrap();
    for packet in packets {
        let captured = &packet[..packet.len().min(most)];
        let captured = PcapPacket::new(Duration::ZERO, packet.len() as u32, captured);
        writer.write_packet(&captured).unwrap();
    }
}

/// Compares packets that were made for it, and returns how many fields were the same.
fn compare_made(packets: &[Vec<u8>], most: usize) -> Option<usize> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    write(&file, packets, most);
    let comparison = compare(&file)?;
    println!("{comparison:#?}");
    assert!(comparison.different.is_empty(), "{:#?}", comparison.different);
    Some(comparison.same.values().sum())
}

const WHOLE: usize = 65535;

#[test]
fn chunks_of_every_type_are_as_an_analyser_sees_them() {
    let heads = [Head::Ipv4, Head::Ipv6, Head::Udp(SCTP_OVER_UDP, SCTP_OVER_UDP)];
    for head in heads {
        let packets: Vec<_> = made::every_chunk()
            .into_iter()
            .map(|chunk| head.packet(&made::packet(1, &[chunk])))
            .collect();
        let Some(same) = compare_made(&packets, WHOLE) else {
            return;
        };
        assert!(same > 500, "only {same} fields were the same");
        let Some(same) = compare_made(&packets, 80) else {
            return;
        };
        assert!(same > 200, "only {same} fields were the same");
    }
}

#[test]
fn all_test_vectors_are_as_an_analyser_sees_them() {
    let vectors = made::vectors();
    let valid = vectors.iter().filter(|vector| vector.is_valid).zip(0x100..);
    let packets: Vec<_> = valid
        .map(|(vector, tsn)| match vector.carrier {
            Carrier::Sctp(ppid) => {
                Head::Ipv4.packet(&made::packet(1, &[made::data(tsn, ppid, &vector.bytes)]))
            }
            Carrier::StatusReport => Head::Udp(0x8000, 2960).packet(&vector.bytes),
        })
        .collect();
    if let Some(same) = compare_made(&packets, WHOLE) {
        assert!(same > 5000, "only {same} fields were the same");
    }
}
