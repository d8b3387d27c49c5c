//! The handlespaces of all registrars, side by side, so that differences stand out.

mod comparison;

use comparison::{Cell, ChecksumCell, Checksums, Compared, Difference, Row};
use egui::{Color32, Label, RichText, Role, ScrollArea, Ui};
use egui_extras::{Column, TableBuilder, TableRow};
use feed::ComponentRole;

use crate::button::{IconButton, announce_as, bar, icon_label, role_label};
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, size};
use crate::wording::{self, Standing};
use model::{Agreement, Component, words};
use wire::RegistrarIdentifier;

const ROW: f32 = 22.0;
const HEADER: f32 = 40.0;
const REGISTRAR_WIDTH: f32 = 150.0;

/// The state of the pane.
#[derive(Debug, Default)]
pub(crate) struct HandlespaceState {
    compared: Compared,
    only_differences: bool,
}

/// Draws the summary beside the tabs: whether all registrars agree.
pub(crate) fn controls_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut HandlespaceState) {
    if !snapshot.has_several_registrars() {
        return;
    }
    let theme = Theme::of(ui);
    let comparison = state.compared.update(snapshot);
    let current = snapshot
        .role(ComponentRole::Registrar)
        .filter(|registrar| comparison::is_current(registrar))
        .count();
    let (icon, ink, text) = match (current, comparison.differences()) {
        (0 | 1, _) => (
            Icon::Dash,
            theme.weak,
            "fewer than two registrars are in service".to_owned(),
        ),
        (_, 0) => (Icon::Check, theme.good, format!("all {current} registrars agree")),
        (_, 1) => (Icon::Differ, theme.fault, "1 difference".to_owned()),
        (_, many) => (Icon::Differ, theme.fault, format!("{many} differences")),
    };
    icon_label(ui, icon, ink, size::ICON);
    ui.label(RichText::new(text).color(ink));
    ui.add_space(8.0);
    let only = state.only_differences;
    let button = IconButton::new(Icon::Differ, "Show differences only")
        .text("Differences only")
        .selected(only);
    if button.show(ui).clicked() {
        state.only_differences = !only;
    }
}

/// Draws the handlespaces.
pub(crate) fn handlespace_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut HandlespaceState,
    selection: &mut Selection,
) {
    let theme = Theme::of(ui);
    let comparison = state.compared.update(snapshot);
    if comparison.registrars.is_empty() {
        ui.label(RichText::new("There is no registrar.").color(theme.weak));
        return;
    }
    let everything = !(state.only_differences && snapshot.has_several_registrars());
    let shown = Shown {
        registrars: comparison
            .registrars
            .iter()
            .filter_map(|id| snapshot.component(*id))
            .collect(),
        checksums: comparison
            .checksums
            .iter()
            .filter(|row| everything || row.differs())
            .collect(),
        rows: comparison
            .rows
            .iter()
            .filter(|row| everything || row.differs())
            .collect(),
    };
    if shown.rows.is_empty() && shown.checksums.is_empty() {
        let text = if state.only_differences {
            "There are no differences."
        } else {
            "No registrar knows any pool element."
        };
        ui.label(RichText::new(text).color(theme.weak));
        return;
    }
    ui.spacing_mut().interact_size.y = 18.0;
    ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
        table_ui(ui, theme, snapshot, &shown, selection);
    });
}

/// The visible part of the comparison.
struct Shown<'a> {
    registrars: Vec<&'a Component>,
    checksums: Vec<&'a Checksums>,
    rows: Vec<&'a Row>,
}

fn table_ui(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    shown: &Shown<'_>,
    selection: &mut Selection,
) {
    let columns = shown.registrars.len();
    TableBuilder::new(ui)
        .striped(true)
        .auto_shrink(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center))
        .column(Column::initial(210.0).at_least(120.0).clip(true).resizable(true))
        .column(Column::initial(110.0).at_least(60.0).clip(true).resizable(true))
        .column(Column::exact(98.0))
        .columns(
            Column::initial(REGISTRAR_WIDTH).at_least(90.0).clip(true),
            columns,
        )
        .header(HEADER, |mut row| {
            for title in ["Pool element", "Policy", "Load"] {
                row.col(|ui| {
                    announce_as(&ui.label(theme.remark(title)), Role::ColumnHeader, title);
                });
            }
            for registrar in &shown.registrars {
                row.col(|ui| heading_ui(ui, theme, registrar));
            }
        })
        .body(|body| {
            let above = shown.checksums.len();
            body.rows(ROW, above + shown.rows.len(), |mut table_row| {
                let index = table_row.index();
                if let Some(checksums) = shown.checksums.get(index) {
                    checksum_row(&mut table_row, theme, snapshot, checksums);
                } else if let Some(row) = shown.rows.get(index - above) {
                    element_row(&mut table_row, theme, snapshot, shown, row, selection);
                }
            });
        });
}

fn heading_ui(ui: &mut Ui, theme: &Theme, registrar: &Component) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let current = comparison::is_current(registrar);
        let ink = if current { theme.text } else { theme.weak };
        let name = ui.label(theme::strong(registrar.name.as_str()).color(ink));
        announce_as(&name, Role::ColumnHeader, &registrar.name);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let standing = Standing::of(registrar);
            match registrar.handlespace {
                Some(size) if current => {
                    let text = format!("owns {} of {}", size.owned, size.pool_elements);
                    ui.label(theme.remark(text));
                }
                _ => {
                    let ink = standing.colour(theme);
                    icon_label(ui, standing.icon(), ink, size::ICON_SMALL);
                    let text = format!("{}, as it was", wording::state_word(registrar));
                    ui.add(Label::new(theme::small(text).color(ink)).truncate());
                }
            }
        });
    });
}

