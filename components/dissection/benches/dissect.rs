//! How fast packets and messages are taken apart, and their values written.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dissection::{Data, Packet, Tree, dissect_message, dissect_packet};
use wire::Ppid;

/// The size of the headers in front of SCTP in the captures: Ethernet and IPv4.
const HEADERS: usize = 34;

/// Returns the SCTP packets of a capture.
fn packets(file: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../wire/tests/captures")
        .join(file);
    let bytes = std::fs::read(path).expect("a capture");
    let mut reader = pcap_file::pcap::PcapReader::new(bytes.as_slice()).expect("a capture");
    let mut packets = Vec::new();
    while let Some(packet) = reader.next_packet() {
        let data = packet.expect("a packet").data;
        let end = data
            .get(16..18)
            .map(|length| usize::from(length[0]) << 8 | usize::from(length[1]));
        if let (Some(132), Some(end)) = (data.get(23), end) {
            packets.extend(data.get(HEADERS..14 + end).map(<[u8]>::to_vec));
        }
    }
    packets
}

fn dissect(criterion: &mut Criterion) {
    for file in ["e-enrp-sync.pcap", "c-fractal-session.pcap"] {
        let packets = packets(file);
        let bytes = packets.iter().map(|packet| packet.len() as u64).sum();
        let mut group = criterion.benchmark_group(file);
        group.throughput(Throughput::Bytes(bytes));
        let mut tree = Tree::default();
        group.bench_function("packets and messages", |bencher| {
            bencher.iter(|| {
                for packet in &packets {
                    take_apart(packet, &mut tree);
                    black_box(&tree);
                }
            });
        });
        let mut text = String::new();
        group.bench_function("written as text", |bencher| {
            bencher.iter(|| {
                for packet in &packets {
                    tree.clear();
                    dissect_packet(packet, packet.len(), &mut tree);
                    text.clear();
                    for field in &tree.fields {
                        let _written = write!(text, "{}: {}", field.term.label, field.value_of(packet));
                    }
                    black_box(&text);
                }
            });
        });
        group.finish();
    }
}

/// Takes a packet apart, and the messages in it that are whole.
fn take_apart(packet: &[u8], tree: &mut Tree) {
    tree.clear();
    dissect_packet(packet, packet.len(), tree);
    let chunks = Packet::parse(packet).into_iter().flat_map(|packet| packet.chunks);
    for data in chunks.filter_map(|chunk| Data::of(&chunk)) {
        if data.begins && data.ends {
            dissect_message(Ppid(data.ppid), data.payload, tree);
        }
    }
}

criterion_group!(benches, dissect);
criterion_main!(benches);
