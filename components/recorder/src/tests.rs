mod packets;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crossbeam_channel::bounded;
use feed::Timestamp;
use recording::{Form, Keyframing, Properties, RecordKind, Recording};

use crate::output::Output;
use crate::records::Records;
use crate::status::Shared;
use crate::thread::{Order, Orders, Writing};
use crate::{Destination, Item, Notify, Origin, Recorder};

const KEYFRAME: RecordKind = RecordKind(1);
const ITEM: RecordKind = RecordKind(2);

fn origin() -> Origin {
    Origin {
        program: "test".into(),
        host: "here".into(),
        contents: 1,
    }
}

fn at(ms: u64) -> Timestamp {
    Timestamp::from_micros(31_536_000_000_000 + ms * 1_000)
}

fn item(ms: u64, bytes: &[u8]) -> Item<'_> {
    Item {
        kind: ITEM,
        properties: Properties::NONE,
        at: at(ms),
        bytes,
    }
}

fn quietly() -> Notify {
    Arc::new(|| {})
}

fn start(destination: &Destination) -> Recorder {
    let mut recorder = Recorder::start(destination, origin(), quietly()).unwrap();
    keyframe(&mut recorder, 0);
    recorder
}

fn keyframe(recorder: &mut Recorder, ms: u64) {
    let wanted = recorder.wants_keyframe();
    let keyframing = match wanted {
        Some(wanted) if wanted.whole => Keyframing::Whole,
        _ => Keyframing::Partial,
    };
    recorder.keyframe(KEYFRAME, at(ms), keyframing, Box::new(|| b"state".to_vec()));
}

/// Waits until everything is on disk that was written so far.
fn flushed(recorder: &Recorder) {
    let (sender, receiver) = bounded(1);
    let then = move || {
        let _ = sender.send(());
    };
    recorder.flush(Some(Arc::new(then)));
    receiver.recv().unwrap();
}

/// Returns the contents of all records that are no keyframes.
fn contents(path: &Path) -> Vec<Vec<u8>> {
    let recording = Recording::open(path).unwrap();
    let chunks = 0..recording.chunks().len();
    let chunks = chunks.map(|chunk| recording.read_chunk(chunk).unwrap());
    chunks
        .flat_map(|chunk| {
            let records = chunk.records().filter(|record| record.kind == ITEM);
            records.map(|record| record.bytes.to_vec()).collect::<Vec<_>>()
        })
        .collect()
}

fn recordings(folder: &Path, budget: u64) -> Destination {
    Destination::Recordings {
        folder: folder.to_owned(),
        budget,
    }
}

#[test]
fn what_was_flushed_survives_the_end_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = start(&recordings(folder.path(), Destination::BUDGET));
    recorder.write([item(1, b"one"), item(2, b"two")]);
    flushed(&recorder);
    recorder.write([item(3, b"three")]);
    let location = recorder.location().to_owned();
    // As if the process had been killed.
    std::mem::forget(recorder);
    let known = contents(&location);
    assert_eq!(known[..2], [b"one".to_vec(), b"two".to_vec()]);
}

#[test]
fn a_recording_ends_with_everything_in_it() {
    for name in ["r.pcapng", "r.pcapng.zst"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut recorder = start(&Destination::File(path.clone()));
        recorder.write([item(1, b"one")]);
        drop(recorder);
        assert_eq!(contents(&path), [b"one"]);
        assert_eq!(Recording::open(&path).unwrap().damage(), []);
    }
}

#[test]
fn what_has_been_recorded_is_saved_while_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = start(&recordings(folder.path(), Destination::BUDGET));
    recorder.write([item(1, b"one")]);
    let save = |recorder: &Recorder, name: &str| {
        let path = folder.path().join(name);
        let (sender, receiver) = bounded(1);
        recorder.save(
            path.clone(),
            Box::new(move |outcome| sender.send(outcome).unwrap()),
        );
        receiver.recv().unwrap().unwrap();
        path
    };
    for name in ["s.pcapng.zst", "s.pcapng"] {
        let saved = save(&recorder, name);
        recorder.write([item(2, b"two")]);
        assert_eq!(contents(&saved)[0], b"one");
        assert_eq!(Recording::open(&saved).unwrap().damage(), [], "{name}");
    }
    let missing = folder.path().join("no/such/folder.pcapng");
    let (sender, receiver) = bounded(1);
    recorder.save(missing, Box::new(move |outcome| sender.send(outcome).unwrap()));
    let problem = receiver.recv().unwrap().unwrap_err();
    assert!(
        problem.contains("no/such/folder.pcapng cannot be written"),
        "{problem}"
    );
}

