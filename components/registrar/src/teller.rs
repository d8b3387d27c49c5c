//! Telling of what changes often, but not too often.

use std::time::Duration;

use protocol::Time;

/// Says when to tell of something that has changed.
#[derive(Debug, Default)]
pub(crate) struct Teller {
    changed: bool,
    next: Time,
}

/// The shortest time between two tellings.
const INTERVAL: Duration = Duration::from_millis(100);

impl Teller {
    /// Something has changed.
    pub(crate) const fn note_change(&mut self) {
        self.changed = true;
    }

    /// When there is something to tell.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.changed.then_some(self.next)
    }

    /// Whether to tell at this time.
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
    fn changes_in_quick_succession_are_told_once() {
        let mut teller = Teller::default();
        let at = |milliseconds| Time::from_origin(Duration::from_millis(milliseconds));
        assert_eq!(teller.poll_timeout(), None);
        teller.note_change();
        assert!(teller.poll(at(500)));
        teller.note_change();
        teller.note_change();
        assert!(!teller.poll(at(550)));
        assert_eq!(teller.poll_timeout(), Some(at(600)));
        assert!(teller.poll(at(600)));
        assert_eq!(teller.poll_timeout(), None);
    }
}
