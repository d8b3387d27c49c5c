//! What a component and its control centre tell each other.
//!
//! A component started with `--feed` writes [`Frame`]s to its standard output and reads [`Command`]s from its standard
//! input, one JSON object a line; end of file on standard input means stop. Nothing else connects the two, so it works
//! through a pipe and through ssh alike. The receiver trusts nothing: frames, texts and lists have an upper size, unknown
//! members are ignored, unknown events are skipped.
//!
//! All times are [`Timestamp`]s, which every process of a host understands alike; [`WallClock`] makes times of day of them.
//!
//! This crate does no I/O of its own: it turns bytes into frames and back, and reads the host's clocks.

mod bounds;
mod command;
mod event;
mod frame;
mod peer_entry;
mod status;
mod timestamp;
mod wall_clock;

pub use command::{Command, Impairment, LinkTarget};
pub use event::{
    ComponentIdentity, ComponentRole, Direction, Event, HandlespaceEntry, Limits, Protocol, Stamped,
};
pub use events::pool_user::SessionId;
pub use events::registrar::{GivenUp, PeerState, StartUpPhase, SynchronizationProgress, TakeoverPhase};
pub use events::{AssociationId, DownCause, TransportAddress};
pub use frame::{Decoder, Frame, FrameError};
pub use peer_entry::PeerEntry;
pub use status::{Activity, Home, RegistrarStatus, Registration, Status};
pub use timestamp::{Timestamp, microseconds};
pub use wall_clock::WallClock;