/// Bytes that cannot be compressed.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let bytes = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    });
    bytes.take(size).collect()
}

#[test]
fn the_oldest_files_are_deleted_beyond_the_budget() {
    const MEGABYTE: usize = 1 << 20;
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = start(&recordings(folder.path(), 50 * MEGABYTE as u64));
    for number in 0..120 {
        recorder.write([item(number, &noise(number, MEGABYTE))]);
        flushed(&recorder);
        if recorder.wants_keyframe().is_some() {
            keyframe(&mut recorder, number);
        }
    }
    flushed(&recorder);
    let status = recorder.status();
    assert!(status.dropped && status.problem.is_none(), "{status:?}");
    let size: u64 = std::fs::read_dir(recorder.location())
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    // The file that is being written is checked when it is complete.
    assert!(size <= (50 + 40) * MEGABYTE as u64, "{size}");
    let kept = contents(recorder.location());
    assert_eq!(*kept.last().unwrap(), noise(119, MEGABYTE));
    assert!(kept.len() < 100, "{}", kept.len());
}

#[test]
fn old_recordings_make_room_but_none_that_is_being_made() {
    let folder = tempfile::tempdir().unwrap();
    let old = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("000000.pcapng.zst"), noise(1, 1 << 20)).unwrap();
        path
    };
    let (oldest, older, foreign) = (old("1000-1"), old("1000-2"), old("mine"));
    let locked = std::fs::File::create(oldest.join("lock")).unwrap();
    rustix::fs::flock(&locked, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let recorder = start(&recordings(folder.path(), 1 << 20));
    assert!(oldest.exists() && foreign.exists() && !older.exists());
    assert!(recorder.location().exists());
}

/// An output that fails while it is told to.
#[derive(Clone, Default)]
struct Unreliable {
    written: Arc<Mutex<Vec<u8>>>,
    fails: Arc<AtomicBool>,
    failures: Arc<AtomicUsize>,
}

impl Output for Unreliable {
    fn location(&self) -> &Path {
        Path::new("unreliable")
    }

