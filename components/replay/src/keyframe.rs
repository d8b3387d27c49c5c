//! States in a recording, from which it goes on.

use feed::Timestamp;
use model::{MessageDelta, MessageLog, Model};
use play::Play;
use recording::Keyframing;
use serde::{Deserialize, Serialize};

use crate::{Stage, entry};

/// The state in a recording, from which it goes on.
///
/// The messages are left out except those that are new or have changed since the previous keyframe, since they are most
/// of a model.
#[derive(Debug, Serialize, Deserialize)]
pub struct Keyframe {
    /// The model without its messages.
    pub model: Model,
    /// The messages.
    pub messages: MessageDelta,
    /// The play of the steps, if there is one.
    pub play: Option<Play>,
    /// What surrounds them.
    pub stage: Stage,
}

/// A copy of a state, which is to become a keyframe.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) at: Timestamp,
    pub(crate) model: Model,
    /// The messages as of the previous keyframe, unless it is to have all messages.
    pub(crate) before: Option<MessageLog>,
    pub(crate) play: Option<Play>,
    pub(crate) stage: Stage,
}

impl Snapshot {
    /// Returns its place on the time line.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns how much it holds.
    #[must_use]
    pub const fn keyframing(&self) -> Keyframing {
        match self.before {
            Some(_) => Keyframing::Partial,
            None => Keyframing::Whole,
        }
    }

    /// Encodes it, which takes a while.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let Self {
            mut model,
            before,
            play,
            stage,
            ..
        } = self;
        let messages = std::mem::take(&mut model.messages);
        let messages = messages.changed_since(&before.unwrap_or_default());
        entry::write(&Keyframe {
            model,
            messages,
            play,
            stage,
        })
    }
}
