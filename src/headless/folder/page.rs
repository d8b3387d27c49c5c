//! The page: what was expected, what came true, and what shows it.

use std::time::Duration;

use chronicle::{Lanes, Recovery};
use feed::ComponentRole;
use model::words;
use report_page::{Expectation, File, Page, Phase, Recoveries, Recovery as Shown, Verdict};

use super::charts::Charts;
use super::choice::{MOST, Why, choose};
use super::evidence::{Evidence, Found};
use super::expectations::expectations;
use super::{CURVES, JSON, MEASUREMENTS, curves, tables};
use crate::headless::report::{Report, RoundReport};

/// The most problems that are told.
const PROBLEMS: usize = 40;
/// The most rounds of which curves are shown.
const CURVES_OF: usize = 3;

/// Makes the page of a report; each round has its evidence.
pub(super) fn of(report: &Report, evidence: &[Evidence]) -> Page {
    let expectations = expectations(&report.rounds);
    let (curves, curves_note) = all_curves(report, evidence);
    Page {
        scenario: report.scenario.clone(),
        description: found(evidence).map_or_else(String::new, |found| found.stage.description.clone()),
        verdict: verdict(report, &expectations),
        circumstances: circumstances(report, evidence),
        expectations,
        problems: problems(report, evidence),
        recoveries: [false, true]
            .into_iter()
            .filter_map(|takeovers| recoveries(evidence, takeovers))
            .collect(),
        curves,
        curves_note,
        tables: tables::of(report),
        files: files(evidence),
    }
}

/// Returns what the first recording that could be read tells.
fn found(evidence: &[Evidence]) -> Option<&Found> {
    evidence.iter().find_map(|evidence| evidence.found.as_ref().ok())
}

fn verdict(report: &Report, expectations: &[Expectation]) -> Verdict {
    let rounds = report.rounds.len();
    let failed = report.rounds.iter().filter(|round| !round.met).count();
    let words = match (&report.damaged, &report.interrupted, failed) {
        (Some(_), ..) => "Not the whole recording could be used".to_owned(),
        (None, Some(signal), _) => format!("Interrupted by {signal}"),
        (None, None, 0) if rounds == 1 => "All as expected".to_owned(),
        (None, None, 0) => format!("All as expected in {rounds} rounds"),
        (None, None, _) if rounds == 1 => "Not as expected".to_owned(),
        (None, None, _) => format!("Not as expected in {failed} of {rounds} rounds"),
    };
    let (met, of) = expectations.iter().fold((0, 0), |(met, of), expectation| {
        (met + expectation.met, of + expectation.of)
    });
    let mut details = Vec::new();
    if of > 0 {
        details.push(format!("{met} of {of} expectations came true"));
    }
    let proofs = || report.rounds.iter().flat_map(|round| &round.proofs);
    if proofs().next().is_some() {
        let (equal, pixels) = proofs().fold((0, 0), |(equal, pixels), proof| {
            (proof.equal + equal, proof.pixels + pixels)
        });
        details.push(format!(
            "{} of {} pixels of the pictures that faults concerned are equal",
            words::count(equal),
            words::count(pixels)
        ));
    }
    Verdict {
        met: report.met,
        words,
        details: details.join("; "),
    }
}

fn circumstances(report: &Report, evidence: &[Evidence]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut add = |name: &str, value: String| all.push((name.to_owned(), value));
    let took: f64 = report.rounds.iter().map(|round| round.duration_s).sum();
    if let Some(found) = found(evidence) {
        add("Began", date(found.begin_unix_us));
        add(
            "Took",
            words::duration(Duration::try_from_secs_f64(took).unwrap_or_default()),
        );
        add("Host", found.host.clone());
        let timers = found.stage.preset;
        add(
            "Timers",
            match timers {
                scenario::Preset::Rfc => "rfc: the values of the RFCs".to_owned(),
                scenario::Preset::Demo => "demo: short ones, for demonstrations".to_owned(),
            },
        );
        add("Components", components(&found.lanes));
    }
    if !report.version.is_empty() {
        add("Program", format!("Poolscope {}", report.version));
    }
    add("Rounds", report.rounds.len().to_string());
    add("Seed of random faults", report.seed.to_string());
    all
}

