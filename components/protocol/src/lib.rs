//! Registrar, pool element and pool user as deterministic state machines without I/O.
//!
//! A core is informed of an input and of its time, and then asked for outputs: see [`Core`]. It has no socket, no
//! clock, no task, no lock and no global state; randomness derives from a seed. Whatever a peer sends leads to
//! outputs, never to an error of ours: no input causes a panic.
//!
//! `wire` converts between bytes and messages, and is below this crate together with `events`. `runtime` drives a
//! core with real sockets, `simulation` drives many cores in virtual time.

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
pub use core::{Core, Effect, MulticastGroup, Output};
pub use events::{AssociationId, DownCause, TransportAddress, TransportAddress as Peer};
pub use handlespace::Handlespace;
pub use pool_element::PoolElement;
pub use pool_user::PoolUser;
pub use registrar::Registrar;
pub use time::Time;