fn checksum_row(row: &mut TableRow<'_, '_>, theme: &Theme, snapshot: &Snapshot<'_>, checksums: &Checksums) {
    row.col(|ui| {
        let name = snapshot.model.registrar_name(checksums.owner);
        let text = RichText::new(format!("Checksum of {name}'s PEs"));
        ui.add(Label::new(text).truncate()).on_hover_text(
            "The checksum over all PEs that this registrar owns (RFC 5353, 5): it sends it with each presence, and \
             every other registrar compares it with that of its own copy.",
        );
    });
    row.col(|_| {});
    row.col(|_| {});
    for cell in &checksums.cells {
        row.col(|ui| {
            let (icon, ink, checksum, word) = match *cell {
                ChecksumCell::Own(checksum) => {
                    (Icon::Check, theme.text, words::checksum(checksum), "its own")
                }
                ChecksumCell::Copy(checksum, agreement) => {
                    let (icon, ink, word) = match agreement {
                        Agreement::Agree => (Icon::Check, theme.good, "agrees"),
                        Agreement::Differ => (Icon::Differ, theme.fault, "differs"),
                        Agreement::Settling => (Icon::Dots, theme.weak, "changes"),
                        Agreement::Unknown => (Icon::Question, theme.weak, "not heard"),
                    };
                    (icon, ink, words::checksum(checksum), word)
                }
                ChecksumCell::Unknown => (Icon::Dash, theme.weak, String::new(), "not known"),
                ChecksumCell::Stale(checksum) => (
                    Icon::Dash,
                    theme.weak,
                    checksum.map_or_else(String::new, words::checksum),
                    "as it was",
                ),
            };
            word_ui(ui, icon, ink, word);
            ui.label(RichText::new(checksum).monospace().color(theme.weak));
        });
    }
}

fn element_row(
    table_row: &mut TableRow<'_, '_>,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    shown: &Shown<'_>,
    row: &Row,
    selection: &mut Selection,
) {
    let entry = &row.reference;
    let identifier = entry.pe_identifier;
    let colour = snapshot.element_colour(theme, identifier);
    table_row.col(|ui| {
        let fill = theme::fade(colour, 0.5);
        role_label(ui, ComponentRole::PoolElement, fill, colour, size::ICON);
        let hover = format!("{identifier} in pool {}", entry.pool_handle);
        match snapshot.element(identifier) {
            Some(element) => {
                if ui.link(element.name.as_str()).on_hover_text(hover).clicked() {
                    selection.select(element.id);
                }
            }
            None => {
                ui.label(snapshot.model.pool_element_name(identifier))
                    .on_hover_text(hover);
            }
        }
        let pool = theme.remark(entry.pool_handle.to_string());
        ui.add(Label::new(pool).truncate());
    });
    table_row.col(|ui| {
        ui.add(Label::new(entry.policy.as_str()).truncate());
    });
    table_row.col(|ui| match entry.load {
        Some(load) => {
            bar(ui, load as f32, colour, 46.0, 6.0);
            ui.label(theme::small(words::percent(load)));
        }
        None => {
            ui.label(theme.remark("none"));
        }
    });
    for (cell, registrar) in row.cells.iter().zip(&shown.registrars) {
        table_row.col(|ui| cell_ui(ui, theme, snapshot, cell, entry.home_registrar, registrar));
    }
}

fn cell_ui(
    ui: &mut Ui,
    theme: &Theme,
    snapshot: &Snapshot<'_>,
    cell: &Cell,
    owner: RegistrarIdentifier,
    registrar: &Component,
) {
    let name = |owner: RegistrarIdentifier| snapshot.model.registrar_name(owner);
    match cell {
        Cell::Own => word_ui(ui, Icon::Check, theme.good, "its own"),
        Cell::Known => word_ui(ui, Icon::Check, theme.weak, &format!("of {}", name(owner))),
        Cell::Missing => word_ui(ui, Icon::Differ, theme.danger, "missing here"),
        Cell::NotListed => word_ui(ui, Icon::Dots, theme.weak, "not listed"),
        Cell::Stale(None) => word_ui(ui, Icon::Dash, theme.weak, "not there"),
        Cell::Stale(Some(entry)) => {
            let own = registrar.is_registrar(entry.home_registrar);
            let text = if own {
                "was its own".to_owned()
            } else {
                format!("was of {}", name(entry.home_registrar))
            };
            word_ui(ui, Icon::Dash, theme.weak, &text);
        }
        Cell::Different(differences) => {
            let words: Vec<String> = differences
                .iter()
                .map(|difference| match difference {
                    Difference::Owner(owner) if registrar.is_registrar(*owner) => {
                        "says it is its own".to_owned()
                    }
                    Difference::Owner(owner) => format!("says it is of {}", name(*owner)),
                    Difference::Policy(policy) => format!("says {policy}"),
                    Difference::Load(Some(load)) => format!("says {} load", words::percent(*load)),
                    Difference::Load(None) => "says no load".to_owned(),
                })
                .collect();
            word_ui(ui, Icon::Differ, theme.fault, &words.join(", "));
        }
    }
}

fn word_ui(ui: &mut Ui, icon: Icon, ink: Color32, word: &str) {
    ui.spacing_mut().item_spacing.x = 6.0;
    icon_label(ui, icon, ink, size::ICON_SMALL);
    let label = Label::new(theme::small(word).color(ink)).truncate();
    ui.add(label).on_hover_text(word);
}
