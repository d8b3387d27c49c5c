//! The stories in `demo-scenarios`, played without a window and with real processes, must meet their expectations.
//!
//! Waiting times meant for an audience are shortened; everything else takes its real time. Each story has a
//! multicast group of its own, so that stories can be played at the same time.
//!
//! Each story is recorded: what was known at any time must be known again from the recording (`recorded`), and what an
//! analyser reads from its packets must be what was known (`analyser`). `report_folder` tests what a run leaves for readers.

mod analyser;
#[path = "../../../components/dissection/tests/analyser/mod.rs"]
#[expect(clippy::unwrap_used, reason = "it is a part of tests, in another crate")]
mod dissected;
mod fields;
mod recorded;
mod report_folder;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::recorded::Recorded;

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
        .args(["run", "--headless", SPEED])
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

/// Returns a file that nothing else uses.
fn scratch(name: &str) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("poolscope-{}-{number}-{name}", std::process::id()))
}

/// Returns the file of a story of the repository.
fn story_file(name: &str) -> PathBuf {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo-scenarios");
    scenarios.join(name).with_extension("json")
}

/// Plays a story of the repository, which must meet its expectations, leave no process behind, and be the same again when
/// it is replayed.
#[track_caller]
fn story(name: &str) {
    let played = play_and_replay(name, &[CHURN]);
    let round = &played.report.as_ref().expect("there is a report")["rounds"][0];
    assert_eq!(round["missing-pixels"], 0, "{}", played.text());
    assert_eq!(round["orphans"], serde_json::json!([]));
    assert_ne!(round["messages"], serde_json::json!({}));
    let steps = round["steps"].as_array().expect("steps");
    for step in steps {
        for told in step["told"].as_array().expect("sentences") {
            narration::check(round, step, told);
        }
    }
    // A picture that a fault concerned was compared, and not with a later one.
    let proofs = round["proofs"].as_array().expect("proofs");
    for proof in proofs {
        assert_eq!(proof["equal"], proof["pixels"], "{proof}");
    }
    if name.starts_with("failover-") {
        let by = proofs[0]["computed-by"].as_object().expect("pool elements");
        assert!(by.len() > 1, "the picture did not fail over: {proofs:?}");
    }
}

/// Plays a story of the repository, which must meet its expectations, and replays it from its recording.
#[track_caller]
fn play_and_replay(name: &str, options: &[&str]) -> Played {
    let recorded = Recorded::new(name);
    let recording = recorded.options();
    let recording = recording.iter().map(String::as_str);
    let options: Vec<&str> = recording.chain([LIMIT]).chain(options.iter().copied()).collect();
    let played = play(&story_file(name), &options);
    played.ended_with(0);
    recorded.check(played.report.as_ref().expect("there is a report"));
    played
}

#[test]
fn whatever_chance_decides_is_replayed() {
    std::thread::scope(|scope| {
        for seed in ["--seed=2", "--seed=3"] {
            scope.spawn(move || {
                let played = play_and_replay("hour-of-churn", &["--churn-for=3", seed]);
                let report = played.report.expect("there is a report");
                assert_ne!(report["rounds"][0]["starts"], serde_json::json!([]), "{seed}");
            });
        }
    });
}

/// Checks what stories tell against what was measured.
mod narration {
    use serde_json::Value;

