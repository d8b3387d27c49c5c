//! What a component and its control centre tell each other.
//!
//! A component started with `--feed` writes [`Frame`]s to its standard output and reads [`Command`]s from its standard
//! input, one JSON object a line; end of file on standard input means stop. Nothing else connects the two, so it works
//! through a pipe and through ssh alike. The receiver trusts nothing: frames have an upper size, unknown members are
//! ignored, unknown events are skipped.
//!
//! This crate does no I/O of its own: it turns bytes into frames and back.

mod command;
mod enrp;
mod event;
mod frame;

pub use command::{Command, Impairment, LinkTarget};
pub use enrp::{PeerEntry, PeerState, StartUpPhase, SynchronizationProgress, TakeoverPhase};
pub use event::{
    AssociationCause, Component, ComponentRole, Direction, Event, HandlespaceEntry, Limits, Protocol,
    Stamped, TransportAddress,
};
pub use frame::{Decoder, Frame, FrameError};