/// Writes a time of day, as microseconds since the Unix epoch, for people.
fn date(unix_us: u64) -> String {
    let at = i64::try_from(unix_us)
        .ok()
        .and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    at.map_or_else(
        || "unknown".to_owned(),
        |at| at.strftime("%-d %B %Y, %H:%M:%S UTC").to_string(),
    )
}

fn components(lanes: &Lanes) -> String {
    let count = |role: ComponentRole, word: &str| {
        let count = lanes.components.values().filter(|lane| lane.role == role).count();
        (count > 0).then(|| words::counted(count as u64, word))
    };
    let counts = [
        count(ComponentRole::Registrar, "registrar"),
        count(ComponentRole::PoolElement, "pool element"),
        count(ComponentRole::PoolUser, "pool user"),
    ];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn problems(report: &Report, evidence: &[Evidence]) -> Vec<String> {
    let several = report.rounds.len() > 1;
    let mut all: Vec<String> = report.damaged.iter().cloned().collect();
    for (number, round) in (1..).zip(&report.rounds) {
        let which = if several {
            format!("round {number}, ")
        } else {
            String::new()
        };
        let failures = round.failures.iter();
        all.extend(failures.map(|failure| format!("{which}{}: {}", failure.step, failure.what)));
        if !round.orphans.is_empty() {
            all.push(format!("{which}processes left over: {:?}", round.orphans));
        }
    }
    for evidence in evidence {
        if let Ok(Found {
            damage: Some(damage), ..
        }) = &evidence.found
            && report.damaged.is_none()
        {
            all.push(format!("{} is not whole: {damage}", evidence.name()));
        }
        if let Err(why) = &evidence.found {
            all.push(format!(
                "{} cannot be read, so that there is less to be seen here: {why}",
                evidence.name()
            ));
        }
    }
    let more = all.len().saturating_sub(PROBLEMS);
    if more > 0 {
        all.truncate(PROBLEMS);
        all.push(format!("and {more} more, which {JSON} has"));
    }
    all
}

/// Returns the failovers, or the takeovers, of all rounds; none if there were none.
fn recoveries(evidence: &[Evidence], takeovers: bool) -> Option<Recoveries> {
    let mut all: Vec<(usize, Recovery<'_>)> = Vec::new();
    for (round, evidence) in evidence.iter().enumerate() {
        let recoveries = evidence.found.iter().flat_map(|found| found.lanes.recoveries());
        let wanted = recoveries.filter(|recovery| recovery.takeover == takeovers);
        all.extend(wanted.map(|recovery| (round, recovery)));
    }
    let both = evidence.iter().flat_map(|evidence| &evidence.found);
    let both = both.flat_map(|found| found.lanes.recoveries());
    let most = if both.into_iter().any(|recovery| recovery.takeover != takeovers) {
        MOST / 2
    } else {
        MOST
    };
    let took: Vec<_> = all
        .iter()
        .map(|(_, recovery)| (recovery.durations().whole, recovery.succeeded))
        .collect();
    let chosen = choose(&took, most);
    let mut charts: Option<(usize, Result<Charts<'_>, String>)> = None;
    let mut shown = Vec::new();
    for (position, why) in chosen {
        let (Some((round, recovery)), Some(evidence_of)) = (
            all.get(position),
            all.get(position).and_then(|(round, _)| evidence.get(*round)),
        ) else {
            continue;
        };
        if charts.as_ref().is_none_or(|(opened, _)| opened != round) {
            charts = Some((*round, Charts::open(evidence_of)));
        }
        let chart = match &mut charts {
            Some((_, Ok(charts))) => charts.of(recovery),
            Some((_, Err(why))) => Err(why.clone()),
            None => continue,
        };
        let which = which((evidence.len(), *round), why, recovery);
        shown.push(self::shown(recovery, which, chart));
    }
    (!all.is_empty()).then(|| Recoveries {
        heading: if takeovers { "Takeovers" } else { "Failovers" }.to_owned(),
        note: note(&all, shown.len(), takeovers),
        shown,
    })
}

fn note(all: &[(usize, Recovery<'_>)], shown: usize, takeovers: bool) -> String {
    let word = if takeovers { "takeover" } else { "failover" };
    let abandoned = all.iter().filter(|(_, recovery)| !recovery.succeeded).count();
    let mut note = format!(
        "There {} {}",
        if all.len() == 1 { "was" } else { "were" },
        words::counted(all.len() as u64, word)
    );
    if abandoned > 0 {
        note.push_str(&format!(", {abandoned} of which did not succeed"));
    }
    if shown < all.len() {
        note.push_str(&format!(
            ". {shown} of them are shown here: the median, the three slowest, and the first ones; {JSON} has all"
        ));
    }
    let routine = if takeovers {
        "the work itself and presences"
    } else {
        "keep-alives and presences"
    };
    note.push_str(&format!(
        ". What goes on all the time, such as {routine}, is left out of the charts."
    ));
    note
}

fn which((rounds, round): (usize, usize), why: Why, recovery: &Recovery<'_>) -> String {
    let round = (rounds > 1).then(|| format!("round {}", round + 1));
    let why = (!why.words().is_empty()).then(|| why.words().to_owned());
    let abandoned = (!recovery.succeeded).then(|| "it did not succeed".to_owned());
    let parts: Vec<String> = [round, why, abandoned].into_iter().flatten().collect();
    parts.join(" · ")
}

fn shown(recovery: &Recovery<'_>, which: String, chart: Result<analysis::Chart, String>) -> Shown {
    let durations = recovery.durations();
    let phases = durations.phases.into_iter().map(|(name, took)| Phase {
        name,
        ms: took.as_secs_f64() * 1e3,
        took: words::duration(took),
    });
    let (chart, note) = match chart {
        Ok(chart) if chart.left_out > 0 => {
            let note = format!("{} messages more are left out of the chart", chart.left_out);
            (Some(chart.content), note)
        }
        Ok(chart) => (Some(chart.content), String::new()),
        Err(why) => (None, format!("There is no chart of it: {why}")),
    };
    Shown {
        title: recovery.text.to_owned(),
        which,
        phases: phases.collect(),
        whole: words::duration(durations.whole),
        chart,
        note,
    }
}

/// Returns the curves of the first rounds, or rather of the first that failed, and what is to be said about that.
fn all_curves(report: &Report, evidence: &[Evidence]) -> (Vec<report_page::Curves>, String) {
    let several = report.rounds.len() > 1;
    let mut rounds: Vec<(usize, &RoundReport, &Found)> = (1..)
        .zip(report.rounds.iter().zip(evidence))
        .filter_map(|(number, (round, evidence))| Some((number, round, evidence.found.as_ref().ok()?)))
        .collect();
    let all = rounds.len();
    rounds.sort_by_key(|(_, round, _)| round.met);
    rounds.truncate(CURVES_OF);
    rounds.sort_by_key(|(number, ..)| *number);
    let note = if rounds.len() < all {
        format!("{} of {all} rounds are shown; {CURVES} has all.", rounds.len())
    } else {
        String::new()
    };
    let curves = rounds.into_iter().map(|(number, round, found)| {
        let title = if several {
            format!("Round {number}")
        } else {
            "The whole run".to_owned()
        };
        curves::of(found, title, round.duration_s.min(found.series.seconds()))
    });
    (curves.collect(), note)
}

fn files(evidence: &[Evidence]) -> Vec<File> {
    /// So many recordings are named.
    const RECORDINGS: usize = 20;
    let file = |name: &str, what: &str| File {
        name: name.to_owned(),
        what: what.to_owned(),
    };
    let several = evidence.len() > 1;
    let recordings = (1..)
        .zip(evidence)
        .take(RECORDINGS)
        .map(|(number, evidence)| File {
            name: evidence.name(),
            what: if several {
                format!("everything that happened in round {number}, and all packets")
            } else {
                "everything that happened, and all packets".to_owned()
            },
        });
    let mut files: Vec<File> = recordings.collect();
    let more = evidence.len().saturating_sub(files.len());
    if let Some(last) = files.last_mut().filter(|_| more > 0) {
        last.what.push_str(&format!("; and likewise {more} more"));
    }
    files.push(file(JSON, "all results and measured times, for programs"));
    files.push(file(MEASUREMENTS, "all measured times, for spreadsheets"));
    files.push(file(
        CURVES,
        "throughput, load and messages over time, for spreadsheets",
    ));
    files
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::PathBuf;

    use chronicle::{Highlight, HighlightKind, Phase as Passed};
    use feed::Timestamp;
    use model::History;
    use report_page::Panel;

    use super::super::curves::{Series, grid};
    use super::*;
    use crate::headless::note::Beginning;
    use crate::headless::report::tests::round;

    /// What a recording tells that is no longer there, with failovers that took so many milliseconds.
    fn evidence(failovers: impl Iterator<Item = u64>) -> Evidence {
        let begin = Timestamp::from_micros(1_000_000);
        let mut lanes = Lanes::default();
        for (number, ms) in (1..).zip(failovers) {
            let fault = begin + Duration::from_secs(number);
            let end = fault + Duration::from_millis(ms);
            lanes.add(Highlight {
                at: end,
                component: None,
                kind: HighlightKind::Recovery {
                    takeover: false,
                    fault_at: Some(fault),
                    detected: end,
                    succeeded: true,
                    phases: vec![Passed {
                        name: "detection".to_owned(),
                        end,
                    }],
                    text: format!("failover {number}"),
                },
            });
        }
        let spans = grid(begin, begin + Duration::from_secs(2));
        Evidence {
            file: PathBuf::from("gone/recording.pcapng.zst"),
            found: Ok(Found {
                begin,
                begin_unix_us: 1_795_428_000_000_000,
                host: "host".to_owned(),
                damage: None,
                stage: replay::Stage::default(),
                lanes,
                series: Series::of(&History::default(), Panel::default(), spans),
            }),
        }
    }

    pub(in crate::headless::folder) fn report(rounds: Vec<RoundReport>) -> Report {
        let mut report = Report::of(Beginning::default());
        report.rounds = rounds;
        report.summarise();
        report
    }

    #[test]
    fn of_a_thousand_failovers_a_few_have_charts_and_all_are_counted() {
        let gaps: Vec<f64> = (0..1_000).map(f64::from).collect();
        let page = of(&report(vec![round(&gaps, true)]), &[evidence(0..1_000)]);
        let [failovers] = &page.recoveries[..] else {
            panic!("{:?}", page.recoveries);
        };
        assert_eq!(failovers.shown.len(), MOST);
        assert!(
            failovers
                .note
                .starts_with("There were 1000 failovers. 12 of them"),
            "{}",
            failovers.note
        );
        let why: Vec<_> = failovers.shown.iter().map(|shown| &*shown.which).collect();
        assert!(
            why.contains(&"the median") && why.contains(&"the slowest"),
            "{why:?}"
        );
        assert!(
            failovers.shown[0].note.starts_with("There is no chart of it: "),
            "{:?}",
            failovers.shown[0].note
        );
        assert_eq!(
            page.tables[0].rows[0][1..],
            ["1,000", "499 ms", "949 ms", "999 ms"]
        );
        assert!(page.to_html().len() < 200_000);
    }

    #[test]
    fn a_run_that_was_interrupted_before_anything_happened_has_a_page() {
        let mut interrupted = report(vec![round(&[], true)]);
        interrupted.interrupted = Some("SIGTERM".to_owned());
        interrupted.summarise();
        let nothing = Evidence {
            file: PathBuf::from("recording.pcapng.zst"),
            found: Err("it is empty".to_owned()),
        };
        for evidence in [&[][..], &[nothing]] {
            let page = of(&interrupted, evidence);
            assert!(!page.verdict.met);
            assert_eq!(page.verdict.words, "Interrupted by SIGTERM");
            assert_eq!(page.problems.len(), evidence.len());
            assert!(page.recoveries.is_empty() && page.curves.is_empty());
            assert!(page.to_html().contains("Interrupted by SIGTERM"));
        }
    }
}
