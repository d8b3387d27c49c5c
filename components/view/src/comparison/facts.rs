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
    /// The recording by its name and its beginning, the revision of its highlights, and the anchor.
    key: Option<(String, Timestamp, u64, Anchor)>,
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
        let fits = self.key.as_ref().is_some_and(|(of, from, revision, at)| {
            of == name && (*from, *revision, *at) == (time.from, time.lanes.revision, anchor)
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
            key: Some((name.to_owned(), time.from, lanes.revision, anchor)),
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
    /// Its whole name.
    pub(super) full_name: &'a str,
    /// Its name without what that of the one beside it has as well, and different from it.
    pub(super) name: Cow<'a, str>,
}

impl<'a> Side<'a> {
    pub(super) fn new(snapshot: &'a Snapshot<'a>, facts: &'a Facts, anchor: Anchor, is_other: bool) -> Self {
        Self {
            snapshot,
            facts,
            anchor,
            is_other,
            full_name: name(snapshot),
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

/// Gives two recordings short names that differ.
pub(super) fn tell_apart(sides: &mut [Side<'_>; 2]) {
    let names = apart(sides.each_ref().map(|side| side.full_name));
    for (side, name) in sides.iter_mut().zip(names) {
        side.name = name;
    }
}

/// Leaves out the words with which both names begin: "failover-kill" and "failover-unplug" are "kill" and "unplug".
fn apart(names: [&str; 2]) -> [Cow<'_, str>; 2] {
    /// Shorter names say nothing on their own, nor do numbers.
    const LEAST: usize = 3;
    let [left, right] = names;
    if left == right {
        return ["left", "right"].map(|side| format!("{left} ({side})").into());
    }
    let same = left
        .char_indices()
        .zip(right.chars())
        .take_while(|((_, one), other)| one == other);
    let ends = same
        .filter(|((_, char), _)| matches!(char, '-' | '_' | ' '))
        .map(|((at, _), _)| at + 1);
    let rests = names.map(|name| name.get(ends.clone().last().unwrap_or(0)..).unwrap_or(name));
    let say_enough = rests
        .iter()
        .all(|rest| rest.len() >= LEAST && rest.starts_with(char::is_alphabetic));
    (if say_enough { rests } else { names }).map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_short_as_they_still_say_something() {
        let apart = |left, right| apart([left, right]).map(|name| name.into_owned());
        assert_eq!(apart("failover-kill", "failover-unplug"), ["kill", "unplug"]);
        assert_eq!(
            apart("failover-clean-stop", "failover-clean-kill"),
            ["stop", "kill"]
        );
        assert_eq!(apart("run-1", "run-2"), ["run-1", "run-2"]);
        assert_eq!(apart("kill", "unplug"), ["kill", "unplug"]);
        assert_eq!(apart("kill", "kill"), ["kill (left)", "kill (right)"]);
    }
}
