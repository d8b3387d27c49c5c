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

/// Writes packets as the payloads of IPv4 packets with this protocol number.
fn write(file: &Path, packets: &[(u8, Vec<u8>)]) {
    let header = PcapHeader {
        datalink: DataLink::RAW,
        ..PcapHeader::default()
    };
    let mut writer = PcapWriter::with_header(fs::File::create(file).unwrap(), header).unwrap();
    for (protocol, payload) in packets {
        let length = u16::try_from(20 + payload.len()).unwrap();
        let mut ip = made::unhex("4500 0000 0000 4000 4000 0000 c0000201 c0000202");
        ip[2..4].copy_from_slice(&length.to_be_bytes());
        ip[9] = *protocol;
        ip.extend(payload);
        let captured = PcapPacket::new(Duration::ZERO, ip.len() as u32, &ip);
        writer.write_packet(&captured).unwrap();
    }
}

/// Compares packets that were made for it, and returns how many fields were the same.
fn compare_made(packets: &[(u8, Vec<u8>)]) -> Option<usize> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    write(&file, packets);
    let comparison = compare(&file)?;
    assert!(comparison.different.is_empty(), "{:#?}", comparison.different);
    println!("{comparison:#?}");
    Some(comparison.same.values().sum())
}

const UDP: u8 = 17;
const SCTP: u8 = 132;

#[test]
fn chunks_of_every_type_are_as_an_analyser_sees_them() {
    let packets: Vec<_> = made::every_chunk()
        .into_iter()
        .map(|chunk| (SCTP, made::packet(1, &[chunk])))
        .collect();
    if let Some(same) = compare_made(&packets) {
        assert!(same > 500, "only {same} fields were the same");
    }
}

#[test]
fn all_test_vectors_are_as_an_analyser_sees_them() {
    let vectors = made::vectors();
    let valid = vectors.iter().filter(|vector| vector.is_valid).zip(0x100..);
    let packets: Vec<_> = valid
        .map(|(vector, tsn)| match vector.carrier {
            Carrier::Sctp(ppid) => (SCTP, made::packet(1, &[made::data(tsn, ppid, &vector.bytes)])),
            Carrier::StatusReport => {
                let length = u16::try_from(8 + vector.bytes.len()).unwrap();
                let head = [
                    made::unhex("8000 0b90"),
                    length.to_be_bytes().to_vec(),
                    vec![0; 2],
                ];
                (UDP, [head.concat(), vector.bytes.clone()].concat())
            }
        })
        .collect();
    if let Some(same) = compare_made(&packets) {
        assert!(same > 5000, "only {same} fields were the same");
    }
}
