//! The summary of all rounds for the terminal.

use std::fmt::Write as _;

use super::report::{Report, RoundReport};
use super::statistics::Statistics;
use model::words;

impl Report {
    /// Returns a summary, as lines for the terminal.
    #[must_use]
    pub fn summary_in_words(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.summary.is_empty() {
            lines.push(String::new());
            lines.push(format!(
                "{:34} {:>7} {:>10} {:>10} {:>10}",
                "milliseconds", "events", "median", "95 %", "maximum"
            ));
        }
        for (name, figures) in &self.summary {
            let Statistics {
                count,
                median_ms,
                p95_ms,
                max_ms,
            } = figures;
            lines.push(format!(
                "{name:34} {count:7} {median_ms:10.1} {p95_ms:10.1} {max_ms:10.1}"
            ));
        }
        lines.push(String::new());
        lines.push(self.pictures_in_words());
        for round in &self.rounds {
            let failures = round.failures.iter();
            lines.extend(failures.map(|failure| format!("{}: {}", failure.step, failure.what)));
            if !round.orphans.is_empty() {
                lines.push(format!("processes left over: {:?}", round.orphans));
            }
        }
        lines.push(self.outcome_in_words());
        lines
    }

    fn outcome_in_words(&self) -> String {
        let (name, rounds) = (&self.scenario, self.rounds.len());
        let failed = self.rounds.iter().filter(|round| !round.met).count();
        if let Some(problem) = &self.damaged {
            return format!("\"{name}\": NOT the whole recording could be used: {problem}");
        }
        match (&self.interrupted, failed, rounds) {
            (Some(signal), ..) => format!("\"{name}\": interrupted by {signal}"),
            (None, 0, 1) => format!("\"{name}\": all as expected"),
            (None, 0, _) => format!("\"{name}\": all as expected in {rounds} rounds"),
            (None, ..) => format!("\"{name}\": NOT as expected in {failed} of {rounds} rounds"),
        }
    }

    /// Describes the results of the pictures.
    fn pictures_in_words(&self) -> String {
        let sum = |of: fn(&RoundReport) -> u64| self.rounds.iter().map(of).fold(0, u64::saturating_add);
        let pictures = sum(|round| round.pictures);
        let complete = pictures.saturating_sub(sum(|round| round.incomplete_pictures));
        let missing = sum(|round| round.missing_pixels);
        let mut text = format!("{complete} of {pictures} pictures complete, {missing} pixels missing");
        let verified = sum(|round| round.verified_pictures);
        if verified > 0 {
            let wrong = sum(|round| round.wrong_pixels);
            let _ = write!(text, "; {verified} compared, {wrong} pixels wrong");
        }
        let proofs = || self.rounds.iter().flat_map(|round| &round.proofs);
        if proofs().next().is_some() {
            let equal = proofs().map(|proof| proof.equal).sum();
            let pixels = proofs().map(|proof| proof.pixels).sum();
            let _ = write!(
                text,
                "\nthe pictures that faults concerned: {} of {} pixels equal",
                words::count(equal),
                words::count(pixels)
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use scenario::Scenario;

    use super::super::note::Beginning;
    use super::super::report::ProofReport;
    use super::super::report::tests::round;
    use super::*;

    #[test]
    fn missing_and_wrong_pixels_are_told() {
        let mut report = Report::of(Beginning::new(&Scenario::built_in().unwrap(), 1));
        report.rounds = vec![round(&[], true), round(&[], true)];
        assert_eq!(
            report.pictures_in_words(),
            "4 of 6 pictures complete, 24 pixels missing"
        );
        report.rounds[1].verified_pictures = 2;
        report.rounds[1].wrong_pixels = 7;
        assert_eq!(
            report.pictures_in_words(),
            "4 of 6 pictures complete, 24 pixels missing; 2 compared, 7 pixels wrong"
        );
        report.rounds[0].proofs.push(ProofReport {
            user: "PU 1".into(),
            picture: 2,
            pixels: 1_000,
            equal: 999,
            wrong: 1,
            missing: 0,
            first: Some((3, 4)),
            computed_by: std::collections::BTreeMap::new(),
        });
        let told = report.pictures_in_words();
        assert!(told.ends_with(": 999 of 1,000 pixels equal"), "{told}");
    }

    #[test]
    fn an_interrupted_run_is_not_as_expected() {
        let mut report = Report::of(Beginning::new(&Scenario::built_in().unwrap(), 1));
        report.rounds = vec![round(&[], true)];
        report.interrupted = Some("SIGTERM".into());
        report.summarise();
        assert!(!report.met);
        let lines = report.summary_in_words();
        assert!(
            lines
                .last()
                .is_some_and(|line| line.ends_with("interrupted by SIGTERM")),
            "{lines:?}"
        );
    }
}
