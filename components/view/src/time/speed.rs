//! The speeds of the cursor, and the words for them.

/// The speeds that can be chosen, in seconds of the demonstration per second.
pub(super) const SPEEDS: [f64; 14] = [
    1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0,
];

/// Formats a speed without its direction: "1/100", "4\u{d7}".
pub(super) fn words(speed: f64) -> String {
    let speed = speed.abs();
    if speed >= 0.95 || speed <= 0.0 {
        let text = format!("{speed:.1}");
        format!("{}\u{d7}", text.trim_end_matches('0').trim_end_matches('.'))
    } else {
        format!("1/{:.0}", 1.0 / speed)
    }
}

/// Describes a speed, with its direction: "slow motion 1/100", "backwards, slow motion 1/10", "4\u{d7}".
pub(super) fn in_words(speed: f64) -> String {
    let words = words(speed);
    match (speed < 0.0, speed.abs() < 0.95) {
        (false, true) => format!("slow motion {words}"),
        (false, false) => words,
        (true, true) => format!("backwards, slow motion {words}"),
        (true, false) => format!("backwards {words}"),
    }
}

/// Returns the next faster speed, or the next slower one.
pub(super) fn next(speed: f64, faster: bool) -> f64 {
    let speed = speed.abs();
    let found = if faster {
        SPEEDS.into_iter().find(|other| *other > speed * 1.01)
    } else {
        SPEEDS.into_iter().rfind(|other| *other < speed * 0.99)
    };
    let [slowest, .., fastest] = SPEEDS;
    found.unwrap_or(if faster { fastest } else { slowest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_read_as_people_say_them() {
        for (speed, text) in [
            (1e-3, "slow motion 1/1000"),
            (0.003_17, "slow motion 1/315"),
            (-0.1, "backwards, slow motion 1/10"),
            (1.0, "1\u{d7}"),
            (-16.0, "backwards 16\u{d7}"),
        ] {
            assert_eq!(in_words(speed), text);
        }
    }

    #[test]
    fn each_speed_follows_the_one_before() {
        let mut speed = 0.0001;
        for expected in SPEEDS {
            speed = next(speed, true);
            assert_eq!(speed, expected);
        }
        assert_eq!(next(speed, true), 16.0);
        assert_eq!(next(0.003, false), 2e-3);
        assert_eq!(next(1e-3, false), 1e-3);
        assert_eq!(next(-1.0, false), 0.5);
    }
}
