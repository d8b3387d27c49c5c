//! The temporary folder of a pool element's units, which is removed with it, or at the next start.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::TempDir;

const PREFIX: &str = "poolscope-units-";
/// Locked as long as the pool element lives.
const LOCK: &str = "lock";

/// A folder that only this process uses.
#[derive(Debug)]
pub(super) struct Folder {
    folder: TempDir,
    _lock: File,
}

impl Folder {
    /// Creates a folder where temporary files belong, and removes those of pool elements that were killed.
    ///
    /// # Errors
    /// Returns an error if it cannot be created.
    pub(super) fn create() -> io::Result<Self> {
        let place = std::env::temp_dir();
        remove_left_over(&place);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(place)?;
        // Nobody sees it before it is locked.
        let hidden = folder.path().join("lock.new");
        let lock = File::create(&hidden)?;
        lock.lock()?;
        fs::rename(hidden, folder.path().join(LOCK))?;
        Ok(Self { folder, _lock: lock })
    }

    /// Returns its path.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes everything in it.
    pub(super) fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(self.path()) {
            tracing::warn!("cannot remove {}: {error}", self.path().display());
        }
    }
}

fn remove_left_over(place: &Path) {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let is_ours = |name: &OsStr| name.as_encoded_bytes().starts_with(PREFIX.as_bytes());
    let ours = entries.filter(|entry| is_ours(&entry.file_name()));
    let folders = ours.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    for folder in folders
        .map(|entry| entry.path())
        .filter(|folder| is_left_over(folder))
    {
        tracing::info!(
            "removing {}, left over from a pool element that was killed",
            folder.display()
        );
        // That of another user stays.
        let _ = fs::remove_dir_all(folder);
    }
}

fn is_left_over(folder: &Path) -> bool {
    // Without a lock, it is just being made.
    File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_pool_element_has_left_is_removed_and_nothing_else() {
        let alive = Folder::create().unwrap();
        let place = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = place.path().join(name);
            fs::create_dir(&folder).unwrap();
            folder
        };
        let left_over = folder("poolscope-units-1");
        File::create(left_over.join(LOCK)).unwrap();
        let (unlocked, other) = (folder("poolscope-units-2"), folder("others"));
        File::create(other.join(LOCK)).unwrap();
        remove_left_over(place.path());
        assert!(!left_over.exists() && unlocked.exists() && other.exists());
        assert!(!is_left_over(alive.path()));
        alive.remove();
        assert!(!alive.path().exists());
    }
}
