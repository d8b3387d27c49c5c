//! Statistics over many events.

use serde::Serialize;

/// Statistics of a figure, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Statistics {
    /// The number of events.
    pub count: usize,
    /// The median.
    pub median_ms: f64,
    /// The 95th percentile.
    pub p95_ms: f64,
    /// The maximum.
    pub max_ms: f64,
}

impl Statistics {
    /// Computes the statistics of figures. Returns `None` if there are none.
    #[must_use]
    pub fn of(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_by(f64::total_cmp);
        let at = |share| figures::quantile(&figures, share);
        Some(Self {
            count: figures.len(),
            median_ms: at(0.5)?,
            p95_ms: at(0.95)?,
            max_ms: at(1.0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_figures_that_were_measured() {
        let statistics = Statistics::of((1..=200).rev().map(f64::from).collect()).unwrap();
        let Statistics {
            count,
            median_ms,
            p95_ms,
            max_ms,
        } = statistics;
        assert_eq!((count, median_ms, p95_ms, max_ms), (200, 100.0, 190.0, 200.0));
        assert_eq!(Statistics::of(vec![7.0]).unwrap().p95_ms, 7.0);
        assert_eq!(Statistics::of(Vec::new()), None);
    }
}
