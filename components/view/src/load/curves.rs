//! The curves, computed from the history when something has changed, at most a few times a second.

use std::collections::BTreeSet;
use std::time::Duration;

use egui_plot::PlotPoint;
use feed::Timestamp;

use super::axis::tops;
use super::figures::{Figures, Row};
use super::pool::pool_charts;
use super::quantity::{Quantity, Scale};
use crate::snapshot::Snapshot;
use model::{ComponentId, Grid, MarkKind};

/// The maximum number of pools that are shown.
pub(super) const MOST_POOLS: usize = 4;
/// The least time between two changes of the curves.
pub(super) const REFRESH: Duration = Duration::from_millis(450);
/// Reports come half a second after what they tell of.
const LATE: Duration = Duration::from_millis(600);
/// The charts of all pools, as last computed.
#[derive(Debug, Default)]
pub(super) struct Charts {
    key: Option<Key>,
    revision: u64,
    epoch: u64,
    /// The pools, by their handles.
    pub(super) pools: Vec<PoolCharts>,
    /// The upper end of the axis of each chosen quantity, the same for all pools with the same unit.
    tops: Vec<(Quantity, Scale, f64)>,
    /// When the curves were computed; the right edge of the charts.
    pub(super) now: Timestamp,
    /// The span of the charts.
    pub(super) span: Duration,
    /// The times of the values.
    pub(super) grid: Option<Grid>,
}

/// Everything but time that the curves depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) chosen: BTreeSet<Quantity>,
    pub(super) span: Duration,
    /// The number of points of a curve.
    pub(super) points: usize,
}

/// The charts and figures of a pool.
#[derive(Debug)]
pub(super) struct PoolCharts {
    pub(super) name: String,
    pub(super) charts: Vec<Chart>,
    pub(super) marks: Vec<ChartMark>,
    pub(super) figures: Figures,
    pub(super) rows: Vec<Row>,
}

/// The curves of a quantity.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) quantity: Quantity,
    pub(super) scale: Scale,
    pub(super) curves: Vec<Curve>,
}

/// A curve.
#[derive(Debug)]
pub(super) struct Curve {
    /// The component that it belongs to; `None` for one of the pool.
    pub(super) owner: Option<ComponentId>,
    pub(super) name: String,
    pub(super) ink: Ink,
    /// The values in the spans of the grid.
    pub(super) values: Vec<Option<f64>>,
    /// What is drawn: without gaps, in seconds from now.
    pub(super) pieces: Vec<Piece>,
    /// Where it ends, if its component has no process any more.
    pub(super) end: Option<PlotPoint>,
}

/// What the colour of a curve says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The pool element with this colour.
    Element(usize),
    /// A pool user.
    User,
    /// The pool as a whole.
    Pool,
    /// The pool as a whole, where another curve matters more.
    Muted,
    /// Requests that came to something.
    Good,
    /// Requests that did not.
    Bad,
}

/// A part of a curve without a gap.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) points: Vec<PlotPoint>,
    /// Whether it is known, or was out of date at that time.
    pub(super) doubtful: bool,
}

/// A mark in the charts of a pool, in seconds from now.
#[derive(Debug)]
pub(super) struct ChartMark {
    pub(super) kind: MarkKind,
    pub(super) from: f64,
    /// For what lasts: until when.
    pub(super) to: Option<f64>,
    pub(super) text: String,
}

impl Charts {
    /// Computes the curves again if that is due.
    pub(super) fn update(&mut self, snapshot: &Snapshot<'_>, key: &Key) {
        let history = &snapshot.model.history;
        let age = snapshot.now - self.now;
        let is_due = age >= REFRESH || snapshot.now < self.now;
        let has_news = history.revision != self.revision || history.is_live() || snapshot.now < self.now;
        let is_other = self.epoch != snapshot.epoch();
        if self.key.as_ref() == Some(key) && !(is_due && has_news) && !is_other {
            return;
        }
        self.epoch = snapshot.epoch();
        self.now = snapshot.now;
        self.span = key.span;
        self.revision = history.revision;
        let step = step(key.span, key.points);
        let points = (key.span.as_micros() / step.as_micros().max(1)) as usize;
        let grid = Grid::until(snapshot.now - LATE, step, points);
        self.pools = history
            .pools(grid.begin)
            .into_iter()
            .take(MOST_POOLS)
            .map(|pool| pool_charts(snapshot, pool, &key.chosen, grid))
            .collect();
        self.grid = Some(grid);
        self.tops = tops(&self.pools);
        self.key = Some(key.clone());
    }

    /// Returns the upper end of a chart's axis.
    pub(super) fn top(&self, chart: &Chart) -> f64 {
        let mut tops = self.tops.iter();
        let top = tops.find(|(quantity, scale, _)| (*quantity, *scale) == (chart.quantity, chart.scale));
        top.map_or(1.0, |(_, _, top)| *top)
    }

    /// Returns the index of the values at this time, in seconds from now.
    pub(super) fn index_at(&self, seconds: f64) -> Option<usize> {
        let grid = self.grid?;
        let begin = -(self.now - grid.begin).as_secs_f64();
        let index = ((seconds - begin) / grid.step.as_secs_f64()).floor();
        (0.0..grid.count as f64)
            .contains(&index)
            .then_some(index as usize)
    }
}

/// Returns the length of the spans for about this many points: a round number, of which the values do not change when
/// time goes on.
fn step(span: Duration, points: usize) -> Duration {
    const STEPS: [u64; 8] = [1, 2, 3, 5, 10, 15, 30, 60];
    let least = span.as_secs_f64() / points.max(1) as f64;
    let step = STEPS.into_iter().find(|step| *step as f64 >= least);
    Duration::from_secs(step.unwrap_or(120))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_round_distances() {
        let seconds = Duration::from_secs;
        assert_eq!(step(seconds(60), 120), seconds(1));
        assert_eq!(step(seconds(300), 120), seconds(3));
        assert_eq!(step(seconds(600), 100), seconds(10));
    }
}
