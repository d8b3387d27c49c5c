//! Output that nobody reads.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

use laboratory::Lab;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::fixture::{ENDLESS, Folder, PATIENCE, PROGRAM, SHORT, children, text, wait};

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
fn who_does_not_read_holds_up_nothing() {
    let folder = Folder::with(SHORT);
    let (reader, writer) = full_socket();
    let mut child = folder
        .play(&["--report=report.json"])
        .stdout(OwnedFd::from(writer))
        .spawn()
        .expect("it can be started");
    let report = folder.path().join("report.json");
    let deadline = Instant::now() + PATIENCE;
    while !report.exists() {
        assert!(Instant::now() < deadline, "there is no report");
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = std::io::read_to_string(reader).expect("it is text");
    assert!(text.contains("all as expected"), "{text}");
    assert!(wait(&mut child).success());
}

#[test]
fn a_signal_ends_a_story_though_nobody_reads_it() {
    let folder = Folder::with(ENDLESS);
    let (_reader, writer) = full_socket();
    let mut child = folder
        .play(&["--report=report.json"])
        .stdout(OwnedFd::from(writer))
        .spawn()
        .expect("it can be started");
    let pid = Pid::from_raw(child.id().cast_signed());
    let deadline = Instant::now() + PATIENCE;
    while children(pid).len() < 2 {
        assert!(Instant::now() < deadline, "nothing is started");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(pid, Signal::SIGTERM).expect("it runs");
    assert_eq!(wait(&mut child).code(), Some(143));
    assert_eq!(folder.report()["interrupted"], "SIGTERM");
}

#[test]
fn a_pool_user_goes_on_while_its_terminal_is_stopped() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let _element = lab.pool_element(1, &[]);
    let folder = Folder::with(SHORT);
    let (reader, writer) = full_socket();
    let picture = folder.path().join("picture.png");
    let supervised = lab.command("pool-user", &["--images=1", "--size=64x64"]);
    let by_hand = supervised.get_args().filter(|argument| *argument != "--feed");
    let mut command = Command::new(PROGRAM);
    command.args(by_hand).arg("--png").arg(&picture);
    command.stdout(OwnedFd::from(writer));
    let mut child = command.spawn().expect("it can be started");
    drop(command);
    let deadline = Instant::now() + PATIENCE;
    while !picture.exists() {
        assert!(Instant::now() < deadline, "there is no picture");
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = std::io::read_to_string(reader).expect("it is text");
    assert!(text.contains("picture 1: complete"), "{text}");
    assert!(wait(&mut child).success());
}

/// Returns a socket that takes nothing until the other one is read.
fn full_socket() -> (UnixStream, UnixStream) {
    let (reader, mut writer) = UnixStream::pair().expect("a socket");
    writer.set_nonblocking(true).expect("it can be filled");
    while writer.write(&[b'\n'; 1024]).is_ok() {}
    while writer.write(b"\n").is_ok() {}
    writer.set_nonblocking(false).expect("it can be written to");
    (reader, writer)
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
