//! The visible part of the graph, and its magnification.

use std::ops::RangeInclusive;

use egui::{Pos2, Rect, Vec2};

/// The range of magnification.
const ZOOM: RangeInclusive<f32> = 0.3..=4.0;

/// The view as set by dragging and scrolling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Viewport {
    /// The magnification.
    pub(super) zoom: f32,
    /// The offset of the graph.
    pub(super) pan: Vec2,
}

impl Default for Viewport {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            pan: Vec2::ZERO,
        }
    }
}

impl Viewport {
    /// Returns the position on the screen of a point of the layout, for a graph with this area.
    #[must_use]
    pub(super) fn on_screen(&self, area: Rect, at: Pos2) -> Pos2 {
        area.min + self.pan + at.to_vec2() * self.zoom
    }

    /// Magnifies around this fixed point of the area.
    pub(super) fn magnify(&mut self, fixed: Vec2, factor: f32) {
        let zoom = (self.zoom * factor).clamp(*ZOOM.start(), *ZOOM.end());
        self.pan = fixed - (fixed - self.pan) * (zoom / self.zoom);
        self.zoom = zoom;
    }
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    #[test]
    fn the_point_under_the_pointer_stays_there() {
        let mut viewport = Viewport {
            zoom: 1.0,
            pan: vec2(30.0, -20.0),
        };
        let area = Rect::from_min_max(pos2(50.0, 60.0), pos2(700.0, 500.0));
        let before = viewport.on_screen(area, pos2(100.0, 200.0));
        viewport.magnify(before - area.min, 2.0);
        assert_eq!(viewport.zoom, 2.0);
        assert!(viewport.on_screen(area, pos2(100.0, 200.0)).distance(before) < 1e-3);
    }

    #[test]
    fn there_is_a_smallest_and_a_largest_magnification() {
        let mut viewport = Viewport::default();
        viewport.magnify(Vec2::ZERO, 1e3);
        assert_eq!(viewport.zoom, 4.0);
        viewport.magnify(Vec2::ZERO, 1e-3);
        assert_eq!(viewport.zoom, 0.3);
    }
}
