//! Where in the chart each thing happens: time becomes y, stretched and squeezed so that it can be read.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::time::Duration;

use feed::{Timestamp, microseconds};

use crate::axis::{Axis, Gap, Knot};
use crate::columns::Route;
use crate::folding::Folded;
use crate::{Content, Fate, span_text};

/// Above the first thing, and the least room below the last.
const TOP: f64 = 22.0;
const BOTTOM: f32 = 26.0;
/// The distance between two arrows whose labels lie in the same columns.
const PITCH: f64 = 18.0;
/// What an arrow falls at least on its way, so that one sees where it goes.
pub(crate) const SLANT: f64 = 8.0;
/// The distance between two ends of arrows at the same life line.
const TOUCH: f64 = 6.0;
/// The distance of an event to what is before it at its life line, and of what follows in its column.
const AROUND_EVENT: f64 = 13.0;
/// The height of a folded group, at least.
const GROUP: f64 = 34.0;
/// What the longest stretch that is not idle takes.
const LONGEST_STRETCH: f64 = 64.0;
/// What a stretch within a folded group takes that would be idle otherwise.
const BUSY: f64 = 44.0;
/// What an idle stretch takes, whatever its duration.
const IDLE: f64 = 34.0;
/// Bounds of the duration above which a stretch is idle, if the caller leaves it to the chart.
const IDLE_BOUNDS_US: Range<u64> = 500..1_000_000;
/// A stretch is idle if it is so many times as long as the median one.
const IDLE_MEDIANS: u64 = 8;

/// The y of everything, in points.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    pub(crate) departures: Vec<Option<f32>>,
    /// By arrow and receiver.
    pub(crate) arrivals: HashMap<(usize, usize), f32>,
    pub(crate) events: Vec<f32>,
    pub(crate) begins: Vec<Option<f32>>,
    pub(crate) ends: Vec<Option<f32>>,
    /// The first and the last y of each group.
    pub(crate) groups: Vec<(f32, f32)>,
    pub(crate) axis: Axis,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) height: f32,
    /// The moments at which something happened that a reader looks for, and others: for the ticks.
    pub(crate) ticks: Vec<(Timestamp, f32, bool)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Begin(usize),
    GroupEnd(usize),
    Edge,
    Event(usize),
    End(usize),
    GroupStart(usize),
    Departure(usize),
    Arrival(usize, usize),
}

/// A thing that happens. Things of the same microsecond happen in the order of rank and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    at_us: u64,
    rank: u8,
    number: u64,
    what: What,
}

/// Lays out the moments of the content on the axis.
pub(crate) fn schedule(
    content: &Content,
    folded: &Folded,
    routes: &[Route],
    idle: Option<Duration>,
    scale: f32,
) -> Schedule {
    let moments = moments(content, folded, routes);
    let idle_us = idle.map_or_else(|| usual_idle_us(&moments), microseconds).max(1);
    let lines = content.life_lines.len();
    let mut pass = Pass {
        content,
        folded,
        routes,
        idle_us,
        scale: f64::from(scale),
        columns: vec![f64::NEG_INFINITY; lines + 1],
        touched: vec![f64::NEG_INFINITY; lines],
        arrived: BTreeMap::new(),
        open_groups: 0,
        knots: Vec::new(),
        schedule: Schedule {
            departures: vec![None; content.arrows.len()],
            events: vec![0.0; content.events.len()],
            begins: vec![None; lines],
            ends: vec![None; lines],
            groups: vec![(0.0, 0.0); folded.groups.len()],
            ..Schedule::default()
        },
    };
    for moment in &moments {
        pass.place(moment);
    }
    pass.schedule.height = pass.knots.last().map_or(TOP, |last| last.bottom) as f32 + BOTTOM;
    pass.schedule.axis = Axis::new(pass.knots);
    pass.schedule
}

