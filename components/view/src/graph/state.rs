//! The state of the graph between frames, and the movement of its nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use egui::{Pos2, Ui, Vec2};
use feed::Protocol;

use crate::graph::disagreement::Disagreements;
use crate::graph::dots::Dots;
use crate::graph::fading_edge::FadingEdges;
use crate::graph::layout::{self, Layout};
use crate::graph::measures::Measures;
use crate::graph::node_id::NodeId;
use crate::graph::node_order::NodeOrder;
use crate::graph::relations::Relations;
use crate::graph::viewport::Viewport;
use crate::snapshot::Snapshot;
use command::links::Link;
use model::{ComponentId, Model};

/// The size of the area to which positions in scenario files refer, whatever the size of the window.
const DESIGN: Vec2 = Vec2::new(1000.0, 700.0);

/// The maximum time in seconds that nodes glide in one frame, however long ago the previous one was.
const LONGEST_STEP: f32 = 0.1;
/// The speed of gliding nodes: the inverse of the seconds in which the remaining distance shrinks to about a third.
const NODE_SPEED: f32 = 12.0;
/// The same for the edge of a pool element that is taken over: slow enough to be followed.
const HOME_SPEED: f32 = 5.0;
/// The distance below which a node has arrived.
const ARRIVED: f32 = 0.5;

/// The state of the graph.
#[derive(Debug, Default)]
pub(crate) struct GraphState {
    /// The purposes of associations and messages that the legend has switched off.
    pub(crate) hidden: BTreeSet<Protocol>,
    order: NodeOrder,
    /// The places of the nodes.
    pub(super) layout: Layout,
    laid_out_for: Option<LaidOutFor>,
    /// Whether it is drawn for an audience.
    pub(super) stage: bool,
    /// Nodes that were dragged, or that a scenario places, as shares of the area.
    pub(super) pinned: BTreeMap<NodeId, Vec2>,
    /// Components that have been checked for a place in the scenario.
    placed: BTreeSet<ComponentId>,
    /// The current positions of the nodes, on the way to their places.
    pub(super) shown: BTreeMap<NodeId, Pos2>,
    /// The current position of each pool element's home, on the way from the previous registrar to the current one.
    pub(super) homes: BTreeMap<ComponentId, Pos2>,
    /// Whether many nodes are new, some of which have no home registrar yet to be sorted by.
    wants_tidying: bool,
    /// The node that has the keyboard focus.
    pub(super) focused: Option<NodeId>,
    /// The visible part of the graph.
    pub(super) viewport: Viewport,
    /// The messages in transit.
    pub(super) dots: Dots,
    /// The edges that have just ended.
    pub(super) fading: FadingEdges,
    /// The registrars that disagree.
    disagreements: Disagreements,
    /// The relations, as of a revision of the model.
    relations: Rc<Relations>,
    related_at: Option<(u64, u64)>,
}

/// Everything that the places of the nodes depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct LaidOutFor {
    /// The model, and its generation.
    generation: (u64, u64),
    size: Vec2,
    stage: bool,
}

impl GraphState {
    /// Resets the view, so that everything is shown.
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

    /// Puts every node where it was at the beginning: where the scenario places it, or else into its column.
    pub(crate) fn reset(&mut self) {
        self.pinned.clear();
        self.placed.clear();
        self.laid_out_for = None;
        self.fit();
    }

    /// Returns the positions of dragged or placed nodes, in the form of scenario files.
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

    /// Drops the state of components that are gone. Those that were removed keep their places, since they may come
    /// back.
    pub(crate) fn forget_gone(&mut self, model: &Model) {
        let kept = |id: ComponentId| model.present_or_removed(id).is_some();
        self.pinned.retain(|node, _| match node.own() {
            Some(id) => kept(id),
            None => node.is_in(model),
        });
        self.placed.retain(|id| kept(*id));
        self.shown.retain(|node, _| node.is_in(model));
        self.homes.retain(|id, _| model.components.contains_key(id));
    }

    /// Returns whether everything is shown as laid out.
    #[must_use]
    pub(super) fn is_untouched(&self) -> bool {
        self.viewport == Viewport::default() && self.pinned.is_empty()
    }

    /// Drags a node within an area of this size.
    pub(super) fn drag(&mut self, node: NodeId, by: Vec2, size: Vec2) {
        if let Some(shown) = self.shown.get_mut(&node) {
            *shown += by / self.viewport.zoom;
            self.pinned.insert(node, shown.to_vec2() / size);
        }
    }

