//! The results of playing a scenario. Durations are in milliseconds, times in microseconds since the Unix epoch.

use feed::{SessionId, Timestamp, WallClock};
use serde::Serialize;
use std::collections::BTreeMap;

pub use super::resources::{ProcessReport, Usage};
pub use super::statistics::Statistics;
use crate::headless::note::Beginning;
use play::{Failure, StepRecord};

/// The results of all rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Name of the scenario.
    pub scenario: String,
    /// The program's version.
    pub version: String,
    /// The seed of the first round; each further round uses the next number.
    pub seed: u64,
    /// Whether every round was as expected, and none is missing.
    pub met: bool,
    /// The signal that interrupted it, if one did: further rounds are missing, and the last one may be incomplete.
    pub interrupted: Option<String>,
    /// The problem with the recording that it was made of, if there is one: something is missing, or differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damaged: Option<String>,
    /// Figures over all rounds, by name and fault.
    pub summary: BTreeMap<String, Statistics>,
    /// The rounds.
    pub rounds: Vec<RoundReport>,
}

/// The results of one round.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RoundReport {
    /// The seed of random faults.
    pub seed: u64,
    /// Whether it was as expected.
    pub met: bool,
    /// Its duration in seconds.
    pub duration_s: f64,
    /// The steps with their expectations.
    pub steps: Vec<StepRecord>,
    /// What was not as expected.
    pub failures: Vec<Failure>,
    /// The completed failovers.
    pub failovers: Vec<FailoverReport>,
    /// Failovers whose pool user ended, or began another picture, before new data arrived.
    pub abandoned_failovers: u64,
    /// The takeovers.
    pub takeovers: Vec<TakeoverReport>,
    /// The starts of processes.
    pub starts: Vec<StartReport>,
    /// The pictures that the steps were about, compared with pictures computed by the control centre.
    pub proofs: Vec<ProofReport>,
    /// Finished pictures.
    pub pictures: u64,
    /// Pictures with missing pixels.
    pub incomplete_pictures: u64,
    /// Missing pixels of those pictures.
    pub missing_pixels: u64,
    /// Pictures that pool users have compared with their own computation.
    pub verified_pictures: u64,
    /// Wrong pixels in those pictures.
    pub wrong_pixels: u64,
    /// Messages by name, each counted once.
    pub messages: BTreeMap<String, MessageCount>,
    /// What processes used.
    pub processes: Vec<ProcessReport>,
    /// Processes that were left running.
    pub orphans: Vec<u32>,
    /// Problems that components reported, and commands that failed.
    pub problems: Vec<ProblemReport>,
}

/// A failover and its consecutive phases.
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
    /// The pool element that took over.
    pub to: Option<String>,
    /// The reason, as the pool user saw it.
    pub reason: String,
    /// The injected fault, if any.
    pub fault: Option<String>,
    /// From the fault (for a clean stop: from the last data) to the first data of the next pool element.
    pub gap_ms: f64,
    /// Until the pool user detected the failure.
    pub detection_ms: f64,
    /// Until the next pool element was known.
    pub resolution_ms: Option<f64>,
    /// Until the association to it was up.
    pub connection_ms: Option<f64>,
    /// Whether a state cookie was echoed then, as the first message to it.
    pub cookie_echoed: bool,
    /// Until its first data arrived.
    pub first_data_ms: Option<f64>,
}

/// A picture that a fault concerned, compared pixel by pixel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProofReport {
    /// The pool user.
    pub user: String,
    /// The sequence number of the picture at its pool user.
    pub picture: u32,
    /// All pixels of the picture.
    pub pixels: u64,
    /// Pixels that are equal.
    pub equal: u64,
    /// Pixels that arrived with another value.
    pub wrong: u64,
    /// Pixels that did not arrive.
    pub missing: u64,
    /// Column and row of the first pixel that is wrong or missing.
    pub first: Option<(u32, u32)>,
    /// The number of pixels by each pool element.
    pub computed_by: BTreeMap<String, u64>,
}

/// A takeover. All durations count from the fault, or without one from when the registrar was first suspected.
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
    /// The injected fault, if any.
    pub fault: Option<String>,
    /// Until it was suspected.
    pub suspected_ms: Option<f64>,
    /// Until it was declared dead.
    pub initiated_ms: Option<f64>,
    /// Until the last peer had agreed.
    pub acknowledged_ms: Option<f64>,
    /// Until the pool elements were notified.
    pub won_ms: Option<f64>,
    /// Until all of them had a new home registrar.
    pub complete_ms: Option<f64>,
    /// Pool elements that had to find a new home registrar.
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
    /// When it was started.
    #[serde(rename = "at-us")]
    pub at: Timestamp,
    /// Until it said hello.
    pub hello_ms: Option<f64>,
    /// Until it was serving, registered or connected.
    pub ready_ms: Option<f64>,
}

/// Messages with the same name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MessageCount {
    /// The number of messages.
    pub messages: u64,
    /// Their size in bytes, without SCTP headers.
    pub bytes: u64,
}

/// A problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProblemReport {
    /// When it was reported.
    #[serde(rename = "at-us")]
    pub at: Timestamp,
    /// The problem in words.
    pub what: String,
}

impl Report {
    /// Creates a report without rounds.
    #[must_use]
    pub(super) fn of(beginning: Beginning) -> Self {
        Self {
            scenario: beginning.scenario,
            version: beginning.version,
            seed: beginning.seed,
            met: true,
            interrupted: None,
            damaged: None,
            summary: BTreeMap::new(),
            rounds: Vec::new(),
        }
    }

    /// Computes the figures over all rounds.
    pub fn summarise(&mut self) {
        let mut figures: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (_, figure) in self.rounds.iter().flat_map(RoundReport::figures) {
            figures.entry(figure.named()).or_default().push(figure.ms);
        }
        let statistics = figures.into_iter();
        self.summary = statistics
            .filter_map(|(name, figures)| Some((name, Statistics::of(figures)?)))
            .collect();
        let whole = self.interrupted.is_none() && self.damaged.is_none();
        self.met = whole && self.rounds.iter().all(|round| round.met);
    }

    /// Formats the report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Everything in it can be represented in JSON; figures that are not finite become null.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl RoundReport {
    /// Converts the report from timestamps of this host's clock to times since the Unix epoch.
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
    use scenario::Scenario;

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
            cookie_echoed: false,
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
            proofs: Vec::new(),
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
            told: Vec::new(),
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
        let mut report = Report::of(Beginning::new(&Scenario::built_in().unwrap(), 1));
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
