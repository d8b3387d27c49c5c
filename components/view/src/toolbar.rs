//! The bar at the top: the scenario, the active faults, and the controls for everything at once.

use std::time::Duration;

use egui::containers::menu::MenuButton;
use egui::text::LayoutJob;
use egui::{Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::action::{Action, Tone, WindowAction};
use crate::button::{IconButton, icon_label};
use crate::deliberate::is_deliberate;
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::state::ViewState;
use crate::theme::{self, Theme, size};
use crate::{ScenarioEntry, time, timers};
use command::Command;

/// The width of the menu of scenarios, and what it leaves free above and below.
const MENU: f32 = 440.0;
const MARGIN: f32 = 90.0;

/// From this width on, all buttons have words; from the other one on, there is room for what is not needed at any moment.
const WORDS_FROM: f32 = 1130.0;
const ALL_FROM: f32 = 820.0;
/// The width of the scenario's name, the same for all scenarios.
const NAME: f32 = 190.0;
/// The same where there is much room, and little.
const LONG_NAME: f32 = 240.0;
const SHORT_NAME: f32 = 110.0;

/// Draws the bar; returns the selected action. Each control has a fixed place, whatever the state.
pub(crate) fn toolbar_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &ViewState,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let mut action = None;
    let width = ui.available_width();
    let words = width >= WORDS_FROM;
    let all = width >= ALL_FROM;
    ui.horizontal_centered(|ui| {
        // In the past, the band that says so takes the place of what can be done to the demonstration.
        if snapshot.is_present() {
            action = demonstration_ui(ui, snapshot, (words, all), commands);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for (what, icon, selected, explanation) in [
                (
                    WindowAction::Present,
                    Icon::Screen,
                    false,
                    "The whole screen: only what an audience needs, and everything larger.",
                ),
                (WindowAction::Help, Icon::Question, state.help, ""),
                (
                    WindowAction::Theme,
                    Icon::Contrast,
                    false,
                    "As the desktop has it, as long as nothing was chosen.",
                ),
                (WindowAction::Palette, Icon::Search, false, ""),
                (
                    WindowAction::Laboratory,
                    Icon::Flask,
                    state.laboratory.is_open(),
                    "Compares pool policies in virtual time: simulated, unlike everything else here.",
                ),
            ] {
                let mut button = IconButton::new(icon, what.label())
                    .explain(explanation)
                    .selected(selected)
                    .shortcut(shortcut(ui, what));
                if what == WindowAction::Present && all {
                    button = button.text("Present");
                }
                if button.show(ui).clicked() {
                    action = Some(Action::Window(what));
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                if snapshot.is_present() {
                    faults_ui(ui, snapshot);
                } else {
                    action = action.or(time::banner::banner_ui(ui, snapshot));
                }
            });
        });
    });
    action
}

/// Draws the controls for the whole demonstration, with as many words as there is room for; returns the selected action.
fn demonstration_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    (words, all): (bool, bool),
    commands: &mut Vec<Command>,
) -> Option<Action> {
    if all {
        ui.label(theme::title("Poolscope"));
        ui.add_space(8.0);
    }
    let name = match (words, all) {
        (true, _) => LONG_NAME,
        (false, true) => NAME,
        (false, false) => SHORT_NAME,
    };
    let mut action = scenario_menu(ui, snapshot, name, commands);
    ui.add_space(4.0);
    if all {
        timers::timers_menu(ui, snapshot, commands);
    }
    for (what, icon, text) in [
        (WindowAction::StartAll, Icon::Play, "Start all"),
        (WindowAction::StopAll, Icon::Stop, "Stop all"),
    ] {
        let mut button = IconButton::new(icon, what.label());
        if words {
            button = button.text(text);
        }
        if button.show(ui).clicked() {
            action = Some(Action::Window(what));
        }
    }
    if undo_ui(ui, snapshot, all) {
        action = Some(Action::Window(WindowAction::UndoFaults));
    }
    action
}

fn shortcut(ui: &Ui, action: WindowAction) -> Option<String> {
    action.shortcut().map(|keys| ui.ctx().format_shortcut(&keys))
}

fn scenario_menu(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    width: f32,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let mut action = None;
    let name = if snapshot.scenario_status.name.is_empty() {
        "no scenario"
    } else {
        snapshot.scenario_status.name
    };
    let button = egui::Button::new(name)
        .right_text("\u{2193}")
        .truncate()
        .min_size(vec2(width, size::ICON_BUTTON));
    let place = vec2(width, size::ICON_BUTTON);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let menu = ui.allocate_ui_with_layout(place, layout, |ui| {
        ui.set_width(width);
        MenuButton::from_button(button).ui(ui, |ui| {
            ui.set_width(MENU);
            action = menu_ui(ui, snapshot, commands);
        })
    });
    let (response, _) = menu.inner;
    response.accessible_name(format!("Scenario: {name}"));
    action
}

