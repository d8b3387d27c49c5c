//! The tables of the page: all that the report holds, for people.

use std::collections::BTreeMap;

use model::words;
use report_page::Table;

use super::JSON;
use crate::headless::report::{Report, RoundReport, Statistics};

/// The most rows of a table.
const ROWS: usize = 40;

/// Makes the tables of a report.
pub(super) fn of(report: &Report) -> Vec<Table> {
    let tables = durations(report)
        .into_iter()
        .chain([pictures(report), proofs(report), rounds(report), messages(report)])
        .chain([processes(report), problems(report)]);
    tables.filter(|table| !table.rows.is_empty()).collect()
}

fn table(caption: &str, head: &[&str]) -> Table {
    Table {
        caption: caption.to_owned(),
        head: head.iter().map(|head| (*head).to_owned()).collect(),
        ..Table::default()
    }
}

/// Leaves out rows that are too many, and says so.
fn bounded(mut table: Table) -> Table {
    let more = table.rows.len().saturating_sub(ROWS);
    if more > 0 {
        table.rows.truncate(ROWS);
        table.note = format!("And {} more, which {JSON} has.", words::count(more as u64));
    }
    table
}

/// A kind of duration: its name in measurements, and the same for people.
struct Kind {
    group: &'static str,
    figures: &'static [(&'static str, &'static str)],
}

const KINDS: [Kind; 3] = [
    Kind {
        group: "Failovers",
        figures: &[
            ("failover-gap", "whole, from fault to new data"),
            ("failover-detection", "until the failure was detected"),
            (
                "failover-resolution",
                "then, until the next pool element was known",
            ),
            ("failover-connection", "then, until the association to it was up"),
            ("failover-first-data", "then, until its first data"),
        ],
    },
    Kind {
        group: "Takeovers",
        figures: &[
            (
                "takeover",
                "whole, until all pool elements had a new home registrar",
            ),
            ("takeover-suspected", "until it was suspected"),
            ("takeover-initiated", "until it was declared dead"),
            ("takeover-acknowledged", "until the last peer had agreed"),
            ("takeover-won", "until the pool elements were notified"),
        ],
    },
    Kind {
        group: "Starts of processes",
        figures: &[
            ("start-hello", "until the process said hello"),
            ("start-ready", "until it was serving, registered or connected"),
        ],
    },
];

/// Returns a table for each kind of duration and fault.
fn durations(report: &Report) -> Vec<Table> {
    let mut values: BTreeMap<(&str, Option<&str>), Vec<f64>> = BTreeMap::new();
    for (_, figure) in report.rounds.iter().flat_map(RoundReport::figures) {
        values
            .entry((figure.name, figure.fault))
            .or_default()
            .push(figure.ms);
    }
    let mut tables = Vec::new();
    for Kind { group, figures } in KINDS {
        let names: Vec<&str> = figures.iter().map(|(name, _)| *name).collect();
        let mut faults: Vec<Option<&str>> = values
            .keys()
            .filter(|(name, _)| names.contains(name))
            .map(|(_, fault)| *fault)
            .collect();
        faults.sort_unstable();
        faults.dedup();
        for fault in faults {
            let caption =
                fault.map_or_else(|| group.to_owned(), |fault| format!("{group}, by fault: {fault}"));
            let mut table = table(&caption, &["duration", "n", "median", "95 %", "maximum"]);
            for (name, words) in figures {
                let measured = values.get(&(*name, fault)).cloned().unwrap_or_default();
                table
                    .rows
                    .extend(Statistics::of(measured).map(|statistics| row(words, &statistics)));
            }
            tables.push(table);
        }
    }
    tables
}

fn row(words: &str, statistics: &Statistics) -> Vec<String> {
    let Statistics {
        count,
        median_ms,
        p95_ms,
        max_ms,
    } = *statistics;
    let [median, p95, max] = [median_ms, p95_ms, max_ms].map(words::milliseconds);
    vec![words.to_owned(), words::count(count as u64), median, p95, max]
}

