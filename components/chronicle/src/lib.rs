//! What happened, on a line of time.
//!
//! - [`Highlight`]: what is worth a mark on the time line; few compared with updates and messages.
//! - [`Lanes`]: the highlights of a whole demonstration, by component, as states, faults and failovers with their
//!   beginning and end.
//! - [`TimeStatus`]: what is recorded, and where the cursor is.
//! - [`Alignment`]: which moments of two recordings count as the same; [`Recoveries`]: what each of them tells of
//!   failovers and takeovers.

mod alignment;
mod highlight;
mod lanes;
mod recovery;
mod status;

pub use alignment::{Alignment, Anchor, AnchorKind, Offset, Presence};
pub use highlight::{Condition, Highlight, HighlightKind, Phase};
pub use lanes::{Lane, Lanes, Point, Span};
pub use recovery::{Durations, Recoveries, Recovery};
pub use status::{Cursor, InFlight, RecordingStatus, Source, Stop, TimeControl, TimeStatus};
