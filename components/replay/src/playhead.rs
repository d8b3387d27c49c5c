//! The cursor in time: where it is, and how it moves by itself.

use std::time::Duration;

use chronicle::Cursor;
use feed::Timestamp;

/// The cursor in time. It does not know what there is to be seen.
#[derive(Debug, Clone)]
pub struct Playhead {
    at: Timestamp,
    /// The part of a microsecond by which the cursor is beyond `at`, from -1 to 1: at a thousandth of the speed it moves
    /// by few of them between frames.
    beyond_us: f64,
    /// Whether it moves.
    moves: bool,
    speed: f64,
    looped: Option<(Timestamp, Timestamp)>,
    /// Where it stops by itself.
    until: Option<Timestamp>,
    /// When it was moved last, by the clock of whoever watches.
    moved: Timestamp,
}

impl Playhead {
    /// The least and the greatest speed, in seconds of the demonstration per second.
    pub const SPEEDS: (f64, f64) = (1e-3, 16.0);
    /// How long it takes to watch a span again.
    const AGAIN: Duration = Duration::from_secs(10);

    /// Creates a cursor that rests.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self {
            at,
            beyond_us: 0.0,
            moves: false,
            speed: 1.0,
            looped: None,
            until: None,
            moved: at,
        }
    }

    /// Returns its place.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns whether it moves by itself.
    #[must_use]
    pub const fn moves(&self) -> bool {
        self.moves
    }

    /// Returns whether it moves towards the present, at least as fast as that, and not only to some earlier time.
    #[must_use]
    pub fn overtakes(&self) -> bool {
        self.moves && self.speed >= 1.0 && self.until.is_none() && self.looped.is_none()
    }

    /// Returns whether it has moved to a place beyond which there will be nothing.
    #[must_use]
    pub fn has_reached(&self, end: Timestamp) -> bool {
        self.moves && self.speed > 0.0 && self.looped.is_none() && self.at >= end
    }

    /// Returns how fast it moves, or will move, regardless of the direction.
    #[must_use]
    pub const fn pace(&self) -> f64 {
        self.speed.abs()
    }

    /// Returns it as a window shows it.
    #[must_use]
    pub fn cursor(&self, seeking: bool) -> Cursor {
        Cursor {
            at: self.at,
            speed: self.moves.then_some(self.speed),
            chosen_speed: self.speed,
            looped: self.looped,
            seeking,
        }
    }

    /// Puts it somewhere. It goes on moving, unless it was to stop somewhere.
    pub fn seek(&mut self, at: Timestamp) {
        self.at = at;
        self.beyond_us = 0.0;
        if self.until.take().is_some() {
            self.moves = false;
        }
    }

    /// Lets it move, from `now` on; backwards at a negative speed. A speed of 0 or none at all changes nothing.
    pub fn play(&mut self, now: Timestamp, speed: f64) {
        if speed == 0.0 || !speed.is_finite() {
            return;
        }
        self.speed = speed.abs().clamp(Self::SPEEDS.0, Self::SPEEDS.1).copysign(speed);
        self.moves = true;
        self.until = None;
        self.moved = now;
    }

    /// Stops it.
    pub fn pause(&mut self) {
        self.moves = false;
        self.until = None;
    }

    /// Plays this span over and over, or no longer.
    pub fn repeat(&mut self, span: Option<(Timestamp, Timestamp)>) {
        self.looped = span.filter(|(from, to)| from < to);
        if let Some((from, to)) = self.looped
            && !(from..=to).contains(&self.at)
        {
            self.seek(from);
        }
    }

    /// Plays this span once, so that it takes about ten seconds.
    pub fn watch(&mut self, now: Timestamp, from: Timestamp, to: Timestamp) {
        self.looped = None;
        self.seek(from);
        self.play(now, (to - from).as_secs_f64() / Self::AGAIN.as_secs_f64());
        self.until = Some(to);
    }

    /// Moves it as far as it moves by itself until `now`, within this range. Returns whether it moved.
    pub fn advance(&mut self, now: Timestamp, range: (Timestamp, Timestamp)) -> bool {
        let elapsed = now - self.moved;
        self.moved = self.moved.max(now);
        if !self.moves {
            return false;
        }
        let before = self.at;
        let way_us = elapsed.as_secs_f64() * 1e6 * self.speed + self.beyond_us;
        self.beyond_us = way_us.fract();
        let way = Duration::from_micros(way_us.abs() as u64);
        self.at = if way_us < 0.0 {
            self.at - way
        } else {
            self.at + way
        };
        let (first, last) = self.looped.unwrap_or(range);
        if let Some(until) = self.until.filter(|until| self.at >= *until) {
            self.at = until;
            self.pause();
        } else if self.at > last || self.at < first {
            let forward = self.at > last;
            match (self.looped, forward) {
                (Some(_), true) => self.at = first,
                (Some(_), false) => self.at = last,
                (None, true) => self.at = last,
                (None, false) => {
                    self.at = first;
                    self.pause();
                }
            }
        }
        self.at != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Timestamp {
        Timestamp::from_micros(ms * 1_000)
    }

    const ALL: (Timestamp, Timestamp) = (Timestamp::from_micros(0), Timestamp::from_micros(100_000_000));

    #[test]
    fn at_a_thousandth_of_the_speed_nothing_is_lost_between_frames() {
        let mut playhead = Playhead::new(ms(500));
        playhead.play(ms(0), 1e-3);
        // 60 frames per second, each of which moves it by 16.7 us.
        for frame in 1..=600 {
            playhead.advance(Timestamp::from_micros(frame * 1_000_000 / 60), ALL);
        }
        let moved = playhead.at() - ms(500);
        assert!((9_999..=10_000).contains(&moved.as_micros()), "{moved:?}");
    }

    #[test]
    fn it_moves_backwards_to_the_beginning_and_stops_there() {
        let mut playhead = Playhead::new(ms(500));
        playhead.play(ms(0), -2.0);
        assert!(playhead.advance(ms(100), ALL));
        assert_eq!(playhead.at(), ms(300));
        playhead.advance(ms(1_000), (ms(200), ms(900)));
        assert_eq!(playhead.at(), ms(200));
        assert!(!playhead.moves());
    }

    #[test]
    fn a_span_is_played_over_and_over() {
        let mut playhead = Playhead::new(ms(5));
        playhead.repeat(Some((ms(100), ms(200))));
        assert_eq!(playhead.at(), ms(100));
        playhead.play(ms(0), 1.0);
        playhead.advance(ms(60), ALL);
        assert_eq!(playhead.at(), ms(160));
        playhead.advance(ms(110), ALL);
        assert_eq!(playhead.at(), ms(100));
        assert!(playhead.moves());
    }

    #[test]
    fn a_span_is_watched_again_in_ten_seconds_and_no_longer() {
        let mut playhead = Playhead::new(ms(0));
        playhead.watch(ms(0), ms(1_000), ms(1_050));
        playhead.advance(ms(5_000), ALL);
        assert_eq!(playhead.at(), ms(1_025));
        playhead.advance(ms(10_001), ALL);
        assert_eq!(playhead.at(), ms(1_050));
        assert!(!playhead.moves());
    }

    #[test]
    fn it_rests_at_the_present_and_goes_on_with_it() {
        let mut playhead = Playhead::new(ms(100));
        playhead.play(ms(0), 16.0);
        playhead.advance(ms(100), (ms(0), ms(200)));
        assert_eq!(playhead.at(), ms(200));
        playhead.advance(ms(101), (ms(0), ms(201)));
        assert_eq!(playhead.at(), ms(201));
    }

    #[test]
    fn an_end_is_reached_forwards_only_and_by_no_loop() {
        let mut playhead = Playhead::new(ms(100));
        assert!(!playhead.has_reached(ms(100)));
        playhead.play(ms(0), 1.0);
        assert!(playhead.has_reached(ms(100)) && !playhead.has_reached(ms(101)));
        playhead.play(ms(0), -1.0);
        assert!(!playhead.has_reached(ms(100)));
        playhead.play(ms(0), 1.0);
        playhead.repeat(Some((ms(50), ms(100))));
        assert!(!playhead.has_reached(ms(100)));
    }

    #[test]
    fn only_what_moves_towards_the_present_overtakes_it() {
        let mut playhead = Playhead::new(ms(100));
        assert!(!playhead.overtakes());
        playhead.play(ms(0), 1.0);
        assert!(playhead.overtakes());
        playhead.play(ms(0), 0.5);
        assert!(!playhead.overtakes());
        playhead.watch(ms(0), ms(100), ms(40_000));
        assert!(!playhead.overtakes());
    }

    #[test]
    fn nonsense_speeds_change_nothing() {
        for speed in [0.0, f64::NAN, f64::INFINITY] {
            let mut playhead = Playhead::new(ms(100));
            playhead.play(ms(0), speed);
            assert!(!playhead.moves());
        }
    }
}
