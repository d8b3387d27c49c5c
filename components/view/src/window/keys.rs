//! The effects of keys, anywhere in the window.

use egui::{FocusDirection, Key, Modifiers, Ui, Vec2};

use crate::action::{Action, ComponentAction, TimeAction, WindowAction};
use crate::comparison;
use crate::graph::{self, GraphState, NodeId};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::state::{KeysFor, ViewState};
use crate::time::action::keys as time_keys;

/// Returns the actions that keys request.
pub(super) fn keys(ui: &mut Ui, snapshot: &Snapshot<'_>, state: &mut ViewState) -> Vec<Action> {
    let mut actions = Vec::new();
    let keys_for = state.keys_are_for(ui.ctx());
    if keys_for == KeysFor::Window {
        actions.extend(of_time(ui, snapshot, state).map(Action::Time));
    }
    let mut shortcuts: Vec<_> = WindowAction::ALL
        .into_iter()
        .filter_map(|action| Some((action, action.shortcut()?)))
        .collect();
    // Those with fewer keys would take the others' as well.
    shortcuts.sort_by_key(|(_, shortcut)| !shortcut.modifiers.shift);
    for (action, shortcut) in shortcuts {
        let allowed = match keys_for {
            // The space bar presses the button that has the focus.
            KeysFor::Window => action != WindowAction::RunOrPause || !pressable(ui, state),
            KeysFor::Text => matches!(
                action,
                WindowAction::Palette | WindowAction::Help | WindowAction::Present | WindowAction::Quit
            ),
            KeysFor::Page => matches!(
                action,
                WindowAction::Laboratory
                    | WindowAction::Palette
                    | WindowAction::Help
                    | WindowAction::Present
                    | WindowAction::Theme
                    | WindowAction::LargeType
                    | WindowAction::Quit
            ),
            KeysFor::Dialog => action == WindowAction::Quit || (action == WindowAction::Help && state.help),
        };
        if allowed && action.applies_to(snapshot) && ui.input_mut(|input| input.consume_shortcut(&shortcut)) {
            actions.push(Action::Window(action));
        }
    }
    if keys_for == KeysFor::Page && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        state.laboratory.close();
    }
    if keys_for != KeysFor::Window {
        return actions;
    }
    let escape = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    if escape && !state.selection.close_inspector() {
        state.selection.deselect();
    }
    actions.extend(comparison::keys(ui, snapshot).map(Action::Compare));
    let focused = ui.memory(|memory| memory.focused());
    match &snapshot.compared {
        Some(compared) if focused.is_some() && focused == state.comparison.focus(&compared.snapshot) => {
            let (graph, selection) = state.comparison.graph_and_selection();
            arrows(ui, &compared.snapshot, graph, selection);
        }
        Some(_) | None => arrows(ui, snapshot, &state.graph, &mut state.selection),
    }
    let Some(component) = state.selection.component().and_then(|id| snapshot.component(id)) else {
        return actions;
    };
    if !snapshot.is_present() {
        return actions;
    }
    for action in ComponentAction::ALL {
        let Some(key) = action.key() else { continue };
        if action.applies_to(component) && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            actions.push(Action::Component(action, component.id));
        }
    }
    actions
}

/// Returns the action on time that a key requests.
fn of_time(ui: &Ui, snapshot: &Snapshot<'_>, state: &ViewState) -> Option<TimeAction> {
    snapshot.time?;
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    for (action, shortcut) in time_keys() {
        if action.applies_to(snapshot) && ui.input_mut(|input| input.consume_shortcut(&shortcut)) {
            // The context would move the focus by some of these keys as well.
            ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
            return Some(action);
        }
    }
    if snapshot.is_present() {
        return None;
    }
    let plays = !pressable(ui, state) && pressed(Modifiers::NONE, Key::Space);
    plays.then_some(TimeAction::PlayOrPause)
}

/// Returns whether a button has the keyboard focus; nodes of the graph do not count.
fn pressable(ui: &Ui, state: &ViewState) -> bool {
    let focused = ui.memory(|memory| memory.focused());
    let node = state.selection.node().map(NodeId::focus_id);
    focused.is_some() && focused != node
}

/// Handles the arrow keys. In the graph, they move from node to node, beginning at the selected component or at the
/// first one. Elsewhere they move the focus.
fn arrows(ui: &mut Ui, snapshot: &Snapshot<'_>, graph: &GraphState, selection: &mut Selection) {
    let focused = ui.memory(|memory| memory.focused());
    let in_graph = selection
        .node()
        .is_some_and(|node| focused == Some(snapshot.distinct(node.focus_id())));
    if focused.is_some() && !in_graph {
        return;
    }
    for (key, direction) in [
        (Key::ArrowUp, Vec2::UP),
        (Key::ArrowDown, Vec2::DOWN),
        (Key::ArrowLeft, Vec2::LEFT),
        (Key::ArrowRight, Vec2::RIGHT),
    ] {
        if !ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            continue;
        }
        // The context would move the focus by this key as well.
        ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
        let first = || snapshot.model.components.keys().next().copied().map(NodeId::Own);
        let next = match selection.node() {
            Some(node) => graph::neighbour_towards(graph, node, direction).unwrap_or(node),
            None => match first() {
                Some(first) => first,
                None => return,
            },
        };
        focus_node(ui, snapshot, selection, next);
    }
    if selection.node().is_some() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
        selection.inspect();
    }
}

fn focus_node(ui: &Ui, snapshot: &Snapshot<'_>, selection: &mut Selection, node: NodeId) {
    selection.select_node(node);
    ui.ctx()
        .memory_mut(|memory| memory.request_focus(snapshot.distinct(node.focus_id())));
}