    /// Applies changes of the model and advances all animations; returns whether any is still running.
    pub(super) fn advance(&mut self, ui: &Ui, snapshot: &Snapshot<'_>, size: Vec2) -> bool {
        let seconds = ui.input(|input| input.stable_dt.min(LONGEST_STEP));
        let time = clock(ui, snapshot);
        self.lay_out(snapshot, size);
        let gliding = self.glide(snapshot.model, size, seconds);
        self.dots.update(snapshot, time);
        let fading = self.fading.advance(time) && snapshot.goes_on();
        gliding || self.dots.any() || fading
    }

    fn lay_out(&mut self, snapshot: &Snapshot<'_>, size: Vec2) {
        let (model, stage) = (snapshot.model, self.stage);
        let now = LaidOutFor {
            generation: (snapshot.epoch(), model.generation),
            size,
            stage,
        };
        if self.laid_out_for == Some(now) {
            return;
        }
        if self
            .laid_out_for
            .is_none_or(|before| before.generation.0 != now.generation.0)
        {
            self.homes.clear();
        }
        let before = self.order.own().count();
        let is_present = snapshot.is_present();
        if self.order.update(model, !is_present) {
            // Many new nodes at once are a new scenario; a single one must not shuffle the others. Neither must those
            // that there were at another time.
            let many = self.order.own().count() > before + 1;
            self.wants_tidying |= many && (is_present || before == 0);
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
        let resized = self
            .laid_out_for
            .is_none_or(|before| (before.size, before.stage) != (size, stage));
        self.layout = layout::place(&self.order, size, Measures::of(stage, size.y));
        let places = &self.layout.places;
        self.shown
            .retain(|node, _| places.contains_key(node) && node.is_in(model));
        if resized {
            self.shown.clear();
            self.homes.clear();
        }
        self.laid_out_for = Some(now);
    }

    /// Returns the relations, updated when the model has changed. The set of placed nodes changes only then, too.
    pub(super) fn relations(&mut self, epoch: u64, model: &Model, time: f64) -> Rc<Relations> {
        if self.related_at != Some((epoch, model.revision)) {
            let relations = Relations::of(model, &self.layout);
            // What differs between two times has not just happened.
            let is_other = self.related_at.is_some_and(|(before, _)| before != epoch);
            if is_other {
                self.fading.clear();
            } else {
                self.fading
                    .update(model, &self.relations.edges, &relations.edges, time);
            }
            if is_other {
                // Nobody can tell for how long they have disagreed.
                self.disagreements = Disagreements::default();
            }
            let since = if is_other { f64::NEG_INFINITY } else { time };
            self.disagreements.update(model, since);
            self.relations = Rc::new(relations);
            self.related_at = Some((epoch, model.revision));
        }
        Rc::clone(&self.relations)
    }

    /// Returns the pairs of registrars that disagree, and on how many pool elements.
    pub(super) fn disagreements(&self, time: f64) -> Vec<(Link, usize)> {
        self.disagreements.settled(time).collect()
    }

    /// Returns whether registrars may soon have disagreed for so long that it is shown.
    pub(super) fn disagreement_settles_soon(&self, time: f64) -> bool {
        self.disagreements.settles_soon(time)
    }

    /// Moves nodes towards their places; returns whether any is still on its way.
    fn glide(&mut self, model: &Model, size: Vec2, seconds: f32) -> bool {
        let mut gliding = false;
        // Nodes that are not there at the cursor keep their places for when they are.
        let places = self.layout.places.iter();
        for (&node, place) in places.filter(|(node, _)| node.is_in(model)) {
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

/// Returns the clock of what moves, in seconds: that of the window, or that of the cursor, so that whatever fades does so
/// in the time that passes in the demonstration.
pub(super) fn clock(ui: &Ui, snapshot: &Snapshot<'_>) -> f64 {
    if snapshot.is_present() {
        ui.input(|input| input.time)
    } else {
        snapshot.now.as_micros() as f64 / 1e6
    }
}

/// Moves a point towards another one, faster the farther away it is; returns whether it is still on its way.
fn approach(point: &mut Pos2, target: Pos2, time: f32) -> bool {
    if point.distance(target) < ARRIVED {
        *point = target;
        return false;
    }
    *point += (target - *point) * (1.0 - (-time).exp());
    true
}

/// Returns the nearest node in a direction; a sideways offset counts as additional distance.
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
        let first = graph.relations(0, &model, 0.0);
        assert!(Rc::ptr_eq(&first, &graph.relations(0, &model, 0.0)));
        assert!(!Rc::ptr_eq(&first, &graph.relations(1, &model, 0.0)));
        let other = graph.relations(1, &model, 0.0);
        model.revision += 1;
        assert!(!Rc::ptr_eq(&other, &graph.relations(1, &model, 0.0)));
    }
}
