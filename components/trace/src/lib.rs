//! What the packets of a recording say: which messages there were, how they travelled, and in which associations.
//!
//! A recording has each packet at both of its ends. [`Tracer`] takes them in their order, and puts the copies together: a
//! [`Packet`] has the time at which it was sent and that at which it arrived, or it was lost. Of their chunks it makes
//! [`Message`]s, also of those that were sent in several fragments or several times, and [`Association`]s with what can be
//! seen of them from outside. [`Trace`] is what is known so far: a list that is cheap to copy, so that one thread can
//! look through it while another one goes on.
//!
//! It has no clock and no I/O. Whatever the bytes say, memory is bounded by the number of packets, and nothing panics.

mod association;
mod associations;
mod category;
mod chunk;
mod content;
mod copies;
mod entry;
mod filter;
mod fragments;
mod list;
mod names;
mod path;
mod round_trip;
mod texts;
mod trace;
mod tracer;

pub use association::{Association, AssociationState, Direction, Sample};
pub use category::Category;
pub use entry::{
    AssociationId, EndId, Fate, Message, MessageId, Packet, PacketId, Place, Protocol, Retransmission,
};
pub use filter::{Clock, Completion, Filter, FilterError, Prepared};
pub use list::List;
pub use names::Names;
pub use texts::Texts;
pub use trace::{End, Trace};
pub use tracer::{Copy, Tracer};
