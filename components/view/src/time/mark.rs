//! The name of a mark: a small field that appears when one is set.

use egui::{Id, Key, Modal, TextEdit, Ui};

use super::TimeState;
use crate::action::Tone;
use crate::button::{IconButton, dialog_buttons};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, size};
use chronicle::TimeControl;
use command::Command;
use model::words;

/// The width of the dialog.
const WIDTH: f32 = 380.0;
/// The maximum length of a name, in characters.
const MOST: usize = 80;

/// The name that is being typed.
#[derive(Debug, Default)]
pub(super) struct MarkEntry {
    name: String,
    /// Whether the field has had the focus.
    begun: bool,
}

/// Draws the field if it is open.
pub(crate) fn mark_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut TimeState,
    commands: &mut Vec<Command>,
) {
    let Some(entry) = &mut state.mark else { return };
    let Some(time) = snapshot.time else {
        state.mark = None;
        return;
    };
    let frame = egui::Frame::popup(ui.style()).inner_margin(14);
    let modal = Modal::new(Id::unique("mark")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(WIDTH);
        let theme = Theme::of(ui);
        let when = match time.cursor {
            Some(cursor) => words::clock_ms(snapshot.wall_clock, cursor.at),
            None => "the present".to_owned(),
        };
        ui.label(theme::strong(format!("A mark at {when}")).size(size::HEADING));
        let field = TextEdit::singleline(&mut entry.name)
            .hint_text("its name, if it is to have one")
            .char_limit(MOST)
            .desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name("Name of the mark");
        if !std::mem::replace(&mut entry.begun, true) {
            field.request_focus();
        }
        let enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.label(theme.remark("The buttons beside the line stop at marks if you choose that kind."));
        let set = IconButton::new(Icon::Flag, "Set this mark")
            .text("Set")
            .tone(Tone::Primary);
        let pressed = dialog_buttons(ui, "Set no mark", set);
        (pressed.primary || enter, pressed.cancel)
    });
    let (set, cancel) = modal.inner;
    if set {
        let name = entry.name.trim().to_owned();
        commands.push(Command::Time(TimeControl::Mark(name)));
    }
    if set || cancel || modal.should_close() {
        state.mark = None;
    }
}
