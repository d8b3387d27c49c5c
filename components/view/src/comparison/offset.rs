//! Times relative to the anchors, in words.

use chronicle::{AnchorKind, Offset};
use model::words;
use std::time::Duration;

/// Formats a time relative to an anchor: "+35 ms", "\u{2212}2.00 s", "0 s".
pub(super) fn in_words(offset: Offset) -> String {
    let us = offset.as_micros();
    let sign = match us {
        0 => return "0 s".to_owned(),
        1.. => "+",
        _ => "\u{2212}",
    };
    format!("{sign}{}", length(Duration::from_micros(us.unsigned_abs())))
}

/// Formats the label of an axis with this distance between two labels, in microseconds.
pub(super) fn tick(offset: Offset, step: u64) -> String {
    let us = offset.as_micros();
    let sign = match us {
        0 => "",
        1.. => "+",
        _ => "\u{2212}",
    };
    let us = us.unsigned_abs();
    match step {
        0..1_000 => format!("{sign}{:.1} ms", us as f64 / 1e3),
        1_000..1_000_000 if us < 1_000_000 => format!("{sign}{} ms", us / 1_000),
        1_000..100_000 => format!("{sign}{:.2} s", us as f64 / 1e6),
        100_000..1_000_000 => format!("{sign}{:.1} s", us as f64 / 1e6),
        _ if us < 60_000_000 => format!("{sign}{} s", us / 1_000_000),
        _ => format!("{sign}{}:{:02} min", us / 60_000_000, us / 1_000_000 % 60),
    }
}

/// Formats a length of time, to the second if it is long.
pub(super) fn length(length: Duration) -> String {
    match length.as_secs() {
        0..120 => words::duration(length),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

/// Returns the word for what is at an anchor.
pub(super) const fn anchor(kind: AnchorKind) -> &'static str {
    match kind {
        AnchorKind::Fault => "fault",
        AnchorKind::Detection => "detection of a failure",
        AnchorKind::Step => "step of the story",
        AnchorKind::Beginning => "beginning",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_sign_and_so_many_figures_as_can_be_told_apart() {
        let words = |us| in_words(Offset::from_micros(us));
        assert_eq!(words(0), "0 s");
        assert_eq!(words(35_000), "+35 ms");
        assert_eq!(words(-2_000_000), "\u{2212}2.00 s");
        assert_eq!(words(185_000_000), "+3:05 min");
        let tick = |us, step| tick(Offset::from_micros(us), step);
        assert_eq!(tick(0, 500_000), "0 ms");
        assert_eq!(tick(-500_000, 500_000), "\u{2212}500 ms");
        assert_eq!(tick(1_500_000, 500_000), "+1.5 s");
        assert_eq!(tick(30_000_000, 10_000_000), "+30 s");
        assert_eq!(tick(90_000_000, 30_000_000), "+1:30 min");
        assert_eq!(tick(1_500, 500), "+1.5 ms");
    }
}
