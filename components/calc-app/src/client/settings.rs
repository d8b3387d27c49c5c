//! The settings of a client.

use std::time::Duration;

use crate::{Distribution, SHORTEST_INTERVAL};

/// What a client asks for, and how long it waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The sizes of requests, in calculations; rounded to whole ones.
    pub request_size: Distribution,
    /// The intervals between requests coming up, in seconds; at least a millisecond.
    pub request_interval: Distribution,
    /// When the first request comes up.
    pub first_request: FirstRequest,
    /// The number of requests after which no further ones come up; `None` for no limit.
    pub requests: Option<u64>,
    /// The maximum number of requests that wait; one that comes up then is dropped.
    pub max_queue: usize,
    /// Time for a pool element to accept or reject a request.
    pub accept_timeout: Duration,
    /// Time from a rejection to the next attempt, unless that is to be made at once.
    pub reject_delay: Duration,
    /// Time after which a pool element in service is asked whether it is still there; [`Duration::MAX`] for never.
    pub keep_alive_interval: Duration,
    /// Time in which it has to answer, or else the session fails over.
    pub keep_alive_timeout: Duration,
}

/// When a client's first request comes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirstRequest {
    /// Immediately.
    #[default]
    Immediately,
    /// After an interval as between any others, so that clients which were started together do not all begin together.
    AfterInterval,
}

/// The values of rsplib's pool users, whose sizes and intervals are negative exponentially distributed.
impl Default for Settings {
    fn default() -> Self {
        Self {
            request_size: Distribution::Exponential { mean: 5_000_000.0 },
            request_interval: Distribution::Exponential { mean: 15.0 },
            first_request: FirstRequest::default(),
            requests: None,
            max_queue: 1000,
            accept_timeout: Duration::from_secs(5),
            reject_delay: Duration::from_secs(1),
            keep_alive_interval: Duration::from_secs(5),
            keep_alive_timeout: Duration::from_secs(5),
        }
    }
}

impl Settings {
    /// Returns settings that can be worked with.
    pub(super) fn sanitized(self) -> Self {
        Self {
            accept_timeout: self.accept_timeout.max(SHORTEST_INTERVAL),
            reject_delay: self.reject_delay.max(SHORTEST_INTERVAL),
            keep_alive_interval: self.keep_alive_interval.max(SHORTEST_INTERVAL),
            keep_alive_timeout: self.keep_alive_timeout.max(SHORTEST_INTERVAL),
            ..self
        }
    }
}
