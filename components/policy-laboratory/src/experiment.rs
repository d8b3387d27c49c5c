//! Experiments: policies compared, over one parameter if wanted, with several seeds.

use std::ops::Range;

use crate::{Measure, Parameter, Parameters, PolicyChoice, Unusable};

/// What is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// The name for people.
    pub name: String,
    /// What it shows; may be empty.
    pub description: String,
    /// The parameters; the varied one is set for each point.
    pub parameters: Parameters,
    /// The policies to compare.
    pub policies: Vec<PolicyChoice>,
    /// The parameter that is varied, if one is.
    pub sweep: Option<Sweep>,
    /// The number of runs of each point with each policy.
    pub seeds: u32,
    /// The seed of the first run; each further one has the next number.
    pub first_seed: u64,
    /// The results to show first.
    pub show: Vec<Measure>,
}

/// A parameter, and the values that it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// The parameter.
    pub parameter: Parameter,
    /// Its values.
    pub values: Vec<f64>,
}

/// One combination of a policy and a value of the varied parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The index of the policy.
    pub policy: usize,
    /// The value of the varied parameter, if there is one.
    pub value: Option<f64>,
    /// All parameters.
    pub parameters: Parameters,
}

impl Experiment {
    /// The maximum number of policies.
    pub const MOST_POLICIES: usize = 16;
    /// The maximum number of values of the varied parameter.
    pub const MOST_VALUES: usize = 200;
    /// The maximum number of seeds.
    pub const MOST_SEEDS: u32 = 10_000;
    /// The maximum number of runs in all; the results of each are kept.
    pub const MOST_RUNS: usize = 200_000;

    /// Returns all points, those of a policy one after the other.
    ///
    /// # Errors
    /// Returns an error if something about them cannot be simulated.
    pub fn points(&self) -> Result<Vec<Point>, Unusable> {
        self.check_numbers()?;
        let values: Vec<Option<f64>> = match &self.sweep {
            Some(sweep) => sweep.values.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        let policies = 0..self.policies.len();
        let combinations = policies.flat_map(|policy| values.iter().map(move |value| (policy, *value)));
        combinations
            .map(|(policy, value)| {
                let mut parameters = self.parameters.clone();
                if let (Some(sweep), Some(value)) = (&self.sweep, value) {
                    let unusable = |error| Unusable(format!("{}: {error}", sweep.parameter));
                    parameters.set(sweep.parameter, value).map_err(unusable)?;
                }
                Ok(Point {
                    policy,
                    value,
                    parameters,
                })
            })
            .collect()
    }

    /// Returns the seeds.
    #[must_use]
    pub fn seeds(&self) -> Range<u64> {
        self.first_seed..self.first_seed.saturating_add(self.seeds.into())
    }

    fn check_numbers(&self) -> Result<(), Unusable> {
        let unusable = |what: String| Err(Unusable(what));
        let policies = self.policies.len();
        if !(1..=Self::MOST_POLICIES).contains(&policies) {
            let most = Self::MOST_POLICIES;
            return unusable(format!(
                "policies: {policies} are given; 1 to {most} can be compared"
            ));
        }
        let repeated = |index: usize| self.policies[..index].contains(&self.policies[index]);
        if let Some(index) = (0..policies).find(|index| repeated(*index)) {
            return unusable(format!("policies: {} is given twice", self.policies[index]));
        }
        if !(1..=Self::MOST_SEEDS).contains(&self.seeds) {
            return unusable(format!("seeds: {} is not 1 to {}", self.seeds, Self::MOST_SEEDS));
        }
        if self.first_seed.checked_add(self.seeds.into()).is_none() {
            return unusable(format!("first-seed: {} is too large", self.first_seed));
        }
        if let Some(sweep) = &self.sweep {
            let values = sweep.values.len();
            if !(1..=Self::MOST_VALUES).contains(&values) {
                let most = Self::MOST_VALUES;
                return unusable(format!(
                    "sweep.values: {values} are given; 1 to {most} are possible"
                ));
            }
        }
        let values = self.sweep.as_ref().map_or(1, |sweep| sweep.values.len());
        let runs = policies * values * self.seeds as usize;
        if runs > Self::MOST_RUNS {
            let most = Self::MOST_RUNS;
            return unusable(format!(
                "seeds: with {policies} policies and {values} values there are {runs} runs; {most} are possible"
            ));
        }
        if self.parameters.request_sizes().is_none() {
            return unusable("parameters.request-distribution: it has no finite mean".into());
        }
        if self.parameters.request_intervals().is_none() {
            return unusable("parameters.interval-distribution: it has no finite mean".into());
        }
        Ok(())
    }
}

/// The base set-up of the literature, with the policies that it compares.
impl Default for Experiment {
    fn default() -> Self {
        let policies = ["least-used", "round-robin", "random"];
        Self {
            name: "Base set-up".into(),
            description: String::new(),
            parameters: Parameters::default(),
            policies: policies.iter().flat_map(|policy| policy.parse()).collect(),
            sweep: None,
            seeds: 24,
            first_seed: 1,
            show: vec![Measure::HandlingSpeed],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_all_combinations() {
        let experiment = Experiment {
            sweep: Some(Sweep {
                parameter: Parameter::Utilisation,
                values: vec![0.5, 0.9],
            }),
            ..Experiment::default()
        };
        let points = experiment.points().unwrap();
        let combinations: Vec<_> = points.iter().map(|point| (point.policy, point.value)).collect();
        let of = |policy| [(policy, Some(0.5)), (policy, Some(0.9))];
        assert_eq!(combinations, [of(0), of(1), of(2)].concat());
        assert_eq!(points[1].parameters.get(Parameter::Utilisation), 0.9);
        assert_eq!(experiment.seeds(), 1..25);
    }

    #[test]
    fn what_cannot_be_simulated_is_refused_with_its_place() {
        let refused = |change: fn(&mut Experiment)| {
            let mut experiment = Experiment::default();
            change(&mut experiment);
            experiment.points().unwrap_err().to_string()
        };
        assert!(refused(|e| e.policies.clear()).starts_with("policies: 0 are given"));
        let twice = refused(|e| e.policies.push(e.policies[0].clone()));
        assert_eq!(twice, "policies: least-used is given twice");
        assert!(refused(|e| e.seeds = 0).starts_with("seeds: 0"));
        let many = refused(|e| {
            e.seeds = Experiment::MOST_SEEDS;
            e.sweep = Some(Sweep {
                parameter: Parameter::Utilisation,
                values: vec![0.5; 7],
            });
        });
        assert!(many.contains("there are 210000 runs"), "{many}");
        let sweep = refused(|e| {
            e.sweep = Some(Sweep {
                parameter: Parameter::Items,
                values: vec![0.5],
            });
        });
        assert!(sweep.starts_with("items: 0.5 is not a whole number"), "{sweep}");
        let endless = refused(|e| {
            e.parameters.request_distribution = calc_app::Distribution::Pareto {
                minimum: 1.0,
                shape: 1.0,
            };
        });
        assert!(endless.contains("request-distribution"), "{endless}");
    }
}
