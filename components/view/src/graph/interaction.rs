//! Input in the graph: the positions of the pointer and of the keyboard focus, and their effects.

use egui::{CursorIcon, EventFilter, Id, Key, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};

use crate::button::action_menu;
use crate::external as external_words;
use crate::graph::announcement::announcement;
use crate::graph::geometry::Geometry;
use crate::graph::layout::Place;
use crate::graph::link_fault::LinkFault;
use crate::graph::node_id::NodeId;
use crate::graph::pool_frame::PoolHeading;
use crate::graph::relations::Relations;
use crate::graph::state::GraphState;
use crate::graph::{external_edge, hover, tools};
use crate::pool_policy;
use crate::snapshot::Snapshot;
use command::Command;
use command::links::{self, Link};

/// The margin around a node that still counts as the node.
const SLACK: f32 = 4.0;
/// The minimum side of a node's clickable area, without that margin.
const LEAST_SIDE: f32 = 16.0;
/// The magnification of the graph per point of scrolling.
const SCROLL_ZOOM: f32 = 0.0025;

/// A selection made in the graph, for all views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The component at a node.
    Node(NodeId),
    /// The component at a node, with its details.
    Details(NodeId),
    /// A link.
    Link(Link),
    /// Nothing.
    Nothing,
}

/// The input of one frame.
pub(super) struct Interaction<'a> {
    snapshot: &'a Snapshot<'a>,
    geometry: &'a Geometry,
    relations: &'a Relations,
    /// The area outside of nodes and badges.
    background: Response,
    /// The nodes, in drawing order.
    pub(super) nodes: Vec<NodeResponse>,
    /// The badges of links with faults of their own.
    pub(super) badges: Vec<FaultBadge<'a>>,
}

/// The input at a node.
pub(super) struct NodeResponse {
    /// The node.
    pub(super) node: NodeId,
    /// Its place.
    pub(super) place: Place,
    response: Response,
    /// Whether it had the focus when it was processed; one of the next nodes may have received it since.
    focused: bool,
}

/// A badge, and the input at it.
pub(super) struct FaultBadge<'a> {
    /// The fault that it shows.
    pub(super) fault: &'a LinkFault,
    /// Its centre.
    pub(super) centre: Pos2,
    /// Its radius.
    pub(super) radius: f32,
    /// Whether the pointer or the focus is on it.
    pub(super) lit: bool,
    clicked: bool,
}

/// Allocates the whole area, for input outside of nodes and badges.
pub(super) fn background(ui: &mut Ui, area: Rect) -> Response {
    let background = ui.allocate_rect(area, Sense::click_and_drag());
    background.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Association graph"));
    background
}

/// Pans by dragging or scrolling, and zooms by pinching or by scrolling with the command key.
pub(super) fn navigate(ui: &Ui, background: &Response, graph: &mut GraphState) {
    let area = background.rect;
    if background.dragged() {
        graph.viewport.pan += background.drag_delta();
    }
    if !ui.rect_contains_pointer(area) {
        return;
    }
    let (scroll, pinch, pointer) = ui.input(|input| {
        (
            input.smooth_scroll_delta(),
            input.zoom_delta(),
            input.pointer.hover_pos(),
        )
    });
    let factor = pinch * (scroll.y * SCROLL_ZOOM).exp();
    if (factor - 1.0).abs() > 1e-4
        && let Some(pointer) = pointer
    {
        graph.viewport.magnify(pointer - area.min, factor);
    }
}

