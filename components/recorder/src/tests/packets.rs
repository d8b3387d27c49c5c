use std::sync::Arc;
use std::time::Duration;

use feed::{Carried, Direction, Fate, Packet, Packets, Timestamp};
use recording::Recording;

use super::{Unreliable, at, origin, quietly, start, whole};
use crate::status::Shared;
use crate::thread::{Orders, Writing};
use crate::{Destination, PacketInlet};

fn packet(at: Timestamp, bytes: Vec<u8>) -> Packet {
    Packet {
        at,
        direction: Direction::Sent,
        carried: Carried::Sctp,
        source: "127.0.0.1:9899".parse().unwrap(),
        destination: "127.0.0.2:9899".parse().unwrap(),
        fate: Fate::Passed,
        corrupted: false,
        delay: Duration::ZERO,
        bytes,
    }
}

fn packets(packets: &[Packet]) -> Packets {
    packets
        .iter()
        .map(|packet| packet.clone().map_bytes(|_| packet.bytes.as_slice()))
        .collect()
}

#[test]
fn what_has_been_written_makes_room_although_later_packets_wait() {
    let shared = Arc::new(Shared::new(quietly()));
    let mut writing = Writing::begin(Box::new(Unreliable::default()), origin(), Arc::clone(&shared)).unwrap();
    let (orders, inbox) = Orders::channel();
    let inlet = PacketInlet {
        orders,
        shared: Arc::clone(&shared),
    };
    let later = packet(Timestamp::now() + Duration::from_secs(60), vec![2; 16]);
    writing.carry_out(whole(0));
    inlet.write(7, 0, packets(&vec![packet(at(1), vec![1; 40_000]); 200]));
    inlet.write(7, 0, packets(&[later]));
    inbox.orders.try_iter().for_each(|order| writing.carry_out(order));
    assert!(shared.is_crowded());
    writing.flush(false);
    assert!(!shared.is_crowded());
    assert_eq!(shared.status().missing_packets, 0);
}

#[test]
fn packets_are_written_in_the_order_of_their_times_under_the_names_of_their_components() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.pcapng");
    let recorder = start(&Destination::File(path.clone()));
    recorder.name(7, "PE 1".into(), "pool element".into());
    let packet = |ms, byte| packet(at(ms), vec![byte; 16]);
    let inlet = recorder.packets();
    recorder.comment(at(15), "in between".into());
    inlet.write(7, 0, packets(&[packet(30, 3)]));
    inlet.write(8, 5, packets(&[packet(10, 1), packet(20, 2)]));
    drop(inlet);
    drop(recorder);
    let recording = Recording::open(&path).unwrap();
    let chunk = recording.read_chunk(0).unwrap();
    let packets: Vec<_> = chunk
        .packets()
        .map(|packet| {
            let last = packet.bytes.last().copied().unwrap();
            (packet.interface.name.clone(), packet.at, last, packet.missing)
        })
        .collect();
    let comments: Vec<_> = chunk.packets().map(|packet| packet.comments().count()).collect();
    assert_eq!(comments, [0, 1, 0]);
    let eight = "component 8".to_owned();
    assert_eq!(
        packets,
        [
            (eight.clone(), at(10), 1, 5),
            (eight, at(20), 2, 0),
            ("PE 1".to_owned(), at(30), 3, 0),
        ]
    );
}

#[test]
fn packets_that_are_missing_are_counted_and_told_as_one_gap_however_many() {
    let shared = Arc::new(Shared::new(quietly()));
    let mut writing = Writing::begin(Box::new(Unreliable::default()), origin(), Arc::clone(&shared)).unwrap();
    let (orders, inbox) = Orders::channel();
    let inlet = PacketInlet {
        orders,
        shared: Arc::clone(&shared),
    };
    writing.carry_out(whole(0));
    assert_eq!(shared.take_gap(), None);
    // None follows that could be preceded by them.
    inlet.write(7, 3, Packets::default());
    inlet.write(8, 4, packets(&[packet(at(1), vec![1; 16])]));
    inbox.orders.try_iter().for_each(|order| writing.carry_out(order));
    writing.flush(true);
    assert_eq!(shared.status().missing_packets, 7);
    let gap = shared.take_gap().unwrap();
    assert!(
        gap.since < gap.until && gap.why.starts_with("7 packets"),
        "{gap:?}"
    );
    // More would be told later, and not all of them can be counted.
    for _ in 0..2 {
        inlet.write(7, u64::MAX, packets(&[packet(at(2), vec![1; 16])]));
    }
    inbox.orders.try_iter().for_each(|order| writing.carry_out(order));
    writing.flush(true);
    assert_eq!(shared.take_gap(), None);
    assert_eq!(shared.status().missing_packets, u64::MAX);
}
