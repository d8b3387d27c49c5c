//! Transports on real loopback sockets, each on an address of its own.
//!
//! What back ends have in common is tested with each of them; the kernel's is left out, loudly, where the kernel has no
//! SCTP.
#![expect(
    clippy::unwrap_used,
    reason = "these are tests, though the linter sees functions that they call"
)]

#[macro_use]
mod node;

mod capture;
mod failure;
mod kernel;
mod life_cycle;
mod load;
