//! The protocol between a component and its control centre.
//!
//! A component started with `--feed` writes [`Frame`]s to its standard output and reads [`Command`]s from its
//! standard input, one JSON object per line; end of file on standard input means stop. This is the only connection
//! that the two need, so it works through a pipe and through ssh alike. The receiver trusts nothing: frames, texts and
//! lists are limited in size, unknown members are ignored, unknown events are skipped.
//!
//! If it is asked to, a component also writes a copy of each [`Packet`] to a pipe of its own, where they disturb no
//! feed and need no JSON.
//!
//! All times are [`Timestamp`]s, which have the same meaning in all processes of a host; [`WallClock`] converts them
//! to times of day.
//!
//! This crate does no I/O of its own: it converts between bytes and frames, and reads the host's clocks.

mod bounds;
mod command;
pub mod command_record;
mod event;
mod frame;
mod frame_record;
mod packet;
mod packets;
mod peer_entry;
mod pieces;
mod remark;
mod status;
mod timestamp;
mod wall_clock;
mod work;

pub use command::{Affected, Command, Impairment, LinkTarget};
pub use event::{
    ComponentIdentity, ComponentRole, Direction, Event, FINISHED, HandlespaceEntry, Limits, Protocol, Stamped,
};
pub use events::pool_user::SessionId;
pub use events::registrar::{GivenUp, PeerState, StartUpPhase, SynchronizationProgress, TakeoverPhase};
pub use events::{AssociationId, DownCause, TransportAddress};
pub use frame::{Decoder, Frame, FrameError};
pub use packet::{Carried, Fate, Packet, PacketDecoder, PacketError, PacketRecord};
pub use packets::Packets;
pub use peer_entry::PeerEntry;
pub use remark::Remark;
pub use status::{Activity, Home, RegistrarStatus, Registration, Status};
pub use timestamp::{Timestamp, microseconds};
pub use wall_clock::WallClock;
pub use work::{PoolElementWork, PoolUserWork, WorkUnit};
