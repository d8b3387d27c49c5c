//! The association graph: components as nodes, associations as edges, messages as dots that travel along them.

mod dots;
mod edge;
mod hover;
mod label;
mod layout;
mod legend;
mod link_fault;
mod node;
mod registrar;

use std::collections::{BTreeMap, BTreeSet};

use egui::{Color32, Id, Key, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2};
use feed::Protocol;

use crate::command::Command;
use crate::links;
use crate::model::{Component, ComponentId, Model};
use crate::view::button::{IconButton, action_menu};
use crate::view::icon::Icon;
use crate::view::stage::Stage;
use crate::view::state::ViewState;
use crate::view::theme::{self, Theme};
use crate::view::{registrar_state, wording};

pub(crate) use dots::protocol_of;
use edge::{Edge, EdgeKey, Ends};
use layout::{Layout, Order, Place};
use node::Emphasis;

/// Scenario files give positions in an area of this size, whatever the window's.
const DESIGN: Vec2 = Vec2::new(1000.0, 700.0);
const ZOOM_RANGE: std::ops::RangeInclusive<f32> = 0.3..=4.0;

/// Checksums have settled after this time.
const SETTLING: std::time::Duration = std::time::Duration::from_millis(750);

/// What the graph remembers.
#[derive(Debug)]
pub(crate) struct GraphState {
    order: Order,
    layout: Layout,
    laid_out_for: Option<(u64, Vec2)>,
    /// Nodes that were dragged, or whose place a scenario gives, as shares of the area.
    pinned: BTreeMap<ComponentId, Vec2>,
    placed: BTreeSet<ComponentId>,
    /// Where each node is drawn: on its way to its place.
    shown: BTreeMap<ComponentId, Pos2>,
    /// Where each pool element's home is drawn: on its way from the registrar before to the one of now.
    homes: BTreeMap<ComponentId, Pos2>,
    wants_tidying: bool,
    focused: Option<ComponentId>,
    zoom: f32,
    pan: Vec2,
    dots: dots::Dots,
}

impl Default for GraphState {
    fn default() -> Self {
        Self {
            order: Order::default(),
            layout: Layout::default(),
            laid_out_for: None,
            pinned: BTreeMap::new(),
            placed: BTreeSet::new(),
            shown: BTreeMap::new(),
            homes: BTreeMap::new(),
            wants_tidying: false,
            focused: None,
            zoom: 1.0,
            pan: Vec2::ZERO,
            dots: dots::Dots::default(),
        }
    }
}

impl GraphState {
    /// Shows everything again.
    pub(crate) fn fit(&mut self) {
        self.zoom = 1.0;
        self.pan = Vec2::ZERO;
    }

    /// Puts every node back into its column, sorted.
    pub(crate) fn tidy(&mut self, model: &Model) {
        self.pinned.clear();
        self.order.tidy(model);
        self.laid_out_for = None;
        self.fit();
    }

    /// Where the nodes are that were dragged or placed, as scenario files have it.
    pub(crate) fn positions(&self) -> BTreeMap<ComponentId, [f32; 2]> {
        let position = |share: &Vec2| {
            let at = (*share * DESIGN).clamp(Vec2::ZERO, DESIGN);
            [at.x.round(), at.y.round()]
        };
        self.pinned
            .iter()
            .map(|(id, share)| (*id, position(share)))
            .collect()
    }

    /// Drops what belongs to components that are gone.
    pub(crate) fn forget_gone(&mut self, model: &Model) {
        self.pinned.retain(|id, _| model.components.contains_key(id));
        self.placed.retain(|id| model.components.contains_key(id));
        self.shown.retain(|id, _| model.components.contains_key(id));
        self.homes.retain(|id, _| model.components.contains_key(id));
    }

    fn lay_out(&mut self, model: &Model, size: Vec2) {
        if self.laid_out_for == Some((model.generation, size)) {
            return;
        }
        let before = self.order.iter().count();
        if self.order.update(model) {
            // Many new ones at once are a new scenario; a single one must not shuffle the others.
            self.wants_tidying |= self.order.iter().count() > before + 1;
        }
        let homes_known = model
            .components
            .values()
            .filter(|component| component.role() == feed::ComponentRole::PoolElement)
            .all(|component| component.home_registrar.is_some() || !component.process.is_alive());
        if self.wants_tidying && homes_known {
            self.order.tidy(model);
            self.wants_tidying = false;
        }
        for component in model.components.values() {
            if self.placed.insert(component.id)
                && let Some([x, y]) = component.spec.position
            {
                self.pinned.insert(component.id, Vec2::new(x, y) / DESIGN);
            }
        }
        let resized = self.laid_out_for.is_none_or(|(_, before)| before != size);
        self.layout = layout::place(&self.order, size);
        if resized {
            self.shown.clear();
            self.homes.clear();
        }
        self.laid_out_for = Some((model.generation, size));
    }

