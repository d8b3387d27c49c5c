//! What the pool user's own threads tell it.

use crate::check::Checked;
use crate::terminal::Typed;
use crate::units::FileEvent;

/// A result of one of the pool user's own threads.
#[derive(Debug)]
pub(crate) enum Work {
    /// A finished picture was processed.
    Checked(Checked),
    /// Something was typed.
    Typed(Typed),
    /// A file of a unit of work was read or written.
    File(FileEvent),
}
