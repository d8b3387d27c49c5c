//! States in a recording, from which it goes on.

use feed::Timestamp;
use model::{Model, Past, PastDelta};
use play::Play;
use recording::Keyframing;
use serde::{Deserialize, Serialize};

use crate::{Stage, entry};

/// The state in a recording, from which it goes on.
///
/// Of messages, curves, sentences and lines of logs, only those are in it that are new or have changed since the previous
/// keyframe, since they are most of a model.
#[derive(Debug, Serialize, Deserialize)]
pub struct Keyframe {
    /// The model without its past.
    pub model: Model,
    /// What is new in its past.
    pub past: PastDelta,
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
    /// The past as of the previous keyframe, unless it is to have all of it.
    pub(crate) before: Option<Past>,
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
        let past = model.take_past();
        let past = past.changed_since(&before.unwrap_or_default());
        let keyframe = Keyframe {
            model,
            past,
            play,
            stage,
        };
        let mut encoded = Vec::new();
        entry::write(&keyframe, &mut encoded);
        encoded
    }
}
