//! Takes packets and messages apart, field by field: where each field is in the bytes, what its value means, and the rule
//! that it follows.
//!
//! A core decodes a message to act on it, or rejects it ([`wire`]). This crate is for whoever looks at one: it goes on
//! behind what is wrong, says what that is, and never interprets beyond the bytes. It has no clock, no I/O and no state.
//!
//! A [`Tree`] is filled again and again, without allocations of its own in between: captures are large.

mod asap;
mod calc_app;
mod cursor;
mod enrp;
mod fractal_generator;
mod frame;
mod message;
mod packet;
mod parameter;
mod ping_pong;
mod scripting;
mod sctp;
mod service;
mod state_cookie;
mod status_report;
mod term;
mod tree;
mod value;

pub use message::{dissect_cut_message, dissect_message, message_name};
pub use packet::{Chunk, Chunks, Data, Packet};
pub use sctp::dissect_packet;
pub use status_report::{dissect_cut_status_report, dissect_status_report};
pub use tree::{Explanation, Field, Note, NoteKind, Term, Tree, Value};
pub use value::ValueOf;
