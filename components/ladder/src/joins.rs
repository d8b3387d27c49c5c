//! Lines from what happened to what it caused.

use std::collections::HashMap;

use crate::{ArrowShape, Caused, Content, EventShape, GroupShape, Pos};

/// A line from an event to what it caused.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// The id of the event.
    pub event: u64,
    /// What it caused.
    pub caused: Caused,
    /// The points of the line.
    pub points: Vec<Pos>,
}

/// How far a join keeps from its ends, and from its life line if both are there.
const FROM_END: f32 = 5.0;
const FROM_LINE: f32 = 12.0;

pub(crate) fn joins(
    content: &Content,
    events: &[EventShape],
    arrows: &[ArrowShape],
    groups: &[GroupShape],
) -> Vec<Join> {
    let starts = arrows.iter().filter_map(|arrow| Some((arrow.id, arrow.start()?)));
    let mut starts: HashMap<u64, Pos> = starts.collect();
    for group in groups {
        starts.extend(group.ids.iter().map(|id| (*id, group.start())));
    }
    let places: HashMap<u64, Pos> = events.iter().map(|event| (event.id, event.place)).collect();
    let mut joins = Vec::new();
    for shape in events {
        let caused = content
            .events
            .get(shape.index)
            .map_or(&[][..], |event| &event.caused);
        for caused in caused {
            let end = match caused {
                Caused::Arrow(id) => starts.get(id),
                Caused::Event(id) => places.get(id),
            };
            if let Some(end) = end {
                joins.push(Join {
                    event: shape.id,
                    caused: *caused,
                    points: points(shape.place, *end),
                });
            }
        }
    }
    joins
}

fn points(from: Pos, to: Pos) -> Vec<Pos> {
    if (from.x - to.x).abs() < 1.0 {
        let (beside, x) = (from.x - FROM_LINE, from.x - FROM_END);
        return vec![
            Pos::new(x, from.y),
            Pos::new(beside, from.y),
            Pos::new(beside, to.y),
            Pos::new(x, to.y),
        ];
    }
    let part = (FROM_END / from.distance(to)).min(0.5);
    vec![from.towards(to, part), from.towards(to, 1.0 - part)]
}
