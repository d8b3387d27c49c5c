//! What the pointer tells in the graph.

use std::collections::BTreeMap;

use egui::{Pos2, Ui};

use crate::graph::curve::Curve;
use crate::graph::edge::{self, Edge, EdgeKey};
use crate::snapshot::Snapshot;
use crate::{registrar_state, theme, wording};
use model::{Component, ComponentId, words};

/// What is told of a component under the pointer.
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
    if let Some(policy) = &component.policy {
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

/// The edge under the pointer, if there is one.
pub(super) fn edge_under<'a>(
    at: Pos2,
    edges: &'a BTreeMap<EdgeKey, Edge>,
    centres: &BTreeMap<ComponentId, Pos2>,
    corridor: f32,
) -> Option<(&'a EdgeKey, &'a Edge)> {
    edges.iter().find(|(key, _)| {
        let (Some(&from), Some(&to)) = (centres.get(&key.0), centres.get(&key.1)) else {
            return false;
        };
        Curve::new(from, to, key.2, corridor).is_under(at)
    })
}

/// What is told of an edge.
pub(super) fn edge_text(key: &EdgeKey, edge: &Edge, snapshot: &Snapshot<'_>) -> String {
    let name = |id| {
        snapshot
            .component(id)
            .map_or("?", |component| component.name.as_str())
    };
    let protocol = key.2;
    let certainty = match edge.certainty {
        edge::Certainty::Both => "both ends see it",
        edge::Certainty::Doubtful => "one end is silent: nobody knows",
        edge::Certainty::OneSided => "only one end still sees it",
        edge::Certainty::Absent => {
            return format!(
                "{} and {}: no association\nhome registrar until another one takes over",
                name(key.0),
                name(key.1)
            );
        }
    };
    let home = if edge.home.is_some() {
        ", home registrar"
    } else {
        ""
    };
    format!(
        "{} and {}: {protocol}{home}\n{certainty}\nup for {}, {} messages\nClick for the faults of this link.",
        name(key.0),
        name(key.1),
        words::age(snapshot.now - edge.since),
        words::count(edge.messages),
    )
}
