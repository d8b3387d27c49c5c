//! Writes files atomically.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

/// What to do if the file already exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfThere {
    /// Replace it.
    Replace,
    /// Keep it, and return an error ([`io::ErrorKind::AlreadyExists`]).
    Keep,
}

/// Writes a file atomically. Anything but a regular file, such as `/dev/stdout` or a named pipe, is written to
/// directly.
///
/// # Errors
/// Returns an error if it cannot be written; what was there before is then unchanged.
pub(crate) fn write(path: &Path, if_there: IfThere, bytes: &[u8]) -> io::Result<()> {
    let replace = if_there == IfThere::Replace;
    if replace && std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, bytes);
    }
    // A symbolic link is kept: its target is replaced.
    let target = path.canonicalize().ok().filter(|_| replace);
    let path = target.as_deref().unwrap_or(path);
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    let persisted = match if_there {
        IfThere::Replace => file.persist(path),
        IfThere::Keep => file.persist_noclobber(path),
    };
    persisted.map_err(|failed| failed.error)?;
    Ok(())
}

/// Creates a file in the same folder, with the permissions of any new file.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    tempfile::Builder::new()
        .prefix(".poolscope-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileTypeExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_or_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, IfThere::Keep, b"one").unwrap();
        let refused = write(&path, IfThere::Keep, b"two").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write(&path, IfThere::Replace, b"three").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"three");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing else is left"
        );
    }

    #[test]
    fn whoever_may_read_other_new_files_may_read_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            let metadata = std::fs::metadata(folder.path().join(name)).unwrap();
            metadata.permissions().mode()
        };
        std::fs::write(folder.path().join("other"), b"").unwrap();
        write(&folder.path().join("this"), IfThere::Keep, b"").unwrap();
        assert_eq!(mode("this"), mode("other"));
    }

    #[test]
    fn what_a_link_leads_to_is_replaced_and_the_link_stays() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        std::fs::write(&file, b"one").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, IfThere::Replace, b"two").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
    }

    #[test]
    fn what_is_no_file_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe).unwrap()
        });
        write(&pipe, IfThere::Replace, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn a_folder_that_is_missing_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(&folder.path().join("no/file"), IfThere::Replace, b"").is_err());
    }
}
