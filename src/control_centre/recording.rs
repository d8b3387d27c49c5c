//! What is recorded: every change of the model and every call of the play, in the order in which they happen.

use std::path::PathBuf;
use std::sync::Arc;

use chronicle::{Highlight, HighlightKind, Lanes, RecordingStatus};
use feed::Timestamp;
use recorder::{Destination, Item, Origin, PacketInlet, Recorder};
use recording::{Properties, RecordKind};
use serde::Serialize;
use supervisor::Repaint;

use super::ControlCentre;
use super::packets::{Packets, program};
use crate::time_travel::TimeTravel;
use command::Command;
use model::{Model, Severity, Update};
use play::Play;
use replay::{CONTENTS, EntryKind, PlayCall, Scribe, Stage};

/// The recording of a control centre.
#[derive(Debug)]
pub struct Recording {
    scribe: Scribe,
    recorder: Recorder,
    status: recorder::Status,
    /// The highlights since the beginning.
    lanes: Lanes,
    from: Timestamp,
}

impl Recording {
    /// Begins a recording.
    ///
    /// # Errors
    /// Returns an error if it cannot be written there.
    pub fn begin(destination: &Destination, repaint: Repaint) -> std::io::Result<Self> {
        let from = Timestamp::now();
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let origin = Origin {
            program: program(),
            host,
            contents: CONTENTS,
        };
        let mut recording = Self {
            scribe: Scribe::begin(from),
            recorder: Recorder::start(destination, origin, repaint)?,
            status: recorder::Status::default(),
            lanes: Lanes::default(),
            from,
        };
        // What follows goes on from here.
        recording.hand_over(&Model::default(), None);
        Ok(recording)
    }

    /// Returns the way for the components' packets.
    pub(super) fn packets(&self) -> PacketInlet {
        self.recorder.packets()
    }

    fn add(&mut self, highlight: Highlight) {
        if let Some(id) = highlight.component
            && let HighlightKind::Named { name, role, .. } = &highlight.kind
        {
            self.recorder.name(id.0, name.clone(), role.to_string());
        }
        if let Some(comment) = highlight.sentence() {
            self.recorder.comment(highlight.at, comment);
        }
        self.lanes.add(highlight);
    }

    /// Hands over what has been written down, and a keyframe when one is due.
    fn hand_over(&mut self, model: &Model, play: Option<&Play>) {
        if let Some(gap) = self.recorder.take_gap() {
            let (since, text) = (gap.since, gap.why);
            let kind = HighlightKind::Gap { since, text };
            let gap = self.scribe.mark(gap.until, kind);
            self.add(gap);
        }
        self.write();
        let wanted = self.recorder.wants_keyframe();
        if wanted.is_some() || self.scribe.wants_keyframe() {
            let whole = wanted.is_some_and(|wanted| wanted.whole);
            let snapshot = self.scribe.keyframe(model, play, whole);
            let kind = match wanted {
                Some(wanted) if wanted.jump => EntryKind::Jump,
                _ => EntryKind::Keyframe,
            };
            let (at, keyframing) = (snapshot.at(), snapshot.keyframing());
            let encode = Box::new(move || snapshot.encode());
            self.recorder
                .keyframe(RecordKind(kind as u8), at, keyframing, encode);
        }
        self.status = self.recorder.status();
    }

    fn write(&mut self) {
        let items = self.scribe.lines().map(|line| Item {
            kind: RecordKind(line.kind as u8),
            properties: match line.kind {
                EntryKind::Highlight => Properties::INDEXED,
                _ => Properties::NONE,
            },
            at: line.at,
            bytes: line.bytes,
        });
        self.recorder.write(items);
        self.scribe.clear();
    }

    /// Ends the recording with a note. Returns why its end could not be written, if that is so.
    pub(crate) fn end(mut self, note: &impl Serialize) -> Option<String> {
        self.scribe.note(note);
        self.write();
        self.recorder.finish().problem
    }
}

impl ControlCentre {
    /// Applies an update to the model. Nothing else changes the model.
    pub(super) fn apply(&mut self, update: Update) {
        if let Some(recording) = &mut self.recording {
            recording.scribe.update(&self.model, &update);
        } else {
            self.packets.watcher.update(&self.model, &update);
        }
        self.model.apply(update);
    }

    /// Calls the play of the steps. Nothing else changes the play, but that its commands are taken.
    pub(super) fn call_play(&mut self, call: PlayCall) {
        if let Some(recording) = &mut self.recording {
            recording.scribe.play(&call);
        }
        call.carry_out(&mut self.play, &self.model);
    }

