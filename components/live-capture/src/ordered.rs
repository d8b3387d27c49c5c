//! Packets of all components in the order of their times.
//!
//! Components are read one after the other in rounds: 100 ms apart, or 20 ms when there is much to read. Within a round,
//! all packets up to its beginning come in, of one component after the other. So what comes is collected for a moment
//! that is longer than a round takes, and what is older than the beginning of the round goes on, in order. The few that
//! were written during the round wait for the next one, since those that precede them may come with it; but not longer
//! than until they are as old as packets become which wait for a round.

use std::sync::Arc;
use std::time::Duration;

use feed::{Packet, Packets, Timestamp};

use crate::queue::{Batch, Gap};

/// A packet that has not been written.
#[derive(Debug)]
pub(crate) struct Held {
    at: Timestamp,
    pub(crate) component: u32,
    /// What is missing before it.
    pub(crate) gap: Gap,
    batch: Arc<Packets>,
    number: usize,
}

impl Held {
    pub(crate) fn packet(&self) -> Option<Packet<&[u8]>> {
        self.batch.get(self.number)
    }
}

/// Packets that wait for those that precede them.
#[derive(Debug, Default)]
pub(crate) struct Ordered(Vec<Held>);

impl Ordered {
    /// How long to collect the packets of a round.
    const COLLECT: Duration = Duration::from_millis(40);
    /// How old a packet becomes before it is written without those that might precede it.
    const OLDEST: Duration = Duration::from_millis(150);

    /// Returns when something is to be written, of these and of what came since some time.
    pub(crate) fn due(&self, since: Option<Timestamp>) -> Option<Timestamp> {
        let collected = since.map(|since| since + Self::COLLECT);
        let old = self.0.first().map(|held| held.at + Self::OLDEST);
        collected.into_iter().chain(old).min()
    }

    /// Returns whether the packets of a round that began then have come.
    pub(crate) fn is_complete(round: Timestamp, now: Timestamp) -> bool {
        now >= round + Self::COLLECT
    }

    /// Adds packets.
    pub(crate) fn add(&mut self, batch: &Batch) {
        let mut gap = batch.gap;
        let held = batch.packets.times().enumerate().map(|(number, at)| Held {
            at,
            component: batch.component,
            gap: std::mem::take(&mut gap),
            batch: Arc::clone(&batch.packets),
            number,
        });
        self.0.extend(held);
    }

    /// Takes what is to be written now if the packets of a round were added that began at `since`.
    pub(crate) fn take(&mut self, since: Option<Timestamp>, now: Timestamp) -> Vec<Held> {
        self.take_until(since.unwrap_or_default().max(now - Self::OLDEST))
    }

    /// Takes the packets up to this time, in the order of their times.
    pub(crate) fn take_until(&mut self, until: Timestamp) -> Vec<Held> {
        self.0.sort_by_key(|held| held.at);
        let due = self.0.partition_point(|held| held.at <= until);
        let later = self.0.split_off(due);
        std::mem::replace(&mut self.0, later)
    }
}

#[cfg(test)]
mod tests {
    use feed::{Carried, Direction, Fate};

    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000 + ms * 1_000)
    }

    fn batch(component: u32, gap: Gap, times_ms: &[u64]) -> Batch {
        let packets = times_ms.iter().map(|ms| Packet {
            at: at(*ms),
            direction: Direction::Sent,
            carried: Carried::Sctp,
            source: ([127, 0, 0, 1], 9899).into(),
            destination: ([127, 0, 0, 2], 9899).into(),
            fate: Fate::Passed,
            corrupted: false,
            delay: Duration::ZERO,
            bytes: &b"packet"[..],
        });
        Batch {
            component,
            gap,
            packets: Arc::new(packets.collect()),
        }
    }

    #[test]
    fn packets_of_two_rounds_are_ordered_although_each_round_takes_time() {
        let mut ordered = Ordered::default();
        let gap = Gap { dropped: 3, lost: 0 };
        // The round begins at 100; the second component is read at 105.
        ordered.add(&batch(1, gap, &[10, 60, 99]));
        ordered.add(&batch(2, Gap::default(), &[20, 103]));
        assert_eq!(ordered.due(Some(at(100))), Some(at(140)));
        let times = |taken: Vec<Held>| {
            taken
                .iter()
                .map(|held| (held.component, held.at, held.gap))
                .collect::<Vec<_>>()
        };
        let none = Gap::default();
        let first = times(ordered.take(Some(at(100)), at(140)));
        assert_eq!(
            first,
            [
                (1, at(10), gap),
                (2, at(20), none),
                (1, at(60), none),
                (1, at(99), none)
            ]
        );
        assert_eq!(ordered.due(None), Some(at(253)));
        ordered.add(&batch(1, none, &[101]));
        let second = times(ordered.take(Some(at(200)), at(240)));
        assert_eq!(second, [(1, at(101), none), (2, at(103), none)]);
        assert_eq!(ordered.due(None), None);
    }

    #[test]
    fn a_packet_that_nothing_follows_does_not_wait_for_ever() {
        let mut ordered = Ordered::default();
        ordered.add(&batch(1, Gap::default(), &[103]));
        assert!(ordered.take(Some(at(100)), at(140)).is_empty());
        assert!(ordered.take(None, at(252)).is_empty());
        assert_eq!(ordered.take(None, at(253)).len(), 1);
    }
}
