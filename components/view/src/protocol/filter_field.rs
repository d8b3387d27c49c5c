//! The field for a filter, with what may be written there.

use egui::{Key, Modifiers, Popup, PopupCloseBehavior, TextEdit, Ui};
use trace::{Completion, Filter};

use super::ProtocolState;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, size};

/// What is explained on hover.
const LANGUAGE: &str = "Words that occur in the name, the content or the ends of a message; \u{2212}word for those without it.\n\
    from:PU1  to:PR1  with:PE2  pe:2  type:REGISTRATION  protocol:ENRP\n\
    is:lost  is:again  is:wrong  after:14:03:05.25  before:+12.5";

/// The state of the field.
#[derive(Debug, Default)]
pub(crate) struct CompletionState {
    /// Which of the proposals is chosen by the arrow keys.
    chosen: Option<usize>,
    /// The text for which the proposals were put away.
    closed: String,
}

/// Draws the field.
pub(super) fn filter_field_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ProtocolState) {
    let theme = Theme::of(ui);
    let error = Filter::parse(&state.filter).err();
    let id = ui.scope_id().with("message filter");
    let proposals = snapshot
        .protocol
        .filter(|_| state.completion.closed != state.filter && ui.memory(|memory| memory.has_focus(id)))
        .map(|protocol| Filter::completions(&state.filter, protocol.trace()))
        .unwrap_or_default();
    let taken = keys(ui, state, &proposals);
    let mut edit = TextEdit::singleline(&mut state.filter)
        .id(id)
        .hint_text("filter, as in from:PU1 -FGP_DATA")
        .desired_width(
            size::FIELD_WIDE
                .min(ui.available_width() * 0.3)
                .max(size::FIELD_NARROW),
        );
    if error.is_some() {
        edit = edit.text_color(theme.danger);
    }
    let field = ui.add(edit).accessible_name("Filter messages");
    let field = match &error {
        Some(error) => field.on_hover_text(&error.why),
        None => field.on_hover_text(LANGUAGE),
    };
    if field.changed() {
        state.completion.chosen = None;
    }
    if let Some(error) = &error {
        ui.label(theme::small(&error.why).color(theme.danger));
    }
    let mut clicked = taken;
    if !proposals.is_empty() {
        Popup::from_response(&field)
            .id(id.with("proposals"))
            .open(true)
            .close_behavior(PopupCloseBehavior::IgnoreClicks)
            .show(|ui| {
                for (number, proposal) in proposals.iter().enumerate() {
                    let chosen = state.completion.chosen == Some(number);
                    if ui.selectable_label(chosen, &proposal.text).clicked() {
                        clicked = Some(number);
                    }
                }
            });
    }
    if let Some(proposal) = clicked.and_then(|number| proposals.get(number)) {
        complete(&mut state.filter, proposal);
        state.completion = CompletionState::default();
        place_cursor(ui, id, &state.filter);
    }
}

/// Handles the keys that choose a proposal, before the field takes them. Returns the one that is taken.
fn keys(ui: &Ui, state: &mut ProtocolState, proposals: &[Completion]) -> Option<usize> {
    if proposals.is_empty() {
        return None;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let last = proposals.len() - 1;
    let completion = &mut state.completion;
    if pressed(Key::ArrowDown) {
        completion.chosen = Some(completion.chosen.map_or(0, |chosen| (chosen + 1).min(last)));
    }
    if pressed(Key::ArrowUp) {
        completion.chosen = completion.chosen.and_then(|chosen| chosen.checked_sub(1));
    }
    if pressed(Key::Escape) {
        completion.closed.clone_from(&state.filter);
        return None;
    }
    if completion.chosen.is_some() && pressed(Key::Enter) {
        return completion.chosen;
    }
    pressed(Key::Tab).then(|| completion.chosen.unwrap_or(0))
}

fn complete(filter: &mut String, proposal: &Completion) {
    if filter.get(proposal.place.clone()).is_some() {
        filter.replace_range(proposal.place.clone(), &proposal.text);
        if !proposal.text.ends_with(':') {
            filter.push(' ');
        }
    }
}

/// Puts the cursor behind what was completed.
fn place_cursor(ui: &Ui, id: egui::Id, filter: &str) {
    let end = egui::text::CCursor::new(filter.chars().count());
    let mut edit = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
    edit.cursor
        .set_char_range(Some(egui::text::CCursorRange::one(end)));
    edit.store(ui.ctx(), id);
    ui.memory_mut(|memory| memory.request_focus(id));
}
