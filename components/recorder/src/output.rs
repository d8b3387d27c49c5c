//! Where the bytes of a recording go.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
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

    /// Returns whether it is time for another file, or whether the file was deleted.
    fn is_full(&self) -> bool;

    /// Returns whether nothing has been written to the file.
    fn is_empty(&self) -> bool;

    /// Begins another file; if there is only one, in its place.
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

    /// Returns whether the file is still what its name leads to.
    pub(crate) fn is_there(&self) -> bool {
        let (Ok(own), Ok(there)) = (self.file.metadata(), self.path.metadata()) else {
            return false;
        };
        (own.dev(), own.ino()) == (there.dev(), there.ino())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.is_there() {
            // What follows would be lost with it.
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("{} was deleted", self.path.display()),
            ));
        }
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
        !self.0.is_there()
    }

    fn is_empty(&self) -> bool {
        self.0.size == 0
    }

    fn next_file(&mut self) -> io::Result<()> {
        self.0 = Appended::create(self.0.path.clone())?;
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
