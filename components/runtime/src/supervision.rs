//! Not outliving whoever started this process.

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::getppid;

/// Lets the kernel kill this process when the *thread* that started it ends, even if this process is frozen then.
///
/// End of file on standard input, which means a clean stop, comes first in all ordinary cases; this is for a frozen
/// component and for a parent that gets SIGKILL.
///
/// # Errors
/// When the kernel refuses, or when the parent has ended meanwhile.
pub(crate) fn die_with_parent() -> std::io::Result<()> {
    let parent = getppid();
    set_pdeathsig(Signal::SIGKILL)?;
    if getppid() != parent {
        return Err(std::io::Error::other(
            "the process that started this component is gone",
        ));
    }
    Ok(())
}
