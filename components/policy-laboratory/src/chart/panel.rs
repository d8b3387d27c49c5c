//! One measure.

use std::f64::consts::TAU;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{ChartError, FONT, colour};
use crate::limits::Limit;
use crate::table::{rounded, with_interval};
use crate::{Axis, Estimate, Measure, Results};

type Plane<'a, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Half the width of a bar; the distance between bars is 1.
const HALF_BAR: f64 = 0.35;
const RADIUS_OF_MARKS: f64 = 5.0;

/// Draws a measure: over the varied parameter, or for each policy.
pub(super) fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    results: &Results,
    measure: Measure,
) -> Result<(), ChartError> {
    let experiment = results.experiment();
    let sweep = experiment.sweep.as_ref();
    let axis = sweep.and_then(|sweep| Axis::of(&sweep.values));
    let (left, right) = match &axis {
        Some(axis) => axis.range(),
        None => (-0.6, experiment.policies.len() as f64 - 0.4),
    };
    let room = if axis.is_some() { 1.08 } else { 1.25 };
    let Some(top) = highest(results, measure).map(|highest| highest * room) else {
        let style = (FONT, 15).into_font().color(&BLACK);
        let text = format!("{}: no results", measure.label());
        return area.draw_text(&text, &style, (16, 16)).map_err(ChartError::of);
    };
    let mut plane = ChartBuilder::on(area)
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(64)
        .build_cartesian_2d(left..right, 0.0..top)
        .map_err(ChartError::of)?;
    let name = |place: f64| match &axis {
        Some(axis) => axis.label(place),
        None => String::new(),
    };
    let x_name = sweep.map_or_else(String::new, |sweep| sweep.parameter.label_with_unit());
    plane
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(if axis.is_some() { 0.12 } else { 0.0 }))
        .label_style((FONT, 14))
        .axis_desc_style((FONT, 15))
        .x_desc(x_name)
        .y_desc(measure.label_with_unit())
        .x_labels(if axis.is_some() { 10 } else { 0 })
        .x_label_formatter(&|place| name(*place))
        .y_label_formatter(&|value| rounded(*value))
        .draw()
        .map_err(ChartError::of)?;
    for limit in Limit::ALL {
        draw_limit(
            &mut plane,
            results,
            (limit, measure),
            axis.as_ref(),
            (left, right),
        )?;
    }
    for (policy, choice) in experiment.policies.iter().enumerate() {
        let curve: Vec<_> = results.curve(policy, measure).collect();
        match &axis {
            Some(axis) => {
                let place =
                    |(value, estimate): &(Option<f64>, Estimate)| Some((axis.place((*value)?), *estimate));
                let points: Vec<_> = curve.iter().filter_map(place).collect();
                draw_curve(&mut plane, policy, &points)?;
            }
            None => {
                let estimates = curve.into_iter().map(|(_, estimate)| estimate);
                for estimate in estimates {
                    draw_bar(&mut plane, policy, choice.short_name(), &estimate)?;
                }
            }
        }
    }
    Ok(())
}

/// Returns the upper end of the scale; `None` if there is nothing to draw.
fn highest(results: &Results, measure: Measure) -> Option<f64> {
    let policies = 0..results.experiment().policies.len();
    let estimates = policies.flat_map(|policy| {
        results
            .curve(policy, measure)
            .map(|(_, estimate)| estimate.high())
    });
    let limits = Limit::ALL
        .into_iter()
        .flat_map(|limit| results.limit_curve(limit, measure));
    let highest = estimates.reduce(f64::max)?;
    let highest = limits.map(|(_, limit)| limit).fold(highest, f64::max);
    Some(if highest > 0.0 { highest } else { 1.0 })
}

