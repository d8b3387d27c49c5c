//! The inspector: all facts about the selected component, and all actions on it.

mod associations;
mod controls;
mod details;
mod policy;

use associations::associations;
pub(crate) use associations::link_ui;
pub(crate) use controls::{calculations_value, capacity_value, jobs_value};
use controls::{element_controls, link_controls, process_controls};
use details::details;
use egui::{Color32, Grid, Label, RichText, ScrollArea, Ui, vec2};
use feed::ComponentRole;

use crate::button::{IconButton, icon_label};
use crate::card::status_line;
use crate::icon::Icon;
use crate::random_faults::{self, RandomFaultsForm};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, size};
use crate::wording::{self, Standing};
use crate::{log_panel, present, timers};
use command::Command;
use model::Component;

/// The height of a line of the status, and the width that a name has at least.
const STATUS_LINE: f32 = 18.0;
const MIN_TITLE: f32 = 60.0;

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
    let standing = Standing::of(component);
    if title_ui(
        ui,
        component.name.as_str(),
        Some((
            standing.icon(),
            standing.colour(theme),
            wording::state_word(component).as_ref(),
        )),
    ) {
        selection.close_inspector();
    }
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(ui, |ui| {
            status_ui(ui, theme, snapshot, component);
            // First what can be pressed, which never moves; then what grows and shrinks.
            present::only_present(ui, |ui| {
                process_controls(ui, component, commands);
                section(ui, "Faults on all its links");
                link_controls(ui, component, commands);
                if component.role() == ComponentRole::PoolElement {
                    element_controls(ui, component, commands);
                }
                random_faults::random_faults_ui(ui, snapshot, component, random_faults, commands);
                if component.role() == ComponentRole::PoolElement {
                    policy::policy_ui(ui, component, commands);
                }
            });
            section(ui, "Associations and faults on single links");
            associations(ui, snapshot, component, selection);
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

/// Draws the title of an inspector: the way back, a name of any length, and a state. Returns whether to go back.
pub(crate) fn title_ui(ui: &mut Ui, name: &str, state: Option<(Icon, Color32, &str)>) -> bool {
    ui.horizontal(|ui| {
        let back = IconButton::new(Icon::Back, "Back to all components").show(ui);
        let word = state.map(|(.., word)| {
            let font = theme::plain_font(size::BODY);
            let galley = ui
                .painter()
                .layout_no_wrap(word.to_owned(), font, Color32::PLACEHOLDER);
            galley.size().x + size::ICON + 2.0 * SPACE
        });
        let most = (ui.available_width() - word.unwrap_or_default()).max(MIN_TITLE);
        ui.scope(|ui| {
            ui.set_max_width(most);
            ui.add(Label::new(theme::title(name)).truncate());
        });
        if let Some((icon, ink, word)) = state {
            icon_label(ui, icon, ink, size::ICON);
            ui.add(Label::new(RichText::new(word).color(ink)).truncate());
        }
        back.clicked()
    })
    .inner
}

/// Draws what the component does and what is wrong with it, in two lines whatever the texts.
fn status_ui(ui: &mut Ui, theme: &Theme, snapshot: &Snapshot<'_>, component: &Component) {
    let status = status_line(snapshot, component);
    let problem = component.problem.as_deref().unwrap_or_default();
    let width = ui.available_width();
    for (text, ink) in [(status.as_ref(), theme.text), (problem, theme.fault)] {
        ui.allocate_ui_with_layout(
            vec2(width, STATUS_LINE),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                ui.set_min_size(vec2(width, STATUS_LINE));
                if !text.is_empty() {
                    ui.add(Label::new(RichText::new(text).color(ink)).truncate());
                }
            },
        );
    }
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
                ui.label(RichText::new(name).color(theme.weak));
                ui.add(Label::new(value).selectable(true).wrap());
                ui.end_row();
            }
        });
}
