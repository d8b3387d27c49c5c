//! The labels below the line: times of day, or milliseconds and microseconds from the cursor where it is magnified.

use std::time::Duration;

use feed::{Timestamp, WallClock};

use super::scale::{Scale, apart, shifted};
use model::words;

/// The distances of labels, in microseconds.
const STEPS: [u64; 32] = [
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    15_000_000,
    30_000_000,
    60_000_000,
    120_000_000,
    300_000_000,
    600_000_000,
    900_000_000,
    1_800_000_000,
    3_600_000_000,
    7_200_000_000,
    14_400_000_000,
    28_800_000_000,
    86_400_000_000,
];
/// From this distance on, labels are times of day to the second.
const SECOND: u64 = 1_000_000;
/// From this one on, to the minute.
const MINUTE: u64 = 60_000_000;

/// A label of the line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) at: Timestamp,
    pub(super) text: String,
}

/// Returns the labels with at least this distance in points. Below a second, they count from `origin`, if there is one.
pub(super) fn ticks(scale: Scale, wall_clock: WallClock, origin: Option<Timestamp>, least: f32) -> Vec<Tick> {
    let least = f64::from(least.max(1.0)) * scale.pitch;
    let [.., longest] = STEPS;
    let step = STEPS.into_iter().find(|step| *step as f64 >= least);
    let step = step.unwrap_or(longest);
    let origin = origin.filter(|_| step < SECOND);
    // The distance of the beginning from the label before it.
    let past = match origin {
        Some(origin) => apart(scale.begin, origin).rem_euclid(step as f64),
        None => (wall_clock.unix_us(scale.begin) % step) as f64,
    };
    let first = shifted(scale.begin, -past);
    let number = (f64::from(scale.width) * scale.pitch / step as f64) as usize + 1;
    (0..=number.min(1_000))
        .map(|index| first + Duration::from_micros(step * index as u64))
        .filter(|at| *at >= scale.begin && *at <= scale.end())
        .map(|at| Tick {
            at,
            text: match origin {
                Some(origin) => offset(apart(at, origin)),
                None => time_of_day(wall_clock, at, step),
            },
        })
        .collect()
}

fn time_of_day(wall_clock: WallClock, at: Timestamp, step: u64) -> String {
    let text = words::clock_ms(wall_clock, at);
    // Hours and minutes, seconds, milliseconds.
    let length = match step {
        MINUTE.. => 5,
        SECOND.. => 8,
        _ => text.len(),
    };
    let mut text = text.get(..length).unwrap_or(&text).to_owned();
    if step < 1_000 {
        text.push_str(&format!("{:03}", wall_clock.unix_us(at) % 1_000));
    }
    text
}

/// Returns a distance in time with its sign and unit: "+12 ms".
pub(super) fn offset(us: f64) -> String {
    let us = us.round();
    let sign = if us < 0.0 { "\u{2212}" } else { "+" };
    let size = us.abs();
    let in_unit = |value: f64, unit: &str| {
        let text = format!("{value:.3}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        format!("{sign}{text} {unit}")
    };
    if size == 0.0 {
        "0".to_owned()
    } else if size < 1e3 {
        in_unit(size, "\u{b5}s")
    } else if size < 1e6 {
        in_unit(size / 1e3, "ms")
    } else {
        in_unit(size / 1e6, "s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Timestamp = Timestamp::from_micros(1_795_428_000_000_000);

    fn wall_clock() -> WallClock {
        WallClock::showing(Duration::from_micros(TEN.as_micros()), TEN)
    }

    fn texts(from_s: f64, span_s: f64, origin: Option<Timestamp>) -> Vec<String> {
        let from = shifted(TEN, from_s * 1e6);
        let scale = Scale::of(from, shifted(from, span_s * 1e6), 0.0, 600.0);
        let ticks = ticks(scale, wall_clock(), origin, 100.0);
        ticks.into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn labels_are_round_times_of_day() {
        assert_eq!(texts(-1.0, 7_200.0, None), ["10:00", "10:30", "11:00", "11:30"]);
        assert_eq!(
            texts(7.0, 60.0, None),
            [
                "10:00:10", "10:00:20", "10:00:30", "10:00:40", "10:00:50", "10:01:00"
            ]
        );
        let deep = texts(0.1, 3.0, None);
        assert_eq!(deep.first().map(String::as_str), Some("10:00:00.500"));
    }

    #[test]
    fn what_is_magnified_is_labelled_from_the_cursor() {
        let cursor = shifted(TEN, 1e6);
        assert_eq!(
            texts(0.994, 0.012, Some(cursor)),
            [
                "\u{2212}6 ms",
                "\u{2212}4 ms",
                "\u{2212}2 ms",
                "0",
                "+2 ms",
                "+4 ms",
                "+6 ms"
            ]
        );
        assert_eq!(
            texts(1.0, 0.001, Some(cursor)),
            [
                "0",
                "+200 \u{b5}s",
                "+400 \u{b5}s",
                "+600 \u{b5}s",
                "+800 \u{b5}s",
                "+1 ms"
            ]
        );
        assert_eq!(
            texts(7.0, 60.0, Some(cursor)),
            texts(7.0, 60.0, None),
            "from afar, the time of day says more"
        );
    }

    #[test]
    fn offsets_have_the_unit_that_suits_them() {
        for (us, text) in [
            (0.0, "0"),
            (250.0, "+250 \u{b5}s"),
            (-1_250.0, "\u{2212}1.25 ms"),
            (12_000.0, "+12 ms"),
            (1_500_000.0, "+1.5 s"),
        ] {
            assert_eq!(offset(us), text);
        }
    }
}
