//! A recording that grows while it is looked at, and whose oldest parts are deleted.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use analysis::{Item, Wanted};
use feed::{Direction, Remark, WallClock};
use recording::{ChunkHeader, Form, Origin, Writer, ip};
use trace::{Fate, MessageId};

use crate::asked::Asked;
use crate::network::{LOST, Node, PASSED, PE, PU, Packet, at};

const TAG: u32 = 7;

struct Folder {
    folder: tempfile::TempDir,
    writer: Writer,
    file: PathBuf,
    ms: u64,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut new = Self {
            file: folder.path().join("none"),
            folder,
            writer: Writer::new(Form::Compressed, 0).expect("a writer"),
            ms: 0,
        };
        new.begin_file(0);
        new
    }

    fn origin(&self) -> Origin {
        Origin::Folder(self.folder.path().to_owned())
    }

    fn begin_file(&mut self, number: u32) {
        // The chunk before ends in the file before.
        self.write(|writer, out| writer.finish_chunk(out));
        self.file = self.folder.path().join(format!("{number:06}.pcapng.zst"));
        self.write(|writer, out| writer.begin_file("test", out));
        self.begin_chunk();
    }

    fn begin_chunk(&mut self) {
        let header = ChunkHeader {
            begun: at(self.ms),
            wall_clock: WallClock::sample(),
            contents: 1,
            program: "test".into(),
            host: "test".into(),
        };
        self.write(|writer, out| writer.begin_chunk(&header, out));
        // Chunks are told apart by their records.
        let (properties, time) = (recording::Properties::default(), at(self.ms));
        self.write(|writer, _| {
            writer
                .record(recording::RecordKind(99), properties, time, b"")
                .map(drop)
        });
    }

    fn write(&mut self, what: impl FnOnce(&mut Writer, &mut Vec<u8>) -> Result<(), recording::WriteError>) {
        let mut out = Vec::new();
        what(&mut self.writer, &mut out).expect("it is written");
        if !out.is_empty() {
            let file = OpenOptions::new().create(true).append(true).open(&self.file);
            file.and_then(|mut file| file.write_all(&out)).expect("a file");
        }
    }

    fn flush(&mut self) {
        self.write(Writer::flush);
    }

    fn passed(&mut self, packet: &Packet) {
        self.copy(Direction::Sent, packet, PASSED);
        self.copy(Direction::Received, packet, PASSED);
    }

    fn copy(&mut self, direction: Direction, packet: &Packet, remark: Remark) {
        let [source, destination] = [PU, PE].map(|node: Node| SocketAddr::new(node.address, 9899));
        let own = if direction == Direction::Sent { PU } else { PE };
        let comment = remark.sentence(direction);
        let interface = self.writer.interface(own.name, "");
        self.ms += 1;
        self.writer
            .packet(recording::Packet {
                interface,
                at: at(self.ms),
                direction,
                bytes: &ip::sctp_over_udp(source, destination, &packet.0),
                comment: comment.as_deref(),
                missing: 0,
            })
            .expect("a packet");
    }
}

fn message(tsn: u32) -> Packet {
    Packet::to(TAG).message(tsn, &format!("message {tsn}"))
}

fn items(numbers: impl IntoIterator<Item = u32>) -> Vec<Item> {
    numbers
        .into_iter()
        .map(|number| Item::Message(MessageId(number)))
        .collect()
}

#[test]
fn nothing_is_found_twice_and_nothing_is_lost() {
    let mut folder = Folder::new();
    let mut asked = Asked::about(folder.origin());
    let refresh = asked.analysis.refresher();
    let mut known = 0;
    for file in 1..4 {
        for _chunk in 0..3 {
            for _piece in 0..3 {
                folder.passed(&message(known));
                folder.passed(&message(known + 1));
                // The copies of this one are read at different times.
                folder.copy(Direction::Sent, &message(known + 2), PASSED);
                folder.flush();
                refresh();
                asked.traced(known as usize + 3);
                folder.copy(Direction::Received, &message(known + 2), PASSED);
                known += 3;
            }
            folder.begin_chunk();
        }
        folder.begin_file(file);
    }
    folder.passed(&message(known));
    folder.flush();
    refresh();
    let trace = asked.traced(known as usize + 1);
    for (position, message) in trace.messages.from(0) {
        assert_eq!((message.tsn, message.fate), (position as u32, Fate::Arrived));
        assert!(!message.again);
    }
    assert_eq!(trace.packets.len(), known as usize + 1);
    assert_eq!(asked.analysis.problem(), None, "that it is cut is no problem");
    asked.rows(Wanted::default(), &items(0..=known));
}

