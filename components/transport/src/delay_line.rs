//! Packets that an impaired link delays.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Packets in transit, by the time of their arrival.
#[derive(Debug)]
pub(crate) struct DelayLine<T> {
    under_way: BTreeMap<(Instant, u64), (usize, T)>,
    most: usize,
    room: usize,
    count: u64,
}

impl<T> DelayLine<T> {
    /// Creates a delay line for at most `most` packets and at most `bytes` bytes in total. Further packets are lost,
    /// as on any link whose queue is full.
    pub(crate) const fn new(most: usize, bytes: usize) -> Self {
        Self {
            under_way: BTreeMap::new(),
            most,
            room: bytes,
            count: 0,
        }
    }

    /// Adds a packet of this size. Returns the packet if it is lost.
    pub(crate) fn add(&mut self, now: Instant, delay: Duration, bytes: usize, packet: T) -> Option<T> {
        let Some(room) = self.room.checked_sub(bytes) else {
            return Some(packet);
        };
        let Some(at) = now
            .checked_add(delay)
            .filter(|_| self.under_way.len() < self.most)
        else {
            return Some(packet);
        };
        self.room = room;
        self.count += 1;
        self.under_way.insert((at, self.count), (bytes, packet));
        None
    }

    /// Returns the next packet that has arrived by now.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<T> {
        let first = self.under_way.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let (bytes, packet) = first.remove();
        self.room += bytes;
        Some(packet)
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.under_way.first_key_value().map(|((at, _), _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_equally_long_arrives_in_order_and_what_takes_less_overtakes() {
        let now = Instant::now();
        let mut line = DelayLine::new(100, 1000);
        let second = Duration::from_secs(1);
        line.add(now, second, 1, 1);
        line.add(now, second, 1, 2);
        line.add(now, Duration::from_millis(1), 1, 3);
        assert_eq!(line.poll(now), None);
        let arrived: Vec<_> = std::iter::from_fn(|| line.poll(now + second)).collect();
        assert_eq!(arrived, [3, 1, 2]);
    }

    #[test]
    fn a_full_line_and_an_endless_delay_lose_packets() {
        let now = Instant::now();
        let mut line = DelayLine::new(100, 1000);
        assert_eq!(line.add(now, Duration::MAX, 1, 1), Some(1));
        assert_eq!(line.poll_timeout(), None);
        let lost = (0..200).filter_map(|packet| line.add(now, Duration::from_secs(1), 1, packet));
        assert_eq!(lost.collect::<Vec<_>>(), (100..200).collect::<Vec<_>>());
        assert_eq!(line.under_way.len(), 100);
    }

    #[test]
    fn large_packets_fill_a_line_before_their_number_does() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut line = DelayLine::new(100, 1000);
        for packet in 0..200 {
            line.add(now, second, 300, packet);
        }
        assert_eq!(line.under_way.len(), 3);
        assert_eq!(line.poll(now + second), Some(0));
        line.add(now, second, 300, 200);
        line.add(now, second, 300, 201);
        let arrived: Vec<_> = std::iter::from_fn(|| line.poll(now + second)).collect();
        assert_eq!(arrived, [1, 2, 200]);
        assert_eq!(line.room, 1000);
    }
}
