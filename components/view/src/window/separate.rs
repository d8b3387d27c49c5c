//! Windows of their own for the messages and the results.

use egui::Ui;

use super::{keys, perform};
use crate::protocol::{self, show_separately};
use crate::results;
use crate::snapshot::Snapshot;
use crate::state::ViewState;
use crate::theme::SPACE_SMALL;
use command::Command;

/// Draws the windows that are open. They share everything with the main window, and have the same keys.
pub(super) fn windows_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    let context = ui.ctx().clone();
    let mut window = state.settings.messages;
    if window.open && snapshot.time.is_some() {
        show_separately(&context, "messages", "Poolscope: messages", &mut window, |ui| {
            keys_ui(ui, snapshot, state, commands);
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = SPACE_SMALL;
                protocol::controls_ui(ui, snapshot, &mut state.dock.protocol, &state.selection, commands);
            });
            ui.separator();
            protocol::protocol_ui(
                ui,
                snapshot,
                &mut state.dock.protocol,
                &mut state.selection,
                commands,
            );
        });
        // It may have been closed by its own key.
        window.open &= state.settings.messages.open;
        state.settings.messages = window;
    }
    let mut window = state.settings.results;
    if window.open {
        show_separately(&context, "results", "Poolscope: results", &mut window, |ui| {
            keys_ui(ui, snapshot, state, commands);
            if state.presenting {
                results::stage_ui(ui, snapshot, &state.results, &mut state.selection, commands);
            } else {
                results::results_ui(
                    ui,
                    snapshot,
                    &mut state.results,
                    &mut state.settings,
                    &mut state.selection,
                    commands,
                );
            }
        });
        // It may have been brought back by its own button.
        window.open &= state.settings.results.open;
        state.settings.results = window;
    }
}

fn keys_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ViewState, commands: &mut Vec<Command>) {
    for action in keys::keys(ui, snapshot, state) {
        perform::perform(ui, action, snapshot, state, commands);
    }
}
