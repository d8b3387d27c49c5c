//! A failover of a session, from the last data of one pool element to the first data of the next.

use std::fmt;
use std::time::Duration;

use feed::Event;
use protocol::Time;
use protocol::pool_user::{FailoverTimes, SessionId};
use runtime::Clock;
use wire::PeIdentifier;

/// A failover with its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompletedFailover {
    pub(crate) session: SessionId,
    pub(crate) to: PeIdentifier,
    pub(crate) times: FailoverTimes,
    pub(crate) responding: Duration,
}

impl CompletedFailover {
    /// From the last data to the first data.
    pub(crate) fn gap(&self) -> Duration {
        let times = &self.times;
        times.noticing + times.resolving + times.connecting + self.responding
    }

    /// What a control centre is told when the first data has come.
    pub(crate) fn event(&self, now: Time, clock: Clock) -> Event {
        let times = &self.times;
        let before = |duration: Duration| clock.stamp(now) - duration;
        let connected = before(self.responding);
        Event::FailoverComplete {
            session: self.session.0,
            from: Some(times.from),
            to: self.to,
            last_data: before(self.gap()),
            detected: before(self.gap() - times.noticing),
            resolved: before(times.connecting + self.responding),
            connected,
            cookie_echoed: times.cookie_echoed.then_some(connected),
            first_data: clock.stamp(now),
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
            milliseconds(times.noticing),
            milliseconds(times.resolving),
            milliseconds(times.connecting),
            milliseconds(self.responding),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_lies_between_the_data_of_the_two_pool_elements() {
        let completed = CompletedFailover {
            session: SessionId(1),
            to: PeIdentifier(2),
            times: FailoverTimes {
                from: PeIdentifier(1),
                noticing: Duration::from_millis(10),
                resolving: Duration::from_millis(1),
                connecting: Duration::from_millis(1),
                cookie_echoed: true,
            },
            responding: Duration::from_millis(8),
        };
        assert_eq!(completed.gap(), Duration::from_millis(20));
        assert_eq!(
            completed.to_string(),
            "session 1: failover from PE 0x00000001 to PE 0x00000002, gap 20.0 ms (noticed 10.0, resolved 1.0, connected \
             1.0, first data 8.0)"
        );
    }
}
