//! A pipe or socket to a program that may stop reading.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};

/// The writing end.
#[derive(Debug)]
pub(crate) struct Outlet(OwnedFd);

impl Outlet {
    /// How often to look whether it is to be given up.
    const PATIENCE: Duration = Duration::from_millis(200);
    /// How long a reader may take for what is left once everything ends.
    const FAREWELL: Duration = Duration::from_secs(2);

    pub(crate) fn new(file: OwnedFd) -> io::Result<Self> {
        ioctl_fionbio(&file, true)?;
        Ok(Self(file))
    }

    /// Writes all bytes, however long that takes, unless everything ends.
    ///
    /// # Errors
    /// Returns an error if the reader is gone, or takes too long at the end.
    pub(crate) fn write_all(&self, mut bytes: &[u8], is_ending: impl Fn() -> bool) -> io::Result<()> {
        let mut farewell = None;
        while !bytes.is_empty() {
            match rustix::io::write(&self.0, bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if is_ending() {
                        let since = farewell.get_or_insert_with(Instant::now);
                        if since.elapsed() >= Self::FAREWELL {
                            return Err(ErrorKind::TimedOut.into());
                        }
                    }
                    wait(&self.0, PollFlags::OUT, Self::PATIENCE)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Returns whether nobody reads any more.
    pub(crate) fn is_closed(&self) -> bool {
        wait(&self.0, PollFlags::empty(), Duration::ZERO)
            .is_ok_and(|found| found.intersects(PollFlags::ERR | PollFlags::HUP))
    }
}

impl AsFd for Outlet {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Waits for an event of a file, and returns what has happened.
fn wait(file: &impl AsFd, events: PollFlags, patience: Duration) -> io::Result<PollFlags> {
    let mut files = [PollFd::new(file, events)];
    let timeout = Timespec {
        tv_sec: patience.as_secs().cast_signed(),
        tv_nsec: patience.subsec_nanos().into(),
    };
    match poll(&mut files, Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => Ok(files[0].revents()),
        Err(error) => Err(error.into()),
    }
}
