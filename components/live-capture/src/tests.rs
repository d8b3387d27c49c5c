//! Listeners of a hub.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use feed::{Carried, Direction, Fate, Packet, Packets, Timestamp};
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption;
use pcap_file::pcapng::{Block, PcapNgReader};

use crate::queue::Queue;
use crate::{Hub, ListenError, Selection};

mod server;
mod span;

/// How long a test waits before it gives up: far longer than anything ever takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A packet as a reader of pcapng sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    interface: String,
    last_byte: u8,
    is_sent: bool,
    comments: Vec<String>,
    missing: u64,
}

fn seen(pcapng: &[u8]) -> Vec<Seen> {
    let mut reader = PcapNgReader::new(pcapng).unwrap();
    let (mut interfaces, mut packets) = (Vec::new(), Vec::new());
    while let Some(block) = reader.next_block() {
        match block.unwrap() {
            Block::InterfaceDescription(interface) => {
                let name = interface.options.iter().find_map(|option| match option {
                    InterfaceDescriptionOption::IfName(name) => Some(name.to_string()),
                    _ => None,
                });
                interfaces.push(name.unwrap());
            }
            Block::EnhancedPacket(packet) => {
                let mut next = Seen {
                    interface: interfaces[packet.interface_id as usize].clone(),
                    last_byte: *packet.data.last().unwrap(),
                    is_sent: false,
                    comments: Vec::new(),
                    missing: 0,
                };
                for option in &packet.options {
                    match option {
                        EnhancedPacketOption::Comment(comment) => next.comments.push(comment.to_string()),
                        EnhancedPacketOption::Flags(flags) => next.is_sent = flags & 3 == 2,
                        EnhancedPacketOption::DropCount(count) => next.missing = *count,
                        _ => {}
                    }
                }
                packets.push(next);
            }
            other => panic!("{other:?}"),
        }
    }
    packets
}

fn address(host: u8, port: u16) -> SocketAddr {
    ([127, 0, 0, host], port).into()
}

fn packet(at: Timestamp, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) -> Packet<&[u8]> {
    Packet {
        at,
        direction: Direction::Sent,
        carried: Carried::Sctp,
        source,
        destination,
        fate: Fate::Passed,
        corrupted: false,
        delay: Duration::ZERO,
        bytes,
    }
}

fn received(packet: Packet<&[u8]>) -> Packet<&[u8]> {
    Packet {
        direction: Direction::Received,
        ..packet
    }
}

fn one(packet: Packet<&[u8]>) -> Packets {
    std::iter::once(packet).collect()
}

/// Lets something listen, and returns what reads all that it is given.
fn listen(hub: &Hub, selection: Selection) -> std::thread::JoinHandle<Vec<u8>> {
    let (mut reader, writer) = UnixStream::pair().unwrap();
    hub.listen(writer.into(), "a test", selection).unwrap();
    std::thread::spawn(move || {
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        all
    })
}

#[test]
fn packets_of_all_components_come_in_the_order_of_their_times_with_names_and_comments() {
    let hub = Hub::new("a test");
    hub.name(7, "PE 1", "pool element");
    let reader = listen(&hub, Selection::Everything);
    let now = Timestamp::now();
    let before = |ms| now - Duration::from_millis(ms);
    let [a, b] = [address(1, 9899), address(2, 9899)];
    hub.comment(before(35), Some(7), "it was killed");
    let late = [
        packet(before(30), a, b, &[3]),
        received(packet(before(20), address(3, 9899), a, &[4])),
    ];
    hub.write(7, 2, &late.into_iter().collect());
    let lost = Packet {
        fate: Fate::Lost,
        ..packet(before(40), b, a, &[2])
    };
    // What is missing is told with the next packet that there is.
    hub.write(8, 5, &Packets::default());
    hub.write(
        8,
        1,
        &[packet(before(50), b, a, &[1]), lost].into_iter().collect(),
    );
    // The sender has reported it; but not that it was lost.
    let arrived = received(packet(before(50), b, a, &[1]));
    let lost = Packet {
        fate: Fate::Lost,
        ..received(packet(before(10), b, a, &[5]))
    };
    hub.write(9, 0, &[arrived, lost].into_iter().collect());
    hub.finish();
    let seen = seen(&reader.join().unwrap());
    let shown: Vec<_> = seen
        .iter()
        .map(|seen| (seen.last_byte, &*seen.interface, seen.is_sent, seen.missing))
        .collect();
    assert_eq!(
        shown,
        [
            (1, "component 8", true, 6),
            (2, "component 8", true, 0),
            (3, "PE 1", true, 2),
            (4, "PE 1", false, 0),
            (5, "component 9", false, 0),
        ]
    );
    assert!(seen[1].comments[0].contains("never sent"));
    assert_eq!(seen[2].comments, ["it was killed"]);
    assert!(seen[0].comments.is_empty() && seen[3].comments.is_empty());
}

