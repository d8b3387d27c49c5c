//! Takes packets and messages apart, field by field: where each field is in the bytes, what its value means, and the rule
//! that it follows.
//!
//! A core decodes a message to act on it, or rejects it ([`wire`]). This crate is for whoever looks at one: it goes on
//! behind what is wrong, says what that is, and never interprets beyond the bytes. It has no clock, no I/O and no state.
//!
//! A [`Tree`] is filled again and again, without allocations of its own in between: captures are large.

mod message;
mod packet;
mod status_report;
mod tree;

pub use message::{dissect_message, message_name};
pub use packet::{Chunk, Chunks, Data, Packet, dissect_packet};
pub use status_report::dissect_status_report;
pub use tree::{Explanation, Field, Note, NoteKind, Term, Tree, Value};
