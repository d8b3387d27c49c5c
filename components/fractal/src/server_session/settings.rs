//! What a pool element can be told about its fractal sessions.

use std::time::Duration;

/// Settings of the fractal service at a pool element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Sessions at a time; the pool element refuses further ones. Each is 1 / this of its load.
    pub most_sessions: usize,
    /// How long a message may wait for the association before the session is given up.
    pub transmit_timeout: Duration,
    /// Pixels are sent at the latest this long after the Data message before.
    pub data_max_time: Duration,
    /// A cookie is sent at the latest this long after the one before. It tells the pool user also that somebody is there.
    pub cookie_max_time: Duration,
    /// A cookie is sent after this many Data messages.
    pub cookie_max_packets: u32,
    /// How fast the session may compute; 0 is as fast as the machine can. Work is measured in steps of the iteration.
    pub iterations_per_second: u64,
    /// After this many Data messages the session sends a cookie and breaks off, to see what happens; 0 is never.
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
    /// For people who watch: pixels arrive ten times a second, and a failover repeats a quarter of a second at most.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            data_max_time: Duration::from_millis(100),
            cookie_max_time: Duration::from_millis(250),
            ..Self::default()
        }
    }
}
