//! The handlespace as each registrar sees it, side by side, so that differences stand out.

use std::collections::BTreeMap;

use egui::{Grid, RichText, ScrollArea, Ui};
use feed::{ComponentRole, HandlespaceEntry};

use crate::model::Component;
use crate::view::button::{bar, icon_label};
use crate::view::icon::Icon;
use crate::view::stage::Stage;
use crate::view::state::ViewState;
use crate::view::theme::{self, Theme};
use crate::view::wording::{self, Standing};

/// Draws the handlespaces.
pub(crate) fn handlespace_ui(ui: &mut Ui, stage: &Stage<'_>, state: &mut ViewState) {
    let theme = Theme::of(ui);
    let registrars: Vec<&Component> = stage.role(ComponentRole::Registrar).collect();
    if registrars.is_empty() {
        ui.label(RichText::new("There is no registrar.").color(theme.weak));
        return;
    }
    let mut rows: BTreeMap<(&str, u32), Vec<Option<&HandlespaceEntry>>> = BTreeMap::new();
    for (column, registrar) in registrars.iter().enumerate() {
        for entry in &registrar.entries {
            let row = rows
                .entry((entry.pool_handle.as_str(), entry.pe_identifier))
                .or_default();
            row.resize(registrars.len(), None);
            row[column] = Some(entry);
        }
    }
    ui.spacing_mut().interact_size.y = 18.0;
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        Grid::new("handlespace")
            .striped(true)
            .spacing([22.0, 5.0])
            .show(ui, |ui| {
                for title in ["Pool", "Pool element", "Policy", "Load"] {
                    ui.label(theme::small(title).color(theme.weak));
                }
                for registrar in &registrars {
                    heading_ui(ui, theme, registrar);
                }
                ui.end_row();
                for ((pool, identifier), seen) in &rows {
                    row_ui(ui, theme, stage, pool, *identifier, seen, &registrars, state);
                    ui.end_row();
                }
            });
        if rows.is_empty() {
            ui.label(RichText::new("No registrar knows any pool element.").color(theme.weak));
        }
    });
}

fn heading_ui(ui: &mut Ui, theme: &Theme, registrar: &Component) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.label(theme::strong(registrar.name.as_str()));
        let text = match registrar.handlespace {
            Some((elements, owned, checksum)) if registrar.process.is_alive() => {
                format!("{elements} PEs, owns {owned}, 0x{checksum:04x}")
            }
            _ => wording::state_word(registrar).into_owned(),
        };
        ui.add(egui::Label::new(theme::small(text).color(theme.weak)).extend());
    });
}

#[expect(clippy::too_many_arguments, reason = "one row with all that it shows")]
fn row_ui(
    ui: &mut Ui,
    theme: &Theme,
    stage: &Stage<'_>,
    pool: &str,
    identifier: u32,
    seen: &[Option<&HandlespaceEntry>],
    registrars: &[&Component],
    state: &mut ViewState,
) {
    let any = seen.iter().flatten().next();
    ui.label(pool);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(11.0), egui::Sense::hover());
        ui.painter()
            .rect_filled(rect, 3.0, stage.element_colour(theme, identifier));
        match stage.element(identifier) {
            Some(element) => {
                if ui.link(element.name.as_str()).clicked() {
                    state.select(element.id);
                }
            }
            None => {
                ui.label("elsewhere");
            }
        }
        ui.monospace(format!("{identifier:08x}"));
    });
    ui.label(any.map_or("", |entry| entry.policy.as_str()));
    match any.and_then(|entry| entry.load) {
        Some(load) => {
            ui.horizontal(|ui| {
                bar(
                    ui,
                    load as f32,
                    stage.element_colour(theme, identifier),
                    50.0,
                    6.0,
                );
                ui.label(theme::small(format!("{:.0} %", load * 100.0)));
            });
        }
        None => {
            ui.label(theme::small("none").color(theme.weak));
        }
    }
    for (entry, registrar) in seen.iter().zip(registrars) {
        let owner = entry.is_some_and(|entry| Some(u64::from(entry.home_registrar)) == registrar.identifier);
        ui.horizontal(|ui| {
            let (icon, ink, word) = match entry {
                _ if !registrar.process.is_alive() => (Icon::Dash, theme.weak, "not running"),
                Some(_) if owner => (Icon::Check, theme.good, "owner"),
                Some(_) => (Icon::Check, theme.weak, "knows it"),
                None if Standing::of(registrar).is_silent() => (Icon::Dots, theme.fault, "as it was"),
                None => (Icon::Warning, theme.danger, "missing"),
            };
            icon_label(ui, icon, ink, 12.0);
            ui.label(theme::small(word).color(ink));
        });
    }
}
