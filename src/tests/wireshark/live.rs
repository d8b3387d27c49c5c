//! A demonstration as Wireshark's programs see it while it takes place.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::home::{Home, socket};
use crate::{PROGRAM, has_tshark, succeeded};

/// How long a test waits before it gives up: far longer than anything ever takes.
const PATIENCE: Duration = Duration::from_secs(60);
const NO_ANALYSER: &str = "no analyser has captured from a demonstration";

/// Returns the names of components whose ASAP messages an analyser prints, and the types of those.
fn asap(printed: &str) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let lines = printed.lines().filter_map(|line| line.split_once('\t'));
    let lines = lines.filter(|(_, kinds)| !kinds.is_empty());
    let (names, kinds): (BTreeSet<_>, Vec<_>) = lines.unzip();
    (names, kinds.iter().flat_map(|kinds| kinds.split(',')).collect())
}

const FIELDS: [&str; 6] = [
    "-T",
    "fields",
    "-e",
    "frame.interface_name",
    "-e",
    "asap.message_type",
];
/// For Wireshark, a cookie: the pool element sends one now and then.
const COOKIE: &str = "11";

#[test]
fn a_demonstration_without_a_window_is_an_interface_of_the_analyser() {
    if !has_tshark(NO_ANALYSER) {
        return;
    }
    let home = Home::new();
    home.run(&["extcap", "--install"]);
    let demonstration = home.demonstrate();
    let interface = demonstration.interface();
    let listed = home.tshark(&["-D"]);
    let line = format!("{interface} (Poolscope: endless ({}))", demonstration.pid());
    assert!(listed.contains(&line), "{listed}");
    let arguments = ["-n", "-o", "sctp.checksum:CRC-32C", "-i", &interface, "-c", "300"];
    let printed = home.tshark(&[&arguments[..], &FIELDS].concat());
    let (names, kinds) = asap(&printed);
    assert!(names.contains("PE 1") && kinds.contains(COOKIE), "{printed}");
    demonstration.end();
}

#[test]
fn packets_are_written_into_the_pipe_that_is_named_until_the_demonstration_ends() {
    if !has_tshark(NO_ANALYSER) {
        return;
    }
    let home = Home::new();
    let demonstration = home.demonstrate();
    let interface = demonstration.interface();
    let listed = home.run(&["extcap", "--extcap-interfaces", "--extcap-version=4.0"]);
    let display = format!("Poolscope: endless ({})", demonstration.pid());
    let line = format!("interface {{value={interface}}}{{display={display}}}");
    assert!(listed.contains(&line), "{listed}");
    let config = home.run(&["extcap", "--extcap-interface", &interface, "--extcap-config"]);
    for component in [
        "1: PR 1 (registrar)",
        "2: PE 1 (pool element)",
        "3: PU 1 (pool user)",
    ] {
        assert!(config.contains(component), "{config}");
    }

    let fifo = home.path("fifo");
    succeeded(
        home.command("mkfifo")
            .arg(&fifo)
            .output()
            .expect("it can be started"),
    );
    let fifo = fifo.to_str().expect("it is text");
    let capture = [
        "extcap",
        "--capture",
        "--extcap-interface",
        &interface,
        "--fifo",
        fifo,
    ];
    let link = ["--link", "PE 1,PU 1"];
    let mut capture = home
        .poolscope(&[&capture[..], &link].concat())
        .spawn()
        .expect("it can be started");
    // Without a number of packets, it reads until the pipe ends.
    let mut analyser = home
        .command("tshark")
        .args(["-n", "-l", "-i", fifo])
        .args(FIELDS)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be started");
    let mut printed = Vec::new();
    let mut output = analyser.stdout.take().expect("it is read");
    let mut buffer = [0; 4_096];
    while !asap(&String::from_utf8_lossy(&printed)).1.contains(COOKIE) {
        let read = output.read(&mut buffer).expect("it is a pipe");
        assert_ne!(read, 0, "it has ended: {}", String::from_utf8_lossy(&printed));
        printed.extend(&buffer[..read]);
    }
    demonstration.end();
    assert!(capture.wait().expect("it is our child").success());
    output.read_to_end(&mut printed).expect("it is a pipe");
    assert!(analyser.wait().expect("it is our child").success());
    let printed = String::from_utf8(printed).expect("it is text");
    // Whoever said it: the link is seen from the pool element.
    assert!(
        printed.lines().all(|line| line.starts_with("PE 1\t")),
        "{printed}"
    );
    let listed = home.run(&["extcap", "--extcap-interfaces"]);
    assert!(!listed.contains("interface {"), "{listed}");
}

#[test]
fn a_listener_that_does_not_read_holds_nothing_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let mut story = Command::new(PROGRAM)
        .args(["run", "--headless", "failover-kill", "--speed=20"])
        .args(["--report=report.json", "--record=whole.pcapng"])
        .env("XDG_RUNTIME_DIR", folder.path())
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("it can be started");
    let begun = Instant::now();
    let mut listener = loop {
        match UnixStream::connect(socket(folder.path(), story.id())) {
            Ok(listener) => break listener,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        std::thread::yield_now();
    };
    listener
        .write_all(b"{\"version\":1,\"want\":\"stream\",\"copies\":true}\n")
        .expect("it is heard");
    assert!(story.wait().expect("it is our child").success());
    let report = std::fs::read_to_string(path("report.json")).expect("there is a report");
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(report["met"], true, "{report}");
    assert_eq!(report["rounds"][0]["problems"], serde_json::json!([]));
    // It was given what a socket holds, from the beginning, and no more.
    let mut given = Vec::new();
    listener.read_to_end(&mut given).expect("it is a socket");
    std::fs::write(path("given.pcapng"), &given).expect("there is room");
    let [given, whole] = ["given.pcapng", "whole.pcapng"].map(|name| packets(&path(name)));
    assert!(given > 0 && given < whole / 2, "{given} of {whole}");
}

/// Returns how many SCTP packets are decoded from a capture.
fn packets(file: &std::path::Path) -> usize {
    let mut decode = Command::new(PROGRAM);
    decode.args(["decode", "--sctp", "--json"]).arg(file);
    let output = decode.output().expect("it can be started");
    let printed = String::from_utf8(output.stdout).expect("it is text");
    printed.matches(r#""protocol":"SCTP""#).count()
}
