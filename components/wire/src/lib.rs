//! Decodes and encodes the messages of all protocols that Poolscope uses.
//!
//! ASAP (RFC 5352), ENRP (RFC 5353) and their common parameters (RFC 5354, RFC 5356), the Component Status Protocol,
//! and the protocols of the demonstration services: fractal generator, ping-pong and CalcApp.
//!
//! This crate has no clock, no I/O and no state. Decoding never panics, and never allocates memory based on an
//! untrusted length, whatever the bytes: a peer's odd message is an input, hence decoding returns the message *and*
//! what a receiver must report about it ([`Decoded`]), or what the receiver must do instead of processing it
//! ([`Rejection`]).
//!
//! It is the lowest crate of the workspace: everything that handles a message depends on it, and it depends on no
//! other crate of the workspace.

pub mod asap;
pub mod calc_app;
pub mod checksum;
pub mod csp;
mod decoding;
mod description;
pub mod enrp;
pub mod fractal_generator;
mod frame;
mod ids;
mod layout;
pub mod parameter;
pub mod ping_pong;
mod ppid;
mod reader;
mod rejection;
pub mod scripting;
#[cfg(feature = "serde")]
mod serialized;
mod tlv;

pub use description::{Description, describe};
pub use ids::{
    InvalidIdentifier, InvalidPoolHandle, PeIdentifier, PoolHandle, PoolUserIdentifier, RegistrarIdentifier,
    parse_identifier,
};
pub use layout::Malformed;
pub use ppid::Ppid;
pub use rejection::{Decoded, Reaction, Rejection, Subject, Violation};

/// The largest ASAP or ENRP message, in bytes: its length field has 16 bits.
pub const LARGEST_MESSAGE: usize = 65535;
