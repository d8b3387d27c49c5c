//! What the lines of a panel mean.

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::panel::{dashes, limit_style, mark};
use super::{ChartError, FONT, colour};
use crate::limits::Limit;
use crate::{Measure, Results};

const TOP: i32 = 24;
const LINE: i32 = 22;
/// The length of a sample of a line.
const SAMPLE: i32 = 24;

/// Draws the legend of a panel: the theoretical limits, and the policies unless their bars have names.
pub(super) fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    results: &Results,
    measure: Measure,
) -> Result<(), ChartError> {
    let style = (FONT, 14).into_font().color(&BLACK);
    let mut y = TOP;
    let name = |text: &str, y: i32| {
        area.draw_text(text, &style, (SAMPLE + 8, y - 8))
            .map_err(ChartError::of)
    };
    if results.experiment().sweep.is_some() {
        for (policy, choice) in results.experiment().policies.iter().enumerate() {
            let line = PathElement::new([(0, y), (SAMPLE, y)], colour(policy).stroke_width(2));
            area.draw(&line).map_err(ChartError::of)?;
            let mark = EmptyElement::at((SAMPLE / 2, y)) + mark(policy);
            area.draw(&mark).map_err(ChartError::of)?;
            name(choice.short_name(), y)?;
            y += LINE;
        }
    }
    for limit in Limit::ALL {
        if results.limit_curve(limit, measure).next().is_some() {
            let (dash, gap) = dashes(limit);
            let line = DashedPathElement::new([(0, y), (SAMPLE, y)], dash, gap, limit_style());
            area.draw(&line).map_err(ChartError::of)?;
            name(limit.name(), y)?;
            y += LINE;
        }
    }
    Ok(())
}
