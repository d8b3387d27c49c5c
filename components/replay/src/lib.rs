//! What is recorded of a control centre, and its state rebuilt as of any moment.
//!
//! All that a control centre shows is a model, which changes by updates only, and the play of the steps, which changes by
//! calls only. [`Scribe`] writes both down in the order in which they happen, as [`Entry`]s of a recording, with a
//! [`Keyframe`] now and then. [`Player`] rebuilds a [`State`] from the keyframe before it and the entries in between;
//! [`Past`] does so on a thread of its own, for a window that must not wait. [`Playhead`] is the cursor that moves.

mod entry;
mod error;
mod keyframe;
mod past;
mod player;
mod playhead;
mod scribe;
mod shown;
mod stage;
mod state;
mod stop;
#[cfg(test)]
mod tests;
mod watcher;

pub use entry::{CONTENTS, Entry, EntryError, EntryKind, PlayCall, decode_note};
pub use error::ReplayError;
pub use keyframe::{Keyframe, Snapshot};
pub use past::{Answer, Moment, Notify, Past};
pub use player::{Player, Seen};
pub use playhead::Playhead;
pub use scribe::{Line, Scribe};
pub use stage::Stage;
pub use state::State;
pub use watcher::Watcher;
