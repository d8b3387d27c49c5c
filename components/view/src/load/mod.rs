//! The load over time: curves of each pool and of its pool elements, with what happened to them, and their figures.
//!
//! Several pools are beside each other with the same axes, so that what differs is what they differ in. The curves are
//! computed when something has changed, at most a few times a second, with no more points than there is room for.

mod axis;
mod chart;
mod curves;
mod figures;
mod pool;
mod quantity;
mod table;

use std::collections::BTreeSet;
use std::iter;
use std::time::Duration;

use chart::{Look, chart_ui};
use curves::{Charts, Key, PoolCharts, REFRESH};
use egui::{Label, RichText, ScrollArea, Ui, vec2};
use figures::Figures;
use quantity::Quantity;

use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, SPACE_SMALL, Theme, size};
use feed::{Timestamp, WorkUnit};
use model::{History, words};
use wire::PoolHandle;

pub(crate) use quantity::{work, work_rate};

/// The spans that can be chosen, in seconds.
const SPANS: [u64; 4] = [60, 120, 300, 600];
/// The span of the charts when everything has just begun.
const SHORTEST: Duration = Duration::from_secs(30);
/// The least height of a chart with its title, for the usual size of text.
const LEAST_HEIGHT: f32 = 92.0;
/// The width of a chart from which several are beside each other.
const BESIDE: f32 = 300.0;
/// The width of the window from which the figures are beside the charts of one pool, and of several pools: that these can
/// be compared is more important.
const ROOM_FOR_FIGURES: [f32; 2] = [1000.0, 1500.0];
/// The least width of the charts beside the figures.
const LEAST_WIDTH: f32 = 200.0;
/// The distance between two points of a curve, in points of the screen.
const POINT: f32 = 3.0;
/// The maximum number of points of a curve.
const MOST_POINTS: usize = 120;

/// The state of the pane.
#[derive(Debug)]
pub(crate) struct LoadState {
    chosen: BTreeSet<Quantity>,
    span: Duration,
    charts: Charts,
    /// Whether the figures are beside the curves, if the user has decided.
    figures: Option<bool>,
}

impl Default for LoadState {
    fn default() -> Self {
        Self {
            chosen: BTreeSet::from([Quantity::Load, Quantity::Speed]),
            span: Duration::from_secs(120),
            charts: Charts::default(),
            figures: None,
        }
    }
}

impl LoadState {
    /// Returns whether the figures are beside the curves: as set by the user, else depending on the room.
    fn has_figures(&self, width: f32) -> bool {
        let several = usize::from(self.charts.pools.len() > 1);
        let enough = width >= ROOM_FOR_FIGURES[several];
        // There must be some room for the curves in any case.
        self.figures.unwrap_or(enough) && width >= table::WIDTH + LEAST_WIDTH
    }
}

/// Draws the choice of quantities and of the span beside the tabs.
pub(crate) fn controls_ui(ui: &mut Ui, state: &mut LoadState) {
    /// The room for all of them; with less, they are in menus.
    const ALL: f32 = 900.0;
    if ui.available_width() >= ALL {
        quantities_ui(ui, state);
        ui.add_space(SPACE);
        spans_ui(ui, state);
        ui.add_space(SPACE);
        figures_button_ui(ui, state);
    } else {
        ui.menu_button("Curves", |ui| quantities_ui(ui, state));
        ui.menu_button(format!("Last {}", words::setting(state.span)), |ui| {
            spans_ui(ui, state);
        });
        figures_button_ui(ui, state);
    }
}

fn figures_button_ui(ui: &mut Ui, state: &mut LoadState) {
    let shown = state.has_figures(ui.ctx().content_rect().width());
    let button = ui
        .add(egui::Button::selectable(shown, theme::small("Figures")))
        .on_hover_text("The figures of each pool element beside the curves");
    if button.clicked() {
        state.figures = Some(!shown);
    }
}

