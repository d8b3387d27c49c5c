//! What came of playing a scenario. Durations are milliseconds, times microseconds since the Unix epoch.

use feed::{SessionId, Timestamp, WallClock};
use serde::Serialize;
use std::collections::BTreeMap;

pub use super::resources::{ProcessReport, Usage};
pub use super::statistics::Statistics;
use play::{Failure, StepRecord};
use scenario::Scenario;

/// What came of all rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Name of the scenario.
    pub scenario: String,
    /// The program's version.
    pub version: &'static str,
    /// The seed of the first round; each has the next one.
    pub seed: u64,
    /// Whether every round was as expected.
    pub met: bool,
    /// Figures over all rounds, by name and fault.
    pub summary: BTreeMap<String, Statistics>,
    /// The rounds.
    pub rounds: Vec<RoundReport>,
}

/// What came of one round.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RoundReport {
    /// What random faults came from.
    pub seed: u64,
    /// Whether it was as expected.
    pub met: bool,
    /// Its duration, seconds.
    pub duration_s: f64,
    /// The steps with what they expected.
    pub steps: Vec<StepRecord>,
    /// What was not as expected.
    pub failures: Vec<Failure>,
    /// The failovers that were complete.
    pub failovers: Vec<FailoverReport>,
    /// Failovers whose pool user ended, or began another picture, before there was data again.
    pub abandoned_failovers: u64,
    /// The takeovers.
    pub takeovers: Vec<TakeoverReport>,
    /// The starts of processes.
    pub starts: Vec<StartReport>,
    /// Pictures that were finished.
    pub pictures: u64,
    /// Those in which pixels are missing.
    pub incomplete_pictures: u64,
    /// Pixels missing in those.
    pub missing_pixels: u64,
    /// Pictures that pool users have compared with their own computation.
    pub verified_pictures: u64,
    /// Pixels of those that are there and wrong.
    pub wrong_pixels: u64,
    /// Messages by name, each counted once.
    pub messages: BTreeMap<String, MessageCount>,
    /// What processes used.
    pub processes: Vec<ProcessReport>,
    /// Processes that were left over.
    pub orphans: Vec<u32>,
    /// What components told of, and what could not be done.
    pub problems: Vec<ProblemReport>,
}

/// A failover and its parts, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FailoverReport {
    /// When the gap began.
    #[serde(rename = "at-us")]
    pub at: Timestamp,
    /// The pool user.
    pub user: String,
    /// Its session.
    pub session: SessionId,
    /// The pool element that was left.
    pub from: Option<String>,
    /// The pool element that went on.
    pub to: Option<String>,
    /// Why, as the pool user saw it.
    pub reason: String,
    /// The fault that was injected, if one was.
    pub fault: Option<String>,
    /// From the fault (for a clean stop: from the last data) to the first data of the next pool element.
    pub gap_ms: f64,
    /// Until the pool user noticed.
    pub detection_ms: f64,
    /// Until the next pool element was known.
    pub resolution_ms: Option<f64>,
    /// Until the association to it was up.
    pub connection_ms: Option<f64>,
    /// Until the cookie was echoed, if there was one.
    pub cookie_echo_ms: Option<f64>,
    /// Until its first data arrived.
    pub first_data_ms: Option<f64>,
}

/// A takeover. All durations count from the fault, or without one from when the registrar was missed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TakeoverReport {
    /// When it began.
    #[serde(rename = "at-us")]
    pub at: Timestamp,
    /// The registrar that was taken over.
    pub target: String,
    /// The registrar that took over.
    pub by: Option<String>,
    /// The fault that was injected, if one was.
    pub fault: Option<String>,
    /// Until it was missed.
    pub suspected_ms: Option<f64>,
    /// Until it was considered dead.
    pub initiated_ms: Option<f64>,
    /// Until the last peer had agreed.
    pub acknowledged_ms: Option<f64>,
    /// Until the pool elements were told.
    pub won_ms: Option<f64>,
    /// Until all of them had a new home.
    pub complete_ms: Option<f64>,
    /// Pool elements that had to be moved.
    pub pool_elements: u32,
    /// Pool elements that accepted.
    pub adopted: u32,
}

/// The start of a process.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StartReport {
    /// The component.
    pub name: String,
    /// When.
    #[serde(rename = "at-us")]
    pub at: Timestamp,
    /// Until it said hello.
    pub hello_ms: Option<f64>,
    /// Until it served, was registered or connected.
    pub ready_ms: Option<f64>,
}

/// Messages of one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MessageCount {
    /// How many.
    pub messages: u64,
    /// Their bytes, without SCTP's.
    pub bytes: u64,
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProblemReport {
    /// When.
    #[serde(rename = "at-us")]
    pub at: Timestamp,
    /// What.
    pub what: String,
}

