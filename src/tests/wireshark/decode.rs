//! `poolscope decode`: captures in, messages out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::{CARRIED, PROGRAM, has_tshark, succeeded};

fn decode(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.arg("decode").args(arguments);
    command.output().expect("the program can be started")
}

/// Returns the messages of a capture as JSON.
fn messages(file: &str) -> Vec<Value> {
    let told = succeeded(decode(&["--json", file]));
    let lines = told.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

/// Returns the errors of a run that ended with this status.
#[track_caller]
fn ended_with(status: i32, output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{errors}");
    errors
}

#[test]
fn the_messages_of_a_recording_are_told_with_their_names_and_fields() {
    let lines = succeeded(decode(&[CARRIED]));
    let tree = succeeded(decode(&["--tree", CARRIED]));
    for name in [
        "ASAP_REGISTRATION",
        "ASAP_COOKIE_ECHO",
        "ENRP_PRESENCE",
        "FGP_DATA",
    ] {
        assert!(lines.contains(name) && tree.contains(name), "{name}");
    }
    let pool_handles = tree.matches("Pool Handle").count();
    assert!(
        pool_handles > 0 && !lines.contains("Pool Handle"),
        "{pool_handles}"
    );
    assert!(tree.lines().count() > 5 * lines.lines().count());

    let messages = messages(CARRIED);
    assert_eq!(messages.len(), lines.lines().count());
    let interfaces = messages
        .iter()
        .filter_map(|message| message["interface_name"].as_str());
    let from_a_pool_element = interfaces.filter(|name| name.starts_with("PE ")).count();
    assert!(from_a_pool_element > 0);
    assert!(messages.iter().all(|message| message["fields"].is_array()));
}

#[test]
fn what_is_damaged_or_no_capture_is_told_and_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    };
    let whole = std::fs::read(CARRIED).expect("it is there");
    let cut = file("cut.pcapng.zst", &whole[..whole.len() / 2]);
    let output = decode(&[&cut]);
    let errors = ended_with(1, &output);
    assert!(errors.contains(&cut), "{errors}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("ASAP_REGISTRATION"), "what came before is told");

    let rubbish = file(
        "rubbish.pcap",
        b"this is not a capture, but it is long enough for one",
    );
    let errors = ended_with(2, &decode(&[&rubbish]));
    assert!(errors.contains(&rubbish), "{errors}");
    ended_with(2, &decode(&["/nowhere/at/all.pcap"]));
    // The others are decoded nevertheless.
    let output = decode(&[&rubbish, CARRIED]);
    ended_with(2, &output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("ASAP_REGISTRATION"));
    ended_with(2, &decode(&[]));
}

#[test]
fn an_analyser_finds_the_same_messages() {
    if !has_tshark("no analyser has read what is decoded") {
        return;
    }
    let mut ours = BTreeMap::<_, u64>::new();
    for message in messages(CARRIED) {
        // What was captured twice, the analyser decodes where it finds it first.
        let sctp = &message["sctp"];
        let is_repeated = sctp["retransmission"] == true || sctp["other_interface"] == true;
        let protocol = message["protocol"].as_str().unwrap_or_default();
        if !is_repeated && ["ASAP", "ENRP"].contains(&protocol) {
            *ours.entry(protocol.to_lowercase()).or_default() += 1;
        }
    }
    let theirs = of_tshark(Path::new(CARRIED));
    assert_eq!(ours, theirs);
    assert!(ours.values().all(|count| *count > 10), "{ours:?}");
}

fn of_tshark(file: &Path) -> BTreeMap<String, u64> {
    let output = Command::new("tshark")
        .args(["-n", "-r"])
        .arg(file)
        .args([
            "-T",
            "fields",
            "-e",
            "asap.message_type",
            "-e",
            "enrp.message_type",
        ])
        .output()
        .expect("tshark runs");
    let mut found = BTreeMap::new();
    for line in succeeded(output).lines() {
        for (protocol, types) in ["asap", "enrp"].into_iter().zip(line.split('\t')) {
            let messages = types.split(',').filter(|kind| !kind.is_empty()).count() as u64;
            if messages > 0 {
                *found.entry(protocol.to_owned()).or_default() += messages;
            }
        }
    }
    found
}
