//! Parts of recordings.

use std::time::Duration;

use feed::{Direction, Timestamp, WallClock};
use recording::{ChunkHeader, Form, Keyframing, Packet, Properties, RecordKind, Recording, Writer, ip};

use super::{Seen, address, seen};
use crate::{Copies, Saved, Selection, View, save_span};

const BEGIN: Timestamp = Timestamp::from_micros(31_536_000_000_000);

fn at(ms: u64) -> Timestamp {
    BEGIN + Duration::from_millis(ms)
}

/// A recording of three chunks of ten seconds, in each of which a registrar sends something to two others.
fn recording() -> Vec<u8> {
    let mut writer = Writer::new(Form::Compressed, 0).unwrap();
    let mut file = Vec::new();
    for chunk in 0..3 {
        let begun = 10_000 * u64::from(chunk);
        let header = ChunkHeader {
            begun: at(begun),
            // Somebody sets the clock meanwhile.
            wall_clock: WallClock::showing(Duration::from_secs(1_000 * (1 + u64::from(chunk))), at(begun)),
            contents: 1,
            program: "Poolscope 0.1.0".to_owned(),
            host: "here".to_owned(),
        };
        writer.begin_chunk(&header, &mut file).unwrap();
        let whole = Properties::keyframe(Keyframing::Whole);
        writer.record(RecordKind(1), whole, at(begun), b"state").unwrap();
        let interfaces = [("R", "registrar"), ("PE 1", "pool element"), ("PE 2", "")]
            .map(|(name, description)| writer.interface(name, description));
        let mut add = |ms, number: usize, from, to, byte, missing| {
            let sends = from == number + 1;
            let [source, destination] = [from, to].map(|host| address(host as u8, 9899));
            let packet = Packet {
                interface: interfaces[number],
                at: at(begun + ms),
                direction: if sends {
                    Direction::Sent
                } else {
                    Direction::Received
                },
                bytes: &ip::sctp_over_udp(source, destination, &[chunk, byte]),
                comment: (byte == 3).then_some("a remark"),
                missing,
            };
            writer.packet(packet).unwrap();
        };
        add(10, 0, 1, 2, 1, 0);
        add(11, 1, 1, 2, 2, 0);
        add(20, 0, 1, 3, 3, 4);
        add(21, 2, 1, 3, 4, 0);
        add(30, 0, 2, 1, 5, 0);
        writer.flush(&mut file).unwrap();
    }
    writer.finish_chunk(&mut file).unwrap();
    file
}

fn saved(span: std::ops::RangeInclusive<Timestamp>, selection: Selection<String>) -> Vec<Seen> {
    viewed(
        span,
        View {
            selection,
            copies: Copies::Each,
        },
    )
}

fn viewed(span: std::ops::RangeInclusive<Timestamp>, view: View<String>) -> Vec<Seen> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("part.pcapng");
    let recording = Recording::of("recording", recording()).unwrap();
    let Saved { packets, left_out } = save_span(&recording, &span, view, &path).unwrap();
    let seen = seen(&std::fs::read(&path).unwrap());
    assert_eq!((packets, left_out), (seen.len() as u64, 0));
    seen
}

fn bytes(seen: &[Seen]) -> Vec<u8> {
    seen.iter().map(|seen| seen.last_byte).collect()
}

#[test]
fn a_span_has_the_packets_between_two_times_with_names_and_comments() {
    let all = saved(at(0)..=at(60_000), Selection::Everything);
    assert_eq!(bytes(&all), [1, 2, 3, 4, 5].repeat(3));
    assert_eq!((&*all[1].interface, all[1].is_sent), ("PE 1", false));
    assert_eq!(
        (&all[2].comments[..], all[2].missing),
        (&["a remark".to_owned()][..], 4)
    );
    // The second copy of each packet is left out, but for what its sender did not say.
    let once = viewed(at(0)..=at(9_999), Selection::Everything.into());
    assert_eq!(bytes(&once), [1, 3, 5]);
    // Both ends belong to it, and it may lie in two chunks.
    assert_eq!(
        bytes(&saved(at(21)..=at(10_011), Selection::Everything)),
        [4, 5, 1, 2]
    );
    assert_eq!(saved(at(31)..=at(9_000), Selection::Everything), []);
}

#[test]
fn a_span_of_components_or_of_a_link_has_their_packets_only() {
    let span = || at(10_000)..=at(19_999);
    let components = Selection::Components(["PE 1".to_owned(), "PE 2".to_owned()].into());
    assert_eq!(bytes(&saved(span(), components)), [2, 4]);
    let link = |at: &str, with: &str| Selection::Link {
        at: at.to_owned(),
        with: with.to_owned(),
    };
    let first = saved(span(), link("R", "PE 1"));
    assert_eq!(bytes(&first), [1, 5]);
    // What is missing may have been between these.
    assert_eq!(first[1].missing, 4);
    assert_eq!(bytes(&saved(span(), link("PE 2", "R"))), [4]);
    assert_eq!(bytes(&saved(span(), link("PE 2", "PE 1"))), [0; 0]);
}

#[test]
fn what_cannot_be_written_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.pcapng.zst");
    std::fs::write(&path, recording()).unwrap();
    let recording = Recording::open(&path).unwrap();
    let span = at(0)..=at(60_000);
    let told = save_span(&recording, &span, Selection::Everything, &path).unwrap_err();
    assert!(told.to_string().contains("itself"), "{told}");
    let missing = folder.path().join("no/folder");
    save_span(&recording, &span, Selection::Everything, &missing).unwrap_err();
    assert_eq!(Recording::open(&path).unwrap().chunks().len(), 3);
}
