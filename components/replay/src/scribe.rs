//! Writes down what a control centre does.

use std::time::Duration;

use chronicle::{Highlight, HighlightKind};
use feed::Timestamp;
use model::{Change, Model, Past, Update};
use play::Play;

use crate::entry::{self, EntryKind};
use crate::watcher::Watcher;
use crate::{PlayCall, Snapshot, Stage};

/// An encoded entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its kind.
    pub kind: EntryKind,
    /// Its place on the time line. It never goes back from one entry to the next.
    pub at: Timestamp,
    /// Its content.
    pub bytes: &'a [u8],
}

/// Writes down what a control centre does, as entries of a recording.
///
/// An entry's place on the time line is the time of what it tells, such as the time at which a component sent a message,
/// but never before that of the entry before it: the order of entries is that in which they were carried out, since only
/// that order leads to the same state again.
#[derive(Debug, Default)]
pub struct Scribe {
    lines: Lines,
    /// The place of the latest entry on the time line.
    at: Timestamp,
    watcher: Watcher,
    stage: Stage,
    /// The number of entries since the latest keyframe, and its place on the time line.
    since_keyframe: usize,
    keyframe_at: Timestamp,
    /// The past as of the latest keyframe, and how many keyframes there have been since one with all of it.
    past: Past,
    partial: usize,
}

/// Entries that have been written, with their contents in one place.
#[derive(Debug, Default)]
struct Lines {
    /// Kinds, times, and sizes of their contents.
    heads: Vec<(EntryKind, Timestamp, usize)>,
    bytes: Vec<u8>,
}

/// How long before they are made the calls of a play are put on the time line. They follow from reports that have come; the
/// reports that are still on their way to the control centre shall keep their times.
const ON_THE_WAY: Duration = Duration::from_millis(250);

impl Scribe {
    /// The maximum number of entries between keyframes, and the maximum time.
    const ENTRIES: usize = 4_000;
    const EVERY: Duration = Duration::from_secs(8);
    /// The maximum number of keyframes between those with the whole past: the more there
    /// are, the smaller the file, and the longer it takes to get anywhere in it.
    const PARTIAL: usize = 15;

    /// Begins with a control centre that knows nothing yet.
    #[must_use]
    pub fn begin(at: Timestamp) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// Writes down an update that is about to be applied to the model.
    pub fn update(&mut self, model: &Model, update: &Update) {
        let at = match update {
            Update::Component { at, change, .. } => match change {
                Change::Feed(frame) => frame.stamped.at,
                _ => *at,
            },
            Update::Notice { at, .. }
            | Update::Report { at, .. }
            | Update::Slept { at, .. }
            | Update::ReportsDue { at } => *at,
        };
        self.write(EntryKind::Update, at, update);
        self.watcher.update(model, update);
    }

    /// Writes down a call of the play that is about to be made.
    pub fn play(&mut self, call: &PlayCall) {
        let at = match call {
            PlayCall::Handle(now) => *now - ON_THE_WAY,
            PlayCall::Control(at, _) | PlayCall::GiveUp(at, _) => *at,
            PlayCall::Begin(_) | PlayCall::End => Timestamp::default(),
        };
        self.write(EntryKind::Play, at, call);
    }

    /// Writes down a command of the user, in words.
    pub fn command(&mut self, at: Timestamp, words: &str) {
        self.write(EntryKind::Command, at, &words);
    }

    /// Writes down something for whoever makes the recording, at the place of the entry before it.
    pub fn note(&mut self, note: &impl serde::Serialize) {
        self.write(EntryKind::Note, Timestamp::default(), note);
    }

    /// Sets a mark on the time line.
    pub fn mark(&mut self, at: Timestamp, kind: HighlightKind) -> Highlight {
        let component = None;
        let highlight = Highlight { at, component, kind };
        self.write(EntryKind::Highlight, Timestamp::default(), &highlight);
        highlight
    }

    /// Looks at the state as it is now. Returns what was worth a mark on the time line since the last call.
    pub fn observe(
        &mut self,
        now: Timestamp,
        model: &Model,
        play: Option<&Play>,
        stage: Stage,
    ) -> Vec<Highlight> {
        let found = self.watcher.observe(now, model, play);
        for highlight in &found {
            self.write(EntryKind::Highlight, Timestamp::default(), highlight);
        }
        if stage != self.stage {
            self.write(EntryKind::Stage, Timestamp::default(), &stage);
            self.stage = stage;
        }
        found
    }

    /// Returns the entries that have been written since they were [cleared](Self::clear).
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut rest = self.lines.bytes.as_slice();
        self.lines.heads.iter().map(move |(kind, at, length)| {
            let (bytes, later) = rest.split_at(*length);
            rest = later;
            Line {
                kind: *kind,
                at: *at,
                bytes,
            }
        })
    }

    /// Forgets the entries that have been written.
    pub fn clear(&mut self) {
        self.lines.heads.clear();
        self.lines.bytes.clear();
        self.lines.bytes.shrink_to(1 << 20);
    }

    /// Returns whether it is time for the next keyframe: what has been written since the latest one takes a while to carry
    /// out again.
    #[must_use]
    pub fn wants_keyframe(&self) -> bool {
        self.since_keyframe >= Self::ENTRIES
            || (self.since_keyframe > 0 && self.at - self.keyframe_at >= Self::EVERY)
    }

    /// Takes a copy of the state as the next keyframe, to be encoded elsewhere. `whole` keeps all of the past in it.
    pub fn keyframe(&mut self, model: &Model, play: Option<&Play>, whole: bool) -> Snapshot {
        self.since_keyframe = 0;
        self.keyframe_at = self.at;
        let whole = whole || self.partial >= Self::PARTIAL;
        self.partial = if whole { 0 } else { self.partial + 1 };
        let before = std::mem::replace(&mut self.past, model.past());
        Snapshot {
            at: self.at,
            model: model.clone(),
            before: (!whole).then_some(before),
            play: play.cloned(),
            stage: self.stage.clone(),
        }
    }

    fn write(&mut self, kind: EntryKind, at: Timestamp, content: &impl serde::Serialize) {
        self.at = self.at.max(at);
        // To skip a note takes no time.
        self.since_keyframe += usize::from(kind != EntryKind::Note);
        let before = self.lines.bytes.len();
        entry::write(content, &mut self.lines.bytes);
        let length = self.lines.bytes.len() - before;
        self.lines.heads.push((kind, self.at, length));
    }
}
