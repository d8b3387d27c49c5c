//! A problem that no other view shows: a band below the toolbar, until it is closed.

use egui::{Frame, Margin, Panel, Ui};

use crate::button::{IconButton, icon_label};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, size};

/// The height of a problem before it scrolls.
const HEIGHT: f32 = 200.0;

/// The problem that has been put away: the number of the file command, and the text.
#[derive(Debug, Default)]
pub(crate) struct ProblemState {
    put_away: Option<(u64, String)>,
    /// A problem of the window itself.
    own: Option<String>,
}

impl ProblemState {
    /// Shows a problem of the window itself until it is closed.
    pub(crate) fn tell(&mut self, problem: String) {
        self.own = Some(problem);
    }

    /// Puts the problem away: it has been shown elsewhere, or was closed here.
    pub(crate) fn put_away(&mut self, snapshot: &Snapshot<'_>) {
        self.put_away = snapshot.scenario_status.problem_key();
    }
}

/// Draws the problem that belongs to no other view, until it is put away.
pub(crate) fn problem_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ProblemState) {
    let of_scenario = snapshot
        .scenario_status
        .problem
        .filter(|_| state.put_away != snapshot.scenario_status.problem_key());
    let Some(problem) = of_scenario.or(state.own.as_deref()) else {
        return;
    };
    let theme = Theme::of(ui);
    let frame = Frame::new()
        .fill(theme::mix(theme.panel, theme.danger, 0.14))
        .inner_margin(Margin::symmetric(14, 8));
    let close = Panel::top("problem")
        .resizable(false)
        .frame(frame)
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                icon_label(ui, Icon::Warning, theme.danger, size::ICON_LARGE);
                let close = ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                    let close = IconButton::new(Icon::Cross, "Close this message")
                        .show(ui)
                        .clicked();
                    let copy = IconButton::new(Icon::Copy, "Copy this message");
                    if copy.show(ui).clicked() {
                        ui.ctx().copy_text(problem.to_owned());
                    }
                    ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
                        egui::ScrollArea::vertical()
                            .max_height(HEIGHT)
                            .min_scrolled_height(HEIGHT)
                            .auto_shrink([false, true])
                            .show(ui, |ui| {
                                ui.add(egui::Label::new(problem).wrap().selectable(true));
                            });
                    });
                    close
                });
                close.inner
            })
            .inner
        });
    if close.inner {
        if of_scenario.is_some() {
            state.put_away(snapshot);
        } else {
            state.own = None;
        }
    }
}