#[test]
fn a_link_shows_what_its_first_end_sees_of_the_other() {
    let hub = Hub::new("a test");
    let reader = listen(&hub, Selection::Link { at: 1, with: 2 });
    let now = Timestamp::now();
    // Another component is on the same host, and the group is not that of the other end.
    let [a, b, other, group] = [
        address(1, 9899),
        address(2, 9899),
        address(2, 9900),
        ([239, 0, 0, 1], 3863).into(),
    ];
    let of_one = [
        packet(now, a, b, &[1]),
        packet(now, a, other, &[2]),
        received(packet(now, b, a, &[3])),
        packet(now, a, group, &[4]),
    ];
    hub.write(1, 0, &of_one.into_iter().collect());
    // The first end was read before, but not long enough.
    hub.write(2, 0, &one(received(packet(now, a, b, &[1]))));
    hub.write(3, 0, &one(received(packet(now, a, other, &[2]))));
    hub.finish();
    let bytes: Vec<_> = seen(&reader.join().unwrap())
        .iter()
        .map(|seen| seen.last_byte)
        .collect();
    assert_eq!(bytes, [1, 3]);
}

#[test]
fn a_link_to_a_component_that_is_silent_is_shown_if_its_address_was_told() {
    let hub = Hub::new("a test");
    let [a, b] = [address(1, 9899), address(2, 9899)];
    hub.address(2, b);
    let reader = listen(&hub, Selection::Link { at: 1, with: 2 });
    hub.write(1, 0, &one(packet(Timestamp::now(), a, b, &[1])));
    hub.finish();
    assert_eq!(seen(&reader.join().unwrap()).len(), 1);
}

#[test]
fn selected_components_are_shown_and_no_others_nor_their_comments() {
    let hub = Hub::new("a test");
    let reader = listen(&hub, Selection::Components([1, 3].into()));
    let now = Timestamp::now();
    for component in 1..=4 {
        hub.comment(now, Some(component.into()), &format!("of {component}"));
        let bytes = [component];
        hub.write(
            component.into(),
            0,
            &one(packet(now, address(1, 1), address(2, 2), &bytes)),
        );
    }
    hub.finish();
    let seen = seen(&reader.join().unwrap());
    let shown: Vec<_> = seen
        .iter()
        .map(|seen| (seen.last_byte, &seen.comments[..]))
        .collect();
    assert_eq!(
        shown,
        [(1, &["of 1".to_owned()][..]), (3, &["of 3".to_owned()][..])]
    );
}

#[test]
fn a_listener_that_does_not_read_holds_nothing_up_and_is_told_what_it_lost() {
    let hub = Hub::new("a test");
    let (mut reader, writer) = UnixStream::pair().unwrap();
    let listener = hub
        .listen(writer.into(), "a slow one", Selection::Everything)
        .unwrap();
    let other = listen(&hub, Selection::Components([2].into()));
    let bytes = [7; 60_000];
    let packets = one(packet(Timestamp::now(), address(1, 1), address(2, 2), &bytes));
    // Far more than there is room for, and than the socket takes.
    let written = 3 * (Queue::ROOM / bytes.len()) as u64;
    for _ in 0..written {
        hub.write(1, 0, &packets);
    }
    hub.write(
        2,
        0,
        &one(packet(Timestamp::now(), address(2, 2), address(1, 1), &[2])),
    );
    let lost = listener.status().lost;
    assert!(lost > written / 2, "{lost} of {written}");
    // It goes on reading: once there is room, a packet comes that tells of the others.
    let reading = std::thread::spawn(move || {
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        all
    });
    let begun = Instant::now();
    while listener.status().packets + lost < written {
        assert!(begun.elapsed() < PATIENCE, "{:?}", listener.status());
        std::thread::yield_now();
    }
    hub.write(
        1,
        0,
        &one(packet(Timestamp::now(), address(1, 1), address(2, 2), &[1])),
    );
    hub.finish();
    let of_first: Vec<_> = seen(&reading.join().unwrap())
        .into_iter()
        .filter(|seen| seen.interface == "component 1")
        .collect();
    assert_eq!(of_first.len() as u64 + lost, written + 1);
    let last = of_first.last().unwrap();
    assert_eq!((last.last_byte, last.missing), (1, lost));
    assert!(last.comments[0].contains("not read in time"), "{last:?}");
    assert_eq!(seen(&other.join().unwrap()).len(), 1);
}

#[test]
fn a_listener_that_closes_is_removed_without_packets_or_with() {
    let hub = Hub::new("a test");
    let (pipe_reader, pipe_writer) = std::io::pipe().unwrap();
    let (reader, writer) = UnixStream::pair().unwrap();
    hub.listen(pipe_writer.into(), "a pipe", Selection::Everything)
        .unwrap();
    hub.listen(writer.into(), "a socket", Selection::Everything)
        .unwrap();
    assert_eq!(hub.listeners().len(), 2);
    drop((pipe_reader, reader));
    let begun = Instant::now();
    while !hub.listeners().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "{:?}", hub.listeners());
        std::thread::yield_now();
    }
    let (reader, writer) = std::io::pipe().unwrap();
    let listener = hub
        .listen(writer.into(), "a pipe", Selection::Everything)
        .unwrap();
    drop(reader);
    hub.write(
        1,
        0,
        &one(packet(Timestamp::now(), address(1, 1), address(2, 2), &[1])),
    );
    while !listener.status().ended {
        assert!(begun.elapsed() < PATIENCE, "{:?}", hub.listeners());
        std::thread::yield_now();
    }
    hub.finish();
}

