//! The association graph: components as nodes, associations as edges, messages as dots that travel along them.
//!
//! A frame has three steps. First the positions are computed: `layout` gives each node its place, `state` lets the
//! nodes glide there, and `geometry` maps this to the screen. Then `drawing` defines the drawing order, and one file
//! for each kind of thing defines its look. Finally, `interaction` handles input.

mod announcement;
mod badge;
mod curve;
mod dimensions;
mod disagreement;
mod dots;
mod drawing;
mod edge;
mod edge_line;
mod external_edge;
mod external_node;
mod fading_edge;
mod failover_arrow;
mod fault_line;
mod geometry;
mod halo;
mod heading;
mod hover;
mod interaction;
mod label;
mod layout;
mod legend;
mod link_fault;
mod measures;
mod message_kind;
mod node;
mod node_id;
mod node_label;
mod node_order;
mod painter;
mod pool_frame;
mod registrar;
mod relations;
mod shape;
mod state;
mod tools;
mod viewport;

use std::collections::BTreeSet;
use std::time::Duration;

use egui::Ui;

use crate::registrar_state;
use crate::selection::{ChosenMessage, Selection};
use crate::snapshot::Snapshot;
use crate::theme::Theme;
use command::Command;

use failover_arrow::FailoverArrow;
use geometry::Geometry;
use interaction::{Choice, Interaction};
use measures::Measures;
use painter::GraphPainter;

pub(crate) use legend::legend_ui;
pub(crate) use node_id::NodeId;
pub(crate) use state::{GraphState, neighbour_towards};

/// The time after which checksums have settled.
const SETTLING: Duration = Duration::from_millis(750);

/// Draws the graph into all available room, for an audience if `stage` is set, and handles input. Returns whether
/// anything in it moves.
pub(crate) fn graph_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    graph: &mut GraphState,
    stage: bool,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) -> bool {
    let theme = Theme::of(ui);
    let area = ui.available_rect_before_wrap();
    let background = interaction::background(ui, area);
    ui.painter_at(area).rect_filled(area, 0.0, theme.ground);
    if snapshot.model.components.is_empty() && snapshot.model.external().is_empty() {
        drawing::paint_nothing(ui, theme, area.center());
        return false;
    }

    graph.stage = stage;
    let moving = graph.advance(ui, snapshot, area.size());
    interaction::navigate(ui, &background, graph);
    let geometry = Geometry::of(graph, area);
    let time = state::clock(ui, snapshot);
    let relations = graph.relations(snapshot.epoch(), snapshot.model, time);

    let interaction = Interaction::sense(ui, snapshot, &geometry, &relations, background);
    let painter = GraphPainter {
        painter: ui.painter_at(area),
        theme,
        measures: Measures::of(graph.stage, area.height()),
        snapshot,
        geometry: &geometry,
        relations: &relations,
        chosen: selection.node().map(|node| (node, relations.neighbours(node))),
        actors: actors(snapshot),
        fading: &graph.fading,
        disagreements: graph.disagreements(time),
        failovers: failover_arrow::arrows(snapshot),
        link: selection.link(),
        message: selection.message(),
        hidden: &graph.hidden,
        time,
    };
    let arrows = painter.failovers.iter().map(FailoverArrow::changes_in).min();
    let (headings, switches) = painter.draw(&graph.dots, &interaction);
    let switched: Vec<_> = switches
        .iter()
        .filter(|switch| switch.ui(ui, area, graph.hidden.contains(&switch.protocol)))
        .map(|switch| switch.protocol)
        .collect();

    for heading in &headings {
        interaction::pool_heading_ui(ui, heading, area, snapshot, commands);
    }
    for protocol in switched {
        if !graph.hidden.remove(&protocol) {
            graph.hidden.insert(protocol);
        }
    }
    let clicked = interaction.clicked_beside_nodes();
    let message = clicked.and_then(|at| graph.dots.message_at(at, &geometry, &relations, time));
    let choices = interaction.react(ui, graph, commands);
    match message.and_then(|number| chosen_message(snapshot, number)) {
        // The dot is what was meant, not the edge beneath it.
        Some(message) => selection.seek_message(message),
        None => choices.into_iter().for_each(|choice| choose(selection, choice)),
    }
    let settles = registrar_state::settles_soon(snapshot) || graph.disagreement_settles_soon(time);
    if !moving && settles && snapshot.goes_on() {
        ui.request_repaint_after(SETTLING);
    }
    if let Some(change) = arrows.filter(|_| snapshot.goes_on()) {
        ui.request_repaint_after(change);
    }
    moving
}

/// Returns the nodes that the story is about; `None` if nobody is to be told apart from the others.
fn actors(snapshot: &Snapshot<'_>) -> Option<BTreeSet<NodeId>> {
    let actors = snapshot.scenario_status.play?.actors(snapshot.model);
    let is_about_all = actors.len() == snapshot.model.components.len();
    (!actors.is_empty() && !is_about_all).then(|| actors.into_iter().map(NodeId::Own).collect())
}

/// Returns the message with this number, as all views know it.
fn chosen_message(snapshot: &Snapshot<'_>, number: u64) -> Option<ChosenMessage> {
    let record = snapshot.model.messages.get(number)?;
    Some(ChosenMessage {
        from: record.from?,
        to: record.to,
        sent: record.at,
        arrived: record.received,
        name: record.name.clone(),
        pixels: None,
    })
}

/// Passes a selection made in the graph on to all views.
fn choose(selection: &mut Selection, choice: Choice) {
    match choice {
        Choice::Node(node) => selection.select_node(node),
        Choice::Details(node) => {
            selection.select_node(node);
            selection.inspect();
        }
        Choice::Link(link) => selection.select_link(link),
        Choice::Nothing => selection.deselect(),
    }
}
