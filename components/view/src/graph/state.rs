//! What the graph remembers from frame to frame, and how its nodes get to their places.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use egui::{Pos2, Ui, Vec2};

use crate::graph::dots::Dots;
use crate::graph::layout::{self, Layout};
use crate::graph::node_id::NodeId;
use crate::graph::node_order::NodeOrder;
use crate::graph::relations::Relations;
use crate::graph::viewport::Viewport;
use crate::snapshot::Snapshot;
use model::{ComponentId, Model};

/// Scenario files give positions in an area of this size, whatever the window's.
const DESIGN: Vec2 = Vec2::new(1000.0, 700.0);

/// The most seconds that nodes glide in one frame, however long ago the one before was.
const LONGEST_STEP: f32 = 0.1;
/// How fast nodes glide to their places: the inverse of the seconds in which the way that is left shrinks to a third.
const NODE_SPEED: f32 = 12.0;
/// The same for the edge of a pool element that is taken over: slow enough to be followed.
const HOME_SPEED: f32 = 5.0;
/// What is closer to its place than this has arrived.
const ARRIVED: f32 = 0.5;

/// What the graph remembers.
#[derive(Debug, Default)]
pub(crate) struct GraphState {
    order: NodeOrder,
    /// Where each node belongs.
    pub(super) layout: Layout,
    laid_out_for: Option<(u64, Vec2)>,
    /// Nodes that were dragged, or whose place a scenario gives, as shares of the area.
    pub(super) pinned: BTreeMap<NodeId, Vec2>,
    /// Those of which it is known whether the scenario gives a place.
    placed: BTreeSet<ComponentId>,
    /// Where each node is drawn: on its way to its place.
    pub(super) shown: BTreeMap<NodeId, Pos2>,
    /// Where each pool element's home is drawn: on its way from the registrar before to the one of now.
    pub(super) homes: BTreeMap<ComponentId, Pos2>,
    /// Whether many nodes are new, of which some have no home yet that they could be sorted by.
    wants_tidying: bool,
    /// The node that has the keyboard's focus.
    pub(super) focused: Option<NodeId>,
    /// Which part of it is seen.
    pub(super) viewport: Viewport,
    /// Messages on their way.
    pub(super) dots: Dots,
    /// What joins the nodes, of this revision of the model.
    relations: Rc<Relations>,
    related_at: Option<u64>,
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

    /// Whether everything is seen as the layout has it.
    #[must_use]
    pub(super) fn is_untouched(&self) -> bool {
        self.viewport == Viewport::default() && self.pinned.is_empty()
    }

    /// Lets a node be dragged within an area of this size.
    pub(super) fn drag(&mut self, node: NodeId, by: Vec2, size: Vec2) {
        if let Some(shown) = self.shown.get_mut(&node) {
            *shown += by / self.viewport.zoom;
            self.pinned.insert(node, shown.to_vec2() / size);
        }
    }

    /// Takes up what is new and lets everything go on that moves; says whether anything does.
    pub(super) fn advance(&mut self, ui: &Ui, snapshot: &Snapshot<'_>, size: Vec2) -> bool {
        let (time, seconds) = ui.input(|input| (input.time, input.stable_dt.min(LONGEST_STEP)));
        self.lay_out(snapshot.model, size);
        let gliding = self.glide(snapshot.model, size, seconds);
        self.dots.update(snapshot, time);
        gliding || self.dots.any()
    }

    fn lay_out(&mut self, model: &Model, size: Vec2) {
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

    /// What joins the nodes, worked out anew when the model has changed. Who has a place does not change otherwise
    /// either.
    pub(super) fn relations(&mut self, model: &Model) -> Rc<Relations> {
        if self.related_at != Some(model.revision) {
            self.relations = Rc::new(Relations::of(model, &self.layout));
            self.related_at = Some(model.revision);
        }
        Rc::clone(&self.relations)
    }

    /// Moves nodes towards their places; says whether any is still on its way.
    fn glide(&mut self, model: &Model, size: Vec2, seconds: f32) -> bool {
        let mut gliding = false;
        for (&node, place) in &self.layout.places {
            let target = self
                .pinned
                .get(&node)
                .map_or(place.centre, |share| (*share * size).to_pos2());
            let shown = self.shown.entry(node).or_insert(target);
            gliding |= approach(shown, target, NODE_SPEED * seconds);
        }
        for component in model.components.values() {
            let target = component
                .home_registrar
                .and_then(|home| self.shown.get(&NodeId::Own(home)));
            if let Some(&target) = target {
                let home = self.homes.entry(component.id).or_insert(target);
                gliding |= approach(home, target, HOME_SPEED * seconds);
            } else {
                self.homes.remove(&component.id);
            }
        }
        gliding
    }
}

/// Moves a point towards another one, fast where it is far away; says whether it is still on its way.
fn approach(point: &mut Pos2, target: Pos2, time: f32) -> bool {
    if point.distance(target) < ARRIVED {
        *point = target;
        return false;
    }
    *point += (target - *point) * (1.0 - (-time).exp());
    true
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

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn what_glides_gets_closer_and_arrives() {
        let (mut point, target) = (pos2(0.0, 0.0), pos2(100.0, 0.0));
        assert!(approach(&mut point, target, 0.2));
        assert!(point.x > 10.0 && point.x < 30.0, "{point:?}");
        let frames = (0..100).take_while(|_| approach(&mut point, target, 0.2)).count();
        assert!(frames < 50, "{frames}");
        assert_eq!(point, target);
    }

    #[test]
    fn relations_are_worked_out_when_the_model_has_changed() {
        let (mut graph, mut model) = (GraphState::default(), Model::default());
        let first = graph.relations(&model);
        assert!(Rc::ptr_eq(&first, &graph.relations(&model)));
        model.revision += 1;
        assert!(!Rc::ptr_eq(&first, &graph.relations(&model)));
    }
}