fn moments(content: &Content, folded: &Folded, routes: &[Route]) -> Vec<Moment> {
    let mut moments = Vec::new();
    let mut add = |at: Timestamp, rank, number, what| {
        moments.push(Moment {
            at_us: at.as_micros(),
            rank,
            number,
            what,
        });
    };
    for (line, life) in content.life_lines.iter().enumerate() {
        if let Some(at) = life.begins {
            add(at, 0, line as u64, What::Begin(line));
        }
        if let Some((at, _)) = life.ends {
            add(at, 4, line as u64, What::End(line));
        }
    }
    let shown = |event: &crate::Event| event.line < content.life_lines.len();
    for (index, event) in content
        .events
        .iter()
        .enumerate()
        .filter(|(_, event)| shown(event))
    {
        add(event.at, 3, event.id, What::Event(index));
    }
    for band in &content.bands {
        add(band.from, 2, 0, What::Edge);
        add(band.to.max(band.from), 2, 0, What::Edge);
    }
    if let Some(origin) = &content.origin {
        add(origin.at, 2, 0, What::Edge);
    }
    for (number, index) in folded.singles.iter().enumerate() {
        let (Some(arrow), Some(route)) = (content.arrows.get(*index), routes.get(*index)) else {
            continue;
        };
        if *route == Route::Nowhere {
            continue;
        }
        // Departures of a microsecond lie below each other, each with its arrival if that is in the same.
        let number = 2 * number as u64;
        add(arrow.sent, 5, number, What::Departure(*index));
        for (receiver, at) in arrivals(arrow, route) {
            let rank = if at == arrow.sent { 5 } else { 1 };
            add(at, rank, number + 1, What::Arrival(*index, receiver));
        }
    }
    for (number, group) in folded.groups.iter().enumerate() {
        let arrows = || group.arrows.iter().filter_map(|index| content.arrows.get(*index));
        let first = arrows().map(|arrow| arrow.sent).min();
        let last = arrows()
            .map(|arrow| arrow.arrived.unwrap_or(arrow.sent).max(arrow.sent))
            .max();
        if let (Some(first), Some(last)) = (first, last) {
            add(first, 5, u64::MAX, What::GroupStart(number));
            add(last, if last == first { 6 } else { 1 }, 0, What::GroupEnd(number));
        }
    }
    moments.sort_unstable();
    moments
}

/// Returns the known arrivals of an arrow: by index of the receiver.
fn arrivals<'a>(arrow: &'a crate::Arrow, route: &'a Route) -> impl Iterator<Item = (usize, Timestamp)> + 'a {
    let arrived = arrow.fate == Fate::Arrived;
    let single = match route {
        Route::Spread(..) | Route::Nowhere => None,
        Route::Between(..) | Route::Own(_) | Route::Leaves(..) | Route::Comes(..) => arrow.arrived,
    };
    let spread = match (route, &arrow.to) {
        (Route::Spread(_, lines), crate::Target::Multicast(receivers)) => {
            Some(lines.iter().filter_map(|(_, index)| {
                let receiver = receivers.get(*index)?;
                Some((*index, receiver.arrived?))
            }))
        }
        _ => None,
    };
    let single = single.into_iter().map(|at| (0, at));
    single
        .chain(spread.into_iter().flatten())
        .filter(move |_| arrived)
}

/// Returns the duration, in microseconds, above which nothing happens for conspicuously long.
fn usual_idle_us(moments: &[Moment]) -> u64 {
    let pairs = moments.iter().zip(moments.iter().skip(1));
    let mut stretches: Vec<u64> = pairs
        .map(|(one, next)| next.at_us - one.at_us)
        .filter(|stretch| *stretch > 0)
        .collect();
    let middle = stretches.len() / 2;
    if stretches.is_empty() {
        return IDLE_BOUNDS_US.start;
    }
    let (_, median, _) = stretches.select_nth_unstable(middle);
    median
        .saturating_mul(IDLE_MEDIANS)
        .clamp(IDLE_BOUNDS_US.start, IDLE_BOUNDS_US.end)
}

