//! Whether Wireshark finds the same messages in the same frames.
//!
//! Needs `tshark`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use capture::Protocol;
use capture::decode::{DecodeArgs, Ended, decode};
use wire::Ppid;

use crate::bytes::read;

/// Messages by frame and protocol.
type Found = BTreeMap<(u64, &'static str), usize>;

const PROTOCOLS: [(&str, Protocol); 6] = [
    ("asap", Protocol::Payload(Ppid::ASAP)),
    ("enrp", Protocol::Payload(Ppid::ENRP)),
    (
        "fractalgeneratorprotocol",
        Protocol::Payload(Ppid::FRACTAL_GENERATOR),
    ),
    ("pingpongprotocol", Protocol::Payload(Ppid::PING_PONG)),
    ("calcappprotocol", Protocol::Payload(Ppid::CALC_APP)),
    ("componentstatusprotocol", Protocol::StatusReport),
];

fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../wire/tests/captures");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "pcap"));
    files.push(root.join("../../assets/failover-kill.pcapng.zst"));
    assert!(files.len() > 10);
    files
}

/// Returns what Wireshark finds; `None`, with a message, if there is no Wireshark.
fn of_wireshark(file: &Path) -> Option<Found> {
    let mut command = Command::new("tshark");
    command
        .args(["-n", "-2", "-T", "fields", "-e", "frame.number", "-r"])
        .arg(file);
    for (protocol, _) in PROTOCOLS {
        command.args(["-e", &format!("{protocol}.message_type")]);
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            assert!(
                std::env::var_os("POOLSCOPE_REQUIRE_ALL").is_none(),
                "no analyser has looked at the captures: tshark: {error}"
            );
            eprintln!("LEFT OUT: no analyser has looked at the captures: tshark: {error}");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", file.display());
    let mut found = Found::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut columns = line.split('\t');
        let frame = columns.next().unwrap().parse().unwrap();
        for ((protocol, _), types) in PROTOCOLS.iter().zip(columns) {
            let messages = types.split(',').filter(|kind| !kind.is_empty()).count();
            if messages > 0 {
                found.insert((frame, *protocol), messages);
            }
        }
    }
    Some(found)
}

#[test]
fn wireshark_finds_the_same_messages() {
    for file in captures() {
        let Some(theirs) = of_wireshark(&file) else {
            return;
        };
        assert!(!theirs.is_empty(), "{}", file.display());
        let all = read(std::fs::read(&file).unwrap());
        let mut ours = Found::new();
        for message in all.messages {
            // What was seen before, Wireshark does not decode again.
            if message
                .delivery
                .is_some_and(|delivery| delivery.repeated.is_some())
            {
                continue;
            }
            let protocol = PROTOCOLS
                .iter()
                .find(|(_, protocol)| *protocol == message.protocol);
            if let Some((protocol, _)) = protocol {
                *ours.entry((message.number, *protocol)).or_default() += 1;
            }
        }
        let differing: Vec<_> = theirs
            .iter()
            .filter(|(key, count)| ours.get(key) != Some(count))
            .chain(ours.iter().filter(|(key, _)| !theirs.contains_key(key)))
            .take(5)
            .collect();
        assert!(differing.is_empty(), "{}: {differing:?}", file.display());
        assert_eq!(all.counts.wrong_checksums, 0, "{}", file.display());
    }
}

#[test]
fn nothing_is_held_against_captures_of_rsplib_and_of_ours() {
    for file in captures() {
        let args = DecodeArgs {
            files: vec![file.clone()],
            sctp: true,
            ..DecodeArgs::default()
        };
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let ended = decode(&args, &mut out, &mut errors).unwrap();
        let errors = String::from_utf8(errors).unwrap();
        assert_eq!(ended, Ended::Well, "{errors}");
        assert!(!errors.contains("wrong checksum"), "{errors}");
        assert!(out.len() > 1000, "{errors}");
    }
}
