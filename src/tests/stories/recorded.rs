//! What a recording of a run is worth: the run is in it, whole, for Poolscope and for a protocol analyser.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::{analyser, fields, scratch};

/// A file for the recording of a run. It is kept if the test fails.
pub(crate) struct Recorded(PathBuf);

impl Recorded {
    pub(crate) fn new(name: &str) -> Self {
        Self(scratch(&format!("{name}.pcapng.zst")))
    }

    /// Returns the options that make a recording, with a digest of the state every tenth of a second.
    pub(crate) fn options(&self) -> Vec<String> {
        vec![format!("--record={}", self.0.display()), "--digests".to_owned()]
    }

    /// Checks that the run can be replayed from its recording: that all states are the same again, in any order, that its
    /// report is the same again, and that an analyser understands all packets.
    #[track_caller]
    pub(crate) fn check(&self, report: &Value) {
        let (output, replayed) = replay(&self.0);
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        let text = String::from_utf8_lossy(&text);
        let kept = self.0.display();
        assert_eq!(output.status.code(), Some(0), "{kept}: {text}");
        let compared = text.lines().find_map(|line| {
            let (states, _) = line.split_once(" states compared with those that were live")?;
            states.parse::<u64>().ok()
        });
        assert!(compared >= Some(2), "{kept}: {text}");
        assert_eq!(replayed.as_ref(), Some(report), "{kept}");
        analyser::check(&self.0, &report["rounds"][0]["messages"]);
        fields::check(&self.0);
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

/// Replays a recording, and compares its states with those that were live. Returns the report as well.
fn replay(file: &Path) -> (Output, Option<Value>) {
    let report = file.with_extension("replayed.json");
    let output = Command::new(env!("CARGO_BIN_EXE_poolscope"))
        .arg("replay")
        .arg(file)
        .args(["--headless", "--verify"])
        .arg(format!("--report={}", report.display()))
        .output()
        .expect("the program can be started");
    let text = std::fs::read_to_string(&report).ok();
    let _ = std::fs::remove_file(&report);
    (output, text.and_then(|text| serde_json::from_str(&text).ok()))
}
