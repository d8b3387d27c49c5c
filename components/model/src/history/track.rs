//! The history of one component.

use std::collections::VecDeque;
use std::time::Duration;

use feed::{ComponentRole, PoolElementWork, PoolUserWork, Timestamp, WorkUnit};
use serde::{Deserialize, Serialize};
use wire::PoolHandle;
use wire::parameter::Policy;

use super::Grid;
use super::samples::Samples;
use super::span::{Count, Counts, Level, Levels, Span, Totals};
use crate::{Load, bounded};

/// The history of one component, over all of its processes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Track {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: ComponentRole,
    /// For pool elements: the index of its colour.
    #[serde(deserialize_with = "bounded::count")]
    pub colour: usize,
    /// Its pool, once it has told it.
    pub pool: Option<PoolHandle>,
    /// The unit of its work, once it has told it.
    pub unit: Option<WorkUnit>,
    /// Its policy without the load, also of the process before.
    pub(super) policy: Option<Policy>,
    /// Whether it is in its pool.
    pub(super) joined: bool,
    /// The levels now.
    #[serde(deserialize_with = "bounded::finite")]
    now: Levels,
    levels: Samples<7>,
    /// The latest counters of this process.
    #[serde(deserialize_with = "bounded::finite")]
    reported: Counts,
    counts: Samples<6>,
    /// Whether reports were left out since the latest one.
    left_out: bool,
    #[serde(deserialize_with = "bounded::list::<LIVES, _, _>")]
    lives: VecDeque<Interval>,
    #[serde(deserialize_with = "bounded::list::<LIVES, _, _>")]
    doubts: VecDeque<Interval>,
}

/// An interval of time, which may not have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// When it began.
    pub from: Timestamp,
    /// When it ended; `None` while it lasts.
    pub to: Option<Timestamp>,
}

/// The maximum number of processes of a component, and of times of doubt, that are kept.
const LIVES: usize = 100;
/// How often reports come at most. A report that comes later tells of what happened within this time before it: there
/// are none while nothing changes.
const REPORTS: Duration = Duration::from_millis(500);

impl Track {
    pub(super) fn new(name: String, role: ComponentRole, colour: usize) -> Self {
        Self {
            name,
            role,
            colour,
            pool: None,
            unit: None,
            policy: None,
            joined: false,
            now: Levels::default(),
            levels: Samples::default(),
            reported: Counts::default(),
            counts: Samples::default(),
            left_out: false,
            lives: VecDeque::new(),
            doubts: VecDeque::new(),
        }
    }

    /// Returns the samples of its levels and of its counters.
    pub(super) const fn samples_mut(&mut self) -> (&mut Samples<7>, &mut Samples<6>) {
        (&mut self.levels, &mut self.counts)
    }

