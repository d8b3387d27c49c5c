//! Two recordings side by side: which moments of them count as the same.

use std::time::Duration;

use feed::Timestamp;

use crate::{HighlightKind, TimeStatus};

/// A moment of a recording with which another recording is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// When it is.
    pub at: Timestamp,
    /// What happened then.
    pub kind: AnchorKind,
}

/// What happened at an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnchorKind {
    /// A fault was injected.
    Fault,
    /// The failure was detected that led to a failover or a takeover.
    Detection,
    /// A step of the story began.
    Step,
    /// The recording begins.
    Beginning,
}

/// Two moments, one of each recording, that count as the same, and hence all moments that are as long before or after
/// them.
///
/// The recording that the commands of the user are about is our own one; the [`other`](Self::other) one is moved along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alignment {
    /// The moment of our own recording.
    pub own: Anchor,
    /// The moment of the other one.
    pub other: Anchor,
}

/// The time from an anchor to a moment, negative before the anchor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset {
    us: i64,
}

/// Whether a recording has anything of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It begins only so much later.
    NotYet(Duration),
    /// It has.
    Within,
    /// It ended so long before.
    Over(Duration),
}

impl Anchor {
    /// Returns the moments of a recording that can be aligned, in the order of time: its faults; without any, the
    /// detections of failures; without these, the steps of its story; and without steps, its beginning. The first one is
    /// the one to begin with.
    #[must_use]
    pub fn all(time: &TimeStatus<'_>) -> Vec<Self> {
        let of = |kind: AnchorKind| {
            let mut anchors: Vec<Self> = time
                .lanes
                .points
                .iter()
                .filter_map(|point| match (kind, &point.kind) {
                    (AnchorKind::Fault, HighlightKind::Fault { .. })
                    | (AnchorKind::Step, HighlightKind::Step { .. }) => Some(point.at),
                    (AnchorKind::Detection, HighlightKind::Recovery { detected, .. }) => Some(*detected),
                    _ => None,
                })
                .map(|at| Self { at, kind })
                .collect();
            // Recoveries are in the order in which they ended.
            anchors.sort_unstable_by_key(|anchor| anchor.at);
            anchors.dedup();
            anchors
        };
        let kinds = [AnchorKind::Fault, AnchorKind::Detection, AnchorKind::Step];
        let found = kinds.into_iter().map(of).find(|anchors| !anchors.is_empty());
        found.unwrap_or_else(|| vec![Self::beginning(time)])
    }

    /// Returns the one to begin with.
    #[must_use]
    pub fn first(time: &TimeStatus<'_>) -> Self {
        let first = Self::all(time).into_iter().next();
        first.unwrap_or_else(|| Self::beginning(time))
    }

    /// Returns the next one of these, or the previous one.
    #[must_use]
    pub fn neighbour(self, all: &[Self], forward: bool) -> Option<Self> {
        let mut all = all.iter().copied();
        if forward {
            all.find(|anchor| anchor.at > self.at)
        } else {
            all.rfind(|anchor| anchor.at < self.at)
        }
    }

    fn beginning(time: &TimeStatus<'_>) -> Self {
        Self {
            at: time.from,
            kind: AnchorKind::Beginning,
        }
    }
}

impl Alignment {
    /// Aligns two recordings, each at its first fault, if it has one, see [`Anchor::all`].
    #[must_use]
    pub fn of(own: &TimeStatus<'_>, other: &TimeStatus<'_>) -> Self {
        Self {
            own: Anchor::first(own),
            other: Anchor::first(other),
        }
    }

    /// Returns the moment of the other recording that counts as this one of our own; it may be beyond its ends.
    #[must_use]
    pub fn to_other(self, own: Timestamp) -> Timestamp {
        Offset::of(own, self.own.at).after(self.other.at)
    }

    /// Returns the moment of our own recording that counts as this one of the other; it may be beyond its ends.
    #[must_use]
    pub fn to_own(self, other: Timestamp) -> Timestamp {
        Offset::of(other, self.other.at).after(self.own.at)
    }
}

impl Offset {
    /// Returns the time from an anchor to a moment.
    #[must_use]
    pub fn of(at: Timestamp, anchor: Timestamp) -> Self {
        let us = i128::from(at.as_micros()) - i128::from(anchor.as_micros());
        Self::clamped(us)
    }

    /// Returns a number of microseconds.
    #[must_use]
    pub const fn from_micros(us: i64) -> Self {
        Self { us }
    }

    /// Returns it in microseconds.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.us
    }

    /// Returns the moment that is so long after an anchor, or before it; none is before the origin of timestamps.
    #[must_use]
    pub fn after(self, anchor: Timestamp) -> Timestamp {
        Timestamp::from_micros(anchor.as_micros().saturating_add_signed(self.us))
    }

    fn clamped(us: i128) -> Self {
        let us = us.clamp(i64::MIN.into(), i64::MAX.into());
        Self {
            us: i64::try_from(us).unwrap_or_default(),
        }
    }
}

