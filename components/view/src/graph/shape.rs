//! The shapes of roles, which nodes and their marks consist of.

use egui::{Color32, Painter, Pos2, Stroke};
use feed::ComponentRole;

use crate::icon;

/// The shape of a role at a position on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RoleShape {
    /// Its centre.
    pub(super) centre: Pos2,
    /// Its radius.
    pub(super) radius: f32,
    /// The role; `None` stands for none of the three roles.
    role: Option<ComponentRole>,
}

impl RoleShape {
    /// Creates the shape of a role.
    #[must_use]
    pub(super) fn new(centre: Pos2, radius: f32, role: impl Into<Option<ComponentRole>>) -> Self {
        Self {
            centre,
            radius,
            role: role.into(),
        }
    }

    /// Returns the shape grown by a distance.
    #[must_use]
    pub(super) fn grown(self, by: f32) -> Self {
        Self {
            radius: self.radius + by,
            ..self
        }
    }

    /// Draws the shape.
    pub(super) fn paint(self, painter: &Painter, fill: Color32, stroke: Stroke) {
        icon::paint_kind(painter, self.centre, self.radius, self.role, fill, stroke);
    }
}
