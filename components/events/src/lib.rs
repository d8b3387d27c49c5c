//! What registrars, pool elements and pool users tell of themselves: one vocabulary for the cores that know, the feed
//! that carries it, and everybody who reads it.
//!
//! An event names components by their identifiers. This crate has no I/O and no state.

mod association;
pub mod pool_element;
pub mod pool_user;
pub mod registrar;

pub use association::{AssociationId, DownCause, TransportAddress};