    /// Moves nodes towards their places; says whether any is still on its way.
    fn glide(&mut self, model: &Model, size: Vec2, seconds: f32) -> bool {
        let mut moving = false;
        for (&id, place) in &self.layout.places {
            let target = self
                .pinned
                .get(&id)
                .map_or(place.centre, |share| (*share * size).to_pos2());
            let shown = self.shown.entry(id).or_insert(target);
            if shown.distance(target) < 0.5 {
                *shown = target;
            } else {
                *shown += (target - *shown) * (1.0 - (-12.0 * seconds).exp());
                moving = true;
            }
        }
        // A pool element that is taken over goes to its new home slowly enough to be followed.
        for component in model.components.values() {
            let Some(&target) = component.home_registrar.and_then(|home| self.shown.get(&home)) else {
                self.homes.remove(&component.id);
                continue;
            };
            let home = self.homes.entry(component.id).or_insert(target);
            if home.distance(target) < 0.5 {
                *home = target;
            } else {
                *home += (target - *home) * (1.0 - (-5.0 * seconds).exp());
                moving = true;
            }
        }
        moving
    }
}

/// The keyboard identity of a component's node.
pub(crate) fn node_id(id: ComponentId) -> Id {
    Id::unique(("graph node", id))
}

/// The nearest node in a direction, as the eye would take it: what lies aside counts as farther away.
pub(crate) fn neighbour_towards(
    graph: &GraphState,
    from: ComponentId,
    direction: Vec2,
) -> Option<ComponentId> {
    let start = *graph.shown.get(&from)?;
    let distance = |at: Pos2| {
        let way = at - start;
        let ahead = way.dot(direction);
        let aside = (way - direction * ahead).length();
        (ahead > 1.0).then_some(ahead + aside * 2.0)
    };
    graph
        .shown
        .iter()
        .filter_map(|(&id, &at)| Some((id, distance(at)?)))
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .map(|(id, _)| id)
}

/// Draws the graph into all the room there is.
pub(crate) fn graph_ui(ui: &mut Ui, stage: &Stage<'_>, state: &mut ViewState, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let rect = ui.available_rect_before_wrap();
    let background = ui.allocate_rect(rect, Sense::click_and_drag());
    background.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Association graph"));
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, theme.ground);
    if stage.model.components.is_empty() {
        empty(ui, rect, theme);
        return;
    }
    let time = ui.input(|input| input.time);
    let seconds = ui.input(|input| input.stable_dt).min(0.1);
    let graph = &mut state.graph;
    graph.lay_out(stage.model, rect.size());
    let moving = graph.glide(stage.model, rect.size(), seconds);
    navigate(ui, rect, &background, graph);
    graph.dots.update(stage, time);

    let zoom = graph.zoom;
    let origin = rect.min + graph.pan;
    let to_screen = |at: Pos2| origin + at.to_vec2() * zoom;
    let corridor = to_screen(pos2(0.0, graph.layout.corridor)).y;
    let centres: BTreeMap<ComponentId, Pos2> =
        graph.shown.iter().map(|(&id, &at)| (id, to_screen(at))).collect();
    let homes: BTreeMap<ComponentId, Pos2> =
        graph.homes.iter().map(|(&id, &at)| (id, to_screen(at))).collect();
    let edges = edge::edges(stage);
    let neighbours = state.selection.map(|selected| neighbours(&edges, selected));

    let ends = Ends {
        centres: &centres,
        homes: &homes,
    };
    if let Some(link) = state.link {
        link_fault::paint_chosen(&painter, theme, link, &edges, &centres, corridor, zoom);
    }
    edge::paint_all(&painter, theme, &edges, &ends, corridor, zoom, state.selection);
    let faults = link_fault::faults(stage);
    link_fault::paint(&painter, theme, &faults, &centres, corridor, zoom);
    registrar::paint_differences(&painter, theme, stage, &centres, zoom);
    for (at, role, _) in &graph.layout.headings {
        node::paint_heading(&painter, theme, to_screen(*at), *role, zoom);
    }
    graph.dots.paint(
        &painter,
        theme,
        time,
        zoom,
        |id| centres.get(&id).copied(),
        |from, to, protocol| {
            let curve = edge::curve(*centres.get(&from)?, *centres.get(&to)?, protocol, corridor);
            let element = edges
                .get(&edge::key(from, to, protocol))
                .and_then(|edge| edge.element_colour);
            let colour = element
                .filter(|_| protocol == Protocol::Application)
                .map(|colour| theme.element(colour));
            Some((curve, colour))
        },
    );
    let mut hovered_edge = (!background.dragged()).then(|| background.hover_pos()).flatten();
    let places: Vec<(ComponentId, Place)> = graph
        .layout
        .places
        .iter()
        .map(|(&id, &place)| (id, place))
        .collect();
    for (id, place) in places {
        let (Some(component), Some(&centre)) = (stage.component(id), centres.get(&id)) else {
            continue;
        };
        let on_screen = Place {
            centre,
            radius: place.radius * zoom,
            label_width: place.label_width * zoom,
            ..place
        };
        let response = node_response(ui, rect, stage, component, on_screen);
        let emphasis = Emphasis {
            selected: state.selection == Some(id),
            hovered: response.hovered(),
            focused: response.has_focus(),
            dimmed: neighbours.as_ref().is_some_and(|near| !near.contains(&id)),
            zoom,
        };
        node::paint(&painter, theme, stage, component, on_screen, emphasis);
        if response.hovered() || response.dragged() {
            hovered_edge = None;
        }
        react(ui, rect, response, stage, component, state, commands);
    }
    let badges = link_fault::badges_ui(ui, rect, theme, stage, &faults, &centres, corridor, zoom);
    if let Some(link) = badges {
        state.select_link(link);
    }
    legend::legend_ui(ui, rect, theme, stage, &edges, &faults);
    tools(ui, rect, stage, state);
    if let Some(at) = hovered_edge
        && let Some((key, edge)) = hover::edge_under(at, &edges, &centres, corridor)
    {
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        let text = hover::edge_text(key, edge, stage);
        background.clone().on_hover_text_at_pointer(text);
    }
    if background.clicked() {
        let at = background.interact_pointer_pos();
        match at.and_then(|at| hover::edge_under(at, &edges, &centres, corridor)) {
            Some((key, _)) => state.select_link((key.0, key.1)),
            None => state.deselect(),
        }
    }
    if background.double_clicked() {
        state.graph.fit();
    }
    if state.graph.dots.any() || moving {
        ui.request_repaint_after(state.frame_time());
    } else if registrar_state::settles_soon(stage) {
        ui.request_repaint_after(SETTLING);
    }
}

