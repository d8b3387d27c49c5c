//! The bar at the top: what is shown, and the faults that are active.

use egui::{Align, Label, Layout, Ui};

use crate::action::{Action, WindowAction};
use crate::button::IconButton;
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme;
use crate::{time, toolbar};

/// The room for the number of faults.
const FAULTS: f32 = 240.0;

/// Draws the bar; returns the selected action.
pub(crate) fn bar_ui(ui: &mut Ui, snapshot: &Snapshot<'_>) -> Option<Action> {
    let mut action = None;
    ui.horizontal_centered(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let shortcut = WindowAction::Present.shortcut();
            let leave = IconButton::new(Icon::Screen, WindowAction::Present.label())
                .text("Stop presenting")
                .explain("Back to the window with all controls. Escape does the same.")
                .selected(true)
                .shortcut(shortcut.map(|keys| ui.ctx().format_shortcut(&keys)));
            if leave.show(ui).clicked() {
                action = Some(Action::Window(WindowAction::Present));
            }
            if snapshot.is_present() && snapshot.has_faults() && toolbar::undo_ui(ui, snapshot, true) {
                action = Some(Action::Window(WindowAction::UndoFaults));
            }
            if !snapshot.is_present() {
                action = action.take().or(time::banner::banner_ui(ui, snapshot));
                return;
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = snapshot.scenario_status.name;
                let name = if name.is_empty() { "Poolscope" } else { name };
                // Faults must have room, whatever the length of the name.
                let room = (ui.available_width() - FAULTS).max(0.0);
                ui.scope(|ui| {
                    ui.set_max_width(room);
                    ui.add(Label::new(theme::title(name)).truncate());
                });
                toolbar::faults_ui(ui, snapshot);
            });
        });
    });
    action
}