fn pictures(report: &Report) -> Table {
    let sum = |of: fn(&RoundReport) -> u64| report.rounds.iter().map(of).fold(0, u64::saturating_add);
    let mut table = table("Pictures", &["", "number"]);
    if sum(|round| round.pictures) == 0 {
        return table;
    }
    let mut add = |what: &str, count: u64| table.rows.push(vec![what.to_owned(), words::count(count)]);
    add("finished", sum(|round| round.pictures));
    add("of these incomplete", sum(|round| round.incomplete_pictures));
    add("pixels missing in them", sum(|round| round.missing_pixels));
    add(
        "failovers abandoned before new data came",
        sum(|round| round.abandoned_failovers),
    );
    add(
        "compared by their pool users",
        sum(|round| round.verified_pictures),
    );
    add("pixels wrong in those", sum(|round| round.wrong_pixels));
    table
}

fn proofs(report: &Report) -> Table {
    let mut table = table(
        "Pictures that faults concerned, compared pixel by pixel with pictures computed by the control centre",
        &["picture", "pixels", "equal", "wrong", "missing", "computed by"],
    );
    for (number, round) in (1..).zip(&report.rounds) {
        let which = if report.rounds.len() > 1 {
            format!("round {number}, ")
        } else {
            String::new()
        };
        table.rows.extend(round.proofs.iter().map(|proof| {
            let by = proof
                .computed_by
                .iter()
                .map(|(name, pixels)| format!("{name}: {}", words::count(*pixels)));
            let name = format!("{which}{}, no. {}", proof.user, proof.picture);
            let counts = [proof.pixels, proof.equal, proof.wrong, proof.missing].map(words::count);
            std::iter::once(name)
                .chain(counts)
                .chain([by.collect::<Vec<_>>().join(", ")])
                .collect()
        }));
    }
    table.ends_with_text = true;
    bounded(table)
}

fn rounds(report: &Report) -> Table {
    let mut table = table(
        "Rounds",
        &[
            "round",
            "seed",
            "as expected",
            "took",
            "failovers",
            "takeovers",
            "pictures",
        ],
    );
    if report.rounds.len() < 2 {
        return table;
    }
    table.rows = (1_u64..)
        .zip(&report.rounds)
        .map(|(number, round)| {
            vec![
                number.to_string(),
                round.seed.to_string(),
                if round.met { "yes" } else { "no" }.to_owned(),
                words::milliseconds(round.duration_s * 1e3),
                words::count(round.failovers.len() as u64),
                words::count(round.takeovers.len() as u64),
                words::count(round.pictures),
            ]
        })
        .collect();
    bounded(table)
}

fn messages(report: &Report) -> Table {
    let mut table = table(
        "Messages, each counted once, without SCTP headers",
        &["message", "number", "size"],
    );
    let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (name, count) in report.rounds.iter().flat_map(|round| &round.messages) {
        let sum = sums.entry(name).or_default();
        *sum = (
            sum.0.saturating_add(count.messages),
            sum.1.saturating_add(count.bytes),
        );
    }
    table.rows = sums
        .into_iter()
        .map(|(name, (messages, bytes))| vec![name.to_owned(), words::count(messages), words::bytes(bytes)])
        .collect();
    bounded(table)
}

fn processes(report: &Report) -> Table {
    let mut table = table(
        "What processes used at most",
        &["component", "processes", "resident memory", "file descriptors"],
    );
    let mut most: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for process in report.rounds.iter().flat_map(|round| &round.processes) {
        let (count, memory, descriptors) = most.entry(&process.name).or_default();
        *count += 1;
        *memory = (*memory).max(process.most.resident_kb);
        *descriptors = (*descriptors).max(process.most.descriptors);
    }
    table.rows = most
        .into_iter()
        .map(|(name, (count, memory, descriptors))| {
            let memory = words::bytes(memory.saturating_mul(1_024));
            vec![
                name.to_owned(),
                words::count(count),
                memory,
                words::count(descriptors),
            ]
        })
        .collect();
    bounded(table)
}

fn problems(report: &Report) -> Table {
    let mut table = table(
        "Problems that components reported, and commands that failed",
        &["problem", "times"],
    );
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for problem in report.rounds.iter().flat_map(|round| &round.problems) {
        *counts.entry(&problem.what).or_default() += 1;
    }
    table.rows = counts
        .into_iter()
        .map(|(what, count)| vec![what.to_owned(), words::count(count)])
        .collect();
    bounded(table)
}
