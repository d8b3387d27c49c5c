//! The clocks of nodes, which may differ.

use std::time::Duration;

use protocol::Time;

/// Maps the world's time to a node's time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// When the two times were last synchronized.
    world: Time,
    local: Time,
    /// Local nanoseconds per thousand nanoseconds of the world.
    per_mille: u32,
}

impl Clock {
    pub(crate) const fn exact() -> Self {
        Self {
            world: Time::ZERO,
            local: Time::ZERO,
            per_mille: 1000,
        }
    }

    pub(crate) fn local_time(&self, world: Time) -> Time {
        if self.per_mille == 1000 {
            return self.local + (world - self.world);
        }
        let elapsed = nanoseconds(world - self.world);
        self.local + Duration::from_nanos(elapsed * u64::from(self.per_mille) / 1000)
    }

    /// Returns the first time in the world at which the local time is not before the given one.
    pub(crate) fn world_time(&self, local: Time) -> Time {
        if self.per_mille == 1000 {
            return self.world + (local - self.local);
        }
        let elapsed = nanoseconds(local - self.local).min(u64::MAX / 1000);
        self.world + Duration::from_nanos((elapsed * 1000).div_ceil(u64::from(self.per_mille)))
    }

    /// Steps the clock forward.
    pub(crate) fn step(&mut self, world: Time, by: Duration) {
        self.local = self.local_time(world) + by;
        self.world = world;
    }

    /// Sets the rate from now on.
    pub(crate) fn set_rate(&mut self, world: Time, per_mille: u32) {
        self.local = self.local_time(world);
        self.world = world;
        self.per_mille = per_mille.max(1);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Time {
        Time::from_origin(Duration::from_millis(milliseconds))
    }

    #[test]
    fn an_alarm_rings_when_the_local_time_has_come_and_not_before() {
        for per_mille in [1, 700, 999, 1000, 1001, 1700] {
            let mut clock = Clock::exact();
            clock.set_rate(at(17), per_mille);
            clock.step(at(29), Duration::from_millis(5));
            let alarm = clock.local_time(at(29)) + Duration::from_nanos(1_234_567_891);
            let rings = clock.world_time(alarm);
            assert!(clock.local_time(rings) >= alarm);
            let before = Time::from_origin(rings.since_origin() - Duration::from_nanos(1));
            assert!(clock.local_time(before) < alarm);
        }
    }

    #[test]
    fn a_step_moves_the_local_time_only() {
        let mut clock = Clock::exact();
        clock.step(at(100), Duration::from_secs(2));
        assert_eq!(clock.local_time(at(100)), at(2100));
        assert_eq!(clock.world_time(at(2150)), at(150));
    }
}
