//! What is known of each of two recordings as a whole, whatever the cursor shows.

use std::borrow::Cow;

use feed::Timestamp;

use crate::comparison::name;
use crate::snapshot::Snapshot;
use chronicle::{Anchor, Durations, HighlightKind, Recoveries};

/// The maximum number of spans and of marks of a recording that are drawn.
const MOST: usize = 2_000;

/// What was derived from the highlights of a recording, kept until they change.
#[derive(Debug, Default)]
pub(super) struct Facts {
    key: Option<(String, u64, Anchor)>,
    /// The moments that can be aligned.
    pub(super) anchors: Vec<Anchor>,
    /// What happened there, in words.
    pub(super) faults: Vec<(Timestamp, String)>,
    pub(super) spans: Vec<RecoverySpan>,
    pub(super) failovers: Recoveries,
    pub(super) takeovers: Recoveries,
}

/// A recovery on the time line.
#[derive(Debug)]
pub(super) struct RecoverySpan {
    pub(super) takeover: bool,
    pub(super) began: Timestamp,
    pub(super) detected: Timestamp,
    pub(super) end: Timestamp,
    pub(super) succeeded: bool,
    pub(super) durations: Durations,
}

impl Facts {
    /// Derives everything from the highlights, if they or the anchor have changed.
    pub(super) fn update(&mut self, snapshot: &Snapshot<'_>, anchor: Anchor) {
        let Some(time) = snapshot.time else { return };
        let name = name(snapshot);
        let fits = self.key.as_ref().is_some_and(|(of, revision, at)| {
            of == name && (*revision, *at) == (time.lanes.revision, anchor)
        });
        if fits {
            return;
        }
        let lanes = time.lanes;
        let who = |id| lanes.components.get(&id).map(|lane| lane.name.as_str());
        let faults = lanes.points.iter().filter_map(|point| match &point.kind {
            HighlightKind::Fault { done } => {
                let who = point.component.and_then(who);
                let text = who.map_or_else(|| done.clone(), |who| format!("{who} {done}"));
                Some((point.at, text))
            }
            _ => None,
        });
        let spans = lanes.recoveries().map(|recovery| RecoverySpan {
            takeover: recovery.takeover,
            began: recovery.began(),
            detected: recovery.detected,
            end: recovery.end,
            succeeded: recovery.succeeded,
            durations: recovery.durations(),
        });
        *self = Self {
            key: Some((name.to_owned(), lanes.revision, anchor)),
            anchors: Anchor::all(&time),
            faults: faults.take(MOST).collect(),
            spans: spans.take(MOST).collect(),
            failovers: Recoveries::of(lanes, false, anchor.at),
            takeovers: Recoveries::of(lanes, true, anchor.at),
        };
    }
}

/// One of two recordings.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) facts: &'a Facts,
    pub(super) anchor: Anchor,
    /// Whether it is the other one, which is moved along.
    pub(super) is_other: bool,
    /// Its name, different from that of the one beside it.
    pub(super) name: Cow<'a, str>,
}

impl<'a> Side<'a> {
    pub(super) fn new(snapshot: &'a Snapshot<'a>, facts: &'a Facts, anchor: Anchor, is_other: bool) -> Self {
        Self {
            snapshot,
            facts,
            anchor,
            is_other,
            name: Cow::Borrowed(name(snapshot)),
        }
    }

    /// Returns the beginning and the end of the recording.
    pub(super) fn range(&self) -> (Timestamp, Timestamp) {
        let time = self.snapshot.time;
        time.map_or((self.snapshot.now, self.snapshot.now), |time| {
            (time.from, time.to)
        })
    }

    /// Returns what it tells of takeovers, or of failovers.
    pub(super) fn recoveries(&self, takeover: bool) -> &'a Recoveries {
        if takeover {
            &self.facts.takeovers
        } else {
            &self.facts.failovers
        }
    }
}

/// Gives two recordings of the same name different ones.
pub(super) fn tell_apart(sides: &mut [Side<'_>; 2]) {
    let [left, right] = sides;
    if left.name == right.name {
        left.name = format!("{} (left)", left.name).into();
        right.name = format!("{} (right)", right.name).into();
    }
}
