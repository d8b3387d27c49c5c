//! The folder of a recording, and that of all recordings.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use feed::{Timestamp, WallClock};
use recording::Form;
use rustix::fs::{FlockOperation, flock};

use crate::output::{Appended, OneFile, Output};

/// Where a recording goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// One file, compressed if its name ends with `.zst`; what is there is replaced.
    File(PathBuf),
    /// A folder of its own among the recordings of this user, which together take at most this many bytes: the oldest
    /// ones are deleted, but none that is still being made.
    Recordings {
        /// The folder of all recordings.
        folder: PathBuf,
        /// The maximum size.
        budget: u64,
    },
}

impl Destination {
    /// The usual maximum size of all recordings, in bytes.
    pub const BUDGET: u64 = 1 << 30;

    /// Returns the usual place: `poolscope/recordings` in the user's state folder.
    ///
    /// # Errors
    /// Returns a sentence if the user has none.
    pub fn usual() -> Result<Self, String> {
        let variable = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let state = variable("XDG_STATE_HOME").filter(|folder| folder.is_absolute());
        let state = state.or_else(|| Some(variable("HOME")?.join(".local/state")));
        let state = state.ok_or("there is no folder for it: set XDG_STATE_HOME or HOME")?;
        Ok(Self::Recordings {
            folder: state.join("poolscope/recordings"),
            budget: Self::BUDGET,
        })
    }

    pub(crate) fn open(&self) -> io::Result<Box<dyn Output>> {
        Ok(match self {
            Self::File(path) => Box::new(OneFile::create(path.clone())?),
            Self::Recordings { folder, budget } => Box::new(Files::begin(folder, *budget)?),
        })
    }
}

/// The files of one recording in a folder of its own.
#[derive(Debug)]
pub(crate) struct Files {
    /// The folder of all recordings.
    recordings: PathBuf,
    folder: PathBuf,
    budget: u64,
    /// The complete files with their sizes, the oldest first.
    complete: Vec<(PathBuf, u64)>,
    current: Appended,
    next: u64,
    dropped: bool,
    /// Tells other control centres that this one is still recording.
    _lock: File,
}

impl Files {
    /// The size of a file after which the next one begins, in bytes.
    const SIZE: u64 = 16 << 20;
    const LOCK: &str = "lock";

    fn begin(recordings: &Path, budget: u64) -> io::Result<Self> {
        let at = |path: &Path| {
            let path = path.display().to_string();
            move |error: io::Error| io::Error::new(error.kind(), format!("{path}: {error}"))
        };
        fs::create_dir_all(recordings).map_err(at(recordings))?;
        let since = WallClock::sample().unix_us(Timestamp::now()) / 1_000;
        let name_of_folder = format!("{since}-{}", std::process::id());
        let folder = recordings.join(&name_of_folder);
        // It gets its name when it is locked, lest another control centre takes it for one that is over.
        let unnamed = recordings.join(format!(".{name_of_folder}"));
        fs::create_dir(&unnamed).map_err(at(&unnamed))?;
        let lock = File::create(unnamed.join(Self::LOCK)).map_err(at(&unnamed))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| at(&unnamed)(error.into()))?;
        fs::rename(&unnamed, &folder).map_err(at(&folder))?;
        let current = Appended::create(name(&folder, 0)).map_err(at(&folder))?;
        let mut files = Self {
            recordings: recordings.to_owned(),
            folder,
            budget,
            complete: Vec::new(),
            current,
            next: 1,
            dropped: false,
            _lock: lock,
        };
        files.keep_to_budget();
        Ok(files)
    }

    fn size(&self) -> u64 {
        self.complete.iter().map(|(_, size)| size).sum::<u64>() + self.current.size
    }

    /// Deletes the oldest recordings of others that are over, and then the oldest files of this one, until all are within
    /// the budget.
    fn keep_to_budget(&mut self) {
        let others = others(&self.recordings, &self.folder);
        let mut total = self.size() + others.iter().map(|other| other.size).sum::<u64>();
        for other in others {
            if total <= self.budget {
                return;
            }
            if other.is_over() && fs::remove_dir_all(&other.folder).is_ok() {
                total -= other.size;
            }
        }
        // What others are still recording counts, but leaves this one some room.
        let own = self.size();
        let mut excess = total
            .saturating_sub(self.budget)
            .min(own.saturating_sub(self.budget / 4));
        while excess > 0 && !self.complete.is_empty() {
            let (oldest, size) = self.complete.remove(0);
            // It may have been deleted by somebody else.
            let _ = fs::remove_file(oldest);
            self.dropped = true;
            excess = excess.saturating_sub(size);
        }
    }
}

impl Output for Files {
    fn location(&self) -> &Path {
        &self.folder
    }

    fn form(&self) -> Form {
        Form::Compressed
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.current.write(bytes)
    }

    fn is_full(&self) -> bool {
        self.current.size >= Self::SIZE || !self.current.is_there()
    }

    fn is_empty(&self) -> bool {
        self.current.size == 0
    }

    fn next_file(&mut self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let next = Appended::create(name(&self.folder, self.next))?;
        self.next += 1;
        let before = std::mem::replace(&mut self.current, next);
        if before.size > 0 && before.path.exists() {
            self.complete.push((before.path, before.size));
        } else {
            let _ = fs::remove_file(before.path);
        }
        self.keep_to_budget();
        Ok(())
    }

    fn files(&self) -> Vec<(PathBuf, u64)> {
        let current = (self.current.path.clone(), self.current.size);
        self.complete.iter().cloned().chain([current]).collect()
    }

    fn budget(&self) -> u64 {
        self.budget
    }

    fn has_dropped(&self) -> bool {
        self.dropped
    }
}

/// Returns the name of a file of a recording; their order is that of the names.
fn name(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:06}.pcapng.zst"))
}

/// A recording of another control centre.
#[derive(Debug)]
struct Other {
    folder: PathBuf,
    size: u64,
}

impl Other {
    /// Returns whether nobody is recording it any more.
    fn is_over(&self) -> bool {
        match File::open(self.folder.join(Files::LOCK)) {
            // The lock ends with the file.
            Ok(lock) => flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }
}

/// Returns the other recordings, the oldest first: their names begin with the time.
fn others(recordings: &Path, own: &Path) -> Vec<Other> {
    let is_recording = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut parts = name.split('-');
        let numbers = parts
            .by_ref()
            .take(2)
            .filter(|part| part.parse::<u64>().is_ok())
            .count();
        numbers == 2 && parts.next().is_none() && path.is_dir() && path != own
    };
    let folders = fs::read_dir(recordings).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = folders
        .map(|entry| entry.path())
        .filter(|path| is_recording(path))
        .collect();
    folders.sort();
    let with_size = folders.into_iter().map(|folder| {
        let files = fs::read_dir(&folder).into_iter().flatten().flatten();
        let size = files.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
        Other { folder, size }
    });
    with_size.collect()
}
