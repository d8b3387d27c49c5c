//! A story in a folder, and the program that plays it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_poolscope");
/// How long a test waits before it gives up: far longer than anything ever takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// A registrar and a pool element, and a story that says when they are ready, then waits for the end of time.
pub(crate) const ENDLESS: &str = r#"{
    "name": "endless",
    "components": [{"role": "registrar"}, {"role": "pool-element"}],
    "steps": [
        {"when": {"ready": "PE 1"}, "say": "Both are ready."},
        {"at-s": 80000, "say": "At last."}
    ]
}"#;
/// A story that is over at once.
pub(crate) const SHORT: &str = r#"{
    "name": "short",
    "components": [{"role": "registrar"}],
    "steps": [{"when": {"ready": "PR 1"}, "say": "Now."}]
}"#;

/// A folder with a scenario, in which the program is run.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn with(scenario: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("scenario.json"), scenario).expect("a scenario");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the command that plays the scenario without a window.
    pub(crate) fn play(&self, options: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(["run", "--headless", "scenario.json"])
            .args(options)
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn report(&self) -> Value {
        let text = std::fs::read_to_string(self.path().join("report.json")).expect("there is a report");
        serde_json::from_str(&text).expect("a report is JSON")
    }

    pub(crate) fn files(&self) -> Vec<String> {
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
pub(crate) struct Ready {
    pub(crate) child: Child,
    _output: BufReader<ChildStdout>,
}

impl Ready {
    pub(crate) fn start(mut command: Command) -> Self {
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

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits for its end, and for the end of everything that it has started.
    #[track_caller]
    pub(crate) fn wait(&mut self, components: &[Pid]) -> ExitStatus {
        let status = wait(&mut self.child);
        wait_for_the_end_of(components);
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
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            return status;
        }
        assert!(Instant::now() < deadline, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for the end of everything that a program has started.
#[track_caller]
pub(crate) fn wait_for_the_end_of(components: &[Pid]) {
    let deadline = Instant::now() + PATIENCE;
    while components.iter().any(|pid| lives(*pid)) {
        assert!(Instant::now() < deadline, "there are orphans");
        std::thread::yield_now();
    }
}

pub(crate) fn errors(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(stderr) = &mut child.stderr {
        let _ = stderr.read_to_string(&mut text);
    }
    text
}

/// Returns the processes that a process has started.
pub(crate) fn children(parent: Pid) -> Vec<Pid> {
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

pub(crate) fn lives(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

pub(crate) fn text(output: &Output) -> String {
    let bytes = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}
