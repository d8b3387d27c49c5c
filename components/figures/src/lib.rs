//! Statistics of measured values: the same in reports, measurements and on screen.
//!
//! This crate neither measures nor prints, and has no dependencies.

/// Returns the smallest value that is not exceeded by at least this share of the values; `None` if there are none.
///
/// This is the nearest rank: always a measured value, never an interpolated one. The values must be in ascending
/// order.
#[must_use]
pub fn quantile<T: Copy>(ascending: &[T], share: f64) -> Option<T> {
    let rank = (share * ascending.len() as f64).ceil() as usize;
    ascending.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_value_that_was_measured() {
        let values: Vec<u32> = (1..=200).collect();
        let quantiles = [0.0, 0.5, 0.95, 0.99, 1.0].map(|share| quantile(&values, share));
        assert_eq!(quantiles, [1, 100, 190, 198, 200].map(Some));
    }

    #[test]
    fn one_value_is_every_quantile_of_itself_and_none_has_none() {
        assert_eq!(
            [0.0, 0.5, 1.0].map(|share| quantile(&[7.5], share)),
            [Some(7.5); 3]
        );
        assert_eq!(quantile::<f64>(&[], 0.5), None);
    }
}
