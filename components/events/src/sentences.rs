//! The sentences for events that components of several roles have in common.

use std::time::Duration;

use wire::asap;
use wire::parameter::ErrorCause;

use crate::words::listed;
use crate::{AssociationId, counted, duration_in_words};

/// A round of the server hunt (RFC 5352 section 3.7) found no registrar.
pub(crate) fn hunt_failed(rounds: u32, next_round: Duration) -> String {
    format!(
        "has found no registrar in {}; the next one takes {}",
        counted(rounds.into(), "round"),
        duration_in_words(next_round)
    )
}

/// A message, or a datagram if there is no association, was not processed.
pub(crate) fn discarded(association: Option<AssociationId>, why: &str) -> String {
    match association {
        Some(association) => format!("has discarded a message of {association:?}: {why}"),
        None => format!("has discarded a datagram: {why}"),
    }
}

/// A peer reported errors.
pub(crate) fn error_received(association: AssociationId, error: &asap::Error) -> String {
    let causes: &[ErrorCause] = &error.causes;
    format!("is told of an error over {association:?}: {}", listed(causes))
}

/// An association to a registrar came up.
pub(crate) fn registrar_connected(peer: &crate::TransportAddress) -> String {
    format!("is connected with the registrar at {peer}")
}
