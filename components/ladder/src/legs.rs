//! The lines that make up an arrow.

use crate::columns::{Columns, Route, Side};
use crate::schedule::{SLANT, Schedule};
use crate::{Arrow, Fate, Pos};

/// What lies at the end of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The head of an arrow.
    Head,
    /// The cross of a message that was lost.
    Lost,
    /// The bar of a message that did not leave.
    Refused,
}

/// Where an arrow begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// At a life line.
    LifeLine,
    /// At a life line, to a multicast group: marked by rings.
    Multicast,
    /// At the margin.
    Outside,
}

/// A line of an arrow: an arrow to a multicast group has several.
#[derive(Debug, Clone, PartialEq)]
pub struct Leg {
    /// Its points, two or more, from the sender.
    pub points: Vec<Pos>,
    /// What lies at its last point.
    pub mark: Mark,
}

impl Leg {
    /// Returns the pairs of points between which it is straight.
    pub fn segments(&self) -> impl Iterator<Item = (Pos, Pos)> + '_ {
        self.points
            .iter()
            .copied()
            .zip(self.points.iter().skip(1).copied())
    }
}

/// How far the loop of a message to its sender reaches.
const LOOP: f32 = 26.0;
/// How far a refused message gets, and which part of its way a lost one.
const REFUSED: f32 = 18.0;
const LOST: f32 = 2.0 / 3.0;
/// What an arrow falls whose arrival nobody saw.
const UNSEEN: f32 = SLANT as f32 + 3.0;
/// How far an arrow to somebody not shown ends before the margin.
const BEFORE_MARGIN: f32 = 6.0;

/// The lines of an arrow, and where its label lies.
pub(crate) struct Way {
    pub(crate) source: Source,
    pub(crate) legs: Vec<Leg>,
    pub(crate) room: Room,
}

/// Where the label of an arrow lies.
pub(crate) enum Room {
    /// Along the way between two places, with at most this width and a little less.
    Along(Pos, Pos, f32),
    /// At the right of a place.
    Beside(Pos),
}

pub(crate) fn way(
    index: usize,
    arrow: &Arrow,
    route: &Route,
    schedule: &Schedule,
    columns: &Columns,
) -> Option<Way> {
    let top = schedule.departures.get(index).copied().flatten()?;
    let arrival = |receiver| {
        let arrival = schedule.arrivals.get(&(index, receiver));
        arrival.copied().unwrap_or(top + UNSEEN)
    };
    let margin = |side: Side| match side {
        Side::Left => columns.edge(side) + BEFORE_MARGIN,
        Side::Right => columns.edge(side) - BEFORE_MARGIN,
    };
    let (source, from, to) = match route {
        Route::Between(from, to) => (
            Source::LifeLine,
            Pos::new(columns.x(*from), top),
            Pos::new(columns.x(*to), arrival(0)),
        ),
        Route::Own(line) => return Some(own(columns.x(*line), top, arrival(0).max(top + UNSEEN))),
        Route::Leaves(from, side) => (
            Source::LifeLine,
            Pos::new(columns.x(*from), top),
            Pos::new(margin(*side), arrival(0)),
        ),
        Route::Comes(side, to) => (
            Source::Outside,
            Pos::new(margin(*side), top),
            Pos::new(columns.x(*to), arrival(0)),
        ),
        Route::Spread(from, receivers) => {
            let from = from.map_or_else(|| margin(Side::Left), |line| columns.x(line));
            let mut ends: Vec<Pos> = receivers
                .iter()
                .map(|(line, index)| Pos::new(columns.x(*line), arrival(*index)))
                .collect();
            if ends.is_empty() {
                ends.extend([Side::Left, Side::Right].map(|side| Pos::new(margin(side), top + UNSEEN)));
            }
            return spread(Pos::new(from, top), &ends, arrow.fate);
        }
        Route::Nowhere => return None,
    };
    // The label of a message that was lost keeps to what is drawn of its way.
    let part = if arrow.fate == Fate::Lost { LOST } else { 1.0 };
    Some(Way {
        source,
        legs: vec![leg(from, to, arrow.fate)],
        room: Room::Along(from, from.towards(to, part), from.distance(to)),
    })
}

fn leg(from: Pos, to: Pos, fate: Fate) -> Leg {
    let (end, mark) = match fate {
        Fate::Arrived | Fate::Unknown => (to, Mark::Head),
        Fate::Lost => (from.towards(to, LOST), Mark::Lost),
        Fate::Refused => (
            from.towards(to, (REFUSED / from.distance(to).max(REFUSED)).min(1.0)),
            Mark::Refused,
        ),
    };
    Leg {
        points: vec![from, end],
        mark,
    }
}

fn own(x: f32, top: f32, bottom: f32) -> Way {
    let (from, to) = (Pos::new(x, top), Pos::new(x, bottom));
    let points = vec![from, Pos::new(x + LOOP, top), Pos::new(x + LOOP, bottom), to];
    Way {
        source: Source::LifeLine,
        legs: vec![Leg {
            points,
            mark: Mark::Head,
        }],
        room: Room::Beside(Pos::new(x + LOOP, f32::midpoint(top, bottom))),
    }
}

fn spread(from: Pos, ends: &[Pos], fate: Fate) -> Option<Way> {
    // The label lies near to the sender, above all legs that lead to the same side.
    let distance = |pos: &Pos| (pos.x - from.x).abs();
    let nearest = ends
        .iter()
        .copied()
        .min_by(|one, other| distance(one).total_cmp(&distance(other)))?;
    let beside = |end: &&Pos| (end.x < from.x) == (nearest.x < from.x);
    let passing = ends.iter().filter(beside).map(|end| {
        let part = distance(&nearest) / distance(end).max(1.0);
        from.towards(*end, part.min(1.0))
    });
    let topmost = passing.min_by(|one, other| one.y.total_cmp(&other.y))?;
    Some(Way {
        source: Source::Multicast,
        legs: ends.iter().map(|to| leg(from, *to, fate)).collect(),
        room: Room::Along(from, topmost, from.distance(topmost)),
    })
}
