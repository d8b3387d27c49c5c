//! Where the bytes of a recording go.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use recording::Form;

/// Where the bytes of a recording go. What was written before an error stays as it is.
pub(crate) trait Output: Send {
    /// Returns the file, or the folder with the files.
    fn location(&self) -> &Path;

    /// Returns the form of the files.
    fn form(&self) -> Form;

    /// Appends bytes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns whether it is time for another file.
    fn is_full(&self) -> bool;

    /// Begins another file, if there may be several.
    fn next_file(&mut self) -> io::Result<()>;

    /// Returns the files with their sizes, the oldest first.
    fn files(&self) -> Vec<(PathBuf, u64)>;

    /// Returns the maximum size of all files together; 0 if there is none.
    fn budget(&self) -> u64;

    /// Returns whether the oldest files were deleted.
    fn has_dropped(&self) -> bool;
}

/// A file that is appended to, and never left with half of what was to be written.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) path: PathBuf,
    file: File,
    pub(crate) size: u64,
}

impl Appended {
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        Ok(Self { path, file, size: 0 })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(bytes);
        match &written {
            Ok(()) => self.size += bytes.len() as u64,
            Err(_) => {
                // A reader finds the end where it was, even if this fails as well.
                let _ = self.file.set_len(self.size);
                let _ = io::Seek::seek(&mut self.file, io::SeekFrom::Start(self.size));
            }
        }
        written
    }
}

/// One file for everything.
#[derive(Debug)]
pub(crate) struct OneFile(Appended);

impl OneFile {
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        Appended::create(path).map(Self)
    }
}

impl Output for OneFile {
    fn location(&self) -> &Path {
        &self.0.path
    }

    fn form(&self) -> Form {
        Form::of(&self.0.path)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write(bytes)
    }

    fn is_full(&self) -> bool {
        false
    }

    fn next_file(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn files(&self) -> Vec<(PathBuf, u64)> {
        vec![(self.0.path.clone(), self.0.size)]
    }

    fn budget(&self) -> u64 {
        0
    }

    fn has_dropped(&self) -> bool {
        false
    }
}
