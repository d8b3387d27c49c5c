//! Saves what has been recorded so far as one file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use recording::Form;
use tempfile::NamedTempFile;

use crate::output::Output;

/// A copy that is being made on a thread of its own.
pub(crate) struct Saving {
    /// The files, opened before any of them can be deleted, with the sizes that count.
    files: Vec<(File, u64)>,
    /// What ends the last chunk.
    tail: Vec<u8>,
    form: Form,
    path: PathBuf,
}

impl Saving {
    /// Begins to save. `then` gets the outcome.
    pub(crate) fn begin(
        output: &dyn Output,
        tail: Vec<u8>,
        path: PathBuf,
        then: Box<dyn FnOnce(Result<(), String>) + Send>,
    ) {
        let files: io::Result<Vec<(File, u64)>> = output
            .files()
            .into_iter()
            .map(|(path, size)| Ok((File::open(path)?, size)))
            .collect();
        let form = output.form();
        let save = move || {
            let outcome = files.and_then(|files| {
                let saving = Self {
                    files,
                    tail,
                    form,
                    path: path.clone(),
                };
                saving.save()
            });
            then(outcome.map_err(|error| format!("{} cannot be written: {error}", path.display())));
        };
        let spawned = std::thread::Builder::new().name("saving".into()).spawn(save);
        // Without a thread the outcome is not told, since the thread has what tells it.
        drop(spawned);
    }

    /// Writes the file. What was there before is replaced as a whole, or not at all.
    fn save(self) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut copy = NamedTempFile::new_in(folder)?;
        for (file, size) in &self.files {
            io::copy(&mut file.take(*size), &mut copy)?;
        }
        copy.write_all(&self.tail)?;
        copy.flush()?;
        let whole = match (self.form, Form::of(&self.path)) {
            (Form::Compressed, Form::Plain) => unpacked(copy.path(), folder)?,
            _ => copy,
        };
        whole.as_file().sync_all()?;
        whole.persist(&self.path)?;
        Ok(())
    }
}

/// Returns the same recording, not compressed. The indices are left out, which only compressed files have in this form:
/// whoever opens it looks through it.
fn unpacked(compressed: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    let mut plain = NamedTempFile::new_in(folder)?;
    zstd::stream::copy_decode(File::open(compressed)?, &mut plain)?;
    plain.flush()?;
    Ok(plain)
}
