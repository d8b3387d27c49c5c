//! The capacities of pool elements.

use std::fmt;
use std::str::FromStr;

/// How the capacities of the pool elements differ. Their mean is always the same, whatever the factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Capacities {
    /// All are equal.
    #[default]
    Equal,
    /// One has the factor times the capacity of each other.
    OneFast,
    /// They grow in equal steps, up to the factor times the smallest.
    Linear,
    /// Every other one has the factor times the capacity of the rest.
    Bimodal,
}

impl Capacities {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Equal, Self::OneFast, Self::Linear, Self::Bimodal];

    /// Returns the name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::OneFast => "one-fast",
            Self::Linear => "linear",
            Self::Bimodal => "bimodal",
        }
    }

    /// Returns the capacity of each of `count` pool elements, in calculations per second.
    #[must_use]
    pub fn of(self, count: usize, mean: f64, factor: f64) -> Vec<f64> {
        let share = |index: usize| match self {
            Self::Equal => 1.0,
            Self::OneFast => {
                if index == 0 {
                    factor
                } else {
                    1.0
                }
            }
            Self::Linear => {
                let steps = count.saturating_sub(1).max(1) as f64;
                1.0 + (factor - 1.0) * index as f64 / steps
            }
            Self::Bimodal => {
                if index.is_multiple_of(2) {
                    factor
                } else {
                    1.0
                }
            }
        };
        let shares: Vec<f64> = (0..count).map(share).collect();
        let sum: f64 = shares.iter().sum();
        let unit = mean * count as f64 / sum;
        shares.into_iter().map(|share| share * unit).collect()
    }
}

impl fmt::Display for Capacities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error for a text that is no such name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of equal, one-fast, linear and bimodal")]
pub struct UnknownCapacities(String);

impl FromStr for Capacities {
    type Err = UnknownCapacities;

    fn from_str(name: &str) -> Result<Self, UnknownCapacities> {
        let found = Self::ALL.into_iter().find(|capacities| capacities.name() == name);
        found.ok_or_else(|| UnknownCapacities(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_stays_and_the_factor_holds() {
        for (capacities, expected) in [
            (Capacities::Equal, [10.0, 10.0, 10.0, 10.0]),
            (Capacities::OneFast, [20.0, 20.0 / 3.0, 20.0 / 3.0, 20.0 / 3.0]),
            (Capacities::Linear, [5.0, 25.0 / 3.0, 35.0 / 3.0, 15.0]),
            (Capacities::Bimodal, [15.0, 5.0, 15.0, 5.0]),
        ] {
            let got = capacities.of(4, 10.0, 3.0);
            let near = got
                .iter()
                .zip(expected)
                .all(|(got, expected)| (got - expected).abs() < 1e-9);
            assert!(near, "{capacities}: {got:?}");
            assert_eq!(capacities.name().parse(), Ok(capacities));
        }
        assert_eq!(Capacities::Linear.of(1, 7.0, 3.0), [7.0]);
    }
}
