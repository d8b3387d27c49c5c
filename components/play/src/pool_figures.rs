//! Evaluates conditions about figures of pools, measured since the latest step.

use std::time::Duration;

use feed::{ComponentRole, WorkUnit};
use model::{Grid, PoolSpan, Speed};
use scenario::{MEASURED_OVER_S, PoolFigure, PoolsCompared, WorkShare};
use wire::PoolHandle;

use crate::duration;
use crate::evaluate::{EvaluationContext, within};
use crate::policy_change::members;

impl EvaluationContext<'_> {
    pub(super) fn utilisation(&self, wanted: &PoolFigure) -> bool {
        self.figure(wanted, |span| {
            span.utilisation().map(|utilisation| utilisation.share())
        })
    }

    pub(super) fn handling_speed(&self, wanted: &PoolFigure) -> bool {
        self.figure(wanted, |span| match span.speed(WorkUnit::Calculations) {
            Some(Speed::OfCapacity(share)) => Some(share),
            _ => None,
        })
    }

    pub(super) fn is_faster(&self, wanted: &PoolsCompared) -> bool {
        let speed = |pool: &PoolHandle| {
            let span = self.span(pool, wanted.over_s)?;
            span.speed(WorkUnit::Calculations).map(Speed::value)
        };
        let speeds = speed(&wanted.pool).zip(speed(&wanted.than));
        speeds.is_some_and(|(this, that)| this >= that * wanted.times.unwrap_or(1.0))
    }

    /// Returns whether pool elements have done a share of the work of their pool within a range.
    pub(super) fn work_share(&self, wanted: &WorkShare) -> bool {
        let chosen = self.select(&wanted.of);
        let pools = chosen.iter().map(|element| element.spec.args.pool_handle());
        let Some(Some(pool)) = pools.reduce(|one, other| if one == other { one } else { None }) else {
            return false;
        };
        let Some(grid) = self.grid(wanted.over_s) else {
            return false;
        };
        let work = |id| {
            let track = self.model.history.track(id)?;
            track.spans(grid).next()?.work_per_second()
        };
        let whole: f64 = members(self.model, &pool)
            .filter_map(|member| work(member.id))
            .sum();
        let part: f64 = chosen.iter().filter_map(|element| work(element.id)).sum();
        let are_elements = chosen
            .iter()
            .all(|element| element.role() == ComponentRole::PoolElement);
        are_elements && whole > 0.0 && within(100.0 * part / whole, wanted.at_least, wanted.at_most)
    }

    fn figure(&self, wanted: &PoolFigure, share: impl Fn(&PoolSpan) -> Option<f64>) -> bool {
        let span = self.span(&wanted.pool, wanted.over_s);
        let share = span.and_then(|span| share(&span));
        share.is_some_and(|share| within(100.0 * share, wanted.at_least, wanted.at_most))
    }

    /// Returns what a pool did since the latest step, once that is long enough ago.
    fn span(&self, pool: &PoolHandle, over_s: Option<f64>) -> Option<PoolSpan> {
        let grid = self.grid(over_s)?;
        Some(
            self.model
                .history
                .pool_span(pool, grid.begin, grid.begin + grid.step),
        )
    }

    fn grid(&self, over_s: Option<f64>) -> Option<Grid> {
        let step = self.now - self.mark;
        let least = duration(over_s.unwrap_or(MEASURED_OVER_S)).max(Duration::from_millis(1));
        (step >= least).then_some(Grid {
            begin: self.mark,
            step,
            count: 1,
        })
    }
}