fn menu_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, commands: &mut Vec<Command>) -> Option<Action> {
    let mut action = None;
    let theme = Theme::of(ui);
    if snapshot.scenario_status.library.is_empty() {
        ui.label("There are no scenario files in demo-scenarios.");
    }
    let most = ui.ctx().content_rect().height() - 2.0 * MARGIN;
    ScrollArea::vertical().max_height(most).show(ui, |ui| {
        for scenario in snapshot.scenario_status.library {
            if scenario_ui(ui, theme, scenario) {
                commands.push(Command::LoadScenario(scenario.path.clone()));
                ui.close();
            }
        }
    });
    ui.separator();
    for (what, text) in [
        (WindowAction::OpenScenario, "Open scenario file\u{2026}"),
        (WindowAction::SaveScenario, "Save scenario as\u{2026}"),
    ] {
        let button = egui::Button::new(text).shortcut_text(shortcut(ui, what).unwrap_or_default());
        if ui.add(button).clicked() {
            action = Some(Action::Window(what));
            ui.close();
        }
    }
    action
}

/// Draws a scenario in the menu: its name, its duration, and what it shows. Returns whether it was chosen.
fn scenario_ui(ui: &mut Ui, theme: &Theme, scenario: &ScenarioEntry) -> bool {
    let (width, inset) = (ui.available_width(), 10.0);
    let font = theme::strong_font(size::BODY);
    let words = scenario.duration.map(at_least).unwrap_or_default();
    let small = theme::plain_font(size::SMALL);
    let duration = theme::elided(ui.painter(), &words, small.clone(), theme.weak, width / 2.0);
    let room = width - 3.0 * inset - duration.size().x;
    let name = theme::elided(ui.painter(), &scenario.name, font, theme.text, room);
    let mut job = LayoutJob::simple(
        scenario.description.clone(),
        small,
        theme.weak,
        width - 2.0 * inset,
    );
    job.wrap.max_rows = 2;
    let description = ui.painter().layout_job(job);
    let height = name.size().y + description.size().y + 12.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, &scenario.name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        let parts = [words.as_str(), scenario.description.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        node.set_description(parts.join(". "));
    });
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 6.0, theme.raised);
    }
    let top = rect.top() + 5.0;
    let below = top + name.size().y + 1.0;
    for (at, galley) in [
        (
            pos2(rect.right() - inset - duration.size().x, top + 1.0),
            duration,
        ),
        (pos2(rect.left() + inset, top), name),
        (pos2(rect.left() + inset, below), description.clone()),
    ] {
        ui.painter().galley(at, galley, theme.text);
    }
    let clicked = is_deliberate(ui, &response, &scenario.name);
    if description.elided {
        response.on_hover_text(&scenario.description);
    }
    clicked
}

/// Describes the duration of a story, which also waits for what it expects: "at least 2 min".
fn at_least(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 90.0 {
        format!("at least {:.0} s", (seconds / 5.0).ceil() * 5.0)
    } else {
        format!("at least {:.0} min", (seconds / 60.0).round())
    }
}

/// Draws the button that undoes all faults; returns whether it was clicked.
pub(crate) fn undo_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, with_text: bool) -> bool {
    let mut undo = IconButton::new(Icon::Undo, WindowAction::UndoFaults.label())
        .tone(Tone::Fault)
        .enabled(snapshot.has_faults())
        .explain("Thaws what is frozen, lets all packets and sessions pass again, and ends random faults.")
        .shortcut(shortcut(ui, WindowAction::UndoFaults));
    if with_text {
        undo = undo.text("Undo all");
    }
    undo.show(ui).clicked()
}

/// Draws how many faults are active, in the room that there is.
pub(crate) fn faults_ui(ui: &mut Ui, snapshot: &Snapshot<'_>) {
    let theme = Theme::of(ui);
    let (faults, random) = (snapshot.faults(), snapshot.scenario_status.random_faults);
    let random: usize = random.iter().map(|random| random.members().len()).sum();
    let active = match faults.len() {
        1 => "1 fault active".to_owned(),
        number => format!("{number} faults active"),
    };
    let text = match (faults.len(), random) {
        (0, 0) => return,
        (_, 0) => active,
        (0, _) => format!("random faults on {random}"),
        _ => format!("{active}, random on {random}"),
    };
    icon_label(ui, Icon::Warning, theme.fault, size::ICON);
    let text = theme::strong(text).color(theme.fault);
    let label = ui.add(egui::Label::new(text).truncate());
    if !faults.is_empty() {
        label.on_hover_text(faults.join("\n"));
    }
}
