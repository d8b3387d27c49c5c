//! A processor that is shared equally by the jobs in service.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::time::Duration;

use protocol::Time;

/// The largest capacity, in calculations per second. Above it, a calculation would take less than the resolution of
/// floating point numbers after a few minutes.
const LARGEST_CAPACITY: f64 = 1e15;

/// Processor sharing in virtual time.
///
/// The service that a job in service attains is the same for all of them at any time. It is kept as one clock, which
/// advances by the capacity divided by the number of jobs. A job is done when the clock has advanced by its size;
/// joining and leaving change the clock's speed, but not the value at which any other job is done. So every operation
/// takes logarithmic time, however many jobs there are and however long nothing happens.
#[derive(Debug)]
pub(super) struct Processor<K> {
    /// Calculations per second.
    capacity: f64,
    /// The clock at [`Self::since`].
    attained: f64,
    since: Time,
    /// The jobs, each with the clock's value at which it is done.
    jobs: BTreeSet<(Attained, K)>,
    /// Calculations done up to [`Self::since`], for all jobs.
    done: f64,
}

/// A value of the clock: the number of calculations that a job in service would have had since the clock's start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attained(f64);

impl Attained {
    /// Returns the value after this many further calculations, which is a later one unless they are none.
    pub(super) fn after(self, calculations: f64) -> Self {
        if calculations <= 0.0 {
            return self;
        }
        Self((self.0 + calculations).max(self.0.next_up()))
    }

    /// Returns the number of calculations from another value to this one.
    pub(super) fn since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0).max(0.0)
    }
}

impl PartialEq for Attained {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Attained {}

impl PartialOrd for Attained {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Attained {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl<K: Copy + Ord> Processor<K> {
    /// Creates a processor without jobs.
    pub(super) fn new(now: Time, capacity: f64) -> Self {
        Self {
            capacity: sanitized(capacity),
            attained: 0.0,
            since: now,
            jobs: BTreeSet::new(),
            done: 0.0,
        }
    }

    /// Takes a job into service; returns the clock's value now and that at which it is done.
    pub(super) fn add(&mut self, now: Time, key: K, size: f64) -> (Attained, Attained) {
        self.settle(now);
        if self.jobs.is_empty() {
            // Nothing refers to the clock: small values are the most precise ones.
            self.attained = 0.0;
        }
        let start = Attained(self.attained);
        let finish = start.after(size);
        self.jobs.insert((finish, key));
        (start, finish)
    }

    /// Removes a job, whether it is done or not.
    pub(super) fn remove(&mut self, now: Time, key: K, finish: Attained) {
        self.settle(now);
        self.jobs.remove(&(finish, key));
    }

    /// Changes the capacity, in calculations per second.
    pub(super) fn set_capacity(&mut self, now: Time, capacity: f64) {
        self.settle(now);
        self.capacity = sanitized(capacity);
    }

    /// Takes the next job that is done by now out of service, at the time when it was done: those that remain have been
    /// faster since.
    pub(super) fn next_done(&mut self, now: Time) -> Option<K> {
        let &(finish, key) = self.jobs.first()?;
        let time = self.time_of(finish).filter(|time| *time <= now)?;
        self.settle(time);
        self.attained = self.attained.max(finish.0);
        self.jobs.pop_first();
        Some(key)
    }

    /// Returns the clock's value. Jobs that are done by now must have been taken out.
    pub(super) fn clock(&self, now: Time) -> Attained {
        Attained(self.attained + now.saturating_since(self.since).as_secs_f64() * self.speed())
    }

    /// Returns when the clock reaches a value if the number of jobs remains the same; `None` if it never does.
    ///
    /// Only this function decides whether a value is reached, so that a call at the returned time is never too early.
    pub(super) fn time_of(&self, value: Attained) -> Option<Time> {
        let calculations = value.0 - self.attained;
        if calculations <= 0.0 {
            return Some(self.since);
        }
        let nanoseconds = (calculations / self.speed() * 1e9).ceil();
        // 584 years are as good as never. Without speed, the quotient is infinite.
        (nanoseconds < u64::MAX as f64).then(|| self.since + Duration::from_nanos(nanoseconds as u64))
    }

    /// Returns when the next job will be done.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.time_of(self.jobs.first()?.0)
    }

    /// Returns the number of calculations done for all jobs together. It never decreases.
    pub(super) fn done(&self, now: Time) -> f64 {
        // What is done after the next job is known only when that has been taken out.
        let until = self.poll_timeout().map_or(now, |time| time.min(now));
        self.done + self.work_until(until)
    }

