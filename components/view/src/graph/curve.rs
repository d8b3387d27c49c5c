//! The curves of edges.

use egui::epaint::CubicBezierShape;
use egui::{Color32, Pos2, Rect, Stroke, Vec2, pos2, vec2};
use feed::{ComponentRole, Protocol};

/// The maximum distance of the pointer from a curve that it points at.
const REACH: f32 = 9.0;
/// The number of parts of a curve that are checked for this.
const PARTS: u8 = 24;

/// The curve of an edge from one point to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Curve([Pos2; 4]);

impl Curve {
    /// Creates the curve of a protocol's edges. `corridor` is the height below which application edges pass.
    #[must_use]
    pub(super) fn new(from: Pos2, to: Pos2, way: Protocol, corridor: f32) -> Self {
        let handles = match way {
            Protocol::Enrp => {
                let third = (to - from) / 3.0;
                [from + third, to - third]
            }
            Protocol::Asap => {
                let reach = vec2((to.x - from.x) * 0.5, 0.0);
                [from + reach, to - reach]
            }
            Protocol::Application => {
                let reach = (to.x - from.x) * 0.38;
                // The middle of a cubic curve is a quarter of its ends plus three quarters of its handles.
                let ends = (from.y + to.y) / 2.0;
                let middle = ends.max(corridor);
                let lift = |end: f32| end.max((middle - ends * 0.25) / 0.75);
                [pos2(from.x + reach, lift(from.y)), pos2(to.x - reach, lift(to.y))]
            }
        };
        Self([from, handles[0], handles[1], to])
    }

    /// Returns the point at `t` from 0 to 1.
    #[must_use]
    pub(super) fn at(self, t: f32) -> Pos2 {
        let Self(points) = self;
        let s = 1.0 - t;
        let sum = points[0].to_vec2() * (s * s * s)
            + points[1].to_vec2() * (3.0 * s * s * t)
            + points[2].to_vec2() * (3.0 * s * t * t)
            + points[3].to_vec2() * (t * t * t);
        sum.to_pos2()
    }

    /// Returns points along a part of the curve.
    #[must_use]
    pub(super) fn part(self, from: f32, to: f32) -> Vec<Pos2> {
        let share = |part: u8| f32::from(part) / f32::from(PARTS);
        (0..=PARTS)
            .map(|part| self.at(from + (to - from) * share(part)))
            .collect()
    }

    /// Returns the curve bent away from an obstacle that it would run behind.
    #[must_use]
    pub(super) fn around(self, obstacles: &[(Pos2, f32)]) -> Self {
        /// How far the handles move to lead the curve around a radius.
        const DETOUR: f32 = 2.1;
        let Self(points) = self;
        let Some(&(centre, radius)) = obstacles.iter().find(|(at, radius)| self.is_within(*at, *radius))
        else {
            return self;
        };
        let way = points[3] - points[0];
        // Along the columns, the way around is on the left, where there is no text.
        let across = if way.y.abs() > way.x.abs() {
            Vec2::LEFT
        } else if points[0].y.max(points[3].y) >= centre.y {
            Vec2::DOWN
        } else {
            Vec2::UP
        };
        let moved = |steps: f32| {
            let by = across * (radius * DETOUR * steps);
            Self([points[0], points[1] + by, points[2] + by, points[3]])
        };
        let is_clear = |curve: &Self| !obstacles.iter().any(|(at, radius)| curve.is_within(*at, *radius));
        [1.0, 1.5, 2.0, -1.0, -1.5, -2.0]
            .into_iter()
            .map(moved)
            .find(is_clear)
            .unwrap_or(self)
    }

    /// Returns whether the curve comes closer to a point than a distance.
    fn is_within(self, point: Pos2, distance: f32) -> bool {
        // A curve never leaves the rectangle around its points.
        let around = Rect::from_points(&self.0).expand(distance);
        around.contains(point)
            && (0..=PARTS).any(|part| self.at(f32::from(part) / f32::from(PARTS)).distance(point) < distance)
    }

    /// Returns whether the pointer at this position points at the curve.
    #[must_use]
    pub(super) fn is_under(self, pointer: Pos2) -> bool {
        (0..=PARTS).any(|part| {
            let at = self.at(f32::from(part) / f32::from(PARTS));
            at.distance(pointer) < REACH
        })
    }

    /// Returns the curve as a line.
    #[must_use]
    pub(super) fn line(self, stroke: impl Into<Stroke>) -> CubicBezierShape {
        CubicBezierShape::from_points_stroke(self.0, false, Color32::TRANSPARENT, stroke.into())
    }

    /// Returns points so close to each other that straight lines between them look like the curve, for dashed lines.
    #[must_use]
    pub(super) fn points(self) -> Vec<Pos2> {
        self.line(Stroke::NONE).flatten(Some(1.0))
    }
}

/// Returns the kind of curve between components of two roles, whatever it carries: it depends on the columns of its
/// ends.
#[must_use]
pub(super) fn way_between(ends: [Option<ComponentRole>; 2]) -> Protocol {
    let registrars = ends.iter().filter(|&&end| end == Some(ComponentRole::Registrar));
    match registrars.count() {
        0 => Protocol::Application,
        1 => Protocol::Asap,
        _ => Protocol::Enrp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn application_edges_pass_below_the_registrars() {
        for (from, to) in [(100.0, 90.0), (300.0, 120.0), (60.0, 60.0)] {
            let curve = Curve::new(pos2(100.0, from), pos2(600.0, to), Protocol::Application, 260.0);
            let middle = curve.at(0.5);
            assert!(middle.y >= 259.0, "{middle:?}");
        }
    }

    #[test]
    fn an_edge_to_a_registrar_leads_around_the_others() {
        for y in [20.0, 100.0, 180.0] {
            let curve = Curve::new(pos2(500.0, y), pos2(100.0, 100.0), Protocol::Asap, 0.0);
            let obstacle = (pos2(220.0, 100.0), 30.0);
            let around = curve.around(&[obstacle]);
            assert!(!around.is_within(obstacle.0, obstacle.1), "{y}: {around:?}");
            assert_eq!((around.at(0.0), around.at(1.0)), (curve.at(0.0), curve.at(1.0)));
        }
        let curve = Curve::new(pos2(500.0, 300.0), pos2(100.0, 100.0), Protocol::Asap, 0.0);
        assert_eq!(
            curve.around(&[(pos2(300.0, 20.0), 30.0)]),
            curve,
            "nothing in its way"
        );
    }

    #[test]
    fn the_pointer_is_on_a_curve_near_it_alone() {
        let curve = Curve::new(pos2(0.0, 0.0), pos2(90.0, 0.0), Protocol::Enrp, 0.0);
        assert!(curve.is_under(pos2(45.0, 8.0)));
        assert!(!curve.is_under(pos2(45.0, 10.0)));
    }

    #[test]
    fn edges_between_registrars_take_the_way_of_enrp() {
        let registrar = Some(ComponentRole::Registrar);
        assert_eq!(way_between([registrar, registrar]), Protocol::Enrp);
        assert_eq!(way_between([registrar, None]), Protocol::Asap);
        assert_eq!(
            way_between([Some(ComponentRole::PoolUser), None]),
            Protocol::Application
        );
    }
}
