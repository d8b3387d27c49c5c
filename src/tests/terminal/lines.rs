//! The pool user that sends lines from standard input, in a shell.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use laboratory::Lab;
use nix::sys::signal::Signal;

use crate::fixture::{PROGRAM, text, wait};

/// Returns a terminal as started by hand: without a feed.
fn terminal(lab: &Lab, options: &[&str]) -> Command {
    let supervised = lab.command("pool-user", &[&["--service=terminal"], options].concat());
    let by_hand = supervised.get_args().filter(|argument| *argument != "--feed");
    let mut command = Command::new(PROGRAM);
    command
        .args(by_hand)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a terminal with this input.
fn converse(lab: &Lab, options: &[&str], input: &[u8]) -> Output {
    let mut child = terminal(lab, options).spawn().expect("it can be started");
    let mut stdin = child.stdin.take().expect("it reads");
    let input = input.to_vec();
    // It may end before it has read everything.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("everything is written");
    output
}

#[test]
fn an_echo_returns_everything_as_it_was() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let _element = lab.pool_element(1, &["--service=echo"]);
    let mut input: Vec<u8> = (0..3_000)
        .flat_map(|number| format!("{number}\n").into_bytes())
        .collect();
    input.extend((0..=255).cycle().take(100_000));
    let output = converse(&lab, &["--raw"], &input);
    assert!(output.status.success(), "{}", text(&output));
    assert!(output.stdout == input, "{} bytes", output.stdout.len());
    let output = converse(&lab, &[], b"\x1b[2J\n");
    assert_eq!(output.stdout, b"\\x1b[2J\n");
}

#[test]
fn a_terminal_goes_on_elsewhere_when_its_pool_element_is_killed() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let first = lab.pool_element(1, &["--service=echo"]);
    let mut child = terminal(&lab, &[]).spawn().expect("it can be started");
    let mut stdin = child.stdin.take().expect("it reads");
    let mut answers = BufReader::new(child.stdout.take().expect("it writes")).lines();
    let mut ask = |line: &str| {
        writeln!(stdin, "{line}").expect("it reads");
        answers.next().expect("there is an answer").expect("it is text")
    };
    assert_eq!(ask("one"), "one");
    let _second = lab.pool_element(2, &["--service=echo"]);
    // What a frozen pool element is told is lost.
    first.signal(Signal::SIGSTOP);
    assert_eq!(ask("two"), "two");
    first.signal(Signal::SIGKILL);
    assert_eq!(ask("three"), "three");
    drop(stdin);
    assert!(wait(&mut child).success());
}

#[test]
fn lines_may_be_discarded_and_the_time_needs_none() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let _discard = lab.pool_element(1, &["--service=discard"]);
    let _daytime = lab.pool_element(2, &["--service=daytime"]);
    let lines: Vec<u8> = b"nobody reads this\n".repeat(1_000);
    let output = converse(&lab, &["--byte-service=discard"], &lines);
    assert!(
        output.status.success() && output.stdout.is_empty(),
        "{}",
        text(&output)
    );
    for (lines, times) in [("", 1), ("again\nand again\n", 3)] {
        let output = converse(&lab, &["--pool-handle=DaytimePool"], lines.as_bytes());
        assert!(output.status.success(), "{}", text(&output));
        let told = String::from_utf8(output.stdout).expect("it is text");
        assert_eq!(
            told.lines().filter(|line| line.contains("day, ")).count(),
            times,
            "{told}"
        );
    }
}

#[test]
fn characters_come_until_nobody_reads_them_or_the_input_ends() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let _element = lab.pool_element(1, &["--service=chargen"]);
    let output = converse(&lab, &["--byte-service=chargen", "--raw"], b"");
    assert!(output.status.success(), "{}", text(&output));
    assert!(output.stdout.starts_with(b"\x1e\x1f !\"#"));

    let mut child = terminal(&lab, &["--byte-service=chargen"])
        .spawn()
        .expect("it can be started");
    let mut answers = BufReader::new(child.stdout.take().expect("it writes"));
    let mut line = String::new();
    answers.read_line(&mut line).expect("it is text");
    assert!(line.starts_with("\\x1e\\x1f !\"#"), "{line}");
    drop(answers);
    assert!(wait(&mut child).success());
}

#[test]
fn lines_that_nobody_takes_are_told() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let output = converse(&lab, &["--linger=300"], b"one\ntwo\n");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("2 lines not sent"), "{}", text(&output));
}

#[test]
fn a_supervised_terminal_sends_lines_of_its_own() {
    let lab = Lab::new(PROGRAM);
    let _registrar = lab.registrar();
    let _element = lab.pool_element(1, &["--service=echo"]);
    let mut user = lab.start("pool-user", &["--service=terminal", "--lines-every=10"]);
    user.wait_for("three echoes", |event| match event {
        feed::Event::Status {
            status:
                feed::Status::PoolUser {
                    activity: feed::Activity::Terminal { received, .. },
                    ..
                },
            ..
        } => (*received >= 3).then_some(()),
        _ => None,
    });
    user.close_input();
    assert!(user.wait().success(), "{}", user.log());
}
