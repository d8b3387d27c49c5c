//! One of two recordings: its name, the sentence of its story, its graph and its pictures.

use egui::{Align, Label, Layout, Rect, Role, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::comparison::facts::Side;
use crate::comparison::offset;
use crate::graph::{self, GraphState};
use crate::load::{self, LoadState};
use crate::results::{self, ResultsState};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, fade, size};
use crate::{phases, stopwatch};
use chronicle::Presence;
use command::Command;
use model::{Component, words};

/// The margin at the sides.
const MARGIN: f32 = 12.0;
/// The height of the line with the name.
const NAME: f32 = 26.0;
/// The height of a line of the sentence, relative to its size.
const LINE: f32 = 1.35;
/// The share of the width that the graph has; the rest is for the pictures.
const GRAPH: f32 = 0.58;
/// Higher columns have room for a second line of the sentence, and for the phases, which the table has as well.
const HIGH: f32 = 330.0;

/// The state of the views in a column.
pub(super) struct Parts<'a> {
    pub(super) graph: &'a mut GraphState,
    pub(super) results: &'a mut ResultsState,
    pub(super) load: &'a mut LoadState,
    pub(super) selection: &'a mut Selection,
}

/// Draws a recording, with curves in place of pictures if `charts` is set, and for an audience if `stage` is. Returns
/// whether anything in it moves.
pub(super) fn column_ui(
    ui: &mut Ui,
    side: &Side<'_>,
    presence: Presence,
    parts: Parts<'_>,
    (charts, stage): (bool, bool),
    commands: &mut Vec<Command>,
) -> bool {
    let snapshot = side.snapshot;
    ui.response().widget_info(|| {
        let label = format!("Recording {}", side.full_name);
        WidgetInfo::labeled(Role::Pane, true, label)
    });
    let room = ui.available_rect_before_wrap();
    let top = Rect::from_min_max(
        pos2(room.left() + MARGIN, room.top() + 6.0),
        pos2(room.right() - MARGIN, room.bottom()),
    );
    let lines = if room.height() > HIGH { 2.0 } else { 1.0 };
    let height = ui
        .scope_builder(UiBuilder::new().max_rect(top), |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            name_ui(ui, side, presence);
            sentence_ui(ui, snapshot, lines);
            if lines > 1.0 {
                bar_ui(ui, snapshot);
            }
            ui.min_rect().bottom()
        })
        .inner;
    let below = Rect::from_min_max(pos2(room.left(), height + 6.0), room.max);
    let middle = below.left() + below.width() * GRAPH;
    let graph_area = Rect::from_min_max(below.min, pos2(middle, below.bottom()));
    let mut child = ui.new_child(UiBuilder::new().id_salt("graph").max_rect(graph_area));
    child.shrink_clip_rect(graph_area);
    let moving = graph::graph_ui(
        &mut child,
        snapshot,
        parts.graph,
        stage,
        parts.selection,
        commands,
    );
    absence_ui(ui, graph_area, presence);
    let pictures = Rect::from_min_max(
        pos2(middle + SPACE, below.top()),
        pos2(below.right() - MARGIN, below.bottom() - 4.0),
    );
    let mut child = ui.new_child(UiBuilder::new().id_salt("pictures").max_rect(pictures));
    child.shrink_clip_rect(pictures.expand(4.0));
    if charts {
        load::stage_ui(&mut child, snapshot, parts.load, parts.selection);
    } else {
        results::stage_ui(&mut child, snapshot, parts.results, parts.selection, commands);
    }
    moving
}

/// Draws the phases of the latest failover at the moment that is shown.
fn bar_ui(ui: &mut Ui, snapshot: &Snapshot<'_>) {
    match latest_failover(snapshot) {
        Some(user) => stopwatch::bar_ui(ui, snapshot, &user.failovers),
        None => {
            phases::room_ui(ui);
        }
    }
}

/// Draws the names of the recording and of its scenario, and the time of day that is shown.
fn name_ui(ui: &mut Ui, side: &Side<'_>, presence: Presence) {
    let theme = Theme::of(ui);
    let snapshot = side.snapshot;
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), NAME),
        Layout::right_to_left(Align::Center),
        |ui| {
            match absence(presence) {
                Some(text) => ui.label(theme::strong(text).size(size::BODY).color(theme.fault)),
                None => {
                    let clock = words::clock_ms(snapshot.wall_clock, snapshot.now);
                    ui.label(theme.remark(clock))
                        .on_hover_text("The time of day of the recording, UTC")
                }
            };
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let most = ui.available_width() * 0.6;
                ui.scope(|ui| {
                    ui.set_max_width(most);
                    let name = theme::strong(side.full_name).size(size::HEADING);
                    ui.add(Label::new(name).truncate()).on_hover_text(side.full_name);
                });
                let scenario = snapshot.scenario_status.name;
                ui.add(Label::new(theme.remark(scenario)).truncate())
                    .on_hover_text(scenario);
            });
        },
    );
}

/// Draws the sentence of the story or, before it has said anything, the description of the scenario.
fn sentence_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, lines: f32) {
    let theme = Theme::of(ui);
    let play = snapshot.scenario_status.play;
    let told = play.and_then(play::Play::narration);
    let (text, colour) = match told {
        Some((told, _)) => (told, theme.text),
        None => (snapshot.scenario_status.description, theme.weak),
    };
    let text_size = theme::legible(ui, size::LEAD);
    let room = vec2(ui.available_width(), text_size * LINE * lines);
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        let font = theme::plain_font(text_size);
        let mut job = egui::text::LayoutJob::simple(text.to_owned(), font, colour, room.x);
        job.wrap.max_rows = lines as usize;
        job.wrap.overflow_character = Some('\u{2026}');
        let label = ui.add(Label::new(job));
        if let Some((told, section)) = told {
            let section = section.unwrap_or_default();
            label.on_hover_text(format!("{told}\n{section}").trim_end());
        }
    });
}

/// Returns the pool user that failed over last.
fn latest_failover<'a>(snapshot: &Snapshot<'a>) -> Option<&'a Component> {
    let users = snapshot.role(feed::ComponentRole::PoolUser);
    users
        .filter(|user| !user.failovers.is_empty())
        .max_by_key(|user| user.failovers.back().map(|failover| failover.detected))
}

/// Returns why there is nothing to be seen at the moment that is shown.
fn absence(presence: Presence) -> Option<String> {
    match presence {
        Presence::NotYet(wait) => Some(format!("has not begun yet: begins in {}", offset::length(wait))),
        Presence::Within => None,
        Presence::Over(since) => Some(format!("is over: ended {} ago", offset::length(since))),
    }
}

/// Draws over the graph that the recording has nothing of the moment that is shown.
fn absence_ui(ui: &Ui, area: Rect, presence: Presence) {
    let text = match presence {
        Presence::Within => return,
        Presence::NotYet(_) => "This is its beginning.",
        Presence::Over(_) => "This is its end.",
    };
    let theme = Theme::of(ui);
    let painter = ui.painter_at(area);
    painter.rect_filled(area, 0.0, fade(theme.ground, 0.6));
    painter.text(
        area.center(),
        egui::Align2::CENTER_CENTER,
        text,
        theme::strong_font(size::HEADING),
        theme.fault,
    );
}
