//! How many packets reach a reader over the socket, how late, and what they cost who writes them.
//!
//! Ten components are read in rounds of 100 ms, as the supervisor does, with 5,000 packets a second in all.

use std::io::{BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use feed::{Carried, Direction, Fate, Packet, Packets, Timestamp, WallClock};
use live_capture::{Description, Hub, Server};
use pcap_file::pcapng::{Block, PcapNgReader};

const COMPONENTS: u32 = 10;
const ROUND: Duration = Duration::from_millis(100);
const ROUNDS: u32 = 100;
const PACKETS_OF_A_BATCH: u32 = 50;

fn main() {
    let hub = Hub::new("throughput");
    for component in 0..COMPONENTS {
        hub.name(component, &format!("component {component}"), "nothing");
    }
    let before = write(&hub);
    println!("without a listener: {before}");

    let description = Description {
        program: "throughput".to_owned(),
        scenario: "throughput".to_owned(),
        started: Timestamp::now(),
    };
    let server = Server::start(hub.clone(), description).expect("there can be a socket");
    let mut socket = UnixStream::connect(server.path()).expect("it accepts connections");
    socket
        .write_all(b"{\"version\":1,\"want\":\"stream\"}\n")
        .expect("it reads requests");
    let reader = std::thread::spawn(move || read(socket));
    while hub.listeners().is_empty() {
        std::thread::yield_now();
    }
    let with_one = write(&hub);
    println!("with a listener:    {with_one}");
    let status = hub.listeners();
    drop(server);
    hub.finish();
    let mut read = reader.join().expect("it reads pcapng");
    println!(
        "packets: {} written, {} read, {} lost",
        COMPONENTS * ROUNDS * PACKETS_OF_A_BATCH,
        read.len(),
        status.iter().map(|listener| listener.lost).sum::<u64>(),
    );
    let backwards = read
        .windows(2)
        .filter(|pair| pair[1].at_us < pair[0].at_us)
        .count();
    println!("out of order: {backwards}");
    for (what, of) in [
        (
            "happening",
            (|packet| packet.since_happening_us) as fn(&Read) -> u64,
        ),
        ("being written", |packet| packet.since_writing_us),
    ] {
        read.sort_unstable_by_key(of);
        let percentile = |percent: usize| {
            let at = (read.len() * percent / 100).min(read.len() - 1);
            of(&read[at]) as f64 / 1e3
        };
        println!(
            "from {what} to being read: median {:.1} ms, 99th percentile {:.1} ms, longest {:.1} ms",
            percentile(50),
            percentile(99),
            percentile(100),
        );
    }
}

/// Writes for ten seconds, and tells what that costs.
fn write(hub: &Hub) -> String {
    let begin = Instant::now();
    let mut spent = Duration::ZERO;
    for round in 0..ROUNDS {
        let due = begin + ROUND * round;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        for component in 0..COMPONENTS {
            let packets = batch(component);
            let before = Instant::now();
            hub.write(component, 0, &packets);
            spent += before.elapsed();
        }
    }
    let writes = COMPONENTS * ROUNDS;
    format!(
        "{:.2} us for each of {writes} calls of {PACKETS_OF_A_BATCH} packets, {:.4} % of the time",
        spent.as_secs_f64() * 1e6 / f64::from(writes),
        spent.as_secs_f64() / begin.elapsed().as_secs_f64() * 100.0,
    )
}

/// The packets of a component since the latest round, which say when they were written.
fn batch(component: u32) -> Packets {
    let now = Timestamp::now();
    let mut bytes = [component as u8; 200];
    bytes[192..].copy_from_slice(&now.as_micros().to_be_bytes());
    let packets = (0..PACKETS_OF_A_BATCH).rev().map(|number| Packet {
        at: now - ROUND * number / PACKETS_OF_A_BATCH,
        direction: Direction::Sent,
        carried: Carried::Sctp,
        source: ([127, 0, 1, component as u8], 9899).into(),
        destination: ([127, 0, 0, 1], 9899).into(),
        fate: Fate::Passed,
        corrupted: false,
        delay: Duration::ZERO,
        bytes: &bytes[..],
    });
    packets.collect()
}

/// A packet that was read.
struct Read {
    at_us: u64,
    since_happening_us: u64,
    since_writing_us: u64,
}

/// Reads all packets.
fn read(socket: UnixStream) -> Vec<Read> {
    let mut reader = PcapNgReader::new(BufReader::new(socket)).expect("it is pcapng");
    let mut read = Vec::new();
    while let Some(block) = reader.next_block() {
        if let Ok(Block::EnhancedPacket(packet)) = block {
            let now = Timestamp::now();
            let at_us = packet.timestamp.as_micros() as u64;
            let written = packet.data.last_chunk().copied().map_or(0, u64::from_be_bytes);
            read.push(Read {
                at_us,
                since_happening_us: WallClock::sample().unix_us(now).saturating_sub(at_us),
                since_writing_us: now.as_micros().saturating_sub(written),
            });
        }
    }
    read
}
