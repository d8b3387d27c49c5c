//! One chart: the curves of a quantity over time, with marks for what happened.

mod pointer;

use egui::{Align2, Color32, Id, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{AxisHints, GridMark, Line, LineStyle, PlotPoints, PlotTransform, VLine};

use super::axis::{marks_of, seconds_ago};
use super::curves::{Chart, ChartMark, Charts, Curve, Ink, PoolCharts};
use crate::fixed_plot::fixed_plot;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, fade};
use model::{ComponentId, MarkKind, words};

/// The height of the title above a chart, and of a line of text in it.
pub(super) const TITLE: f32 = 18.0;
/// The width of the axis, so that charts above each other have the same times above each other.
const AXIS: f32 = 44.0;
/// The maximum number of curves with their names at their ends.
const MOST_NAMES: usize = 12;
/// The maximum number of curves that are drawn thick.
const FEW: usize = 12;
/// The room for a name at the end of a curve, for each point of text size.
const NAME_ROOM: f32 = 5.2;
/// The least width of a chart with names at its curves.
const NAMED: f32 = 230.0;
/// The maximum number of values in a tooltip, and in the description of a chart.
const MOST_VALUES: usize = 14;
/// The lengths of dashes and of gaps, of what is out of date.
const DASHES: LineStyle = LineStyle::Dashed { length: 6.0 };

/// How a chart is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) size: egui::Vec2,
    /// The size of its text.
    pub(super) text: f32,
    /// The factor for the width of its lines.
    pub(super) line: f32,
    /// The room at its right end, the same for all charts so that the same times are below each other.
    pub(super) room: f32,
}

/// Draws a chart; a click on a curve selects its component.
pub(super) fn chart_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    charts: &Charts,
    (pool, chart): (&PoolCharts, &Chart),
    look: Look,
    selection: &mut Selection,
) {
    let theme = Theme::of(ui);
    title_ui(ui, theme, chart, look);
    let names = has_names(chart, look.size.x);
    let chosen = selection
        .component()
        .filter(|id| chart.curves.iter().any(|curve| curve.owner == Some(*id)));
    let drawing = Drawing {
        theme,
        charts,
        chart,
        look,
        chosen,
    };
    let (response, transform) = drawing.plot_ui(ui, pool);
    let frame = *transform.frame();
    let painter = ui.painter_at(frame.expand2(vec2(0.0, 2.0)));
    drawing.paint_ends(&painter, &transform);
    if names {
        drawing.paint_names(&painter, &transform);
    }
    drawing.paint_mark_words(&painter, &transform, &pool.marks);
    if chart.curves.is_empty() {
        painter.text(
            frame.center(),
            Align2::CENTER_CENTER,
            "nothing to measure so far",
            theme::plain_font(look.text + 1.0),
            theme.weak,
        );
    }
    let near = response
        .hover_pos()
        .and_then(|pointer| drawing.near(&transform, pointer));
    if let Some(owner) = near.and_then(|curve| curve.owner)
        && response.clicked()
        && snapshot.component(owner).is_some()
    {
        selection.select(owner);
    }
    announce(&response, charts, pool, chart);
    drawing.tooltip(&response, &transform, pool, near);
}

/// Returns whether a chart of this width has names at the ends of its curves. A single curve is what the title says.
fn has_names(chart: &Chart, width: f32) -> bool {
    width >= NAMED && (2..=MOST_NAMES).contains(&chart.curves.len())
}

/// Returns the room that the names at the ends of curves, and the word at the end of the axis, need in charts of this
/// width.
pub(super) fn room(charts: &Charts, width: f32, text: f32) -> f32 {
    let charts = charts.pools.iter().flat_map(|pool| &pool.charts);
    let named = charts.filter(|chart| has_names(chart, width));
    let names = named
        .flat_map(|chart| &chart.curves)
        .map(|curve| curve.name.chars().count());
    let longest = names.max().unwrap_or_default() as f32;
    (longest * text * NAME_ROOM / 10.0 + 8.0)
        .min(width * 0.3)
        .max(text * 1.5)
}

fn title_ui(ui: &mut Ui, theme: &Theme, chart: &Chart, look: Look) {
    let font = theme::strong_font(look.text + 1.0);
    let (rect, response) = ui.allocate_exact_size(vec2(look.size.x, look.text + 7.0), Sense::hover());
    let title = theme::elided(
        ui.painter(),
        chart.quantity.title(),
        font,
        theme.text,
        rect.width() - AXIS,
    );
    let width = title.size().x;
    let left = rect.left() + AXIS;
    ui.painter().galley(pos2(left, rect.top()), title, theme.text);
    // Of a single curve, the latest value is the figure of the pool.
    if let [curve] = chart.curves.as_slice()
        && let Some(value) = curve.values.last().copied().flatten()
    {
        let value = chart.scale.format(value);
        let font = theme::strong_font(look.text + 1.0);
        let galley = ui.painter().layout_no_wrap(value, font, theme.accent);
        if width + galley.size().x + 12.0 < rect.width() - AXIS {
            ui.painter()
                .galley(pos2(left + width + 10.0, rect.top()), galley, theme.accent);
        }
    }
    response.on_hover_text(chart.quantity.explanation());
}

