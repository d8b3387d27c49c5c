//! The results as curves over the varied parameter, or as bars if none is varied.

use std::ops::RangeInclusive;

use egui::{Color32, Role, Stroke, Ui, WidgetInfo};
use egui_plot::{
    AxisHints, Bar, BarChart, ColorConflictHandling, GridMark, HLine, Legend, Line, LineStyle, MarkerShape,
    PlotBounds, PlotPoints, PlotUi, Points, Polygon,
};
use policy_laboratory::limits::Limit;
use policy_laboratory::{COLOURS, rounded, with_interval};

use super::shown::{Curve, Shown};
use crate::fixed_plot::fixed_plot;
use crate::theme::{Theme, fade, mix};

/// The room above the highest value, as a factor.
const HEAD_ROOM: f64 = 1.12;
/// The width of a bar; the distance between bars is 1.
const BAR: f64 = 0.7;

/// Draws the chart.
pub(super) fn chart_ui(ui: &mut Ui, shown: &Shown, height: f32) {
    let theme = Theme::of(ui);
    let dark = ui.visuals().dark_mode;
    let name = shown
        .measure
        .map_or_else(String::new, |measure| measure.label_with_unit());
    let axis = shown.axis;
    let names: Vec<String> = shown.curves.iter().map(|curve| curve.name.clone()).collect();
    let bar_name = move |place: f64| {
        let is_bar = (place - place.round()).abs() < 1e-6 && place > -0.5;
        let name = is_bar.then(|| names.get(place.round() as usize)).flatten();
        name.cloned().unwrap_or_default()
    };
    let place = move |mark: GridMark, _: &RangeInclusive<f64>| match axis {
        Some(axis) => axis.label(mark.value),
        None => bar_name(mark.value),
    };
    let x = AxisHints::new_x().label(shown.varied.as_str()).formatter(place);
    let y = AxisHints::new_y()
        .label(name.as_str())
        .formatter(|mark, _| rounded(mark.value));
    let (left, right) = match &axis {
        Some(axis) => axis.range(),
        None => (-0.6, shown.curves.len() as f64 - 0.4),
    };
    let top = shown.top * HEAD_ROOM;
    // What is drawn around a bar comes after it, and what is drawn around a curve before it.
    let colour = match axis {
        Some(_) => ColorConflictHandling::PickLast,
        None => ColorConflictHandling::PickFirst,
    };
    let mut plot = fixed_plot("laboratory chart", theme)
        .height(height)
        .legend(Legend::default().color_conflict_handling(colour))
        .custom_x_axes(vec![x])
        .custom_y_axes(vec![y]);
    if axis.is_none() {
        let marks = shown.curves.len();
        plot = plot.x_grid_spacer(move |_| {
            let mark = |place: usize| GridMark {
                value: place as f64,
                step_size: 1.0,
            };
            (0..marks).map(mark).collect()
        });
    }
    let response = plot
        .show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max([left, 0.0], [right, top]));
            for (limit, places) in &shown.limits {
                limit_line(plot, theme, *limit, places, axis.is_some());
            }
            for (policy, curve) in shown.curves.iter().enumerate() {
                let ink = ink(policy, dark);
                if axis.is_some() {
                    draw_curve(plot, curve, policy, ink);
                } else {
                    draw_bar(plot, theme, curve, ink);
                }
            }
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, described(shown, &name)));
}

/// Describes the chart for those who do not see it; the table has all values.
fn described(shown: &Shown, name: &str) -> String {
    let last = |curve: &Curve| {
        let value = curve.points.last().map(|(_, estimate)| with_interval(estimate));
        format!("{} {}", curve.name, value.unwrap_or_else(|| "nothing".into()))
    };
    let values: Vec<String> = shown.curves.iter().map(last).collect();
    let last = match (
        &shown.axis,
        shown.curves.first().and_then(|curve| curve.points.last()),
    ) {
        (Some(axis), Some((place, _))) => format!(" over {}, at {}", shown.varied, axis.label(*place)),
        _ => String::new(),
    };
    format!("Simulated {name}{last}: {}", values.join(", "))
}

