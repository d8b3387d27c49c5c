//! Registrar, pool element and pool user as deterministic state machines without I/O.
//!
//! A core is told what happened and the time it happened, and is then asked what to do about it: see [`Core`].
//! It has no socket, no clock, no task, no lock and no global state; randomness comes in as a seed. Whatever a peer
//! sends leads to outputs, never to an error of ours: no input panics.
//!
//! `wire` turns bytes into messages and is the only crate below this one. `runtime` drives a core with real sockets,
//! `simulation` drives many of them in virtual time.

mod association;
mod config;
mod core;
pub mod handlespace;
mod outbox;
mod policy;
pub mod pool_element;
pub mod pool_user;
mod rate_limit;
pub mod registrar;
mod registrar_hunt;
mod time;
mod timers;

pub use association::{AssociationEvent, Endpoint};
pub use config::{AddressScope, Config, LifeUnit, TakeoverOrder};
pub use core::{Core, MulticastGroup, Output};
pub use events::{AssociationId, DownCause, TransportAddress, TransportAddress as Peer};
pub use handlespace::Handlespace;
pub use pool_element::PoolElement;
pub use pool_user::PoolUser;
pub use registrar::Registrar;
pub use time::Time;
