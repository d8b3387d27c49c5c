//! Asks for the recording to compare with.

use egui::{Id, Key, Modal, TextEdit, Ui};

use crate::action::Tone;
use crate::button::{IconButton, dialog_buttons};
use crate::icon::Icon;
use crate::theme::{self, Theme};
use chronicle::TimeControl;
use command::Command;

/// The width of the dialog and of its field.
const WIDTH: f32 = 560.0;
const FILE: f32 = 470.0;

/// The input so far.
#[derive(Debug, Default)]
pub(crate) struct CompareDialog {
    is_open: bool,
    just_opened: bool,
    file: String,
}

impl CompareDialog {
    /// Opens the dialog.
    pub(crate) fn open(&mut self) {
        // The file is kept, since its neighbours are likely to be compared next.
        self.is_open = true;
        self.just_opened = true;
    }

    /// Returns whether it is open.
    pub(crate) const fn is_open(&self) -> bool {
        self.is_open
    }
}

/// Draws the dialog if it is open.
pub(crate) fn dialog_ui(ui: &Ui, dialog: &mut CompareDialog, commands: &mut Vec<Command>) {
    if !dialog.is_open {
        return;
    }
    let theme = Theme::of(ui);
    let frame = egui::Frame::popup(ui.style()).inner_margin(18);
    let modal = Modal::new(Id::unique("compare"))
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.label(theme::title("Compare with another recording"));
            let mut enter = false;
            ui.horizontal(|ui| {
                let label = ui.label("File");
                let field = ui.add(TextEdit::singleline(&mut dialog.file).desired_width(FILE));
                let field = field.labelled_by(label.id);
                if std::mem::take(&mut dialog.just_opened) {
                    field.request_focus();
                }
                enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            });
            let text = "Both are shown side by side, aligned at their first faults.";
            ui.label(theme.remark(text));
            let ready = !dialog.file.trim().is_empty() && !dialog.file.trim().ends_with('/');
            let compare = IconButton::new(Icon::Differ, "Compare with this file")
                .text("Compare")
                .tone(Tone::Primary)
                .enabled(ready);
            let pressed = dialog_buttons(ui, "Close this dialog", compare);
            // Enter takes the focus away, but there is more to type.
            dialog.just_opened |= enter && !ready;
            let chosen = pressed.primary || (enter && ready);
            if chosen {
                let path = dialog.file.trim().into();
                commands.push(Command::Time(TimeControl::Compare(path)));
            }
            pressed.cancel || chosen
        });
    if modal.inner || modal.should_close() {
        dialog.is_open = false;
    }
}
