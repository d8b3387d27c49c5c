//! All measured values of a round, and their CSV format.

use std::fmt::Write as _;

use super::report::{Report, RoundReport};

/// A single measured value.
pub(super) struct Figure<'a> {
    pub(super) name: &'static str,
    pub(super) fault: Option<&'a str>,
    pub(super) ms: f64,
}

impl Figure<'_> {
    pub(super) fn named(&self) -> String {
        match self.fault {
            Some(fault) => format!("{} ({fault})", self.name),
            None => self.name.to_owned(),
        }
    }
}

impl RoundReport {
    /// Returns all measured values, with the component that each is about.
    pub(super) fn figures(&self) -> impl Iterator<Item = (&str, Figure<'_>)> {
        let failovers = self.failovers.iter().flat_map(|failover| {
            let parts = [
                ("failover-gap", Some(failover.gap_ms)),
                ("failover-detection", Some(failover.detection_ms)),
                ("failover-resolution", failover.resolution_ms),
                ("failover-connection", failover.connection_ms),
                ("failover-first-data", failover.first_data_ms),
            ];
            let fault = Some(failover.fault.as_deref().unwrap_or("no fault there"));
            figures(&failover.user, fault, parts)
        });
        let takeovers = self.takeovers.iter().flat_map(|takeover| {
            let parts = [
                ("takeover", takeover.complete_ms),
                ("takeover-suspected", takeover.suspected_ms),
                ("takeover-initiated", takeover.initiated_ms),
                ("takeover-acknowledged", takeover.acknowledged_ms),
                ("takeover-won", takeover.won_ms),
            ];
            let fault = Some(takeover.fault.as_deref().unwrap_or("no fault there"));
            figures(&takeover.target, fault, parts)
        });
        let starts = self.starts.iter().flat_map(|start| {
            let parts = [("start-hello", start.hello_ms), ("start-ready", start.ready_ms)];
            figures(&start.name, None, parts)
        });
        failovers.chain(takeovers).chain(starts)
    }
}

fn figures<'a, const N: usize>(
    component: &'a str,
    fault: Option<&'a str>,
    parts: [(&'static str, Option<f64>); N],
) -> impl Iterator<Item = (&'a str, Figure<'a>)> {
    let measured = parts.into_iter().filter_map(|(name, ms)| Some((name, ms?)));
    measured.map(move |(name, ms)| (component, Figure { name, fault, ms }))
}

impl Report {
    /// Formats all figures as CSV: round, component, figure, fault, milliseconds.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = "round,component,figure,fault,ms\n".to_owned();
        for (number, round) in self.rounds.iter().enumerate() {
            for (component, figure) in round.figures() {
                let component = component.replace('"', "\"\"");
                let fault = figure.fault.unwrap_or_default();
                let _ = writeln!(
                    text,
                    "{},\"{component}\",{},{fault},{:.3}",
                    number + 1,
                    figure.name,
                    figure.ms
                );
            }
        }
        text
    }
}
