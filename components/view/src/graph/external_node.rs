//! The look of components that were started elsewhere: a double outline and an eye distinguish them.

use egui::{Color32, Painter, Stroke, Vec2};
use feed::ComponentRole;

use crate::external;
use crate::graph::badge::{self, Badge};
use crate::graph::dimensions::{COMPACT, CORNER};
use crate::graph::halo::Emphasis;
use crate::graph::label::{LaidOut, Line};
use crate::graph::layout::{LabelSide, Place};
use crate::graph::node;
use crate::graph::painter::GraphPainter;
use crate::graph::shape::RoleShape;
use crate::icon::Icon;
use crate::theme::{self, fade, mix};
use model::ExternalComponent;

/// The strength of the colours of a silent component.
const SILENT: f32 = 0.45;
/// The strength of the colours of its text.
const SILENT_TEXT: f32 = 0.6;
/// Names of eight digits are a little smaller than other names.
const NAME: f32 = 0.93;
/// The width of a name with all eight digits, relative to the text size.
const WHOLE_NAME: f32 = 8.2;

/// A component that was started elsewhere, to be drawn at its node.
pub(super) struct ExternalNode<'a> {
    pub(super) graph: &'a GraphPainter<'a>,
    pub(super) component: &'a ExternalComponent,
    pub(super) place: Place,
    pub(super) emphasis: Emphasis,
}

impl ExternalNode<'_> {
    /// Draws the component.
    pub(super) fn paint(&self) {
        let role = self.component.role;
        let shape = RoleShape::new(self.place.centre, self.place.radius, role);
        self.graph.paint_halo(shape, self.emphasis);
        self.paint_body(shape);
        // Small shapes would hardly be visible behind their marks.
        if self.place.radius >= COMPACT || self.is_stale() {
            self.paint_eye();
        }
        self.graph
            .paint_beside(self.place, self.lines(), self.emphasis.strength());
    }

    fn is_stale(&self) -> bool {
        self.component.is_stale(self.graph.snapshot.now)
    }

    fn paint_body(&self, shape: RoleShape) {
        let theme = self.graph.theme;
        let painter = &self.graph.painter;
        let strength = self.emphasis.strength() * if self.is_stale() { SILENT } else { 1.0 };
        let own = external::colour(theme, self.component);
        let outline = Stroke::new((shape.radius / 18.0).clamp(1.1, 1.8), fade(own, strength));
        let body = fade(mix(theme.card, own, 0.1), strength);
        paint_outlines(painter, shape, body, outline);
        let is_element = self.component.role == Some(ComponentRole::PoolElement);
        if let Some(load) = self.component.load.filter(|_| is_element) {
            let colour = fade(own, strength * 0.8);
            node::paint_load(painter, inner(shape), load as f32, colour);
        }
    }

    /// Draws the eye that marks the component as watch-only, away from the text.
    fn paint_eye(&self) {
        let theme = self.graph.theme;
        let radius = self.place.radius;
        let side = if self.place.label == LabelSide::Right {
            -1.0
        } else {
            1.0
        };
        let ink = if self.is_stale() { theme.fault } else { theme.weak };
        self.graph.paint_badge(Badge {
            centre: self.place.centre + Vec2::new(side * radius, -radius) * CORNER,
            radius: badge::corner_radius(radius),
            icon: Icon::Eye,
            icon_side: 1.25,
            ink: fade(ink, self.emphasis.strength()),
            line: 1.2,
        });
    }

    /// Returns the lines of text beside the node.
    fn lines(&self) -> Vec<LaidOut> {
        let measures = self.graph.measures;
        let theme = self.graph.theme;
        let growth = self.graph.growth(self.place);
        // Silence is written at full strength, everything else fades.
        let silence = external::silence(self.component, self.graph.snapshot.now);
        let old = if silence.is_some() { SILENT_TEXT } else { 1.0 };
        let (text, weak) = (fade(theme.text, old), fade(theme.weak, old));
        let mut lines = vec![self.name(text)];
        if self.place.lines > 1 {
            let status = external::status(self.component);
            let second = match (silence, external::load(self.component)) {
                (Some(silence), _) => Line::new(silence, theme.fault),
                (None, Some(load)) => Line::new(format!("{load}, {status}"), weak),
                (None, None) => Line::new(status, weak),
            };
            let third = Line {
                icon: Some(Icon::Eye),
                ..Line::new("reports only", weak)
            };
            lines.extend([second, third].map(|line| self.lay_out(line, measures.line + growth)));
        } else if let Some(silence) = silence {
            let second = Line::new(silence, theme.fault);
            lines.push(self.lay_out(second, measures.small_name));
        }
        lines
    }

    fn lay_out(&self, line: Line, size: f32) -> LaidOut {
        let font = theme::plain_font(size * self.graph.geometry.text_scale());
        line.lay_out(&self.graph.painter, font, self.place.label_width)
    }

    fn name(&self, ink: Color32) -> LaidOut {
        let measures = self.graph.measures;
        let natural = if self.place.lines > 1 {
            NAME * (measures.name + measures.name_growth * self.graph.growth(self.place))
        } else {
            measures.small_name
        };
        let size = natural * self.graph.geometry.text_scale();
        let narrow = self.place.lines < 2 || self.place.label_width < size * WHOLE_NAME;
        let name = Line {
            short: Some(external::short_name(self.component, narrow)),
            ..Line::new(self.component.name.as_str(), ink)
        };
        name.lay_out(
            &self.graph.painter,
            theme::strong_font(size),
            self.place.label_width,
        )
    }
}

/// Draws the double outline that distinguishes such components.
pub(super) fn paint_outlines(painter: &Painter, shape: RoleShape, fill: Color32, stroke: Stroke) {
    shape.paint(painter, fill, stroke);
    inner(shape).paint(painter, Color32::TRANSPARENT, stroke);
}

/// Returns the inner outline.
fn inner(shape: RoleShape) -> RoleShape {
    shape.grown(-(shape.radius * 0.2).clamp(2.5, 7.0))
}
