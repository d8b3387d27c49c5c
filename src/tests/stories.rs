//! The stories in `demo-scenarios`, played without a window and with real processes, must meet their expectations.
//!
//! Waiting times meant for an audience are shortened; everything else takes its real time. Each story has a
//! multicast group of its own, so that stories can be played at the same time.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The speed of waiting times.
const SPEED: &str = "--speed=20";
/// The duration of random faults in seconds.
const CHURN: &str = "--churn-for=15";
/// Longer than any story takes, in seconds.
const LIMIT: &str = "--time-limit=240";

/// The result of a story.
struct Played {
    output: Output,
    report: Option<Value>,
}

fn play(scenario: &Path, options: &[&str]) -> Played {
    let name = scenario.file_stem().unwrap_or_default().to_string_lossy();
    let report = scratch(&format!("report-{name}.json"));
    let output = Command::new(env!("CARGO_BIN_EXE_poolscope"))
        .args(["run", "--headless", SPEED, CHURN])
        .args(if options.is_empty() { &[LIMIT] } else { options })
        .arg(format!("--report={}", report.display()))
        .arg(scenario)
        .output()
        .expect("the program can be started");
    let text = std::fs::read_to_string(&report).ok();
    let _ = std::fs::remove_file(&report);
    Played {
        output,
        report: text.map(|text| serde_json::from_str(&text).expect("a report is JSON")),
    }
}

impl Played {
    fn text(&self) -> String {
        let output = [&self.output.stdout[..], &self.output.stderr[..]].concat();
        String::from_utf8_lossy(&output).into_owned()
    }

    #[track_caller]
    fn ended_with(&self, status: i32) {
        let problems = self
            .report
            .as_ref()
            .map(|report| report["rounds"][0]["problems"].to_string());
        assert_eq!(
            self.output.status.code(),
            Some(status),
            "{}\n{problems:?}",
            self.text()
        );
    }
}

fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("poolscope-{}-{name}", std::process::id()))
}

/// Plays a story of the repository, which must meet its expectations and leave no process behind.
#[track_caller]
fn story(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("demo-scenarios")
        .join(name)
        .with_extension("json");
    let played = play(&file, &[]);
    played.ended_with(0);
    let round = &played.report.as_ref().expect("there is a report")["rounds"][0];
    assert_eq!(round["missing-pixels"], 0, "{}", played.text());
    assert_eq!(round["orphans"], serde_json::json!([]));
    assert_ne!(round["messages"], serde_json::json!({}));
}

macro_rules! stories {
    ($($test:ident: $file:literal,)*) => {
        $(#[test]
        fn $test() {
            story($file);
        })*

        #[test]
        fn every_story_is_told_here() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo-scenarios");
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let has_steps = text.contains("\"steps\": [");
                let name = path.file_stem().unwrap().to_string_lossy();
                let played = [$($file),*].contains(&name.as_ref());
                assert!(!has_steps || played, "{name} has steps, but no test tells it");
            }
        }
    };
}

stories! {
    nobody_is_told_an_address: "auto-configuration",
    a_killed_server: "failover-kill",
    a_stopped_server: "failover-clean-stop",
    a_frozen_server: "failover-freeze",
    an_unplugged_server: "failover-unplug",
    the_whole_pool_gone_and_back: "all-gone-and-back",
    a_lossy_network: "lossy-network",
    rising_load: "rising-load",
    a_registrar_taken_over: "registrar-takeover",
    a_partition: "partition",
    a_rolling_restart: "rolling-restart",
    random_faults: "hour-of-churn",
}

/// Writes a scenario with these steps.
fn scenario(name: &str, steps: &str) -> PathBuf {
    let path = scratch(name);
    let text = format!(r#"{{"name": "n", "components": [{{"role": "registrar"}}], "steps": [{steps}]}}"#);
    std::fs::write(&path, text).expect("the scenario can be written");
    path
}

#[test]
fn an_expectation_that_is_not_met_shows_in_status_and_report() {
    let path = scenario(
        "unmet.json",
        r#"{"when": {"ready": "PR 1"}, "expect": [{"that": {"registered": {"of": "PR 1"}}, "within-s": 0.5}]}"#,
    );
    let played = play(&path, &[]);
    std::fs::remove_file(path).unwrap();
    played.ended_with(1);
    assert!(
        played.text().contains("NOT MET PR 1: registered"),
        "{}",
        played.text()
    );
    let round = &played.report.unwrap()["rounds"][0];
    assert_eq!(round["met"], false);
    assert_eq!(round["steps"][0]["expectations"][0]["met"], false);
}

#[test]
fn a_condition_that_never_holds_ends_the_story() {
    let path = scenario(
        "never.json",
        r#"{"when": {"state": {"of": "PR 1", "is": "frozen"}}, "within-s": 0.5}"#,
    );
    let played = play(&path, &[]);
    std::fs::remove_file(path).unwrap();
    played.ended_with(1);
    assert!(
        played.text().contains("waited in vain for: PR 1: frozen"),
        "{}",
        played.text()
    );
}

#[test]
fn a_time_limit_ends_a_story() {
    let path = scenario("long.json", r#"{"at-s": 80000, "say": "At last."}"#);
    let played = play(&path, &["--time-limit=1"]);
    std::fs::remove_file(path).unwrap();
    played.ended_with(1);
    assert!(played.text().contains("the time is up"), "{}", played.text());
}

#[test]
fn what_cannot_be_played_has_a_status_of_its_own() {
    let path = scenario("wrong.json", r#"{"do": [{"explode": "PR 1"}]}, {"after-s": -1}"#);
    let played = play(&path, &[]);
    played.ended_with(2);
    for expected in [
        "unknown variant `explode`",
        "steps[1].after-s: -1 is out of range",
    ] {
        assert!(played.text().contains(expected), "{}", played.text());
    }
    std::fs::write(&path, r#"{"name": "n", "components": [{"role": "registrar"}]}"#).unwrap();
    let played = play(&path, &[]);
    played.ended_with(2);
    assert!(played.text().contains("has no steps"), "{}", played.text());
    std::fs::remove_file(&path).unwrap();
    play(&path, &[]).ended_with(2);
}

#[test]
fn rounds_are_summed_up() {
    let path = scenario(
        "rounds.json",
        r#"{"when": {"ready": "PR 1"}, "say": "It serves."}"#,
    );
    let csv = scratch("rounds.csv");
    let played = play(&path, &["--repeat=2", &format!("--csv={}", csv.display())]);
    played.ended_with(0);
    let text = std::fs::read_to_string(&csv).unwrap();
    for file in [path, csv] {
        std::fs::remove_file(file).unwrap();
    }
    assert!(text.contains("2,\"PR 1\",start-ready,,"), "{text}");
    let report = played.report.unwrap();
    assert_eq!(report["summary"]["start-ready"]["count"], 2);
    assert_eq!(report["rounds"][1]["seed"], 2);
}
