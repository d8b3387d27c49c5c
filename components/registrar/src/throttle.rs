//! Limits the rate of reports about frequent changes.

use std::time::Duration;

use protocol::Time;

/// Determines when to report a change.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    changed: bool,
    next: Time,
}

/// The minimum time between two reports.
const INTERVAL: Duration = Duration::from_millis(100);

impl Throttle {
    /// Records a change.
    pub(crate) const fn note_change(&mut self) {
        self.changed = true;
    }

    /// Returns when there is something to report.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.changed.then_some(self.next)
    }

    /// Returns whether to report at this time.
    pub(crate) fn poll(&mut self, now: Time) -> bool {
        if !self.changed || now < self.next {
            return false;
        }
        self.changed = false;
        self.next = now + INTERVAL;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_in_quick_succession_are_reported_once() {
        let mut throttle = Throttle::default();
        let at = |milliseconds| Time::from_origin(Duration::from_millis(milliseconds));
        assert_eq!(throttle.poll_timeout(), None);
        throttle.note_change();
        assert!(throttle.poll(at(500)));
        throttle.note_change();
        throttle.note_change();
        assert!(!throttle.poll(at(550)));
        assert_eq!(throttle.poll_timeout(), Some(at(600)));
        assert!(throttle.poll(at(600)));
        assert_eq!(throttle.poll_timeout(), None);
    }
}
