//! The results that are shown: computed once for each change of them, not for each frame.

use policy_laboratory::limits::Limit;
use policy_laboratory::{Axis, Estimate, Measure, Results, rows};

/// A measure of the results so far.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// What it was computed from: the experiment's number, the runs that have ended, and the measure.
    key: Option<(u64, usize, Measure)>,
    pub(super) measure: Option<Measure>,
    /// The name of the horizontal axis; empty if nothing is varied.
    pub(super) varied: String,
    pub(super) axis: Option<Axis>,
    pub(super) curves: Vec<Curve>,
    /// The theoretical limits, with their places.
    pub(super) limits: Vec<(Limit, Vec<[f64; 2]>)>,
    /// The largest value.
    pub(super) top: f64,
    /// The header and the rows of the table.
    pub(super) rows: Vec<Vec<String>>,
}

/// The results of one policy.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) name: String,
    /// The places and the means.
    pub(super) points: Vec<(f64, Estimate)>,
}

impl Shown {
    /// Computes what has changed.
    pub(super) fn update(&mut self, number: u64, results: &Results, measure: Measure) {
        let key = Some((number, results.ended(), measure));
        if key == self.key {
            return;
        }
        let experiment = results.experiment();
        let sweep = experiment.sweep.as_ref();
        let axis = sweep.and_then(|sweep| Axis::of(&sweep.values));
        let place = |policy: usize, value: Option<f64>| match (&axis, value) {
            (Some(axis), Some(value)) => axis.place(value),
            _ => policy as f64,
        };
        let curves = experiment
            .policies
            .iter()
            .enumerate()
            .map(|(policy, choice)| Curve {
                name: choice.short_name().to_owned(),
                points: results
                    .curve(policy, measure)
                    .map(|(value, estimate)| (place(policy, value), estimate))
                    .collect(),
            });
        let curves: Vec<Curve> = curves.collect();
        let limits = Limit::ALL.map(|limit| {
            let points = results.limit_curve(limit, measure);
            let places = points.map(|(varied, value)| [place(0, varied), value]);
            (limit, places.collect::<Vec<_>>())
        });
        let limits: Vec<_> = limits
            .into_iter()
            .filter(|(_, places)| !places.is_empty())
            .collect();
        let highest = curves
            .iter()
            .flat_map(|curve| &curve.points)
            .map(|(_, estimate)| estimate.high());
        let highest_limit = limits
            .iter()
            .flat_map(|(_, places)| places)
            .map(|[_, value]| *value);
        let top = highest.chain(highest_limit).fold(0.0, f64::max);
        *self = Self {
            key,
            measure: Some(measure),
            varied: sweep.map_or_else(String::new, |sweep| sweep.parameter.label_with_unit()),
            axis,
            curves,
            limits,
            top: if top > 0.0 { top } else { 1.0 },
            rows: rows(results, &table_measures(&experiment.show, measure)),
        };
    }
}

/// Returns the measures in the table: the drawn one, and those that the experiment names.
fn table_measures(named: &[Measure], drawn: Measure) -> Vec<Measure> {
    let others = named.iter().copied().filter(|measure| *measure != drawn);
    std::iter::once(drawn).chain(others).take(4).collect()
}
