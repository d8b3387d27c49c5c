//! The requests that pool users make.

use calc_app::Distribution;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Returns the seed of the requests of a pool user, counted from 0, in the run with a seed. A pool user that is a real
/// process makes the same requests with it.
#[must_use]
pub fn request_seed(seed: u64, number: usize) -> u64 {
    let mut of_users = Pcg64Mcg::seed_from_u64(seed);
    let mut own = Pcg64Mcg::seed_from_u64(of_users.next_u64().wrapping_add(number as u64));
    own.next_u64()
}

/// Returns the distribution stretched to another mean; `None` if it has no mean, or one of 0.
pub(crate) fn with_mean(shape: Distribution, mean: f64) -> Option<Distribution> {
    let factor = mean / shape.mean().filter(|mean| *mean > 0.0)?;
    Some(match shape {
        Distribution::Constant(value) => Distribution::Constant(value * factor),
        Distribution::Exponential { mean } => Distribution::Exponential { mean: mean * factor },
        Distribution::Uniform { minimum, maximum } => Distribution::Uniform {
            minimum: minimum * factor,
            maximum: maximum * factor,
        },
        Distribution::Pareto { minimum, shape } => Distribution::Pareto {
            minimum: minimum * factor,
            shape,
        },
        Distribution::Erlang { stages, mean } => Distribution::Erlang {
            stages,
            mean: mean * factor,
        },
        Distribution::LogNormal { mean, deviation } => Distribution::LogNormal {
            mean: mean * factor,
            deviation: deviation * factor,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretched_distribution_keeps_its_shape() {
        for shape in [
            "constant:3",
            "exponential:1",
            "uniform:1:3",
            "pareto:2:1.5",
            "erlang:4:1",
            "lognormal:1:2",
        ] {
            let shape: Distribution = shape.parse().unwrap();
            let stretched = with_mean(shape, 1e7).unwrap();
            let mean = stretched.mean().unwrap();
            assert!((mean / 1e7 - 1.0).abs() < 1e-9, "{stretched}");
            let back = with_mean(stretched, shape.mean().unwrap()).unwrap();
            assert_eq!(back.to_string(), shape.to_string());
        }
        assert_eq!(with_mean(Distribution::Constant(0.0), 1.0), None);
        let endless = Distribution::Pareto {
            minimum: 1.0,
            shape: 1.0,
        };
        assert_eq!(with_mean(endless, 1.0), None);
    }
}
