//! The layout of the window.

mod clicker;
mod keys;
mod perform;
mod separate;

use egui::{CentralPanel, Frame, Margin, Panel, Rangef, Ui};

use crate::action::Action;
use crate::dock::DockTab;
use crate::selection::{Chosen, Selection};
use crate::snapshot::Snapshot;
use crate::state::ViewState;
use crate::theme::Theme;
use crate::{
    comparison, component_panel, deliberate, dock, external, files, graph, help, inspector, laboratory,
    link_inspector, load, palette, present, problem, results, stage, story, time, timeline, toolbar,
};
use command::Command;
use model::{Component, ExternalComponent};

/// From this width on, the inspector has a column of its own.
const WIDE: f32 = 1600.0;

/// Height of the bar at the top.
const TOOLBAR: f32 = 46.0;
/// Height of the timeline.
const TIMELINE: f32 = 68.0;
/// Height of the latest event, which is all of the timeline that an audience sees.
const CAPTION: f32 = 34.0;
/// The same with a button in it, and the gap between that and the line of time.
const CAPTION_WITH_BUTTON: f32 = 43.0;
const LINE_GAP: f32 = 2.0;
/// The height of the lanes at first, their minimum, the share of the height that they take at first, and at most; an
/// audience is to see the stage above all.
const LANES: f32 = 200.0;
const LANES_LEAST: f32 = 84.0;
const LANES_SHARE: f32 = 0.25;
const LANES_SHARE_MOST: f32 = 0.6;
/// Height of the tabs of the closed dock.
const DOCK_TABS: f32 = 38.0;
/// The minimum height of the open dock; initially it is a share of the window, within a range.
const DOCK_LEAST: f32 = 120.0;
const DOCK_SHARE: f32 = 0.26;
const DOCK_AT_FIRST: Rangef = Rangef {
    min: 170.0,
    max: 320.0,
};
/// The width of the components' column.
const COMPONENTS: f32 = 300.0;
const COMPONENTS_RANGE: Rangef = Rangef {
    min: 270.0,
    max: 460.0,
};
/// The width of the inspector where it has a column of its own.
const INSPECTOR: f32 = 320.0;
const INSPECTOR_RANGE: Rangef = Rangef {
    min: 280.0,
    max: 520.0,
};
/// The minimum width of the results; initially it is a share of the window, within a range.
const RESULTS_LEAST: f32 = 240.0;
const RESULTS_AT_FIRST: Rangef = Rangef {
    min: 320.0,
    max: 600.0,
};

/// The minimum width of the graph.
const GRAPH_LEAST: f32 = 280.0;
/// How far focus marks and shadows may reach beyond a panel's content.
const BLEED: f32 = 4.0;

/// Draws the whole window. Returns the commands to run.
pub fn window_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ViewState) -> Vec<Command> {
    let mut commands = Vec::new();
    deliberate::watch(ui.ctx());
    state
        .dock
        .protocol
        .hidden_purposes
        .clone_from(&state.graph.hidden);
    present::watch(ui.ctx(), snapshot);
    state.follow(snapshot);
    if let Some(problem) = state.time.follow(snapshot) {
        state.problem.tell(problem);
    }
    if state.blank && stage::is_wake_up(ui) {
        state.blank = false;
    }
    clicker::clicker(ui, snapshot, state);
    let mut actions = keys::keys(ui, snapshot, state);
    if state.presenting {
        stage::enlarge_small_text(ui);
    }
    let theme = Theme::of(ui);
    let bar = Frame::new()
        .fill(time::banner::fill(theme, snapshot).unwrap_or(theme.panel))
        .inner_margin(Margin::symmetric(14, 7));
    Panel::top("toolbar")
        .exact_size(TOOLBAR)
        .frame(bar)
        .show(ui, |ui| {
            actions.extend(if state.presenting {
                stage::bar_ui(ui, snapshot)
            } else {
                toolbar::toolbar_ui(ui, snapshot, state, &mut commands)
            });
        });
    if let Some(sentence) = state.missing_glyphs.look(ui.ctx(), snapshot) {
        state.problem.tell(sentence);
    }
    problem::problem_ui(ui, snapshot, &mut state.problem);
    if state.laboratory.is_open() {
        laboratory::laboratory_ui(ui, snapshot, &mut state.laboratory, &mut commands);
    } else if let Some(compared) = &snapshot.compared {
        let action = comparison::comparison_ui(ui, snapshot, compared, state, &mut commands);
        actions.extend(action);
    } else {
        demonstration_ui(ui, snapshot, state, &mut actions, &mut commands);
    }
    dialogs_ui(ui, snapshot, state, &mut actions, &mut commands);
    for action in actions {
        perform::perform(ui, action, snapshot, state, &mut commands);
    }
    if state.selection.seeks_message() && !state.settings.messages.open && !state.presenting {
        state.dock.open(DockTab::Messages, &mut state.settings);
    }
    if !state.dock.shows_messages(ui, &state.settings) {
        // A click on a picture asks for nothing then.
        state.selection.take_sought_pixel();
    }
    separate::windows_ui(ui, snapshot, state, &mut commands);
    if let Some(part) = state.dock.protocol.take_to_save() {
        state.files.save_part(snapshot, part);
    }
    time::banner::edge_ui(ui, snapshot);
    if state.blank && stage::blank_ui(ui) {
        state.blank = false;
    }
    state.time.note_watched(snapshot, &commands);
    if let Some(reason) = present::stop(ui.ctx(), &mut commands) {
        state.problem.tell(reason.to_owned());
    }
    commands
}

