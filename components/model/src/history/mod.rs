//! Load, sessions, work and requests over time, for curves and for figures over a span of time.
//!
//! Everything is a function of the updates: times are those of the feeds, hence a replay yields the same curves. Every
//! quantity is kept as a total that only grows: counters as such, and levels, such as the load, multiplied by the time
//! that they lasted. So a rate or a mean is the difference of two totals, whatever was left out in between: thinning
//! costs resolution but biases nothing, and a counter that begins again with a new process makes no negative rate.

mod figures;
mod mark;
mod observed;
mod samples;
mod span;
mod track;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use feed::{ComponentRole, Timestamp};
use serde::{Deserialize, Serialize};
use wire::PoolHandle;

pub use figures::{PoolSpan, PoolTotals, Speed, Utilisation};
pub use mark::{Mark, MarkKind};
pub(crate) use samples::Samples;
pub use span::{Span, Totals};
pub use track::{Interval, Track};

use crate::{ComponentId, Model, Shared, bounded};

/// The histories of all components, and what happened to them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct History {
    #[serde(deserialize_with = "bounded::map::<{ History::TRACKS }, _, _, _>")]
    tracks: BTreeMap<ComponentId, Track>,
    #[serde(deserialize_with = "bounded::shared_list::<{ History::MARKS }, _, _>")]
    marks: Shared<VecDeque<Mark>>,
    /// Components that were removed, the latest last; their tracks are kept for a while.
    #[serde(deserialize_with = "bounded::list::<{ History::REMOVED }, _, _>")]
    removed: VecDeque<ComponentId>,
    /// Changes with everything that is recorded, so that curves can be cached by it.
    #[serde(deserialize_with = "bounded::count")]
    pub revision: u64,
}

/// A row of adjacent spans of time of equal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// The beginning of the first span.
    pub begin: Timestamp,
    /// The length of each span, not 0.
    pub step: Duration,
    /// The number of spans.
    pub count: usize,
}

impl Grid {
    /// Returns a grid of spans that end at multiples of `step`, the last one at `now` or before, so that curves do not
    /// flicker when time goes on.
    #[must_use]
    pub fn until(now: Timestamp, step: Duration, count: usize) -> Self {
        let micros = u64::try_from(step.as_micros()).unwrap_or(u64::MAX).max(1);
        let end = Timestamp::from_micros(now.as_micros() / micros * micros);
        let whole = step.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        Self {
            begin: end - whole,
            step: Duration::from_micros(micros),
            count,
        }
    }

    /// Returns the beginning of a span, or the end of the previous one.
    #[must_use]
    pub fn edge(&self, index: usize) -> Timestamp {
        self.begin + self.step.saturating_mul(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Returns all edges, one more than there are spans.
    fn edges(self) -> impl Iterator<Item = Timestamp> {
        (0..=self.count).map(move |index| self.edge(index))
    }
}

impl History {
    /// The maximum number of marks that are kept.
    pub const MARKS: usize = 400;
    /// The maximum number of removed components whose tracks are kept.
    pub const REMOVED: usize = 32;
    /// The maximum number of tracks.
    pub(crate) const TRACKS: usize = Model::COMPONENTS + Self::REMOVED;

    /// Takes the samples of levels and of counters out of all tracks.
    pub(crate) fn take_samples(
        &mut self,
    ) -> (
        BTreeMap<ComponentId, Samples<7>>,
        BTreeMap<ComponentId, Samples<6>>,
    ) {
        let tracks = self.tracks.iter_mut();
        tracks
            .map(|(id, track)| {
                let (levels, counts) = track.samples_mut();
                ((*id, std::mem::take(levels)), (*id, std::mem::take(counts)))
            })
            .unzip()
    }

    /// Puts samples into all tracks.
    pub(crate) fn put_samples(
        &mut self,
        mut levels: BTreeMap<ComponentId, Samples<7>>,
        mut counts: BTreeMap<ComponentId, Samples<6>>,
    ) {
        for (id, track) in &mut self.tracks {
            let samples = track.samples_mut();
            *samples.0 = levels.remove(id).unwrap_or_default();
            *samples.1 = counts.remove(id).unwrap_or_default();
        }
    }

    /// Returns the track of a component.
    #[must_use]
    pub fn track(&self, id: ComponentId) -> Option<&Track> {
        self.tracks.get(&id)
    }

    /// Returns all tracks, those of removed components included, in the order in which the components were added.
    pub fn tracks(&self) -> impl Iterator<Item = (ComponentId, &Track)> {
        self.tracks.iter().map(|(id, track)| (*id, track))
    }

    /// Returns what happened, the oldest first.
    pub fn marks(&self) -> impl DoubleEndedIterator<Item = &Mark> {
        self.marks.iter()
    }

    /// Returns the pools with members since `since`, by their handles.
    #[must_use]
    pub fn pools(&self, since: Timestamp) -> Vec<&PoolHandle> {
        let members = self
            .tracks
            .values()
            .filter(|track| track.role != ComponentRole::Registrar);
        let tracks = members.filter(|track| track.was_there(since));
        let mut pools: Vec<&PoolHandle> = tracks.filter_map(|track| track.pool.as_ref()).collect();
        pools.sort_unstable();
        pools.dedup();
        pools
    }

    /// Returns what a pool's pool elements and pool users had done at each edge of a grid.
    #[must_use]
    pub fn pool_totals(&self, pool: &PoolHandle, grid: Grid) -> Vec<PoolTotals> {
        let mut sums = vec![PoolTotals::default(); grid.count + 1];
        for track in self.tracks.values() {
            if track.pool.as_ref() == Some(pool) {
                for (sum, totals) in sums.iter_mut().zip(track.totals(grid)) {
                    sum.add(track.role, &totals);
                }
            }
        }
        sums
    }

    /// Returns what a pool's pool elements and pool users did in this span of time.
    #[must_use]
    pub fn pool_span(&self, pool: &PoolHandle, from: Timestamp, to: Timestamp) -> PoolSpan {
        let grid = Grid {
            begin: from,
            step: to - from,
            count: 1,
        };
        match self.pool_totals(pool, grid).as_slice() {
            [first, last] => last.since(first, grid.step),
            _ => PoolSpan::default(),
        }
    }

    /// Returns whether any component has a process, so that curves go on.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.tracks.values().any(Track::is_alive)
    }

    /// Returns the role of a component, also of a removed one.
    #[must_use]
    pub fn role(&self, id: ComponentId) -> Option<ComponentRole> {
        self.tracks.get(&id).map(|track| track.role)
    }
}
