//! Answers what is asked about the messages of a recording, on a thread of its own, so that a window need not wait.
//!
//! [`Analysis`] traces the packets of a recording, which may still be growing. It looks for the rows of a table that satisfy
//! a filter, and fetches the bytes of a message or packet and takes them apart. [`Chart`] makes a sequence chart of a part of it.

mod analysis;
mod cast;
mod causes;
mod chart;
mod drawn;
mod inspected;
mod item;
mod rows;
mod worker;

pub use analysis::{Analysis, Notify};
pub use cast::{Cast, Member};
pub use chart::{Chart, Scene, Subject};
pub use inspected::{Inspected, Part};
pub use item::Item;
pub use rows::{Rows, Wanted};
