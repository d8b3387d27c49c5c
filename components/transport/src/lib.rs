//! Moves opaque messages over SCTP associations.
//!
//! The crate knows streams, payload protocol identifiers and bytes; it does *not* know ASAP, ENRP or any service. It
//! depends on no other crate of the project; `runtime` joins it with the protocol cores.
//!
//! A back end runs an actor of its own. [`Transport`] is the handle to it, none of whose methods waits; what happens
//! comes out of [`Events`]. The back ends:
//! - [`user_space`]: SCTP in this process, in UDP (RFC 6951). Needs no privileges.
//! - [`kernel`]: the SCTP of the kernel, where it has one.
//! - [`memory`]: no packets at all, for tests of what is built on top.
//!
//! What a back end can do differently stands in its [`Capabilities`]. [`start`] chooses between the first two.
//!
//! Every queue is bounded: sending is refused with [`SendError::Full`] until [`Event::Writable`], and a user who does
//! not fetch events holds the peers back by SCTP's flow control. Peers are not trusted: no bytes of theirs cause more
//! than the end of their own association.
//!
//! Multicast announcements are no associations: [`multicast`] has plain UDP for them.

mod association;
mod config;
mod delay_line;
mod handle;
mod impairment;
pub mod kernel;
mod loopback;
pub mod memory;
pub mod multicast;
mod outbox;
mod shared;
mod start;
mod tap;
pub mod user_space;

pub use association::{AssociationId, Cause, Event, Message, Peer};
pub use config::{AssociationConfig, Config, UDP_PORT};
pub use handle::{
    BackEnd, Capabilities, Events, ImpairmentsUnsupported, LARGEST_MESSAGE, ListenError, SendError, Transport,
};
pub use impairment::{Impairment, Link};
pub use start::{Choice, StartError, start, start_local};
pub use tap::{Direction, Packet, Packets, Tap};
