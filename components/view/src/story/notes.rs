//! The presenter's notes on the current step. An audience does not see them.

use egui::{Align, Label, Layout, RichText, ScrollArea, Ui, vec2};

use crate::button::icon_label;
use crate::icon::Icon;
use crate::story::StoryState;
use crate::theme::{Theme, size};
use play::Play;

/// The height of the notes, whatever their length, so that nothing jumps from step to step.
const HEIGHT: f32 = 44.0;

/// Returns the height of the notes: none where no step has any, or where an audience would see them.
pub(super) fn height(play: &Play, presenting: bool) -> f32 {
    let has_notes = play.steps().iter().any(|step| step.notes.is_some());
    if has_notes && !presenting { HEIGHT } else { 0.0 }
}

/// Draws the notes on the step on the screen.
pub(super) fn notes_ui(ui: &mut Ui, play: &Play, story: &StoryState, height: f32) {
    let theme = Theme::of(ui);
    let step = story.looked_at.map_or(play.position(), |(step, _)| step);
    let step = play.steps().get(step);
    let Some(notes) = step.and_then(|step| step.notes.as_deref()) else {
        return;
    };
    let row = vec2(ui.available_width(), height - 6.0);
    ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Min), |ui| {
        icon_label(ui, Icon::Eye, theme.weak, size::ICON);
        ScrollArea::vertical()
            .id_salt("story notes")
            .min_scrolled_height(0.0)
            .max_height(row.y)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                let text = RichText::new(notes).size(size::BODY).color(theme.weak).italics();
                ui.add(Label::new(text).wrap())
                    .on_hover_text("Notes for you. They are not shown while you present.");
            });
    });
}
