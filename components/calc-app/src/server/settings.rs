//! The settings of a server.

use std::time::Duration;

use crate::SHORTEST_INTERVAL;

/// How a server treats its jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Calculations per second, shared equally by the jobs in service.
    pub capacity: f64,
    /// The maximum number of jobs in service; a further one is rejected.
    pub max_jobs: usize,
    /// Calculations after which a job gets a new cookie; infinite for no limit.
    pub cookie_calculations: f64,
    /// Time after which a job gets a new cookie; [`Duration::MAX`] for no limit.
    pub cookie_interval: Duration,
    /// Time after which a pool user is asked whether it is still there; [`Duration::MAX`] for never.
    pub keep_alive_interval: Duration,
    /// Time in which it has to answer, or else its job is removed.
    pub keep_alive_timeout: Duration,
    /// The probability that the jobs get a last cookie when the server is shut down in order.
    pub final_cookie_probability: f64,
}

/// The values of rsplib's pool elements.
impl Default for Settings {
    fn default() -> Self {
        Self {
            capacity: 1_000_000.0,
            max_jobs: 10,
            cookie_calculations: 5_000_000.0,
            cookie_interval: Duration::from_secs(5),
            keep_alive_interval: Duration::from_millis(2500),
            keep_alive_timeout: Duration::from_millis(2500),
            final_cookie_probability: 1.0,
        }
    }
}

impl Settings {
    /// Returns settings that can be worked with.
    pub(super) fn sanitized(self) -> Self {
        Self {
            cookie_interval: self.cookie_interval.max(SHORTEST_INTERVAL),
            keep_alive_interval: self.keep_alive_interval.max(SHORTEST_INTERVAL),
            keep_alive_timeout: self.keep_alive_timeout.max(SHORTEST_INTERVAL),
            ..self
        }
    }
}
