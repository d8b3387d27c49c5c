//! Signals end a story in order.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use laboratory::Lab;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::fixture::{ENDLESS, Folder, PROGRAM, Ready, children, errors, wait};

/// Interrupts a story, and expects an end in order with a report.
#[track_caller]
fn expect_an_end_in_order(folder: &Folder, ready: &mut Ready, components: &[Pid], signal: Signal) {
    let status = ready.wait(components);
    assert_eq!(
        status.code(),
        Some(128 + signal as i32),
        "{}",
        errors(&mut ready.child)
    );
    let report = folder.report();
    assert_eq!(report["interrupted"], signal.as_str());
    assert_eq!(report["met"], false);
    let round = &report["rounds"][0];
    assert_eq!(round["starts"].as_array().map(Vec::len), Some(2), "{round}");
    assert_eq!(round["orphans"], serde_json::json!([]));
    // Whoever does not leave in order is killed.
    let problems = round["problems"].to_string();
    assert!(!problems.contains("killed"), "{problems}");
}

#[test]
fn a_signal_ends_a_story_in_order_and_its_report_is_written() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let folder = Folder::with(ENDLESS);
        let mut ready = Ready::start(folder.play(&["--report=report.json", "--repeat=3"]));
        let components = children(ready.pid());
        assert_eq!(components.len(), 2);
        kill(ready.pid(), signal).expect("it is there");
        expect_an_end_in_order(&folder, &mut ready, &components, signal);
    }
}

#[test]
fn pool_elements_of_an_interrupted_story_deregister() {
    let process = std::process::id();
    let group = format!("239.255.{}.{}", process >> 8 & 0xff, process & 0xff);
    let lab = Lab::new(PROGRAM);
    let groups = [
        format!("--asap-announce={group}:3863"),
        format!("--enrp-announce={group}:9901"),
    ];
    let mut registrar = lab.start("registrar", &[&groups[0], &groups[1]]);
    registrar.wait_ready();
    let alone = ENDLESS.replace(r#"{"role": "registrar"}, "#, "");
    let folder = Folder::with(&alone);
    let mut ready = Ready::start(folder.play(&["--group", &group]));
    let members = |count| {
        move |event: &feed::Event| match event {
            feed::Event::Handlespace { pool_elements, .. } => (*pool_elements == count).then_some(()),
            _ => None,
        }
    };
    registrar.wait_for("the registration", members(1));
    kill(ready.pid(), Signal::SIGTERM).expect("it is there");
    registrar.wait_for("the deregistration", members(0));
    assert_eq!(ready.wait(&[]).code(), Some(143));
    registrar.signal(Signal::SIGTERM);
    registrar.wait();
    assert!(
        registrar.log().contains("it has deregistered"),
        "{}",
        registrar.log()
    );
}

#[test]
fn the_signal_of_a_terminal_is_for_the_control_centre_alone() {
    use std::os::unix::process::CommandExt;
    let folder = Folder::with(ENDLESS);
    let mut command = folder.play(&["--report=report.json"]);
    command.process_group(0);
    let mut ready = Ready::start(command);
    let components = children(ready.pid());
    // This is what Ctrl+C does.
    killpg(ready.pid(), Signal::SIGINT).expect("it is there");
    expect_an_end_in_order(&folder, &mut ready, &components, Signal::SIGINT);
}

#[test]
fn a_second_signal_ends_everything_at_once() {
    let folder = Folder::with(ENDLESS);
    let mut ready = Ready::start(folder.play(&["--report=report.json"]));
    let components = children(ready.pid());
    for component in &components {
        // Nobody leaves in order now.
        kill(*component, Signal::SIGSTOP).expect("it is there");
    }
    kill(ready.pid(), Signal::SIGTERM).expect("it is there");
    while !ready.child.try_wait().is_ok_and(|status| status.is_some()) {
        kill(ready.pid(), Signal::SIGINT).expect("it is there");
        std::thread::sleep(Duration::from_millis(1));
    }
    let status = ready.wait(&components);
    assert!([Some(130), Some(143)].contains(&status.code()), "{status:?}");
    assert_eq!(folder.files(), ["scenario.json"]);
}

#[test]
fn nohup_outlives_the_terminal() {
    let folder = Folder::with(ENDLESS);
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "trap '' HUP; exec \"$0\" run --headless scenario.json --report=report.json",
            PROGRAM,
        ])
        .current_dir(folder.path());
    let mut ready = Ready::start(command);
    let components = children(ready.pid());
    kill(ready.pid(), Signal::SIGHUP).expect("it is there");
    kill(ready.pid(), Signal::SIGTERM).expect("it is there");
    expect_an_end_in_order(&folder, &mut ready, &components, Signal::SIGTERM);
}

/// Process 1 gets only signals that it handles.
#[test]
fn as_process_1_of_a_container_it_ends_as_well() {
    let container = ["-Urpf", "--kill-child", "--mount-proc"];
    let possible = Command::new("unshare").args(container).arg("true").output();
    if !possible.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: unshare cannot make namespaces here, so nothing has been process 1");
        return;
    }
    for component in [false, true] {
        let folder = Folder::with(ENDLESS);
        let mut command = Command::new("unshare");
        command.args(container).arg(PROGRAM).current_dir(folder.path());
        if component {
            let groups = ["--asap-announce=off", "--enrp-announce=off"];
            command.arg("registrar").args(groups);
            command.stdout(Stdio::null()).stderr(Stdio::piped());
            let mut child = command.spawn().expect("it can be started");
            let mut log = BufReader::new(child.stderr.take().expect("its log is read"));
            let mut line = String::new();
            while !line.contains("registrar 0x") {
                line.clear();
                assert_ne!(log.read_line(&mut line).expect("it writes text"), 0);
            }
            let process_1 = children(Pid::from_raw(child.id().cast_signed()));
            kill(process_1[0], Signal::SIGTERM).expect("it is there");
            assert!(wait(&mut child).success());
        } else {
            command.args(["run", "--headless", "scenario.json", "--report=report.json"]);
            let mut ready = Ready::start(command);
            let process_1 = children(ready.pid());
            let components = children(process_1[0]);
            assert_eq!(components.len(), 2);
            kill(process_1[0], Signal::SIGTERM).expect("it is there");
            expect_an_end_in_order(&folder, &mut ready, &components, Signal::SIGTERM);
        }
    }
}

#[test]
fn a_component_in_a_terminal_that_is_closed_leaves_in_order() {
    let lab = Lab::new(PROGRAM);
    let registrar = lab.registrar();
    let mut element = lab.pool_element(9, &[]);
    element.signal(Signal::SIGHUP);
    assert!(element.wait().success());
    assert!(element.log().contains("deregistered"), "{}", element.log());
    drop(registrar);
}