/// One pass through the moments, in their order: each lies below the one before, and as far below as it needs.
struct Pass<'a> {
    content: &'a Content,
    folded: &'a Folded,
    routes: &'a [Route],
    idle_us: u64,
    scale: f64,
    /// The last y in each column at which an arrow left or an event was told.
    columns: Vec<f64>,
    /// The last y at each life line at which anything was.
    touched: Vec<f64>,
    /// The last arrival at each life line, and where.
    arrived: BTreeMap<usize, f64>,
    open_groups: usize,
    knots: Vec<Knot>,
    schedule: Schedule,
}

impl Pass<'_> {
    fn place(&mut self, moment: &Moment) {
        let last = self.knots.last().copied();
        let needed = self.needed(moment.what);
        let y = match last {
            None => TOP,
            Some(last) if last.at_us == moment.at_us => last.bottom.max(needed),
            Some(last) => self.below(last, moment.at_us, needed),
        };
        match self.knots.last_mut() {
            Some(last) if last.at_us == moment.at_us => last.bottom = y,
            _ => self.knots.push(Knot {
                at_us: moment.at_us,
                top: y,
                bottom: y,
            }),
        }
        self.enter(moment, y);
    }

    /// Returns the y of a moment after the last one, and tells of the gap between if there is one.
    fn below(&mut self, last: Knot, at_us: u64, needed: f64) -> f64 {
        let stretch = at_us - last.at_us;
        let idle = stretch > self.idle_us && self.open_groups == 0;
        if !idle {
            let part = stretch as f64 / self.idle_us as f64;
            let length = if part > 1.0 { BUSY } else { LONGEST_STRETCH * part };
            return length.mul_add(self.scale, last.bottom).max(needed);
        }
        let y = IDLE.mul_add(self.scale.max(1.0), last.bottom).max(needed);
        self.schedule.gaps.push(Gap {
            from: Timestamp::from_micros(last.at_us),
            to: Timestamp::from_micros(at_us),
            top: last.bottom as f32,
            bottom: y as f32,
            text: format!("idle {}", span_text(stretch)),
        });
        y
    }

    fn pitch(&self) -> f64 {
        PITCH * self.scale.clamp(0.1, 2.0)
    }

    /// Returns the distance of two arrivals at the same life line: labels shall have room between arrows at both ends.
    fn parallel(&self) -> f64 {
        (PITCH - 2.0) * self.scale.clamp(0.1, 1.0)
    }

    /// Returns the least y at which something can be read, whatever the time.
    fn needed(&self, what: What) -> f64 {
        let touched = |line: usize, distance: f64| self.touched.get(line).map_or(0.0, |y| y + distance);
        match what {
            What::Edge => 0.0,
            What::Begin(line) => touched(line, TOUCH),
            What::End(line) => touched(line, AROUND_EVENT).max(self.free(line + 1..line + 2) - 3.0),
            What::Event(index) => {
                let line = self.content.events.get(index).map_or(0, |event| event.line);
                touched(line, AROUND_EVENT - 3.0).max(self.free(line + 1..line + 2) - 3.0)
            }
            What::Departure(index) => self.routes.get(index).map_or(0.0, |route| {
                let sender = route.sender().map_or(0.0, |line| touched(line, TOUCH));
                sender.max(self.free(route.columns(self.content.life_lines.len())))
            }),
            What::Arrival(index, receiver) => {
                let departure = self.schedule.departures.get(index).copied().flatten();
                let fallen = departure.map_or(0.0, |y| f64::from(y) + SLANT);
                let line = self.receiving_line(index, receiver);
                fallen.max(
                    line.and_then(|line| self.arrived.get(&line))
                        .map_or(0.0, |y| y + self.parallel()),
                )
            }
            What::GroupStart(group) => self.folded.groups.get(group).map_or(0.0, |group| {
                let (one, other) = group.lines;
                let touched = touched(one, TOUCH).max(touched(other, TOUCH));
                touched.max(self.free(one.min(other) + 1..one.max(other) + 1) - 6.0)
            }),
            What::GroupEnd(group) => self
                .schedule
                .groups
                .get(group)
                .map_or(0.0, |(y, _)| f64::from(*y) + GROUP),
        }
    }

    /// Returns the y from which on all of these columns have room for a label.
    fn free(&self, columns: Range<usize>) -> f64 {
        let last = self.columns.get(columns).unwrap_or_default().iter().copied();
        last.fold(f64::NEG_INFINITY, f64::max) + self.pitch()
    }

    fn receiving_line(&self, index: usize, receiver: usize) -> Option<usize> {
        match self.routes.get(index)? {
            Route::Between(_, to) | Route::Own(to) | Route::Comes(_, to) => Some(*to),
            Route::Spread(_, lines) => lines
                .iter()
                .find(|(_, index)| *index == receiver)
                .map(|(line, _)| *line),
            Route::Leaves(..) | Route::Nowhere => None,
        }
    }

    fn enter(&mut self, moment: &Moment, y: f64) {
        let at = Timestamp::from_micros(moment.at_us);
        let (told, important) = match moment.what {
            What::Begin(line) => {
                self.touch(line, y);
                set(&mut self.schedule.begins, line, Some(y as f32));
                (true, false)
            }
            What::End(line) => {
                self.touch(line, y);
                self.tell(line + 1..line + 2, y + 4.0);
                set(&mut self.schedule.ends, line, Some(y as f32));
                (true, true)
            }
            What::Edge => (false, false),
            What::Event(index) => {
                let line = self.content.events.get(index).map_or(0, |event| event.line);
                self.touch(line, y);
                self.tell(line + 1..line + 2, y + 4.0);
                set(&mut self.schedule.events, index, y as f32);
                (true, true)
            }
            What::Departure(index) => {
                if let Some(route) = self.routes.get(index) {
                    let columns = route.columns(self.content.life_lines.len());
                    route.sender().into_iter().for_each(|line| self.touch(line, y));
                    self.tell(columns, y);
                }
                set(&mut self.schedule.departures, index, Some(y as f32));
                (true, false)
            }
            What::Arrival(index, receiver) => {
                if let Some(line) = self.receiving_line(index, receiver) {
                    self.touch(line, y);
                    self.arrived.insert(line, y);
                }
                self.schedule.arrivals.insert((index, receiver), y as f32);
                (false, false)
            }
            What::GroupStart(group) => {
                self.open_groups += 1;
                set(&mut self.schedule.groups, group, (y as f32, y as f32));
                (true, false)
            }
            What::GroupEnd(group) => self.end_group(group, y),
        };
        if told {
            self.schedule.ticks.push((at, y as f32, important));
        }
    }

    fn end_group(&mut self, group: usize, y: f64) -> (bool, bool) {
        self.open_groups = self.open_groups.saturating_sub(1);
        if let Some((_, bottom)) = self.schedule.groups.get_mut(group) {
            *bottom = y as f32;
        }
        if let Some(group) = self.folded.groups.get(group) {
            let (one, other) = group.lines;
            self.touch(one, y);
            self.touch(other, y);
            self.tell(one.min(other) + 1..one.max(other) + 1, y);
        }
        (true, false)
    }

    fn touch(&mut self, line: usize, y: f64) {
        if let Some(touched) = self.touched.get_mut(line) {
            *touched = touched.max(y);
        }
    }

    fn tell(&mut self, columns: Range<usize>, y: f64) {
        for last in self.columns.get_mut(columns).unwrap_or_default() {
            *last = last.max(y);
        }
    }
}

fn set<T>(values: &mut [T], index: usize, value: T) {
    if let Some(place) = values.get_mut(index) {
        *place = value;
    }
}
