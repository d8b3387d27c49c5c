//! Requests coming up and waiting for their turn.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::Time;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::settings::{FirstRequest, Settings};
use crate::{Distribution, SHORTEST_INTERVAL};

/// The maximum number of requests that come up in one call. A process that was stopped for hours does not make up for
/// more.
const MOST_AT_ONCE: usize = 10_000;

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    /// Its number, from 1 on.
    pub(super) id: u32,
    /// Its size in calculations.
    pub(super) size: u64,
    /// When it came up.
    pub(super) came_up: Time,
}

/// The source of requests, and those that wait.
#[derive(Debug)]
pub(super) struct Arrivals {
    size: Distribution,
    interval: Distribution,
    rng: Pcg64Mcg,
    /// When the next request comes up.
    next: Time,
    /// How many may still come up.
    left: Option<u64>,
    max_queue: usize,
    queue: VecDeque<Request>,
    pub(super) requested: u64,
    pub(super) dropped: u64,
}

impl Arrivals {
    pub(super) fn new(now: Time, settings: &Settings, seed: u64) -> Self {
        let mut arrivals = Self {
            size: settings.request_size,
            interval: settings.request_interval,
            rng: Pcg64Mcg::seed_from_u64(seed),
            next: now,
            left: settings.requests,
            max_queue: settings.max_queue,
            queue: VecDeque::new(),
            requested: 0,
            dropped: 0,
        };
        if settings.first_request == FirstRequest::AfterInterval {
            arrivals.next = now + arrivals.draw_interval();
        }
        arrivals
    }

    /// Lets all requests come up that are due, and tells of each of them and whether there was room for it.
    ///
    /// A request that finds `idle` does not wait: it needs no room in the queue.
    pub(super) fn come_up(&mut self, now: Time, idle: bool, mut tell: impl FnMut(Request, bool)) {
        for _ in 0..MOST_AT_ONCE {
            if self.next > now || self.left == Some(0) {
                return;
            }
            let request = Request {
                // It may wrap around: it has to be unique only in its session, of which it is the only job.
                id: (self.requested.wrapping_add(1)) as u32,
                size: self.size.draw(&mut self.rng).round() as u64,
                came_up: self.next,
            };
            self.next = self.next + self.draw_interval();
            let has_room = self.queue.len() < self.max_queue + usize::from(idle);
            if has_room {
                self.requested += 1;
                self.left = self.left.map(|left| left - 1);
                self.queue.push_back(request);
            } else {
                self.dropped += 1;
            }
            tell(request, has_room);
        }
        self.next = now + self.draw_interval();
    }

    /// Returns when the next request comes up.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        (self.left != Some(0)).then_some(self.next)
    }

    /// Returns whether no request waits and none will come up.
    pub(super) fn is_over(&self) -> bool {
        self.left == Some(0) && self.queue.is_empty()
    }

    /// Takes the request that has waited the longest.
    pub(super) fn take(&mut self) -> Option<Request> {
        self.queue.pop_front()
    }

    /// Returns the number of requests that wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Changes the sizes of requests that come up from now on.
    pub(super) const fn set_size(&mut self, size: Distribution) {
        self.size = size;
    }

    /// Changes the intervals; the next request comes up after a new one.
    pub(super) fn set_interval(&mut self, now: Time, interval: Distribution) {
        self.interval = interval;
        self.next = now + self.draw_interval();
    }

    fn draw_interval(&mut self) -> Duration {
        let seconds = self.interval.draw(&mut self.rng);
        // A number that is no duration is too large.
        let interval = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        interval.max(SHORTEST_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_origin(Duration::from_secs(seconds))
    }

    fn arrivals(settings: Settings) -> Arrivals {
        Arrivals::new(Time::ZERO, &settings, 1)
    }

    fn settings() -> Settings {
        Settings {
            request_size: Distribution::Constant(7.0),
            request_interval: Distribution::Constant(10.0),
            ..Settings::default()
        }
    }

    fn come_up(arrivals: &mut Arrivals, now: Time) -> (usize, usize) {
        let mut counts = (0, 0);
        arrivals.come_up(now, false, |_, has_room| match has_room {
            true => counts.0 += 1,
            false => counts.1 += 1,
        });
        counts
    }

    #[test]
    fn requests_come_up_at_their_times_even_if_asked_late() {
        let mut arrivals = arrivals(settings());
        assert_eq!(come_up(&mut arrivals, at(35)), (4, 0));
        let times: Vec<Time> = std::iter::from_fn(|| arrivals.take())
            .map(|request| request.came_up)
            .collect();
        assert_eq!(times, [at(0), at(10), at(20), at(30)]);
        assert_eq!(arrivals.poll_timeout(), Some(at(40)));
    }

    #[test]
    fn the_first_request_can_wait_for_an_interval() {
        let arrivals = arrivals(Settings {
            first_request: FirstRequest::AfterInterval,
            ..settings()
        });
        assert_eq!(arrivals.poll_timeout(), Some(at(10)));
    }

    #[test]
    fn a_full_queue_drops_and_counts_what_comes_up() {
        let mut arrivals = arrivals(Settings {
            max_queue: 2,
            requests: Some(3),
            ..settings()
        });
        assert_eq!(come_up(&mut arrivals, at(35)), (2, 2));
        assert_eq!((arrivals.requested, arrivals.dropped), (2, 2));
        // A dropped one does not count: three are wanted.
        arrivals.take();
        assert_eq!(come_up(&mut arrivals, at(100)), (1, 0));
        assert_eq!(arrivals.poll_timeout(), None);
        assert!(!arrivals.is_over());
        arrivals.take();
        arrivals.take();
        assert!(arrivals.is_over());
    }

    #[test]
    fn a_long_pause_and_no_interval_are_bounded() {
        let mut arrivals = arrivals(Settings {
            request_interval: Distribution::Constant(0.0),
            ..settings()
        });
        let (queued, dropped) = come_up(&mut arrivals, at(1_000_000));
        assert_eq!((queued, dropped), (1000, MOST_AT_ONCE - 1000));
        assert!(arrivals.poll_timeout() > Some(at(1_000_000)));
    }

    #[test]
    fn sizes_beyond_the_wire_are_the_largest_one() {
        let mut arrivals = arrivals(Settings {
            request_size: Distribution::Constant(1e300),
            ..settings()
        });
        come_up(&mut arrivals, at(0));
        assert_eq!(arrivals.take().unwrap().size, u64::MAX);
    }
}
