//! What is asked about the messages of what is shown.

use analysis::{Item, Wanted};

/// A question about the messages of what is shown. Asked again and again for as long as the answer is looked at: what is not
/// looked at costs nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum ProtocolCommand {
    /// Look for the messages that satisfy this.
    Want(Wanted),
    /// Take this apart.
    Inspect(Item),
}
