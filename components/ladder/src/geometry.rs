//! Points, areas and tilted boxes, in points of a chart: x runs to the right, y runs down.

/// A place.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pos {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
}

impl Pos {
    /// Creates a place.
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Returns the place at a part of the way to another one: 0 here, 1 there.
    #[must_use]
    pub fn towards(self, other: Self, part: f32) -> Self {
        Self::new(
            (other.x - self.x).mul_add(part, self.x),
            (other.y - self.y).mul_add(part, self.y),
        )
    }

    /// Returns the distance to another place.
    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (other.x - self.x).hypot(other.y - self.y)
    }

    /// Returns the distance to the line between two places.
    #[must_use]
    pub fn distance_to_line(self, from: Self, to: Self) -> f32 {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let square = dx.mul_add(dx, dy * dy);
        if square <= f32::EPSILON {
            return self.distance(from);
        }
        let part = ((self.x - from.x).mul_add(dx, (self.y - from.y) * dy) / square).clamp(0.0, 1.0);
        self.distance(from.towards(to, part))
    }
}

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Area {
    /// Its corner at the top left.
    pub min: Pos,
    /// Its corner at the bottom right.
    pub max: Pos,
}

impl Area {
    /// Creates a rectangle from its edges.
    #[must_use]
    pub const fn new(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self {
            min: Pos::new(left, top),
            max: Pos::new(right, bottom),
        }
    }

    /// Returns the width.
    #[must_use]
    pub fn width(self) -> f32 {
        self.max.x - self.min.x
    }

    /// Returns the height.
    #[must_use]
    pub fn height(self) -> f32 {
        self.max.y - self.min.y
    }

    /// Returns the middle.
    #[must_use]
    pub fn centre(self) -> Pos {
        self.min.towards(self.max, 0.5)
    }

    /// Returns whether two rectangles share any room.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.min.x < other.max.x
            && other.min.x < self.max.x
            && self.min.y < other.max.y
            && other.min.y < self.max.y
    }

    /// Returns whether a place lies in the rectangle, or no farther from it than `tolerance`.
    #[must_use]
    pub fn contains(self, place: Pos, tolerance: f32) -> bool {
        place.x >= self.min.x - tolerance
            && place.x <= self.max.x + tolerance
            && place.y >= self.min.y - tolerance
            && place.y <= self.max.y + tolerance
    }
}

/// A rectangle that is turned about its centre: the room of a text that lies along an arrow.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tilted {
    /// The middle.
    pub centre: Pos,
    /// The whole width, along the text.
    pub width: f32,
    /// The whole height, across the text.
    pub height: f32,
    /// The angle in radians, clockwise as y runs down.
    pub angle: f32,
}

impl Tilted {
    /// Returns a place as seen from the centre, in the directions of the box.
    fn inside(&self, place: Pos) -> Pos {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = (place.x - self.centre.x, place.y - self.centre.y);
        Pos::new(dx.mul_add(cos, dy * sin), dy.mul_add(cos, -(dx * sin)))
    }

    /// Returns the corners, in order.
    #[must_use]
    pub fn corners(&self) -> [Pos; 4] {
        let (sin, cos) = self.angle.sin_cos();
        let (w, h) = (self.width / 2.0, self.height / 2.0);
        [(-w, -h), (w, -h), (w, h), (-w, h)].map(|(x, y)| {
            Pos::new(
                x.mul_add(cos, -(y * sin)) + self.centre.x,
                x.mul_add(sin, y * cos) + self.centre.y,
            )
        })
    }

    /// Returns the upright rectangle around it.
    #[must_use]
    pub fn bounds(&self) -> Area {
        let (sin, cos) = self.angle.sin_cos();
        let x = f32::midpoint(self.width * cos.abs(), self.height * sin.abs());
        let y = f32::midpoint(self.width * sin.abs(), self.height * cos.abs());
        let Pos { x: cx, y: cy } = self.centre;
        Area::new(cx - x, cy - y, cx + x, cy + y)
    }

    /// Returns whether a place lies in the box, or no farther from it than `tolerance`.
    #[must_use]
    pub fn contains(&self, place: Pos, tolerance: f32) -> bool {
        let seen = self.inside(place);
        seen.x.abs() <= self.width / 2.0 + tolerance && seen.y.abs() <= self.height / 2.0 + tolerance
    }

    /// Returns whether two boxes share any room: they do not if a line in the direction of an edge separates them.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.separates(other) && !other.separates(self)
    }

    fn separates(&self, other: &Self) -> bool {
        let corners = other.corners().map(|corner| self.inside(corner));
        let beyond = |value: fn(&Pos) -> f32, half: f32| {
            corners.iter().all(|corner| value(corner) >= half)
                || corners.iter().all(|corner| value(corner) <= -half)
        };
        beyond(|corner| corner.x, self.width / 2.0) || beyond(|corner| corner.y, self.height / 2.0)
    }

    /// Returns whether the line between two places passes through the box.
    #[must_use]
    pub fn is_crossed_by(&self, from: Pos, to: Pos) -> bool {
        let (from, to) = (self.inside(from), self.inside(to));
        let mut part = (0.0_f32, 1.0_f32);
        for (start, end, half) in [
            (from.x, to.x, self.width / 2.0),
            (from.y, to.y, self.height / 2.0),
        ] {
            let way = end - start;
            if way.abs() <= f32::EPSILON {
                if start.abs() >= half {
                    return false;
                }
                continue;
            }
            let (enters, leaves) = ((-half - start) / way, (half - start) / way);
            part.0 = part.0.max(enters.min(leaves));
            part.1 = part.1.min(enters.max(leaves));
        }
        part.0 < part.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tilted(x: f32, y: f32, angle: f32) -> Tilted {
        Tilted {
            centre: Pos::new(x, y),
            width: 40.0,
            height: 10.0,
            angle,
        }
    }

    #[test]
    fn tilted_boxes_beside_each_other_do_not_overlap_although_their_bounds_do() {
        let (upper, lower) = (tilted(0.0, 0.0, 0.5), tilted(0.0, 12.0, 0.5));
        assert!(upper.bounds().max.y > lower.bounds().min.y);
        assert!(!upper.overlaps(&lower));
        assert!(upper.overlaps(&tilted(0.0, 8.0, 0.5)));
        assert!(upper.overlaps(&tilted(0.0, 8.0, -0.5)));
    }

    #[test]
    fn a_line_crosses_a_box_or_passes_it() {
        let label = tilted(0.0, 0.0, 0.0);
        assert!(label.is_crossed_by(Pos::new(-100.0, -10.0), Pos::new(100.0, 10.0)));
        assert!(!label.is_crossed_by(Pos::new(-100.0, 6.0), Pos::new(100.0, 6.0)));
        assert!(!label.is_crossed_by(Pos::new(30.0, 0.0), Pos::new(100.0, 0.0)));
        assert!(label.contains(Pos::new(19.0, 4.0), 0.0) && !label.contains(Pos::new(19.0, 6.0), 0.0));
    }
}
