//! What must always hold, given the faults so far.

use std::time::Duration;

/// How long after the last fault things may be out of order; the durations follow from the timers.
#[derive(Debug, Clone, Copy)]
pub struct Laws {
    /// A pool element that believes to be registered is in the handlespace of a registrar after this.
    pub registered_after: Duration,
    /// A pool element that is no more is in no handlespace after this.
    pub removed_after: Duration,
    /// A session has made progress within this, if a pool element and a registrar are there.
    pub progress_within: Duration,
    /// The most parcels on their way.
    pub most_in_transit: usize,
}

impl Laws {
    /// For [`protocol::Config::demo`].
    #[must_use]
    pub const fn demo() -> Self {
        Self {
            // T4 plus a server hunt.
            registered_after: Duration::from_secs(8),
            // Keep-alive interval and its spread, its timeout, an association's timeout.
            removed_after: Duration::from_millis(4_000),
            // The longest round of a server hunt, twice.
            progress_within: Duration::from_secs(9),
            most_in_transit: 20_000,
        }
    }
}
