//! Reporting what changes often, but not too often.

use std::time::Duration;

use protocol::Time;

/// Says when to report something that has changed.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    changed: bool,
    next: Time,
}

/// The shortest time between two reports.
const INTERVAL: Duration = Duration::from_millis(100);

impl Throttle {
    /// Something has changed.
    pub(crate) const fn note_change(&mut self) {
        self.changed = true;
    }

    /// When there is something to report.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.changed.then_some(self.next)
    }

    /// Whether to report at this time.
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
