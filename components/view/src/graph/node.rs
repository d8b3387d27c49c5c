//! The look of a component in the graph: shape for the role; outline, badge and text for the state; filling for the
//! load.

use egui::{Color32, Painter, Rect, Stroke, Vec2, pos2};
use feed::ComponentRole;

use crate::graph::badge::{self, Badge};
use crate::graph::dimensions::{CORNER, Dashes, MARKED};
use crate::graph::halo::Emphasis;
use crate::graph::layout::Place;
use crate::graph::link_fault::Kind;
use crate::graph::painter::GraphPainter;
use crate::graph::shape::RoleShape;
use crate::icon::{self, Icon};
use crate::registrar_state::{self, Mood, Relation};
use crate::theme::{fade, mix};
use crate::wording::Standing;
use command::links;
use model::{Component, Load};

/// The maximum number of serving pool elements shown at a pool user.
const MOST_SERVERS: usize = 3;
/// The outline of a component that does not run (yet).
const NOT_RUNNING: Dashes = Dashes::new(2.5, 3.5);

/// One of the control centre's own components, to be drawn at its node.
pub(super) struct OwnNode<'a> {
    pub(super) graph: &'a GraphPainter<'a>,
    pub(super) component: &'a Component,
    pub(super) place: Place,
    pub(super) standing: Standing,
    /// The relation of a registrar to its peers.
    pub(super) relation: Option<Relation>,
    /// The home registrar of a pool element, if there are several registrars.
    pub(super) home: Option<&'a Component>,
    /// The strength. 1 is normal.
    pub(super) strength: f32,
    emphasis: Emphasis,
}

impl<'a> OwnNode<'a> {
    /// Creates the node of a component at a place on the screen.
    pub(super) fn new(
        graph: &'a GraphPainter<'a>,
        component: &'a Component,
        place: Place,
        emphasis: Emphasis,
    ) -> Self {
        Self {
            graph,
            component,
            place,
            standing: Standing::of(component),
            relation: registrar_state::relation(graph.snapshot, component),
            home: registrar_state::home(graph.snapshot, component),
            strength: emphasis.strength(),
            emphasis,
        }
    }

    /// Draws the component.
    pub(super) fn paint(&self) {
        let role = self.component.role();
        let is_alive = self.component.process.is_alive();
        let shape = RoleShape::new(self.place.centre, self.place.radius, role);
        self.graph.paint_halo(shape, self.emphasis);
        self.paint_body(shape);
        if let Some(Load { load, .. }) = self.component.load.filter(|_| is_alive) {
            let share = if self.standing.is_silent() { 0.35 } else { 0.9 };
            let colour = fade(self.graph.theme.component(self.component), self.strength * share);
            paint_load(&self.graph.painter, shape, load as f32, colour);
        }
        match role {
            ComponentRole::PoolUser if is_alive => self.paint_servers(),
            ComponentRole::Registrar => self.paint_registrar(),
            ComponentRole::PoolUser | ComponentRole::PoolElement => {}
        }
        if matches!(self.standing, Standing::Killed | Standing::Crashed) {
            self.paint_cross();
        }
        self.paint_state();
        self.paint_faults();
        if let Some(home) = self.home.filter(|_| is_alive && self.place.radius >= MARKED) {
            let size = (self.place.radius * 0.4)
                .clamp(8.5, 13.0)
                .max(self.graph.measures.least * 0.8);
            let at = self.place.centre + Vec2::new(-self.place.radius, self.place.radius) * CORNER;
            self.paint_home_mark(home, at, size);
        }
        self.paint_label();
    }

    /// Returns the thickness of the outline.
    fn line_width(&self) -> f32 {
        (self.place.radius / 11.0).clamp(1.3, 2.6)
    }

    fn paint_body(&self, shape: RoleShape) {
        let theme = self.graph.theme;
        let painter = &self.graph.painter;
        let own = theme.component(self.component);
        let body = match self.standing {
            Standing::Frozen => mix(theme.card, theme.frost, 0.22),
            _ if !self.component.process.is_alive() => theme.ground,
            _ => mix(theme.card, own, 0.14),
        };
        let line = match self.standing {
            Standing::Frozen => theme.frost,
            Standing::Silent | Standing::Unplugged => theme.fault,
            Standing::Killed | Standing::Crashed => theme.danger,
            Standing::Stopped | Standing::NotStarted => theme.weak,
            Standing::Starting | Standing::Running | Standing::Ready | Standing::Stopping => own,
        };
        let body = fade(body, self.strength);
        let outline = Stroke::new(self.line_width(), fade(line, self.strength));
        let dashes = match self.standing {
            Standing::Silent | Standing::Unplugged => {
                Some(Dashes::new(shape.radius * 0.32, shape.radius * 0.26))
            }
            Standing::Stopped | Standing::NotStarted | Standing::Starting => Some(NOT_RUNNING),
            _ => None,
        };
        if let Some(dashes) = dashes {
            shape.paint(painter, body, Stroke::NONE);
            let points = icon::outline(shape.centre, shape.radius, self.component.role());
            painter.extend(dashes.line(&points, outline, 1.0));
        } else {
            shape.paint(painter, body, outline);
        }
    }

