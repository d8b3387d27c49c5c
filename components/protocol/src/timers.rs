//! Named deadlines.

use std::collections::{BTreeMap, BTreeSet};

use crate::Time;

/// At most one deadline per name; setting one again replaces it.
#[derive(Debug)]
pub(crate) struct Timers<Name> {
    deadlines: BTreeMap<Name, Time>,
    order: BTreeSet<(Time, Name)>,
}

impl<Name: Ord + Clone> Timers<Name> {
    pub(crate) const fn new() -> Self {
        Self {
            deadlines: BTreeMap::new(),
            order: BTreeSet::new(),
        }
    }

    pub(crate) fn set(&mut self, name: Name, deadline: Time) {
        self.clear(&name);
        self.order.insert((deadline, name.clone()));
        self.deadlines.insert(name, deadline);
    }

    pub(crate) fn clear(&mut self, name: &Name) {
        if let Some((name, deadline)) = self.deadlines.remove_entry(name) {
            self.order.remove(&(deadline, name));
        }
    }

    pub(crate) fn clear_all(&mut self) {
        self.deadlines.clear();
        self.order.clear();
    }

    pub(crate) fn is_set(&self, name: &Name) -> bool {
        self.deadlines.contains_key(name)
    }

    /// Returns the earliest deadline.
    pub(crate) fn next(&self) -> Option<Time> {
        self.order.first().map(|(deadline, _)| *deadline)
    }

    /// Takes the earliest deadline that has passed.
    pub(crate) fn take_due(&mut self, now: Time) -> Option<Name> {
        self.take_due_with_deadline(now).map(|(_, name)| name)
    }

    /// Takes the earliest deadline that has passed, and returns its time as well.
    pub(crate) fn take_due_with_deadline(&mut self, now: Time) -> Option<(Time, Name)> {
        if self.next()? > now {
            return None;
        }
        let (deadline, name) = self.order.pop_first()?;
        self.deadlines.remove(&name);
        Some((deadline, name))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_origin(Duration::from_secs(seconds))
    }

    #[test]
    fn deadlines_come_in_order_and_once() {
        let mut timers = Timers::new();
        timers.set("b", at(2));
        timers.set("a", at(1));
        assert_eq!(timers.next(), Some(at(1)));
        assert_eq!(timers.take_due(at(0)), None);
        assert_eq!(timers.take_due(at(2)), Some("a"));
        assert_eq!(timers.take_due(at(2)), Some("b"));
        assert_eq!(timers.take_due(at(9)), None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn setting_a_timer_again_replaces_it() {
        let mut timers = Timers::new();
        timers.set("a", at(1));
        timers.set("a", at(5));
        assert_eq!(timers.take_due(at(4)), None);
        assert!(timers.is_set(&"a"));
        timers.clear(&"a");
        assert_eq!(timers.take_due(at(9)), None);
    }
}
