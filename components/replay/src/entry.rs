//! What a recording holds besides packets, in the order in which the control centre did it.

use chronicle::Highlight;
use command::PlayControl;
use feed::Timestamp;
use model::{PastDelta, Update};
use play::Play;
use serde::{Deserialize, Serialize};

use crate::{Keyframe, Stage};

/// One thing that a control centre did or noticed.
#[derive(Debug)]
pub enum Entry {
    /// The whole state; it changes nothing.
    Keyframe(Box<Keyframe>),
    /// The whole state, with all messages, after something that is missing.
    Jump(Box<Keyframe>),
    /// An update of the model.
    Update(Box<Update>),
    /// A call of the play of the steps.
    Play(PlayCall),
    /// What surrounds model and play.
    Stage(Box<Stage>),
    /// Something worth a mark on the time line.
    Highlight(Highlight),
    /// A command of the user, in words.
    Command(String),
    /// Something that whoever made the recording noted for itself, encoded.
    Note(Vec<u8>),
}

/// A call of the play of the steps. Since the play decides by nothing else, it is repeated by repeating its calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum PlayCall {
    /// Another play takes its place.
    Begin(Box<Play>),
    /// There is none any more.
    End,
    /// [`Play::handle`].
    Handle(Timestamp),
    /// [`Play::control`].
    Control(Timestamp, PlayControl),
    /// [`Play::give_up`].
    GiveUp(Timestamp, String),
}

/// The version of what entries mean. It changes with the types that are written: models, plays and updates.
pub const CONTENTS: u32 = 1;

/// The kind of an entry, as the number that a recording notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryKind {
    /// [`Entry::Keyframe`].
    Keyframe = 1,
    /// [`Entry::Update`].
    Update = 2,
    /// [`Entry::Play`].
    Play = 3,
    /// [`Entry::Stage`].
    Stage = 4,
    /// [`Entry::Highlight`].
    Highlight = 5,
    /// [`Entry::Command`].
    Command = 6,
    /// [`Entry::Note`].
    Note = 7,
    /// [`Entry::Jump`].
    Jump = 8,
}

impl EntryKind {
    /// Returns the kind with this number; `None` if a later version wrote it.
    #[must_use]
    pub const fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Keyframe,
            2 => Self::Update,
            3 => Self::Play,
            4 => Self::Stage,
            5 => Self::Highlight,
            6 => Self::Command,
            7 => Self::Note,
            8 => Self::Jump,
            _ => return None,
        })
    }
}

/// An entry that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("an entry of kind {kind} cannot be read: {why}")]
pub struct EntryError {
    /// The number of its kind.
    pub kind: u8,
    /// The problem.
    pub why: String,
}

impl Entry {
    /// Decodes an entry. Returns `None` if a later version wrote it.
    ///
    /// # Errors
    /// Returns an error if it makes no sense.
    pub fn decode(kind: u8, bytes: &[u8]) -> Result<Option<Self>, EntryError> {
        Ok(Some(match EntryKind::of(kind) {
            None => return Ok(None),
            Some(EntryKind::Keyframe) => Self::Keyframe(read(kind, bytes)?),
            Some(EntryKind::Jump) => Self::Jump(read(kind, bytes)?),
            Some(EntryKind::Update) => Self::Update(read(kind, bytes)?),
            Some(EntryKind::Play) => Self::Play(read(kind, bytes)?),
            Some(EntryKind::Stage) => Self::Stage(read(kind, bytes)?),
            Some(EntryKind::Highlight) => Self::Highlight(read(kind, bytes)?),
            Some(EntryKind::Command) => Self::Command(read(kind, bytes)?),
            Some(EntryKind::Note) => Self::Note(bytes.to_vec()),
        }))
    }
}

/// Decodes what is new in the past of a keyframe, and skips the rest.
pub(crate) fn past(keyframe: &[u8]) -> Result<PastDelta, EntryError> {
    #[derive(Deserialize)]
    struct OnlyPast {
        past: PastDelta,
    }
    read::<OnlyPast>(EntryKind::Keyframe as u8, keyframe).map(|keyframe| keyframe.past)
}

/// Decodes what was noted.
///
/// # Errors
/// Returns an error if it is something else.
pub fn decode_note<'a, T: Deserialize<'a>>(note: &'a [u8]) -> Result<T, EntryError> {
    read(EntryKind::Note as u8, note)
}

fn read<'a, T: Deserialize<'a>>(kind: u8, bytes: &'a [u8]) -> Result<T, EntryError> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    // Far deeper than any real entry, far from the end of the stack.
    deserializer.set_max_depth(64);
    let why = match T::deserialize(&mut deserializer) {
        Ok(value) => return Ok(value),
        Err(error) => error.to_string(),
    };
    Err(EntryError { kind, why })
}

/// Appends the content of an entry.
pub(crate) fn write(content: &impl Serialize, out: &mut Vec<u8>) {
    let before = out.len();
    // Nothing that is recorded fails to serialize, and memory does not refuse to be written to.
    if rmp_serde::encode::write_named(out, content).is_err() {
        out.truncate(before);
    }
}
