//! What a component, or several of them, did in a span of time.

use std::time::Duration;

/// The levels that are multiplied by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// 1 while it has a process.
    Alive,
    Load,
    /// Sessions of a pool element; requests in service of a pool user.
    Sessions,
    /// The maximum number of sessions.
    Limit,
    /// What it can do per second.
    Capacity,
    /// 1 while its capacity is known.
    Measured,
    /// Requests that wait.
    Queued,
}

/// The counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Work,
    Requested,
    Completed,
    Rejected,
    /// Seconds from when a request came up to its completion.
    Handling,
    /// The part of that in which it waited at the pool user.
    Queueing,
}

pub(super) type Levels = [f64; 7];
pub(super) type Counts = [f64; 6];

/// What a component, or several of them together, did in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Span {
    /// The length of the span, in seconds.
    pub(super) seconds: f64,
    pub(super) levels: Levels,
    pub(super) counts: Counts,
}

/// What a component, or several of them together, had done up to a point in time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    pub(super) levels: Levels,
    pub(super) counts: Counts,
}

impl Totals {
    /// Adds what another component had done.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.levels.iter_mut().zip(other.levels) {
            *sum += more;
        }
        for (sum, more) in self.counts.iter_mut().zip(other.counts) {
            *sum += more;
        }
    }

    /// Returns what was done since an earlier point in time, so long before.
    #[must_use]
    pub fn since(&self, earlier: &Self, length: Duration) -> Span {
        let difference = |from: f64, to: f64| (to - from).max(0.0);
        Span {
            seconds: length.as_secs_f64(),
            levels: std::array::from_fn(|index| difference(earlier.levels[index], self.levels[index])),
            counts: std::array::from_fn(|index| difference(earlier.counts[index], self.counts[index])),
        }
    }
}

impl Span {
    pub(super) fn level(&self, level: Level) -> f64 {
        self.levels[level as usize]
    }

    pub(super) fn count(&self, count: Count) -> f64 {
        self.counts[count as usize]
    }

    /// Returns the mean load while it had a process, from 0 to 1; of several pool elements, the mean of all of them.
    #[must_use]
    pub fn load(&self) -> Option<f64> {
        ratio(self.level(Level::Load), self.level(Level::Alive))
    }

    /// Returns the mean number of sessions of pool elements, or of requests in service of pool users.
    #[must_use]
    pub fn sessions(&self) -> Option<f64> {
        self.mean(Level::Sessions)
    }

    /// Returns the mean number of requests that waited.
    #[must_use]
    pub fn queued(&self) -> Option<f64> {
        self.mean(Level::Queued)
    }

    /// Returns the work done per second, in the unit of the service.
    #[must_use]
    pub fn work_per_second(&self) -> Option<f64> {
        self.per_second(Count::Work)
    }

    /// Returns the requests completed per second.
    #[must_use]
    pub fn completed_per_second(&self) -> Option<f64> {
        self.per_second(Count::Completed)
    }

    /// Returns the requests rejected per second.
    #[must_use]
    pub fn rejected_per_second(&self) -> Option<f64> {
        self.per_second(Count::Rejected)
    }

    /// Returns the number of requests that came up.
    #[must_use]
    pub fn requested(&self) -> f64 {
        self.count(Count::Requested)
    }

    /// Returns the number of requests completed.
    #[must_use]
    pub fn completed(&self) -> f64 {
        self.count(Count::Completed)
    }

    /// Returns the number of requests rejected.
    #[must_use]
    pub fn rejected(&self) -> f64 {
        self.count(Count::Rejected)
    }

    /// Returns the mean time from when a request came up to its completion.
    #[must_use]
    pub fn handling_time(&self) -> Option<Duration> {
        let seconds = ratio(self.count(Count::Handling), self.count(Count::Completed))?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// Returns the mean time in which a request waited at its pool user.
    #[must_use]
    pub fn queueing_time(&self) -> Option<Duration> {
        let seconds = ratio(self.count(Count::Queueing), self.count(Count::Completed))?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// Returns the mean number of those that had a process.
    #[must_use]
    pub fn alive(&self) -> f64 {
        ratio(self.level(Level::Alive), self.seconds).unwrap_or_default()
    }

    /// The mean over the whole span, while any of them had a process.
    fn mean(&self, level: Level) -> Option<f64> {
        if self.level(Level::Alive) > 0.0 {
            ratio(self.level(level), self.seconds)
        } else {
            None
        }
    }

    fn per_second(&self, count: Count) -> Option<f64> {
        if self.level(Level::Alive) > 0.0 {
            ratio(self.count(count), self.seconds)
        } else {
            None
        }
    }
}

/// Returns a ratio unless the denominator is 0 or so small that the ratio means nothing.
pub(super) fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 1e-9)
        .then(|| part / whole)
        .filter(|ratio| ratio.is_finite())
}
