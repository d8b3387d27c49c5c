//! The highlights that last: failovers, takeovers and gaps, found by the part of time that is shown.

use feed::Timestamp;

use chronicle::{Highlight, HighlightKind, Lanes};

/// The highlights with a beginning and an end, in the order of their ends.
#[derive(Debug, Default)]
pub(super) struct Extents {
    /// The revision of the lanes, and the epoch of the source.
    key: Option<u64>,
    list: Vec<Extent>,
}

/// A highlight that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Its position among the points.
    pub(super) point: usize,
}

impl Extents {
    /// Follows the lanes.
    pub(super) fn update(&mut self, lanes: &Lanes) {
        if self.key.replace(lanes.revision) == Some(lanes.revision) {
            return;
        }
        self.list = lanes
            .points
            .iter()
            .enumerate()
            .filter_map(|(point, highlight)| {
                let from = began(highlight)?;
                Some(Extent {
                    from,
                    to: highlight.at,
                    point,
                })
            })
            .collect();
    }

    /// Forgets what belongs to other lanes.
    pub(super) fn forget(&mut self) {
        self.key = None;
    }

    /// Returns those that are at least partly between two times.
    pub(super) fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Extent> {
        let first = self.list.partition_point(|extent| extent.to < from);
        let rest = self.list.get(first..).unwrap_or_default();
        rest.iter().copied().filter(move |extent| extent.from <= to)
    }
}

/// Returns the beginning of a highlight that lasts.
pub(super) fn began(highlight: &Highlight) -> Option<Timestamp> {
    match &highlight.kind {
        HighlightKind::Recovery {
            fault_at, detected, ..
        } => Some(fault_at.unwrap_or(*detected).min(highlight.at)),
        HighlightKind::Gap { since, .. } => Some((*since).min(highlight.at)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(from: u64, to: u64) -> Highlight {
        Highlight {
            at: Timestamp::from_micros(to),
            component: None,
            kind: HighlightKind::Gap {
                since: Timestamp::from_micros(from),
                text: "the disk was full".into(),
            },
        }
    }

    #[test]
    fn what_reaches_into_the_part_that_is_shown_is_found() {
        let mut lanes = Lanes::default();
        for (from, to) in [(0, 10), (20, 30), (5, 40), (90, 95)] {
            lanes.add(gap(from, to));
        }
        let mut extents = Extents::default();
        extents.update(&lanes);
        let found = |from, to| -> Vec<u64> {
            let (from, to) = (Timestamp::from_micros(from), Timestamp::from_micros(to));
            extents.between(from, to).map(|it| it.to.as_micros()).collect()
        };
        assert_eq!(found(12, 22), [30, 40]);
        assert_eq!(found(41, 89), [0_u64; 0]);
        assert_eq!(found(0, 100), [10, 30, 40, 95]);
    }
}
