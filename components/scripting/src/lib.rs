//! The scripting service without the network, files and processes: pool users upload work packages, pool elements run
//! them, and pool users download the results.
//!
//! [`server::Server`] has the sessions of a pool element and decides what is to be written, run and killed;
//! [`client::Unit`] is a unit of work of a pool user, from its package to its result, over as many sessions as that
//! takes. Messages are those of [`wire::scripting`]. There is no state cookie: the unit of a failed session starts over.
//!
//! Both are deterministic state machines: they are told what happens and when, and tell what to do. Whatever the other
//! end sends has a defined outcome, and the memory for it is bounded.

pub mod cache;
pub mod client;
mod keep_alive;
pub mod server;
#[cfg(test)]
mod tests;

use sha1::{Digest, Sha1};

/// Identifies an environment: SHA-1 of its content. It is no protection against forgery, but what the protocol has.
pub type Hash = [u8; 20];

/// Returns the hash of an environment.
#[must_use]
pub fn hash_of(environment: &[u8]) -> Hash {
    Sha1::digest(environment).into()
}

/// The exit status of a unit that took longer than is allowed, as of the program `timeout`.
pub const OUT_OF_TIME: u32 = 124;
/// The exit status of a unit that could not be started, as of a shell.
pub const NOT_STARTED: u32 = 127;
