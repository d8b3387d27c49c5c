//! Ends this process together with its parent.

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::getppid;

/// Makes the kernel kill this process when the *thread* that started it ends, even if this process is frozen then.
///
/// In all ordinary cases, end of file on standard input comes first, which means a clean stop; this is for a frozen
/// component and for a parent that is killed by SIGKILL.
///
/// # Errors
/// Returns an error if the kernel refuses, or if the parent has already ended.
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
