//! The stopwatch of failovers.

use std::fmt;
use std::time::Duration;

use feed::Event;
use protocol::Time;
use protocol::pool_user::FailoverTimes;
use runtime::Clock;
use wire::PeIdentifier;

/// A failover of a session, from the last data of one pool element to the first data of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failover {
    /// The last data from the pool element that was left.
    last_data: Time,
    /// What the core knows, once the next pool element is connected.
    times: Option<FailoverTimes>,
}

/// A failover with its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompletedFailover {
    pub(crate) session: u32,
    last_data: Time,
    times: FailoverTimes,
    to: PeIdentifier,
    first_data: Time,
}

impl Failover {
    /// A failover begins.
    pub(crate) const fn new(last_data: Time) -> Self {
        Self {
            last_data,
            times: None,
        }
    }

    /// The next pool element is connected. If that one fails as well before it has sent data, the failover goes on and
    /// keeps its beginning.
    pub(crate) fn connected(&mut self, times: FailoverTimes) {
        self.times = Some(match self.times {
            None => times,
            Some(first) => FailoverTimes {
                from: first.from,
                detected: first.detected,
                ..times
            },
        });
    }

    /// The next pool element has sent data.
    pub(crate) fn complete(self, session: u32, to: PeIdentifier, now: Time) -> Option<CompletedFailover> {
        Some(CompletedFailover {
            session,
            last_data: self.last_data,
            times: self.times?,
            to,
            first_data: now,
        })
    }
}

impl CompletedFailover {
    /// From the last data to the first data.
    pub(crate) fn gap(&self) -> Duration {
        self.first_data - self.last_data
    }

    /// What a control centre is told.
    pub(crate) fn event(&self, clock: Clock) -> Event {
        let times = &self.times;
        Event::FailoverComplete {
            session: self.session,
            from: Some(times.from.0),
            to: self.to.0,
            last_data_us: clock.stamp(self.last_data),
            detected_us: clock.stamp(times.detected),
            resolved_us: clock.stamp(times.resolved),
            connected_us: clock.stamp(times.connected),
            cookie_echoed_us: times.cookie_echoed.map(|time| clock.stamp(time)),
            first_data_us: clock.stamp(self.first_data),
        }
    }
}

/// One line for people.
impl fmt::Display for CompletedFailover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1e3;
        let times = &self.times;
        write!(
            f,
            "session {}: failover from PE {} to PE {}, gap {:.1} ms (noticed {:.1}, resolved {:.1}, connected {:.1}, \
             first data {:.1})",
            self.session,
            times.from,
            self.to,
            milliseconds(self.gap()),
            milliseconds(times.detected - self.last_data),
            milliseconds(times.resolved - times.detected),
            milliseconds(times.connected - times.resolved),
            milliseconds(self.first_data - times.connected),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Time {
        Time::from_origin(Duration::from_millis(milliseconds))
    }

    fn times(from: u32, detected: u64) -> FailoverTimes {
        FailoverTimes {
            from: PeIdentifier(from),
            detected: at(detected),
            resolved: at(detected + 1),
            connected: at(detected + 2),
            cookie_echoed: Some(at(detected + 2)),
        }
    }

    #[test]
    fn the_gap_lies_between_the_data_of_the_two_pool_elements() {
        let mut failover = Failover::new(at(100));
        assert_eq!(failover.complete(1, PeIdentifier(2), at(120)), None);
        failover.connected(times(1, 110));
        let completed = failover.complete(1, PeIdentifier(2), at(120)).unwrap();
        assert_eq!(completed.gap(), Duration::from_millis(20));
        assert_eq!(
            completed.to_string(),
            "session 1: failover from PE 0x00000001 to PE 0x00000002, gap 20.0 ms (noticed 10.0, resolved 1.0, connected \
             1.0, first data 8.0)"
        );
    }

    #[test]
    fn a_pool_element_that_fails_before_its_first_data_prolongs_the_failover() {
        let mut failover = Failover::new(at(100));
        failover.connected(times(1, 110));
        failover.connected(times(2, 150));
        let completed = failover.complete(1, PeIdentifier(3), at(160)).unwrap();
        assert_eq!(completed.times.from, PeIdentifier(1));
        assert_eq!(completed.times.detected, at(110));
        assert_eq!(completed.gap(), Duration::from_millis(60));
    }
}
