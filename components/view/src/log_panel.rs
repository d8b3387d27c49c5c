//! Log lines of the components, searchable.

use egui::{Label, RichText, ScrollArea, TextEdit, Ui};

use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{Theme, size};
use model::{Component, LogLine};

/// What the log remembers.
#[derive(Debug, Default)]
pub(crate) struct LogState {
    search: String,
}

/// The controls beside the tabs.
pub(crate) fn controls_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut LogState, selection: &Selection) {
    let theme = Theme::of(ui);
    ui.add(
        TextEdit::singleline(&mut state.search)
            .hint_text("search")
            .desired_width(size::FIELD),
    )
    .accessible_name("Search the log");
    let text = match selection.component().and_then(|id| snapshot.component(id)) {
        Some(component) => format!("of {}", component.name),
        None => "of all components; choose one to see its log alone".to_owned(),
    };
    ui.label(theme.remark(text));
}

/// Draws the log of the chosen component, or of all.
pub(crate) fn log_panel_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &LogState, selection: &Selection) {
    let theme = Theme::of(ui);
    let needle = state.search.to_lowercase();
    let mut lines: Vec<(&Component, &LogLine)> = snapshot
        .model
        .components
        .values()
        .filter(|component| selection.component().is_none_or(|id| id == component.id))
        .flat_map(|component| component.log.iter().map(move |line| (component, line)))
        .filter(|(_, line)| needle.is_empty() || line.text.to_lowercase().contains(&needle))
        .collect();
    // Each component's lines are in order already, which the sort makes use of.
    lines.sort_by_key(|(_, line)| line.at);
    if lines.is_empty() {
        ui.label(RichText::new("No line to show.").color(theme.weak));
        return;
    }
    ui.spacing_mut().item_spacing.y = 1.0;
    let height = ui.text_style_height(&egui::TextStyle::Monospace);
    ScrollArea::both()
        .auto_shrink(false)
        .stick_to_bottom(true)
        .show_rows(ui, height, lines.len(), |ui, range| {
            for (component, line) in lines.get(range).unwrap_or_default() {
                ui.horizontal(|ui| {
                    if selection.component().is_none() {
                        ui.add(Label::new(
                            RichText::new(format!("{:<8}", component.name))
                                .monospace()
                                .color(theme.weak),
                        ));
                    }
                    ui.add(
                        Label::new(
                            RichText::new(&line.text)
                                .monospace()
                                .color(line_colour(theme, &line.text)),
                        )
                        .extend()
                        .selectable(true),
                    );
                });
            }
        });
}

/// Draws the last lines of a component's log.
pub(crate) fn tail_ui(ui: &mut Ui, component: &Component) {
    let theme = Theme::of(ui);
    if component.log.is_empty() {
        ui.label(RichText::new("empty").color(theme.weak));
        return;
    }
    ui.spacing_mut().item_spacing.y = 1.0;
    for line in component
        .log
        .iter()
        .rev()
        .take(12)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let line = line.text.as_str();
        let text = RichText::new(line)
            .monospace()
            .size(size::CAPTION)
            .color(line_colour(theme, line));
        ui.add(Label::new(text).truncate()).on_hover_text(line);
    }
}

fn line_colour(theme: &Theme, line: &str) -> egui::Color32 {
    if line.contains("ERROR") {
        theme.danger
    } else if line.contains("WARN") {
        theme.fault
    } else {
        theme.text
    }
}
