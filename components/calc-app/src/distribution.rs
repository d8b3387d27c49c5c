//! The distributions of request sizes and intervals.

use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;

use rand::{Rng, RngExt};

/// A distribution of numbers that are not negative.
///
/// As text it is the name and the parameters in the order given here, such as `exponential:1e7` or `uniform:1:5`; a
/// mere number is a constant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// `constant:VALUE`: always the same.
    Constant(f64),
    /// `exponential:MEAN`: negative exponential, thus without memory.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// `uniform:MINIMUM:MAXIMUM`: everything in between is equally likely.
    Uniform {
        /// The smallest value.
        minimum: f64,
        /// The largest value.
        maximum: f64,
    },
    /// `pareto:MINIMUM:SHAPE`: few values make up most of the sum. The mean is infinite for shapes up to 1.
    Pareto {
        /// The smallest value.
        minimum: f64,
        /// The shape: the smaller, the heavier the tail.
        shape: f64,
    },
    /// `erlang:STAGES:MEAN`: the sum of that many exponential stages; the more stages, the more regular.
    Erlang {
        /// The number of stages, 1 to [`Distribution::MOST_STAGES`].
        stages: u32,
        /// The mean of the sum.
        mean: f64,
    },
    /// `lognormal:MEAN:DEVIATION`: the logarithm is normally distributed.
    LogNormal {
        /// The mean of the values, not of their logarithms.
        mean: f64,
        /// The standard deviation of the values.
        deviation: f64,
    },
}

/// Why a text or its parameters are no distribution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDistribution {
    /// The name is unknown.
    #[error(
        "there is no distribution {0:?}; there are constant:VALUE, exponential:MEAN, uniform:MINIMUM:MAXIMUM, \
         pareto:MINIMUM:SHAPE, erlang:STAGES:MEAN and lognormal:MEAN:DEVIATION"
    )]
    Name(String),
    /// The number of parameters is wrong.
    #[error("{form} has these parameters, separated by colons; {given} are given")]
    Parameters {
        /// The form expected.
        form: &'static str,
        /// How many there are.
        given: usize,
    },
    /// Something is not a number, or not a finite one.
    #[error("{0:?} is not a finite number")]
    Number(String),
    /// A parameter has an impossible value.
    #[error("{0}")]
    Value(&'static str),
}

impl Distribution {
    /// The maximum number of stages of an Erlang distribution; more are hardly distinguishable from a constant.
    pub const MOST_STAGES: u32 = 1000;

    /// Returns the mean; `None` if it is infinite.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        match *self {
            Self::Constant(value) => Some(value),
            Self::Exponential { mean } | Self::Erlang { mean, .. } | Self::LogNormal { mean, .. } => {
                Some(mean)
            }
            // So that the sum does not overflow.
            Self::Uniform { minimum, maximum } => Some(minimum / 2.0 + maximum / 2.0),
            Self::Pareto { minimum, shape } => (shape > 1.0).then(|| minimum * shape / (shape - 1.0)),
        }
    }

    /// Draws a value. It is not negative; it may be infinite if a parameter is close to the largest number.
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        match *self {
            Self::Constant(value) => value,
            Self::Exponential { mean } => exponential(rng) * mean,
            Self::Uniform { minimum, maximum } => {
                let fraction: f64 = rng.random();
                minimum + (maximum - minimum) * fraction
            }
            Self::Pareto { minimum, shape } => minimum * (exponential(rng) / shape).exp(),
            Self::Erlang { stages, mean } => {
                let sum: f64 = (0..stages).map(|_| exponential(rng)).sum();
                sum * mean / f64::from(stages)
            }
            Self::LogNormal { mean, deviation } => {
                if mean <= 0.0 {
                    return 0.0;
                }
                let variance = (deviation / mean).powi(2).ln_1p();
                mean * (variance.sqrt() * normal(rng) - variance / 2.0).exp()
            }
        }
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// Returns an error if a parameter is not finite, negative, or impossible for the distribution.
    pub fn checked(self) -> Result<Self, InvalidDistribution> {
        let numbers = match self {
            Self::Constant(value) => [value, 0.0],
            Self::Exponential { mean } | Self::Erlang { mean, .. } => [mean, 0.0],
            Self::Uniform { minimum, maximum } => [minimum, maximum],
            Self::Pareto { minimum, shape } => [minimum, shape],
            Self::LogNormal { mean, deviation } => [mean, deviation],
        };
        if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
            return Err(InvalidDistribution::Number(number.to_string()));
        }
        if numbers.iter().any(|number| *number < 0.0) {
            return Err(InvalidDistribution::Value("no parameter may be negative"));
        }
        match self {
            Self::Uniform { minimum, maximum } if minimum > maximum => Err(InvalidDistribution::Value(
                "the minimum must not be above the maximum",
            )),
            Self::Pareto { shape, .. } if shape <= 0.0 => {
                Err(InvalidDistribution::Value("the shape must be above 0"))
            }
            Self::Erlang { stages, .. } if !(1..=Self::MOST_STAGES).contains(&stages) => {
                Err(InvalidDistribution::Value("the stages may be 1 to 1000"))
            }
            _ => Ok(self),
        }
    }
}

