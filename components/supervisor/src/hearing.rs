//! When a child was last heard, and whether children ran while this program did not.
//!
//! The tasks that read feeds note it here; the loop looks when it is time to worry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use feed::Timestamp;

/// What is heard of one child.
#[derive(Debug, Clone)]
pub(crate) struct Hearing {
    heard: Arc<Heard>,
    gap: Arc<Gap>,
}

#[derive(Debug)]
struct Heard {
    begun: Instant,
    /// When something was last read, in microseconds since `begun`.
    last: AtomicU64,
    /// Whether the reader waits for room, so that nothing can be heard.
    is_held: AtomicBool,
    /// Whether the child counts as silent.
    is_silent: AtomicBool,
}

/// The time for which this program did not run: whether any child ran meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Gap {
    from: AtomicU64,
    to: AtomicU64,
    witnessed: AtomicBool,
}

impl Hearing {
    pub(crate) fn new(gap: Arc<Gap>) -> Self {
        let heard = Heard {
            begun: Instant::now(),
            last: AtomicU64::new(0),
            is_held: AtomicBool::new(false),
            is_silent: AtomicBool::new(false),
        };
        Self {
            heard: Arc::new(heard),
            gap,
        }
    }

    /// Something was read. Returns whether the child counted as silent.
    pub(crate) fn hear(&self) -> bool {
        let since_begin = feed::microseconds(self.heard.begun.elapsed());
        self.heard.last.store(since_begin, Ordering::Relaxed);
        self.heard.is_silent.swap(false, Ordering::Relaxed)
    }

    /// Notes what the child did at this time.
    pub(crate) fn witness(&self, at: Timestamp) {
        self.gap.witness(at);
    }

    /// Notes whether the reader waits for room.
    pub(crate) fn hold(&self, held: bool) {
        self.heard.is_held.store(held, Ordering::Relaxed);
    }

    /// Returns when the child was last heard, or could have been.
    pub(crate) fn last(&self, now: Instant) -> Instant {
        if self.heard.is_held.load(Ordering::Relaxed) {
            return now;
        }
        self.heard.begun + Duration::from_micros(self.heard.last.load(Ordering::Relaxed))
    }

    /// From now on, being heard is news.
    pub(crate) fn set_silent(&self) {
        self.heard.is_silent.store(true, Ordering::Relaxed);
    }
}

impl Gap {
    /// This program did not run from one time to the other.
    pub(crate) fn open(&self, from: Timestamp, to: Timestamp) {
        self.witnessed.store(false, Ordering::Relaxed);
        self.from.store(from.as_micros(), Ordering::Relaxed);
        self.to.store(to.as_micros(), Ordering::Relaxed);
    }

    /// Returns whether a child ran meanwhile, as far as is known by now.
    pub(crate) fn close(&self) -> bool {
        self.to.store(0, Ordering::Relaxed);
        self.witnessed.load(Ordering::Relaxed)
    }

    fn witness(&self, at: Timestamp) {
        let (from, to) = (self.from.load(Ordering::Relaxed), self.to.load(Ordering::Relaxed));
        if from < at.as_micros() && at.as_micros() < to {
            self.witnessed.store(true, Ordering::Relaxed);
        }
    }
}
