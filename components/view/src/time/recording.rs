//! The state of the recording: a small dot, its figures on hover, and what went wrong with it.

use egui::{Role, Sense, Ui, WidgetInfo, vec2};

use super::bar;
use crate::button::tip;
use crate::icon::{self, Icon};
use crate::snapshot::Snapshot;
use crate::theme::{SPACE_SMALL, Theme, size};
use chronicle::{Source, TimeStatus};
use model::words;

/// Returns what went wrong, as a sentence.
pub(super) fn problem(time: &TimeStatus<'_>) -> Option<String> {
    match time.source {
        Source::Live => time
            .recording
            .problem
            .map(|problem| format!("Not everything is recorded: {problem}")),
        Source::File { name, damage } => damage.map(|damage| {
            format!("{name} could not be read to its end: {damage}. What is before that can be shown.")
        }),
    }
}

/// Draws the dot and the beginning of what can be shown.
pub(super) fn dot_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, time: &TimeStatus<'_>) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.x = SPACE_SMALL;
    if time.source == Source::Live {
        let recording = time.recording;
        let text = match recording.problem {
            Some(problem) => format!("Not everything is recorded: {problem}"),
            None => format!(
                "Recording: {} of at most {}",
                words::bytes(recording.bytes),
                words::bytes(recording.budget)
            ),
        };
        let (rect, response) = ui.allocate_exact_size(vec2(size::ICON_SMALL, bar::HEIGHT), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &text));
        if recording.problem.is_some() {
            let square = egui::Rect::from_center_size(rect.center(), egui::Vec2::splat(size::ICON_SMALL));
            icon::paint(ui.painter(), square, Icon::Warning, theme.danger);
        } else {
            ui.painter().circle_filled(rect.center(), 4.0, theme.danger);
        }
        tip(&response, |ui| {
            ui.label(&text);
            if recording.dropped {
                let clock = words::clock(snapshot.wall_clock, time.from);
                ui.label(format!("What was before {clock} was dropped to make room."));
            }
        });
        bar::side_text(ui, "REC", theme.weak);
    }
    let beginning = bar::beginning(snapshot, time);
    bar::side_text(ui, &beginning, theme.weak);
}
