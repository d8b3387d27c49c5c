//! The choice of a back end.

use thiserror::Error;
use tokio::task::LocalSet;

use crate::{Config, Events, Transport, kernel, user_space};

/// The selection of a back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The kernel's SCTP if available, otherwise SCTP in user space.
    Auto,
    /// The kernel's SCTP.
    Kernel,
    /// SCTP in user space.
    UserSpace,
}

/// The reason why a transport cannot be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// SCTP in user space cannot be started.
    #[error(transparent)]
    UserSpace(#[from] user_space::StartError),
    /// The kernel's SCTP cannot be started.
    #[error(transparent)]
    Kernel(#[from] kernel::StartError),
}

impl Choice {
    /// Resolves `Auto` to the back end to use on this machine.
    #[must_use]
    pub fn decided(self) -> Self {
        match self {
            Self::Auto if kernel::probe().is_ok() => Self::Kernel,
            Self::Auto => Self::UserSpace,
            decided => decided,
        }
    }
}

/// Starts a transport.
pub fn start(choice: Choice, config: Config) -> Result<(Transport, Events), StartError> {
    if choice.decided() == Choice::Kernel {
        Ok(kernel::start(config)?)
    } else {
        Ok(user_space::start(config)?)
    }
}

/// Starts a transport for a program with a runtime: as a task on the program's own thread if possible (see
/// [`kernel::start_local`]), otherwise like [`start`].
pub fn start_local(
    choice: Choice,
    config: Config,
    tasks: &LocalSet,
) -> Result<(Transport, Events), StartError> {
    if choice.decided() == Choice::Kernel {
        Ok(kernel::start_local(config, tasks)?)
    } else {
        Ok(user_space::start(config)?)
    }
}
