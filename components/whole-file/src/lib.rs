//! Writes files whole or not at all: beside their destination, then renamed. Reads them likewise, if they are not too
//! large.
//!
//! What cannot be replaced is written to directly: the program's own standard output, pipes and devices, and a file in a
//! folder that takes no other.

use std::fs::{File, Metadata, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What to do if the file already exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfThere {
    /// Replace it.
    Replace,
    /// Keep it, and return an error ([`ErrorKind::AlreadyExists`]).
    Keep,
}

/// Where a file will be written. Two paths with the same destination name the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination(Place);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// A regular file, by the path of the file itself.
    File(PathBuf),
    /// This program's standard output.
    Output,
    /// This program's standard error.
    Errors,
    /// A pipe or a device, by its path.
    Stream(PathBuf),
}

impl Destination {
    /// Returns the destination of a path. Symbolic links are followed, even if they lead to no file yet.
    ///
    /// # Errors
    /// Returns an error if no file can be there: it says what is wrong and what to do.
    pub fn of(path: &Path) -> io::Result<Self> {
        match std::fs::metadata(path) {
            Ok(there) => Self::of_existing(path, &there),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::of_missing(path),
            Err(error) => Err(error),
        }
    }

    /// Returns the destination of a path, and [checks](Self::check) that it can be written.
    ///
    /// # Errors
    /// Returns an error if not: it says what is wrong and what to do.
    pub fn writable(path: &Path) -> io::Result<Self> {
        let destination = Self::of(path)?;
        destination.check()?;
        Ok(destination)
    }

    fn of_existing(path: &Path, there: &Metadata) -> io::Result<Self> {
        let kind = there.file_type();
        if kind.is_dir() {
            return Err(wrong(
                ErrorKind::IsADirectory,
                "it is a folder: name a file in it".to_owned(),
            ));
        }
        let is = |stream: BorrowedFd<'_>| {
            let stream = stream.try_clone_to_owned().map(File::from);
            let stream = stream.and_then(|stream| stream.metadata());
            stream.is_ok_and(|stream| (stream.dev(), stream.ino()) == (there.dev(), there.ino()))
        };
        Ok(Self(if is(io::stdout().as_fd()) {
            Place::Output
        } else if is(io::stderr().as_fd()) {
            Place::Errors
        } else if kind.is_file() {
            Place::File(path.canonicalize()?)
        } else {
            Place::Stream(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
        }))
    }

