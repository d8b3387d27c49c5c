//! The play's clocks: both stand still while it pauses; the story's goes faster on request.

use std::time::Duration;

use feed::Timestamp;

/// The clocks of a play.
#[derive(Debug)]
pub(super) struct Clock {
    last: Option<Timestamp>,
    begun: bool,
    paused: bool,
    speed: f64,
    story_s: f64,
    real_s: f64,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            last: None,
            begun: false,
            paused: true,
            speed: 1.0,
            story_s: 0.0,
            real_s: 0.0,
        }
    }
}

impl Clock {
    /// The fastest and the slowest story.
    const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=1_000.0;

    /// Time has passed.
    pub(super) fn pass(&mut self, now: Timestamp) {
        let last = self.last.replace(now).unwrap_or(now);
        if !self.paused {
            let seconds = (now - last).as_secs_f64();
            self.real_s += seconds;
            self.story_s += seconds * self.speed;
        }
    }

    pub(super) fn begin(&mut self) {
        self.begun = true;
    }

    pub(super) fn run(&mut self) {
        self.begun = true;
        self.paused = false;
    }

    pub(super) fn pause(&mut self) {
        self.paused = true;
    }

    pub(super) fn set_speed(&mut self, speed: f64) {
        if !speed.is_nan() {
            self.speed = speed.clamp(*Self::SPEEDS.start(), *Self::SPEEDS.end());
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(super) fn speed(&self) -> f64 {
        self.speed
    }

    /// Seconds of the story so far.
    pub(super) fn story_s(&self) -> f64 {
        self.story_s
    }

    /// What has passed since the clock was told the time.
    pub(super) fn unseen(&self, now: Timestamp) -> Duration {
        let seen = self.last.unwrap_or(now);
        if self.paused { Duration::ZERO } else { now - seen }
    }

    /// Seconds so far, pauses left out.
    pub(super) fn real_s(&self) -> f64 {
        self.real_s
    }

    /// When the story comes to a second, if it goes on like this.
    pub(super) fn at_story(&self, now: Timestamp, second: f64) -> Option<Timestamp> {
        self.at(now, (second - self.story_s) / self.speed)
    }

    /// When the real clock comes to a second, if it goes on like this.
    pub(super) fn at_real(&self, now: Timestamp, second: f64) -> Option<Timestamp> {
        self.at(now, second - self.real_s)
    }

    fn at(&self, now: Timestamp, in_s: f64) -> Option<Timestamp> {
        (!self.paused).then(|| now + rounded_up(in_s))
    }
}

/// Seconds until something is due, a little more rather than less: a call that comes too early would be followed by
/// another one at once.
pub(super) fn rounded_up(seconds: f64) -> Duration {
    Duration::from_micros((seconds.max(0.0) * 1e6).ceil() as u64) + Duration::from_micros(1)
}
