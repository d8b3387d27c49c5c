//! What the graph remembers from frame to frame, and how its nodes get to their places.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Pos2, Vec2};

use crate::graph::dots;
use crate::graph::layout::{self, Layout};
use crate::graph::node_id::NodeId;
use crate::graph::order::Order;
use crate::graph::relations::Relations;
use crate::graph::viewport::Viewport;
use model::{ComponentId, Model};

/// Scenario files give positions in an area of this size, whatever the window's.
const DESIGN: Vec2 = Vec2::new(1000.0, 700.0);

/// What the graph remembers.
#[derive(Debug)]
pub(crate) struct GraphState {
    order: Order,
    pub(super) layout: Layout,
    laid_out_for: Option<(u64, Vec2)>,
    /// Nodes that were dragged, or whose place a scenario gives, as shares of the area.
    pub(super) pinned: BTreeMap<NodeId, Vec2>,
    placed: BTreeSet<ComponentId>,
    /// Where each node is drawn: on its way to its place.
    pub(super) shown: BTreeMap<NodeId, Pos2>,
    /// Where each pool element's home is drawn: on its way from the registrar before to the one of now.
    pub(super) homes: BTreeMap<ComponentId, Pos2>,
    wants_tidying: bool,
    pub(super) focused: Option<NodeId>,
    pub(super) viewport: Viewport,
    pub(super) dots: dots::Dots,
    pub(super) relations: Relations,
    related_at: Option<u64>,
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
            viewport: Viewport::default(),
            dots: dots::Dots::default(),
            relations: Relations::default(),
            related_at: None,
        }
    }
}

impl GraphState {
    /// Shows everything again.
    pub(crate) fn fit(&mut self) {
        self.viewport = Viewport::default();
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
            .filter_map(|(node, share)| Some((node.own()?, position(share))))
            .collect()
    }

    /// Drops what belongs to components that are gone.
    pub(crate) fn forget_gone(&mut self, model: &Model) {
        self.pinned.retain(|node, _| node.is_in(model));
        self.placed.retain(|id| model.components.contains_key(id));
        self.shown.retain(|node, _| node.is_in(model));
        self.homes.retain(|id, _| model.components.contains_key(id));
    }

    pub(super) fn lay_out(&mut self, model: &Model, size: Vec2) {
        if self.laid_out_for == Some((model.generation, size)) {
            return;
        }
        let before = self.order.own().count();
        if self.order.update(model) {
            // Many new ones at once are a new scenario; a single one must not shuffle the others.
            self.wants_tidying |= self.order.own().count() > before + 1;
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
                self.pinned
                    .insert(NodeId::Own(component.id), Vec2::new(x, y) / DESIGN);
            }
        }
        let resized = self.laid_out_for.is_none_or(|(_, before)| before != size);
        self.layout = layout::place(&self.order, size);
        let places = &self.layout.places;
        self.shown.retain(|node, _| places.contains_key(node));
        if resized {
            self.shown.clear();
            self.homes.clear();
        }
        self.laid_out_for = Some((model.generation, size));
    }

    /// Takes up what joins the nodes, if anything has changed. Who has a place does not change otherwise either.
    pub(super) fn relate(&mut self, model: &Model) {
        if self.related_at.replace(model.revision) != Some(model.revision) {
            self.relations = Relations::of(model, &self.layout);
        }
    }

    /// Moves nodes towards their places; says whether any is still on its way.
    pub(super) fn glide(&mut self, model: &Model, size: Vec2, seconds: f32) -> bool {
        let mut moving = false;
        for (&node, place) in &self.layout.places {
            let target = self
                .pinned
                .get(&node)
                .map_or(place.centre, |share| (*share * size).to_pos2());
            let shown = self.shown.entry(node).or_insert(target);
            if shown.distance(target) < 0.5 {
                *shown = target;
            } else {
                *shown += (target - *shown) * (1.0 - (-12.0 * seconds).exp());
                moving = true;
            }
        }
        // A pool element that is taken over goes to its new home slowly enough to be followed.
        for component in model.components.values() {
            let Some(&target) = component
                .home_registrar
                .and_then(|home| self.shown.get(&NodeId::Own(home)))
            else {
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

/// The nearest node in a direction, as the eye would take it: what lies aside counts as farther away.
pub(crate) fn neighbour_towards(graph: &GraphState, from: NodeId, direction: Vec2) -> Option<NodeId> {
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