    fn form(&self) -> Form {
        Form::Compressed
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.fails.load(Ordering::SeqCst) {
            self.failures.fetch_add(1, Ordering::SeqCst);
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.written.lock().unwrap().extend(bytes);
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn is_empty(&self) -> bool {
        self.written.lock().unwrap().is_empty()
    }

    fn next_file(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn files(&self) -> Vec<(PathBuf, u64)> {
        Vec::new()
    }

    fn budget(&self) -> u64 {
        0
    }

    fn has_dropped(&self) -> bool {
        false
    }
}

/// Runs a recorder's thread with an output until everything has been taken.
fn run(writing: Writing, orders: Vec<Order>) {
    let (sender, inbox) = Orders::channel();
    for order in orders {
        sender.give(order, false);
    }
    drop(sender);
    writing.run(&inbox);
}

fn whole(ms: u64) -> Order {
    Order::Keyframe {
        kind: KEYFRAME,
        at: at(ms),
        keyframing: Keyframing::Whole,
        encode: Box::new(|| b"state".to_vec()),
    }
}

fn items(ms: u64, bytes: &[u8]) -> Order {
    let records = Records::default();
    records.lock().push(item(ms, bytes));
    Order::Records(Arc::new(records))
}

#[test]
fn a_full_disk_loses_only_what_comes_meanwhile() {
    let output = Unreliable::default();
    let shared = Arc::new(Shared::new(quietly()));
    let writing = Writing::begin(Box::new(output.clone()), origin(), Arc::clone(&shared)).unwrap();
    let fails = |fails| {
        let flag = Arc::clone(&output.fails);
        let then: Notify = Arc::new(move || flag.store(fails, Ordering::SeqCst));
        Order::Flush(Some(then))
    };
    run(
        writing,
        vec![
            whole(0),
            items(1, b"before"),
            fails(true),
            items(2, b"lost"),
            fails(true),
            items(3, b"lost as well"),
            fails(false),
            whole(4),
            items(5, b"after"),
        ],
    );
    assert!(output.failures.load(Ordering::SeqCst) > 0);
    let file = output.written.lock().unwrap().clone();
    let recording = Recording::of("test", file).unwrap();
    assert_eq!(recording.damage(), []);
    assert_eq!(recording.chunks().len(), 2);
    let records: Vec<Vec<u8>> = (0..2)
        .flat_map(|chunk| {
            let chunk = recording.read_chunk(chunk).unwrap();
            let items = chunk.records().filter(|record| record.kind == ITEM);
            items.map(|record| record.bytes.to_vec()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(records, [b"before".to_vec(), b"after".to_vec()]);
}

#[test]
fn what_was_left_out_is_told_and_the_whole_state_asked_for() {
    let shared = Shared::new(quietly());
    shared.go_on(at(0));
    assert_eq!(shared.wanted(), None);
    assert!(!shared.is_broken(at(1)));
    shared.break_off(at(2), "too fast");
    assert!(shared.is_broken(at(3)));
    let wanted = shared.wanted().unwrap();
    assert!(wanted.whole && wanted.jump);
    shared.go_on(at(9));
    let gap = shared.take_gap().unwrap();
    assert_eq!(
        (gap.since, gap.until, gap.why.as_str()),
        (at(1), at(9), "too fast")
    );
    assert_eq!(shared.take_gap(), None);
    assert!(!shared.is_broken(at(10)));
}

/// Returns the files of a recording, the oldest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|ending| ending == "zst"))
        .collect();
    files.sort();
    files
}

#[test]
fn each_file_can_be_opened_alone_and_all_of_them_are_saved_as_one() {
    const MEGABYTE: usize = 1 << 20;
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = start(&recordings(folder.path(), Destination::BUDGET));
    for number in 0..50 {
        recorder.write([item(number, &noise(2 * number, MEGABYTE))]);
        flushed(&recorder);
        if recorder.wants_keyframe().is_some() {
            keyframe(&mut recorder, number);
        }
    }
    let several = files(recorder.location());
    assert!(several.len() > 1);
    for file in &several {
        assert!(!contents(file).is_empty());
    }
    let path = folder.path().join("saved.pcapng.zst");
    let (sender, receiver) = bounded(1);
    recorder.save(
        path.clone(),
        Box::new(move |outcome| sender.send(outcome).unwrap()),
    );
    receiver.recv().unwrap().unwrap();
    let saved = Recording::open(&path).unwrap();
    assert_eq!(saved.damage(), []);
    assert!(contents(&path) == contents(recorder.location()));
}

#[test]
fn a_deleted_file_is_told_and_another_one_begins() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one.pcapng");
    for destination in [
        Destination::File(one.clone()),
        recordings(&folder.path().join("all"), Destination::BUDGET),
    ] {
        let mut recorder = start(&destination);
        recorder.write([item(1, b"one")]);
        flushed(&recorder);
        match &destination {
            Destination::File(path) => std::fs::remove_file(path).unwrap(),
            Destination::Recordings { .. } => std::fs::remove_dir_all(recorder.location()).unwrap(),
        }
        recorder.write([item(2, b"two")]);
        flushed(&recorder);
        let problem = recorder.status().problem.expect("a problem");
        assert!(problem.contains("was deleted"), "{problem}");
        // It need not wait for the recorder to try again.
        recorder.keyframe(KEYFRAME, at(3), Keyframing::Whole, Box::new(|| b"state".to_vec()));
        recorder.write([item(4, b"three")]);
        flushed(&recorder);
        assert_eq!(recorder.status().problem, None);
        let location = recorder.location().to_owned();
        drop(recorder);
        assert_eq!(contents(&location), [b"three"]);
        assert_eq!(Recording::open(&location).unwrap().damage(), []);
    }
}

#[test]
fn a_chunk_whose_end_could_not_be_written_is_ended_later() {
    let output = Unreliable::default();
    let shared = Arc::new(Shared::new(quietly()));
    let mut writing = Writing::begin(Box::new(output.clone()), origin(), shared).unwrap();
    writing.carry_out(whole(0));
    writing.carry_out(items(1, b"before"));
    writing.carry_out(Order::Flush(None));
    output.fails.store(true, Ordering::SeqCst);
    writing.finish_chunk();
    assert!(output.failures.load(Ordering::SeqCst) > 0);
    output.fails.store(false, Ordering::SeqCst);
    run(writing, vec![whole(2), items(3, b"after")]);
    let file = output.written.lock().unwrap().clone();
    let recording = Recording::of("test", file).unwrap();
    assert_eq!(recording.damage(), []);
    let records = recording.chunks().iter().map(|chunk| chunk.records);
    assert_eq!(records.collect::<Vec<_>>(), [2, 2]);
}

#[test]
fn the_file_that_is_being_recorded_is_not_overwritten_by_its_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.pcapng");
    let mut recorder = start(&Destination::File(path.clone()));
    let (sender, receiver) = bounded(1);
    recorder.save(
        path.clone(),
        Box::new(move |outcome| sender.send(outcome).unwrap()),
    );
    let problem = receiver.recv().unwrap().unwrap_err();
    assert!(problem.contains("is being recorded into"), "{problem}");
    recorder.write([item(1, b"one")]);
    drop(recorder);
    assert_eq!(contents(&path), [b"one"]);
}
