//! The packet tap, with its packets checked by a protocol analyser.

use std::net::IpAddr;
use std::process::Command;
use std::time::UNIX_EPOCH;

use transport::{
    AssociationConfig, BackEnd, Cause, Config, Direction, Impairment, Link, Message, Packet, Packets, Tap,
};

use crate::node::{Node, connected};

/// Link type of packets that begin with an IP header (LINKTYPE_RAW).
const RAW_IP: u32 = 101;

#[tokio::test]
async fn the_tap_shows_both_directions_and_counts_what_it_drops() {
    let (mut client, id, mut server, _) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    let (tap, mut packets) = Tap::new(1);
    client.transport.set_tap(Some(tap));
    client
        .transport
        .send(id, Message::new(0, b"look at me".to_vec()))
        .unwrap();
    server.message().await;
    let packet = packets.recv().await.unwrap();
    assert!(packet.source.1 == 9899 && packet.destination.1 == 9899);
    client.transport.shutdown(id);
    assert_eq!(client.down().await.1, Cause::Graceful);
    assert!(packets.dropped() > 0);
    client.transport.set_tap(None);
    while packets.recv().await.is_some() {}
}

#[tokio::test]
async fn the_tap_shows_nothing_of_what_a_cut_link_swallows() {
    let (mut client, id, _server, _) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    client
        .transport
        .set_impairment(Link::All, Impairment::CUT)
        .unwrap();
    let (tap, mut packets) = Tap::new(1000);
    client.transport.set_tap(Some(tap));
    assert_eq!(client.down().await, (id, Cause::Timeout));
    assert_eq!(packets.try_recv(), None);
}

#[tokio::test]
async fn tshark_decodes_the_packets_and_finds_their_checksums_good() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("SKIPPED: tshark is not installed, so nothing has checked our packets");
        return;
    }
    let (tap, mut packets) = Tap::new(10_000);
    let (mut client, mut server) = (
        Node::start(BackEnd::UserSpace),
        Node::start_with(BackEnd::UserSpace, Config::demo()),
    );
    client.transport.set_tap(Some(tap));
    // Not the port of a protocol that the analyser would try to dissect.
    let port = server.transport.listen(0).unwrap();
    let id = client.transport.connect(0, server.peer(port), None);
    client.up().await;
    let back = server.up().await;
    for length in [10, 100, 20_000] {
        client.send(id, Message::new(4711, vec![0x55; length])).await;
        server.message().await;
        server.send(back, Message::new(4712, vec![0xaa; length])).await;
        client.message().await;
    }
    client.transport.shutdown(id);
    assert_eq!(client.down().await.1, Cause::Graceful);
    let refused = client.transport.connect(0, server.peer(1), None);
    assert_eq!(client.down().await, (refused, Cause::Refused));

    let file = std::env::temp_dir().join(format!("transport-tap-{}.pcap", std::process::id()));
    std::fs::write(&file, pcap(&mut packets)).unwrap();
    let fields = |filter: &str| {
        let output = Command::new("tshark")
            .args([
                "-r",
                file.to_str().unwrap(),
                "-o",
                "sctp.checksum:CRC-32C",
                "-Y",
                filter,
            ])
            .args(["-T", "fields", "-e", "sctp.chunk_type"])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let (all, good) = (fields("sctp"), fields("sctp.checksum.status == 1"));
    let (malformed, bad) = (fields("_ws.malformed"), fields("sctp.checksum.status == 0"));
    std::fs::remove_file(&file).unwrap();
    // INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, DATA, SACK, SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE, ABORT.
    let kinds: std::collections::BTreeSet<&str> = all.split(['\n', ',']).collect();
    for kind in ["0", "1", "2", "3", "6", "7", "8", "10", "11", "14"] {
        assert!(kinds.contains(kind), "no chunk of type {kind} in {kinds:?}");
    }
    assert_eq!((all, malformed, bad), (good, String::new(), String::new()));
}

/// Returns the packets as a capture file, in IPv4 and UDP.
fn pcap(packets: &mut Packets) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 2 | 4 << 16, 0, 0, 262_144, RAW_IP] {
        file.extend(word.to_le_bytes());
    }
    let mut both = [false; 2];
    while let Some(packet) = packets.try_recv() {
        both[usize::from(packet.direction == Direction::Outgoing)] = true;
        let datagram = ip_datagram(&packet);
        let time = packet.time.duration_since(UNIX_EPOCH).expect("now is after 1970");
        for word in [
            time.as_secs() as u32,
            time.subsec_micros(),
            datagram.len() as u32,
            datagram.len() as u32,
        ] {
            file.extend(word.to_le_bytes());
        }
        file.extend(datagram);
    }
    assert_eq!(both, [true; 2]);
    file
}

fn ip_datagram(packet: &Packet) -> Vec<u8> {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (packet.source.0, packet.destination.0) else {
        panic!("not IPv4: {packet:?}")
    };
    let udp = (8 + packet.data.len()) as u16;
    let mut bytes = vec![0x45, 0];
    bytes.extend((20 + udp).to_be_bytes());
    bytes.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    bytes.extend(source.octets());
    bytes.extend(destination.octets());
    for field in [packet.source.1, packet.destination.1, udp, 0] {
        bytes.extend(field.to_be_bytes());
    }
    bytes.extend(&packet.data);
    bytes
}