#[test]
fn the_oldest_are_left_out_when_there_are_too_many() {
    let mut folder = Folder::new();
    let write = |folder: &mut Folder, chunks: u32, first: u32| {
        for chunk in 0..chunks {
            for number in 0..10 {
                folder.passed(&message(first + 10 * chunk + number));
            }
            folder.begin_chunk();
        }
        folder.flush();
    };
    write(&mut folder, 10, 0);
    // Both copies of each message are packets of the recording.
    let mut asked = Asked::bounded(folder.origin(), 60);
    let trace = asked.traced(30);
    assert_eq!(trace.message(MessageId(0)).map(|message| message.tsn), Some(70));
    assert_eq!((asked.analysis.left_out(), asked.analysis.numbering()), (140, 1));
    write(&mut folder, 4, 100);
    asked.analysis.refresher()();
    asked.until("another beginning", |analysis| {
        analysis.numbering() == 2 && analysis.progress() >= 1.0
    });
    let trace = asked.analysis.trace();
    assert!(trace.packets.len() <= 60, "{}", trace.packets.len());
    let last = trace.messages.from(0).last().map(|(_, message)| message.tsn);
    assert_eq!(last, Some(139));
}

#[test]
fn rows_follow_what_becomes_of_their_messages() {
    let mut folder = Folder::new();
    let mut asked = Asked::about(folder.origin());
    let refresh = asked.analysis.refresher();
    for tsn in 0..6 {
        if tsn == 1 || tsn == 3 {
            folder.copy(Direction::Sent, &message(tsn), LOST);
        } else {
            folder.passed(&message(tsn));
        }
    }
    folder.flush();
    refresh();
    asked.traced(6);
    let wanted = |filter: &str| Wanted {
        filter: filter.into(),
        ..Wanted::default()
    };
    asked.rows(wanted("is:lost"), &items([1, 3]));
    folder.passed(&message(1).message(6, "next"));
    folder.flush();
    refresh();
    asked.rows(wanted("is:lost"), &items([3]));
    asked.rows(wanted("is:again"), &items([1]));
    folder.passed(&message(7));
    folder.passed(&message(3).message(8, "last"));
    folder.flush();
    refresh();
    asked.rows(wanted("is:again"), &items([1, 3]));
    asked.rows(wanted("-is:again -is:lost"), &items([0, 2, 4, 5, 6, 7, 8]));
}

#[test]
fn a_message_in_fragments_is_put_together_across_chunks() {
    let mut folder = Folder::new();
    folder.copy(Direction::Sent, &Packet::to(TAG).fragment(1, 0b10, "one "), LOST);
    folder.begin_chunk();
    folder.passed(&Packet::to(TAG).fragment(2, 0b00, "two "));
    folder.passed(&Packet::to(TAG).fragment(1, 0b10, "one "));
    folder.begin_chunk();
    folder.passed(&Packet::to(TAG).fragment(3, 0b01, "three").message(4, "other"));
    folder.flush();
    let mut asked = Asked::about(folder.origin());
    let trace = asked.traced(2);
    let message = trace.message(MessageId(0)).unwrap();
    assert_eq!(
        (message.fate, message.again, message.fragments),
        (Fate::Arrived, true, 3)
    );
    let parts = asked.inspected(Item::Message(MessageId(0))).parts.unwrap();
    assert_eq!(*parts[0].bytes, b"one two three"[..]);
    assert_eq!(parts.len(), 2);
}

#[test]
fn what_is_deleted_is_explained() {
    let mut folder = Folder::new();
    let mut known = 0;
    for file in 1..5 {
        folder.passed(&message(known));
        known += 1;
        folder.begin_file(file);
    }
    folder.flush();
    let mut asked = Asked::about(folder.origin());
    let refresh = asked.analysis.refresher();
    asked.traced(4);
    std::fs::remove_file(folder.folder.path().join("000000.pcapng.zst")).unwrap();
    folder.passed(&message(known));
    folder.flush();
    refresh();
    let trace = asked.traced(5);
    assert_eq!(
        trace.message(MessageId(0)).unwrap().fate,
        Fate::Arrived,
        "it is still known"
    );
    let why = asked.inspected(Item::Message(MessageId(0))).parts.unwrap_err();
    assert!(why.contains("deleted"), "{why}");
    let parts = asked.inspected(Item::Message(MessageId(1))).parts.unwrap();
    assert_eq!(*parts[0].bytes, b"message 1"[..]);
}
