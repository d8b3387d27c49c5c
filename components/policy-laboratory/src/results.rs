//! The results of an experiment, complete or not.

use crate::experiment::Point;
use crate::limits::Limit;
use crate::{Estimate, Experiment, Measure, Outcome, Unusable};

/// The results of the runs of an experiment that have ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    experiment: Experiment,
    points: Vec<Point>,
    /// By point, then by seed.
    outcomes: Vec<Vec<Option<Outcome>>>,
}

impl Results {
    /// Creates the results of an experiment of which nothing has run yet.
    ///
    /// # Errors
    /// Returns an error if it cannot be simulated.
    pub fn new(experiment: Experiment) -> Result<Self, Unusable> {
        let points = experiment.points()?;
        let seeds = experiment.seeds as usize;
        Ok(Self {
            outcomes: vec![vec![None; seeds]; points.len()],
            points,
            experiment,
        })
    }

    /// Returns the experiment.
    #[must_use]
    pub const fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Returns all points, those of a policy one after the other.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Returns the number of all runs.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.points.len() * self.experiment.seeds as usize
    }

    /// Returns the number of runs that have ended.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.outcomes.iter().flatten().flatten().count()
    }

    /// Returns the outcomes of a point that exist, with their seeds.
    pub fn outcomes(&self, point: usize) -> impl Iterator<Item = (u64, &Outcome)> {
        let outcomes = self.outcomes.get(point).into_iter().flatten();
        let seeded = self.experiment.seeds().zip(outcomes);
        seeded.filter_map(|(seed, outcome)| Some((seed, outcome.as_ref()?)))
    }

    /// Returns the mean of a measure at a point; `None` if it does not exist there.
    #[must_use]
    pub fn estimate(&self, point: usize, measure: Measure) -> Option<Estimate> {
        let outcomes = self.outcomes.get(point)?.iter().flatten();
        Estimate::of(outcomes.map(|outcome| outcome.get(measure)))
    }

    /// Returns the points of a policy: the varied value, if there is one, and the mean of a measure.
    pub fn curve(&self, policy: usize, measure: Measure) -> impl Iterator<Item = (Option<f64>, Estimate)> {
        let points = self.points.iter().enumerate();
        let own = points.filter(move |(_, point)| point.policy == policy);
        own.filter_map(move |(index, point)| Some((point.value, self.estimate(index, measure)?)))
    }

    /// Returns where theory has a limit of a measure, which is the same for all policies: the varied value, if there is
    /// one, and the limit.
    pub fn limit_curve(&self, limit: Limit, measure: Measure) -> impl Iterator<Item = (Option<f64>, f64)> {
        // The points of one policy have all varied values.
        let points = self.points.iter().filter(|point| point.policy == 0);
        points.filter_map(move |point| Some((point.value, limit.of(&point.parameters, measure)?)))
    }

    /// Records the outcome of a run.
    pub(crate) fn insert(&mut self, run: RunIndex, outcome: Outcome) {
        let runs = self.outcomes.get_mut(run.point);
        if let Some(slot) = runs.and_then(|runs| runs.get_mut(run.seed)) {
            *slot = Some(outcome);
        }
    }
}

/// One run: the indices of its point and of its seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunIndex {
    pub(crate) point: usize,
    pub(crate) seed: usize,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Parameter, Sweep};

    /// Results of two policies at two values with two seeds, whose handling speeds are easy to tell.
    pub(crate) fn invented() -> Results {
        let experiment = Experiment {
            policies: ["least-used", "random"]
                .iter()
                .flat_map(|policy| policy.parse())
                .collect(),
            sweep: Some(Sweep {
                parameter: Parameter::Utilisation,
                values: vec![0.5, 0.8],
            }),
            seeds: 2,
            ..Experiment::default()
        };
        let mut results = Results::new(experiment).unwrap();
        for point in 0..4 {
            for seed in 0..2 {
                let speed = 80.0 - 10.0 * point as f64 + seed as f64;
                let outcome = Outcome::of(|measure| match measure {
                    Measure::HandlingSpeed => Some(speed),
                    Measure::Utilisation => Some(50.0),
                    _ => None,
                });
                results.insert(RunIndex { point, seed }, outcome);
            }
        }
        results
    }

    /// Results of three policies with two seeds.
    pub(crate) fn without_sweep() -> Results {
        let experiment = Experiment {
            seeds: 2,
            ..Experiment::default()
        };
        let mut results = Results::new(experiment).unwrap();
        for point in 0..3 {
            for seed in 0..2 {
                let speed = 60.0 - 20.0 * point as f64 + seed as f64;
                let outcome = Outcome::of(|_| Some(speed));
                results.insert(RunIndex { point, seed }, outcome);
            }
        }
        results
    }

    #[test]
    fn a_curve_has_the_points_of_its_policy() {
        let results = invented();
        let curve: Vec<_> = results.curve(1, Measure::HandlingSpeed).collect();
        let means: Vec<_> = curve
            .iter()
            .map(|(value, estimate)| (value.unwrap(), estimate.mean))
            .collect();
        assert_eq!(means, [(0.5, 60.5), (0.8, 50.5)]);
        assert_eq!(results.curve(0, Measure::FailoverTime).count(), 0);
        assert_eq!((results.ended(), results.runs()), (8, 8));
    }

    #[test]
    fn incomplete_results_have_means_of_what_there_is() {
        let whole = invented();
        let mut part = Results::new(whole.experiment.clone()).unwrap();
        part.insert(
            RunIndex { point: 3, seed: 1 },
            whole.outcomes[3][1].clone().unwrap(),
        );
        let estimate = part.estimate(3, Measure::HandlingSpeed).unwrap();
        assert_eq!((estimate.mean, estimate.runs, part.ended()), (51.0, 1, 1));
        assert_eq!(part.estimate(0, Measure::HandlingSpeed), None);
        assert_eq!(part.outcomes(3).map(|(seed, _)| seed).collect::<Vec<_>>(), [2]);
    }
}
