//! What a recorder and its owner share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use feed::Timestamp;

use crate::{Notify, Wanted};

/// The state of a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// The size on disk, in bytes.
    pub bytes: u64,
    /// The maximum size on disk, in bytes; 0 if it is not limited.
    pub budget: u64,
    /// Whether the oldest part was deleted.
    pub dropped: bool,
    /// Packets that are missing.
    pub missing_packets: u64,
    /// Why nothing is being written, while that is the case.
    pub problem: Option<String>,
}

/// A time for which something is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Its beginning.
    pub since: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// What is missing and why.
    pub why: String,
}

/// What a recorder and its owner share.
pub(crate) struct Shared {
    /// The size of what waits to be written, in bytes.
    waiting: AtomicUsize,
    pub(crate) ending: AtomicBool,
    state: Mutex<State>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct State {
    status: Status,
    wanted: Option<Wanted>,
    /// Since when nothing is written that could be carried out, and why.
    broken: Option<(Timestamp, String)>,
    /// The time of the latest record.
    latest: Timestamp,
    gap: Option<Gap>,
    /// Packets that are missing and have not been told: since when, until when, and how many.
    missing: Option<(Timestamp, Timestamp, u64)>,
    /// When missing packets were told last.
    missing_told: Timestamp,
}

impl Shared {
    /// The maximum size of what waits to be written, in bytes.
    const ROOM: usize = 64 << 20;
    /// The size from which on it should not wait any longer.
    const CROWD: usize = 4 << 20;
    /// How often missing packets are told: one gap says more than many.
    const TELL_MISSING: Duration = Duration::from_secs(5);

    pub(crate) fn new(notify: Notify) -> Self {
        let state = State {
            wanted: Some(Wanted {
                whole: true,
                jump: false,
            }),
            ..State::default()
        };
        Self {
            waiting: AtomicUsize::new(0),
            ending: AtomicBool::new(false),
            state: Mutex::new(state),
            notify,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn take_room(&self, bytes: usize) -> bool {
        let before = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        let fits = before == 0 || before.saturating_add(bytes) <= Self::ROOM;
        if !fits {
            self.give_room(bytes);
        }
        fits
    }

    /// Returns whether what waits should be written soon.
    pub(crate) fn is_crowded(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) >= Self::CROWD
    }

    pub(crate) fn give_room(&self, bytes: usize) {
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Notes the time of a record. Returns whether records are left out.
    pub(crate) fn is_broken(&self, at: Timestamp) -> bool {
        let mut state = self.state();
        if state.broken.is_none() {
            state.latest = at;
        }
        state.broken.is_some()
    }

    /// From now on records are left out, until there is a keyframe from which the recording goes on.
    pub(crate) fn break_off(&self, at: Timestamp, why: &str) {
        let mut state = self.state();
        let since = state.latest.min(at);
        state.broken.get_or_insert_with(|| (since, why.to_owned()));
        state.wanted = Some(Wanted {
            whole: true,
            jump: true,
        });
    }

    /// From now on records are left out, until [`Self::jump`] asks for a keyframe.
    pub(crate) fn break_off_for_now(&self, at: Timestamp, why: &str) {
        self.break_off(at, why);
        self.state().wanted = None;
    }

    /// Asks for a keyframe from which the recording can go on. The owner may sleep.
    pub(crate) fn jump(&self) {
        self.state().wanted = Some(Wanted {
            whole: true,
            jump: true,
        });
        (self.notify)();
    }

    /// The recording goes on with a keyframe.
    pub(crate) fn go_on(&self, at: Timestamp) {
        let mut state = self.state();
        state.wanted = None;
        state.latest = at;
        if let Some((since, why)) = state.broken.take() {
            state.gap = Some(Gap {
                since,
                until: at,
                why,
            });
        }
    }

    pub(crate) fn want(&self, whole: bool) {
        let mut state = self.state();
        match &mut state.wanted {
            Some(wanted) => wanted.whole |= whole,
            none => *none = Some(Wanted { whole, jump: false }),
        }
    }

    pub(crate) fn wanted(&self) -> Option<Wanted> {
        self.state().wanted
    }

    /// Packets did not come, since there were too many in this time.
    pub(crate) fn miss(&self, since: Timestamp, until: Timestamp, packets: u64) {
        let mut state = self.state();
        let missing = &mut state.status.missing_packets;
        *missing = missing.saturating_add(packets);
        let (since, packets) = match state.missing {
            Some((earlier, _, before)) => (earlier, before.saturating_add(packets)),
            None => (since, packets),
        };
        state.missing = Some((since, until, packets));
    }

    pub(crate) fn take_gap(&self) -> Option<Gap> {
        let mut state = self.state();
        if let Some(gap) = state.gap.take() {
            return Some(gap);
        }
        let (since, until, packets) = state.missing?;
        let now = Timestamp::now();
        if now - state.missing_told < Self::TELL_MISSING {
            return None;
        }
        (state.missing, state.missing_told) = (None, now);
        let plural = if packets == 1 { "" } else { "s" };
        Some(Gap {
            since,
            until,
            why: format!("{packets} packet{plural}, more than could be taken in time"),
        })
    }

    pub(crate) fn status(&self) -> Status {
        self.state().status.clone()
    }

    /// Changes the status, and tells the owner if something changed that must be seen.
    pub(crate) fn tell(&self, change: impl FnOnce(&mut Status)) {
        let mut state = self.state();
        let before = state.status.clone();
        change(&mut state.status);
        let after = &state.status;
        let seen = (&before.problem, before.dropped) != (&after.problem, after.dropped);
        drop(state);
        if seen {
            (self.notify)();
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("waiting", &self.waiting)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