impl Report {
    /// A report without rounds.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        Self {
            scenario: scenario.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            seed,
            met: true,
            summary: BTreeMap::new(),
            rounds: Vec::new(),
        }
    }

    /// Works out the figures over all rounds.
    pub fn summarise(&mut self) {
        let mut figures: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (_, figure) in self.rounds.iter().flat_map(RoundReport::figures) {
            figures.entry(figure.named()).or_default().push(figure.ms);
        }
        let statistics = figures.into_iter();
        self.summary = statistics
            .filter_map(|(name, figures)| Some((name, Statistics::of(figures)?)))
            .collect();
        self.met = self.rounds.iter().all(|round| round.met);
    }

    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing in it that JSON cannot express; a figure that is no number becomes null.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl RoundReport {
    /// The report, whose times are those of this host's clock so far, with times that count from the Unix epoch.
    #[must_use]
    pub(super) fn by(mut self, wall_clock: WallClock) -> Self {
        let failovers = self.failovers.iter_mut().map(|failover| &mut failover.at);
        let takeovers = self.takeovers.iter_mut().map(|takeover| &mut takeover.at);
        let starts = self.starts.iter_mut().map(|start| &mut start.at);
        let problems = self.problems.iter_mut().map(|problem| &mut problem.at);
        let failures = self.failures.iter_mut().map(|failure| &mut failure.at);
        let steps = self
            .steps
            .iter_mut()
            .flat_map(|step| std::iter::once(&mut step.begun).chain(&mut step.over));
        let events = failovers.chain(takeovers).chain(starts).chain(problems);
        for at in events.chain(failures).chain(steps) {
            *at = Timestamp::from_micros(wall_clock.unix_us(*at));
        }
        self
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use play::FailureKind;

    use super::*;

    fn failover(gap_ms: f64) -> FailoverReport {
        FailoverReport {
            at: Timestamp::from_micros(1),
            user: "PU \"1\"".into(),
            session: SessionId(1),
            from: None,
            to: None,
            reason: String::new(),
            fault: Some("kill".into()),
            gap_ms,
            detection_ms: 1.0,
            resolution_ms: None,
            connection_ms: None,
            cookie_echo_ms: None,
            first_data_ms: None,
        }
    }

    pub(in crate::headless) fn round(gaps: &[f64], met: bool) -> RoundReport {
        RoundReport {
            seed: 1,
            met,
            duration_s: 1.0,
            steps: Vec::new(),
            failures: Vec::new(),
            failovers: gaps.iter().copied().map(failover).collect(),
            abandoned_failovers: 0,
            takeovers: Vec::new(),
            starts: Vec::new(),
            pictures: 3,
            incomplete_pictures: 1,
            missing_pixels: 12,
            verified_pictures: 0,
            wrong_pixels: 0,
            messages: BTreeMap::new(),
            processes: Vec::new(),
            orphans: Vec::new(),
            problems: Vec::new(),
        }
    }

    #[test]
    fn times_in_a_report_are_times_of_day() {
        let wall_clock = WallClock::showing(Duration::from_secs(1_795_428_000), Timestamp::from_micros(1));
        let mut round = round(&[10.0], true);
        let at = Timestamp::from_micros(2);
        round.starts.push(StartReport {
            name: "PE 1".into(),
            at,
            hello_ms: None,
            ready_ms: None,
        });
        round.problems.push(ProblemReport {
            at,
            what: String::new(),
        });
        round.failures.push(Failure {
            at,
            step: String::new(),
            what: FailureKind::GivenUp { why: String::new() },
        });
        round.steps.push(StepRecord {
            step: 0,
            name: String::new(),
            begun: at,
            over: Some(at),
            expectations: Vec::new(),
        });
        let round = round.by(wall_clock);
        assert_eq!(
            round.failovers[0].at,
            Timestamp::from_micros(1_795_428_000_000_000)
        );
        let later = Timestamp::from_micros(1_795_428_000_000_001);
        let others = [round.starts[0].at, round.problems[0].at, round.failures[0].at];
        assert_eq!(others, [later; 3]);
        let step = &round.steps[0];
        assert_eq!([Some(step.begun), step.over], [Some(later); 2]);
    }

    #[test]
    fn figures_are_summed_up_over_all_rounds() {
        let mut report = Report::new(&Scenario::built_in().unwrap(), 1);
        report.rounds = vec![round(&[10.0, 20.0], true), round(&[30.0], true)];
        report.summarise();
        let gaps = &report.summary["failover-gap (kill)"];
        assert_eq!((gaps.count, gaps.median_ms, gaps.max_ms), (3, 20.0, 30.0));
        assert!(report.met);
        report.rounds.push(round(&[], false));
        report.summarise();
        assert!(!report.met);
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(json["rounds"][1]["failovers"][0]["gap-ms"], 30.0);
        let csv = report.to_csv();
        assert!(
            csv.contains("2,\"PU \"\"1\"\"\",failover-gap,kill,30.000\n"),
            "{csv}"
        );
    }
}
