//! Reads packages and writes results, in threads of their own.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use runtime::WorkSender;
use whole_file::IfThere;

use crate::work::Work;

/// The maximum size of a package or an environment in bytes: they are kept in memory.
const LARGEST: u64 = 1 << 30;

/// What became of a file of a unit.
#[derive(Debug)]
pub(crate) enum FileEvent {
    /// Its package.
    Read {
        unit: usize,
        package: Result<Arc<[u8]>, String>,
    },
    /// Its result.
    Written {
        unit: usize,
        path: Result<PathBuf, String>,
    },
}

/// Reads a file.
///
/// # Errors
/// Returns an error if it is no file, too large, or cannot be read.
pub(super) fn read(path: &Path) -> io::Result<Arc<[u8]>> {
    Ok(whole_file::read(path, LARGEST)?.into())
}

/// Starts to read a package.
///
/// # Errors
/// Returns an error if the thread cannot be started.
pub(super) fn start_reading(unit: usize, path: PathBuf, work: WorkSender<Work>) -> io::Result<()> {
    thread(move || {
        let package = read(&path).map_err(|error| format!("{} {error:#}", path.display()));
        work.send(Work::File(FileEvent::Read { unit, package }));
    })
}

/// Starts to write a result.
///
/// # Errors
/// Returns an error if the thread cannot be started.
pub(super) fn start_writing(
    unit: usize,
    path: PathBuf,
    result: Vec<u8>,
    work: WorkSender<Work>,
) -> io::Result<()> {
    thread(move || {
        let written = whole_file::write(&path, IfThere::Replace, &result);
        let path = written
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
            .map(|()| path);
        work.send(Work::File(FileEvent::Written { unit, path }));
    })
}

fn thread(task: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name("file".into()).spawn(task)?;
    Ok(())
}
