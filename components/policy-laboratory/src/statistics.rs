//! Means over seeds, and how far they can be trusted.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The probability that a confidence interval contains the true mean.
const CONFIDENCE: f64 = 0.95;

/// A mean over independent runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The 95 % confidence interval is the mean plus or minus this; `None` after fewer than two runs.
    pub half_width: Option<f64>,
    /// The standard deviation of the runs; `None` after fewer than two runs.
    pub deviation: Option<f64>,
    /// The number of runs.
    pub runs: usize,
}

impl Estimate {
    /// Computes the mean of one value per run, and its confidence interval by Student's t distribution. Values that do
    /// not exist are left out; returns `None` if there are no others.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = Option<f64>>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().flatten().collect();
        if values.is_empty() {
            return None;
        }
        let runs = values.len();
        let mean = values.iter().sum::<f64>() / runs as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let freedom = (runs - 1) as f64;
        let deviation = (runs > 1).then(|| (squares / freedom).sqrt());
        let half_width = StudentsT::new(0.0, 1.0, freedom).ok().map(|student| {
            let quantile = student.inverse_cdf((1.0 + CONFIDENCE) / 2.0);
            quantile * (squares / freedom / runs as f64).sqrt()
        });
        Some(Self {
            mean,
            half_width,
            deviation,
            runs,
        })
    }

    /// Returns the lower end of the confidence interval; the mean if there is none.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.mean - self.half_width.unwrap_or(0.0)
    }

    /// Returns the upper end of the confidence interval; the mean if there is none.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.mean + self.half_width.unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-3
    }

    /// The quantiles are those of printed tables.
    #[test]
    fn the_interval_is_students() {
        let two = Estimate::of([Some(1.0), Some(3.0)]).unwrap();
        assert_eq!((two.mean, two.runs), (2.0, 2));
        assert!(close(two.deviation.unwrap(), 2.0_f64.sqrt()), "{two:?}");
        assert!(close(two.half_width.unwrap(), 12.706), "{two:?}");
        let values = (0..24).map(|number| Some(if number % 2 == 0 { 0.0 } else { 2.0 }));
        let many = Estimate::of(values).unwrap();
        let deviation = (24.0_f64 / 23.0).sqrt();
        assert!(
            close(many.half_width.unwrap(), 2.069 * deviation / 24.0_f64.sqrt()),
            "{many:?}"
        );
    }

    #[test]
    fn one_run_has_no_interval_and_none_has_no_mean() {
        let one = Estimate::of([None, Some(5.0)]).unwrap();
        assert_eq!((one.mean, one.half_width, one.runs), (5.0, None, 1));
        assert_eq!(one.deviation, None);
        assert_eq!((one.low(), one.high()), (5.0, 5.0));
        assert_eq!(Estimate::of([None]), None);
    }
}