    /// Returns the capacity in calculations per second.
    pub(super) const fn capacity(&self) -> f64 {
        self.capacity
    }

    /// The calculations per second and job.
    fn speed(&self) -> f64 {
        match self.jobs.len() {
            0 => 0.0,
            jobs => self.capacity / jobs as f64,
        }
    }

    /// Returns the number of calculations since [`Self::since`].
    fn work_until(&self, time: Time) -> f64 {
        if self.jobs.is_empty() {
            return 0.0;
        }
        time.saturating_since(self.since).as_secs_f64() * self.capacity
    }

    fn settle(&mut self, now: Time) {
        self.done += self.work_until(now);
        self.attained = self.clock(now).0;
        self.since = self.since.max(now);
    }
}

/// Returns a capacity that can be computed with; one that is not a number stands still.
fn sanitized(capacity: f64) -> f64 {
    if capacity.is_nan() {
        return 0.0;
    }
    capacity.clamp(0.0, LARGEST_CAPACITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_origin(Duration::from_secs_f64(seconds))
    }

    fn finished(processor: &mut Processor<u32>, now: Time) -> Vec<u32> {
        std::iter::from_fn(|| processor.next_done(now)).collect()
    }

    #[test]
    fn jobs_share_the_capacity_and_the_rest_gets_faster() {
        let mut processor = Processor::new(Time::ZERO, 1e6);
        let (start, _) = processor.add(Time::ZERO, 1, 500_000.0);
        processor.add(Time::ZERO, 2, 1_500_000.0);
        assert_eq!(processor.poll_timeout(), Some(at(1.0)));
        assert_eq!(processor.clock(at(0.5)).since(start), 250_000.0);
        assert_eq!(finished(&mut processor, at(1.5)), [1]);
        assert_eq!(processor.clock(at(1.5)).since(start), 1_000_000.0);
        assert_eq!(processor.poll_timeout(), Some(at(2.0)));
        assert_eq!(finished(&mut processor, at(60.0)), [2]);
        assert_eq!(processor.done(at(60.0)), 2e6);
    }

    #[test]
    fn jobs_are_done_in_order_after_a_long_time_without_a_call() {
        let mut processor = Processor::new(Time::ZERO, 10.0);
        for (key, size) in [(1, 30.0), (2, 10.0), (3, 20.0), (4, 20.0)] {
            processor.add(Time::ZERO, key, size);
        }
        assert_eq!(finished(&mut processor, at(1e6)), [2, 3, 4, 1]);
        assert_eq!(processor.done(at(1e6)), 80.0);
        assert_eq!(processor.poll_timeout(), None);
    }

    #[test]
    fn a_changed_capacity_counts_from_then_on() {
        let mut processor = Processor::new(Time::ZERO, 100.0);
        processor.add(Time::ZERO, 1, 100.0);
        processor.set_capacity(at(0.5), 0.0);
        assert_eq!(processor.poll_timeout(), None);
        processor.set_capacity(at(100.0), 50.0);
        assert_eq!(processor.poll_timeout(), Some(at(101.0)));
        for impossible in [f64::NAN, -1.0] {
            processor.set_capacity(at(100.0), impossible);
            assert_eq!(processor.capacity(), 0.0);
        }
        processor.set_capacity(at(100.0), f64::INFINITY);
        assert_eq!(finished(&mut processor, at(100.1)), [1]);
    }

    #[test]
    fn a_removed_job_leaves_its_share_to_the_others() {
        let mut processor = Processor::new(Time::ZERO, 100.0);
        processor.add(Time::ZERO, 1, 100.0);
        let (_, finish) = processor.add(Time::ZERO, 2, 1e19);
        processor.remove(at(1.0), 2, finish);
        assert_eq!(processor.poll_timeout(), Some(at(1.5)));
        assert_eq!(finished(&mut processor, at(1.5)), [1]);
        assert_eq!(processor.done(at(2.0)), 150.0);
    }

    #[test]
    fn a_call_at_the_returned_time_is_never_too_early() {
        // Values for which the clock cannot reach the exact end by floating point numbers.
        let mut processor = Processor::new(at(1.0 / 3.0), 999_999.7);
        for key in 0..1000 {
            processor.add(at(1.0 / 3.0), key, f64::from(key).mul_add(1234.567, 1e13 / 3.0));
        }
        for _ in 0..1000 {
            let time = processor.poll_timeout().unwrap();
            assert!(processor.next_done(time).is_some());
        }
    }
}
