//! Figures over many events.

use serde::Serialize;

/// A figure over all its events, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Statistics {
    /// Events.
    pub count: usize,
    /// Half of them are not above this.
    pub median_ms: f64,
    /// 95 percent of them are not above this.
    pub p95_ms: f64,
    /// None of them is above this.
    pub max_ms: f64,
}

impl Statistics {
    /// The statistics of figures; `None` if there are none.
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
