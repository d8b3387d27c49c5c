//! A failover of a session, from the last data of one pool element to the first data of the next.

use std::fmt;
use std::time::Duration;

use protocol::pool_user::{FailoverTimes, SessionId};
use wire::PeIdentifier;

/// A completed failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompletedFailover {
    pub(crate) session: SessionId,
    pub(crate) to: PeIdentifier,
    pub(crate) times: FailoverTimes,
    pub(crate) responding: Duration,
}

impl CompletedFailover {
    /// Returns the time from the last data to the first data.
    pub(crate) fn gap(&self) -> Duration {
        let times = &self.times;
        times.noticing + times.resolving + times.connecting + self.responding
    }
}

/// Formats the failover as one line for display.
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
