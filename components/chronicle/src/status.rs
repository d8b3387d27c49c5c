//! What is recorded, and where the cursor is.

use std::path::PathBuf;

use feed::{Protocol, Timestamp};
use model::ComponentId;

use crate::{Alignment, Lanes};

/// Time as a window shows it.
#[derive(Debug, Clone, Copy)]
pub struct TimeStatus<'a> {
    /// Where the demonstration comes from.
    pub source: Source<'a>,
    /// The beginning of what can be shown.
    pub from: Timestamp,
    /// The end of what can be shown: the present, while the demonstration is live.
    pub to: Timestamp,
    /// The highlights.
    pub lanes: &'a Lanes,
    /// Where the cursor is; `None` shows the present.
    pub cursor: Option<Cursor>,
    /// The state of the recording.
    pub recording: RecordingStatus<'a>,
    /// The number of the model that is shown. It is another one whenever the model was replaced rather than changed: the
    /// present's by one rebuilt at the cursor, or that by another. What is derived from a model can be cached by this
    /// number together with the model's own revision.
    pub epoch: u64,
    /// The messages that were on their way at the cursor; empty in the present, where nobody knows yet when they arrive.
    pub in_flight: &'a [InFlight],
}

/// Where a demonstration comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// It takes place now.
    Live,
    /// It was recorded.
    File {
        /// The file's name.
        name: &'a str,
        /// The problem that ended reading it early, if one did.
        damage: Option<&'a str>,
    },
}

/// The place of the cursor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cursor {
    /// Everything is shown as it was at this time.
    pub at: Timestamp,
    /// Seconds of the demonstration per second, if it moves by itself; backwards if negative.
    pub speed: Option<f64>,
    /// The speed at which it moves when it moves.
    pub chosen_speed: f64,
    /// The span that is played over and over.
    pub looped: Option<(Timestamp, Timestamp)>,
    /// Whether what is shown is still of another time, since the state is being fetched.
    pub seeking: bool,
}

/// The state of the recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordingStatus<'a> {
    /// The size on disk, in bytes.
    pub bytes: u64,
    /// The maximum size on disk, in bytes, beyond which the oldest part is dropped.
    pub budget: u64,
    /// Whether the oldest part was dropped.
    pub dropped: bool,
    /// Why nothing is being recorded, or not everything.
    pub problem: Option<&'a str>,
}

/// A message on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InFlight {
    /// Its number among the messages.
    pub number: u64,
    /// Its sender.
    pub from: ComponentId,
    /// Its receiver.
    pub to: ComponentId,
    /// What it belongs to.
    pub protocol: Protocol,
    /// The share of its way that it has covered, from 0 to 1.
    pub progress: f32,
}

/// A command of the user about time.
#[derive(Debug, Clone, PartialEq)]
pub enum TimeControl {
    /// Show the present again.
    Live,
    /// Show the state at this time. The cursor stops there unless it moves by itself.
    Seek(Timestamp),
    /// Move the cursor to the next stop of this kind, or the previous one.
    Step {
        /// What to stop at.
        stop: Stop,
        /// Whether to move forward.
        forward: bool,
    },
    /// Let the cursor move by itself at this speed, in seconds of the demonstration per second; backwards if negative.
    Play(f64),
    /// Stop the cursor.
    Pause,
    /// Play this span over and over, or no longer.
    Loop(Option<(Timestamp, Timestamp)>),
    /// Play this span once so that it takes about ten seconds, then stop.
    WatchAgain(Timestamp, Timestamp),
    /// Go back to the beginning of the story's previous step.
    StoryBack,
    /// Play what happened from the cursor on; while it is playing, go on to the beginning of the story's next step. After
    /// the last step, show the present again.
    StoryOn,
    /// Set a mark with this name at the cursor, or in the present.
    Mark(String),
    /// Write everything that is recorded to this file.
    Save(PathBuf),
    /// Open a recording.
    Open(PathBuf),
    /// Show another recording beside the one that is shown, aligned with it ([`Alignment::of`]).
    Compare(PathBuf),
    /// Align the two recordings at these moments.
    Align(Alignment),
    /// End the comparison; without one, close the recording that was opened, and show the demonstration that takes place.
    Close,
}

/// What the cursor stops at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stop {
    /// Any entry of the timeline.
    Event,
    /// Any message.
    Message,
    /// Detection and end of a failover.
    Failover,
    /// Detection and end of a takeover.
    Takeover,
    /// A fault.
    Fault,
    /// A step of the story.
    Step,
    /// The decision of an expectation.
    Expectation,
    /// A mark.
    Mark,
}
