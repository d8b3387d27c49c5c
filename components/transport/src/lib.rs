//! Transfers opaque messages over SCTP associations.
//!
//! This crate knows about streams, payload protocol identifiers and bytes; it does *not* know about ASAP, ENRP or any
//! service. It depends on no other crate of the project; `runtime` connects it to the protocol cores.
//!
//! Each back end runs an actor of its own. [`Transport`] is the handle to it; none of its methods blocks. [`Events`]
//! reports what happens. The back ends are:
//! - [`user_space`]: SCTP in this process, over UDP (RFC 6951). It needs no privileges.
//! - [`kernel`]: the kernel's SCTP, if available.
//! - [`memory`]: no packets at all, for testing what is built on top.
//!
//! Their [`Capabilities`] describe how they differ. [`start`] chooses between the first two.
//!
//! Every queue is bounded: sending is refused with [`SendError::Full`] until [`Event::Writable`], and while the user
//! fetches no events, SCTP's flow control slows the peers down. Peers are not trusted: the worst that they can do is
//! to end their own association.
//!
//! A [`Tap`] sees a copy of each packet, with what an impaired link did to it.
//!
//! Multicast announcements do not use associations: [`multicast`] provides plain UDP for them.

mod association;
mod config;
mod delay_line;
mod handle;
mod impaired_link;
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
pub use impairment::{Direction as ImpairedDirection, Impairment, Link};
pub use start::{Choice, StartError, start, start_local};
pub use tap::{Carried, Direction, Fate, Packet, Tap};