impl Presence {
    /// Returns whether a recording with this anchor, which extends from one time to another one, has anything of the
    /// moment at an offset.
    #[must_use]
    pub fn of(offset: Offset, anchor: Timestamp, (from, to): (Timestamp, Timestamp)) -> Self {
        let [begin, end] = [from, to].map(|end| Offset::of(end, anchor));
        let apart = |later: Offset, earlier: Offset| Duration::from_micros(later.us.abs_diff(earlier.us));
        if offset < begin {
            Self::NotYet(apart(begin, offset))
        } else if offset > end {
            Self::Over(apart(offset, end))
        } else {
            Self::Within
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Highlight, Lanes, RecordingStatus, Source};

    const fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn status(lanes: &Lanes) -> TimeStatus<'_> {
        TimeStatus {
            source: Source::Live,
            from: at(100),
            to: at(160),
            lanes,
            cursor: None,
            recording: RecordingStatus::default(),
            epoch: 0,
            in_flight: &[],
        }
    }

    fn lanes(points: impl IntoIterator<Item = (u64, HighlightKind)>) -> Lanes {
        let mut lanes = Lanes::default();
        for (seconds, kind) in points {
            let at = at(seconds);
            lanes.add(Highlight {
                at,
                component: None,
                kind,
            });
        }
        lanes
    }

    fn fault() -> HighlightKind {
        let done = "was killed".to_owned();
        HighlightKind::Fault { done }
    }

    fn step(position: usize) -> HighlightKind {
        let text = String::new();
        HighlightKind::Step { position, text }
    }

    fn recovery(detected: u64) -> HighlightKind {
        HighlightKind::Recovery {
            takeover: false,
            fault_at: None,
            detected: at(detected),
            succeeded: true,
            phases: Vec::new(),
            text: String::new(),
        }
    }

    fn first(lanes: &Lanes) -> (Timestamp, AnchorKind) {
        let Anchor { at, kind } = Anchor::first(&status(lanes));
        (at, kind)
    }

    #[test]
    fn recordings_are_aligned_at_the_first_fault_or_what_comes_nearest() {
        let all = lanes([
            (102, step(0)),
            (103, recovery(101)),
            (105, fault()),
            (106, fault()),
        ]);
        assert_eq!(first(&all), (at(105), AnchorKind::Fault));
        let without_faults = lanes([(102, step(0)), (103, recovery(101)), (109, recovery(108))]);
        assert_eq!(first(&without_faults), (at(101), AnchorKind::Detection));
        let steps_alone = lanes([(102, step(0)), (107, step(1))]);
        assert_eq!(first(&steps_alone), (at(102), AnchorKind::Step));
        assert_eq!(first(&Lanes::default()), (at(100), AnchorKind::Beginning));
    }

    #[test]
    fn every_fault_can_be_aligned() {
        let lanes = lanes([(104, fault()), (104, fault()), (109, fault()), (112, fault())]);
        let all = Anchor::all(&status(&lanes));
        let [one, two, three] = all[..] else {
            panic!("two of them were at the same time: {all:?}");
        };
        assert_eq!(one.neighbour(&all, true), Some(two));
        assert_eq!(two.neighbour(&all, false), Some(one));
        assert_eq!(one.neighbour(&all, false), None);
        assert_eq!(three.neighbour(&all, true), None);
    }

    #[test]
    fn detections_are_in_the_order_of_time_however_long_the_recoveries_took() {
        let lanes = lanes([(110, recovery(109)), (120, recovery(104))]);
        let all = Anchor::all(&status(&lanes));
        assert_eq!(all.iter().map(|it| it.at).collect::<Vec<_>>(), [at(104), at(109)]);
    }

    #[test]
    fn what_is_as_long_before_or_after_the_anchors_is_the_same() {
        let kind = AnchorKind::Fault;
        let alignment = Alignment {
            own: Anchor { at: at(105), kind },
            other: Anchor { at: at(3_020), kind },
        };
        for (own, other) in [(105, 3_020), (100, 3_015), (125, 3_040)] {
            assert_eq!(alignment.to_other(at(own)), at(other));
            assert_eq!(alignment.to_own(at(other)), at(own));
        }
        assert_eq!(alignment.to_own(at(10)), at(0), "there is no earlier timestamp");
    }

    #[test]
    fn a_moment_before_the_beginning_or_after_the_end_is_told() {
        let range = (at(100), at(160));
        let presence = |seconds: i64| Presence::of(Offset::from_micros(seconds * 1_000_000), at(105), range);
        assert_eq!(presence(-8), Presence::NotYet(Duration::from_secs(3)));
        assert_eq!(presence(-5), Presence::Within);
        assert_eq!(presence(55), Presence::Within);
        assert_eq!(presence(57), Presence::Over(Duration::from_secs(2)));
    }
}
