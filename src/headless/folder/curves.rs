//! Load, work and messages over time, on the page and as CSV.

use std::collections::BTreeMap;
use std::time::Duration;

use feed::{ComponentRole, Timestamp, WorkUnit};
use model::words;
use model::{Grid, History, MarkKind, Track};
use recording::Recording;
use report_page::{Band, BandKind, Curves, Line, Mark, Panel};
use trace::{Protocol, Tracer};
use wire::PoolHandle;

use super::evidence::{Evidence, Found};

/// What there is to be drawn of a round.
#[derive(Debug)]
pub(super) struct Series {
    grid: Grid,
    panels: Vec<Panel>,
    /// What happened beside faults that are over at once, failovers and takeovers.
    marks: Vec<model::HistoryMark>,
}

/// Components report twice a second: there is nothing to see in less time.
const STEP: Duration = Duration::from_millis(500);
/// The most spans of a curve, and pools with curves.
const SPANS: u32 = 240;
const POOLS: usize = 4;

/// Returns the spans of curves.
pub(super) fn grid(begin: Timestamp, end: Timestamp) -> Grid {
    let steps = (end - begin).div_duration_f64(STEP * SPANS).ceil().max(1.0);
    let step = STEP.mul_f64(steps);
    Grid {
        begin,
        step,
        count: (end - begin).div_duration_f64(step).ceil() as usize,
    }
}

/// Counts the messages of each protocol that were sent in each span.
///
/// # Errors
/// Returns an error if the recording cannot be read.
pub(super) fn count_messages(recording: &Recording, grid: Grid) -> Result<Panel, recording::Error> {
    let mut counts: BTreeMap<&'static str, Vec<u32>> = BTreeMap::new();
    for (position, info) in recording.chunks().iter().enumerate() {
        // Each chunk by itself, so that memory does not grow with the recording.
        let mut tracer = Tracer::default();
        let number = tracer.begin_chunk(info.first_record);
        tracer.take_chunk(number, &recording.read_chunk(position)?, 0);
        for (_, message) in tracer.trace().messages.from(0) {
            let after = message.sent.saturating_since(grid.begin);
            let counts = counts
                .entry(name(message.protocol))
                .or_insert_with(|| vec![0; grid.count]);
            if let Some(count) = counts.get_mut(after.div_duration_f64(grid.step) as usize) {
                *count += 1;
            }
        }
    }
    let lines = counts.into_iter().enumerate().map(|(look, (name, counts))| Line {
        name: name.to_owned(),
        look: Some(look),
        points: points(
            grid,
            counts
                .into_iter()
                .map(|count| Some(f64::from(count) / grid.step.as_secs_f64())),
        ),
    });
    Ok(Panel {
        title: "Messages per second".to_owned(),
        lines: lines.collect(),
        most: None,
    })
}

const fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Asap => "ASAP",
        Protocol::Enrp => "ENRP",
        Protocol::Status => "status reports",
        Protocol::FractalGenerator
        | Protocol::PingPong
        | Protocol::CalcApp
        | Protocol::Scripting
        | Protocol::Other(_) => "application",
    }
}

/// Returns points in the middle of each span.
fn points(grid: Grid, values: impl Iterator<Item = Option<f64>>) -> Vec<(f64, Option<f64>)> {
    let step = grid.step.as_secs_f64();
    (0_u32..)
        .map(|span| (f64::from(span) + 0.5) * step)
        .zip(values)
        .collect()
}

impl Series {
    /// Takes what is known of the components' work.
    pub(super) fn of(history: &History, messages: Panel, grid: Grid) -> Self {
        let pools: Vec<&PoolHandle> = history.pools(grid.begin).into_iter().take(POOLS).collect();
        let named = |pool: &PoolHandle| {
            if pools.len() > 1 {
                format!(" of {pool}")
            } else {
                String::new()
            }
        };
        let mut panels = Vec::new();
        for pool in &pools {
            let is_element = |track: &&Track| {
                track.role == ComponentRole::PoolElement && track.pool.as_ref() == Some(*pool)
            };
            let elements: Vec<&Track> = history
                .tracks()
                .map(|(_, track)| track)
                .filter(is_element)
                .collect();
            let line = |track: &&Track, points| Line {
                name: track.name.clone(),
                look: Some(track.colour),
                points,
            };
            let unit = elements.iter().find_map(|track| track.unit);
            let work = elements.iter().map(|track| {
                let work = track.spans(grid).map(|span| span.work_per_second());
                line(track, points(grid, work))
            });
            let totals = history.pool_totals(pool, grid);
            let together = totals.windows(2).map(|pair| match pair {
                [before, after] => after.since(before, grid.step).elements.work_per_second(),
                _ => None,
            });
            let together = Line {
                name: "all together".to_owned(),
                look: None,
                points: points(grid, together),
            };
            panels.push(Panel {
                title: format!(
                    "Throughput{}, {} per second",
                    named(pool),
                    unit.map_or("work", in_words)
                ),
                lines: std::iter::once(together).chain(work).collect(),
                most: None,
            });
            let load = elements.iter().map(|track| {
                let load = track.spans(grid).map(|span| Some(span.load()? * 100.0));
                line(track, points(grid, load))
            });
            panels.push(Panel {
                title: format!("Load of each pool element{}, %", named(pool)),
                lines: load.collect(),
                most: Some(100.0),
            });
        }
        panels.push(messages);
        Self {
            grid,
            panels,
            marks: history.marks().cloned().collect(),
        }
    }
}

