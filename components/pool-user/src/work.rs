//! What the pool user's own threads tell it.

use crate::check::Checked;
use crate::terminal::Typed;

/// A result of one of the pool user's own threads.
#[derive(Debug)]
pub(crate) enum Work {
    /// A finished picture was processed.
    Checked(Checked),
    /// Something was typed.
    Typed(Typed),
}
