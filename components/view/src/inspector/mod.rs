//! The inspector: all facts about the selected component, and all actions on it.

mod associations;
mod controls;
mod details;

use associations::associations;
use controls::{element_controls, link_controls, process_controls};
use details::details;
use egui::{Grid, ScrollArea, Ui};
use feed::ComponentRole;

use crate::button::{IconButton, icon_label};
use crate::card::status_line;
use crate::icon::Icon;
use crate::random_faults::{self, RandomFaultsForm};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, size};
use crate::wording::{self, Standing};
use crate::{log_panel, timers};
use command::Command;
use model::Component;

/// Draws the inspector; returns whether the user wants to search the log, which the dock provides.
pub(crate) fn inspector_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    component: &Component,
    random_faults: &mut RandomFaultsForm,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) -> bool {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        if IconButton::new(Icon::Back, "Back to all components")
            .show(ui)
            .clicked()
        {
            selection.close_inspector();
        }
        ui.label(theme::title(component.name.as_str()));
        let standing = Standing::of(component);
        icon_label(ui, standing.icon(), standing.colour(theme), size::ICON);
        ui.label(egui::RichText::new(wording::state_word(component)).color(standing.colour(theme)));
    });
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.add(egui::Label::new(status_line(snapshot, component)).wrap());
            if let Some(problem) = &component.problem {
                ui.colored_label(theme.fault, problem);
            }
            process_controls(ui, component, commands);
            section(ui, "Faults on all its links");
            link_controls(ui, component, commands);
            section(ui, "Associations and faults on single links");
            associations(ui, snapshot, component, selection);
            if component.role() == ComponentRole::PoolElement {
                element_controls(ui, component, commands);
            }
            random_faults::random_faults_ui(ui, snapshot, component, random_faults, commands);
            timers::component_timers_ui(ui, snapshot, component);
            section(ui, "Details");
            details(ui, snapshot, component);
            section(ui, "Log");
            log_panel::tail_ui(ui, component);
            let search = IconButton::new(Icon::Search, "Search this log").text("Search");
            search.show(ui).clicked()
        })
        .inner
}

/// Draws a heading within an inspector.
pub(crate) fn section(ui: &mut Ui, title: &str) {
    let theme = Theme::of(ui);
    ui.add_space(SPACE);
    ui.label(theme.section_heading(title));
}

/// Draws a heading that folds and unfolds the content below it.
pub(crate) fn folding_section(ui: &mut Ui, title: &str, open: bool, content: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui);
    ui.add_space(SPACE);
    let heading = theme.section_heading(title);
    egui::CollapsingHeader::new(heading)
        .id_salt(("section", title))
        .default_open(open)
        .show_unindented(ui, content);
}

/// Draws rows of a name and a value.
pub(crate) fn rows_ui(ui: &mut Ui, rows: Vec<(&str, String)>) {
    let theme = Theme::of(ui);
    ui.spacing_mut().interact_size.y = 16.0;
    Grid::new("details")
        .num_columns(2)
        .spacing([12.0, 4.0])
        .show(ui, |ui| {
            for (name, value) in rows {
                ui.label(egui::RichText::new(name).color(theme.weak));
                ui.add(egui::Label::new(value).selectable(true).wrap());
                ui.end_row();
            }
        });
}
