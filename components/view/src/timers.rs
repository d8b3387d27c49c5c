//! The timers: the preset of new components, its values in seconds, and the timers that a component was started with.

use std::sync::LazyLock;
use std::time::Duration;

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Grid, PopupCloseBehavior, Ui};
use feed::ComponentRole;

use crate::action::{Tone, WindowAction};
use crate::button::{IconButton, icon_label};
use crate::icon::Icon;
use crate::inspector::folding_section;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, size};
use command::Command;
use model::{Component, words};
use scenario::timers::{TimerValue, Timers};
use scenario::{ComponentArgs, Preset, Settings};

/// The width of the menu.
const WIDTH: f32 = 430.0;
/// The width of a column of values.
const VALUE: f32 = 72.0;

/// The values of both presets, by role.
static VALUES: LazyLock<Vec<(ComponentRole, TimerValue, Duration)>> = LazyLock::new(|| {
    let timers = |role, preset| {
        let settings = Settings {
            preset: Some(preset),
            ..Settings::default()
        };
        ComponentArgs::new(role).with(&settings).timers().values
    };
    let roles = [
        ComponentRole::Registrar,
        ComponentRole::PoolElement,
        ComponentRole::PoolUser,
    ];
    let mut values: Vec<(ComponentRole, TimerValue, Duration)> = Vec::new();
    for role in roles {
        let both = timers(role, Preset::Demo)
            .into_iter()
            .zip(timers(role, Preset::Rfc));
        for (demo, rfc) in both {
            if !values.iter().any(|(_, value, _)| value.name == demo.name) {
                values.push((role, demo, rfc.value));
            }
        }
    }
    values
});

/// Returns the name of a preset in the menu.
fn name(preset: Preset) -> &'static str {
    match preset {
        Preset::Demo => "demo",
        Preset::Rfc => "rfc",
    }
}

/// Returns what a preset is for.
fn words(preset: Preset) -> &'static str {
    match preset {
        Preset::Demo => "short timers, so that an audience sees at once what happens",
        Preset::Rfc => "the values of RFC 5352 and 5353, as in a real network",
    }
}

/// Returns the number of running components whose preset differs from that of new ones.
fn with_others(snapshot: &Snapshot<'_>) -> usize {
    let components = snapshot.model.components.values();
    let others = components.filter(|component| {
        let timers = component.timers.as_ref();
        component.process.is_alive()
            && timers.is_some_and(|timers| timers.preset != snapshot.scenario_status.preset)
    });
    others.count()
}

/// Draws the button and, while it is open, the menu.
pub(crate) fn timers_menu(ui: &mut Ui, snapshot: &Snapshot<'_>, commands: &mut Vec<Command>) {
    let preset = snapshot.scenario_status.preset;
    let others = with_others(snapshot);
    let mark = if others > 0 { " *" } else { "" };
    let text = format!("Timers: {}{mark}  \u{2193}", name(preset));
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::new(text).config(config).ui(ui, |ui| {
        ui.set_width(WIDTH);
        choice_ui(ui, preset, others, commands);
    });
    response.accessible_name(format!("Timers: {}", name(preset)));
}

/// Draws the choice, the values of both presets, and the number of components whose preset differs.
fn choice_ui(ui: &mut Ui, preset: Preset, others: usize, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.label(theme::strong("Timers of components that are started from now on"));
    for choice in [Preset::Demo, Preset::Rfc] {
        ui.horizontal(|ui| {
            let response = ui.radio(choice == preset, name(choice));
            if response.clicked() && choice != preset {
                commands.push(Command::SetPreset(choice));
            }
            ui.label(theme.remark(words(choice)));
        });
    }
    if others > 0 {
        ui.horizontal(|ui| {
            icon_label(ui, Icon::Warning, theme.fault, size::ICON);
            let text = if others == 1 {
                "1 component still runs with the other ones.".to_owned()
            } else {
                format!("{others} components still run with the other ones.")
            };
            ui.label(text);
            let restart = IconButton::new(Icon::Restart, WindowAction::RestartAll.label())
                .text("Restart all")
                .tone(Tone::Primary)
                .explain("Clean stop of everything that runs, then a start with these timers.");
            if restart.show(ui).clicked() {
                commands.push(Command::RestartAll);
            }
        });
    }
    ui.separator();
    ui.spacing_mut().interact_size.y = 16.0;
    Grid::new("timer values")
        .num_columns(3)
        .striped(true)
        .min_col_width(VALUE)
        .spacing([18.0, 4.0])
        .show(ui, |ui| {
            for heading in ["", "demo", "rfc"] {
                ui.label(theme::strong(heading).size(size::LABEL));
            }
            ui.end_row();
            for (_, value, rfc) in VALUES.iter() {
                ui.label(&*value.name).on_hover_text(&*value.explanation);
                for (of, duration) in [(Preset::Demo, value.value), (Preset::Rfc, *rfc)] {
                    let text = egui::RichText::new(words::setting(duration));
                    let text = if of == preset {
                        text
                    } else {
                        text.color(theme.weak)
                    };
                    ui.label(text);
                }
                ui.end_row();
            }
        });
}

/// Draws the section on timers in a component's inspector.
pub(crate) fn component_timers_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, component: &Component) {
    let Some(timers) = &component.timers else { return };
    let theme = Theme::of(ui);
    let title = format!("Timers of {}: {}", component.name, name(timers.preset));
    folding_section(ui, &title, false, |ui| values_ui(ui, theme, timers));
    if component.process.is_alive() && timers.preset != snapshot.scenario_status.preset {
        let text = format!("After a restart: {}", name(snapshot.scenario_status.preset));
        ui.label(theme::small(text).color(theme.fault));
    }
}

fn values_ui(ui: &mut Ui, theme: &Theme, timers: &Timers) {
    ui.spacing_mut().interact_size.y = 16.0;
    Grid::new("component timers")
        .num_columns(2)
        .spacing([12.0, 4.0])
        .show(ui, |ui| {
            for value in &timers.values {
                ui.label(egui::RichText::new(&*value.name).color(theme.weak))
                    .on_hover_text(&*value.explanation);
                ui.label(words::setting(value.value));
                ui.end_row();
            }
        });
}
