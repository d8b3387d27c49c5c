//! Determines how much to compute at once, and when.

use std::time::Duration;

use wire::fractal_generator::Data;

/// The intended duration of one run of pixels: short enough for a picture to grow smoothly, long enough to be
/// efficient.
const AIM: Duration = Duration::from_millis(15);
/// How much of an unused allowance can be made up for.
const LATENESS: Duration = Duration::from_millis(50);
/// The number of pixels in the first run, which should be done soon.
const FIRST_RUN: usize = 32;
/// The maximum growth from one run to the next: the next pixels may need far more iterations.
const GROWTH: usize = 4;

/// Paces the computation: an allowance of iterations per second, and runs of suitable length.
#[derive(Debug)]
pub(super) struct Pace {
    iterations_per_second: u64,
    /// When everything computed so far would have been done at the allowed speed.
    allowed_from: Duration,
    run: usize,
}

impl Pace {
    pub(super) const fn new(iterations_per_second: u64, now: Duration) -> Self {
        Self {
            iterations_per_second,
            allowed_from: now,
            run: FIRST_RUN,
        }
    }

    pub(super) const fn set_iterations_per_second(&mut self, iterations_per_second: u64) {
        self.iterations_per_second = iterations_per_second;
    }

    /// Returns when the next run may begin.
    pub(super) const fn allowed_from(&self) -> Duration {
        self.allowed_from
    }

    /// Returns the number of pixels in the next run.
    pub(super) const fn run(&self) -> usize {
        self.run
    }

    /// Accounts for a run that began at `begun`.
    pub(super) fn handle_computed(&mut self, now: Duration, begun: Duration, pixels: usize, iterations: u64) {
        let taken = now.saturating_sub(begun);
        let due = match self.iterations_per_second {
            0 => Duration::ZERO,
            speed => Duration::from_secs_f64(iterations as f64 / speed as f64),
        };
        self.allowed_from = self
            .allowed_from
            .max(begun.saturating_sub(LATENESS))
            .saturating_add(due);
        let cost = taken.max(due).max(Duration::from_nanos(1));
        let fitting = pixels as f64 * (AIM.as_secs_f64() / cost.as_secs_f64());
        self.run = (fitting as usize).clamp(1, (self.run * GROWTH).min(Data::MOST_POINTS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn without_limit_runs_grow_to_a_full_message_and_never_wait() {
        let mut pace = Pace::new(0, ms(1000));
        for _ in 0..4 {
            pace.handle_computed(ms(1000), ms(1000), pace.run(), 1_000_000);
        }
        assert_eq!((pace.run(), pace.allowed_from()), (Data::MOST_POINTS, ms(1000)));
    }

    #[test]
    fn a_slow_machine_gets_short_runs() {
        let mut pace = Pace::new(0, ms(0));
        pace.handle_computed(ms(480), ms(0), 32, 1);
        assert_eq!(pace.run(), 1);
    }

    #[test]
    fn the_limit_holds_on_average() {
        let mut pace = Pace::new(1_000_000, ms(0));
        let (mut now, mut iterations) = (ms(0), 0);
        for _ in 0..100 {
            now = now.max(pace.allowed_from());
            let cost = pace.run() as u64 * 500;
            iterations += cost;
            pace.handle_computed(now + ms(1), now, pace.run(), cost);
        }
        let allowed = now.as_secs_f64() * 1e6;
        assert!(
            (iterations as f64 - allowed).abs() < 50_000.0,
            "{iterations} of {allowed}"
        );
        assert_eq!(
            pace.run(),
            30,
            "15 ms of 1000000 iterations per second, at 500 for a pixel"
        );
    }

    #[test]
    fn an_idle_time_is_not_made_up_for() {
        let mut pace = Pace::new(1_000_000, ms(0));
        pace.handle_computed(ms(60_000), ms(60_000), 32, 10_000);
        assert_eq!(pace.allowed_from(), ms(60_000 - 50 + 10));
    }
}