    fn of_missing(path: &Path) -> io::Result<Self> {
        /// More than any system follows.
        const LINKS: usize = 40;
        if path.as_os_str().is_empty() {
            return Err(wrong(
                ErrorKind::NotFound,
                "the name of a file is missing".to_owned(),
            ));
        }
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            match std::fs::read_link(&path) {
                Ok(target) => path = folder_of(&path).join(target),
                Err(_) => break,
            }
        }
        let names_a_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        let folder = if names_a_folder { &path } else { folder_of(&path) };
        let (Ok(folder), Some(name)) = (folder.canonicalize(), path.file_name()) else {
            let what = format!(
                "there is no folder {}: create it, or choose another one",
                folder.display()
            );
            return Err(wrong(ErrorKind::NotFound, what));
        };
        if !folder.is_dir() {
            let what = format!("{} is no folder: choose another one", folder.display());
            return Err(wrong(ErrorKind::NotADirectory, what));
        }
        Ok(Self(Place::File(folder.join(name))))
    }

    /// Checks that the file can be written, without changing what is there.
    ///
    /// # Errors
    /// Returns an error if not: it says what is wrong and what to do.
    pub fn check(&self) -> io::Result<()> {
        match &self.0 {
            Place::Output | Place::Errors => Ok(()),
            Place::File(path) => {
                let is_there = path.exists();
                if is_there {
                    let opened = File::options().append(true).open(path);
                    opened
                        .map_err(|error| wrong(error.kind(), format!("it cannot be written to: {error}")))?;
                }
                match beside(path) {
                    Err(error) if !is_there => Err(not_in(folder_of(path), &error)),
                    _ => Ok(()),
                }
            }
            Place::Stream(path) => {
                let kind = std::fs::metadata(path)?.file_type();
                // To open a pipe would wait for its reader.
                if kind.is_fifo() {
                    return Ok(());
                }
                let opened = File::options().write(true).open(path);
                opened
                    .map(drop)
                    .map_err(|error| wrong(error.kind(), format!("it cannot be written to: {error}")))
            }
        }
    }

    /// Returns the program's own standard output.
    #[must_use]
    pub fn standard_output() -> Self {
        Self(Place::Output)
    }

    /// Returns whether this is the program's own standard output, which other text may go to as well.
    #[must_use]
    pub fn is_standard_output(&self) -> bool {
        self.0 == Place::Output
    }

    /// Returns whether another destination would receive the same bytes, so that one would destroy or disturb the
    /// other. Devices such as `/dev/null` may be named twice.
    #[must_use]
    pub fn collides_with(&self, other: &Self) -> bool {
        let device = matches!(&self.0, Place::Stream(path)
            if std::fs::metadata(path).is_ok_and(|there| there.file_type().is_char_device()));
        self == other && !device
    }

    /// Writes the file, and replaces what is there.
    ///
    /// # Errors
    /// Returns an error if it cannot be written; what was there before is then unchanged.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.write_with(|file| file.write_all(bytes))
    }

    /// Writes the file piece by piece, as `write` does, and replaces what is there. If that does not succeed in one way,
    /// `write` may be called again to do it in another.
    ///
    /// # Errors
    /// Returns the error of `write`, or one if the file cannot be written; what was there before is then unchanged.
    pub fn write_with(&self, mut write: impl FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match &self.0 {
            Place::Output => {
                let mut stream = io::stdout().lock();
                write(&mut stream).and_then(|()| stream.flush())
            }
            Place::Errors => write(&mut io::stderr().lock()),
            Place::Stream(path) => write(&mut File::create(path)?),
            Place::File(path) => {
                let mut file = match beside(path) {
                    Ok(file) => file,
                    // The folder takes no new file, but the one that is there can be overwritten.
                    Err(_) if path.exists() => return write(&mut File::create(path)?),
                    Err(error) => return Err(error),
                };
                fill(&mut file, &mut write)?;
                match file.persist(path) {
                    Ok(_) => Ok(()),
                    // Something is mounted there.
                    Err(failed) if failed.error.kind() == ErrorKind::ResourceBusy => {
                        write(&mut File::create(path)?)
                    }
                    Err(failed) => Err(failed.error),
                }
            }
        }
    }
}

/// Writes a file.
///
/// # Errors
/// Returns an error if it cannot be written; what was there before is then unchanged.
pub fn write(path: &Path, if_there: IfThere, bytes: &[u8]) -> io::Result<()> {
    match if_there {
        IfThere::Replace => Destination::of(path)?.write(bytes),
        IfThere::Keep => {
            let mut file = beside(path)?;
            fill(&mut file, |file| file.write_all(bytes))?;
            file.persist_noclobber(path).map_err(|failed| failed.error)?;
            Ok(())
        }
    }
}

/// Reads a file of at most `most` bytes, and nothing else: what is not a file may have no end.
///
/// # Errors
/// Returns an error if it cannot be read, is not a file, or is larger ([`ErrorKind::FileTooLarge`]).
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let failed = |error: io::Error| wrong(error.kind(), format!("cannot be read: {error}"));
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(wrong(ErrorKind::InvalidInput, "is not a file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let more = most.saturating_add(1);
    file.take(more).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(wrong(
            ErrorKind::FileTooLarge,
            format!("has more than {most} bytes"),
        ));
    }
    Ok(bytes)
}

/// Checks that new files can be written in a folder.
///
/// # Errors
/// Returns an error if not: it says what is wrong and what to do.
pub fn check_folder(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        let what = format!(
            "there is no folder {}: create it, or choose another one",
            folder.display()
        );
        return Err(wrong(ErrorKind::NotFound, what));
    }
    beside(&folder.join("file"))
        .map(drop)
        .map_err(|error| not_in(folder, &error))
}

