//! The packet tap, with its packets checked by a protocol analyser.

use std::net::IpAddr;
use std::process::Command;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use transport::{
    AssociationConfig, BackEnd, Cause, Config, Direction, Fate, ImpairedDirection, Impairment, Link, Message,
};

use crate::node::{Node, connected};
use crate::tapped::{Seen, Tapped};

/// Link type of packets that begin with an IP header (LINKTYPE_RAW).
const RAW_IP: u32 = 101;

#[tokio::test]
async fn what_one_end_sent_is_what_the_other_received_and_not_earlier() {
    let (mut client, id, server, _) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    let (near, far) = (Tapped::on(&client.transport), Tapped::on(&server.transport));
    for length in [10, 1_000, 30_000] {
        client.send(id, Message::new(0, vec![7; length])).await;
    }
    client.transport.shutdown(id);
    assert_eq!(client.down().await.1, Cause::Graceful);
    client.transport.set_tap(None);
    let (near, far) = (near.packets(), far.packets());
    let of = |packets: &[Seen], direction| -> Vec<Seen> {
        let packets = packets.iter().filter(|packet| packet.direction == direction);
        packets.cloned().collect()
    };
    for (sent, received) in [
        (of(&near, Direction::Outgoing), of(&far, Direction::Incoming)),
        (of(&far, Direction::Outgoing), of(&near, Direction::Incoming)),
    ] {
        // Heartbeats may have been under way at the beginning and at the end.
        let mut received = received.as_slice();
        let mut pairs = 0;
        for sent in &sent {
            assert_eq!(
                (sent.fate, sent.corrupted, sent.delay),
                (Fate::Passed, false, Duration::ZERO)
            );
            assert!(sent.source.port() == 9899 && sent.destination.port() == 9899);
            let same = received.iter().position(|received| received.data == sent.data);
            if let Some((arrived, later)) = same.and_then(|same| received[same..].split_first()) {
                assert!(sent.time <= arrived.time);
                assert_eq!(
                    (sent.source, sent.destination, arrived.fate),
                    (arrived.source, arrived.destination, Fate::Passed)
                );
                received = later;
                pairs += 1;
            }
        }
        assert!(pairs >= 3 && pairs + 2 >= sent.len(), "{pairs} of {}", sent.len());
    }
}

#[tokio::test]
async fn what_a_cut_link_swallows_is_shown_as_lost_and_nothing_arrives() {
    let (mut client, id, server, _) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    client
        .transport
        .set_impairment(Link::All, Impairment::CUT)
        .unwrap();
    let (near, far) = (Tapped::on(&client.transport), Tapped::on(&server.transport));
    client.transport.send(id, Message::new(0, vec![7; 9])).unwrap();
    assert_eq!(client.down().await, (id, Cause::Timeout));
    let near = near.packets();
    for direction in [Direction::Outgoing, Direction::Incoming] {
        assert!(
            near.iter().any(|packet| packet.direction == direction),
            "{near:?}"
        );
    }
    assert!(near.iter().all(|packet| packet.fate == Fate::Lost), "{near:?}");
    let far = far.packets();
    assert!(
        far.iter().all(|packet| packet.direction == Direction::Outgoing),
        "{far:?}"
    );
}

#[tokio::test]
async fn what_a_link_delays_or_corrupts_is_said_and_timed_when_it_leaves() {
    let (mut client, id, mut server, _) = connected(BackEnd::UserSpace, AssociationConfig::demo()).await;
    let delay = Duration::from_millis(30);
    let slow = Impairment {
        direction: ImpairedDirection::Outgoing,
        ..Impairment::delay(delay)
    };
    client.transport.set_impairment(Link::All, slow).unwrap();
    let (mut near, mut far) = (Tapped::on(&client.transport), Tapped::on(&server.transport));
    let now = clock_gettime(ClockId::Monotonic);
    let before = Duration::new(now.tv_sec as u64, now.tv_nsec as u32);
    client.send(id, Message::new(0, vec![7; 9])).await;
    server.message().await;
    let sent = near.packet(|packet| packet.delay == delay).await;
    assert_eq!((sent.direction, sent.fate), (Direction::Outgoing, Fate::Passed));
    let received = far.packet(|packet| packet.data == sent.data).await;
    assert!(before + delay <= sent.time && sent.time <= received.time);
    assert_eq!(received.delay, Duration::ZERO);

    let bad = Impairment {
        corruption: 1.0,
        ..Impairment::NONE
    };
    client.transport.set_impairment(Link::All, bad).unwrap();
    let corrupted = Tapped::on(&client.transport);
    client.transport.send(id, Message::new(0, vec![7; 9])).unwrap();
    assert_eq!(client.down().await, (id, Cause::Timeout));
    // What had been delayed before is not corrupted.
    let mut corrupted = corrupted.packets();
    corrupted.retain(|packet| packet.delay.is_zero());
    assert!(
        corrupted
            .iter()
            .all(|packet| packet.corrupted && packet.fate == Fate::Passed)
    );
    assert!(!corrupted.is_empty());
}

#[tokio::test]
async fn tshark_decodes_the_packets_and_finds_their_checksums_good() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("SKIPPED: tshark is not installed, so nothing has checked our packets");
        return;
    }
    let (mut client, mut server) = (
        Node::start(BackEnd::UserSpace),
        Node::start_with(BackEnd::UserSpace, Config::demo()),
    );
    let tapped = Tapped::on(&client.transport);
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
    std::fs::write(&file, pcap(&tapped.packets())).unwrap();
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
fn pcap(packets: &[Seen]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 2 | 4 << 16, 0, 0, 262_144, RAW_IP] {
        file.extend(word.to_le_bytes());
    }
    let mut both = [false; 2];
    for packet in packets {
        both[usize::from(packet.direction == Direction::Outgoing)] = true;
        let datagram = ip_datagram(packet);
        for word in [
            packet.time.as_secs() as u32,
            packet.time.subsec_micros(),
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

fn ip_datagram(packet: &Seen) -> Vec<u8> {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (packet.source.ip(), packet.destination.ip()) else {
        panic!("not IPv4: {packet:?}")
    };
    let udp = (8 + packet.data.len()) as u16;
    let mut bytes = vec![0x45, 0];
    bytes.extend((20 + udp).to_be_bytes());
    bytes.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    bytes.extend(source.octets());
    bytes.extend(destination.octets());
    for field in [packet.source.port(), packet.destination.port(), udp, 0] {
        bytes.extend(field.to_be_bytes());
    }
    bytes.extend(&packet.data);
    bytes
}