    /// Draws the pool elements that serve a pool user, as squares of their colours in its circle.
    fn paint_servers(&self) {
        let GraphPainter { snapshot, theme, .. } = self.graph;
        let radius = self.place.radius;
        let mut servers = snapshot.servers(self.component);
        servers.truncate(MOST_SERVERS);
        let side = radius * if servers.len() > 1 { 0.5 } else { 0.72 };
        for (index, (identifier, _)) in servers.iter().enumerate() {
            let offset = (index as f32 - (servers.len() as f32 - 1.0) / 2.0) * (side + 2.0);
            let centre = self.place.centre + Vec2::new(offset, 0.0);
            let rect = Rect::from_center_size(centre, Vec2::splat(side));
            let colour = fade(snapshot.element_colour(theme, *identifier), self.strength);
            self.graph.painter.rect_filled(rect, side * 0.24, colour);
        }
    }

    /// Crosses out a component that was killed or has crashed.
    fn paint_cross(&self) {
        // In a diamond, a cross from side to side would look like a grid.
        let share = match self.component.role() {
            ComponentRole::Registrar => 0.36,
            ComponentRole::PoolUser | ComponentRole::PoolElement => 0.8,
        };
        let (centre, r) = (self.place.centre, self.place.radius * share);
        let colour = fade(self.graph.theme.danger, self.strength * 0.8);
        let stroke = Stroke::new(self.line_width() * 1.3, colour);
        for corner in [Vec2::new(-r, -r), Vec2::new(-r, r)] {
            self.graph
                .painter
                .line_segment([centre + corner, centre - corner], stroke);
        }
    }

    /// Draws badges for the faults that are no states.
    fn paint_faults(&self) {
        let component = self.component;
        let all = links::impairment_of_all(component);
        let faults = [
            component.fails_after().map(|_| Icon::Bolt),
            (!all.is_none() && !all.cut).then(|| Kind::of(&all).icon()),
            self.graph
                .snapshot
                .random_faults_of(component.id)
                .map(|_| Icon::Dice),
        ];
        let radius = badge::corner_radius(self.place.radius);
        let corner = self.place.centre + Vec2::splat(self.place.radius) * CORNER;
        for (number, icon) in faults.into_iter().flatten().enumerate() {
            self.graph.paint_badge(Badge {
                centre: corner - Vec2::new(number as f32 * radius * 1.7, 0.0),
                radius,
                icon,
                icon_side: 1.15,
                ink: fade(self.graph.theme.fault, self.strength),
                line: 1.2,
            });
        }
    }

    /// Draws a badge for the state, if it is a special one.
    fn paint_state(&self) {
        let theme = self.graph.theme;
        let is_wrong = self
            .relation
            .as_ref()
            .is_some_and(|relation| relation.mood == Mood::Wrong);
        let (icon, colour) = match self.standing {
            Standing::Ready if self.component.problem.is_some() => (Icon::Warning, theme.fault),
            Standing::Ready if is_wrong => (Icon::Question, theme.fault),
            Standing::Ready => return,
            standing => (standing.icon(), standing.colour(theme)),
        };
        let radius = self.place.radius;
        self.graph.paint_badge(Badge {
            centre: self.place.centre + Vec2::new(radius, -radius) * CORNER,
            radius: badge::corner_radius(radius),
            icon,
            icon_side: 1.15,
            ink: fade(colour, self.strength),
            line: 1.2,
        });
    }
}

/// Draws the load of a pool element by filling its shape from below.
pub(super) fn paint_load(painter: &Painter, shape: RoleShape, load: f32, colour: Color32) {
    let radius = shape.radius;
    let inner = Rect::from_center_size(shape.centre, Vec2::splat(radius * 1.8)).shrink(radius * 0.16 + 1.0);
    let height = inner.height() * load.clamp(0.0, 1.0);
    if height < 0.75 {
        return;
    }
    let filled = Rect::from_min_max(pos2(inner.left(), inner.bottom() - height), inner.max);
    painter.rect_filled(filled, (radius * 0.26).min(height / 2.0), colour);
}