/// Draws the demonstration: everything between the bar at the top and the lower edge.
fn demonstration_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    actions: &mut Vec<Action>,
    commands: &mut Vec<Command>,
) {
    actions.extend(bottom(ui, snapshot, state, commands));
    actions.extend(story::story_ui(
        ui,
        snapshot,
        &mut state.story,
        state.presenting,
        commands,
    ));
    sides(ui, snapshot, state, commands);
    let graph = CentralPanel::no_frame().show(ui, |ui| {
        graph::graph_ui(
            ui,
            snapshot,
            &mut state.graph,
            state.presenting,
            &mut state.selection,
            commands,
        )
    });
    if graph.inner {
        ui.request_repaint_after(state.frame_time());
    }
}

/// Draws what is above everything else while it is open.
fn dialogs_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    actions: &mut Vec<Action>,
    commands: &mut Vec<Command>,
) {
    results::enlarged_ui(ui, snapshot, &mut state.results, &state.selection, commands);
    help::help_ui(ui, &mut state.help, snapshot.time.is_some());
    time::mark_ui(ui, snapshot, &mut state.time, commands);
    files::files_ui(
        ui,
        snapshot,
        &mut state.files,
        &state.graph,
        &mut state.problem,
        state.can_drop,
        commands,
    );
    files::drop_ui(ui, snapshot, commands);
    actions.extend(palette::palette_ui(
        ui,
        snapshot,
        &mut state.palette,
        &state.selection,
    ));
}

/// Draws content that stays within the room that there is, however long its texts: a panel would grow with it, push the
/// others aside, and keep that size.
fn bounded<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let room = ui.available_rect_before_wrap();
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(room));
    child.shrink_clip_rect(room.expand(BLEED));
    let inner = content(&mut child);
    ui.advance_cursor_after_rect(room);
    inner
}

fn bottom(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let theme = Theme::of(ui);
    let frame = Frame::new()
        .fill(theme.panel)
        .inner_margin(Margin::symmetric(14, 6));
    if !state.presenting {
        let open = dock::is_open(ui, &state.settings);
        if open {
            let height = DOCK_AT_FIRST.clamp(ui.available_height() * DOCK_SHARE);
            Panel::bottom("dock")
                .resizable(true)
                .default_size(height)
                .min_size(DOCK_LEAST)
                .frame(frame)
                .show(ui, |ui| {
                    bounded(ui, |ui| {
                        dock::tabs_ui(
                            ui,
                            snapshot,
                            &mut state.dock,
                            &mut state.settings,
                            &state.selection,
                            commands,
                        );
                        dock::content_ui(
                            ui,
                            snapshot,
                            &mut state.dock,
                            &mut state.settings,
                            &mut state.selection,
                            commands,
                        );
                    });
                });
        } else {
            Panel::bottom("dock tabs")
                .exact_size(DOCK_TABS)
                .frame(frame.inner_margin(Margin::symmetric(8, 3)))
                .show(ui, |ui| {
                    dock::tabs_ui(
                        ui,
                        snapshot,
                        &mut state.dock,
                        &mut state.settings,
                        &state.selection,
                        commands,
                    );
                });
        }
    }
    let with_time = snapshot.time.is_some();
    let (name, height) = match (state.presenting, with_time) {
        (true, false) => ("latest event", CAPTION),
        (false, false) => ("timeline", TIMELINE),
        (_, true) => ("time line", CAPTION_WITH_BUTTON + time::LINE + LINE_GAP),
    };
    let shown = Panel::bottom(name)
        .exact_size(height)
        .frame(frame)
        .show(ui, |ui| {
            if !with_time && !state.presenting {
                timeline::timeline_ui(ui, snapshot, &mut state.selection);
                return None;
            }
            ui.spacing_mut().item_spacing.y = LINE_GAP;
            if !time::watched_ui(ui, snapshot, &state.time) {
                timeline::caption_ui(ui, snapshot, &mut state.selection, commands);
            }
            time::time_ui(ui, snapshot, &mut state.time, commands, state.presenting)
        });
    if with_time && state.time.has_lanes() {
        let height = ui.available_height();
        let (name, most) = if state.presenting {
            ("time lanes of the audience", height * LANES_SHARE)
        } else {
            ("time lanes", height * LANES_SHARE_MOST)
        };
        let most = most.max(LANES_LEAST);
        Panel::bottom(name)
            .resizable(true)
            .default_size(LANES.min(height * LANES_SHARE).max(LANES_LEAST))
            .size_range(LANES_LEAST..=most)
            .frame(frame)
            .show(ui, |ui| {
                bounded(ui, |ui| {
                    time::lanes_ui(ui, snapshot, &mut state.time, &mut state.selection, commands);
                });
            });
    }
    shown.inner
}

