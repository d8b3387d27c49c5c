//! The private folder with the sockets of all demonstrations of a user.

use std::fs::DirBuilder;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, geteuid, test_kill_process};

/// The most sockets that are looked at.
const MOST: usize = 256;
/// A socket that is as old and that nobody serves belongs to nobody any more.
const OLD: Duration = Duration::from_secs(10);
/// The longest path of a socket: that of the system, with its end (`sun_path`).
const LONGEST: usize = 107;

/// Returns where the folder may be, the preferred one first. A program that looks for demonstrations may have been started
/// in another session than they were, so that it looks at all of them.
pub(crate) fn candidates() -> Vec<PathBuf> {
    let user = geteuid().as_raw();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("poolscope"));
    let mut folders: Vec<PathBuf> = runtime.into_iter().collect();
    for folder in [
        format!("/run/user/{user}/poolscope"),
        format!("/tmp/poolscope-{user}"),
    ] {
        let folder = PathBuf::from(folder);
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Returns the path of this process's socket in the first folder that can have it, which is created if need be.
pub(crate) fn own_socket(folders: &[PathBuf]) -> io::Result<PathBuf> {
    let mut why = io::Error::from(ErrorKind::NotFound);
    for folder in folders {
        let path = folder.join(format!("{}.sock", std::process::id()));
        let length = path.as_os_str().len();
        if length > LONGEST {
            let what = format!("{} is too long for a socket", path.display());
            why = io::Error::new(ErrorKind::InvalidFilename, what);
            continue;
        }
        match create(folder) {
            Ok(()) if UnixStream::connect(&path).is_ok() => {
                // It has the same number in another container.
                let what = format!("{} is used by another control centre", path.display());
                why = io::Error::new(ErrorKind::AddrInUse, what);
            }
            Ok(()) => return Ok(path),
            Err(error) => {
                why = io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
            }
        }
    }
    Err(why)
}

fn create(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }?;
    check(folder)?;
    // Anyone could have got in while it was open.
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700))
}

/// Checks that a folder is one, and belongs to this user.
fn check(folder: &Path) -> io::Result<()> {
    let there = std::fs::symlink_metadata(folder)?;
    let refuse = |what: &str| Err(io::Error::new(ErrorKind::PermissionDenied, what));
    if !there.is_dir() {
        refuse("it is no folder")
    } else if there.uid() != geteuid().as_raw() {
        refuse("it belongs to another user")
    } else {
        Ok(())
    }
}

/// Whether nobody else can have put anything there, as in a folder that a demonstration has created.
fn is_private(folder: &Path) -> bool {
    let mode = std::fs::symlink_metadata(folder).map(|there| there.mode());
    check(folder).is_ok() && mode.is_ok_and(|mode| mode & 0o077 == 0)
}

/// Returns the sockets in these folders whose processes accept connections, with the numbers of the processes, and
/// connected. Those of processes that are gone are removed.
pub(crate) fn connected(folders: &[PathBuf]) -> Vec<(u32, UnixStream)> {
    let mut found = Vec::new();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        if !is_private(folder) {
            continue;
        }
        let mut sockets: Vec<_> = entries
            .filter_map(|entry| Some((process(&entry.as_ref().ok()?.path())?, entry.ok()?.path())))
            .take(MOST)
            .collect();
        sockets.sort();
        for (process, path) in sockets {
            match UnixStream::connect(&path) {
                Ok(stream) => found.push((process, stream)),
                Err(error) if error.kind() == ErrorKind::ConnectionRefused && is_stale(process, &path) => {
                    let _ = std::fs::remove_file(&path);
                }
                Err(_) => {}
            }
        }
    }
    found
}

/// Returns the process that a socket is named by.
fn process(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.strip_suffix(".sock")?.parse().ok()
}

/// Whether a socket that nobody serves is not one that is just being created.
fn is_stale(process: u32, path: &Path) -> bool {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let is_alive = process.is_some_and(|process| test_kill_process(process) != Err(rustix::io::Errno::SRCH));
    let created = std::fs::symlink_metadata(path).and_then(|there| there.modified());
    !is_alive || created.is_ok_and(|created| created.elapsed().is_ok_and(|age| age >= OLD))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_folder_is_private_or_not_used() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("poolscope");
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).unwrap();
        let socket = own_socket(std::slice::from_ref(&folder)).unwrap();
        assert_eq!(socket.parent(), Some(&*folder));
        let mode = std::fs::metadata(&folder).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);

        let link = parent.path().join("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        let file = parent.path().join("file");
        std::fs::write(&file, "").unwrap();
        for wrong in [link, file, parent.path().join("no/folder")] {
            assert!(own_socket(std::slice::from_ref(&wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_folder_whose_path_is_too_long_or_that_cannot_be_written_is_passed_over() {
        let parent = tempfile::tempdir().unwrap();
        let long = parent.path().join("x".repeat(100));
        let file = parent.path().join("file");
        std::fs::write(&file, "").unwrap();
        let good = parent.path().join("good");
        let socket = own_socket(&[long.clone(), file.join("folder"), good.clone()]).unwrap();
        assert_eq!(socket.parent(), Some(&*good));
        let told = own_socket(&[long]).unwrap_err().to_string();
        assert!(told.contains("too long"), "{told}");
    }

    #[test]
    fn a_socket_that_is_served_is_not_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        let folders = [first, second.clone()];
        let _serving = UnixListener::bind(own_socket(&folders).unwrap()).unwrap();
        assert_eq!(own_socket(&folders).unwrap().parent(), Some(&*second));
        assert_eq!(
            own_socket(&folders[..1]).unwrap_err().kind(),
            ErrorKind::AddrInUse
        );
    }

    #[test]
    fn sockets_of_dead_processes_are_removed_and_others_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let allow = |mode| std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        allow(0o700);
        let path = |name: &str| folder.path().join(name);
        let [live, dead, fresh, other] = [
            path("1.sock"),
            // No process has this number.
            path("2147483647.sock"),
            path(&format!("{}.sock", std::process::id())),
            path("other.sock"),
        ];
        let serving = UnixListener::bind(&live).unwrap();
        for gone in [&dead, &fresh, &other] {
            drop(UnixListener::bind(gone).unwrap());
        }
        let found = connected(&[folder.path().to_owned()]);
        let processes: Vec<_> = found.iter().map(|(process, _)| *process).collect();
        assert_eq!(processes, [1]);
        assert!(!dead.exists() && live.exists() && other.exists());
        // Its process is alive: it may be about to serve it.
        assert!(fresh.exists());
        allow(0o777);
        assert!(connected(&[folder.path().to_owned()]).is_empty());
        drop(serving);
    }
}
