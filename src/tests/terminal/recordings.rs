//! Recordings: where they cannot be made, and files that are none, or are not whole.

use std::process::{Command, Output};

use crate::fixture::{Folder, PROGRAM, SHORT, text};

/// A story that is recorded in several parts, each of which can be read without the next one.
const LONGER: &str = r#"{
    "name": "longer",
    "components": [{"role": "registrar"}],
    "steps": [{"when": {"ready": "PR 1"}, "say": "Now."}, {"after-s": 3, "say": "Later."}]
}"#;

/// Plays the story of a folder and records it there.
#[track_caller]
fn record(folder: &Folder, name: &str) -> Vec<u8> {
    let option = format!("--record={name}");
    let output = folder.play(&[&option]).output().expect("it can be started");
    assert!(output.status.success(), "{}", text(&output));
    std::fs::read(folder.path().join(name)).expect("there is a recording")
}

fn replay(folder: &Folder, line: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(["replay", "--headless"])
        .args(line)
        .current_dir(folder.path())
        .output()
        .expect("it can be started")
}

#[test]
fn a_recording_that_cannot_be_made_is_refused_before_anything_starts() {
    let folder = Folder::with(SHORT);
    std::fs::create_dir(folder.path().join("folder.pcapng")).expect("a folder");
    std::os::unix::fs::symlink("scenario.json", folder.path().join("link.pcapng")).expect("a link");
    let before = folder.files();
    let cases: [(&[&str], &str); 10] = [
        (&["--record=no/a.pcapng"], "there is no folder no"),
        (&["--record=folder.pcapng"], "it is a folder"),
        (&["--record=/proc/a.pcapng.zst"], "choose another"),
        (&["--record="], "--record"),
        (&["--record=-"], "name a file that ends in .pcapng"),
        (&["--record=a.json"], "name a file that ends in .pcapng"),
        (&["--record=a.zst"], "name a file that ends in .pcapng"),
        (&["--record=link.pcapng"], "this is the scenario"),
        (
            &["--report=a.json", "--record=folder.pcapng/../a.json"],
            "are the same file",
        ),
        (&["--record=a.pcapng", "--repeat=2"], "--repeat"),
    ];
    for (options, expected) in cases {
        let output = folder.play(options).output().expect("it can be started");
        let text = text(&output);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {text}");
        assert!(
            text.contains("--record") && text.contains(expected),
            "{options:?}: {text}"
        );
        assert!(!text.contains("Now."), "it was played: {text}");
    }
    assert_eq!(folder.files(), before);
}

#[test]
fn a_file_that_is_no_recording_is_refused_in_one_sentence() {
    let folder = Folder::with(SHORT);
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("nothing")).expect("a folder");
    let recording = record(&folder, "newer.pcapng");
    std::fs::write(path("newer.pcapng"), of_version_7(recording)).expect("a file");
    std::fs::write(path("empty.pcapng"), "").expect("a file");
    std::fs::write(path("other.pcapng"), OF_ANOTHER_PROGRAM.concat()).expect("a file");
    for (name, expected) in [
        (
            "missing.pcapng.zst",
            "missing.pcapng.zst cannot be read: No such file",
        ),
        ("nothing", "nothing is not a recording: the folder contains none"),
        ("empty.pcapng", "empty.pcapng is not a recording: it is empty"),
        ("scenario.json", "scenario.json is not a recording"),
        (
            "other.pcapng",
            "other.pcapng contains no recording of Poolscope: 1 packet",
        ),
        (
            "newer.pcapng",
            "newer.pcapng was recorded in format 7 by Poolscope",
        ),
    ] {
        let output = replay(&folder, &[name]);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(
            text.starts_with("poolscope: ") && text.contains(expected),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
        assert_eq!(text.matches(name).count(), 1, "{text}");
        assert!(text.matches("No such file").count() < 2, "{text}");
    }
}

#[test]
fn what_is_there_of_a_recording_that_was_cut_off_is_reported() {
    let folder = Folder::with(LONGER);
    for name in ["cut.pcapng", "cut.pcapng.zst"] {
        let whole = record(&folder, name);
        let output = replay(&folder, &[name]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output));
        let file = folder.path().join(name);
        std::fs::write(&file, &whole[..whole.len() * 4 / 5]).expect("it can be cut");
        let output = replay(&folder, &[name, "--report=report.json"]);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {text}");
        assert!(text.contains("cut off at byte"), "{name}: {text}");
        let report = folder.report();
        assert_eq!(report["scenario"], "longer", "{name}");
        assert_eq!(report["met"], false, "{name}");
        assert_eq!(report["rounds"][0]["starts"][0]["name"], "PR 1", "{name}: {text}");
    }
}

#[test]
fn a_recording_is_not_overwritten_by_what_it_is_replayed_to() {
    let folder = Folder::with(SHORT);
    let before = record(&folder, "short.pcapng.zst");
    let output = replay(&folder, &["short.pcapng.zst", "--report=./short.pcapng.zst"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(
        text(&output).contains("this is the recording"),
        "{}",
        text(&output)
    );
    let after = std::fs::read(folder.path().join("short.pcapng.zst")).expect("it is there");
    assert!(before == after);
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_run() {
    let folder = Folder::with(LONGER);
    // The largest file is smaller than the recording, not compressed, and larger than the report.
    let script = "trap '' XFSZ; ulimit -f 18; exec \"$0\" run --headless scenario.json --report=report.json \
                  --record=long.pcapng";
    let output = Command::new("bash")
        .args(["-c", script, PROGRAM])
        .current_dir(folder.path())
        .output()
        .expect("there is a shell");
    let played = text(&output);
    assert_eq!(output.status.code(), Some(0), "{played}");
    assert_eq!(folder.report()["met"], true);
    assert_eq!(
        played.matches("Nothing is recorded at long.pcapng").count(),
        1,
        "{played}"
    );
    let output = replay(&folder, &["long.pcapng"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(!text.contains("cannot be"), "{text}");
}

/// Lets the envelopes of a recording that is not compressed say that their format is 7.
fn of_version_7(mut recording: Vec<u8>) -> Vec<u8> {
    const MAGIC: &[u8] = b"POOLSCOPE";
    let mut at = 0;
    while let Some(found) = recording[at..]
        .windows(MAGIC.len())
        .position(|bytes| bytes == MAGIC)
    {
        at += found + MAGIC.len();
        let envelope = &mut recording[at..];
        envelope[1..3].copy_from_slice(&7_u16.to_le_bytes());
        let size = u32::from_le_bytes([envelope[3], envelope[4], envelope[5], envelope[6]]);
        let content = 11..11 + size as usize;
        let Some(content) = envelope.get(content) else {
            continue;
        };
        let sum = crc32c::crc32c_append(crc32c::crc32c(&envelope[..7]), content);
        envelope[7..11].copy_from_slice(&sum.to_le_bytes());
    }
    recording
}

/// A section, an interface and a packet.
const OF_ANOTHER_PROGRAM: [&[u8]; 3] = [
    b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0",
    b"\x01\0\0\0\x14\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0",
    b"\x06\0\0\0\x24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0\x04\0\0\0\x01\x02\x03\x04\x24\0\0\0",
];

#[test]
fn the_recording_that_the_program_carries_is_still_readable() {
    let carried = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/failover-kill.pcapng.zst");
    let output = replay(&Folder::with(SHORT), &[carried]);
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("147,456 of 147,456 pixels equal"), "{text}");
}