const fn in_words(unit: WorkUnit) -> &'static str {
    match unit {
        WorkUnit::Calculations => "calculations",
        WorkUnit::Pixels => "pixels",
        WorkUnit::Units => "units",
        WorkUnit::Messages => "messages",
    }
}

/// Returns the curves of a round, of which so much is shown.
pub(super) fn of(found: &Found, title: String, seconds: f64) -> Curves {
    let series = &found.series;
    let since = |at: Timestamp| at.saturating_since(found.begin).as_secs_f64();
    let recoveries = found.lanes.recoveries().map(|recovery| Band {
        from: since(recovery.began()),
        to: since(recovery.end),
        kind: if recovery.takeover {
            BandKind::Takeover
        } else {
            BandKind::Failover
        },
        text: recovery.text.to_owned(),
    });
    let lasting = series
        .marks
        .iter()
        .filter(|mark| mark.kind.lasts())
        .map(|mark| Band {
            from: since(mark.at),
            to: mark.until.map_or(seconds, since),
            kind: BandKind::Fault,
            text: mark.text.clone(),
        });
    let faults = found.lanes.points.iter().filter_map(|point| match &point.kind {
        chronicle::HighlightKind::Fault { done } => Some((point.at, true, done.clone())),
        chronicle::HighlightKind::Recovery { text, .. } => Some((point.at, false, text.clone())),
        chronicle::HighlightKind::Mark { .. } | chronicle::HighlightKind::Gap { .. } => {
            Some((point.at, false, point.sentence()?))
        }
        _ => None,
    });
    let policies = series.marks.iter().filter(|mark| mark.kind == MarkKind::Policy);
    let policies = policies.map(|mark| (mark.at, false, mark.text.clone()));
    let mut marks: Vec<Mark> = faults
        .chain(policies)
        .map(|(at, is_fault, text)| Mark {
            at: since(at),
            when: words::running(at.saturating_since(found.begin)),
            is_fault,
            text,
        })
        .filter(|mark| mark.at <= seconds)
        .collect();
    marks.sort_by(|one, other| one.at.total_cmp(&other.at));
    let mut bands: Vec<Band> = lasting
        .chain(recoveries)
        .filter(|band| band.from <= seconds)
        .collect();
    bands.iter_mut().for_each(|band| band.to = band.to.min(seconds));
    let mut panels = series.panels.clone();
    for line in panels.iter_mut().flat_map(|panel| &mut panel.lines) {
        line.points.retain(|(at, _)| *at <= seconds);
    }
    Curves {
        title,
        seconds,
        panels,
        bands,
        marks,
    }
}

/// Writes all curves as CSV: round, seconds since its beginning, quantity, whose it is, value.
pub(super) fn to_csv(evidence: &[Evidence]) -> String {
    use std::fmt::Write as _;
    let quoted = |text: &str| text.replace('"', "\"\"");
    let mut csv = "round,seconds,quantity,whose,value\n".to_owned();
    for (number, evidence) in (1..).zip(evidence) {
        let Ok(found) = &evidence.found else { continue };
        for panel in &found.series.panels {
            for line in &panel.lines {
                for (at, value) in &line.points {
                    let Some(value) = value else { continue };
                    let (quantity, whose) = (quoted(&panel.title), quoted(&line.name));
                    _ = writeln!(csv, "{number},{at:.3},\"{quantity}\",\"{whose}\",{value:.3}");
                }
            }
        }
    }
    csv
}

impl Series {
    /// Returns how much time it is about, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.grid.step.as_secs_f64() * self.grid.count as f64
    }
}
