//! The table of messages: real ones, as reported by the components, with the bytes of the selected one.

mod bytes;
mod shown;
mod table;

use bytes::bytes_ui;
use egui::{RichText, TextEdit, Ui};
use shown::Shown;

use crate::button::IconButton;
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, size};
use model::words;

/// The initial width of the pane with the bytes of the selected message.
const BYTES: f32 = 440.0;

/// The state of the table.
#[derive(Debug, Default)]
pub(crate) struct MessageState {
    filter: String,
    only_selection: bool,
    /// While paused, messages from this number on are not shown.
    paused_at: Option<u64>,
    chosen: Option<u64>,
    shown: Shown,
}

impl MessageState {
    /// Pauses or resumes the table.
    pub(crate) fn toggle_pause(&mut self, next_number: u64) {
        self.paused_at = if self.paused_at.is_some() {
            None
        } else {
            Some(next_number)
        };
    }
}

/// Draws the controls beside the tabs.
pub(crate) fn controls_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    messages: &mut MessageState,
    selection: &Selection,
) {
    let theme = Theme::of(ui);
    let next = snapshot.model.messages.next_number;
    ui.add(
        TextEdit::singleline(&mut messages.filter)
            .hint_text("filter by words")
            .desired_width(size::FIELD),
    )
    .accessible_name("Filter messages");
    let paused = messages.paused_at.is_some();
    let pause = IconButton::new(
        if paused { Icon::Play } else { Icon::Pause },
        if paused {
            "Let the messages go on"
        } else {
            "Pause the messages"
        },
    )
    .selected(paused)
    .key(egui::Key::P);
    if pause.show(ui).clicked() {
        messages.toggle_pause(next);
    }
    if let Some(component) = selection.component().and_then(|id| snapshot.component(id)) {
        ui.checkbox(&mut messages.only_selection, format!("only {}", component.name));
    }
    if let Some(at) = messages.paused_at {
        let waiting = next.saturating_sub(at);
        ui.label(theme::small(format!("paused, {} more", words::count(waiting))).color(theme.fault));
    }
    if snapshot.model.messages.lost > 0 {
        let lost = words::count(snapshot.model.messages.lost);
        ui.label(theme.remark(format!("{lost} no longer kept")));
    }
}

/// Draws the table and the selected message.
pub(crate) fn message_table_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    messages: &mut MessageState,
    selection: &Selection,
) {
    let theme = Theme::of(ui);
    let component = selection.component().filter(|_| messages.only_selection);
    let until = messages.paused_at.unwrap_or(u64::MAX);
    let filter = messages.filter.clone();
    messages.shown.update(snapshot, filter.trim(), component, until);
    let chosen = messages
        .chosen
        .and_then(|number| snapshot.model.messages.get(number));
    if let Some(record) = chosen {
        egui::Panel::right("message bytes")
            .resizable(true)
            .default_size(BYTES)
            .show(ui, |ui| {
                bytes_ui(ui, snapshot, record);
            });
    }
    if let Some(number) = table::table_ui(ui, snapshot, messages, selection) {
        // A second click deselects it.
        messages.chosen = (messages.chosen != Some(number)).then_some(number);
    }
    if messages.shown.numbers.is_empty() {
        let text = if snapshot.model.messages.records.is_empty() {
            "No message yet."
        } else {
            "No message passes the filter."
        };
        ui.horizontal(|ui| {
            ui.add_space(SPACE);
            ui.label(RichText::new(text).color(theme.weak));
        });
    }
}
