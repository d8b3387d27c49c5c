//! What happened, for people.

use std::collections::VecDeque;

use crate::model::ComponentId;

/// The latest happenings, bounded, the oldest first.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The happenings.
    pub happenings: VecDeque<Happening>,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Happening {
    /// Microseconds since the Unix epoch.
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