fn draw_limit<B: DrawingBackend>(
    plane: &mut Plane<'_, B>,
    results: &Results,
    (limit, measure): (Limit, Measure),
    axis: Option<&Axis>,
    (left, right): (f64, f64),
) -> Result<(), ChartError> {
    let place = |varied| axis.zip(varied).map_or(0.0, |(axis, varied)| axis.place(varied));
    let points = results.limit_curve(limit, measure);
    let points: Vec<(f64, f64)> = points.map(|(varied, value)| (place(varied), value)).collect();
    let points = match (axis, points.as_slice()) {
        (_, []) => return Ok(()),
        (None, [(_, value), ..]) => vec![(left, *value), (right, *value)],
        (Some(_), _) => points,
    };
    let (dash, gap) = dashes(limit);
    let line = DashedLineSeries::new(points, dash, gap, limit_style());
    plane.draw_series(line).map_err(ChartError::of)?;
    Ok(())
}

/// Returns the lengths of a limit's dashes and of the gaps between them.
pub(super) const fn dashes(limit: Limit) -> (i32, i32) {
    match limit {
        Limit::CentralQueue => (8, 4),
        Limit::ProcessorSharing => (2, 4),
    }
}

/// Returns the style of limits.
pub(super) fn limit_style() -> ShapeStyle {
    BLACK.mix(0.6).stroke_width(2)
}

fn draw_curve<B: DrawingBackend>(
    plane: &mut Plane<'_, B>,
    policy: usize,
    points: &[(f64, Estimate)],
) -> Result<(), ChartError> {
    let colour = colour(policy);
    let upper = points.iter().map(|(place, estimate)| (*place, estimate.high()));
    let lower = points
        .iter()
        .rev()
        .map(|(place, estimate)| (*place, estimate.low().max(0.0)));
    let band: Vec<_> = upper.chain(lower).collect();
    let band = Polygon::new(band, colour.mix(0.2));
    plane.draw_series([band]).map_err(ChartError::of)?;
    let means = points.iter().map(|(place, estimate)| (*place, estimate.mean));
    plane
        .draw_series(LineSeries::new(means.clone(), colour.stroke_width(2)))
        .map_err(ChartError::of)?;
    let marks = means.map(|place| EmptyElement::at(place) + mark(policy));
    plane.draw_series(marks).map_err(ChartError::of)?;
    Ok(())
}

/// Returns a policy's mark: of three shapes, so that colour is not all that tells policies apart.
pub(super) fn mark(policy: usize) -> Polygon<(i32, i32)> {
    let corners = [16, 3, 4][policy % 3];
    let corner = |number: i32| {
        let angle = f64::from(number) / f64::from(corners) * TAU;
        let offset = |part: f64| (part * RADIUS_OF_MARKS).round() as i32;
        (offset(angle.sin()), offset(-angle.cos()))
    };
    let corners: Vec<_> = (0..corners).map(corner).collect();
    Polygon::new(corners, colour(policy).filled())
}

fn draw_bar<B: DrawingBackend>(
    plane: &mut Plane<'_, B>,
    policy: usize,
    name: &str,
    estimate: &Estimate,
) -> Result<(), ChartError> {
    let colour = colour(policy);
    let middle = policy as f64;
    let bar = Rectangle::new(
        [(middle - HALF_BAR, 0.0), (middle + HALF_BAR, estimate.mean)],
        colour.mix(0.75).filled(),
    );
    plane.draw_series([bar]).map_err(ChartError::of)?;
    let line = |from, to| PathElement::new([from, to], BLACK.stroke_width(2));
    let (low, high) = (estimate.low().max(0.0), estimate.high());
    let interval = [
        line((middle, low), (middle, high)),
        line((middle - 0.08, low), (middle + 0.08, low)),
        line((middle - 0.08, high), (middle + 0.08, high)),
    ];
    plane.draw_series(interval).map_err(ChartError::of)?;
    let style = (FONT, 15).into_font().color(&BLACK);
    let style = style.pos(Pos::new(HPos::Center, VPos::Bottom));
    let texts = [(-22, name.to_owned()), (-4, with_interval(estimate))];
    let texts = texts
        .map(|(above, text)| EmptyElement::at((middle, high)) + Text::new(text, (0, above), style.clone()));
    plane.draw_series(texts).map_err(ChartError::of)?;
    Ok(())
}
