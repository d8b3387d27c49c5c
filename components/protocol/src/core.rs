//! The interface that registrar, pool element and pool user share.

use std::net::SocketAddr;

use wire::Ppid;

use crate::{AssociationEvent, AssociationId, Endpoint, Time, TransportAddress};

/// A deterministic state machine: inputs by `handle_*`, outputs by `poll_*`.
///
/// After every input, [`Self::poll_output`] is called until it yields nothing, the outputs are carried out in that
/// order, and then a timer is set for [`Self::poll_timeout`]. `now` never goes back. Calls for associations that the
/// core no longer knows, and timeouts that come early, are ignored.
pub trait Core {
    /// What this core tells the program around it.
    type Event;

    /// A message arrived on an association.
    fn handle_input(&mut self, now: Time, association: AssociationId, ppid: Ppid, bytes: &[u8]);

    /// A datagram arrived from a multicast group.
    fn handle_datagram(&mut self, now: Time, group: MulticastGroup, source: SocketAddr, bytes: &[u8]);

    /// An association changed.
    fn handle_association(&mut self, now: Time, event: AssociationEvent);

    /// The time that [`Self::poll_timeout`] named has come.
    fn handle_timeout(&mut self, now: Time);

    /// The next thing to do.
    fn poll_output(&mut self) -> Option<Output<Self::Event>>;

    /// When to call [`Self::handle_timeout`] if nothing else happens before.
    fn poll_timeout(&self) -> Option<Time>;
}

/// The multicast groups of RSerPool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MulticastGroup {
    /// ASAP_SERVER_ANNOUNCE.
    Asap,
    /// ENRP_PRESENCE (D-09).
    Enrp,
}

/// What a core wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output<Event> {
    /// Open an association; answered by `Up` or `Down`.
    Connect {
        /// The name it will have.
        association: AssociationId,
        /// From which of our endpoints.
        endpoint: Endpoint,
        /// To whom.
        peer: TransportAddress,
    },
    /// Send a message on stream 0, in order. Only ever for an association that is up.
    Send {
        /// The association.
        association: AssociationId,
        /// Payload protocol identifier.
        ppid: Ppid,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Shut an association down in order: what was sent before still arrives. Answered by `Down`.
    Shutdown {
        /// The association.
        association: AssociationId,
    },
    /// Abort an association, or give up connecting. Answered by `Down`.
    Abort {
        /// The association.
        association: AssociationId,
    },
    /// Send a datagram to a multicast group.
    Multicast {
        /// The group.
        group: MulticastGroup,
        /// The datagram.
        bytes: Vec<u8>,
    },
    /// Tell the program around the core.
    Event(Event),
}
