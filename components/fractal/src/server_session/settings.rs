//! The settings of a pool element's fractal sessions.

use std::time::Duration;

/// Settings of the fractal service at a pool element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The maximum number of sessions; the pool element refuses further ones. The load of each is the inverse of
    /// this.
    pub most_sessions: usize,
    /// How long a message may wait for the association before the session is given up.
    pub transmit_timeout: Duration,
    /// The maximum time between two Data messages.
    pub data_max_time: Duration,
    /// The maximum time between two cookies. Cookies also serve as a sign of life for the pool user.
    pub cookie_max_time: Duration,
    /// A cookie is sent after this many Data messages.
    pub cookie_max_packets: u32,
    /// The computing speed of the session; 0 is as fast as possible. Work is measured in steps of the iteration.
    pub iterations_per_second: u64,
    /// The number of Data messages after which the session sends a cookie and breaks, to test failovers; 0 is never.
    pub fail_after: u32,
    /// No iteration; pixel values are (x * y) mod 256.
    pub test_mode: bool,
}

/// The defaults of rsplib's fractal service.
impl Default for Settings {
    fn default() -> Self {
        Self {
            most_sessions: 4,
            transmit_timeout: Duration::from_millis(2500),
            data_max_time: Duration::from_millis(1000),
            cookie_max_time: Duration::from_millis(1000),
            cookie_max_packets: 10,
            iterations_per_second: 0,
            fail_after: 0,
            test_mode: false,
        }
    }
}

impl Settings {
    /// Returns settings for demonstrations: pixels arrive ten times a second, and a failover repeats a quarter of a
    /// second at most.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            data_max_time: Duration::from_millis(100),
            cookie_max_time: Duration::from_millis(250),
            ..Self::default()
        }
    }
}
