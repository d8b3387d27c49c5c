//! What registrars, pool elements and pool users tell of themselves: one vocabulary for the cores that know, the feed
//! that carries it, and everybody who reads it.
//!
//! An event names components by their identifiers. It is put into words in one place, [`Occurrence::sentence`], by whoever
//! shows it to people, since only they know what the components are called ([`Names`]).
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
