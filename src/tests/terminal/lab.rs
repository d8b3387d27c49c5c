//! The policy laboratory in a terminal.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::fixture::{PROGRAM, children, errors, text, wait, wait_for_the_end_of};

/// An experiment that is over soon.
const SHORT: &str = r#"{
    "name": "Short",
    "parameters": { "pool-users": 20, "warm-up-s": 60, "duration-s": 600 },
    "policies": ["least-used", "round-robin"],
    "sweep": { "parameter": "utilisation", "values": [0.3, 0.7] },
    "seeds": 2
}"#;

fn lab(folder: &tempfile::TempDir, experiment: &str, options: &[&str]) -> Command {
    std::fs::write(folder.path().join("experiment.json"), experiment).expect("an experiment");
    let mut command = Command::new(PROGRAM);
    command
        .args(["lab", "experiment.json"])
        .args(options)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn an_experiment_is_printed_and_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = ["--csv=runs.csv", "--svg=chart.svg", "--png=chart.png"];
    let output = lab(&folder, SHORT, &files).output().expect("the program runs");
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    for words in [
        "Simulated in virtual time: 8 of 8 runs",
        "Handling speed",
        "LU",
        "RR",
        "M/M/c",
    ] {
        assert!(printed.contains(words), "{printed}");
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("it was written");
    let csv = String::from_utf8(read("runs.csv")).expect("it is text");
    assert_eq!(csv.lines().count(), 1 + 8, "{csv}");
    assert!(String::from_utf8_lossy(&read("chart.svg")).contains("Simulated in virtual time"));
    assert!(read("chart.png").starts_with(b"\x89PNG"));
    // The same experiment has the same results, on any number of threads.
    let output = lab(&folder, SHORT, &["--csv=again.csv", "--threads=1"])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(read("again.csv"), csv.into_bytes());
}

#[test]
fn an_interrupted_experiment_keeps_what_has_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let endless = SHORT.replace("\"seeds\": 2", "\"seeds\": 10000");
    let mut child = lab(&folder, &endless, &["--csv=runs.csv"])
        .spawn()
        .expect("the program starts");
    let mut progress = BufReader::new(child.stderr.take().expect("it is read"));
    let mut line = String::new();
    progress.read_line(&mut line).expect("it tells its progress");
    assert!(line.contains("of 40000 runs"), "{line}");
    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).expect("it is there");
    assert_eq!(wait(&mut child).code(), Some(130));
    let csv = std::fs::read_to_string(folder.path().join("runs.csv")).expect("it was written");
    let lines = csv.lines().count();
    assert!((2..40_000).contains(&lines), "{lines}");
}

#[test]
fn a_signal_ends_real_processes_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    // Nobody asks for anything in all that time.
    let endless = r#"{
        "name": "Endless",
        "parameters": {
            "pool-elements": 2, "pool-users": 1, "utilisation": 0.001,
            "warm-up-s": 10000, "duration-s": 10000
        },
        "policies": ["least-used"],
        "seeds": 2
    }"#;
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut child = lab(&folder, endless, &["--live", "--csv=runs.csv"])
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("it is read"));
        let mut line = String::new();
        while !line.contains("the pool is complete") {
            line.clear();
            let length = output.read_line(&mut line).expect("it writes text");
            assert_ne!(length, 0, "it has ended: {}", errors(&mut child));
        }
        let pid = Pid::from_raw(child.id().cast_signed());
        let components = children(pid);
        assert_eq!(
            components.len(),
            4,
            "a registrar, two pool elements and a pool user"
        );
        kill(pid, signal).expect("it is there");
        assert_eq!(wait(&mut child).code(), Some(128 + signal as i32));
        wait_for_the_end_of(&components);
        // What has been simulated is kept.
        let csv = std::fs::read_to_string(folder.path().join("runs.csv")).expect("it was written");
        assert_eq!(csv.lines().count(), 1 + 2, "{csv}");
        std::fs::remove_file(folder.path().join("runs.csv")).expect("it is there");
    }
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_simulated() {
    let folder = tempfile::tempdir().expect("a folder");
    for (experiment, options, expected) in [
        (
            SHORT,
            ["--csv=experiment.json", "--seeds=1"],
            "this is the experiment, which would be overwritten",
        ),
        (SHORT, ["--csv=same", "--svg=./same"], "are the same file"),
        (SHORT, ["--png=nowhere/x.png", "--seeds=1"], "there is no folder"),
        (SHORT, ["--seeds=0", "--threads=1"], "seeds: 0 is not 1 to 10000"),
        (
            "{ \"name\": 1 }",
            ["--seeds=1", "--threads=1"],
            "line 1, column 11: name: ",
        ),
        (
            SHORT,
            ["--live", "--seeds=1"],
            "only an experiment with one policy and without a sweep",
        ),
    ] {
        let output = lab(&folder, experiment, &options)
            .output()
            .expect("the program runs");
        let printed = text(&output);
        assert_eq!(output.status.code(), Some(2), "{printed}");
        assert!(printed.contains(expected), "{printed}");
        assert_eq!(printed.lines().count(), 1, "{printed}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

#[test]
fn real_processes_achieve_what_is_simulated() {
    let folder = tempfile::tempdir().expect("a folder");
    let experiment = r#"{
        "name": "Twin",
        "parameters": {
            "pool-elements": 3, "pool-users": 6, "utilisation": 0.6, "request-size": 1500000,
            "warm-up-s": 3, "duration-s": 30
        },
        "policies": ["least-used"],
        "seeds": 200
    }"#;
    let output = lab(&folder, experiment, &["--live"])
        .output()
        .expect("the program runs");
    let printed = text(&output);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert_eq!(printed.matches("  as simulated").count(), 3, "{printed}");
    let delayed = experiment.replace("\"warm-up-s\": 3", "\"network-delay-s\": 1");
    let output = lab(&folder, &delayed, &["--live"])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    let printed = text(&output);
    assert!(printed.contains("network-delay-s: only its default"), "{printed}");
}
