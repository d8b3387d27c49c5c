//! Formats numbers and durations, in the same way everywhere.

use std::fmt::Display;
use std::time::Duration;

/// Formats a number of things: "1 PE", "3 PEs".
#[must_use]
pub fn counted(number: u64, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{s}")
}

/// Formats a duration with three significant digits and its unit: "12 µs", "1.2 ms", "163 ms", "4.20 s".
#[must_use]
pub fn duration_in_words(duration: Duration) -> String {
    let us = duration.as_micros();
    let seconds = duration.as_secs_f64();
    match us {
        0..1_000 => format!("{us} \u{b5}s"),
        1_000..10_000 => format!("{:.1} ms", seconds * 1e3),
        10_000..1_000_000 => format!("{} ms", us / 1_000),
        1_000_000..10_000_000 => format!("{seconds:.2} s"),
        10_000_000..120_000_000 => format!("{seconds:.1} s"),
        _ => format!("{:.0} min", seconds / 60.0),
    }
}

/// Formats several things, separated by commas.
pub(crate) fn listed<T: Display>(things: &[T]) -> String {
    let things: Vec<String> = things.iter().map(ToString::to_string).collect();
    things.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_three_figures_at_most() {
        for (us, text) in [
            (12, "12 \u{b5}s"),
            (1_240, "1.2 ms"),
            (38_400, "38 ms"),
            (999_400, "999 ms"),
            (1_234_000, "1.23 s"),
            (61_000_000, "61.0 s"),
            (180_000_000, "3 min"),
        ] {
            assert_eq!(duration_in_words(Duration::from_micros(us)), text);
        }
    }

    #[test]
    fn one_is_one() {
        let numbers = [0, 1, 2].map(|number| counted(number, "PE"));
        assert_eq!(numbers, ["0 PEs", "1 PE", "2 PEs"]);
    }
}
