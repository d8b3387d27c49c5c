//! The keys that presentation remotes send besides those of actions: F5 or Shift+F5, Escape, a period, Page Down.
//!
//! None of them stops, kills or removes anything, wherever the focus is.

use egui::{Key, Modifiers, Ui};

use crate::snapshot::Snapshot;
use crate::state::{KeysFor, ViewState};

/// Applies these keys.
pub(super) fn clicker(ui: &Ui, snapshot: &Snapshot<'_>, state: &mut ViewState) {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let keys_for = state.keys_are_for(ui.ctx());
    if matches!(keys_for, KeysFor::Dialog | KeysFor::Page) {
        return;
    }
    let begins = ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::F5)) || pressed(Key::F5);
    state.presenting |= begins;
    if keys_for == KeysFor::Text {
        return;
    }
    if pressed(Key::Period) {
        state.blank = true;
    }
    if state.presenting && pressed(Key::Escape) {
        state.presenting = false;
    }
    // After a look at an earlier sentence, the story goes on where it is.
    if let Some(play) = snapshot.scenario_status.play
        && state.story.is_looking()
        && pressed(Key::PageDown)
    {
        state.story.look_ahead(play);
    }
}
