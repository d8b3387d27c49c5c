//! What can be wrong with a file.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a recording cannot be opened or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused.
    #[error("{} cannot be read: {why}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason. It is in the message, and not told as its source once more.
        why: io::Error,
    },
    /// The file is of another kind.
    #[error("{} is not a recording: {why}", path.display())]
    OtherKind {
        /// The file or folder.
        path: PathBuf,
        /// What it is, and what to do.
        why: String,
    },
    /// It is a pcapng file of another program.
    #[error("{} contains no recording of Poolscope: {packets} packets; open it with Wireshark", path.display())]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// The number of packets in it.
        packets: u64,
    },
    /// It was made by a newer version.
    #[error(
        "{} was recorded in format {found} by {program}, and this version reads formats up to {known}: \
         use a newer version of Poolscope (byte {offset})",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Where the file says so, in bytes from its beginning.
        offset: u64,
        /// The format of the file.
        found: u16,
        /// The newest format that this version reads.
        known: u16,
        /// The program that wrote it, with its version.
        program: String,
    },
    /// Nothing in it can be read.
    #[error("nothing in {} can be read: it is {damage}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The first damage.
        damage: Damage,
    },
    /// There is no chunk with this position.
    #[error("there is no chunk {0} in the recording")]
    NoChunk(usize),
}

/// A place from which on a file, or a chunk of it, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The name of the file, if the recording is a folder.
    pub file: Option<String>,
    /// Where it is, in bytes from the beginning of the file; in a compressed file, the place up to which the
    /// compressed bytes were taken in when it was noticed.
    pub offset: u64,
    /// What is wrong, as the end of a sentence.
    pub why: String,
    /// Whether the file just ends there, as it does while it is being written, or when its writer was killed.
    pub cut: bool,
}

impl Damage {
    pub(crate) fn new(offset: u64, why: impl Into<String>) -> Self {
        Self {
            file: None,
            offset,
            why: why.into(),
            cut: false,
        }
    }

    pub(crate) fn cut(offset: u64, why: impl Into<String>) -> Self {
        Self {
            cut: true,
            ..Self::new(offset, why)
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.cut { "cut off" } else { "damaged" };
        if let Some(file) = &self.file {
            write!(f, "{word} in {file} at byte {}: {}", self.offset, self.why)
        } else {
            write!(f, "{word} at byte {}: {}", self.offset, self.why)
        }
    }
}

/// Why a recording cannot be copied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] Error),
    /// The copy cannot be written.
    #[error(transparent)]
    Write(io::Error),
    /// It cannot be compressed.
    #[error(transparent)]
    Compress(#[from] WriteError),
    /// It was saved on a computer with another order of bytes.
    #[error("the recording is big-endian: let `editcap` copy it on this computer first")]
    BigEndian,
}

/// Why a record cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// It is larger than any record may be.
    #[error("a record of {bytes} bytes is too large: at most {}", crate::RECORD_LIMIT)]
    RecordTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The chunk has as much as a chunk may have: begin another one.
    #[error("the chunk is full")]
    ChunkFull,
    /// No chunk has begun.
    #[error("no chunk has begun")]
    NoChunk,
    /// The compressor failed.
    #[error("cannot compress: {0}")]
    Compression(#[from] io::Error),
}
