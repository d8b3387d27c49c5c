//! Labels beside what they name, none upon another.

use crate::geometry::{Area, Tilted};
use crate::{Pos, TextStyle};

/// A text with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The text, with an ellipsis if it was too long.
    pub text: String,
    /// Its style.
    pub style: TextStyle,
    /// Its room: the text is set in its middle, along it.
    pub area: Tilted,
}

/// The room around a label that no other one enters.
const AROUND: f32 = 1.5;
/// The distance of a label from its arrow.
const ABOVE: f32 = 2.5;
/// An arrow that is steeper, in radians, has its label beside it, upright.
const STEEP: f32 = 0.6;
/// Where along an arrow its label may lie: the first one if nothing is in the way.
const PARTS: [f32; 9] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.25, 0.75, 0.17, 0.83];
/// What it costs if a label lies upon an arrow, upon a life line, below its arrow, and beyond the end of it.
const UPON_ARROW: usize = 3;
const UPON_LINE: usize = 1;
const BELOW: usize = 1;
const BEYOND: usize = 8;
const BIN: f32 = 32.0;
/// Bounds that keep the search short in the densest charts: how many bins an arrow may pass, and how many arrows of a
/// bin are looked at.
const LONGEST: usize = 64;
const MOST_LEGS: usize = 48;

/// Where a label may lie, and what that costs.
pub(crate) struct Place(pub(crate) Tilted, usize);

/// Finds places for labels: it knows what is in the way.
#[derive(Default)]
pub(crate) struct Placer {
    /// With their bounds, as most of them are far apart.
    taken: Vec<Vec<(Area, Tilted)>>,
    legs: Vec<Vec<(Pos, Pos)>>,
    /// The life lines, from left to right.
    lines: Vec<f32>,
}

impl Placer {
    pub(crate) fn new(lines: &[f32]) -> Self {
        Self {
            lines: lines.to_vec(),
            ..Self::default()
        }
    }

    /// Tells a part of an arrow, which labels had better not lie upon.
    pub(crate) fn add_leg(&mut self, from: Pos, to: Pos) {
        let (first, last) = bins(from.y.min(to.y), from.y.max(to.y));
        if last - first > LONGEST {
            return;
        }
        for bin in bins_of(&mut self.legs, first, last) {
            if bin.len() < MOST_LEGS {
                bin.push((from, to));
            }
        }
    }

    /// Takes room that no label may enter.
    pub(crate) fn take(&mut self, area: Tilted) {
        let bounds = area.bounds();
        let (first, last) = bins(bounds.min.y, bounds.max.y);
        for bin in bins_of(&mut self.taken, first, last) {
            bin.push((bounds, area));
        }
    }

    fn is_free(&self, area: &Tilted) -> bool {
        let around = Tilted {
            width: area.width + 2.0 * AROUND,
            height: area.height + AROUND,
            ..*area
        };
        let bounds = around.bounds();
        let (first, last) = bins(bounds.min.y, bounds.max.y);
        let taken = self.taken.get(first..(last + 1).min(self.taken.len()));
        bounds.min.y >= 0.0
            && !taken
                .unwrap_or_default()
                .iter()
                .flatten()
                .any(|(taken, tilted)| taken.overlaps(bounds) && tilted.overlaps(&around))
    }

    fn cost(&self, area: &Tilted) -> usize {
        let bounds = area.bounds();
        let (first, last) = bins(bounds.min.y, bounds.max.y);
        let legs = self
            .legs
            .get(first..(last + 1).min(self.legs.len()))
            .unwrap_or_default();
        let crossing = legs.iter().flatten().filter(|(from, to)| {
            let passes = from.x.min(to.x) < bounds.max.x && from.x.max(to.x) > bounds.min.x;
            passes && area.is_crossed_by(*from, *to)
        });
        let left_of = |x: f32| self.lines.partition_point(|line| *line < x);
        let lines = left_of(bounds.max.x) - left_of(bounds.min.x);
        UPON_ARROW * crossing.count() + UPON_LINE * lines
    }

    /// Takes the best of the free places, the first of them if there are several; none if there is none.
    pub(crate) fn choose(&mut self, places: impl Iterator<Item = Place>) -> Option<Tilted> {
        let mut best: Option<(usize, Tilted)> = None;
        for Place(place, price) in places {
            if !self.is_free(&place) {
                continue;
            }
            let cost = price + self.cost(&place);
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, place));
            }
            if cost == 0 {
                break;
            }
        }
        let (_, place) = best?;
        self.take(place);
        Some(place)
    }
}

