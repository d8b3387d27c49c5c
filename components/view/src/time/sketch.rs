//! What is drawn once and kept until it changes: thousands of small shapes as a single mesh, and their texts.

use std::sync::Arc;

use egui::epaint::{Tessellator, TextShape};
use egui::{Align2, Color32, Context, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, pos2};

use crate::theme;

/// A drawing in the making.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    shapes: Vec<Shape>,
    labels: Vec<Label>,
}

/// A text within a drawing. It is laid out whenever it is drawn, since the fonts' texture may change.
#[derive(Debug, Clone, PartialEq)]
struct Label {
    at: Pos2,
    align: Align2,
    text: String,
    font: FontId,
    ink: Color32,
    /// The room for it.
    width: f32,
}

/// A finished drawing.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawing {
    mesh: Arc<Mesh>,
    labels: Vec<Label>,
}

/// A sign at a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    Fault,
    Detection,
    Problem,
    Step,
    Met,
    NotMet,
    Mark,
}

impl Sketch {
    pub(super) fn rect(&mut self, rect: Rect, fill: Color32) {
        if rect.width() > 0.0 && fill != Color32::TRANSPARENT {
            self.shapes.push(Shape::rect_filled(rect, 0.0, fill));
        }
    }

    pub(super) fn rounded(&mut self, rect: Rect, radius: f32, fill: Color32) {
        self.shapes.push(Shape::rect_filled(rect, radius, fill));
    }

    pub(super) fn line(&mut self, from: Pos2, to: Pos2, stroke: Stroke) {
        self.shapes.push(Shape::line_segment([from, to], stroke));
    }

    pub(super) fn polygon(&mut self, points: Vec<Pos2>, fill: Color32) {
        self.shapes
            .push(Shape::convex_polygon(points, fill, Stroke::NONE));
    }

    /// Draws parallel lines across an area, ascending or descending.
    pub(super) fn hatch(&mut self, rect: Rect, distance: f32, ascending: bool, stroke: Stroke) {
        let height = rect.height();
        // Where the lines are does not depend on where the area begins, so that they do not run along.
        let first = ((rect.left() - height) / distance).floor() * distance;
        let mut x = first;
        while x < rect.right() {
            let clip = |at: f32| ((at - x) / height).clamp(0.0, 1.0);
            let (from, to) = (clip(rect.left()), clip(rect.right()));
            if to > from {
                let y = |share: f32| {
                    if ascending {
                        rect.bottom() - height * share
                    } else {
                        rect.top() + height * share
                    }
                };
                self.line(
                    pos2(x + height * from, y(from)),
                    pos2(x + height * to, y(to)),
                    stroke,
                );
            }
            x += distance;
        }
    }

    /// Draws a text in this room; nothing if there is none.
    pub(super) fn text(
        &mut self,
        at: Pos2,
        align: Align2,
        text: impl Into<String>,
        font: FontId,
        ink: Color32,
        width: f32,
    ) {
        self.labels.push(Label {
            at,
            align,
            text: text.into(),
            font,
            ink,
            width,
        });
    }

    /// Draws a sign with this centre and half of this height.
    pub(super) fn sign(&mut self, sign: Sign, at: Pos2, radius: f32, colour: Color32) {
        let point = |x: f32, y: f32| at + egui::vec2(x, y) * radius;
        let corners = |corners: &[(f32, f32)]| corners.iter().map(|(x, y)| point(*x, *y)).collect();
        match sign {
            // As the icon of a fault: a bolt.
            Sign::Fault => {
                self.polygon(corners(&[(0.22, -1.1), (-0.75, 0.2), (0.05, 0.2)]), colour);
                self.polygon(corners(&[(-0.22, 1.1), (0.75, -0.2), (-0.05, -0.2)]), colour);
            }
            Sign::Detection => {
                let stroke = Stroke::new(radius * 0.35, colour);
                self.shapes.push(Shape::circle_stroke(at, radius * 0.8, stroke));
            }
            Sign::Problem => {
                self.polygon(corners(&[(0.0, -1.0), (1.0, 0.9), (-1.0, 0.9)]), colour);
            }
            Sign::Step => {
                self.polygon(corners(&[(-0.6, -0.9), (0.9, 0.0), (-0.6, 0.9)]), colour);
            }
            Sign::Met => {
                let stroke = Stroke::new(radius * 0.5, colour);
                self.line(point(-0.8, 0.1), point(-0.2, 0.7), stroke);
                self.line(point(-0.3, 0.7), point(0.9, -0.7), stroke);
            }
            Sign::NotMet => {
                let stroke = Stroke::new(radius * 0.5, colour);
                self.line(point(-0.7, -0.7), point(0.7, 0.7), stroke);
                self.line(point(-0.7, 0.7), point(0.7, -0.7), stroke);
            }
            Sign::Mark => {
                self.polygon(
                    corners(&[(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]),
                    colour,
                );
            }
        }
    }

    /// Finishes the drawing.
    pub(super) fn finish(self, context: &Context) -> Drawing {
        let options = context.tessellation_options(|options| *options);
        // There is no text in the mesh, so that the size of the fonts' texture does not matter.
        let mut tessellator = Tessellator::new(context.pixels_per_point(), options, [1, 1], Vec::new());
        let mut mesh = Mesh::default();
        for shape in self.shapes {
            tessellator.tessellate_shape(shape, &mut mesh);
        }
        Drawing {
            mesh: Arc::new(mesh),
            labels: self.labels,
        }
    }
}

impl Drawing {
    /// Draws it.
    pub(super) fn paint(&self, painter: &Painter) {
        if !self.mesh.is_empty() {
            painter.add(Shape::Mesh(Arc::clone(&self.mesh)));
        }
        for label in &self.labels {
            let galley = theme::elided(painter, &label.text, label.font.clone(), label.ink, label.width);
            let at = label.align.anchor_size(label.at, galley.size()).min;
            painter.add(TextShape::new(at, galley, label.ink));
        }
    }

    /// Returns the number of corners of its shapes, which tells how much there is to draw.
    #[cfg(test)]
    pub(super) fn corners(&self) -> usize {
        self.mesh.vertices.len()
    }
}
