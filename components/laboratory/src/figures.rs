//! Measured values, and their median, 95th percentile and maximum.

use std::fmt::{self, Display};
use std::time::Duration;

/// Measured values of one quantity.
#[derive(Debug, Clone, Default)]
pub struct Figures(Vec<f64>);

impl Figures {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Adds a duration, in milliseconds.
    pub fn add_duration(&mut self, duration: Duration) {
        self.add(duration.as_secs_f64() * 1e3);
    }

    /// Returns the same as [`figures::quantile`]; NaN if there are no values.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        figures::quantile(&sorted, share).unwrap_or(f64::NAN)
    }

    /// Prints a line that begins with this name.
    pub fn print(&self, what: impl Display) {
        println!("  {:44} {self}", what.to_string());
    }

    /// Prints the header for such lines.
    pub fn print_headline(what: impl Display) {
        println!(
            "{:46} {:>9} {:>9} {:>9}",
            what.to_string(),
            "median",
            "95 %",
            "maximum"
        );
    }
}

impl Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, most, all] = [0.5, 0.95, 1.0].map(|share| self.quantile(share));
        write!(f, "{median:9.1} {most:9.1} {all:9.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_do_not_depend_on_the_order() {
        let mut figures = Figures::default();
        assert!(figures.quantile(0.5).is_nan());
        for value in [5.0, 1.0, 4.0, 2.0] {
            figures.add(value);
        }
        figures.add_duration(Duration::from_millis(3));
        assert_eq!(
            [0.0, 0.5, 1.0].map(|share| figures.quantile(share)),
            [1.0, 3.0, 5.0]
        );
    }
}
