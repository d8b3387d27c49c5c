//! Reports of a state that changes all the time.

use std::time::Duration;

use protocol::Time;

/// Decides when to report a state that may change with every event: only when it has changed, at most twice a second,
/// and the last change in any case.
#[derive(Debug)]
pub struct Paced<T> {
    reported: Option<T>,
    /// The earliest time of the next report.
    next: Time,
    /// Whether there is, or will be, something to report then.
    due: bool,
}

impl<T> Default for Paced<T> {
    fn default() -> Self {
        Self {
            reported: None,
            next: Time::ZERO,
            due: false,
        }
    }
}

impl<T: Clone + PartialEq> Paced<T> {
    /// The minimum time between two reports.
    pub const INTERVAL: Duration = Duration::from_millis(500);

    /// Returns the state if it is to be reported now. `goes_on` tells that it changes with time, even if nothing
    /// happens.
    #[must_use]
    pub fn offer(&mut self, now: Time, state: T, goes_on: bool) -> Option<T> {
        let is_news = self.reported.as_ref() != Some(&state);
        let early = self.reported.is_some() && now < self.next;
        self.due = goes_on || (is_news && early);
        if !is_news || early {
            // What goes on is looked at again an interval later, not at once.
            self.next = if early { self.next } else { now + Self::INTERVAL };
            return None;
        }
        self.next = now + Self::INTERVAL;
        self.reported = Some(state.clone());
        Some(state)
    }

    /// Returns the state if it has not been reported, however recent the last report is: nothing will follow.
    #[must_use]
    pub fn offer_last(&mut self, state: T) -> Option<T> {
        self.due = false;
        if self.reported.as_ref() == Some(&state) {
            return None;
        }
        self.reported = Some(state.clone());
        Some(state)
    }

    /// Returns when to offer the state again even if nothing happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due.then_some(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Time {
        Time::from_origin(Duration::from_millis(milliseconds))
    }

    #[test]
    fn changes_are_reported_twice_a_second_and_the_last_one_follows() {
        let mut paced = Paced::default();
        let mut reports = Vec::new();
        for milliseconds in (0..1_200).step_by(10) {
            if let Some(report) = paced.offer(at(milliseconds), milliseconds, false) {
                reports.push((milliseconds, report));
            }
        }
        assert_eq!(reports, [(0, 0), (500, 500), (1_000, 1_000)]);
        assert_eq!(paced.poll_timeout(), Some(at(1_500)));
        assert_eq!(paced.offer(at(1_500), 1_190, false), Some(1_190));
        assert_eq!(paced.poll_timeout(), None, "nothing happens any more");
        assert_eq!(paced.offer(at(9_000), 1_190, false), None);
        assert_eq!(paced.poll_timeout(), None);
    }

    #[test]
    fn what_goes_on_without_events_is_offered_again() {
        let mut paced = Paced::default();
        assert_eq!(paced.offer(at(100), 1, true), Some(1));
        assert_eq!(paced.poll_timeout(), Some(at(600)));
        assert_eq!(paced.offer(at(600), 1, true), None);
        assert_eq!(paced.poll_timeout(), Some(at(1_100)), "not at once");
        assert_eq!(paced.offer(at(1_100), 2, false), Some(2));
        assert_eq!(paced.poll_timeout(), None);
    }

    #[test]
    fn the_last_state_is_reported_however_soon() {
        let mut paced = Paced::default();
        assert_eq!(paced.offer(at(0), 1, true), Some(1));
        assert_eq!(paced.offer(at(1), 2, true), None);
        assert_eq!(paced.offer_last(2), Some(2));
        assert_eq!(paced.offer_last(2), None);
        assert_eq!(paced.poll_timeout(), None);
    }
}
