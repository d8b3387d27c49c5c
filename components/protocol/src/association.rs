//! SCTP associations as the cores see them.

use std::net::IpAddr;

use events::{AssociationId, DownCause};

use crate::TransportAddress;

/// The SCTP endpoints of a component: each is one SCTP port on all the component's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// ASAP: the well-known port of a registrar; the ASAP transport of a pool element, on which it also listens (a
    /// registrar that takes over opens an association to it); an ephemeral port of a pool user.
    Asap,
    /// ENRP: registrars only.
    Enrp,
    /// The service: a pool element listens on it, a pool user connects from it.
    Service,
}

/// An event of an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssociationEvent {
    /// It is established.
    Up {
        /// The association.
        association: AssociationId,
        /// Our endpoint.
        endpoint: Endpoint,
        /// The other end, with those of its addresses that are confirmed.
        peer: TransportAddress,
    },
    /// One more address of the peer was confirmed (RFC 9260 section 5.4).
    Confirmed {
        /// The association.
        association: AssociationId,
        /// The address.
        address: IpAddr,
    },
    /// The peer has restarted; data in flight is lost, the association continues (RFC 9260 section 5.2).
    Restarted {
        /// The association.
        association: AssociationId,
    },
    /// It ended, or could not be established.
    Down {
        /// The association.
        association: AssociationId,
        /// The cause.
        cause: DownCause,
    },
}