fn quantities_ui(ui: &mut Ui, state: &mut LoadState) {
    for quantity in Quantity::ALL {
        let is_chosen = state.chosen.contains(&quantity);
        let button = ui
            .add(egui::Button::selectable(is_chosen, theme::small(quantity.word())))
            .on_hover_text(quantity.explanation());
        if button.clicked() && !(is_chosen && state.chosen.remove(&quantity)) {
            state.chosen.insert(quantity);
        }
    }
}

fn spans_ui(ui: &mut Ui, state: &mut LoadState) {
    for seconds in SPANS {
        let span = Duration::from_secs(seconds);
        let text = theme::small(words::setting(span));
        let button = ui
            .add(egui::Button::selectable(state.span == span, text))
            .on_hover_text("How far back the curves go at most");
        if button.clicked() {
            state.span = span;
        }
    }
}

/// Draws the curves and the figures.
pub(crate) fn load_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut LoadState,
    selection: &mut Selection,
) {
    let theme = Theme::of(ui);
    let room = ui.available_size();
    let figures = state.has_figures(room.x);
    let width = if figures {
        room.x - table::WIDTH - SPACE
    } else {
        room.x
    };
    update(ui, snapshot, state, width);
    if state.charts.pools.is_empty() {
        let text = "Curves appear here once a pool element or a pool user of a pool was started.";
        ui.label(RichText::new(text).color(theme.weak));
        return;
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = SPACE;
        let layout = egui::Layout::top_down(egui::Align::Min);
        ui.allocate_ui_with_layout(vec2(width, room.y), layout, |ui| {
            ui.set_width(width);
            let area = ScrollArea::vertical().id_salt("charts").auto_shrink(false);
            area.show(ui, |ui| {
                let look = Look {
                    size: vec2(width, room.y),
                    text: size::CAPTION,
                    line: 1.0,
                    room: 0.0,
                };
                pools_ui(ui, snapshot, &state.charts, look, selection);
            });
        });
        if figures {
            let layout = egui::Layout::top_down(egui::Align::Min);
            ui.allocate_ui_with_layout(vec2(table::WIDTH, room.y), layout, |ui| {
                ui.set_width(table::WIDTH);
                table::table_ui(ui, &state.charts, selection);
            });
        }
    });
}

/// Brings the curves up to date, and looks again when they go on.
fn update(ui: &Ui, snapshot: &Snapshot<'_>, state: &mut LoadState, width: f32) {
    let pools = state.charts.pools.len().max(1) as f32;
    let points = (width / pools / POINT) as usize;
    let key = Key {
        chosen: state.chosen.clone(),
        span: fitting(&snapshot.model.history, snapshot.now, state.span),
        // In steps, so that a size that changes by a point does not change the curves.
        points: (points / 20 * 20).clamp(20, MOST_POINTS),
    };
    state.charts.update(snapshot, &key);
    if snapshot.model.history.is_live() && snapshot.goes_on() {
        ui.ctx().request_repaint_after(REFRESH);
    }
}

/// Returns the span of the charts: the chosen one or, while nothing is as old, the shortest in which everything fits.
fn fitting(history: &History, now: Timestamp, chosen: Duration) -> Duration {
    let tracks = history.tracks().map(|(_, track)| track);
    let members = tracks.filter(|track| track.pool.is_some() && track.was_there(now - chosen));
    let begun = members
        .filter_map(|member| member.lives().next())
        .map(|life| life.from);
    let age = begun.min().map_or(Duration::ZERO, |begun| now - begun);
    let spans = SPANS.map(Duration::from_secs).into_iter();
    let fitting = iter::once(SHORTEST).chain(spans).find(|span| *span >= age);
    fitting.map_or(chosen, |fitting| fitting.min(chosen))
}

/// Draws the pools beside each other, each with its charts.
fn pools_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, charts: &Charts, look: Look, selection: &mut Selection) {
    let count = charts.pools.len() as f32;
    let width = (look.size.x - SPACE * (count - 1.0)) / count;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = vec2(SPACE, 0.0);
        for pool in &charts.pools {
            ui.allocate_ui_with_layout(
                vec2(width, look.size.y),
                egui::Layout::top_down(egui::Align::Min),
                |ui| {
                    ui.set_width(width);
                    let top = ui.cursor().top();
                    heading_ui(ui, pool, look);
                    let height = look.size.y - (ui.cursor().top() - top);
                    let look = Look {
                        size: vec2(width, height),
                        ..look
                    };
                    charts_ui(ui, snapshot, charts, pool, look, selection);
                },
            );
        }
    });
}

