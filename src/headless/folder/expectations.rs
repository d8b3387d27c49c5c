//! What was expected, and how often it came true.

use std::collections::BTreeMap;

use model::words;
use play::{ExpectationRecord, StepRecord};
use report_page::Expectation;

use crate::headless::report::RoundReport;

/// An expectation as it was decided once, with its step.
type Decided<'a> = (&'a StepRecord, &'a ExpectationRecord);

/// Returns what was expected, each expectation of a step once, however often the step was carried out.
pub(super) fn expectations(rounds: &[RoundReport]) -> Vec<Expectation> {
    let mut all: Vec<Vec<Decided<'_>>> = Vec::new();
    let mut places: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for step in rounds.iter().flat_map(|round| &round.steps) {
        for record in &step.expectations {
            let next = all.len();
            let place = *places.entry((step.step, &record.expected)).or_insert(next);
            match all.get_mut(place) {
                Some(decided) => decided.push((step, record)),
                None => all.push(vec![(step, record)]),
            }
        }
    }
    all.sort_by_key(|decided| decided.first().map(|(step, _)| step.step));
    all.iter().filter_map(|decided| expectation(decided)).collect()
}

fn expectation(decided: &[Decided<'_>]) -> Option<Expectation> {
    /// So many different reasons are told.
    const MISSING: usize = 3;
    let (step, first) = decided.first()?;
    let decisions = || decided.iter().map(|(_, record)| &record.decision);
    let mut missing: Vec<String> = decisions().filter_map(|decision| decision.missing()).collect();
    missing.sort_unstable();
    missing.dedup();
    missing.truncate(MISSING);
    Some(Expectation {
        step: step.name.clone(),
        expected: first.expected.clone(),
        measured: measured(decided),
        met: decisions().filter(|decision| decision.met).count(),
        of: decided.len(),
        missing,
    })
}

/// Returns what was measured, in words: of several times, the median and the maximum.
fn measured(decided: &[Decided<'_>]) -> String {
    let decisions = || decided.iter().map(|(_, record)| &record.decision);
    if let [(_, record)] = decided {
        return record.decision.figure();
    }
    let pixels = || decisions().filter_map(|decision| decision.pixels.as_ref());
    if pixels().next().is_some() {
        let (equal, of) = pixels().fold((0, 0), |(equal, of), pixels| {
            (equal + pixels.equal, of + pixels.of)
        });
        return format!("{} of {} pixels equal", words::count(equal), words::count(of));
    }
    let (mut ms, before): (Vec<f64>, _) = if decisions().any(|decision| decision.measured_ms.is_some()) {
        let measured = decisions().filter_map(|decision| decision.measured_ms);
        (measured.collect(), "")
    } else {
        (decisions().map(|decision| decision.after_ms).collect(), "after ")
    };
    ms.sort_by(f64::total_cmp);
    let at = |share| figures::quantile(&ms, share).map_or_else(String::new, words::milliseconds);
    format!("{before}{} in the median, {} at most", at(0.5), at(1.0))
}

#[cfg(test)]
mod tests {
    use feed::Timestamp;
    use play::Decision;

    use super::super::page;
    use super::super::page::tests::report;
    use super::*;
    use crate::headless::report::tests::round;

    #[test]
    fn an_expectation_of_several_rounds_is_told_once() {
        let rounds = [(10.0, true), (30.0, false), (20.0, true)].map(|(ms, met)| {
            let mut round = round(&[], met);
            let decision = Decision {
                met,
                at: Timestamp::default(),
                after_ms: 1.0,
                measured_ms: Some(ms),
                pixels: None,
                missing: if met {
                    Vec::new()
                } else {
                    vec!["it took too long".to_owned()]
                },
            };
            round.steps.push(StepRecord {
                step: 0,
                name: "kill".to_owned(),
                begun: Timestamp::default(),
                over: None,
                told: Vec::new(),
                expectations: vec![ExpectationRecord {
                    expected: "The picture goes on.".to_owned(),
                    decision,
                }],
            });
            round
        });
        let page = page::of(&report(rounds.to_vec()), &[]);
        let expected = Expectation {
            step: "kill".to_owned(),
            expected: "The picture goes on.".to_owned(),
            measured: "20 ms in the median, 30 ms at most".to_owned(),
            met: 2,
            of: 3,
            missing: vec!["missing: it took too long".to_owned()],
        };
        assert_eq!(page.expectations, [expected]);
        assert_eq!(page.verdict.words, "Not as expected in 1 of 3 rounds");
        assert_eq!(page.verdict.details, "2 of 3 expectations came true");
    }
}
