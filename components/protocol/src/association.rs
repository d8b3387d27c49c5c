//! SCTP associations as the cores see them.

use std::net::IpAddr;

use events::{AssociationId, DownCause};

use crate::TransportAddress;

/// The SCTP endpoints of a component: each is one SCTP port on all the component's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// ASAP: a registrar's is its well-known port; a pool element's is its ASAP transport, on which it also listens
    /// (a registrar that takes over opens an association to it); a pool user's is ephemeral.
    Asap,
    /// ENRP: registrars only.
    Enrp,
    /// The service: a pool element listens on it, a pool user connects from it.
    Service,
}

/// What happened to an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssociationEvent {
    /// It is established.
    Up {
        /// The association.
        association: AssociationId,
        /// Our endpoint.
        endpoint: Endpoint,
        /// The other end, with those of its addresses that are proven to be its own.
        peer: TransportAddress,
    },
    /// One more address is proven to be the peer's (RFC 9260 section 5.4).
    Confirmed {
        /// The association.
        association: AssociationId,
        /// The address.
        address: IpAddr,
    },
    /// The peer has restarted; what was in flight is lost, the association goes on (RFC 9260 section 5.2).
    Restarted {
        /// The association.
        association: AssociationId,
    },
    /// It is gone, or could not be established.
    Down {
        /// The association.
        association: AssociationId,
        /// Why.
        cause: DownCause,
    },
}
