//! Saves what has been recorded so far as one file.

use std::io;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use recording::{CopyError, Form, Recording};

/// Saves the recording as one file, on a thread of its own. `then` gets the outcome.
pub(crate) fn save(
    recording: PathBuf,
    path: PathBuf,
    then: Box<dyn FnOnce(Result<(), String>) + Send>,
) -> Option<JoinHandle<()>> {
    let copy = move || {
        let outcome = copy(&recording, &path);
        then(outcome.map_err(|error| format!("{} cannot be written: {error}", path.display())));
    };
    // Without a thread the outcome is not told, since the thread has what tells it.
    std::thread::Builder::new().name("saving".into()).spawn(copy).ok()
}

/// Copies the recording. What was there before is replaced as a whole, or not at all.
fn copy(recording: &Path, path: &Path) -> io::Result<()> {
    let destination = whole_file::Destination::of(path)?;
    if whole_file::Destination::of(recording).is_ok_and(|own| own.collides_with(&destination)) {
        return Err(io::Error::other(
            "it is the file that is being recorded into; choose another one",
        ));
    }
    // It keeps its files open, whatever is deleted meanwhile.
    let recording = Recording::open(recording).map_err(io::Error::other)?;
    destination.write_with(|out| match recording.copy(Form::of(path), out) {
        Ok(_) => Ok(()),
        Err(CopyError::Write(error)) => Err(error),
        Err(other) => Err(io::Error::other(other)),
    })
}
