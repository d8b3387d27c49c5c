//! The signs of highlights, and how many of them are merged where there is no room for all.

use egui::Color32;
use feed::Timestamp;

use super::sketch::Sign;
use crate::theme::Theme;
use chronicle::{Highlight, HighlightKind, Lanes};

/// Returns the sign of a highlight at a point in time, and its colour.
pub(super) fn sign(theme: &Theme, point: &Highlight) -> Option<(Sign, Color32)> {
    Some(match &point.kind {
        HighlightKind::Fault { .. } => (Sign::Fault, theme.fault),
        HighlightKind::Detection { .. } => (Sign::Detection, theme.fault),
        HighlightKind::Problem { .. } => (Sign::Problem, theme.danger),
        HighlightKind::Step { .. } => (Sign::Step, theme.accent),
        HighlightKind::Expectation { met: true, .. } => (Sign::Met, theme.good),
        HighlightKind::Expectation { met: false, .. } => (Sign::NotMet, theme.danger),
        HighlightKind::Mark { .. } => (Sign::Mark, theme.text),
        HighlightKind::Named { .. }
        | HighlightKind::Condition(_)
        | HighlightKind::Recovery { .. }
        | HighlightKind::Gap { .. } => return None,
    })
}

/// Returns the highlights between two times, in their order.
pub(super) fn between(lanes: &Lanes, from: Timestamp, to: Timestamp) -> &[Highlight] {
    let first = lanes.points.partition_point(|point| point.at < from);
    let end = lanes.points.partition_point(|point| point.at <= to);
    lanes.points.get(first..end).unwrap_or_default()
}

/// Leaves signs of one kind out that would cover the one before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Merging {
    latest: [f32; Self::KINDS],
    distance: f32,
}

impl Merging {
    const KINDS: usize = 7;

    /// Creates one for signs that are this wide.
    pub(super) const fn new(distance: f32) -> Self {
        Self {
            latest: [f32::NEG_INFINITY; Self::KINDS],
            distance,
        }
    }

    /// Returns whether there is room for a sign of this kind at this position, which it takes.
    pub(super) fn takes(&mut self, sign: Sign, x: f32) -> bool {
        let Some(latest) = self.latest.get_mut(sign as usize) else {
            return true;
        };
        let takes = x - *latest >= self.distance;
        if takes {
            *latest = x;
        }
        takes
    }
}
