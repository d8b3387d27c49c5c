//! A million messages.

use recording::{Recording, ip};
use trace::{Clock, Copy, Place, Trace, Tracer};

const MESSAGES: usize = 1_000_000;

/// The packets of the carried recording over and over: each time with other verification tags, one after the other.
pub(crate) fn a_million() -> (Trace, Clock) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/failover-kill.pcapng.zst");
    let recording = Recording::open(&file).expect("the recording that the program carries");
    let chunks: Vec<_> = (0..recording.chunks().len())
        .map(|position| recording.read_chunk(position).expect("a chunk"))
        .collect();
    let from = recording.chunks()[0].from;
    let to = recording.chunks()[chunks.len() - 1].to;
    let mut tracer = Tracer::default();
    let mut took = std::time::Duration::ZERO;
    let before = resident();
    for round in 0_u32.. {
        for chunk in &chunks {
            for position in 0..chunk.packet_count() {
                let Some(packet) = chunk.packet(position) else {
                    continue;
                };
                let Some((opened, direction)) = ip::open(packet.bytes).zip(packet.direction) else {
                    continue;
                };
                let mut payload = opened.payload.to_vec();
                with_other_tags(&mut payload, round);
                let comment = packet
                    .comments()
                    .find_map(|comment| feed::Remark::parse(&comment));
                let copy = Copy {
                    place: Place {
                        chunk: round,
                        position: position as u32,
                    },
                    component: &packet.interface.name,
                    at: packet.at + (to - from) * round,
                    direction,
                    remark: comment.unwrap_or_default(),
                    packet: ip::Opened {
                        payload: &payload,
                        ..opened
                    },
                };
                let begun = std::time::Instant::now();
                tracer.take(&copy);
                took += begun.elapsed();
            }
        }
        if tracer.trace().messages.len() >= MESSAGES {
            break;
        }
    }
    let messages = tracer.trace().messages.len();
    println!(
        "{messages} messages, {} packets: {} ns and {} bytes per message",
        tracer.trace().packets.len(),
        took.as_nanos() / messages as u128,
        resident().saturating_sub(before) / messages as u64
    );
    let clock = Clock {
        wall_clock: recording.chunks()[0].header.wall_clock,
        begin: from,
    };
    (tracer.trace().clone(), clock)
}

/// Changes the verification tag, and the one that INIT and INIT ACK tell.
fn with_other_tags(packet: &mut [u8], round: u32) {
    let tells_one = matches!(packet.get(12), Some(1 | 2));
    for at in std::iter::once(4).chain(tells_one.then_some(16)) {
        let tag = packet.get_mut(at..).and_then(|rest| rest.first_chunk_mut());
        if let Some(tag) = tag.filter(|tag| **tag != [0; 4]) {
            *tag = u32::from_be_bytes(*tag).wrapping_add(round).to_be_bytes();
        }
    }
}

/// Returns the memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1_024
}
