//! Why a state cannot be rebuilt.

use crate::{CONTENTS, EntryError};

/// Why a state cannot be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The recording cannot be read.
    #[error(transparent)]
    Recording(#[from] recording::Error),
    /// An entry makes no sense.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// There is nothing in the recording.
    #[error("nothing has been recorded")]
    Empty,
    /// A later version of the program made it.
    #[error(
        "it was recorded by {program} with contents of version {contents}, and this version reads them up to {CONTENTS}: \
         use a newer version of Poolscope"
    )]
    Newer {
        /// The program with its version.
        program: String,
        /// The version of the contents.
        contents: u32,
    },
    /// A part of the recording does not begin with a state.
    #[error("part {} of the recording does not begin with a state, so that nothing can be shown of it", .0 + 1)]
    NoKeyframe(usize),
}
