//! The table of messages: real ones, as reported by the components, with the bytes of the selected one.

mod bytes;
mod shown;
mod table;

use std::sync::Arc;

use bytes::bytes_ui;
use egui::{RichText, TextEdit, Ui};
use shown::Shown;

use crate::button::IconButton;
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, size};
use model::{MessageLog, MessageRecord, words};

/// The width of a component's name among the controls.
const NAME: f32 = 140.0;
/// The maximum share of the dock that the pane with the bytes of the selected message takes.
const BYTES: f32 = 0.6;

/// The state of the table.
#[derive(Debug, Default)]
pub(crate) struct MessageState {
    filter: String,
    only_selection: bool,
    paused: bool,
    /// The message whose bytes are shown, kept for as long as they are.
    chosen: Option<Arc<MessageRecord>>,
    shown: Shown,
}

impl MessageState {
    /// Pauses or resumes the table. What is shown while it is paused stays there, however many messages follow.
    pub(crate) fn toggle_pause(&mut self, log: &MessageLog) {
        self.paused = !self.paused;
        if self.paused {
            self.shown.hold(log);
        } else {
            self.shown.release();
        }
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
    ui.add(
        TextEdit::singleline(&mut messages.filter)
            .hint_text("filter by words")
            .desired_width(size::FIELD),
    )
    .accessible_name("Filter messages");
    let paused = messages.paused;
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
        messages.toggle_pause(&snapshot.model.messages);
    }
    if let Some(component) = selection.component().and_then(|id| snapshot.component(id)) {
        let font = theme::plain_font(size::BODY);
        let name = theme::elided(ui.painter(), &component.name, font, theme.text, NAME);
        let shown = if name.elided {
            "only the chosen one"
        } else {
            "only "
        };
        let shown = if name.elided {
            shown.to_owned()
        } else {
            format!("{shown}{}", component.name)
        };
        ui.checkbox(&mut messages.only_selection, shown)
            .on_hover_text(&component.name);
    }
    if let Some(waiting) = messages.shown.waiting(&snapshot.model.messages) {
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
    messages.shown.update(snapshot, messages.filter.trim(), component);
    if let Some(chosen) = &mut messages.chosen {
        // Its receiver may have reported it meanwhile.
        if let Some(now) = snapshot.model.messages.shared(chosen.number) {
            *chosen = Arc::clone(now);
        }
    }
    if let Some(record) = &messages.chosen {
        let [least, most] = [8, 16].map(|each| bytes::width(ui, each) + 2.0 * SPACE);
        let width = most.min(ui.available_width() - table::width()).max(least);
        egui::Panel::right("message bytes")
            .resizable(true)
            .default_size(width)
            .max_size((ui.available_width() * BYTES).max(least))
            .show(ui, |ui| {
                bytes_ui(ui, snapshot, record);
            });
    }
    let room = ui.available_rect_before_wrap();
    // Columns that have no room must not reach into the pane.
    ui.shrink_clip_rect(room);
    if let Some(number) = table::table_ui(ui, snapshot, messages, selection) {
        // A second click deselects it.
        let again = messages
            .chosen
            .take()
            .is_some_and(|chosen| chosen.number == number);
        if !again {
            messages.chosen = messages.shown.get(&snapshot.model.messages, number).cloned();
        }
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
