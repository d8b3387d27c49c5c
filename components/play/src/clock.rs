//! The play's clocks. Both stop while it is paused; the story clock can run faster.

use std::time::Duration;

use feed::Timestamp;
use model::bounded;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// The clocks of a play.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Clock {
    last: Option<Timestamp>,
    begun: bool,
    paused: bool,
    #[serde(deserialize_with = "speed")]
    speed: f64,
    #[serde(deserialize_with = "bounded::duration")]
    story: Duration,
    #[serde(deserialize_with = "bounded::duration")]
    real: Duration,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            last: None,
            begun: false,
            paused: true,
            speed: 1.0,
            story: Duration::ZERO,
            real: Duration::ZERO,
        }
    }
}

/// Reads a speed that a clock can have.
fn speed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let speed = f64::deserialize(deserializer)?;
    if Clock::SPEEDS.contains(&speed) {
        Ok(speed)
    } else {
        Err(D::Error::custom("a speed that no clock has"))
    }
}

impl Clock {
    /// The range of the story's speed.
    const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=1_000.0;

    /// Advances the clocks.
    pub(super) fn pass(&mut self, now: Timestamp) {
        let last = self.last.replace(now).unwrap_or(now);
        if !self.paused {
            let passed = now - last;
            self.real = self.real.saturating_add(passed);
            self.story = self.story.saturating_add(passed.mul_f64(self.speed));
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

    /// Returns the time on the story clock.
    pub(super) fn story(&self) -> Duration {
        self.story
    }

    /// Returns the time since the clock was last advanced.
    pub(super) fn unseen(&self, now: Timestamp) -> Duration {
        let seen = self.last.unwrap_or(now);
        if self.paused { Duration::ZERO } else { now - seen }
    }

    /// Returns the time on the real clock, without pauses.
    pub(super) fn real(&self) -> Duration {
        self.real
    }

    /// Returns when the story clock will reach a moment if nothing changes.
    pub(super) fn at_story(&self, now: Timestamp, moment: Duration) -> Option<Timestamp> {
        let left = moment.saturating_sub(self.story).as_secs_f64() / self.speed;
        self.after(now, Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX))
    }

    /// Returns when the real clock will reach a moment if nothing changes.
    pub(super) fn at_real(&self, now: Timestamp, moment: Duration) -> Option<Timestamp> {
        self.after(now, moment.saturating_sub(self.real))
    }

    fn after(&self, now: Timestamp, left: Duration) -> Option<Timestamp> {
        (!self.paused).then(|| now + rounded_up(left))
    }
}

/// Returns the remaining time, rounded up slightly: a call that comes too early would be followed by another one at
/// once.
pub(super) fn rounded_up(left: Duration) -> Duration {
    // Timestamps have a resolution of a microsecond.
    left.saturating_add(Duration::from_micros(2))
}