    /// Returns whether it has a process.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.lives.back().is_some_and(|life| life.to.is_none())
    }

    /// Returns the times in which it had a process, the oldest first, bounded.
    pub fn lives(&self) -> impl Iterator<Item = Interval> {
        self.lives.iter().copied()
    }

    /// Returns the times in which it was frozen or not heard, so that what is known of it was out of date.
    pub fn doubts(&self) -> impl Iterator<Item = Interval> {
        self.doubts.iter().copied()
    }

    /// Returns whether it had a process since then.
    #[must_use]
    pub fn was_there(&self, since: Timestamp) -> bool {
        self.lives
            .back()
            .is_some_and(|life| life.to.is_none_or(|to| to >= since))
    }

    /// Returns what it had done at each edge of a grid, of which there is one more than there are spans.
    pub fn totals(&self, grid: Grid) -> impl Iterator<Item = Totals> {
        let latest = self.levels.latest().unwrap_or_default();
        let (now, totals) = (self.now, self.levels.totals());
        // Levels last until they change.
        let levels = self
            .levels
            .at(grid.edges())
            .zip(grid.edges())
            .map(move |(at, edge)| {
                let since = (edge - latest).as_secs_f64();
                if since > 0.0 {
                    advanced(&totals, &now, since)
                } else {
                    at
                }
            });
        let counts = self.counts.at(grid.edges());
        levels
            .zip(counts)
            .map(|(levels, counts)| Totals { levels, counts })
    }

    /// Returns what it did in each span of a grid.
    pub fn spans(&self, grid: Grid) -> impl Iterator<Item = Span> {
        let mut totals = self.totals(grid);
        let mut before = totals.next().unwrap_or_default();
        totals.map(move |next| {
            let span = next.since(&before, grid.step);
            before = next;
            span
        })
    }

    /// A process begins. Its counters begin at 0.
    pub(super) fn begin_life(&mut self, at: Timestamp) {
        self.end_life(at);
        begin(&mut self.lives, at);
        self.now[Level::Alive as usize] = 1.0;
        self.sample_levels(at);
        self.reported = Counts::default();
        self.left_out = false;
        self.counts.push(self.counted_at(at), self.counts.totals());
    }

    /// Its process has ended.
    pub(super) fn end_life(&mut self, at: Timestamp) {
        end(&mut self.lives, at);
        end(&mut self.doubts, at);
        self.sample_levels(at);
        self.now = Levels::default();
        self.joined = false;
    }

    /// What is known of it may be out of date from now on.
    pub(super) fn begin_doubt(&mut self, at: Timestamp) {
        if self.is_alive() && self.doubts.back().is_none_or(|doubt| doubt.to.is_some()) {
            begin(&mut self.doubts, at);
        }
    }

    /// It is heard again.
    pub(super) fn end_doubt(&mut self, at: Timestamp) {
        end(&mut self.doubts, at);
    }

    pub(super) fn load(&mut self, at: Timestamp, load: Load) {
        self.set_levels(at, |levels| {
            levels[Level::Load as usize] = load.load;
            levels[Level::Sessions as usize] = load.sessions.into();
            levels[Level::Limit as usize] = load.capacity.into();
        });
    }

    pub(super) fn element_work(&mut self, at: Timestamp, work: &PoolElementWork) {
        self.unit = Some(work.unit);
        self.set_levels(at, |levels| {
            levels[Level::Capacity as usize] = work.capacity.unwrap_or_default();
            levels[Level::Measured as usize] = f64::from(u8::from(work.capacity.is_some()));
        });
        let mut counts = self.reported;
        counts[Count::Work as usize] = work.done;
        counts[Count::Completed as usize] = work.completed as f64;
        counts[Count::Rejected as usize] = work.rejected as f64;
        self.count(at, counts);
    }

    pub(super) fn user_work(&mut self, at: Timestamp, work: &PoolUserWork) {
        self.unit = Some(work.unit);
        self.set_levels(at, |levels| {
            levels[Level::Sessions as usize] = work.running.into();
            levels[Level::Queued as usize] = work.queued.into();
        });
        let mut counts = self.reported;
        counts[Count::Work as usize] = work.done;
        counts[Count::Requested as usize] = work.requested as f64;
        counts[Count::Completed as usize] = work.completed as f64;
        counts[Count::Rejected as usize] = work.rejected as f64;
        counts[Count::Handling as usize] = work.handling.as_secs_f64();
        counts[Count::Queueing as usize] = work.queueing.as_secs_f64();
        self.count(at, counts);
    }

    /// Reports were left out.
    pub(super) const fn leave_out(&mut self) {
        self.left_out = true;
    }

    fn set_levels(&mut self, at: Timestamp, set: impl FnOnce(&mut Levels)) {
        if !self.is_alive() {
            return;
        }
        let mut levels = self.now;
        set(&mut levels);
        if levels != self.now {
            self.sample_levels(at);
            self.now = levels;
        }
    }

    /// Adds what has accumulated up to this time.
    fn sample_levels(&mut self, at: Timestamp) {
        let (before, totals) = (self.levels.latest(), self.levels.totals());
        let at = before.map_or(at, |before| before.max(at));
        let seconds = before.map_or(0.0, |before| (at - before).as_secs_f64());
        self.levels.push(at, advanced(&totals, &self.now, seconds));
    }

    fn count(&mut self, at: Timestamp, counts: Counts) {
        if !self.is_alive() {
            return;
        }
        let at = self.counted_at(at);
        let before = self.counts.totals();
        if !self.left_out
            && self
                .counts
                .latest()
                .is_some_and(|latest| at - latest > 2 * REPORTS)
        {
            self.counts.push(at - REPORTS, before);
        }
        self.left_out = false;
        let reported = std::mem::replace(&mut self.reported, counts);
        let grown = |index: usize| before[index] + (counts[index] - reported[index]).max(0.0);
        self.counts.push(at, std::array::from_fn(grown));
    }

    /// Returns this time, or that of the latest sample if it is later.
    fn counted_at(&self, at: Timestamp) -> Timestamp {
        self.counts.latest().map_or(at, |latest| latest.max(at))
    }
}

/// Returns totals after a time with these levels.
fn advanced(totals: &Levels, levels: &Levels, seconds: f64) -> Levels {
    std::array::from_fn(|index| totals[index] + levels[index] * seconds)
}

fn begin(times: &mut VecDeque<Interval>, at: Timestamp) {
    if times.len() == LIVES {
        times.pop_front();
    }
    times.push_back(Interval { from: at, to: None });
}

fn end(times: &mut VecDeque<Interval>, at: Timestamp) {
    if let Some(last) = times.back_mut()
        && last.to.is_none()
    {
        last.to = Some(at.max(last.from));
    }
}
