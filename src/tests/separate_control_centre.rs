//! What happens to components when their control centre is killed, or sleeps with them: in a process of its own.

mod fixture;

use std::io::{BufRead, BufReader};
use std::process::{Command as Program, Stdio};
use std::time::{Duration, Instant};

use command::Command;
use fixture::default_scenario::{lives, signal};
use fixture::{Fixture, PATIENCE};
use nix::sys::signal::Signal;

/// The environment variable that makes a test act as the control centre of another test.
const ACT: &str = "POOLSCOPE_TEST_ACTS_AS_CONTROL_CENTRE";

/// Not a test: acts as the control centre of the test below, and tells how it was.
#[test]
#[ignore = "is run by a_computer_that_sleeps_is_one_event_and_nobody_fails"]
fn acts_as_a_control_centre_that_sleeps() {
    if std::env::var_os(ACT).is_none() {
        return;
    }
    let mut fixture = Fixture::with_growing_pictures();
    let before = fixture.centre.model().timeline.entries.len();
    for pid in fixture.pids() {
        println!("pid {pid}");
    }
    println!("ready");
    fixture.wait_until("the computer has slept", |model| {
        let mut entries = model.timeline.entries.iter();
        entries.any(|entry| entry.text.contains("slept for"))
    });
    for name in ["PU 1", "PU 2"] {
        fixture.picture_completes(name);
    }
    fixture.wait_until("everybody is ready", |model| {
        model.components.values().all(|component| component.ready)
    });
    for entry in fixture.centre.model().timeline.entries.iter().skip(before) {
        println!("told {:?} {}", entry.severity, entry.text);
    }
}

#[test]
fn a_computer_that_sleeps_is_one_event_and_nobody_fails() {
    let mut centre = Program::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "acts_as_a_control_centre_that_sleeps",
            "--nocapture",
        ])
        .env(ACT, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(centre.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let mut pids: Vec<u32> = vec![centre.id()];
    for line in lines.by_ref().take_while(|line| line != "ready") {
        let pid = line.split("pid ").nth(1);
        pids.extend(pid.and_then(|pid| pid.trim().parse::<u32>().ok()));
    }
    assert_eq!(pids.len(), 8, "{pids:?}");
    pids.iter().for_each(|pid| signal(*pid, Signal::SIGSTOP));
    // Nothing happens that could be waited for: that is what a sleep is.
    std::thread::sleep(Duration::from_secs(6));
    pids.iter().for_each(|pid| signal(*pid, Signal::SIGCONT));
    let told: Vec<String> = lines.collect();
    centre.wait().unwrap();
    let told: Vec<&str> = told
        .iter()
        .filter_map(|line| line.strip_prefix("told "))
        .collect();
    let slept: Vec<_> = told.iter().filter(|text| text.contains("slept for")).collect();
    assert!(
        matches!(slept.as_slice(), [text] if text.contains("This computer slept for")),
        "{told:?}"
    );
    // Some may have registered just before.
    let usual = ["slept for", " registered with ", "picture", "compared"];
    let is_usual = |text: &&str| usual.iter().any(|usual| text.contains(usual));
    assert!(told.iter().all(is_usual), "{told:?}");
}

/// Not a test: acts as the control centre of the test below, which runs this program once more and kills it.
#[test]
#[ignore = "is run by no_process_survives_a_killed_control_centre"]
fn acts_as_a_control_centre() {
    if std::env::var_os(ACT).is_none() {
        return;
    }
    let mut fixture = Fixture::with_growing_pictures();
    let frozen = fixture.id("PE 1");
    fixture.centre.run(Command::Freeze(frozen));
    fixture.process_becomes(frozen, "frozen");
    for pid in fixture.pids() {
        println!("pid {pid}");
    }
    println!("ready");
    fixture.wait_for("somebody kills this process", |_| None::<()>);
}

#[test]
fn no_process_survives_a_killed_control_centre() {
    let mut centre = Program::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "acts_as_a_control_centre", "--nocapture"])
        .env(ACT, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pids: Vec<u32> = Vec::new();
    for line in BufReader::new(centre.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
    {
        if line == "ready" {
            break;
        }
        pids.extend(
            line.split("pid ")
                .nth(1)
                .and_then(|pid| pid.trim().parse::<u32>().ok()),
        );
    }
    assert_eq!(pids.len(), 7, "{pids:?}");
    assert!(pids.iter().all(|pid| lives(*pid)));
    centre.kill().unwrap();
    centre.wait().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while pids.iter().any(|pid| lives(*pid)) {
        assert!(Instant::now() < deadline, "there are orphans among {pids:?}");
        std::thread::yield_now();
    }
}