fn bins(top: f32, bottom: f32) -> (usize, usize) {
    // A cast of a negative number is 0.
    ((top / BIN) as usize, (bottom / BIN) as usize)
}

fn bins_of<T>(bins: &mut Vec<Vec<T>>, first: usize, last: usize) -> &mut [Vec<T>] {
    if bins.len() <= last {
        bins.resize_with(last + 1, Vec::new);
    }
    bins.get_mut(first..=last).unwrap_or_default()
}

/// Returns where a label of this width may lie along an arrow: above it, below it, and beyond its ends.
pub(crate) fn along(from: Pos, to: Pos, width: f32) -> impl Iterator<Item = Place> {
    let (left, right) = if from.x <= to.x { (from, to) } else { (to, from) };
    let length = left.distance(right);
    let angle = (right.y - left.y).atan2(right.x - left.x);
    let height = TextStyle::Label.height();
    let steep = angle.abs() > STEEP;
    let tilt = if steep { 0.0 } else { angle };
    let away = height / 2.0 + ABOVE;
    let (sin, cos) = tilt.sin_cos();
    // The label shall not reach beyond the arrow if it need not.
    let room = (0.5 - (width / 2.0 + 6.0) / length.max(1.0)).max(0.0);
    let at = move |part: f32, away: f32| {
        let on = left.towards(right, part.clamp(0.5 - room, 0.5 + room));
        let centre = if steep {
            Pos::new(on.x + (width / 2.0 + ABOVE).copysign(away), on.y)
        } else {
            Pos::new(sin.mul_add(away, on.x), cos.mul_add(-away, on.y))
        };
        Tilted {
            centre,
            width,
            height,
            angle: tilt,
        }
    };
    let beside = move |end: Pos, way: f32| Tilted {
        centre: Pos::new(way.mul_add(width / 2.0 + 9.0, end.x), end.y),
        width,
        height,
        angle: 0.0,
    };
    let above = PARTS.into_iter().map(move |part| Place(at(part, away), 0));
    let below = PARTS.into_iter().map(move |part| Place(at(part, -away), BELOW));
    let beyond = [beside(right, 1.0), beside(left, -1.0)].map(|area| Place(area, BEYOND));
    above.chain(below).chain(beyond)
}

/// Returns where a label of this width may lie beside a place on a life line.
pub(crate) fn beside(place: Pos, width: f32, distance: f32) -> impl Iterator<Item = Place> {
    let height = TextStyle::Label.height();
    [
        (1.0, 0.0),
        (-1.0, 0.0),
        (1.0, 0.8),
        (1.0, -0.8),
        (-1.0, 0.8),
        (-1.0, -0.8),
        (1.0, 1.6),
        (-1.0, 1.6),
    ]
    .into_iter()
    .map(move |(way, lines): (f32, f32)| {
        let x = way.mul_add(width / 2.0 + distance, place.x);
        let area = Tilted {
            centre: Pos::new(x, lines.mul_add(height, place.y)),
            width,
            height,
            angle: 0.0,
        };
        Place(area, 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(placer: &mut Placer, y: f32) -> Option<Tilted> {
        placer.choose(along(Pos::new(0.0, y), Pos::new(200.0, y), 150.0))
    }

    #[test]
    fn labels_go_elsewhere_if_there_is_no_room_and_away_if_there_is_nowhere() {
        let mut placer = Placer::new(&[]);
        let above = placed(&mut placer, 50.0).unwrap();
        assert!(above.centre.y < 50.0);
        let below = placed(&mut placer, 50.0).unwrap();
        assert!(below.centre.y > 50.0 && !below.overlaps(&above));
        let right = placed(&mut placer, 50.0).unwrap();
        assert!(right.centre.x > 200.0);
        let left = placed(&mut placer, 50.0).unwrap();
        assert!(left.centre.x < 0.0);
        assert_eq!(placed(&mut placer, 50.0), None);
    }

    #[test]
    fn the_label_of_a_steep_arrow_stands_upright_beside_it() {
        let (from, to) = (Pos::new(0.0, 0.0), Pos::new(100.0, 300.0));
        let Place(area, _) = along(from, to, 40.0).next().unwrap();
        assert_eq!(area.angle, 0.0);
        assert!(!area.contains(from.towards(to, 0.5), 1.0), "{area:?}");
    }

    #[test]
    fn a_label_avoids_other_arrows_if_it_can() {
        let mut placer = Placer::new(&[]);
        placer.add_leg(Pos::new(-10.0, 43.0), Pos::new(210.0, 43.0));
        assert!(placed(&mut placer, 50.0).unwrap().centre.y > 50.0);
    }
}