    /// What a sentence with these words claims.
    type Claim = (&'static str, fn(&Round<'_>) -> bool);

    /// The measured values of a round, from the step on that tells.
    struct Round<'a> {
        round: &'a Value,
        begun: u64,
    }

    const CLAIMS: [Claim; 18] = [
        ("Another one has just come", |it| it.has_message("ASAP_COOKIE")),
        ("handed the latest cookie", |it| {
            it.since("failovers").all(|one| one["cookie-echoed"] == true)
        }),
        ("the picture goes on there", |it| {
            it.since("failovers").next().is_some()
        }),
        ("told the pool user that nobody is there", |it| {
            it.every_reason(&["unreachable", "refused"])
        }),
        ("An abort told", |it| {
            it.every_reason(&["aborted by the peer", "restarted"])
        }),
        ("had no answer, and gave up", |it| it.every_reason(&["timed out"])),
        ("the time-out of SCTP", |it| it.every_reason(&["timed out"])),
        ("has shut its association down", |it| {
            it.every_reason(&["shut down"])
        }),
        ("has left the pool", |it| it.has_message("ASAP_DEREGISTRATION")),
        ("told the other one at once", |it| {
            it.since("takeovers").all(|one| patience_ms(one) < 400.0)
        }),
        ("asked for a sign of life, and had no answer", |it| {
            it.since("takeovers").all(|one| patience_ms(one) >= 400.0)
        }),
        ("what the dead one owned", |it| it.takeover_of("")),
        ("PR 2 takes PR 1 for dead", |it| it.takeover_of("PR 1")),
        ("PR 1 takes PR 2 for dead", |it| it.takeover_of("PR 2")),
        ("sessions have moved on", |it| {
            it.since("failovers").next().is_some()
        }),
        ("goes on from there", |it| {
            it.since("failovers").next().is_some() || it.failovers_before()
        }),
        ("with checksums", |it| it.has_message("ENRP_PRESENCE")),
        ("Not one pixel is", |it| {
            let proofs = it.round["proofs"].as_array();
            proofs.is_some_and(|proofs| {
                !proofs.is_empty() && proofs.iter().all(|proof| proof["equal"] == proof["pixels"])
            })
        }),
    ];

    /// What nobody can know when a step begins.
    const TOO_EARLY: [&str; 14] = [
        "at once",
        "once more",
        "notice",
        "moves on",
        "move on",
        "went on",
        "goes on",
        "is complete",
        "taken over",
        "takes over",
        "registers",
        "one pixel",
        "gap",
        "they have ",
    ];

    impl<'a> Round<'a> {
        fn since(&self, list: &str) -> impl Iterator<Item = &'a Value> {
            let begun = self.begun;
            let all = self.round[list].as_array().map(Vec::as_slice).unwrap_or_default();
            all.iter()
                .filter(move |one| one["at-us"].as_u64().is_some_and(|at| at >= begun))
        }

        /// Returns whether sessions failed over that had lost their pool element before the step.
        fn failovers_before(&self) -> bool {
            self.round["failovers"]
                .as_array()
                .is_some_and(|failovers| !failovers.is_empty())
        }

        fn every_reason(&self, words: &[&str]) -> bool {
            let mut reasons = self.since("failovers").peekable();
            reasons.peek().is_some()
                && reasons.all(|failover| {
                    let reason = failover["reason"].as_str().unwrap_or_default();
                    words.iter().any(|word| reason.contains(word))
                })
        }

        fn has_message(&self, name: &str) -> bool {
            self.round["messages"][name]["messages"]
                .as_u64()
                .is_some_and(|messages| messages > 0)
        }

        fn takeover_of(&self, target: &str) -> bool {
            self.since("takeovers").any(|takeover| {
                let of = takeover["target"].as_str().unwrap_or_default();
                of.ends_with(target)
                    && !takeover["complete-ms"].is_null()
                    && takeover["adopted"] == takeover["pool-elements"]
            })
        }
    }

    /// Returns how long a registrar waited for an answer before it considered the other one dead.
    fn patience_ms(takeover: &Value) -> f64 {
        let at = |name: &str| takeover[name].as_f64().unwrap_or_default();
        at("initiated-ms") - at("suspected-ms")
    }

    /// Checks one sentence that was told.
    #[track_caller]
    pub(super) fn check(round: &Value, step: &Value, told: &Value) {
        let text = told["text"].as_str().expect("a text");
        let begun = step["begun-us"].as_u64().expect("a time");
        let place = format!("step {}: \"{text}\"", step["name"]);
        let claims: Vec<&Claim> = CLAIMS
            .iter()
            .filter(|(words, _)| text.to_lowercase().contains(&words.to_lowercase()))
            .collect();
        if told["because"].is_null() {
            // What the step does, or what is so in any case.
            let early = TOO_EARLY
                .iter()
                .find(|words| text.to_lowercase().contains(*words));
            assert_eq!(early, None, "{place} is told before anybody can know it");
            assert!(claims.is_empty(), "{place} is told whether or not it is true");
            return;
        }
        let met = step["expectations"].as_array().expect("a list");
        assert!(met.iter().all(|one| one["met"] == true), "{place}, but {step}");
        let round = Round { round, begun };
        for (words, claim) in claims {
            assert!(
                claim(&round),
                "{place}: `{words}` is not what was measured: {}",
                round.round
            );
        }
    }
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
    policies_in_a_pool_of_equals: "policies-equal-pool",
    policies_in_an_unequal_pool: "policies-unequal-pool",
    two_pools_with_one_load: "two-policies",
    least_used_with_old_loads: "fresh-load",
    least_used_with_degradation: "degradation",
    a_stand_by: "stand-by",
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
    assert_eq!(round["failures"][0]["what"], "not met: PR 1: registered");
}

#[test]
fn an_expectation_of_several_things_says_which_of_them_is_missing() {
    let path = scenario(
        "missing.json",
        r#"{"when": {"ready": "PR 1"}, "expect": [{"say": "All is well.", "within-s": 0.5,
            "that": {"all": [{"ready": "PR 1"}, {"registered": {"of": "PR 1"}}]}}]}"#,
    );
    let played = play(&path, &[]);
    std::fs::remove_file(path).unwrap();
    played.ended_with(1);
    let text = played.text();
    assert!(text.contains("missing: PR 1: registered"), "{text}");
    assert!(!text.contains("PR 1: ready"), "{text}");
    let round = &played.report.unwrap()["rounds"][0];
    let missing = &round["steps"][0]["expectations"][0]["missing"];
    assert_eq!(*missing, serde_json::json!(["PR 1: registered"]));
    let what = &round["failures"][0]["what"];
    assert_eq!(*what, "not met: All is well. (missing: PR 1: registered)");
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
