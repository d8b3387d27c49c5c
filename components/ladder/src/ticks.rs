//! Times at the axis, and the real distances between them.

use std::collections::BTreeMap;

use feed::Timestamp;

use crate::schedule::Schedule;
use crate::span_text;
use crate::time_text::offset_text;

/// A moment whose time is told at the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// The moment.
    pub at: Timestamp,
    /// Its y, in points.
    pub y: f32,
    /// Its distance from the origin, such as "+6.21 ms".
    pub text: String,
    /// Whether a reader looks for it: an event, or an end.
    pub important: bool,
}

/// The real duration between two ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The y of its middle, in points.
    pub y: f32,
    /// The duration, such as "1.20 ms".
    pub text: String,
}

/// The least distance of two ticks, and of two between which a step is told.
const APART: f32 = 15.0;
const STEP_APART: f32 = 30.0;

pub(crate) fn ticks(schedule: &Schedule, origin: Timestamp) -> (Vec<Tick>, Vec<Step>) {
    let mut chosen: BTreeMap<u64, Tick> = BTreeMap::new();
    // Heights of charts are non-negative, and such numbers are in the order of their bits.
    let key = |y: f32| u64::from(y.max(0.0).to_bits());
    for wanted in [true, false] {
        for (at, y, important) in schedule.ticks.iter().filter(|tick| tick.2 == wanted) {
            let near = chosen.range(key(y - APART) + 1..key(y + APART)).next().is_some();
            // A moment is told once, however many things happened in it.
            let same = chosen
                .range(..=key(*y))
                .next_back()
                .is_some_and(|(_, tick)| tick.at == *at);
            if !near && !same {
                let tick = Tick {
                    at: *at,
                    y: *y,
                    text: String::new(),
                    important: *important,
                };
                chosen.insert(key(*y), tick);
            }
        }
    }
    let mut ticks: Vec<Tick> = chosen.into_values().collect();
    let times: Vec<u64> = ticks.iter().map(|tick| tick.at.as_micros()).collect();
    for (index, tick) in ticks.iter_mut().enumerate() {
        // As precise as the moments next to it need as well, so that times below each other are equally precise, but
        // not more than makes sense for its own distance from them.
        let own = times.get(index.saturating_sub(1)..(index + 2).min(times.len()));
        let near = times.get(index.saturating_sub(2)..(index + 3).min(times.len()));
        let apart = own
            .and_then(least)
            .map(|own| (own / 100).max(near.and_then(least).unwrap_or(own)));
        tick.text = offset_text(tick.at.as_micros(), origin.as_micros(), apart.unwrap_or(u64::MAX));
    }
    let steps = steps(&ticks, schedule);
    (ticks, steps)
}

/// Returns the least duration between two successive times.
fn least(times: &[u64]) -> Option<u64> {
    let pairs = times.iter().zip(times.iter().skip(1));
    pairs.map(|(one, next)| next.abs_diff(*one)).min()
}

fn steps(ticks: &[Tick], schedule: &Schedule) -> Vec<Step> {
    let mut gaps = schedule.gaps.iter().peekable();
    let mut steps = Vec::new();
    for pair in ticks.windows(2) {
        let [one, next] = pair else { continue };
        while gaps.next_if(|gap| gap.bottom <= one.y).is_some() {}
        // A gap tells its duration itself.
        let idle = gaps.peek().is_some_and(|gap| gap.top < next.y);
        if next.y - one.y >= STEP_APART && !idle {
            steps.push(Step {
                y: f32::midpoint(one.y, next.y),
                text: span_text(next.at.as_micros() - one.at.as_micros()),
            });
        }
    }
    steps
}
