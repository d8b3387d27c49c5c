//! The work of clients whose requests are single messages.

use std::collections::VecDeque;
use std::time::Duration;

use feed::{PoolUserWork, WorkUnit};
use protocol::Time;

/// The maximum number of requests whose answers are waited for; the oldest is forgotten first.
const MOST_OUTSTANDING: usize = 1_024;

/// Counts messages and measures how long their answers take.
#[derive(Debug, Default)]
pub(crate) struct MessageWork {
    /// Requests without an answer: their numbers, and when they came up.
    outstanding: VecDeque<(u64, Time)>,
    requested: u64,
    completed: u64,
    handling: Duration,
}

impl MessageWork {
    /// A request with this number was sent. It will be answered if `is_answered`.
    pub(crate) fn requested(&mut self, now: Time, number: u64, is_answered: bool) {
        self.requested += 1;
        if !is_answered {
            self.completed += 1;
            return;
        }
        if self.outstanding.len() == MOST_OUTSTANDING {
            self.outstanding.pop_front();
        }
        self.outstanding.push_back((number, now));
    }

    /// A request was answered. Earlier ones are lost, as answers keep their order.
    pub(crate) fn answered(&mut self, now: Time, number: u64) {
        let place = self.outstanding.iter().position(|(asked, _)| *asked == number);
        let Some((_, since)) = place.and_then(|place| self.outstanding.drain(..=place).next_back()) else {
            return;
        };
        self.completed += 1;
        self.handling += now - since;
    }

    /// Returns the work until now, of which `queued` requests wait for their turn.
    pub(crate) fn total(&self, queued: usize) -> PoolUserWork {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        PoolUserWork {
            unit: WorkUnit::Messages,
            queued: number(queued),
            running: number(self.outstanding.len()),
            requested: self.requested + queued as u64,
            completed: self.completed,
            rejected: 0,
            done: self.completed as f64,
            handling: self.handling,
            queueing: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_origin(Duration::from_secs(seconds))
    }

    #[test]
    fn answers_are_measured_from_their_requests_and_lost_ones_are_forgotten() {
        let mut work = MessageWork::default();
        for number in 1..=3 {
            work.requested(at(number), number, true);
        }
        work.requested(at(3), 4, false);
        work.answered(at(10), 2);
        work.answered(at(11), 1);
        work.answered(at(11), 99);
        let total = work.total(5);
        assert_eq!((total.requested, total.completed), (9, 2));
        assert_eq!((total.queued, total.running), (5, 1));
        assert_eq!(total.handling, Duration::from_secs(8));
        assert!(total.is_plausible());
    }

    #[test]
    fn what_is_never_answered_does_not_pile_up() {
        let mut work = MessageWork::default();
        for number in 0..5_000 {
            work.requested(at(0), number, true);
        }
        assert_eq!(work.total(0).running as usize, MOST_OUTSTANDING);
    }
}