fn empty(ui: &mut Ui, rect: Rect, theme: &Theme) {
    let at = rect.center() - Vec2::new(0.0, 24.0);
    let painter = ui.painter();
    painter.text(
        at,
        egui::Align2::CENTER_CENTER,
        "Nothing on the scene",
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
        graph.pan += background.drag_delta();
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
        let zoom = (graph.zoom * factor).clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        // The point under the pointer stays there.
        let local = pointer - rect.min;
        graph.pan = local - (local - graph.pan) * (zoom / graph.zoom);
        graph.zoom = zoom;
    }
}

fn neighbours(edges: &BTreeMap<EdgeKey, Edge>, selected: ComponentId) -> BTreeSet<ComponentId> {
    let mut near: BTreeSet<ComponentId> = [selected].into();
    for (one, other, _) in edges.keys() {
        if *one == selected {
            near.insert(*other);
        } else if *other == selected {
            near.insert(*one);
        }
    }
    near
}

/// A node as a thing to click, to focus, to drag, and to be read aloud.
fn node_response(ui: &Ui, rect: Rect, stage: &Stage<'_>, component: &Component, place: Place) -> Response {
    let area = Rect::from_center_size(place.centre, Vec2::splat((place.radius * 2.0).max(16.0) + 4.0));
    let visible = area.intersect(rect);
    let response = ui.interact(visible, node_id(component.id), Sense::click_and_drag());
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
        let mut label = format!(
            "{} in the graph, {}, {}",
            component.name,
            wording::state_word(component),
            wording::status_line(component)
        );
        if let Some(relation) = registrar_state::relation(stage, component) {
            label = format!("{label}, {}", relation.text);
        }
        if let Some(home) = registrar_state::home(stage, component) {
            label = format!("{label}, home {}", home.name);
        }
        let all = links::impairment_of_all(component);
        if !all.is_none() && !all.cut {
            label = format!("{label}, all links: {}", links::words(&all));
        }
        WidgetInfo::labeled(Role::Button, true, label)
    });
    response
}

fn react(
    ui: &Ui,
    rect: Rect,
    response: Response,
    stage: &Stage<'_>,
    component: &Component,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    let id = component.id;
    if response.dragged() {
        let share = state.graph.shown.get_mut(&id).map(|shown| {
            *shown += response.drag_delta() / state.graph.zoom;
            shown.to_vec2() / rect.size()
        });
        if let Some(share) = share {
            state.graph.pinned.insert(id, share);
        }
    }
    if response.clicked() || response.secondary_clicked() {
        state.select(id);
    }
    // Selection follows the focus, but only when the focus moves: a click elsewhere must not be undone.
    if response.has_focus() && state.graph.focused.replace(id) != Some(id) {
        state.select(id);
    } else if !response.has_focus() && state.graph.focused == Some(id) {
        state.graph.focused = None;
    }
    if response.double_clicked() || (response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter)))
    {
        state.select(id);
        state.inspector = true;
    }
    response.context_menu(|ui| action_menu(ui, component, commands));
    response.on_hover_ui(|ui| hover::details_ui(ui, stage, component));
}

fn tools(ui: &mut Ui, rect: Rect, stage: &Stage<'_>, state: &mut ViewState) {
    let moved = state.graph.zoom != 1.0 || state.graph.pan != Vec2::ZERO;
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
                state.graph.tidy(stage.model);
            }
        });
    });
}

/// The colour of a component wherever its name stands.
pub(crate) fn component_colour(theme: &Theme, component: &Component) -> Color32 {
    match component.role() {
        feed::ComponentRole::PoolElement => theme.element(component.colour),
        feed::ComponentRole::Registrar => theme.protocol(Protocol::Enrp),
        feed::ComponentRole::PoolUser => theme.text,
    }
}
