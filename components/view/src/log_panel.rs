//! The log lines of the components, with a search.

use egui::{Label, RichText, ScrollArea, TextEdit, Ui, vec2};
use feed::Timestamp;

use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{Theme, size};
use model::{Component, ComponentId, LogLine};

/// The width of the components' names before their lines.
const NAME: f32 = 84.0;

/// The state of the log.
#[derive(Debug, Default)]
pub(crate) struct LogState {
    search: String,
    merged: Merged,
}

/// The lines of several logs in chronological order, merged again only when one of the logs has changed.
#[derive(Debug, Default)]
struct Merged {
    key: Option<Key>,
    /// The components and the positions in their logs.
    lines: Vec<(ComponentId, usize)>,
}

/// Everything that the merged lines depend on.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    log_lines: u64,
    /// Removed components take their lines with them.
    generation: u64,
    epoch: u64,
    of_one: Option<ComponentId>,
    search: String,
}

impl Merged {
    /// Updates the merged lines; returns those that contain the search text.
    fn update(
        &mut self,
        snapshot: &Snapshot<'_>,
        of_one: Option<ComponentId>,
        search: &str,
    ) -> &[(ComponentId, usize)] {
        let model = snapshot.model;
        let key = Key {
            log_lines: model.log_lines,
            generation: model.generation,
            epoch: snapshot.epoch(),
            of_one,
            search: search.to_lowercase(),
        };
        if self.key.as_ref() != Some(&key) {
            let components = model.components.values();
            let mut lines: Vec<(ComponentId, usize, Timestamp)> = components
                .filter(|component| of_one.is_none_or(|id| id == component.id))
                .flat_map(|component| {
                    let lines = component.log.iter().enumerate();
                    let sought =
                        |text: &str| key.search.is_empty() || text.to_lowercase().contains(&key.search);
                    lines.filter_map(move |(index, line)| {
                        sought(&line.text).then_some((component.id, index, line.at))
                    })
                })
                .collect();
            // Each component's lines are in order already, which speeds up the sort.
            lines.sort_by_key(|(.., at)| *at);
            self.lines = lines.into_iter().map(|(id, index, _)| (id, index)).collect();
            self.key = Some(key);
        }
        &self.lines
    }
}

/// Draws the controls beside the tabs.
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
    ui.add(Label::new(theme.remark(text)).truncate());
}

/// Draws the log of the selected component, or of all.
pub(crate) fn log_panel_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut LogState,
    selection: &Selection,
) {
    let theme = Theme::of(ui);
    let of_one = selection.component();
    let lines = state.merged.update(snapshot, of_one, &state.search);
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
            for &(id, index) in lines.get(range).unwrap_or_default() {
                let Some(component) = snapshot.component(id) else {
                    continue;
                };
                if let Some(line) = component.log.get(index) {
                    line_ui(ui, theme, of_one.is_none().then_some(component), line);
                }
            }
        });
}

/// Draws a line of a log, preceded by the component's name if several logs are shown.
fn line_ui(ui: &mut Ui, theme: &Theme, component: Option<&Component>, line: &LogLine) {
    ui.horizontal(|ui| {
        if let Some(component) = component {
            let name = RichText::new(component.name.as_str())
                .monospace()
                .color(theme.weak);
            let height = ui.text_style_height(&egui::TextStyle::Monospace);
            ui.allocate_ui(vec2(NAME, height), |ui| {
                ui.set_width(NAME);
                ui.add(Label::new(name).truncate());
            });
        }
        let text = RichText::new(&line.text)
            .monospace()
            .color(line_colour(theme, &line.text));
        ui.add(Label::new(text).extend().selectable(true));
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
        // Where it is cut, the whole line appears on hover.
        ui.add(Label::new(text).truncate());
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
