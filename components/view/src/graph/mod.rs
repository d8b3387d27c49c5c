//! The association graph: components as nodes, associations as edges, messages as dots that travel along them.

mod badge;
mod curve;
mod dimensions;
mod dots;
mod edge;
mod edge_line;
mod external_edge;
mod external_node;
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
mod node;
mod node_id;
mod node_label;
mod order;
mod painter;
mod registrar;
mod relations;
mod shape;
mod state;
mod viewport;

use std::collections::BTreeMap;

use egui::{Key, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

use crate::button::{IconButton, action_menu};
use crate::icon::Icon;
use crate::snapshot::Snapshot;
use crate::state::ViewState;
use crate::theme::{self, Theme};
use crate::{external as external_words, registrar_state, wording};
use command::Command;
use command::links;

use external_node::ExternalNode;
use geometry::Geometry;
use halo::Emphasis;
use interaction::FaultBadge;
use layout::Place;
use node::OwnNode;
pub(crate) use node_id::NodeId;
use painter::GraphPainter;
use relations::Relations;
pub(crate) use state::{GraphState, neighbour_towards};
use viewport::Viewport;

/// Checksums have settled after this time.
const SETTLING: std::time::Duration = std::time::Duration::from_millis(750);

/// Draws the graph into all the room there is.
pub(crate) fn graph_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let rect = ui.available_rect_before_wrap();
    let background = ui.allocate_rect(rect, Sense::click_and_drag());
    background.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Association graph"));
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, theme.ground);
    if snapshot.model.components.is_empty() && snapshot.model.external().is_empty() {
        empty(ui, rect, theme);
        return;
    }
    let time = ui.input(|input| input.time);
    let seconds = ui.input(|input| input.stable_dt).min(0.1);
    let chosen = state.chosen_node();
    let graph = &mut state.graph;
    graph.lay_out(snapshot.model, rect.size());
    let moving = graph.glide(snapshot.model, rect.size(), seconds);
    graph.relate(snapshot.model);
    navigate(ui, rect, &background, graph);
    graph.dots.update(snapshot, time);

    let geometry = Geometry::of(graph, rect);
    let corridor = geometry.corridor;
    let nodes: BTreeMap<NodeId, Pos2> = geometry
        .places
        .iter()
        .map(|(&node, place)| (node, place.centre))
        .collect();
    let relations = std::mem::take(&mut graph.relations);
    let Relations {
        edges,
        external: external_edges,
        ..
    } = &relations;
    let canvas = GraphPainter {
        painter: painter.clone(),
        theme,
        snapshot,
        geometry: &geometry,
        relations: &relations,
        chosen: chosen.map(|node| (node, relations.neighbours(node))),
        link: state.link,
        time,
    };
    canvas.paint_chosen_link();
    canvas.paint_external_edges();
    canvas.paint_edges();
    canvas.paint_faults();
    canvas.paint_differences();
    canvas.paint_headings();
    canvas.paint_dots(&graph.dots);
    let mut hovered_edge = (!background.dragged()).then(|| background.hover_pos()).flatten();
    for (&node, &on_screen) in &geometry.places {
        let response = node_response(ui, rect, snapshot, node, on_screen);
        let (is_chosen, dimmed) = match &canvas.chosen {
            Some((chosen, neighbours)) => (*chosen == node, !neighbours.contains(&node)),
            None => (false, false),
        };
        let emphasis = Emphasis {
            chosen: is_chosen,
            lit: response.hovered() || response.has_focus(),
            dimmed,
        };
        if response.hovered() || response.dragged() {
            hovered_edge = None;
        }
        react(ui, rect, &response, node, state);
        match node {
            NodeId::Own(id) => {
                if let Some(component) = snapshot.component(id) {
                    OwnNode::new(&canvas, component, on_screen, emphasis).paint();
                    response.context_menu(|ui| action_menu(ui, component, commands));
                    response.on_hover_ui(|ui| hover::details_ui(ui, snapshot, component));
                }
            }
            NodeId::External(identifier) => {
                if let Some(component) = snapshot.model.external().get(identifier) {
                    let drawn = ExternalNode {
                        graph: &canvas,
                        component,
                        place: on_screen,
                        emphasis,
                    };
                    drawn.paint();
                    response.on_hover_text(external_words::details(component, snapshot.now));
                }
            }
        }
    }
    for fault in relations.faults.iter().filter(|fault| fault.own) {
        if let Some(badge) = FaultBadge::sense(ui, snapshot, &geometry, fault) {
            canvas.paint_fault_badge(&badge);
            if badge.clicked {
                state.select_link(fault.link);
            }
        }
    }
    canvas.paint_legend();
    tools(ui, rect, snapshot, state);
    let own_under = |at: Pos2| hover::edge_under(at, edges, &nodes, corridor);
    let external_under = |at: Pos2| {
        let (&key, edge) = external_edges.iter().find(|&(&key, edge)| {
            let curve = geometry.external_edge(key, edge);
            curve.is_some_and(|curve| curve.is_under(at))
        })?;
        let node = key.ends.into_iter().find(|end| end.own().is_none())?;
        Some((node, external_edge::told(key, edge, snapshot)))
    };
    if let Some(at) = hovered_edge {
        let own = own_under(at).map(|(key, edge)| hover::edge_text(*key, edge, snapshot));
        if let Some(text) = own.or_else(|| external_under(at).map(|(_, text)| text)) {
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
            background.clone().on_hover_text_at_pointer(text);
        }
    }
    if background.clicked() {
        let at = background.interact_pointer_pos();
        if let Some(link) = at.and_then(own_under).and_then(|(key, _)| key.link()) {
            state.select_link(link);
        } else if let Some((node, _)) = at.and_then(external_under) {
            state.select_node(node);
        } else {
            state.deselect();
        }
    }
    state.graph.relations = relations;
    if background.double_clicked() {
        state.graph.fit();
    }
    if state.graph.dots.any() || moving {
        ui.request_repaint_after(state.frame_time());
    } else if registrar_state::settles_soon(snapshot) {
        ui.request_repaint_after(SETTLING);
    }
}

