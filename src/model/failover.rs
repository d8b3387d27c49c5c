//! A failover as its pool user measured it.

use crate::model::ComponentId;

/// A failover. Times are microseconds since the Unix epoch; those that are still to come are absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Failover {
    /// The session.
    pub session: u32,
    /// The pool element that was left, in the protocols' terms and as a component.
    pub from: Option<(u32, Option<ComponentId>)>,
    /// The pool element that took over.
    pub to: Option<(u32, Option<ComponentId>)>,
    /// Why.
    pub reason: String,
    /// The presenter's fault that led to it, if one was injected at that pool element: when, and which.
    pub fault: Option<(u64, String)>,
    /// The last data from the pool element that was left.
    pub last_data_us: u64,
    /// The failure was noticed.
    pub detected_us: u64,
    /// The next pool element was known.
    pub resolved_us: Option<u64>,
    /// The association to it was up.
    pub connected_us: Option<u64>,
    /// The cookie was echoed.
    pub cookie_echoed_us: Option<u64>,
    /// Its first data arrived; the failover is complete.
    pub first_data_us: Option<u64>,
}

impl Failover {
    /// The failover gap in microseconds: from the fault (or, without one, the last data) to the first new data.
    #[must_use]
    pub fn gap_us(&self) -> Option<u64> {
        let begin = self.fault.as_ref().map_or(self.last_data_us, |(at_us, _)| *at_us);
        self.first_data_us.map(|first| first.saturating_sub(begin))
    }
}
