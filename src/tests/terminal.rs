//! The program in a terminal: signals, output that nobody reads, and files that cannot be written.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use laboratory::Lab;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_poolscope");
/// How long a test waits before it gives up: far longer than anything ever takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// A registrar and a pool element, and a story that says when they are ready, then waits for the end of time.
const ENDLESS: &str = r#"{
    "name": "endless",
    "components": [{"role": "registrar"}, {"role": "pool-element"}],
    "steps": [
        {"when": {"ready": "PE 1"}, "say": "Both are ready."},
        {"at-s": 80000, "say": "At last."}
    ]
}"#;
/// A story that is over at once.
const SHORT: &str = r#"{
    "name": "short",
    "components": [{"role": "registrar"}],
    "steps": [{"when": {"ready": "PR 1"}, "say": "Now."}]
}"#;

/// A folder with a scenario, in which the program is run.
struct Folder(TempDir);

impl Folder {
    fn with(scenario: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("scenario.json"), scenario).expect("a scenario");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the command that plays the scenario without a window.
    fn play(&self, options: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(["run", "--headless", "scenario.json"])
            .args(options)
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    fn report(&self) -> Value {
        let text = std::fs::read_to_string(self.path().join("report.json")).expect("there is a report");
        serde_json::from_str(&text).expect("a report is JSON")
    }

    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.path()).expect("the folder is there");
        let names = files
            .flatten()
            .map(|file| file.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

/// A program that has told that its stage is ready.
struct Ready {
    child: Child,
    _output: BufReader<ChildStdout>,
}

impl Ready {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut output = BufReader::new(child.stdout.take().expect("its output is read"));
        let mut line = String::new();
        while !line.contains("Both are ready.") {
            line.clear();
            let length = output.read_line(&mut line).expect("it writes text");
            assert_ne!(length, 0, "it has ended: {}", errors(&mut child));
        }
        Self {
            child,
            _output: output,
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits for its end, and for the end of everything that it has started.
    #[track_caller]
    fn wait(&mut self, components: &[Pid]) -> ExitStatus {
        let status = wait(&mut self.child);
        let deadline = Instant::now() + PATIENCE;
        while components.iter().any(|pid| lives(*pid)) {
            assert!(Instant::now() < deadline, "there are orphans");
            std::thread::yield_now();
        }
        status
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn wait(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            return status;
        }
        assert!(Instant::now() < deadline, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn errors(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(stderr) = &mut child.stderr {
        let _ = stderr.read_to_string(&mut text);
    }
    text
}

/// Returns the processes that a process has started.
fn children(parent: Pid) -> Vec<Pid> {
    let processes = std::fs::read_dir("/proc").expect("there is /proc").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        after_name.split(' ').nth(1) == Some(parent.to_string().as_str())
    })
    .map(Pid::from_raw)
    .collect()
}

fn lives(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

fn text(output: &Output) -> String {
    let bytes = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}

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

#[test]
fn a_story_that_nobody_reads_is_played_and_reported() {
    // `head -1` reads one line and goes; the second command has no output at all; the third writes to a full disk.
    for redirection in ["| head -1", ">&- 2>&-", ">/dev/full 2>/dev/full", "2>&1 | true"] {
        let folder = Folder::with(SHORT);
        let script = format!("\"$0\" run --headless scenario.json --report=report.json {redirection}");
        let output = Command::new("sh")
            .args(["-c", &script, PROGRAM])
            .current_dir(folder.path())
            .output()
            .expect("there is a shell");
        assert!(
            !text(&output).contains("panicked"),
            "{redirection}: {}",
            text(&output)
        );
        assert!(output.status.success(), "{redirection}: {output:?}");
        assert_eq!(folder.report()["met"], true, "{redirection}");
    }
}

#[test]
fn no_subcommand_panics_where_it_cannot_write() {
    let lines = [
        "--help",
        "--version",
        "run --help",
        "run nothing --headless",
        "run",
        "nothing",
        "registrar --help",
        "registrar --address=198.51.100.77",
        "pool-element --policy=fairest",
        "pool-user --help",
    ];
    for line in lines {
        for redirection in [">&- 2>&-", ">/dev/full 2>/dev/full", ">/dev/full", "2>/dev/full"] {
            let output = Command::new("sh")
                .args(["-c", &format!("\"$0\" {line} {redirection}"), PROGRAM])
                .env_remove("DISPLAY")
                .env_remove("WAYLAND_DISPLAY")
                .output()
                .expect("there is a shell");
            let status = output.status.code();
            assert!(
                status.is_some_and(|status| status < 3),
                "{line} {redirection}: {output:?}"
            );
        }
    }
}

#[test]
fn results_that_cannot_be_written_are_refused_before_anything_starts() {
    let folder = Folder::with(SHORT);
    std::fs::create_dir(folder.path().join("folder")).expect("a folder");
    std::os::unix::fs::symlink("a.csv", folder.path().join("link")).expect("a link");
    let before = folder.files();
    let cases: [(&[&str], &[&str]); 10] = [
        (&["--report=folder"], &["--report folder", "it is a folder"]),
        (
            &["--report=no/report.json"],
            &["--report no/report.json", "there is no folder no"],
        ),
        (&["--csv=no/a.csv"], &["--csv no/a.csv", "there is no folder no"]),
        (&["--csv=new/"], &["--csv new/", "there is no folder new/"]),
        (&["--csv=/proc/a.csv"], &["--csv /proc/a.csv", "choose another"]),
        (&["--report="], &["--report"]),
        (
            &["--report=a.csv", "--csv=a.csv"],
            &["--report a.csv and --csv a.csv", "same file"],
        ),
        (&["--report=a.csv", "--csv=folder/../a.csv"], &["same file"]),
        (&["--report=link", "--csv=./a.csv"], &["same file"]),
        (
            &["--report=./scenario.json"],
            &["--report ./scenario.json", "this is the scenario"],
        ),
    ];
    for (options, expected) in cases {
        let output = folder.play(options).output().expect("it can be started");
        assert_eq!(output.status.code(), Some(2), "{options:?}: {}", text(&output));
        for expected in expected {
            assert!(text(&output).contains(expected), "{options:?}: {}", text(&output));
        }
        assert!(
            !text(&output).contains("Now."),
            "it was played: {}",
            text(&output)
        );
    }
    assert_eq!(folder.files(), before);
}

#[test]
fn results_go_to_standard_output_or_a_pipe_as_well() {
    let folder = Folder::with(SHORT);
    let script = "\"$0\" run --headless scenario.json --csv=/dev/stdout --report=/dev/null > out.txt";
    let status = Command::new("sh")
        .args(["-c", script, PROGRAM])
        .current_dir(folder.path())
        .status()
        .expect("there is a shell");
    assert!(status.success());
    let text = std::fs::read_to_string(folder.path().join("out.txt")).expect("there is output");
    let (story, csv) = text.split_once("round,component").expect("the figures are there");
    assert!(story.contains("Now.") && csv.contains("start-ready"), "{text}");
}

#[test]
fn a_full_disk_leaves_no_half_report() {
    let folder = Folder::with(SHORT);
    std::fs::write(folder.path().join("report.json"), "as before").expect("a file");
    // The largest file is smaller than the report; the signal that would tell so is ignored.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" run --headless scenario.json --report=report.json --csv=a.csv";
    let output = Command::new("bash")
        .args(["-c", script, PROGRAM])
        .current_dir(folder.path())
        .output()
        .expect("there is a shell");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(
        text(&output).contains("--report report.json could not be written"),
        "{}",
        text(&output)
    );
    let report = std::fs::read_to_string(folder.path().join("report.json")).expect("it is there");
    assert_eq!(report, "as before");
    // What fits is written nevertheless.
    assert_eq!(folder.files(), ["a.csv", "report.json", "scenario.json"]);
}
