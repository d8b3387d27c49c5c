//! Figures of two recordings over the same span of time: what the policies of pools, for instance, are compared by.

use std::mem::discriminant;
use std::time::Duration;

use feed::{Timestamp, WorkUnit};

use crate::comparison::facts::Side;
use crate::comparison::headline;
use crate::load::work_rate;
use chronicle::Offset;
use model::{Grid, History, PoolSpan, PoolTotals, Speed, Utilisation, words};

/// A figure of both recordings.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) explanation: &'static str,
    /// The values, if there are any.
    pub(super) values: [Option<f64>; 2],
    unit: Unit,
    /// Whether more of it is better, or less; `None` if neither is.
    more_is_better: Option<bool>,
}

/// What a value is a number of.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Number,
    Share,
    Seconds,
    Rate(WorkUnit),
}

/// The figures, and the span that they are about.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) all: Vec<Figure>,
    /// The length of the span.
    pub(super) span: Duration,
}

impl Figure {
    /// Returns the value of a side in words.
    pub(super) fn in_words(&self, side: usize) -> String {
        let Some(value) = self.values[side] else {
            return "\u{2013}".to_owned();
        };
        match self.unit {
            Unit::Number => words::count(value.round() as u64),
            Unit::Share => words::percent(value),
            Unit::Seconds => words::duration(Duration::try_from_secs_f64(value).unwrap_or_default()),
            Unit::Rate(unit) => work_rate(value, unit),
        }
    }

    /// Returns the side that is better, if they differ noticeably.
    pub(super) fn better(&self) -> Option<usize> {
        let [Some(left), Some(right)] = self.values else {
            return None;
        };
        let differ = match self.unit {
            Unit::Number => (left - right).abs() >= 1.0,
            Unit::Share | Unit::Seconds | Unit::Rate(_) => {
                headline::ratio(left, right).is_none_or(|ratio| ratio >= headline::SAME)
            }
        };
        let more = usize::from(right > left);
        self.more_is_better
            .filter(|_| differ)
            .map(|more_is_better| if more_is_better { more } else { 1 - more })
    }
}

