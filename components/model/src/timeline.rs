//! What happened, for people.

use std::collections::VecDeque;

use crate::ComponentId;

/// The latest happenings, bounded, the oldest first.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The happenings.
    pub happenings: VecDeque<Happening>,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Happening {
    /// Microseconds as components stamp their events.
    pub at_us: u64,
    /// Whom it concerns.
    pub component: Option<ComponentId>,
    /// How it is to be shown.
    pub weight: Weight,
    /// One sentence.
    pub text: String,
}

/// How a happening is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Part of normal life: started, registered, picture complete.
    Normal,
    /// Somebody did it on purpose: stop, kill, freeze, unplug.
    Fault,
    /// The system dealt with it: failover complete.
    Recovery,
    /// It should not have happened: a crash, a component that cannot start.
    Problem,
}

impl Timeline {
    /// The most happenings that are kept.
    pub const HAPPENINGS: usize = 2_000;
    /// The longest sentence, in bytes.
    const TEXT: usize = 500;
    /// How far back a late happening is put in its place; feeds are never further apart in practice.
    const LATE: usize = 32;

    /// Adds a happening where its time belongs.
    pub(crate) fn push(&mut self, mut happening: Happening) {
        super::shorten(&mut happening.text, Self::TEXT);
        if self.happenings.len() == Self::HAPPENINGS {
            self.happenings.pop_front();
        }
        let later = self
            .happenings
            .iter()
            .rev()
            .take(Self::LATE)
            .take_while(|other| other.at_us > happening.at_us)
            .count();
        self.happenings.insert(self.happenings.len() - later, happening);
    }
}
