//! Files with results.

use std::process::Command;

use crate::fixture::{Folder, PROGRAM, SHORT, text};

#[test]
fn results_that_cannot_be_written_are_refused_before_anything_starts() {
    let folder = Folder::with(SHORT);
    std::fs::create_dir(folder.path().join("folder")).expect("a folder");
    std::fs::write(folder.path().join("folder/notes"), "").expect("a file");
    std::os::unix::fs::symlink("a.csv", folder.path().join("link.json")).expect("a link");
    let before = folder.files();
    let cases: [(&[&str], &[&str]); 14] = [
        (
            &["--report=folder"],
            &[
                "--report folder",
                "something else in it, notes",
                "name an empty folder",
            ],
        ),
        (
            &["--report=no/new"],
            &["--report no/new", "there is no folder no"],
        ),
        (
            &["--report=new.html"],
            &["--report new.html", "is a folder, or a file"],
        ),
        (
            &["--report=new", "--record=a.pcapng"],
            &["--report gets the recording"],
        ),
        (&["--report=-", "--csv=-"], &["same file"]),
        (
            &["--report=no/report.json"],
            &["--report no/report.json", "there is no folder no"],
        ),
        (&["--csv=no/a.csv"], &["--csv no/a.csv", "there is no folder no"]),
        (&["--csv=new/"], &["--csv new/", "there is no folder new/"]),
        (&["--csv=/proc/a.csv"], &["--csv /proc/a.csv", "choose another"]),
        (&["--report="], &["--report"]),
        (
            &["--report=a.json", "--csv=a.json"],
            &["--report a.json and --csv a.json", "same file"],
        ),
        (&["--report=a.json", "--csv=folder/../a.json"], &["same file"]),
        (&["--report=link.json", "--csv=./a.csv"], &["same file"]),
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
    for output in ["/dev/stdout", "-"] {
        let script =
            format!("\"$0\" run --headless scenario.json --csv={output} --report=/dev/null > out.txt");
        let status = Command::new("sh")
            .args(["-c", &script, PROGRAM])
            .current_dir(folder.path())
            .status()
            .expect("there is a shell");
        assert!(status.success());
        let text = std::fs::read_to_string(folder.path().join("out.txt")).expect("there is output");
        let (story, csv) = text.split_once("round,component").expect("the figures are there");
        assert!(story.contains("Now.") && csv.contains("start-ready"), "{text}");
    }
    assert_eq!(folder.files(), ["out.txt", "scenario.json"]);
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