/// Returns the colour of the policy with this index.
fn ink(policy: usize, dark: bool) -> Color32 {
    let [red, green, blue] = COLOURS[policy % COLOURS.len()];
    let colour = Color32::from_rgb(red, green, blue);
    if dark {
        mix(colour, Color32::WHITE, 0.3)
    } else {
        colour
    }
}

fn limit_line(plot: &mut PlotUi<'_>, theme: &Theme, limit: Limit, places: &[[f64; 2]], is_varied: bool) {
    let style = match limit {
        Limit::CentralQueue => LineStyle::dashed_loose(),
        Limit::ProcessorSharing => LineStyle::dotted_dense(),
    };
    let stroke = Stroke::new(1.6, theme.weak);
    match places {
        [[_, value], ..] if !is_varied => {
            plot.hline(HLine::new(limit.name(), *value).stroke(stroke).style(style));
        }
        _ => {
            let line = Line::new(limit.name(), PlotPoints::from(places.to_vec()));
            plot.line(line.stroke(stroke).style(style));
        }
    }
}

fn draw_curve(plot: &mut PlotUi<'_>, curve: &Curve, policy: usize, ink: Color32) {
    let upper = curve
        .points
        .iter()
        .map(|(place, estimate)| [*place, estimate.high()]);
    let lower = curve
        .points
        .iter()
        .rev()
        .map(|(place, estimate)| [*place, estimate.low().max(0.0)]);
    // A quadrangle for each pair of neighbours, since only convex areas can be filled.
    for pair in curve.points.windows(2) {
        let [(left, one), (right, other)] = pair else {
            continue;
        };
        let corners = vec![
            [*left, one.low().max(0.0)],
            [*right, other.low().max(0.0)],
            [*right, other.high()],
            [*left, one.high()],
        ];
        let band = Polygon::new(curve.name.as_str(), PlotPoints::from(corners))
            .fill_color(fade(ink, 0.2))
            .stroke(Stroke::NONE)
            .allow_hover(false);
        plot.polygon(band);
    }
    for edge in [upper.collect::<Vec<_>>(), lower.collect()] {
        let line = Line::new(curve.name.as_str(), PlotPoints::from(edge));
        plot.line(line.stroke(Stroke::new(0.8, fade(ink, 0.5))).allow_hover(false));
    }
    let means: Vec<[f64; 2]> = curve
        .points
        .iter()
        .map(|(place, estimate)| [*place, estimate.mean])
        .collect();
    let line = Line::new(curve.name.as_str(), PlotPoints::from(means.clone()));
    plot.line(line.stroke(Stroke::new(2.0, ink)));
    let shape = [MarkerShape::Circle, MarkerShape::Up, MarkerShape::Diamond][policy % 3];
    let marks = Points::new(curve.name.as_str(), PlotPoints::from(means));
    plot.points(marks.shape(shape).radius(4.5).color(ink));
}

fn draw_bar(plot: &mut PlotUi<'_>, theme: &Theme, curve: &Curve, ink: Color32) {
    for (place, estimate) in &curve.points {
        let bar = Bar::new(*place, estimate.mean)
            .width(BAR)
            .name(with_interval(estimate));
        plot.bar_chart(BarChart::new(curve.name.as_str(), vec![bar]).color(fade(ink, 0.8)));
        let (low, high) = (estimate.low().max(0.0), estimate.high());
        let stroke = Stroke::new(1.6, theme.text);
        for [from, to] in [
            [[*place, low], [*place, high]],
            [[*place - 0.06, low], [*place + 0.06, low]],
            [[*place - 0.06, high], [*place + 0.06, high]],
        ] {
            let line = Line::new(curve.name.as_str(), PlotPoints::from(vec![from, to]));
            plot.line(line.stroke(stroke).allow_hover(false));
        }
        let words = egui::RichText::new(with_interval(estimate)).color(theme.text);
        let at = egui_plot::PlotPoint::new(*place, high);
        let text = egui_plot::Text::new(curve.name.as_str(), at, words);
        plot.text(text.anchor(egui::Align2::CENTER_BOTTOM));
    }
}
