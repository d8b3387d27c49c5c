//! The events of registrars, pool elements and pool users: a single vocabulary for the cores, the feed and
//! everything that reads it.
//!
//! An event refers to components by their identifiers. [`Occurrence::sentence`] is the only place where it is put
//! into words, for which the caller provides the names of components ([`Names`]).
//!
//! This crate has no I/O, no clock and no state.

mod association;
pub mod microseconds;
mod names;
mod occurrence;
pub mod pool_element;
pub mod pool_user;
pub mod registrar;
mod sentences;
mod words;

pub use association::{AssociationId, DownCause, TransportAddress};
pub use names::{Identifiers, Names};
pub use occurrence::{Identity, Level, Occurrence, Sender};
pub use words::{counted, duration_in_words};