/// Describes a chart for those who do not see it.
fn announce(response: &Response, charts: &Charts, pool: &PoolCharts, chart: &Chart) {
    response.widget_info(|| {
        let latest = chart.curves.iter().take(MOST_VALUES).map(|curve| {
            let value = match curve.values.last().copied().flatten() {
                Some(value) => chart.scale.format(value),
                None => "nothing".to_owned(),
            };
            format!("{} {value}", curve.name)
        });
        let latest: Vec<_> = latest.collect();
        let more = match chart.curves.len().saturating_sub(MOST_VALUES) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let latest = match latest.is_empty() {
            true => "nothing to measure so far".to_owned(),
            false => latest.join(", "),
        };
        let label = format!(
            "{} of pool {}, the last {}: {latest}{more}",
            chart.quantity.title(),
            pool.name,
            words::setting(charts.span)
        );
        WidgetInfo::labeled(Role::Image, true, label)
    });
}

/// Everything that the parts of a chart are drawn with.
struct Drawing<'a> {
    theme: &'a Theme,
    charts: &'a Charts,
    chart: &'a Chart,
    look: Look,
    /// The selected component, if it has a curve here: the others step back.
    chosen: Option<ComponentId>,
}

impl Drawing<'_> {
    fn plot_ui(&self, ui: &mut Ui, pool: &PoolCharts) -> (Response, PlotTransform) {
        let Self {
            theme, chart, look, ..
        } = *self;
        let span = self.charts.span.as_secs_f64();
        let width = f64::from((look.size.x - AXIS).max(60.0));
        let room = f64::from(look.room);
        let right = span * room / (width - room).max(60.0);
        let top = self.charts.top(chart);
        let scale = chart.scale;
        let font = theme::plain_font(look.text);
        let tick = move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| scale.tick(mark.value);
        let y = AxisHints::new_y()
            .formatter(tick)
            .min_thickness(AXIS)
            .label_spacing(egui::Rangef::new(look.text + 2.0, look.text + 6.0))
            .tick_label_font(font.clone())
            .tick_label_color(theme.weak);
        let x = AxisHints::new_x()
            // The corner belongs to the other axis.
            .formatter(move |mark, _| match mark.value > -span {
                true => seconds_ago(mark.value),
                false => String::new(),
            })
            .min_thickness(look.text + 4.0)
            .label_spacing(egui::Rangef::new(look.text * 3.4, look.text * 3.8))
            .tick_label_font(font)
            .tick_label_color(theme.weak);
        let lines = ((look.size.y / (look.text * 2.6)) as usize).clamp(2, 5);
        let columns = ((width / f64::from(look.text * 5.5)) as usize).clamp(2, 6);
        let link = Id::unique("load charts");
        let plot = fixed_plot(("load", pool.name.as_str(), chart.quantity), theme)
            .width(look.size.x)
            .height(look.size.y)
            .show_y(false)
            .label_formatter(|_| None)
            .cursor_color(theme.weak)
            .link_cursor(link, [true, false])
            .sense(Sense::click())
            .grid_fade(0.0)
            .custom_x_axes(vec![x])
            .custom_y_axes(vec![y])
            .x_grid_spacer(move |_| marks_of(-span, 0.0, span / columns as f64, true))
            .y_grid_spacer(move |_| marks_of(0.0, top, top / lines as f64, false));
        let shown = plot.show(ui, |plot| {
            plot.set_plot_bounds_x(-span..=right);
            plot.set_plot_bounds_y(0.0..=top * 1.04);
            for mark in &pool.marks {
                self.mark(plot, mark, span);
            }
            for curve in &chart.curves {
                self.curve(plot, curve);
            }
        });
        (shown.response, shown.transform)
    }

    fn mark(&self, plot: &mut egui_plot::PlotUi<'_>, mark: &ChartMark, span: f64) {
        let ink = mark_ink(self.theme, mark.kind);
        match mark.to {
            Some(to) => {
                let band = egui_plot::Span::new("", mark.from.max(-span)..=to.max(mark.from))
                    .fill(fade(ink, 0.14))
                    .border(Stroke::new(1.0, fade(ink, 0.5)));
                plot.span(band);
            }
            None => {
                let strength = if mark.kind.is_fault() || mark.kind == MarkKind::Policy {
                    0.9
                } else {
                    0.4
                };
                let line = VLine::new("", mark.from)
                    .stroke(Stroke::new(1.2 * self.look.line, fade(ink, strength)))
                    .style(LineStyle::Dotted { spacing: 4.0 })
                    .allow_hover(false);
                plot.vline(line);
            }
        }
    }

    fn curve<'b>(&self, plot: &mut egui_plot::PlotUi<'b>, curve: &'b Curve) {
        let ink = self.ink(curve);
        let few = self.chart.curves.len() <= FEW;
        let mut width = if few { 2.0 } else { 1.3 } * self.look.line;
        if self.chosen.is_some() && self.chosen == curve.owner {
            width *= 1.5;
        }
        for piece in &curve.pieces {
            let line = Line::new("", PlotPoints::Borrowed(&piece.points))
                .stroke(Stroke::new(width, ink))
                .style(if piece.doubtful { DASHES } else { LineStyle::Solid })
                .allow_hover(false);
            plot.line(line);
        }
    }

    fn ink(&self, curve: &Curve) -> Color32 {
        let ink = curve_ink(self.theme, curve.ink);
        match self.chosen {
            Some(_) if self.chosen != curve.owner => fade(ink, 0.3),
            _ => ink,
        }
    }

    /// Draws a cross where a curve ends because its component is gone.
    fn paint_ends(&self, painter: &egui::Painter, transform: &PlotTransform) {
        let arm = 3.5 * self.look.line;
        for curve in &self.chart.curves {
            let Some(end) = curve.end else { continue };
            let at = transform.position_from_point(&end);
            let stroke = Stroke::new(1.6 * self.look.line, self.ink(curve));
            for corner in [vec2(-arm, -arm), vec2(-arm, arm)] {
                painter.line_segment([at + corner, at - corner], stroke);
            }
        }
    }

    /// Draws the names at the right ends of the curves that go on, so that none covers another.
    fn paint_names(&self, painter: &egui::Painter, transform: &PlotTransform) {
        let font = theme::plain_font(self.look.text);
        let height = self.look.text + 1.0;
        let mut names: Vec<(Pos2, &Curve)> = self
            .chart
            .curves
            .iter()
            .filter(|curve| curve.end.is_none())
            .filter_map(|curve| {
                let last = curve.pieces.last()?.points.last()?;
                // Only at the end that is now.
                let is_now = self
                    .charts
                    .index_at(last.x)
                    .is_some_and(|index| index + 1 >= curve.values.len());
                is_now.then(|| (transform.position_from_point(last), curve))
            })
            .collect();
        names.sort_by(|(one, _), (other, _)| one.y.total_cmp(&other.y));
        let frame = transform.frame();
        let all = names.len() as f32 * height;
        let mut least = frame.top() + height / 2.0;
        for (index, (at, curve)) in names.iter().enumerate() {
            let below = (names.len() - index) as f32 * height;
            let most = (frame.bottom() - below + height / 2.0).max(least);
            let y = if all < frame.height() {
                at.y.clamp(least, most)
            } else {
                at.y.max(least)
            };
            if y > frame.bottom() {
                break;
            }
            least = y + height;
            let from = pos2(at.x + 5.0, y);
            painter.text(
                from,
                Align2::LEFT_CENTER,
                &curve.name,
                font.clone(),
                self.ink(curve),
            );
        }
    }

    /// Draws what the marks stand for, as far as there is room, the most important first.
    fn paint_mark_words(&self, painter: &egui::Painter, transform: &PlotTransform, marks: &[ChartMark]) {
        let frame = *transform.frame();
        let mut marks: Vec<&ChartMark> = marks.iter().collect();
        marks.sort_by_key(|mark| (!mark.kind.is_fault() && mark.kind != MarkKind::Policy, mark.kind));
        let font = theme::plain_font(self.look.text);
        let mut taken: Vec<Rect> = Vec::new();
        for mark in marks {
            let x = transform.position_from_point_x(mark.from).max(frame.left()) + 3.0;
            let ink = mark_ink(self.theme, mark.kind);
            let galley = painter.layout_no_wrap(mark.text.clone(), font.clone(), ink);
            // In one of two rows, at the left of the line where there is no room at the right.
            let left = if x + galley.size().x > frame.right() {
                x - galley.size().x - 6.0
            } else {
                x
            };
            let rows = [0.0, self.look.text + 2.0];
            let rects = rows.map(|row| Rect::from_min_size(pos2(left, frame.top() + row), galley.size()));
            let free = rects.into_iter().find(|rect| {
                rect.left() >= frame.left() && !taken.iter().any(|other| other.intersects(*rect))
            });
            if let Some(rect) = free {
                painter.rect_filled(rect, 2.0, fade(self.theme.panel, 0.75));
                painter.galley(rect.min, galley, ink);
                taken.push(rect.expand2(vec2(3.0, 0.0)));
            }
        }
    }
}

/// Returns the colour of a curve.
pub(super) fn curve_ink(theme: &Theme, ink: Ink) -> Color32 {
    match ink {
        Ink::Element(colour) => theme.element(colour),
        Ink::User => fade(theme.text, 0.75),
        Ink::Pool => theme.accent,
        Ink::Muted => theme.weak,
        Ink::Good => theme.good,
        Ink::Bad => theme.danger,
    }
}

/// Returns the colour of a mark.
fn mark_ink(theme: &Theme, kind: MarkKind) -> Color32 {
    match kind {
        MarkKind::Kill | MarkKind::Crash => theme.danger,
        MarkKind::Freeze | MarkKind::Unplug | MarkKind::CutLink | MarkKind::Impair => theme.fault,
        MarkKind::Policy => theme.accent,
        MarkKind::Join => theme.good,
        MarkKind::Start | MarkKind::Leave | MarkKind::Stop => theme.weak,
    }
}
