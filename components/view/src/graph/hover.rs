//! The tooltips of the graph.

use egui::Ui;

use crate::graph::edge::{Certainty, Edge, EdgeKey, Traffic};
use crate::snapshot::Snapshot;
use crate::{registrar_state, theme, wording};
use model::{Component, words};

/// Draws the tooltip of a component.
pub(super) fn details_ui(ui: &mut Ui, snapshot: &Snapshot<'_>, component: &Component) {
    ui.label(theme::strong(component.name.as_str()));
    ui.label(format!(
        "{}, {}",
        component.role(),
        wording::state_word(component)
    ));
    ui.label(wording::status_line(component));
    if let Some(identifier) = wording::identifier(component) {
        ui.monospace(identifier);
    }
    if let Some(policy) = wording::policy(component) {
        ui.label(policy);
    }
    if let Some(relation) = registrar_state::relation(snapshot, component) {
        ui.label(relation.text);
    }
    if let Some(home) = component.home_registrar.and_then(|id| snapshot.component(id)) {
        ui.label(format!("home registrar: {}", home.name));
    }
    ui.label(theme::small("Right click for everything that can be done.").weak());
}

/// Returns the text of an edge's tooltip.
pub(super) fn edge_text(key: EdgeKey, edge: &Edge, snapshot: &Snapshot<'_>) -> String {
    let [one, other] = key.ends.map(|end| end.name(snapshot.model));
    let certainty = match edge.certainty {
        Certainty::Both => "both ends see it",
        Certainty::Doubtful => "one end is silent: nobody knows",
        Certainty::OneSided => "only one end still sees it",
        Certainty::Absent => {
            return format!("{one} and {other}: no association\nhome registrar until another one takes over");
        }
    };
    let protocol = key.protocol;
    let home = if edge.home.is_some() {
        ", home registrar"
    } else {
        ""
    };
    let mut text = format!("{one} and {other}: {protocol}{home}\n{certainty}\n");
    if let Some(traffic) = Traffic::over(key, snapshot.model) {
        let age = words::age(snapshot.now - traffic.since);
        let messages = words::count(traffic.messages);
        text.push_str(&format!("up for {age}, {messages} messages\n"));
    }
    text.push_str("Click for the faults of this link.");
    text
}