fn wrong(kind: ErrorKind, what: String) -> io::Error {
    io::Error::new(kind, what)
}

fn not_in(folder: &Path, error: &io::Error) -> io::Error {
    let what = format!(
        "no file can be written in {} ({error}): choose another folder",
        folder.display()
    );
    wrong(error.kind(), what)
}

/// Writes to a file that has no name yet. Some file systems notice only when it is on the disk that the disk is full.
fn fill(file: &mut NamedTempFile, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    write(file)?;
    file.as_file().sync_all()
}

/// Creates a file in the same folder, with the permissions of any new file.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let created = tempfile::Builder::new()
        .prefix(".poolscope-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder_of(path));
    // The error names a path that nobody has asked for.
    created.map_err(|error| match error.get_ref().and_then(|inner| inner.source()) {
        Some(source) => wrong(error.kind(), source.to_string()),
        None => error,
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_or_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, IfThere::Keep, b"one").unwrap();
        let refused = write(&path, IfThere::Keep, b"two").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
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
    fn a_file_that_cannot_be_completed_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, IfThere::Keep, b"before").unwrap();
        let destination = Destination::of(&path).unwrap();
        let failed = destination.write_with(|file| {
            file.write_all(b"half")?;
            Err(io::Error::other("no more"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no more");
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let told = |path: &Path, most| read(path, most).unwrap_err().to_string();
        assert!(told(&path, 3).starts_with("cannot be read: "));
        std::fs::write(&path, b"one").unwrap();
        assert_eq!(read(&path, 3).unwrap(), b"one");
        assert_eq!(told(&path, 2), "has more than 2 bytes");
        assert_eq!(read(&path, 2).unwrap_err().kind(), ErrorKind::FileTooLarge);
        for other in [folder.path(), Path::new("/dev/zero")] {
            assert_eq!(told(other, 3), "is not a file");
        }
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

    #[test]
    fn one_file_has_one_destination_however_it_is_spelled() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        std::os::unix::fs::symlink("file", at("link")).unwrap();
        let spellings = ["file", "link", "sub/../file", "./file"];
        for there in [false, true] {
            let destinations = spellings.map(|name| Destination::of(&at(name)).unwrap());
            for destination in &destinations {
                assert!(
                    destination.collides_with(&destinations[0]),
                    "{destination:?}, {there}"
                );
            }
            assert!(!destinations[0].collides_with(&Destination::of(&at("other")).unwrap()));
            std::fs::write(at("file"), b"").unwrap();
        }
        let null = || Destination::of(Path::new("/dev/null")).unwrap();
        assert!(!null().collides_with(&null()));
    }

    #[test]
    fn a_link_that_leads_nowhere_yet_stays_when_its_file_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink("file", &link).unwrap();
        write(&link, IfThere::Replace, b"new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn where_no_file_can_be_it_is_told_why() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), b"").unwrap();
        for (name, expected) in [
            ("", "folder"),
            ("no/file", "there is no folder"),
            ("new/", "there is no folder"),
            ("file/file", "Not a directory"),
            (&"x".repeat(300), "too long"),
        ] {
            let error = Destination::of(&folder.path().join(name)).unwrap_err();
            assert!(error.to_string().contains(expected), "{name}: {error}");
        }
        assert!(Destination::of(Path::new("")).is_err());
        assert!(check_folder(&folder.path().join("no")).is_err());
        check_folder(folder.path()).unwrap();
        let file = Destination::of(&folder.path().join("file")).unwrap();
        file.check().unwrap();
        assert_eq!(Destination::writable(&folder.path().join("file")).unwrap(), file);
        assert!(Destination::writable(Path::new("/proc/file")).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_full_disk_leaves_what_was_there() {
        // A device that is always full stands for it: nothing else can be filled without privileges.
        let full = Destination::of(Path::new("/dev/full")).unwrap();
        full.check().unwrap();
        let error = full.write(b"text").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
