//! Prints how the steps go on.

use std::time::Duration;

use crate::terminal::Transcript;
use play::{FailureKind, Play};

/// What has been printed so far.
#[derive(Default)]
pub(super) struct Progress {
    narration: String,
    steps: usize,
    failures: usize,
}

impl Progress {
    /// Prints what is new.
    pub(super) fn print(&mut self, elapsed: Duration, play: &Play, transcript: &Transcript) {
        let at = elapsed.as_secs_f64();
        let (say, rfc) = play.narration().unwrap_or_default();
        if say != self.narration {
            // Sentences are added as they become true.
            match say.strip_prefix(self.narration.as_str()).map(str::trim_start) {
                Some(more) if !self.narration.is_empty() => {
                    transcript.line(format_args!("{at:7.1} s  {more}"));
                }
                _ => {
                    let rfc = rfc.map(|rfc| format!(" [{rfc}]")).unwrap_or_default();
                    transcript.line(format_args!("{at:7.1} s  {say}{rfc}"));
                }
            }
            say.clone_into(&mut self.narration);
        }
        let records = play.step_records();
        while let Some(record) = records.get(self.steps).filter(|record| record.over.is_some()) {
            self.steps += 1;
            for expectation in &record.expectations {
                let decision = &expectation.decision;
                let word = if decision.met { "met    " } else { "NOT MET" };
                let figure = decision.figure();
                transcript.line(format_args!(
                    "{at:7.1} s    {word} {} ({figure})",
                    expectation.expected
                ));
                for part in &decision.missing {
                    transcript.line(format_args!("{at:7.1} s            missing: {part}"));
                }
            }
        }
        let failures = play.failures();
        for failure in failures.iter().skip(self.failures) {
            // Unmet expectations are printed with their steps.
            if !matches!(failure.what, FailureKind::NotMet(_)) {
                transcript.line(format_args!(
                    "{at:7.1} s    FAILED {}: {}",
                    failure.step, failure.what
                ));
            }
        }
        self.failures = failures.len();
    }
}