    /// Writes down a command of the user.
    pub(super) fn write_down(&mut self, command: &Command) {
        if let Some(recording) = &mut self.recording {
            let words = format!("{command:?}");
            recording.scribe.command(Timestamp::now(), &words);
        }
    }

    /// Hands over what has been written down.
    pub(super) fn hand_over(&mut self) {
        let Some(recording) = &mut self.recording else {
            let found = self
                .packets
                .watcher
                .observe(Timestamp::now(), &self.model, self.play.as_ref());
            found.iter().for_each(|highlight| self.packets.tell(highlight));
            return;
        };
        let problem = self.problem.as_ref().or(self.start_failure.1.as_ref());
        let stage = Stage {
            scenario: self.scenario.clone(),
            description: self.description.clone(),
            problem: problem.cloned(),
            preset: self.settings.preset.unwrap_or_default(),
            random_faults: self.random_faults.clone(),
        };
        let play = self.play.as_ref();
        let found = recording
            .scribe
            .observe(Timestamp::now(), &self.model, play, stage);
        for highlight in found {
            self.packets.tell(&highlight);
            recording.add(highlight);
        }
        let before = recording.status.problem.clone();
        recording.hand_over(&self.model, play);
        let problem = recording.status.problem.clone();
        if let Some(problem) = problem.filter(|problem| before.as_ref() != Some(problem)) {
            self.notice(problem);
        }
    }

    /// Writes something down in the recording.
    pub(crate) fn note(&mut self, note: &impl Serialize) {
        if let Some(recording) = &mut self.recording {
            recording.scribe.note(note);
        }
    }

    /// Sets a mark on the time line.
    pub(crate) fn mark(&mut self, at: Timestamp, name: String) {
        if let Some(recording) = &mut self.recording {
            let mark = recording.scribe.mark(at, HighlightKind::Mark { name });
            recording.add(mark);
        }
    }

    /// Writes what has been recorded to a file. The outcome appears on the timeline.
    pub(crate) fn save_recording(&mut self, path: PathBuf) {
        let Some(recording) = &self.recording else {
            return self.notice("Nothing is recorded that could be saved".into());
        };
        let outcomes = self.outcomes.clone();
        let name = path.display().to_string();
        let then = move |outcome: Result<(), String>| {
            let (severity, text) = match outcome {
                Ok(()) => (Severity::Normal, format!("The recording was saved as {name}")),
                Err(why) => (Severity::Problem, format!("The recording cannot be saved: {why}")),
            };
            outcomes.tell(severity, text);
        };
        recording.recorder.save(path, Box::new(then));
    }

    /// Tells what became of what other threads have done.
    pub(super) fn tell_outcomes(&mut self) {
        for (severity, text) in self.outcomes.take() {
            let at = Timestamp::now();
            self.apply(Update::Notice { at, severity, text });
        }
    }

    /// Returns the state of the recording.
    pub(crate) fn recording_status(&self) -> RecordingStatus<'_> {
        let Some(recording) = &self.recording else {
            return RecordingStatus::default();
        };
        RecordingStatus {
            bytes: recording.status.bytes,
            budget: recording.status.budget,
            dropped: recording.status.dropped,
            problem: recording.status.problem.as_deref(),
        }
    }

    /// Returns the highlights since the recording began, and when that was; none if nothing is recorded.
    pub(crate) fn chronicle(&self) -> Option<(Timestamp, &Lanes)> {
        let recording = self.recording.as_ref()?;
        Some((recording.from, &recording.lanes))
    }

    /// Returns the past of the demonstration.
    pub(crate) fn past(&self, at: Timestamp, repaint: &Repaint) -> Option<TimeTravel> {
        let recorder = &self.recording.as_ref()?.recorder;
        recorder.flush(None);
        TimeTravel::live(recorder.location().to_owned(), at, Arc::clone(repaint)).ok()
    }

    /// Returns where the recording is, if there is one.
    pub(crate) fn recording_origin(&self) -> Option<recording::Origin> {
        let recorder = &self.recording.as_ref()?.recorder;
        Some(recording::Origin::Folder(recorder.location().to_owned()))
    }

    /// Lets what has been recorded so far be seen in the past.
    pub(crate) fn flush_recording(&self, then: Repaint) {
        if let Some(recording) = &self.recording {
            recording.recorder.flush(Some(then));
        }
    }

    /// Leaves, with what was known at last, the recording, and those who look at packets: dropping them takes a while if
    /// they do not read. No process is left then.
    pub(crate) fn leave(self) -> (Model, Option<Recording>, Packets) {
        (self.model, self.recording, self.packets)
    }
}