/// Makes the heading of a pool a button that opens the choice of its policy.
pub(super) fn pool_heading_ui(
    ui: &Ui,
    heading: &PoolHeading,
    area: Rect,
    snapshot: &Snapshot<'_>,
    commands: &mut Vec<Command>,
) {
    let id = snapshot.distinct(Id::unique("pool heading").with(&heading.pool));
    let response = ui.interact(heading.rect.intersect(area), id, Sense::click());
    let name = match &heading.pool {
        Some(pool) => format!("Policy of the pool {pool}"),
        None => "Policy of the pool".to_owned(),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    pool_policy::menu(&response, heading.pool.as_ref(), snapshot, commands);
    // The heading may be cut.
    response.on_hover_text(match &heading.pool {
        Some(pool) => format!("{pool}: click to change its policy"),
        None => "Click to change the policy of the pool".to_owned(),
    });
}

impl<'a> Interaction<'a> {
    /// Collects the input at nodes and badges.
    pub(super) fn sense(
        ui: &Ui,
        snapshot: &'a Snapshot<'a>,
        geometry: &'a Geometry,
        relations: &'a Relations,
        background: Response,
    ) -> Self {
        let nodes = geometry.places.iter();
        let own_faults = relations.faults.iter().filter(|fault| fault.own);
        Self {
            snapshot,
            geometry,
            relations,
            background,
            nodes: nodes
                .map(|(&node, &place)| NodeResponse::sense(ui, snapshot, geometry.area, node, place))
                .collect(),
            badges: own_faults
                .filter_map(|fault| FaultBadge::sense(ui, snapshot, geometry, fault))
                .collect(),
        }
    }

    /// Applies input that affects only the graph, shows tooltips and menus, and returns the selections, in order.
    pub(super) fn react(
        &self,
        ui: &mut Ui,
        graph: &mut GraphState,
        commands: &mut Vec<Command>,
    ) -> Vec<Choice> {
        let mut choices = Vec::new();
        for node in &self.nodes {
            if node.response.dragged() {
                graph.drag(node.node, node.response.drag_delta(), self.geometry.area.size());
            }
            choices.extend(node.chosen());
            choices.extend(node.focus_moved(graph));
            choices.extend(node.opened(ui));
            node.show(self.snapshot, commands);
        }
        let badge = self.badges.iter().rfind(|badge| badge.clicked);
        choices.extend(badge.map(|badge| Choice::Link(badge.fault.link)));
        tools::tools_ui(ui, self.geometry.area, self.snapshot, graph);
        self.describe_edge(ui);
        choices.extend(self.chosen_beside_nodes());
        if self.background.double_clicked() {
            graph.fit();
        }
        choices
    }

    /// Shows the tooltip of the edge under the pointer.
    fn describe_edge(&self, ui: &Ui) {
        let on_node = |node: &NodeResponse| node.response.hovered() || node.response.dragged();
        if self.background.dragged() || self.nodes.iter().any(on_node) {
            return;
        }
        let edge = self.background.hover_pos().and_then(|at| self.edge_at(at));
        if let Some((_, text)) = edge {
            ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
            self.background.clone().on_hover_text_at_pointer(text);
        }
    }

    /// Returns where it was clicked outside of nodes.
    pub(super) fn clicked_beside_nodes(&self) -> Option<Pos2> {
        self.background
            .interact_pointer_pos()
            .filter(|_| self.background.clicked())
    }

    /// Returns the selection made by a click outside of nodes: an edge, or nothing.
    fn chosen_beside_nodes(&self) -> Option<Choice> {
        if !self.background.clicked() {
            return None;
        }
        let at = self.background.interact_pointer_pos();
        let edge = at.and_then(|at| self.edge_at(at));
        Some(edge.map_or(Choice::Nothing, |(choice, _)| choice))
    }

    /// Returns the edge at a position: the selection that it stands for, and the text of its tooltip.
    fn edge_at(&self, at: Pos2) -> Option<(Choice, String)> {
        self.own_edge_at(at).or_else(|| self.external_edge_at(at))
    }

    fn own_edge_at(&self, at: Pos2) -> Option<(Choice, String)> {
        let (&key, edge) = self.relations.edges.iter().find(|(key, _)| {
            let curve = self.geometry.curve(key.ends[0], key.ends[1], key.protocol);
            curve.is_some_and(|curve| curve.is_under(at))
        })?;
        let text = hover::edge_text(key, edge, self.snapshot);
        Some((Choice::Link(key.link()?), text))
    }

    fn external_edge_at(&self, at: Pos2) -> Option<(Choice, String)> {
        let (&key, edge) = self.relations.external.iter().find(|&(&key, edge)| {
            let curve = self.geometry.external_edge(key, edge);
            curve.is_some_and(|curve| curve.is_under(at))
        })?;
        let external = key.ends.into_iter().find(|end| end.own().is_none())?;
        let text = external_edge::told(key, edge, self.snapshot);
        Some((Choice::Node(external), text))
    }
}

impl NodeResponse {
    /// Makes a node clickable, focusable and draggable, and accessible to screen readers.
    fn sense(ui: &Ui, snapshot: &Snapshot<'_>, area: Rect, node: NodeId, place: Place) -> Self {
        let side = (place.radius * 2.0).max(LEAST_SIDE) + SLACK;
        let square = Rect::from_center_size(place.centre, Vec2::splat(side));
        let response = ui.interact(
            square.intersect(area),
            snapshot.distinct(node.focus_id()),
            Sense::click_and_drag(),
        );
        if response.has_focus() {
            // Here the arrow keys move from node to node, not to other widgets nearby.
            let filter = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        }
        response.widget_info(|| {
            let label = announcement(snapshot, node).unwrap_or_default();
            WidgetInfo::labeled(Role::Button, true, label)
        });
        let focused = response.has_focus();
        Self {
            node,
            place,
            response,
            focused,
        }
    }

    /// Returns whether the pointer or the focus is on it.
    pub(super) fn is_lit(&self) -> bool {
        self.response.hovered() || self.focused
    }

    fn chosen(&self) -> Option<Choice> {
        let clicked = self.response.clicked() || self.response.secondary_clicked();
        clicked.then_some(Choice::Node(self.node))
    }

    /// Returns the selection of the node if the focus has just moved to it. Otherwise the selection does not follow
    /// the focus: a click elsewhere must not be undone.
    fn focus_moved(&self, graph: &mut GraphState) -> Option<Choice> {
        let had_focus = graph.focused == Some(self.node);
        if self.focused {
            graph.focused = Some(self.node);
        } else if had_focus {
            graph.focused = None;
        }
        (self.focused && !had_focus).then_some(Choice::Node(self.node))
    }

    fn opened(&self, ui: &Ui) -> Option<Choice> {
        let by_key = self.focused && ui.input(|input| input.key_pressed(Key::Enter));
        (self.response.double_clicked() || by_key).then_some(Choice::Details(self.node))
    }

    /// Shows its menu or its tooltip, when due.
    fn show(&self, snapshot: &Snapshot<'_>, commands: &mut Vec<Command>) {
        match self.node {
            NodeId::Own(id) => {
                if let Some(component) = snapshot.component(id) {
                    self.response
                        .context_menu(|ui| action_menu(ui, component, commands));
                    self.response
                        .clone()
                        .on_hover_ui(|ui| hover::details_ui(ui, snapshot, component));
                }
            }
            NodeId::External(identifier) => {
                if let Some(component) = snapshot.model.external().get(identifier) {
                    self.response
                        .clone()
                        .on_hover_text(external_words::details(component, snapshot.now));
                }
            }
        }
    }
}

impl<'a> FaultBadge<'a> {
    /// Makes a badge clickable and focusable, and accessible to screen readers.
    fn sense(ui: &Ui, snapshot: &Snapshot<'_>, geometry: &Geometry, fault: &'a LinkFault) -> Option<Self> {
        let (centre, radius) = geometry.fault_badge(fault)?;
        let square = Rect::from_center_size(centre, Vec2::splat(radius * 2.0 + SLACK));
        let id = snapshot.distinct(Id::unique(("link fault", fault.link)));
        let response = ui.interact(square.intersect(geometry.area), id, Sense::click());
        response.widget_info(|| {
            let name = |id| NodeId::Own(id).name(snapshot.model);
            let (one, other) = (name(fault.link.0), name(fault.link.1));
            let words = links::words(&fault.impairment);
            WidgetInfo::labeled(
                Role::Button,
                true,
                format!("Link between {one} and {other}: {words}"),
            )
        });
        Some(Self {
            fault,
            centre,
            radius,
            lit: response.hovered() || response.has_focus(),
            clicked: response.clicked(),
        })
    }
}