impl Figures {
    /// Returns the figures over the time that both recordings have in common, up to the cursor.
    pub(super) fn of(sides: &[Side<'_>; 2], cursor: Offset) -> Option<Self> {
        let ranges = sides.each_ref().map(|side| {
            let (from, to) = side.range();
            [from, to].map(|end| Offset::of(end, side.anchor.at))
        });
        let [[one_begins, one_ends], [other_begins, other_ends]] = ranges;
        let begin = one_begins.max(other_begins);
        let end = one_ends.min(other_ends).min(cursor);
        if end <= begin {
            return None;
        }
        let spans = sides.each_ref().map(|side| {
            let [from, to] = [begin, end].map(|end| end.after(side.anchor.at));
            (pool_span(&side.snapshot.model.history, from, to), from, to)
        });
        let unit = spans.iter().find_map(|((_, unit), ..)| *unit);
        let unit = unit.unwrap_or(WorkUnit::Messages);
        let each =
            |value: &dyn Fn(&PoolSpan) -> Option<f64>| spans.each_ref().map(|((span, _), ..)| value(span));
        let counted = |takeover: bool| {
            [0, 1].map(|index| {
                let (_, from, to) = spans[index];
                let ended = sides[index].facts.spans.iter();
                let ended = ended.filter(|span| span.takeover == takeover && span.succeeded);
                Some(ended.filter(|span| (from..=to).contains(&span.end)).count() as f64)
            })
        };
        let pictures = unit == WorkUnit::Pixels;
        let speed = spans.iter().find_map(|((span, _), ..)| span.speed(unit));
        let kind = speed.as_ref().map(discriminant);
        let all = [
            Figure {
                name: if pictures { "Pictures" } else { "Requests" },
                explanation: "Completed in this time",
                values: each(&|span| Some(span.users.completed())),
                unit: Unit::Number,
                more_is_better: Some(true),
            },
            Figure {
                name: if pictures {
                    "Time per picture"
                } else {
                    "Time per request"
                },
                explanation: "From when a request came up to its completion, the mean of those completed",
                values: each(&|span| Some(span.users.handling_time()?.as_secs_f64())),
                unit: Unit::Seconds,
                more_is_better: Some(false),
            },
            Figure {
                name: "Handling speed",
                explanation: "The size of the requests completed per time from when they came up to their completion; \
                              for pictures, the pixels per second that a pool user gets while one is in progress",
                // What is a share of the capacity in one and not in the other cannot be compared.
                values: each(&|span| {
                    let speed = span
                        .speed(unit)
                        .filter(|speed| kind == Some(discriminant(speed)))?;
                    Some(speed.value())
                }),
                unit: match speed {
                    Some(Speed::OfCapacity(_)) => Unit::Share,
                    Some(Speed::PerSecond(_) | Speed::Pixels(_)) | None => Unit::Rate(unit),
                },
                more_is_better: Some(true),
            },
            Figure {
                name: "Throughput",
                explanation: "What all pool users got per second",
                values: each(&|span| span.users.work_per_second()),
                unit: Unit::Rate(unit),
                more_is_better: Some(true),
            },
            Figure {
                name: "Utilisation",
                explanation: "The work that all pool elements did, as a share of what they could have done; where that is \
                              not known, their sessions as a share of the most that they accept",
                values: each(&|span| span.utilisation().map(Utilisation::share)),
                unit: Unit::Share,
                more_is_better: None,
            },
            Figure {
                name: "Rejected",
                explanation: "Requests that a pool element refused and that were tried again",
                values: each(&|span| Some(span.elements.rejected())),
                unit: Unit::Number,
                more_is_better: Some(false),
            },
            Figure {
                name: "Failovers",
                explanation: "Sessions that went on at another pool element in this time",
                values: counted(false),
                unit: Unit::Number,
                more_is_better: None,
            },
            Figure {
                name: "Takeovers",
                explanation: "Registrars whose pool elements another one took over in this time",
                values: counted(true),
                unit: Unit::Number,
                more_is_better: None,
            },
        ];
        let is_told = |figure: &Figure| figure.values.iter().flatten().any(|value| *value > 0.0);
        let begin = spans[0].1;
        Some(Self {
            all: all.into_iter().filter(is_told).collect(),
            span: spans[0].2 - begin,
        })
    }

    /// Returns a sentence about the figure that decides: how long requests took or else how much was done.
    pub(super) fn headline(&self, names: [&str; 2]) -> Option<String> {
        let decides = [
            "Time per request",
            "Time per picture",
            "Handling speed",
            "Throughput",
        ];
        let figure = decides.into_iter().find_map(|name| {
            let mut all = self.all.iter();
            all.find(|figure| figure.name == name && figure.values.iter().all(Option::is_some))
        })?;
        let [Some(one), Some(other)] = figure.values else {
            return None;
        };
        let what = match figure.unit {
            Unit::Seconds if figure.name == "Time per picture" => " per picture",
            Unit::Seconds => " per request",
            Unit::Number | Unit::Share | Unit::Rate(_) => "",
        };
        let Some(better) = figure.better() else {
            let [one, other] = [0, 1].map(|side| figure.in_words(side));
            return Some(format!("Both are about as fast: {one} and {other}{what}."));
        };
        let [good, bad] = [better, 1 - better].map(|side| figure.in_words(side));
        let ratio = headline::ratio(one, other).map_or_else(String::new, headline::times);
        Some(format!(
            "{} is {ratio} \u{d7} as fast: {good} instead of {bad}{what}.",
            names[better]
        ))
    }
}

/// Returns what all pools of a recording did in a span of time, and the unit of their work.
fn pool_span(history: &History, from: Timestamp, to: Timestamp) -> (PoolSpan, Option<WorkUnit>) {
    let grid = Grid {
        begin: from,
        step: to - from,
        count: 1,
    };
    let mut sums = [PoolTotals::default(); 2];
    let mut unit = None;
    for (_, track) in history.tracks() {
        unit = unit.or(track.unit);
        for (sum, totals) in sums.iter_mut().zip(track.totals(grid)) {
            sum.add(track.role, &totals);
        }
    }
    let [first, last] = sums;
    (last.since(&first, grid.step), unit)
}
