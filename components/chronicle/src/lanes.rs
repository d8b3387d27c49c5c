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

impl Lanes {
    /// Returns when the step of the story before the current one began; the current one is that at this time.
    #[must_use]
    pub fn step_before(&self, at: Timestamp) -> Option<Timestamp> {
        self.steps().filter(|step| *step <= at).rev().nth(1)
    }

    /// Returns when the next step of the story began.
    #[must_use]
    pub fn step_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.steps().find(|step| *step > at)
    }

    fn steps(&self) -> impl DoubleEndedIterator<Item = Timestamp> {
        let steps = self.points.iter();
        let steps = steps.filter(|point| matches!(point.kind, HighlightKind::Step { .. }));
        steps.map(|point| point.at)
    }
}

impl Lane {
    /// Returns the spans with their ends; the last one ends at `end`.
    pub fn spans(&self, end: Timestamp) -> impl Iterator<Item = (Span, Timestamp)> {
        let ends = self.spans.iter().skip(1).map(|next| next.from);
        self.spans.iter().copied().zip(ends.chain([end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: u64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn highlight(at: u64, component: Option<u32>, kind: HighlightKind) -> Highlight {
        Highlight {
            at: s(at),
            component: component.map(ComponentId),
            kind,
        }
    }

    fn step(at: u64) -> Highlight {
        let text = format!("step at {at}");
        highlight(at, None, HighlightKind::Step { position: 0, text })
    }

    #[test]
    fn a_lane_has_spans_without_gaps() {
        let mut lanes = Lanes::default();
        let named = HighlightKind::Named {
            name: "PE 1".into(),
            role: ComponentRole::PoolElement,
            colour: 0,
        };
        lanes.add(highlight(1, Some(1), named));
        for (at, condition) in [
            (1, Condition::Starting),
            (2, Condition::Ready),
            (2, Condition::Ready),
            (9, Condition::Failed),
        ] {
            lanes.add(highlight(at, Some(1), HighlightKind::Condition(condition)));
        }
        let lane = &lanes.components[&ComponentId(1)];
        let spans: Vec<_> = lane
            .spans(s(12))
            .map(|(span, end)| (span.from, end, span.condition))
            .collect();
        assert_eq!(
            spans,
            [
                (s(1), s(2), Condition::Starting),
                (s(2), s(9), Condition::Ready),
                (s(9), s(12), Condition::Failed),
            ]
        );
    }

    #[test]
    fn points_are_in_the_order_of_their_times() {
        let mut lanes = Lanes::default();
        for at in [3, 1, 2] {
            lanes.add(step(at));
        }
        let times: Vec<_> = lanes.points.iter().map(|point| point.at).collect();
        assert_eq!(times, [s(1), s(2), s(3)]);
        assert_eq!(lanes.revision, 3);
    }

    #[test]
    fn a_story_goes_back_step_by_step() {
        let mut lanes = Lanes::default();
        for at in [10, 20, 30] {
            lanes.add(step(at));
        }
        assert_eq!(lanes.step_before(s(35)), Some(s(20)));
        assert_eq!(lanes.step_before(s(20)), Some(s(10)));
        assert_eq!(lanes.step_before(s(19)), None);
        assert_eq!(lanes.step_after(s(20)), Some(s(30)));
        assert_eq!(lanes.step_after(s(30)), None);
    }

    #[test]
    fn a_recording_cannot_have_lanes_without_end() {
        let mut lanes = Lanes::default();
        for id in 0..20_000 {
            let named = HighlightKind::Named {
                name: "x".into(),
                role: ComponentRole::PoolUser,
                colour: 0,
            };
            lanes.add(highlight(1, Some(id), named));
        }
        assert_eq!(lanes.components.len(), Lanes::LANES);
        assert_eq!(lanes.left_out, 20_000 - Lanes::LANES as u64);
    }
}
