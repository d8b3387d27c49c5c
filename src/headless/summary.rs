//! The summary of all rounds for the terminal.

use std::fmt::Write as _;

use super::report::{Report, RoundReport};
use super::statistics::Statistics;

impl Report {
    /// Prints a summary.
    pub fn print_summary(&self) {
        if !self.summary.is_empty() {
            println!(
                "\n{:34} {:>7} {:>10} {:>10} {:>10}",
                "milliseconds", "events", "median", "95 %", "maximum"
            );
        }
        for (name, figures) in &self.summary {
            let Statistics {
                count,
                median_ms,
                p95_ms,
                max_ms,
            } = figures;
            println!("{name:34} {count:7} {median_ms:10.1} {p95_ms:10.1} {max_ms:10.1}");
        }
        let rounds = self.rounds.len();
        let failed = self.rounds.iter().filter(|round| !round.met).count();
        println!("\n{}", self.pictures_in_words());
        for round in &self.rounds {
            for failure in &round.failures {
                println!("{}: {}", failure.step, failure.what);
            }
            if !round.orphans.is_empty() {
                println!("processes left over: {:?}", round.orphans);
            }
        }
        match (failed, rounds) {
            (0, 1) => println!("\"{}\": all as expected", self.scenario),
            (0, _) => println!("\"{}\": all as expected in {rounds} rounds", self.scenario),
            _ => println!(
                "\"{}\": NOT as expected in {failed} of {rounds} rounds",
                self.scenario
            ),
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
        text
    }
}

#[cfg(test)]
mod tests {
    use scenario::Scenario;

    use super::super::report::tests::round;
    use super::*;

    #[test]
    fn missing_and_wrong_pixels_are_told() {
        let mut report = Report::new(&Scenario::built_in().unwrap(), 1);
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
    }
}
