//! The bar at the top: the scenario, the active faults, and the controls for everything at once.

use egui::{Frame, Margin, Ui};

use crate::action::{Action, Tone, WindowAction};
use crate::button::{IconButton, icon_label};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::state::ViewState;
use crate::theme::{self, RADIUS, Theme, mix, size};
use crate::timers;
use command::Command;

/// The minimum width of the menu of scenarios.
const MENU: f32 = 240.0;

/// Draws the bar; returns the selected action.
pub(crate) fn toolbar_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &ViewState,
    commands: &mut Vec<Command>,
) -> Option<Action> {
    let theme = Theme::of(ui);
    let mut action = None;
    ui.horizontal_centered(|ui| {
        ui.label(theme::title("Poolscope"));
        ui.add_space(8.0);
        action = scenario_menu(ui, snapshot, commands);
        ui.add_space(4.0);
        if !state.presenting {
            timers::timers_menu(ui, snapshot, commands);
            for (what, icon, text) in [
                (WindowAction::StartAll, Icon::Play, "Start all"),
                (WindowAction::StopAll, Icon::Stop, "Stop all"),
            ] {
                if IconButton::new(icon, what.label()).text(text).show(ui).clicked() {
                    action = Some(Action::Window(what));
                }
            }
        }
        if faults_ui(ui, theme, snapshot) {
            action = Some(Action::Window(WindowAction::UndoFaults));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for (what, icon, selected, explanation) in [
                (
                    WindowAction::Present,
                    Icon::Screen,
                    state.presenting,
                    "Only what an audience needs, and everything larger.",
                ),
                (WindowAction::Help, Icon::Question, state.help, ""),
                (
                    WindowAction::Theme,
                    Icon::Contrast,
                    false,
                    "As the desktop has it, as long as nothing was chosen.",
                ),
                (WindowAction::Palette, Icon::Search, false, ""),
            ] {
                let shortcut = what.shortcut().map(|keys| ui.ctx().format_shortcut(&keys));
                let mut button = IconButton::new(icon, what.label())
                    .explain(explanation)
                    .selected(selected)
                    .shortcut(shortcut);
                if what == WindowAction::Present {
                    button = button.text(if state.presenting {
                        "Stop presenting"
                    } else {
                        "Present"
                    });
                }
                if button.show(ui).clicked() {
                    action = Some(Action::Window(what));
                }
            }
        });
    });
    action
}

fn scenario_menu(ui: &mut Ui, snapshot: &Snapshot<'_>, commands: &mut Vec<Command>) -> Option<Action> {
    let mut action = None;
    let name = if snapshot.scenario_status.name.is_empty() {
        "no scenario"
    } else {
        snapshot.scenario_status.name
    };
    let menu = ui.menu_button(format!("{name}  \u{2193}"), |ui| {
        ui.set_min_width(MENU);
        if snapshot.scenario_status.library.is_empty() {
            ui.label("There are no scenario files in demo-scenarios.");
        }
        for scenario in snapshot.scenario_status.library {
            if ui.button(scenario.name.as_str()).clicked() {
                commands.push(Command::LoadScenario(scenario.path.clone()));
                ui.close();
            }
        }
        ui.separator();
        for (what, text) in [
            (WindowAction::OpenScenario, "Open scenario file\u{2026}"),
            (WindowAction::SaveScenario, "Save scenario as\u{2026}"),
        ] {
            let keys = what.shortcut().map(|keys| ui.ctx().format_shortcut(&keys));
            let button = egui::Button::new(text).shortcut_text(keys.unwrap_or_default());
            if ui.add(button).clicked() {
                action = Some(Action::Window(what));
                ui.close();
            }
        }
    });
    menu.response.accessible_name(format!("Scenario: {name}"));
    action
}

/// Draws the banner while faults are active; returns whether they are to be undone.
fn faults_ui(ui: &mut Ui, theme: &Theme, snapshot: &Snapshot<'_>) -> bool {
    let (faults, random) = (snapshot.faults(), snapshot.scenario_status.random_faults);
    let random: usize = random.iter().map(|random| random.members().len()).sum();
    let active = match faults {
        1 => "1 fault active".to_owned(),
        _ => format!("{faults} faults active"),
    };
    let text = match (faults, random) {
        (0, 0) => return false,
        (_, 0) => active,
        (0, _) => format!("random faults on {random}"),
        _ => format!("{active}, random on {random}"),
    };
    Frame::new()
        .fill(mix(theme.panel, theme.fault, 0.18))
        .corner_radius(RADIUS)
        .inner_margin(Margin {
            left: 10,
            right: 4,
            top: 2,
            bottom: 2,
        })
        .show(ui, |ui| {
            icon_label(ui, Icon::Warning, theme.fault, size::ICON);
            ui.label(theme::strong(text).color(theme.fault));
            IconButton::new(Icon::Undo, WindowAction::UndoFaults.label())
                .text("Undo all")
                .tone(Tone::Fault)
                .explain("Thaws what is frozen, lets all packets pass again, and ends random faults.")
                .show(ui)
                .clicked()
        })
        .inner
}