/// Draws the name, the policy and the figures of a pool.
fn heading_ui(ui: &mut Ui, pool: &PoolCharts, look: Look) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = SPACE;
        let text = |text: &str| RichText::new(text).size(look.text + 1.0);
        ui.add(Label::new(theme::strong(pool.name.as_str()).size(look.text + 2.0)).truncate());
        if !pool.figures.policy.is_empty() {
            ui.add(Label::new(text(&pool.figures.policy).color(theme.accent)).truncate());
        }
        if look.text >= size::LEAD {
            return;
        }
        let sentence = pool.figures.sentence();
        ui.add(Label::new(text(&sentence).color(theme.weak)).truncate())
            .on_hover_text(sentence.replace(", ", "\n"));
    });
    if look.text >= size::LEAD {
        // An audience cannot point at what is cut.
        let sentence = RichText::new(pool.figures.in_short()).size(look.text);
        ui.add(Label::new(sentence.color(theme.weak)).wrap());
    }
}

/// Draws the charts of a pool in the room that there is: beside each other where they are wide enough.
fn charts_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    charts: &Charts,
    pool: &PoolCharts,
    look: Look,
    selection: &mut Selection,
) {
    let least_height = LEAST_HEIGHT * look.text / size::CAPTION;
    let columns = ((look.size.x / BESIDE) as usize).max(1);
    let shown = if look.text >= size::LEAD {
        // An audience cannot scroll. What comes last is how fast requests are handled, and what was chosen in addition.
        let fitting = columns * ((look.size.y / (least_height + SPACE_SMALL)) as usize).max(1);
        &pool.charts[pool.charts.len().saturating_sub(fitting)..]
    } else {
        &pool.charts
    };
    let count = shown.len().max(1);
    let columns = columns.min(count);
    let rows = count.div_ceil(columns);
    let width = (look.size.x - SPACE * (columns - 1) as f32) / columns as f32;
    let each = look.size.y / rows as f32 - chart::TITLE - SPACE_SMALL;
    let height = each.max(least_height - chart::TITLE);
    let look = Look {
        size: vec2(width, height),
        room: chart::room(charts, width, look.text),
        ..look
    };
    for row in shown.chunks(columns) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing = vec2(SPACE, 0.0);
            for chart in row {
                ui.allocate_ui_with_layout(
                    vec2(width, height),
                    egui::Layout::top_down(egui::Align::Min),
                    |ui| {
                        ui.set_width(width);
                        ui.spacing_mut().item_spacing.y = 0.0;
                        chart_ui(ui, snapshot, charts, (pool, chart), look, selection);
                    },
                );
            }
        });
    }
}

/// Returns the policy and the figures of a pool in words.
pub(crate) fn pool_in_words(snapshot: &Snapshot<'_>, pool: &PoolHandle) -> (String, String) {
    let history = &snapshot.model.history;
    let recent = |length| history.pool_span(pool, snapshot.now - length, snapshot.now);
    let members = history
        .tracks()
        .filter(|(_, track)| track.pool.as_ref() == Some(pool));
    let unit = members.filter_map(|(_, track)| track.unit).next();
    let unit = unit.unwrap_or(WorkUnit::Messages);
    let figures = Figures::of(
        snapshot,
        pool,
        unit,
        &recent(pool::REQUESTS),
        &recent(pool::SPEED),
    );
    let sentence = figures.sentence();
    (figures.policy, sentence)
}

/// Draws the curves for an audience: large, without the table.
pub(crate) fn stage_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut LoadState,
    selection: &mut Selection,
) {
    let room = ui.available_size();
    update(ui, snapshot, state, room.x);
    let look = Look {
        size: room - vec2(0.0, SPACE_SMALL),
        text: size::LEAD,
        line: 1.5,
        room: 0.0,
    };
    pools_ui(ui, snapshot, &state.charts, look, selection);
}
