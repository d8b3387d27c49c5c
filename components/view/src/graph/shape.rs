//! The shapes of roles: what nodes and their marks consist of.

use egui::{Color32, Painter, Pos2, Stroke};
use feed::ComponentRole;

use crate::icon;

/// The shape of a role at a place of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RoleShape {
    /// Its centre.
    pub(super) centre: Pos2,
    /// Its radius.
    pub(super) radius: f32,
    /// Whose shape it is; none stands for what has none of the three roles.
    role: Option<ComponentRole>,
}

impl RoleShape {
    /// The shape of a role.
    #[must_use]
    pub(super) fn new(centre: Pos2, radius: f32, role: impl Into<Option<ComponentRole>>) -> Self {
        Self {
            centre,
            radius,
            role: role.into(),
        }
    }

    /// The same around it.
    #[must_use]
    pub(super) fn grown(self, by: f32) -> Self {
        Self {
            radius: self.radius + by,
            ..self
        }
    }

    /// Draws it.
    pub(super) fn paint(self, painter: &Painter, fill: Color32, stroke: Stroke) {
        icon::paint_kind(painter, self.centre, self.radius, self.role, fill, stroke);
    }
}
