//! The highlights of a whole demonstration, by component.

use std::collections::BTreeMap;

use feed::{ComponentRole, Timestamp};
use model::ComponentId;

use crate::{Condition, Highlight, HighlightKind};

/// The highlights of a demonstration, as a time line draws them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lanes {
    /// One lane per component that there has been.
    pub components: BTreeMap<ComponentId, Lane>,
    /// All highlights but names and conditions, in the order of their times.
    pub points: Vec<Point>,
    /// Highlights that were left out, since there were too many.
    pub left_out: u64,
    /// Changes with every highlight, so that whatever is derived from the lanes can be cached by it.
    pub revision: u64,
}

/// The life of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its display name, the latest.
    pub name: String,
    /// Its role.
    pub role: ComponentRole,
    /// The index of its colour.
    pub colour: usize,
    /// Its conditions in the order of time, without gaps; the last one has no end yet.
    pub spans: Vec<Span>,
}

/// A condition for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Timestamp,
    /// The condition.
    pub condition: Condition,
}

/// A highlight at a point in time.
pub type Point = Highlight;

impl Lanes {
    /// The maximum number of spans of all lanes, and of points, that are kept.
    pub const MOST: usize = 200_000;
    /// The maximum number of lanes.
    pub const LANES: usize = 10_000;

    /// Adds a highlight.
    pub fn add(&mut self, highlight: Highlight) {
        self.revision += 1;
        match (highlight.component, &highlight.kind) {
            (Some(id), HighlightKind::Named { name, role, colour }) => {
                if self.components.len() >= Self::LANES && !self.components.contains_key(&id) {
                    self.left_out += 1;
                    return;
                }
                let lane = self.components.entry(id).or_insert_with(|| Lane {
                    name: String::new(),
                    role: *role,
                    colour: *colour,
                    spans: Vec::new(),
                });
                lane.name.clone_from(name);
            }
            (Some(id), HighlightKind::Condition(condition)) => {
                let Some(lane) = self.components.get_mut(&id) else {
                    return;
                };
                if lane.spans.len() >= Self::MOST / 100 {
                    self.left_out += 1;
                    return;
                }
                let last = lane.spans.last();
                let from = last.map_or(highlight.at, |last| last.from.max(highlight.at));
                if last.is_none_or(|last| last.condition != *condition) {
                    let condition = *condition;
                    lane.spans.push(Span { from, condition });
                }
            }
            (None, HighlightKind::Named { .. } | HighlightKind::Condition(_)) => {}
            _ => {
                if self.points.len() >= Self::MOST {
                    self.left_out += 1;
                    return;
                }
                // They come in order but for a few milliseconds.
                let place = self.points.partition_point(|point| point.at <= highlight.at);
                self.points.insert(place, highlight);
            }
        }
    }
}

impl Lane {
    /// Returns the spans with their ends; the last one ends at `end`.
    pub fn spans(&self, end: Timestamp) -> impl Iterator<Item = (Span, Timestamp)> {
        let ends = self.spans.iter().skip(1).map(|next| next.from);
        self.spans.iter().copied().zip(ends.chain([end]))
    }
}
