//! The text of a node for screen readers.

use crate::external as external_words;
use crate::graph::failover_arrow;
use crate::graph::node_id::NodeId;
use crate::snapshot::Snapshot;
use crate::{registrar_state, wording};
use command::links;
use model::Component;

/// Returns the text for screen readers of the component at a node.
pub(super) fn announcement(snapshot: &Snapshot<'_>, node: NodeId) -> Option<String> {
    match node {
        NodeId::Own(id) => snapshot
            .component(id)
            .map(|component| of_own(snapshot, component)),
        NodeId::External(identifier) => {
            let component = snapshot.model.external().get(identifier)?;
            Some(external_words::announcement(
                component,
                " in the graph",
                snapshot.now,
            ))
        }
    }
}

fn of_own(snapshot: &Snapshot<'_>, component: &Component) -> String {
    let mut label = format!(
        "{} in the graph, {}, {}",
        component.name,
        wording::state_word(component),
        wording::status_line(component)
    );
    if let Some(relation) = registrar_state::relation(snapshot, component) {
        label.push_str(&format!(", {}", relation.text));
    }
    if let Some(home) = registrar_state::home(snapshot, component) {
        label.push_str(&format!(", home {}", home.name));
    }
    if let Some(messages) = component.fails_after() {
        label.push_str(&format!(", {}", wording::fails_after(messages)));
    }
    if snapshot.random_faults_of(component.id).is_some() {
        label.push_str(", random faults");
    }
    if let Some(arrow) = failover_arrow::arrow_of(component, snapshot.now) {
        let name = |id| NodeId::Own(id).name(snapshot.model);
        let (from, to) = (name(arrow.from), name(arrow.to));
        label.push_str(&format!(", went on from {from} to {to}"));
    }
    let all = links::impairment_of_all(component);
    if !all.is_none() && !all.cut {
        label.push_str(&format!(", all links: {}", links::words(&all)));
    }
    label
}