fn empty(ui: &mut Ui, rect: Rect, theme: &Theme) {
    let at = rect.center() - Vec2::new(0.0, 24.0);
    let painter = ui.painter();
    painter.text(
        at,
        egui::Align2::CENTER_CENTER,
        "Nothing in the scenario",
        theme::strong_font(24.0),
        theme.text,
    );
    painter.text(
        at + Vec2::new(0.0, 34.0),
        egui::Align2::CENTER_CENTER,
        "Load a scenario above, or add components on the left.",
        theme::plain_font(15.0),
        theme.weak,
    );
}

/// Pan by dragging or scrolling, zoom by pinching or scrolling with the command key.
fn navigate(ui: &Ui, rect: Rect, background: &Response, graph: &mut GraphState) {
    if background.dragged() {
        graph.viewport.pan += background.drag_delta();
    }
    if !ui.rect_contains_pointer(rect) {
        return;
    }
    let (scroll, pinch, pointer) = ui.input(|input| {
        (
            input.smooth_scroll_delta(),
            input.zoom_delta(),
            input.pointer.hover_pos(),
        )
    });
    let factor = pinch * (scroll.y * 0.0025).exp();
    if (factor - 1.0).abs() > 1e-4
        && let Some(pointer) = pointer
    {
        graph.viewport.magnify(pointer - rect.min, factor);
    }
}

/// What a screen reader says of a node.
fn announcement(snapshot: &Snapshot<'_>, node: NodeId) -> Option<String> {
    let component = match node {
        NodeId::Own(id) => snapshot.component(id)?,
        NodeId::External(identifier) => {
            let component = snapshot.model.external().get(identifier)?;
            return Some(external_words::announcement(
                component,
                " in the graph",
                snapshot.now,
            ));
        }
    };
    let mut label = format!(
        "{} in the graph, {}, {}",
        component.name,
        wording::state_word(component),
        wording::status_line(component)
    );
    if let Some(relation) = registrar_state::relation(snapshot, component) {
        label = format!("{label}, {}", relation.text);
    }
    if let Some(home) = registrar_state::home(snapshot, component) {
        label = format!("{label}, home {}", home.name);
    }
    let all = links::impairment_of_all(component);
    if !all.is_none() && !all.cut {
        label = format!("{label}, all links: {}", links::words(&all));
    }
    Some(label)
}

/// A node as a thing to click, to focus, to drag, and to be read aloud.
fn node_response(ui: &Ui, rect: Rect, snapshot: &Snapshot<'_>, node: NodeId, place: Place) -> Response {
    let area = Rect::from_center_size(place.centre, Vec2::splat((place.radius * 2.0).max(16.0) + 4.0));
    let visible = area.intersect(rect);
    let response = ui.interact(visible, node.focus_id(), Sense::click_and_drag());
    if response.has_focus() {
        // Arrow keys go from node to node here, not to whatever else is near.
        let filter = egui::EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..Default::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    }
    response.widget_info(|| {
        let label = announcement(snapshot, node).unwrap_or_default();
        WidgetInfo::labeled(Role::Button, true, label)
    });
    response
}

fn react(ui: &Ui, rect: Rect, response: &Response, node: NodeId, state: &mut ViewState) {
    if response.dragged() {
        let share = state.graph.shown.get_mut(&node).map(|shown| {
            *shown += response.drag_delta() / state.graph.viewport.zoom;
            shown.to_vec2() / rect.size()
        });
        if let Some(share) = share {
            state.graph.pinned.insert(node, share);
        }
    }
    if response.clicked() || response.secondary_clicked() {
        state.select_node(node);
    }
    // Selection follows the focus, but only when the focus moves: a click elsewhere must not be undone.
    if response.has_focus() && state.graph.focused.replace(node) != Some(node) {
        state.select_node(node);
    } else if !response.has_focus() && state.graph.focused == Some(node) {
        state.graph.focused = None;
    }
    if response.double_clicked() || (response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter)))
    {
        state.select_node(node);
        state.inspector = true;
    }
}

fn tools(ui: &mut Ui, rect: Rect, snapshot: &Snapshot<'_>, state: &mut ViewState) {
    let moved = state.graph.viewport != Viewport::default();
    let dragged = !state.graph.pinned.is_empty();
    if !moved && !dragged {
        return;
    }
    let area = Rect::from_min_size(
        pos2(rect.right() - 84.0, rect.bottom() - 40.0),
        Vec2::new(76.0, 30.0),
    );
    ui.scope_builder(egui::UiBuilder::new().max_rect(area), |ui| {
        ui.horizontal(|ui| {
            if IconButton::new(Icon::Fit, "Show the whole graph")
                .show(ui)
                .clicked()
            {
                state.graph.fit();
            }
            let tidy = IconButton::new(Icon::Undo, "Tidy the graph up")
                .explain("Puts every node back into its column.")
                .show(ui);
            if tidy.clicked() {
                state.graph.tidy(snapshot.model);
            }
        });
    });
}
