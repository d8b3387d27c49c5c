//! The play's clocks: both stand still while it pauses; the story's goes faster on request.

/// The clocks of a play.
#[derive(Debug)]
pub(super) struct Clock {
    last_us: Option<u64>,
    begun: bool,
    paused: bool,
    speed: f64,
    story_s: f64,
    real_s: f64,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            last_us: None,
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
    pub(super) fn pass(&mut self, now_us: u64) {
        let last_us = self.last_us.replace(now_us).unwrap_or(now_us);
        if !self.paused {
            let seconds = now_us.saturating_sub(last_us) as f64 / 1e6;
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

    /// What has passed since the clock was told the time, microseconds.
    pub(super) fn unseen_us(&self, now_us: u64) -> u64 {
        let seen = self.last_us.unwrap_or(now_us);
        if self.paused {
            0
        } else {
            now_us.saturating_sub(seen)
        }
    }

    /// Seconds so far, pauses left out.
    pub(super) fn real_s(&self) -> f64 {
        self.real_s
    }

    /// When the story comes to a second, if it goes on like this.
    pub(super) fn at_story(&self, now_us: u64, second: f64) -> Option<u64> {
        self.at(now_us, (second - self.story_s) / self.speed)
    }

    /// When the real clock comes to a second, if it goes on like this.
    pub(super) fn at_real(&self, now_us: u64, second: f64) -> Option<u64> {
        self.at(now_us, second - self.real_s)
    }

    fn at(&self, now_us: u64, in_s: f64) -> Option<u64> {
        // Rounded up: a call that comes a little too early would be followed by another one at once.
        (!self.paused).then(|| now_us + (in_s.max(0.0) * 1e6).ceil() as u64 + 1)
    }
}