/// Draws from the exponential distribution with mean 1.
fn exponential<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    let uniform: f64 = rng.random();
    // 0 is among the random numbers, 1 is not.
    -(1.0 - uniform).ln()
}

/// Draws from the standard normal distribution, by the transformation of Box and Muller.
fn normal<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    let angle: f64 = rng.random();
    (2.0 * exponential(rng)).sqrt() * (TAU * angle).cos()
}

/// Formats the distribution as text that reads back as the same one.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => value.fmt(f),
            Self::Exponential { mean } => write!(f, "exponential:{mean}"),
            Self::Uniform { minimum, maximum } => write!(f, "uniform:{minimum}:{maximum}"),
            Self::Pareto { minimum, shape } => write!(f, "pareto:{minimum}:{shape}"),
            Self::Erlang { stages, mean } => write!(f, "erlang:{stages}:{mean}"),
            Self::LogNormal { mean, deviation } => write!(f, "lognormal:{mean}:{deviation}"),
        }
    }
}

impl FromStr for Distribution {
    type Err = InvalidDistribution;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(value) = text.parse() {
            return Self::Constant(value).checked();
        }
        let mut words = text.split(':');
        let name = words.next().unwrap_or_default();
        let form = match name {
            "constant" => "constant:VALUE",
            "exponential" => "exponential:MEAN",
            "uniform" => "uniform:MINIMUM:MAXIMUM",
            "pareto" => "pareto:MINIMUM:SHAPE",
            "erlang" => "erlang:STAGES:MEAN",
            "lognormal" => "lognormal:MEAN:DEVIATION",
            unknown => return Err(InvalidDistribution::Name(unknown.into())),
        };
        let number = |word: &str| {
            word.parse::<f64>()
                .map_err(|_| InvalidDistribution::Number(word.into()))
        };
        let parameters = words.map(number).collect::<Result<Vec<f64>, _>>()?;
        let distribution = match (name, parameters.as_slice()) {
            ("constant", &[value]) => Self::Constant(value),
            ("exponential", &[mean]) => Self::Exponential { mean },
            ("uniform", &[minimum, maximum]) => Self::Uniform { minimum, maximum },
            ("pareto", &[minimum, shape]) => Self::Pareto { minimum, shape },
            ("erlang", &[stages, mean]) => {
                if stages.fract() != 0.0 {
                    return Err(InvalidDistribution::Value("the stages are counted"));
                }
                // Saturates, and is checked below.
                let stages = stages as u32;
                Self::Erlang { stages, mean }
            }
            ("lognormal", &[mean, deviation]) => Self::LogNormal { mean, deviation },
            (_, given) => {
                let given = given.len();
                return Err(InvalidDistribution::Parameters { form, given });
            }
        };
        distribution.checked()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    const ALL: [Distribution; 6] = [
        Distribution::Constant(2.5e6),
        Distribution::Exponential { mean: 1e7 },
        Distribution::Uniform {
            minimum: 10.0,
            maximum: 30.5,
        },
        Distribution::Pareto {
            minimum: 1e6,
            shape: 3.5,
        },
        Distribution::Erlang {
            stages: 4,
            mean: 0.125,
        },
        Distribution::LogNormal {
            mean: 7.0,
            deviation: 3.0,
        },
    ];

