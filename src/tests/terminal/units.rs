//! The scripting service: work packages that real pool elements run.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use laboratory::{Lab, Process};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::fixture::{PATIENCE, PROGRAM, lives, text};

/// A folder with a unit program, packages, results, and the temporary files of pool elements.
struct Place {
    folder: TempDir,
    lab: Lab,
    _registrar: Process,
}

impl Place {
    /// Creates a place whose unit program is a shell script.
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let lab = Lab::new(PROGRAM);
        let place = Self {
            _registrar: lab.registrar(),
            folder,
            lab,
        };
        let program = place.path("program");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a program");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(program, mode).expect("it is executable");
        for folder in ["results", "tmp"] {
            std::fs::create_dir(place.path(folder)).expect("a folder");
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn package(&self, name: &str, content: &[u8]) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a package");
        format!("--package={}", path.display())
    }

    fn result(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path("results").join(name)).unwrap_or_default()
    }

    fn pool_element(&self, identifier: u32, options: &[&str]) -> Process {
        let identifier = format!("--identifier={identifier:#x}");
        let program = format!("--unit-program={}", self.path("program").display());
        let fixed = ["--service=scripting", identifier.as_str(), program.as_str()];
        let mut command = self.lab.command("pool-element", &[&fixed, options].concat());
        command.env("TMPDIR", self.path("tmp"));
        let mut process = Process::spawn(command, "pool-element");
        process.wait_ready();
        process
    }

    /// Returns a pool user as started by hand.
    fn pool_user(&self, options: &[String]) -> Command {
        let supervised = self.lab.command("pool-user", &["--service=scripting"]);
        let by_hand = supervised.get_args().filter(|argument| *argument != "--feed");
        let mut command = Command::new(PROGRAM);
        command
            .args(by_hand)
            .args(options)
            .arg(format!("--output={}", self.path("results").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, options: &[String]) -> Output {
        self.pool_user(options).output().expect("it can be started")
    }

    fn temporary_files(&self) -> usize {
        count(&self.path("tmp"))
    }
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Waits for a number that a unit has written.
fn number_in(path: &Path) -> i32 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        if let Ok(number) = text.trim().parse() {
            return number;
        }
        assert!(Instant::now() < deadline, "there is no {}", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn packages_are_run_with_their_environment_and_nothing_is_left() {
    let place = Place::new("cat \"$3\" >\"$2\"; tr a-z A-Z <\"$1\" >>\"$2\"");
    let mut elements = [
        place.pool_element(1, &["--max-sessions=1"]),
        place.pool_element(2, &["--max-sessions=1"]),
    ];
    let large: Vec<u8> = b"0123456789abcdef".repeat(200_000);
    let environment = place.path("environment");
    std::fs::write(&environment, "environment\n").expect("an environment");
    let options = [
        place.package("small", b"package"),
        place.package("large", &large),
        place.package("empty", b""),
        place.package("other", b"other"),
        format!("--environment={}", environment.display()),
        "--parallel=4".to_owned(),
        "--unit-retry-delay=50".to_owned(),
    ];
    let output = place.run(&options);
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(place.result("small.out"), b"environment\nPACKAGE");
    assert_eq!(place.result("empty.out"), b"environment\n");
    assert_eq!(place.result("other.out"), b"environment\nOTHER");
    let expected = [b"environment\n".as_slice(), &large.to_ascii_uppercase()].concat();
    assert!(place.result("large.out") == expected);
    assert_eq!(place.temporary_files(), 2);
    for element in &mut elements {
        element.close_input();
        assert!(element.wait().success(), "{}", element.log());
    }
    assert_eq!(place.temporary_files(), 0);
}

#[test]
fn a_unit_whose_pool_element_is_killed_starts_over_elsewhere() {
    let place = Place::new(
        "here=$(dirname \"$0\"); echo $$ >$here/new; mv $here/new $here/$(cat \"$1\")\n\
         until [ -e $here/go ]; do sleep 0.02; done; echo done >\"$2\"",
    );
    let element = place.pool_element(1, &[]);
    let mut command = place.pool_user(&[place.package("package", b"pid")]);
    let user = command.spawn().expect("it can be started");
    let first = number_in(&place.path("pid"));
    std::fs::remove_file(place.path("pid")).expect("it is there");
    let mut second_element = place.pool_element(2, &[]);
    element.signal(Signal::SIGKILL);
    let second = number_in(&place.path("pid"));
    assert_ne!(first, second);
    let deadline = Instant::now() + PATIENCE;
    while lives(nix::unistd::Pid::from_raw(first)) {
        assert!(Instant::now() < deadline, "the first unit still runs");
        std::thread::yield_now();
    }
    std::fs::write(place.path("go"), "").expect("a file");
    let output = user.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", text(&output));
    assert!(
        text(&output).contains("starts over elsewhere"),
        "{}",
        text(&output)
    );
    assert_eq!(place.result("package.out"), b"done\n");
    second_element.close_input();
    assert!(second_element.wait().success());
    // The first one has left its folder, which the next pool element removes.
    assert_eq!(place.temporary_files(), 1);
    drop(place.pool_element(3, &[]));
    assert_eq!(place.temporary_files(), 1);
}

#[test]
fn a_unit_that_fails_is_told_and_its_result_kept() {
    let place = Place::new("echo partly >\"$2\"; printf 'no \\033[2J luck' >&2; exit 3");
    let element = place.pool_element(1, &[]);
    let options = [
        place.package("package", b"p"),
        "--unit-trials=2".to_owned(),
        "--unit-retry-delay=20".to_owned(),
    ];
    let output = place.run(&options);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(
        text(&output).contains("exit status 3; it will be run again"),
        "{}",
        text(&output)
    );
    assert_eq!(place.result("package.out"), b"partly\n");
    let deadline = Instant::now() + PATIENCE;
    while !element.log().contains("no \\u{1b}[2J luck") {
        assert!(Instant::now() < deadline, "{}", element.log());
        std::thread::yield_now();
    }
}

#[test]
fn a_pool_element_that_was_not_told_what_to_run_does_not_start() {
    let output = Command::new(PROGRAM)
        .args(["pool-element", "--service=scripting"])
        .output()
        .expect("it can be started");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("--unit-program"), "{}", text(&output));
}

#[test]
fn a_demonstration_needs_neither_programs_nor_files() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let _element = lab.pool_element(1, &["--service=scripting", "--demo-unit=10"]);
    let options = ["--service=scripting", "--demo-packages=5", "--parallel=2"];
    let mut user = lab.start("pool-user", &options);
    assert!(user.wait().success(), "{}", user.log());
    // SHA-1 of "Package 1\n".
    let log = user.log();
    assert!(log.contains("unit 1 is complete: "), "{log}");
    assert_eq!(log.matches("is complete: ").count(), 5, "{log}");
}
