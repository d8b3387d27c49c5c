//! The keep-alives of one side while a unit runs.

use std::time::Duration;

use protocol::Time;

/// A keep-alive that is sent after some time, and has to be acknowledged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KeepAlive {
    /// It is due at this time.
    Due(Time),
    /// It was sent; the acknowledgement must come by this time.
    Sent(Time),
}

/// What to do about a keep-alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing yet.
    Wait,
    /// Send it.
    Send,
    /// Give the other side up: it has not acknowledged.
    GiveUp,
}

impl KeepAlive {
    /// Returns what to do now. One that is to be sent has to be acknowledged within `timeout`.
    pub(crate) fn handle_timeout(&mut self, now: Time, timeout: Duration) -> Next {
        match *self {
            Self::Due(time) if time <= now => {
                *self = Self::Sent(now + timeout);
                Next::Send
            }
            Self::Sent(time) if time <= now => Next::GiveUp,
            Self::Due(_) | Self::Sent(_) => Next::Wait,
        }
    }

    /// Returns when to call [`Self::handle_timeout`].
    pub(crate) const fn poll_timeout(&self) -> Time {
        let (Self::Due(time) | Self::Sent(time)) = *self;
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_acknowledge_in_time_is_given_up() {
        let at = |seconds| Time::from_origin(Duration::from_secs(seconds));
        let timeout = Duration::from_secs(10);
        let mut keep_alive = KeepAlive::Due(at(5));
        assert_eq!(keep_alive.handle_timeout(at(4), timeout), Next::Wait);
        assert_eq!(keep_alive.poll_timeout(), at(5));
        assert_eq!(keep_alive.handle_timeout(at(6), timeout), Next::Send);
        assert_eq!(keep_alive.poll_timeout(), at(16));
        assert_eq!(keep_alive.handle_timeout(at(15), timeout), Next::Wait);
        assert_eq!(keep_alive.handle_timeout(at(16), timeout), Next::GiveUp);
    }
}