    #[test]
    fn a_distribution_survives_printing_and_reading() {
        for distribution in ALL {
            assert_eq!(distribution.to_string().parse(), Ok(distribution));
        }
        assert_eq!("5e6".parse(), Ok(Distribution::Constant(5e6)));
    }

    /// The mean of 100,000 values lies within four standard errors of the stated one, which a correct generator
    /// misses once in 16,000 times, and these seeds do not.
    #[test]
    fn the_values_have_the_stated_mean() {
        const COUNT: usize = 100_000;
        for distribution in ALL {
            let mut rng = Pcg64Mcg::seed_from_u64(11);
            let values: Vec<f64> = (0..COUNT).map(|_| distribution.draw(&mut rng)).collect();
            let mean = values.iter().sum::<f64>() / COUNT as f64;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let error = (squares / COUNT as f64 / COUNT as f64).sqrt();
            let stated = distribution.mean().unwrap();
            assert!(
                (mean - stated).abs() <= 4.0 * error + 1e-9 * stated,
                "{distribution}: {mean} +- {error}"
            );
        }
    }

    /// Compares with the distribution functions, by the test of Kolmogorov and Smirnov on the level of 0.1 %.
    #[test]
    fn the_values_have_the_stated_distribution() {
        const COUNT: usize = 20_000;
        type Function = fn(f64) -> f64;
        let cases: [(&str, Function); 4] = [
            ("exponential:2", |x| 1.0 - (-x / 2.0).exp()),
            ("uniform:1:5", |x| (x - 1.0) / 4.0),
            ("pareto:3:1.5", |x| 1.0 - (3.0 / x).powf(1.5)),
            ("erlang:2:2", |x| 1.0 - (-x).exp() * (1.0 + x)),
        ];
        for (text, function) in cases {
            let distribution: Distribution = text.parse().unwrap();
            let mut rng = Pcg64Mcg::seed_from_u64(5);
            let mut values: Vec<f64> = (0..COUNT).map(|_| distribution.draw(&mut rng)).collect();
            values.sort_by(f64::total_cmp);
            let distance = values
                .iter()
                .enumerate()
                .map(|(index, value)| (function(*value) - (index as f64 + 0.5) / COUNT as f64).abs())
                .fold(0.0, f64::max);
            assert!(
                distance < 1.95 / (COUNT as f64).sqrt(),
                "{text}: distance {distance}"
            );
        }
    }

    #[test]
    fn a_heavy_tail_has_no_mean() {
        let heavy: Distribution = "pareto:1:1".parse().unwrap();
        assert_eq!(heavy.mean(), None);
    }

    #[test]
    fn what_is_no_distribution_is_refused_with_what_is_allowed() {
        for (text, hint) in [
            ("gauss:1:2", "exponential:MEAN"),
            ("", "exponential:MEAN"),
            ("exponential", "exponential:MEAN"),
            ("uniform:1", "uniform:MINIMUM:MAXIMUM"),
            ("uniform:2:1", "above the maximum"),
            ("exponential:-1", "negative"),
            ("exponential:nan", "finite"),
            ("-5", "negative"),
            ("inf", "finite"),
            ("exponential:much", "\"much\""),
            ("pareto:1:0", "shape"),
            ("erlang:0:1", "1 to 1000"),
            ("erlang:1e9:1", "1 to 1000"),
            ("erlang:1.5:1", "counted"),
        ] {
            let error = text.parse::<Distribution>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
