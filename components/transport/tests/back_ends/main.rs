//! Transports on real loopback sockets, each on an address of its own.
//!
//! What the back ends have in common is tested with each of them. If the kernel has no SCTP, its back end is skipped
//! with a message.
#![expect(
    clippy::unwrap_used,
    reason = "these are tests, though the linter sees functions that they call"
)]

#[macro_use]
mod node;
mod tapped;

mod capture;
mod failure;
mod kernel;
mod life_cycle;
mod load;
