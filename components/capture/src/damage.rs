//! What can be wrong with a capture file.

use std::fmt;
use std::io;

/// Why nothing can be read of a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// There is nothing in it.
    #[error("is empty: nothing was captured, or the program that captures has not written it yet")]
    Empty,
    /// The file is of another kind.
    #[error("is no capture (byte 0): {0}")]
    OtherKind(String),
}

/// A place in a file at which something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where it is, in bytes from the beginning of the file; in a compressed file, of what was compressed.
    pub offset: u64,
    /// Whether the offset is that of what was compressed.
    pub compressed: bool,
    /// What is wrong, as the end of a sentence, and what follows from it.
    pub why: String,
    /// Whether the file just ends there, as it does when the program that captured was killed, or still writes.
    pub cut: bool,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.cut { "cut off" } else { "damaged" };
        let of = if self.compressed {
            " of what was compressed"
        } else {
            ""
        };
        write!(f, "{word} at byte {}{of}: {}", self.offset, self.why)
    }
}

impl std::error::Error for Damage {}
