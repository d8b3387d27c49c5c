//! Where a scenario comes from.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::fixture::{Folder, PROGRAM, SHORT, text};

#[track_caller]
fn expect_success(output: &Output) {
    assert!(output.status.success(), "{}", text(output));
    assert!(text(output).contains("Now."), "{}", text(output));
}

#[test]
fn a_story_is_played_by_its_name_anywhere() {
    let folder = tempfile::tempdir().expect("an empty folder");
    for name in ["failover-clean-stop", "failover-clean-stop.json"] {
        let output = Command::new(PROGRAM)
            .args(["run", name, "--headless", "--speed=1000"])
            .current_dir(folder.path())
            .output()
            .expect("it can be started");
        assert!(output.status.success(), "{}", text(&output));
    }
}

#[test]
fn a_file_in_the_folder_of_scenarios_takes_the_place_of_a_story() {
    let folder = Folder::with(SHORT);
    std::fs::create_dir(folder.path().join("demo-scenarios")).expect("a folder");
    let own = folder.path().join("demo-scenarios/partition.json");
    std::fs::rename(folder.path().join("scenario.json"), own).expect("it is there");
    let output = Command::new(PROGRAM)
        .args(["run", "--headless", "partition"])
        .current_dir(folder.path())
        .output()
        .expect("it can be started");
    expect_success(&output);
}

#[test]
fn a_name_that_nothing_has_and_the_help_list_the_stories() {
    for (line, status) in [
        (&["run", "--headless", "failover"][..], 2),
        (&["failover"], 1),
        (&["run", "--help"], 0),
        (&["--help"], 0),
    ] {
        let output = Command::new(PROGRAM)
            .args(line)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .output()
            .expect("it can be started");
        assert_eq!(output.status.code(), Some(status), "{line:?}: {}", text(&output));
        let words = text(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("failover-kill, failover-unplug"),
            "{line:?}: {words}"
        );
    }
}

#[test]
fn a_scenario_comes_from_standard_input_or_a_pipe() {
    let folder = Folder::with(SHORT);
    for (path, piped) in [
        ("-", true),
        ("-", false),
        ("/dev/stdin", true),
        ("/dev/stdin", false),
    ] {
        let mut command = Command::new(PROGRAM);
        command.args(["run", "--headless", path]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let file = File::open(folder.path().join("scenario.json")).expect("it is there");
        command.stdin(if piped { Stdio::piped() } else { file.into() });
        let mut child = command.spawn().expect("it can be started");
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(SHORT.as_bytes()).expect("it reads");
        }
        expect_success(&child.wait_with_output().expect("it is our child"));
    }
    let substituted = Command::new("bash")
        .args(["-c", "\"$0\" run --headless <(cat scenario.json)", PROGRAM])
        .current_dir(folder.path())
        .output()
        .expect("there is a shell");
    expect_success(&substituted);
}
