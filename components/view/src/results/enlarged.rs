//! The enlarged picture, on top of everything else.

use egui::{Id, Modal, Sense, Ui, vec2};

use super::picture::{canvas_ui, on_stage};
use super::{ResultsState, kill_serving_ui};
use crate::action::ComponentAction;
use crate::button::{IconButton, action_button, chip};
use crate::icon::Icon;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::stopwatch;
use crate::theme::{self, Theme};
use command::Command;

/// Draws the enlarged picture on top of everything else.
pub(crate) fn enlarged_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ResultsState,
    selection: &Selection,
    commands: &mut Vec<Command>,
) {
    let Some(user) = state.enlarged.and_then(|id| snapshot.component(id)) else {
        return;
    };
    let theme = Theme::of(ui);
    let room = ui.ctx().content_rect().size() - vec2(120.0, 190.0);
    let aspect = on_stage(user).map_or(1.0, |canvas| {
        canvas.width.max(1) as f32 / canvas.height.max(1) as f32
    });
    let height = room.y.min(room.x / aspect).max(160.0);
    let frame = egui::Frame::popup(ui.style()).inner_margin(14);
    let response = Modal::new(Id::unique("enlarged picture"))
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width((height * aspect).max(420.0));
            ui.horizontal(|ui| {
                ui.label(theme::title(user.name.as_str()));
                for served in user.served.values().take(4) {
                    let colour = snapshot.element_colour(theme, served.pe_identifier);
                    chip(
                        ui,
                        colour,
                        &snapshot.model.pool_element_name(served.pe_identifier),
                    );
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let close = IconButton::new(Icon::Cross, "Close the enlarged picture")
                        .show(ui)
                        .clicked();
                    action_button(ui, user, ComponentAction::SavePicture, false, commands);
                    kill_serving_ui(ui, snapshot, user, commands);
                    close
                })
                .inner
            })
            .inner
                | {
                    let (rect, response) =
                        ui.allocate_exact_size(vec2(height * aspect, height), Sense::click());
                    canvas_ui(ui, rect, snapshot, user, &state.canvases, selection, &response);
                    ui.add_space(4.0);
                    stopwatch::bar_ui(ui, snapshot, &user.failovers);
                    stopwatch::line_ui(ui, snapshot, &user.failovers, commands);
                    false
                }
        });
    if response.inner || response.should_close() {
        state.enlarged = None;
    }
}
