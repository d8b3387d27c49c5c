//! The folder that a run leaves: it can be read without this program, and made anew from the recording in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::{LIMIT, SPEED, story_file};

/// Returns the files of a folder by their names.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("there is a folder").flatten();
    let files = entries.map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, std::fs::read(entry.path()).expect("a file"))
    });
    files.collect()
}

#[track_caller]
fn poolscope(arguments: &[&str], folder: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_poolscope"))
        .args(arguments)
        .arg("--headless")
        .arg(format!("--report={}", folder.display()))
        .output()
        .expect("the program can be started");
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
}

#[test]
fn a_run_leaves_a_folder_that_argues_by_itself_and_can_be_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let [live, again] = ["live", "again"].map(|name| folder.path().join(name));
    let story = story_file("failover-kill");
    poolscope(&["run", SPEED, LIMIT, &story.to_string_lossy()], &live);
    let written = files(&live);
    let names: Vec<&str> = written.keys().map(String::as_str).collect();
    let expected = [
        "curves.csv",
        "measurements.csv",
        "recording.pcapng.zst",
        "report.html",
        "report.json",
    ];
    assert_eq!(names, expected);
    let text = |name: &str| String::from_utf8(written[name].clone()).expect("text");
    check_page(&text("report.html"), &text("report.json"));
    for quantity in [
        "Throughput, pixels per second",
        "Load of each pool element, %",
        "Messages per second",
    ] {
        let csv = text("curves.csv");
        let mut values = csv.lines().filter(|line| line.contains(quantity));
        let above_0 = |line: &str| {
            line.rsplit(',')
                .next()
                .is_some_and(|value| value.parse::<f64>().is_ok_and(|value| value > 0.0))
        };
        assert!(values.any(above_0), "{quantity}: {csv}");
    }
    assert!(text("measurements.csv").contains("failover-gap,kill,"));

    let recording = live.join("recording.pcapng.zst");
    poolscope(&["replay", &recording.to_string_lossy()], &again);
    // In place as well: the recording that it is made of stays.
    poolscope(&["replay", &recording.to_string_lossy()], &live);
    for (folder, name) in [(&again, "elsewhere"), (&live, "in place")] {
        let made_anew = files(folder);
        assert_eq!(made_anew.keys().collect::<Vec<_>>(), expected, "{name}");
        for (file, bytes) in &written {
            assert!(made_anew[file] == *bytes, "{file} differs, {name}");
        }
    }
}

#[track_caller]
fn check_page(page: &str, report: &str) {
    let report: Value = serde_json::from_str(report).expect("a report is JSON");
    let steps = report["rounds"][0]["steps"].as_array().expect("steps");
    let expectations = steps
        .iter()
        .flat_map(|step| step["expectations"].as_array().expect("expectations"));
    let mut count = 0;
    for expectation in expectations {
        let expected = expectation["expected"].as_str().expect("words");
        assert!(
            page.contains(&escaped(expected)),
            "{expected} is missing in {page}"
        );
        count += 1;
    }
    assert!(count > 0 && page.contains(&format!("{count} of {count} expectations came true")));
    let (_, failover) = page.split_once("<figure class=\"ladder\">").expect("a chart");
    let (chart, _) = failover.split_once("</figure>").expect("its end");
    for part in [
        "ASAP_ENDPOINT_UNREACHABLE",
        "ASAP_HANDLE_RESOLUTION",
        "was killed",
        "<svg",
        "</svg>",
    ] {
        assert!(chart.contains(part), "{part} is missing in {chart}");
    }
    for fetched in ["src=", "href=\"http", "<script", "<link", "url(", "@import"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
