//! The buttons in the graph's corner, shown while there is something to reset.

use egui::{Rect, Ui, UiBuilder, pos2, vec2};

use crate::button::IconButton;
use crate::graph::state::GraphState;
use crate::icon::Icon;
use crate::snapshot::Snapshot;

/// Draws the buttons, and handles clicks on them.
pub(super) fn tools_ui(ui: &mut Ui, area: Rect, snapshot: &Snapshot<'_>, graph: &mut GraphState) {
    if graph.is_untouched() {
        return;
    }
    let corner = pos2(area.right() - 84.0, area.bottom() - 40.0);
    let room = Rect::from_min_size(corner, vec2(76.0, 30.0));
    ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        ui.horizontal(|ui| {
            let fit = IconButton::new(Icon::Fit, "Show the whole graph").show(ui);
            if fit.clicked() {
                graph.fit();
            }
            let tidy = IconButton::new(Icon::Undo, "Tidy the graph up")
                .explain("Puts every node back into its column.")
                .show(ui);
            if tidy.clicked() {
                graph.tidy(snapshot.model);
            }
        });
    });
}
