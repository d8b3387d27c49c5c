//! Packets that an impaired link delays.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::endpoint::Transmit;

/// Packets under way at the same time; those beyond are lost, as on any link whose queue is full.
const MOST_UNDER_WAY: usize = 8192;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Crossing {
    Outgoing(Transmit),
    Incoming {
        local: usize,
        source: SocketAddr,
        data: Vec<u8>,
    },
}

/// What is under way, by the time of its arrival.
#[derive(Debug, Default)]
pub(super) struct DelayLine {
    under_way: BTreeMap<(Instant, u64), Crossing>,
    count: u64,
}

impl DelayLine {
    pub(super) fn add(&mut self, now: Instant, delay: Duration, crossing: Crossing) {
        let Some(at) = now
            .checked_add(delay)
            .filter(|_| self.under_way.len() < MOST_UNDER_WAY)
        else {
            return;
        };
        self.count += 1;
        self.under_way.insert((at, self.count), crossing);
    }

    /// What has arrived by now.
    pub(super) fn poll(&mut self, now: Instant) -> Option<Crossing> {
        let first = self.under_way.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.under_way.first_key_value().map(|((at, _), _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossing(n: u8) -> Crossing {
        Crossing::Incoming {
            local: 0,
            source: "127.0.0.2:9899".parse().unwrap(),
            data: vec![n],
        }
    }

    #[test]
    fn what_takes_equally_long_arrives_in_order_and_what_takes_less_overtakes() {
        let now = Instant::now();
        let mut line = DelayLine::default();
        let second = Duration::from_secs(1);
        line.add(now, second, crossing(1));
        line.add(now, second, crossing(2));
        line.add(now, Duration::from_millis(1), crossing(3));
        assert_eq!(line.poll(now), None);
        let arrived: Vec<_> = std::iter::from_fn(|| line.poll(now + second)).collect();
        assert_eq!(arrived, [crossing(3), crossing(1), crossing(2)]);
    }

    #[test]
    fn a_full_line_and_an_endless_delay_lose_packets() {
        let now = Instant::now();
        let mut line = DelayLine::default();
        line.add(now, Duration::MAX, crossing(1));
        assert_eq!(line.poll_timeout(), None);
        for _ in 0..2 * MOST_UNDER_WAY {
            line.add(now, Duration::from_secs(1), crossing(1));
        }
        assert_eq!(line.under_way.len(), MOST_UNDER_WAY);
    }
}
