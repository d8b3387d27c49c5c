//! The axes of charts: where they end, their grid, and its words.

use egui_plot::GridMark;

use super::curves::PoolCharts;
use super::quantity::{Quantity, Scale};

/// Returns the upper end of the axis for each quantity and unit.
pub(super) fn tops(pools: &[PoolCharts]) -> Vec<(Quantity, Scale, f64)> {
    let mut tops: Vec<(Quantity, Scale, f64)> = Vec::new();
    for chart in pools.iter().flat_map(|pool| &pool.charts) {
        let values = chart
            .curves
            .iter()
            .flat_map(|curve| curve.values.iter().flatten());
        let highest = values.fold(0.0, |highest: f64, value| highest.max(*value));
        let top = match chart.quantity {
            Quantity::Load => 1.0,
            _ => round_top((highest * 1.05).max(chart.scale.least_top())),
        };
        let same = |(quantity, scale, _): &&mut (Quantity, Scale, f64)| {
            (*quantity, *scale) == (chart.quantity, chart.scale)
        };
        match tops.iter_mut().find(same) {
            Some((_, _, known)) => *known = known.max(top),
            None => tops.push((chart.quantity, chart.scale, top)),
        }
    }
    tops
}

/// Returns the next round number: an axis that follows each value would never stand still.
fn round_top(highest: f64) -> f64 {
    let power = 10_f64.powf(highest.log10().floor());
    let steps = [1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let step = steps
        .into_iter()
        .find(|step| step * power >= highest * (1.0 - 1e-9));
    step.unwrap_or(10.0) * power
}

/// Returns the marks of a grid, at multiples of a round step of at least this length.
pub(super) fn marks_of(from: f64, to: f64, least: f64, is_time: bool) -> Vec<GridMark> {
    const SECONDS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0];
    let power = 10_f64.powf(least.max(1e-9).log10().floor());
    let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * power);
    let step = if is_time {
        SECONDS.into_iter().find(|step| *step >= least)
    } else {
        round.into_iter().find(|step| *step >= least * (1.0 - 1e-9))
    };
    let step_size = step.unwrap_or(least.max(1e-9));
    let first = (from / step_size).ceil() as i64;
    let last = (to / step_size + 1e-9).floor() as i64;
    (first..=last.min(first + 50))
        .map(|index| GridMark {
            value: index as f64 * step_size,
            step_size,
        })
        .collect()
}

/// Returns how long ago something was.
pub(super) fn seconds_ago(seconds: f64) -> String {
    let ago = -seconds;
    if ago < 0.5 {
        "now".to_owned()
    } else if ago >= 120.0 && ago % 60.0 == 0.0 {
        format!("\u{2212}{} min", ago / 60.0)
    } else {
        format!("\u{2212}{ago:.0} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(marks: &[GridMark]) -> Vec<f64> {
        marks.iter().map(|mark| mark.value).collect()
    }

    #[test]
    fn grids_have_round_values() {
        assert_eq!(
            values(&marks_of(-60.0, 0.0, 12.0, true)),
            [-60.0, -45.0, -30.0, -15.0, 0.0]
        );
        assert_eq!(
            values(&marks_of(0.0, 1.0, 0.25, false)),
            [0.0, 0.25, 0.5, 0.75, 1.0]
        );
        assert_eq!(values(&marks_of(0.0, 800.0, 266.0, false)), [0.0, 500.0]);
        assert!(marks_of(0.0, f64::MAX, 1.0, false).len() <= 51);
    }

    #[test]
    fn times_are_told_as_they_are_spoken() {
        assert_eq!(seconds_ago(0.0), "now");
        assert_eq!(seconds_ago(-15.0), "\u{2212}15 s");
        assert_eq!(seconds_ago(-90.0), "\u{2212}90 s");
        assert_eq!(seconds_ago(-300.0), "\u{2212}5 min");
    }

    #[test]
    fn axes_end_at_round_numbers() {
        for (highest, top) in [
            (1.0, 1.0),
            (1.04, 1.25),
            (7.1, 8.0),
            (93_000.0, 100_000.0),
            (0.012, 0.0125),
        ] {
            assert!(
                (round_top(highest) / top - 1.0).abs() < 1e-9,
                "{highest}: {}",
                round_top(highest)
            );
        }
    }
}
