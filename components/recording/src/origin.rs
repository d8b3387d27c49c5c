//! Where a recording is.

use std::path::PathBuf;

use crate::{Error, Recording};

/// Where a recording is.
#[derive(Debug, Clone)]
pub enum Origin {
    /// In the folder into which a control centre records; there may be nothing yet.
    Folder(PathBuf),
    /// In a file.
    File(PathBuf),
    /// In the program itself, under a name.
    Bytes(&'static str, &'static [u8]),
}

impl Origin {
    /// Opens the recording.
    ///
    /// # Errors
    /// Returns an error if it cannot be read, or if there is none in a file.
    pub fn open(&self) -> Result<Recording, Error> {
        match self {
            Self::Folder(folder) => Recording::follow(folder),
            Self::File(file) => Recording::open(file),
            Self::Bytes(name, bytes) => Recording::of(name, *bytes),
        }
    }

    /// Returns whether it may still grow.
    #[must_use]
    pub const fn grows(&self) -> bool {
        matches!(self, Self::Folder(_))
    }
}