fn sides(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ViewState, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let width = ui.available_width();
    let frame = Frame::new().fill(theme.panel).inner_margin(Margin {
        left: 12,
        right: 10,
        top: 8,
        bottom: 4,
    });
    let inspected = inspected(snapshot, &state.selection);
    let wide = width >= WIDE;
    if !state.presenting {
        Panel::left("components")
            .resizable(true)
            .default_size(COMPONENTS)
            .size_range(COMPONENTS_RANGE)
            .frame(frame)
            .show(ui, |ui| {
                bounded(ui, |ui| match inspected {
                    Some(inspected) if !wide => inspected.ui(ui, snapshot, state, commands),
                    _ => component_panel::component_panel_ui(
                        ui,
                        snapshot,
                        &mut state.add_form,
                        &mut state.selection,
                        commands,
                    ),
                });
            });
    }
    if let Some(inspected) = inspected
        && (wide || state.presenting)
    {
        Panel::left("inspector")
            .resizable(true)
            .default_size(INSPECTOR)
            .size_range(INSPECTOR_RANGE)
            .frame(frame)
            .show(ui, |ui| {
                bounded(ui, |ui| inspected.ui(ui, snapshot, state, commands));
            });
    }
    if state.settings.results.open {
        return;
    }
    if state.presenting {
        Panel::right("pictures")
            .resizable(false)
            .exact_size(width / 2.0)
            .frame(frame)
            .show(ui, |ui| {
                if state.has_charts_on_stage(snapshot) {
                    load::stage_ui(ui, snapshot, &mut state.dock.load, &mut state.selection);
                } else {
                    results::stage_ui(ui, snapshot, &state.results, &mut state.selection, commands);
                }
            });
        return;
    }
    let results = RESULTS_AT_FIRST.clamp(width * 0.3);
    // The graph keeps some room, whatever sizes were kept from a larger window.
    let most = (width * 0.6)
        .min(ui.available_width() - GRAPH_LEAST)
        .max(RESULTS_LEAST);
    // Windows of another size start with the width that suits them.
    Panel::right(("results", (width / 320.0) as u32))
        .resizable(true)
        .default_size(results)
        .size_range(RESULTS_LEAST..=most)
        .frame(frame)
        .show(ui, |ui| {
            bounded(ui, |ui| {
                results::results_ui(
                    ui,
                    snapshot,
                    &mut state.results,
                    &mut state.settings,
                    &mut state.selection,
                    commands,
                );
            });
        });
}

/// What the inspector shows.
#[derive(Clone, Copy)]
enum Inspected<'a> {
    Component(&'a Component),
    Link(&'a Component, &'a Component),
    External(&'a ExternalComponent),
}

fn inspected<'a>(snapshot: &Snapshot<'a>, selection: &Selection) -> Option<Inspected<'a>> {
    Some(match selection.inspected() {
        Chosen::Nothing => return None,
        Chosen::Component(id) => Inspected::Component(snapshot.component(id)?),
        Chosen::Link((one, other)) => Inspected::Link(snapshot.component(one)?, snapshot.component(other)?),
        Chosen::External(identifier) => Inspected::External(snapshot.model.external().get(identifier)?),
    })
}

impl Inspected<'_> {
    fn ui(self, ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ViewState, commands: &mut Vec<Command>) {
        match self {
            Self::Component(component) => {
                let search_log = inspector::inspector_ui(
                    ui,
                    snapshot,
                    component,
                    &mut state.random_faults,
                    &mut state.selection,
                    commands,
                );
                if search_log {
                    state.dock.open(DockTab::Log, &mut state.settings);
                }
            }
            Self::Link(one, other) => {
                link_inspector::link_inspector_ui(ui, snapshot, (one, other), &mut state.selection, commands);
            }
            Self::External(component) => {
                external::inspector_ui(ui, snapshot, component, &mut state.selection);
            }
        }
    }
}
