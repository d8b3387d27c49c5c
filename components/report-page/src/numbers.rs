//! Numbers on axes and in attributes.

use std::fmt;

/// A coordinate: with one decimal at most, which is finer than anybody sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coordinate(pub(crate) f64);

impl fmt::Display for Coordinate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 10.0).round() / 10.0;
        // Not a number is nowhere, and minus zero is zero.
        write!(f, "{}", if rounded.is_finite() { rounded + 0.0 } else { 0.0 })
    }
}

/// Writes a number in a few characters: "0.5", "250", "1.5 k", "2 M".
pub(crate) fn short(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        0.0..1e3 => (value, ""),
        1e3..1e6 => (value / 1e3, " k"),
        1e6..1e9 => (value / 1e6, " M"),
        _ => (value / 1e9, " G"),
    };
    let rounded = (scaled * 1e3).round() / 1e3;
    format!("{rounded}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let written = [0.0, 0.25, 250.0, 1_500.0, 40_000.0, 2e6, 3e9].map(short);
        assert_eq!(written, ["0", "0.25", "250", "1.5 k", "40 k", "2 M", "3 G"]);
    }

    #[test]
    fn coordinates_are_numbers_whatever_they_are_made_of() {
        let written = [12.34, -0.01, f64::NAN, f64::INFINITY].map(|value| Coordinate(value).to_string());
        assert_eq!(written, ["12.3", "0", "0", "0"]);
    }
}