#[test]
fn the_number_of_listeners_is_bounded_and_each_can_be_stopped() {
    let hub = Hub::new("a test");
    let mut pairs = Vec::new();
    let mut listeners = Vec::new();
    for _ in 0..Hub::MOST_LISTENERS {
        let (reader, writer) = UnixStream::pair().unwrap();
        listeners.push(
            hub.listen(writer.into(), "one of many", Selection::Everything)
                .unwrap(),
        );
        pairs.push(reader);
    }
    let (_reader, writer) = UnixStream::pair().unwrap();
    let told = hub.listen(writer.into(), "one too many", Selection::Everything);
    assert!(matches!(told, Err(ListenError::TooMany)), "{told:?}");
    for (listener, reader) in listeners.iter().zip(&mut pairs) {
        listener.stop();
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(seen(&all), []);
    }
    hub.finish();
}

#[test]
fn comments_that_wait_for_a_packet_are_bounded_and_the_latest_are_kept() {
    let hub = Hub::new("a test");
    let reader = listen(&hub, Selection::Components([1].into()));
    let now = Timestamp::now();
    for number in 0..2 * Queue::COMMENTS {
        hub.comment(now, None, &format!("{number} {}", "x".repeat(10_000)));
    }
    hub.write(1, 0, &one(packet(now, address(1, 1), address(2, 2), &[1])));
    hub.finish();
    let seen = seen(&reader.join().unwrap());
    let comments = &seen[0].comments;
    assert!(comments.len() <= Queue::COMMENTS);
    assert!(comments.iter().all(|comment| comment.len() <= 1_000));
    let last = format!("{} ", 2 * Queue::COMMENTS - 1);
    assert!(comments.last().unwrap().starts_with(&last));
}

#[test]
fn a_component_that_is_renamed_goes_on_under_its_new_name() {
    let hub = Hub::new("a test");
    let mut listening = UnixStream::pair().unwrap();
    hub.listen(listening.1.into(), "a test", Selection::Everything)
        .unwrap();
    let send = |byte| {
        let bytes = [byte];
        let packet = packet(Timestamp::now(), address(1, 1), address(2, 2), &bytes);
        hub.write(1, 0, &one(packet));
    };
    hub.name(1, "PE 1", "pool element");
    send(1);
    // It is encoded as a whole before its name changes.
    let mut all = Vec::new();
    while !all.windows(4).any(|bytes| bytes == b"PE 1") {
        let mut more = [0; 64];
        let read = listening.0.read(&mut more).unwrap();
        all.extend(&more[..read]);
    }
    hub.name(1, "PE one", "pool element");
    send(2);
    hub.finish();
    listening.0.read_to_end(&mut all).unwrap();
    let names: Vec<_> = seen(&all).into_iter().map(|seen| seen.interface).collect();
    assert_eq!(names, ["PE 1", "PE one"]);
}

#[test]
fn a_component_that_was_removed_is_not_listed_and_its_packets_keep_its_name() {
    let hub = Hub::new("a test");
    let reader = listen(&hub, Selection::Everything);
    hub.name(1, "PE 1", "pool element");
    hub.name(2, "PE 2", "pool element");
    let now = Timestamp::now();
    hub.write(1, 0, &one(packet(now, address(1, 1), address(2, 2), &[1])));
    hub.remove(1);
    let listed = || hub.components().into_iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(listed(), [2]);
    hub.name(1, "PE 1", "pool element");
    assert_eq!(listed(), [1, 2]);
    // However many come and go.
    for id in 1..5_000 {
        hub.name(id, "PE", "pool element");
        hub.remove(id);
    }
    hub.name(5_000, "PE", "pool element");
    assert_eq!(listed(), [5_000]);
    hub.finish();
    let seen = seen(&reader.join().unwrap());
    assert_eq!(seen.len(), 1);
}

#[test]
fn a_hub_that_ends_gives_up_those_who_do_not_read() {
    let hub = Hub::new("a test");
    let (mut reader, writer) = UnixStream::pair().unwrap();
    hub.listen(writer.into(), "a dead one", Selection::Everything)
        .unwrap();
    let bytes = [7; 60_000];
    let packets = one(packet(Timestamp::now(), address(1, 1), address(2, 2), &bytes));
    (0..100).for_each(|_| hub.write(1, 0, &packets));
    hub.finish();
    reader.write_all(b"nobody listens").unwrap_err();
}
